# SPDX-License-Identifier: Apache-2.0
"""Secrets derived from a cluster's one random seed, and SSH keys made of them.

So there is one thing to keep and to forget. A name's secret is the HMAC-SHA256 of the
name under the seed (RFC 2104); 32 such bytes are an Ed25519 private key (RFC 8032,
section 5.1.5).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import textwrap

from cryptography.hazmat.primitives.asymmetric import ed25519

from sparkaas import model

#: The key of the seed in the value that the secret store keeps for a cluster, and
#: of that value's reference in ``Cluster.secret_refs``.
SEED = "seed"
REFERENCE = "cluster"

#: The name of the secret that the service's own SSH key is made of.
MANAGEMENT = "ssh/management"

_TYPE = b"ssh-ed25519"
_BEGIN = "-----BEGIN OPENSSH PRIVATE KEY-----"
_END = "-----END OPENSSH PRIVATE KEY-----"


def host(instance_name: str) -> str:
    """The name of the secret that a node's SSH host key is made of."""
    return f"ssh/host/{instance_name}"


def names(cluster: model.Cluster) -> tuple[str, ...]:
    """The names of all secrets of a cluster's SSH keys."""
    hosts = (host(name) for name in model.wanted_instances(cluster))
    return (MANAGEMENT, *hosts)


def derive(seed: str, name: str) -> str:
    """The secret ``name`` of a seed: both are 32 bytes in hex."""
    digest = hmac.new(bytes.fromhex(seed), name.encode(), hashlib.sha256)
    return digest.hexdigest()


def private_key(secret: str) -> str:
    """The private key made of a secret, in OpenSSH's own format: its PROTOCOL.key.

    The check numbers, which libraries choose at random, come from the secret: equal
    secrets must make equal texts.
    """
    public = _raw_public(secret)
    check = bytes.fromhex(derive(secret, "check"))[:4]
    private = bytes.fromhex(secret) + public
    inner = check + check + _strings(_TYPE, public, private, b"")
    inner += bytes(range(1, 1 + -len(inner) % 8))
    whole = (
        b"openssh-key-v1\0"
        + _strings(b"none", b"none", b"")
        + struct.pack(">I", 1)
        + _strings(_strings(_TYPE, public), inner)
    )
    lines = textwrap.wrap(base64.b64encode(whole).decode(), 70)
    return "\n".join((_BEGIN, *lines, _END, ""))


def public_key(secret: str) -> str:
    """The public key to it: ``ssh-ed25519 AAAA...``."""
    blob = _strings(_TYPE, _raw_public(secret))
    return f"{_TYPE.decode()} {base64.b64encode(blob).decode()}"


def _raw_public(secret: str) -> bytes:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    return key.public_key().public_bytes_raw()


def _strings(*values: bytes) -> bytes:
    """Each with its length before it (RFC 4251, section 5)."""
    return b"".join(struct.pack(">I", len(value)) + value for value in values)
