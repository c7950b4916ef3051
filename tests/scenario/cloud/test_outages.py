# SPDX-License-Identifier: Apache-2.0
"""What the service itself, and what it stands on, may lose in the middle of its work:
a conductor, messages, the database, Keystone, the user's token, SSH. Each ends in what
was asked for, or in Error with a reason and a hint, and nothing of it stays.

A server or a stack that goes, a deletion during a create or a resize: see
``test_driver_faults.py``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import random
import subprocess
import time

import pytest
import requests

from tests.scenario.cloud import asking
from tests.scenario.cloud import openstack_cloud
from tests.scenario.cloud import production

_RESTART = openstack_cloud.ROOT / "tests" / "cloud" / "restart"
#: Seconds for a service of the cloud to stop or start.
_SECONDS = 180
#: Seconds that a create of 1+1, a resize by one and a delete take: on a machine that
#: does nothing else, and then what the last one took.
_LASTS = {"create": 25.0, "resize": 20.0, "delete": 12.0}
_ROUNDS = 10
_SEED = 8386
#: A killed conductor's work is taken over soon, and what the cloud has lost (Nova what
#: it was about to schedule when its database went, say) is not waited for so long.
_IMPATIENT = "[conductor]\nlease_seconds = 15\nprovision_deadline = 400\n"


# kill -9 of a conductor, while the other one runs


@dataclasses.dataclass(frozen=True)
class Death:
    """Which conductor dies during which work, and after which part of it."""

    work: str
    after: float
    victim: str


def _rounds():
    """For each of the three works a moment in every tenth of its time, and by chance
    within that, in an order by chance."""
    draw = random.Random(_SEED)  # noqa: S311  # a story, and always the same
    columns = []
    for work in _LASTS:
        tenths = draw.sample(range(_ROUNDS), _ROUNDS)
        columns.append(
            [
                Death(
                    work,
                    round((tenth + draw.random()) / _ROUNDS, 2),
                    draw.choice(production.Production.CONDUCTORS),
                )
                for tenth in tenths
            ]
        )
    for number, deaths in enumerate(zip(*columns, strict=True)):
        told = "-".join(
            f"{each.work}-{each.after}-{each.victim[-1]}" for each in deaths
        )
        yield pytest.param(deaths, id=f"{number}-{told}", marks=pytest.mark.long)


@contextlib.contextmanager
def dies(service, user, cluster, death):
    """It is killed during what was asked for, and runs again once that is over."""
    began = time.monotonic()
    time.sleep(death.after * _LASTS[death.work])
    answer = user.ask("GET", f"clusters/{cluster}")
    status = answer.json()["cluster"]["status"] if answer.ok else "gone"
    service.kill(death.victim)
    print(f"{death}: the cluster was {status}")
    try:
        yield
        _LASTS[death.work] = time.monotonic() - began
    finally:
        service.start(death.victim)


@pytest.fixture(scope="module", autouse=True)
def impatient(service):
    with service.configured(_IMPATIENT):
        yield


@pytest.mark.parametrize("deaths", list(_rounds()))
def test_a_conductor_is_killed(other, service, nothing_left, deaths):
    create, resize, delete = deaths
    cluster = other.create(other.cluster(workers=1))
    with dies(service, other, cluster, create):
        before = other.names(other.active(cluster))
    assert len(before) == len(other.servers(cluster)) == 2

    wanted = [{"name": "worker", "count": 2}]
    other.call("PUT", f"clusters/{cluster}", {"resize_node_groups": wanted})
    with dies(service, other, cluster, resize):
        after = other.names(other.active(cluster))
    assert set(before) < set(after)
    assert len(after) == len(other.servers(cluster)) == 3

    assert other.ask("DELETE", f"clusters/{cluster}").ok
    with dies(service, other, cluster, delete):
        other.gone(cluster)
    nothing_left()


# What all of the cloud stands on is away


def restart(*words):
    """A service of the cloud's."""
    done = subprocess.run(
        [_RESTART, *words],
        # Not ours, which has the mark of all that ends with the tests.
        env={
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(pathlib.Path.home()),
            "SPARKAAS_CLOUD": str(openstack_cloud.directory()),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def away(name):
    """The cloud's service of that name is stopped meanwhile."""
    restart("--stop", name)
    try:
        yield
    finally:
        restart(name)


def asked(user, method, path, body=None):
    """An answer, as soon as the service can give one."""

    def ask():
        try:
            answer = user.ask(method, path, body)
        except requests.RequestException:
            return None
        # A refusal is an answer, too, though requests takes it for false.
        return (answer,) if answer.status_code < 500 else None

    (answer,) = asking.wait_for(ask, asking.GONE, f"{method} {path} is answered")
    return answer


def ended(user, cluster):
    """The cluster, once nothing more is done about what was asked; the service may be
    unable to answer in between."""

    def look():
        shown = asked(user, "GET", f"clusters/{cluster}").json()["cluster"]
        return shown if shown["status"] in ("Active", "Error") else None

    return asking.wait_for(look, asking.ACTIVE, f"{cluster} is settled")


def servers_are(user, cluster, state):
    """Wait until Nova has both of its servers in that state, or further."""
    compute = user.cloud.as_user(user.user).compute

    def look():
        states = [
            server.status
            for server in compute.servers()
            if server.metadata.get("sparkaas") == cluster
        ]
        return len(states) == 2 and set(states) <= {state, "ACTIVE"}

    asking.wait_for(look, asking.ACTIVE, f"servers are {state}")
    assert user.show(cluster)["status"] not in ("Active", "Error")


def gone(user, cluster):
    """Delete it, and wait for its end."""
    assert asked(user, "DELETE", f"clusters/{cluster}").ok

    def look():
        return asked(user, "GET", f"clusters/{cluster}").status_code == 404

    asking.wait_for(look, asking.ACTIVE, f"{cluster} is gone")


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "seconds", "state"),
    [
        ("keystone", 60, "BUILD"),
        ("rabbitmq", 60, "ACTIVE"),
        ("mariadbd", 0, "ACTIVE"),
        ("mariadbd", 0, "BUILD"),
        ("rabbitmq", 5, "BUILD"),
    ],
)
def test_a_service_that_the_cloud_needs_is_away_during_a_create(
    other, nothing_left, name, seconds, state
):
    cluster = other.create(other.cluster(workers=1))
    servers_are(other, cluster, state)
    with away(name):
        time.sleep(seconds)
    shown = ended(other, cluster)
    print(f"{name} away for {seconds} s: {shown['status']} {shown['reason']}")
    if shown["status"] == "Error":
        assert shown["reason"]["code"] != "INTERNAL_ERROR", shown
        assert shown["reason"]["hint"], shown
    else:
        assert not shown["reason"]
        assert len(other.servers(cluster)) == 2
    gone(other, cluster)
    nothing_left()


