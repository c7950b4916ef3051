# SPDX-License-Identifier: Apache-2.0
"""The steps that make a cluster what was asked: at first, and after each resize.

Each means "make it so", whatever it finds; so they serve both.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import manifest
from sparkaas import model
from sparkaas.service import cluster_secrets
from sparkaas.service import env as service_env
from sparkaas.service import plans
from sparkaas.service import vendors

#: Seconds between looks at nodes that start.
_LOOK = 0.5


def ensure_secrets(env: service_env.Env, cluster: model.Cluster) -> plans.Outcome:
    """Keep the seed of what the cluster's nodes trust each other by."""
    refs = cluster_secrets.keep(env, cluster)
    public_key = cluster_secrets.management_key(env, refs)
    return model.Done({"secret_refs": refs, "management_public_key": public_key})


def ensure_decommissioned(
    env: service_env.Env, cluster: model.Cluster
) -> plans.Outcome:
    """Move off the nodes that are to go what must not be lost."""
    wanted = model.wanted_instances(cluster)
    leaving = [each for each in cluster.instances if each.name not in wanted]
    if not leaving:
        return model.Done()
    plugin = vendors.plugin(env, cluster)
    outcome = plugin.decommission(cluster, leaving, env.reach)
    if isinstance(outcome, model.Wait):
        return outcome
    return model.Done(
        {
            **outcome.facts,
            plans.HAPPENINGS: [
                plans.Happening("decommissioned", each.name) for each in leaving
            ],
        }
    )


def ensure_infrastructure(
    env: service_env.Env, cluster: model.Cluster
) -> plans.Outcome:
    """Make exactly the wanted nodes exist and follow their manifests."""
    return make(env, cluster)


def ensure_started(env: service_env.Env, cluster: model.Cluster) -> plans.Outcome:
    """Wait until every service of every node is ready.

    A node that vanished meanwhile is made again. A service that has been failing
    for ``service_grace`` seconds will not come up by waiting.
    """
    manifests = vendors.plugin(env, cluster).describe(cluster)
    states = env.infrastructure.observe(cluster)
    if strays := astray(states, manifests):
        outcome = make(env, cluster)
        why = "; ".join(strays.values())
        return model.Wait(_LOOK, why, {**outcome.facts, **_failing_since(cluster, {})})
    now = env.clock.now()
    failing = services(states, "failed")
    troubled = {**services(states, "starting"), **failing}
    had: dict[str, str] = plans.memo(cluster).get("failing", {})
    # A service that dies at every start is seen starting now and then: only one
    # that got ready is forgiven.
    since = {key: began for key, began in had.items() if key in troubled}
    since |= {key: now.isoformat() for key in failing if key not in since}
    for key in failing:
        began = datetime.datetime.fromisoformat(since[key])
        if (now - began).total_seconds() >= env.conf.conductor.service_grace:
            raise exceptions.Permanent(
                f"{key} keeps failing: {failing[key]}",
                code="SERVICE_FAILED",
                hint="The end of the service's log is above; correct what it "
                "complains of and ask again.",
            )
    waiting = unready(states)
    if not waiting:
        return model.Done()
    more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
    return model.Wait(_LOOK, f"{waiting[0]}{more}", _failing_since(cluster, since))


def ensure_converged(env: service_env.Env, cluster: model.Cluster) -> plans.Outcome:
    """Let the plugin do what only its own manager can."""
    return vendors.plugin(env, cluster).converge(cluster, env.reach)


def ensure_healthy(env: service_env.Env, cluster: model.Cluster) -> plans.Outcome:
    """Wait until the plugin finds the cluster whole."""
    checks = vendors.plugin(env, cluster).health(cluster, env.reach)
    bad = [check for check in checks if check.status != "GREEN"]
    if bad:
        return model.Wait(_LOOK, f"{bad[0].name}: {bad[0].description}")
    return model.Done(verified(env, cluster, checks))


def make(env: service_env.Env, cluster: model.Cluster) -> model.Outcome:
    """Have the infrastructure realise what the plugin describes."""
    manifests = vendors.plugin(env, cluster).describe(cluster)
    secrets = cluster_secrets.values(env, cluster)
    return env.infrastructure.ensure(cluster, manifests, secrets)


def astray(
    states: Mapping[str, interfaces.NodeState],
    manifests: Mapping[str, manifest.Manifest],
) -> dict[str, str]:
    """Nodes that waiting does not bring into line, each with a sentence."""
    return outdated(states, manifests) | absent(states, manifests)


def absent(
    states: Mapping[str, interfaces.NodeState],
    manifests: Mapping[str, manifest.Manifest],
) -> dict[str, str]:
    """Nodes that are not there, each with a sentence."""
    result = {}
    for name in manifests:
        state = states.get(name)
        if state is None or not state.present:
            detail = f" {state.detail}" if state is not None else ""
            result[name] = f"{name} does not exist.{detail}"
    return result


def outdated(
    states: Mapping[str, interfaces.NodeState],
    manifests: Mapping[str, manifest.Manifest],
) -> dict[str, str]:
    """Nodes that are there and follow another description, each with a sentence."""
    return {
        name: f"{name} follows an older description."
        for name, wanted in manifests.items()
        if (state := states.get(name)) is not None
        and state.present
        and state.digest != wanted.digest()
    }


def unready(states: Mapping[str, interfaces.NodeState]) -> list[str]:
    """A sentence for each service that is not ready yet."""
    return [
        f"{name}: {service} is {state.state}{f' ({state.detail})' * bool(state.detail)}"
        for name, node in sorted(states.items())
        for service, state in node.services.items()
        if state.state != "ready"
    ]


def verified(
    env: service_env.Env, cluster: model.Cluster, checks: Iterable[model.Check]
) -> dict[str, Any]:
    """The facts that a look at the cluster's health establishes."""
    now = env.clock.now()
    id = str(uuid.uuid4())
    time = now.strftime("%Y-%m-%dT%H:%M:%S")
    found = tuple(checks)
    words = {check.status for check in found}
    worst = "RED" if "RED" in words else "YELLOW"
    status = "GREEN" if words <= {"GREEN"} else worst
    verification = model.Verification(
        id=id,
        cluster_id=cluster.id,
        status=status,
        checks=tuple(
            {
                "id": str(uuid.uuid4()),
                "verification_id": id,
                "name": check.name,
                "status": check.status,
                "description": check.description,
                "created_at": time,
                "updated_at": time,
            }
            for check in found
        ),
        created_at=now,
        updated_at=now,
    )
    return {"verification": verification, "verify_done": cluster.verify_asked}


def services(states: Mapping[str, interfaces.NodeState], state: str) -> dict[str, str]:
    """The details of all services that are in a state, by ``node/service``."""
    return {
        f"{name}/{service}": found.detail
        for name, node in states.items()
        for service, found in node.services.items()
        if found.state == state
    }


def _failing_since(cluster: model.Cluster, since: dict[str, str]) -> dict[str, Any]:
    return plans.remember(failing=since)
