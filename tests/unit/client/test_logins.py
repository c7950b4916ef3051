# SPDX-License-Identifier: Apache-2.0
"""Ways to nodes, as OpenSSH is told of them."""

import pathlib
import shutil
import subprocess

import pytest

from sparkaas.client import errors
from sparkaas.client import logins
from sparkaas.client import nodes

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA"
MASTER = logins.Login(
    instance_name="c-master-0", user="debian", host="172.24.4.9", host_key=KEY
)
WORKERS = [
    logins.Login(
        instance_name=f"c-worker-{n}",
        user="debian",
        host=f"10.0.0.{n}",
        host_key=KEY,
        via="c-master-0",
    )
    for n in range(2)
]
ALL = [*WORKERS, MASTER]
HOSTS = pathlib.Path("/tmp/known hosts")


@pytest.mark.parametrize("node", ["c-worker-1", "worker-1", "10.0.0.1", "1"])
def test_a_node_by_what_it_is_called(node):
    assert logins.only(ALL, node) is WORKERS[1]


def test_without_a_name_the_one_that_is_reached_directly():
    assert logins.only(ALL, None) is MASTER


@pytest.mark.parametrize("node", ["0", "worker-9", ""])
def test_none_or_several(node):
    with pytest.raises(errors.UsageError, match="nodes called"):
        logins.only(ALL, node)


def test_openssh_understands_it(tmp_path):
    ssh = shutil.which("ssh")
    if ssh is None:
        pytest.skip("there is no ssh here")
    file = tmp_path / "config"
    file.write_text(logins.ssh_config(ALL, HOSTS, identity=tmp_path / "a key"))
    shown = subprocess.run(
        [ssh, "-G", "-F", file, "c-worker-1"], capture_output=True, text=True
    )
    lines = shown.stdout.splitlines()
    assert "hostname 10.0.0.1" in lines
    assert "proxyjump c-master-0" in lines
    assert "user debian" in lines
    assert "hostkeyalias c-worker-1" in lines
    assert "stricthostkeychecking true" in lines
    assert f"userknownhostsfile {HOSTS}" in lines
    assert f"identityfile {tmp_path / 'a key'}" in lines


@pytest.mark.parametrize(
    "strange",
    [
        {"instance_name": "a\nProxyCommand evil"},
        {"instance_name": "-oProxyCommand=evil"},
        {"user": "x y"},
        {"host": "-evil"},
        {"host": "a b"},
        {"via": "a\nb"},
    ],
)
def test_a_service_cannot_say_more_than_a_name(strange):
    told = {"instance_name": "a", "user": "u", "host": "h", "host_key": KEY}
    with pytest.raises(errors.ClientError, match="The service said"):
        logins.ssh_config([logins.Login(**{**told, **strange})], HOSTS)


def test_nor_more_than_a_key():
    with pytest.raises(errors.ClientError, match="The service said"):
        logins.known_hosts([logins.Login(instance_name="a", host_key=f"{KEY}\n*")])


def test_pages_are_where_their_node_sees_them():
    instance = nodes.Instance(internal_ip="10.0.0.5", management_ip="172.24.4.9")
    info = {
        "Spark": {
            "Web UI": "http://172.24.4.9:8080",
            "Master": "spark://10.0.0.5:7077",
            "History UI": "http://10.0.0.5:18080",
        }
    }
    pages = logins.pages(info, [nodes.NodeGroup(instances=(instance,))])
    assert [(page.name, page.host, page.port) for page in pages] == [
        ("Spark Web UI", "10.0.0.5", 8080),
        ("Spark History UI", "10.0.0.5", 18080),
    ]
    assert logins.forward(pages[0], 4444) == "127.0.0.1:4444:10.0.0.5:8080"
