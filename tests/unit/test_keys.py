# SPDX-License-Identifier: Apache-2.0
"""Secrets derived from a seed, and SSH keys made of them."""

import io
import shutil
import subprocess

import paramiko

from sparkaas import keys
from sparkaas import model

SEED = "00" * 32


def test_a_secret_depends_on_seed_and_name_alone():
    secret = keys.derive(SEED, "a")
    assert secret == keys.derive(SEED, "a")
    assert len(bytes.fromhex(secret)) == 32
    assert secret != keys.derive(SEED, "b")
    assert secret != keys.derive("01" * 32, "a")


def test_a_secret_is_the_hmac_of_its_name():
    # RFC 4231, test case 2: key "Jefe", and this data.
    found = keys.derive(b"Jefe".hex(), "what do ya want for nothing?")
    assert found == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_ssh_takes_the_keys():
    secret = keys.derive(SEED, keys.MANAGEMENT)
    private = paramiko.Ed25519Key.from_private_key(
        io.StringIO(keys.private_key(secret))
    )
    assert keys.public_key(secret) == f"ssh-ed25519 {private.get_base64()}"


def test_equal_secrets_make_equal_texts():
    secret = keys.derive(SEED, keys.MANAGEMENT)
    assert keys.private_key(secret) == keys.private_key(secret)


def test_openssh_itself_takes_the_private_key(tmp_path):
    secret = keys.derive(SEED, keys.MANAGEMENT)
    path = tmp_path / "key"
    path.write_text(keys.private_key(secret))
    path.chmod(0o600)
    made = subprocess.run(
        [shutil.which("ssh-keygen") or "ssh-keygen", "-y", "-f", path],
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stdout.strip() == keys.public_key(secret)


def test_the_private_key_is_that_of_the_algorithms_test_vector():
    # RFC 8032, section 7.1, test 1.
    secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    blob = paramiko.Ed25519Key.from_private_key(
        io.StringIO(keys.private_key(secret))
    ).asbytes()
    assert blob.endswith(bytes.fromhex(public))


def test_every_node_has_a_host_key_of_its_own():
    group = model.NodeGroup(
        id="g",
        name="w",
        flavor_id="1",
        node_processes=("slave",),
        count=2,
        indices=(0, 1),
    )
    cluster = model.Cluster(
        id="c",
        project_id="p",
        name="c",
        plugin_name="spark",
        plugin_version="4",
        node_groups=(group,),
    )
    names = keys.names(cluster)
    assert names == (keys.MANAGEMENT, keys.host("c-w-0"), keys.host("c-w-1"))
