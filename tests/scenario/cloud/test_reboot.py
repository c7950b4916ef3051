# SPDX-License-Identifier: Apache-2.0
"""Every guest is rebooted at once; the cluster is well again by itself."""

from __future__ import annotations

from tests.scenario.cloud import asking
from tests.scenario.cloud import programs

#: Seconds for guests' boot, Spark's start and two health checks.
_WELL = 600


def test_every_guest_is_rebooted_and_the_cluster_is_well_again(demo, cluster, shell):
    servers = demo.servers(cluster["id"])

    def started():
        """When each node's first process began."""
        return {
            name: shell(cluster, name, "cut -d ' ' -f 22 /proc/1/stat")
            for name in servers
        }

    before = started()
    compute = demo.cloud.as_user("demo").compute
    for server_id in servers.values():
        compute.reboot_server(server_id, "HARD")
    for server_id in servers.values():
        compute.wait_for_server(compute.get_server(server_id), wait=_WELL)

    def well():
        demo.verify(cluster["id"])
        shown = demo.show(cluster["id"])
        green = shown["verification"]["status"] == "GREEN"
        return green and shown["status"] == "Active" and not shown["reason"]

    asking.wait_for(well, _WELL, "the cluster is well")
    assert demo.servers(cluster["id"]) == servers
    after = started()
    assert [name for name in servers if after[name] == before[name]] == []
    assert len(programs.where(demo, cluster["id"])["hosts"]) == 2
