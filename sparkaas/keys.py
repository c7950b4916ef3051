# SPDX-License-Identifier: Apache-2.0
"""Secrets derived from a cluster's one random seed, and SSH keys made of them.

So there is one thing to keep and to forget. A name's secret is the HMAC-SHA256 of the
name under the seed (RFC 2104); 32 such bytes are an Ed25519 private key (RFC 8032,
section 5.1.5).
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from sparkaas import model

#: The key of the seed in the value that the secret store keeps for a cluster, and
#: of that value's reference in ``Cluster.secret_refs``.
SEED = "seed"
REFERENCE = "cluster"

#: The name of the secret that the service's own SSH key is made of.
MANAGEMENT = "ssh/management"


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
    """The private key made of a secret, in OpenSSH's own format."""
    return (
        _key(secret)
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption(),
        )
        .decode()
    )


def public_key(secret: str) -> str:
    """The public key to it: ``ssh-ed25519 AAAA...``."""
    return (
        _key(secret)
        .public_key()
        .public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
        .decode()
    )


def _key(secret: str) -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