# Who asked, and how the nodes are reached


@contextlib.contextmanager
def tokens_last(seconds):
    """The tokens that Keystone gives meanwhile."""
    file = openstack_cloud.directory() / "etc" / "keystone" / "keystone.conf"
    usual = file.read_text()
    lines = [
        f"expiration = {seconds}" if line.startswith("expiration") else line
        for line in usual.splitlines()
    ]
    _replace(file, "\n".join([*lines, ""]))
    restart("keystone")
    try:
        yield
    finally:
        _replace(file, usual)
        restart("keystone")


def _replace(file, text):
    new = file.with_suffix(".new")
    new.write_text(text)
    new.chmod(file.stat().st_mode)
    os.replace(new, file)


@pytest.mark.long
def test_the_users_token_expires_during_a_create(other, nothing_left):
    asked_for = other.cluster(workers=1)
    with tokens_last(20):
        # Not one that was kept from before.
        fresh = openstack_cloud.Cloud().as_user("other")
        token = {"X-Auth-Token": fresh.auth_token}
        made = other.call("POST", "clusters", asked_for, headers=token)["cluster"]

        def refused():
            answer = other.ask("GET", "clusters", headers=token)
            return answer.status_code == 401

        asking.wait_for(refused, 60, "the token has expired")
        assert other.show(made["id"])["status"] != "Active"
        other.active(made["id"])
    other.delete(made["id"])
    nothing_left()


@contextlib.contextmanager
def ssh_refused(cloud, cluster):
    """Nobody may come in by SSH meanwhile."""
    network = cloud.admin.network
    (group,) = network.security_groups(name=f"sparkaas-{cluster}")
    rules = [
        rule
        for rule in network.security_group_rules(security_group_id=group.id)
        if rule.port_range_min == 22
    ]
    assert rules
    for rule in rules:
        network.delete_security_group_rule(rule)
    try:
        yield
    finally:
        for rule in rules:
            network.create_security_group_rule(
                security_group_id=group.id,
                direction=rule.direction,
                ether_type=rule.ether_type,
                protocol=rule.protocol,
                port_range_min=rule.port_range_min,
                port_range_max=rule.port_range_max,
                remote_ip_prefix=rule.remote_ip_prefix,
                project_id=group.project_id,
            )


@pytest.mark.long
def test_ssh_is_refused_for_a_while_during_a_resize(other, cloud, nothing_left):
    cluster = other.active(other.create(other.cluster(workers=1)))["id"]
    wanted = [{"name": "worker", "count": 2}]
    with ssh_refused(cloud, cluster):
        other.call("PUT", f"clusters/{cluster}", {"resize_node_groups": wanted})

        def told():
            shown = other.show(cluster)
            assert shown["status"] not in ("Active", "Error"), shown
            return "SSH" in shown["waiting_for"] and len(other.servers(cluster)) == 3

        asking.wait_for(told, asking.ACTIVE, "it waits for a node to be reached")
    assert len(other.names(other.active(cluster))) == 3
    other.well(cluster, asking.ACTIVE)
    other.delete(cluster)
    nothing_left()
