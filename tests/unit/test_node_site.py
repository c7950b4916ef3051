# SPDX-License-Identifier: Apache-2.0
"""What a node makes of the names that it is told."""

from sparkaas.node import site

TEXT = "127.0.0.1 localhost\n# mine\n10.9.9.9 mine\n"


def test_names_are_put_below_what_is_there():
    made = site.hosts(TEXT, [["10.0.0.1", "a.example.org", "a"], ["10.0.0.2", "b"]])
    assert made == (
        f"{TEXT}# sparkaas: begin\n10.0.0.1 a.example.org a\n10.0.0.2 b\n"
        "# sparkaas: end\n"
    )


def test_doing_it_again_replaces_them():
    once = site.hosts(TEXT, [["10.0.0.1", "a"]])
    assert site.hosts(once, [["10.0.0.1", "a"]]) == once
    assert "10.0.0.1" not in site.hosts(once, [["10.0.0.2", "b"]])
    assert site.hosts(once, []) == TEXT


def test_what_stands_below_stays():
    once = site.hosts(TEXT, [["10.0.0.1", "a"]]) + "10.1.1.1 later\n"
    made = site.hosts(once, [["10.0.0.2", "b"]])
    assert "10.1.1.1 later\n" in made
    assert "10.0.0.1" not in made
