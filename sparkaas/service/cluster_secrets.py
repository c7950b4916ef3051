# SPDX-License-Identifier: Apache-2.0
"""A cluster's generated secrets: one random seed, from which all are derived.

A cluster that is resized can get a further secret without a second one being stored.
"""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping

from sparkaas import exceptions
from sparkaas import keys
from sparkaas import model
from sparkaas.service import env as service_env
from sparkaas.service import vendors


def keep(env: service_env.Env, cluster: model.Cluster) -> dict[str, str]:
    """Make the cluster's seed unless it has one; return ``secret_refs``."""
    value = {keys.SEED: random.token_hex(32)}
    return {keys.REFERENCE: env.secrets.put(cluster.project_id, value, _name(cluster))}


def management_key(env: service_env.Env, refs: Mapping[str, str]) -> str:
    """The public key that the service's own logins on the nodes have."""
    seed = env.secrets.get(refs[keys.REFERENCE])[keys.SEED]
    return keys.public_key(keys.derive(seed, keys.MANAGEMENT))


def values(env: service_env.Env, cluster: model.Cluster) -> dict[str, str]:
    """The secrets that the cluster's plugin and the infrastructure name: 32 bytes
    each, in hex."""
    reference = cluster.secret_refs.get(keys.REFERENCE)
    if reference is None:
        raise exceptions.Permanent(
            "The cluster's secrets were never made.", code="SECRETS_MISSING"
        )
    seed = env.secrets.get(reference)[keys.SEED]
    names = (
        *vendors.plugin(env, cluster).secrets(cluster),
        *env.infrastructure.secrets(cluster),
    )
    return {name: keys.derive(seed, name) for name in names}


def forget(env: service_env.Env, cluster: model.Cluster) -> None:
    """Forget the seed, also one that was kept but not recorded: the name leads to
    its reference."""
    env.secrets.delete(keep(env, cluster)[keys.REFERENCE])


def _name(cluster: model.Cluster) -> str:
    return f"cluster/{cluster.id}"
