# SPDX-License-Identifier: Apache-2.0
"""What an uploaded file is called on a node."""

import pytest

from sparkaas import model
from sparkaas.edp import job_binaries


def binary(name, description=None, id="b"):
    return model.JobBinary(
        id=id,
        project_id="p",
        name=name,
        description=description,
        url=f"internal-db://{id}",
    )


@pytest.mark.parametrize(
    ("name", "description", "expected"),
    [
        ("app-0123456789ab.py", "app.py", "app.py"),
        ("my-app-0123456789ab.py", "my app.py", "my app.py"),
        ("Makefile-0123456789ab", "Makefile", "Makefile"),
        ("app.py", "whatever.py", "app.py"),
        ("app-0123456789ab.py", None, "app-0123456789ab.py"),
        ("app-0123456789ab.py", "A nice program", "app-0123456789ab.py"),
        ("app-0123456789ab.py", "../../etc/x.py", "app-0123456789ab.py"),
        ("app-0123456789ab.py", "a\nb.py", "app-0123456789ab.py"),
        ("a-b-0123456789ab.py", "a,b.py", "a-b-0123456789ab.py"),
        ("a-b-0123456789ab.py", "a#b.py", "a-b-0123456789ab.py"),
        ("x-0123456789ab.csv", "dätä (1).csv", "dätä (1).csv"),
        ("x-0123456789ab", "..", "x-0123456789ab"),
        ("app-0123456789AB.py", "app.py", "app-0123456789AB.py"),
    ],
)
def test_the_mark_is_taken_off(name, description, expected):
    assert job_binaries.file_name(binary(name, description)) == expected


def test_two_versions_of_a_file_do_not_meet():
    old = binary("lib-0123456789ab.py", "lib.py", id="1")
    new = binary("lib-ba9876543210.py", "lib.py", id="2")
    assert job_binaries.paths("/d", [old, new]) == {
        "1": "/d/lib.py",
        "2": "/d/2/lib.py",
    }


def test_the_launchers_own_files_are_safe():
    taken = binary("stdout-0123456789ab", "stdout", id="1")
    assert job_binaries.paths("/d", [taken]) == {"1": "/d/1/stdout"}
