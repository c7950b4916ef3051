# SPDX-License-Identifier: Apache-2.0
"""Where the programs of a job have their temporary files."""

import pathlib

from sparkaas.edp import launcher
from sparkaas.edp import temporary
from sparkaas.edp import yarn


def test_the_launcher_makes_what_the_others_name(tmp_path):
    launcher.temporary(str(tmp_path))
    place = pathlib.Path(temporary.of_job(str(tmp_path)))
    assert place.stat().st_mode & 0o777 == 0o700


def test_hadoops_programs_have_them_in_the_jobs_directory():
    place = yarn.Yarn(manager=lambda cluster: "", conf="/conf")
    words = yarn.program(place, "/jobs/1", "Main", "-Djava.io.tmpdir=/x", heap=64)
    before = words[: words.index("Main")]
    assert "-Djava.io.tmpdir=/jobs/1/.tmp" in before


def test_a_directory_with_blanks_is_one_option():
    assert temporary.submits("/a b") == {"SPARK_SUBMIT_OPTS": '"-Djava.io.tmpdir=/a b"'}
