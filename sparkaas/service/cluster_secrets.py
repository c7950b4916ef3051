# SPDX-License-Identifier: Apache-2.0
"""A cluster's generated secrets: one random seed, from which all are derived.

So there is one thing to keep and to forget, and a cluster that is resized can get
a further secret without a second one being stored.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets as random

from sparkaas import exceptions
from sparkaas import model
from sparkaas.service import env as service_env
from sparkaas.service import vendors

_KEY = "cluster"
_SEED = "seed"


def keep(env: service_env.Env, cluster: model.Cluster) -> dict[str, str]:
    """Make the cluster's seed unless it has one; return ``secret_refs``."""
    value = {_SEED: random.token_hex(32)}
    return {_KEY: env.secrets.put(cluster.project_id, value, _name(cluster))}


def values(env: service_env.Env, cluster: model.Cluster) -> dict[str, str]:
    """The secrets that the cluster's plugin names: 32 bytes each, in hex."""
    reference = cluster.secret_refs.get(_KEY)
    if reference is None:
        raise exceptions.Permanent(
            "The cluster's secrets were never made.", code="SECRETS_MISSING"
        )
    seed = bytes.fromhex(env.secrets.get(reference)[_SEED])
    return {
        name: hmac.new(seed, name.encode(), hashlib.sha256).hexdigest()
        for name in vendors.plugin(env, cluster).secrets(cluster)
    }


def forget(env: service_env.Env, cluster: model.Cluster) -> None:
    """Forget the seed, also one that was kept but not recorded: the name leads to
    its reference."""
    env.secrets.delete(keep(env, cluster)[_KEY])


def _name(cluster: model.Cluster) -> str:
    return f"cluster/{cluster.id}"
