# SPDX-License-Identifier: Apache-2.0
"""The user's own key pair opens every node, by ``sparkaas cluster ssh``."""

from __future__ import annotations

import subprocess

import pytest


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
