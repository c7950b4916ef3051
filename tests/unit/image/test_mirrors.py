# SPDX-License-Identifier: Apache-2.0
"""The mirrors that a machine's apt names."""

from sparkaas.image import mirrors


def test_they_are_told_apart(tmp_path):
    file = tmp_path / "debian.sources"
    file.write_text(
        "Types: deb\nURIs: http://mirror.example/debian/\nSuites: bookworm\n\n"
        "Types: deb\nURIs: http://mirror.example/debian-security\n"
    )
    assert mirrors.of_this_machine(file) == (
        "http://mirror.example/debian",
        "http://mirror.example/debian-security",
    )


def test_there_may_be_none(tmp_path):
    assert mirrors.of_this_machine(tmp_path / "absent") == ("", "")
