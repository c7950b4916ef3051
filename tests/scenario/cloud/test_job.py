# SPDX-License-Identifier: Apache-2.0
"""A job: its program is uploaded, its arguments are what was typed, its output can be
read while it runs."""

from __future__ import annotations

import uuid

from tests.scenario import harness
from tests.scenario.cloud import asking
from tests.scenario.cloud import programs

ODD = ("a b", "$(id)", 'it\'s "odd"', "ä;|&", "new\nline")


def test_a_job_runs_on_every_worker_with_its_arguments_as_typed(demo, cluster):
    seen = programs.where(demo, cluster["id"], *ODD)
    assert tuple(seen["args"]) == ODD
    assert len(seen["hosts"]) == 2


def test_its_output_is_there_while_it_runs(demo, cluster, shell):
    mark = f"/tmp/go-{uuid.uuid4().hex}"
    job = demo.job(cluster["id"], programs.IN_TWO_PARTS, mark)

    def first():
        assert demo.call("GET", f"jobs/{job}")["job"]["info"]["status"] in (
            "PENDING",
            "RUNNING",
        )
        piece = demo.log(job, wait=2)
        return piece if b"FIRST 4950" in piece.content else None

    piece = asking.wait_for(first, asking.ENDED, "the first line")
    assert piece.headers["X-Log-Complete"] == "false"
    offset = int(piece.headers["X-Log-Next-Offset"])
    shell(cluster, "master-0", f"touch {mark}")
    assert demo.ended(job)["info"]["status"] == "SUCCEEDED"
    rest = demo.log(job, offset=offset)
    assert rest.content == b"SECOND\n"
    assert rest.headers["X-Log-Complete"] == "true"


def test_temporary_files_lie_where_they_go_with_their_service(demo, cluster, shell):
    programs.where(demo, cluster["id"])
    for name in demo.names(demo.show(cluster["id"])):
        said = shell(cluster, name, "ls /tmp; sudo ls /opt/sparkaas/node/temporary")
        found = said.splitlines()
        assert not [one for one in found if harness.LITTER.fullmatch(one)]
        assert f"spark-{'master' if 'master' in name else 'worker'}" in found
