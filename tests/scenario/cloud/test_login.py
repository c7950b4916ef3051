# SPDX-License-Identifier: Apache-2.0
"""The user's own key pair opens every node, by ``sparkaas cluster ssh``."""

from __future__ import annotations

import socket
import subprocess

import pytest

#: Of Spark's master, and of its page.
PORTS = (7077, 8080)


def test_the_users_key_opens_every_node(demo, cluster, shell):
    names = demo.names(demo.show(cluster["id"]))
    assert len(names) == 3
    for name in names:
        assert shell(cluster, name, "hostname; id -un").split() == [name, "debian"]


def test_the_log_in_does_not_open_the_service_of_others(demo, cluster, shell):
    for name in demo.names(demo.show(cluster["id"])):
        held = shell(cluster, name, "sudo cat /proc/1/environ; env")
        assert demo.cloud.password not in held


def test_another_key_opens_none(cluster, shell, tmp_path):
    key = tmp_path / "key"
    keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]
    subprocess.run(keygen, check=True)
    with pytest.raises(AssertionError, match="Permission denied"):
        shell(cluster, "master-0", "true", key=key)


def test_only_ssh_is_open_outside_the_cluster(demo, cluster, shell):
    """Users come in by SSH, and to the pages through it."""
    shown = demo.show(cluster["id"])
    outside, inside = demo.address(shown), demo.address(shown, inside=True)
    assert outside != inside
    assert _accepts(outside, 22)
    for port in PORTS:
        assert not _accepts(outside, port)
        # Something is there to be reached.
        reach = f"timeout 10 bash -c '</dev/tcp/{inside}/{port}' && echo open"
        assert shell(cluster, "worker-0", reach).split() == ["open"]


def _accepts(host, port):
    with socket.socket() as probe:
        probe.settimeout(3)
        return probe.connect_ex((host, port)) == 0
