# SPDX-License-Identifier: Apache-2.0
"""Templates as they go to Heat: whole ones in files, and those of large clusters."""

import dataclasses
import json
import os
import pathlib

import pytest

from sparkaas import manifest
from sparkaas.infra.openstack import documents
from sparkaas.infra.openstack import resources
from sparkaas.infra.openstack import template
from tests.unit.infra import test_openstack_template as small

GOLDEN = pathlib.Path(__file__).parent / "golden"
#: Heat's own limits, unless an operator says otherwise.
TEMPLATE_MOST = 512 * 1024
REQUEST_MOST = 1024 * 1024
RESOURCES_MOST = 1000


def work(*indices, **more):
    return small.group("work", indices, "slave", auto_security_group=True, **more)


def rendered(*groups, **more):
    return small.render(small.cluster(*groups, **more))


FULL = {
    "volumes_per_node": 2,
    "volumes_size": 10,
    "volume_type": "fast",
    "volumes_availability_zone": "z",
    "volume_local_to_instance": True,
    "volume_mount_prefix": "/data",
    "boot_from_volume": True,
    "boot_volume_type": "slow",
    "boot_volume_availability_zone": "y",
    "availability_zone": "x",
    "security_groups": ("mine",),
    "floating_ip_pool": "outside",
    "image_id": "other",
}
CLUSTERS = {
    "plain": ((small.HEAD, work(0, 1)), {}),
    "full": (
        (small.HEAD, work(0, **FULL)),
        {
            "anti_affinity": ("slave",),
            "domain_name": "example.org.",
            "user_public_key": "ssh-ed25519 AAAA user",
        },
    ),
    "batches": ((small.HEAD, work(0, 19, 20, 41, volumes_per_node=1)), {}),
}


@pytest.mark.parametrize("name", CLUSTERS)
def test_a_template_is_the_one_that_was_looked_at(name):
    """``SPARKAAS_GOLDEN=write`` writes the files anew, to be looked at."""
    groups, more = CLUSTERS[name]
    made = rendered(*groups, **more)
    # The program is the tree's own and changes with it.
    body = json.loads(json.dumps(made.body))
    body["parameters"]["program"]["default"] = "(sparkaas-node)"
    text = json.dumps({"body": body, "files": made.files}, indent=1, sort_keys=True)
    path = GOLDEN / f"{name}.json"
    if os.environ.get("SPARKAAS_GOLDEN") == "write":
        path.write_text(f"{text}\n")
    assert f"{text}\n" == path.read_text()


def parts(made):
    """Every resource of a template and its files."""
    inner = [body["resources"] for body in made.files.values()]
    return {k: v for each in (made.body["resources"], *inner) for k, v in each.items()}


@pytest.mark.parametrize("count", [1, 5, 19, 20, 21, 39, 40, 41])
def test_one_node_more_changes_that_node_only(count):
    one, other = (rendered(small.HEAD, work(*range(n))) for n in (count, count + 1))
    before, after = parts(one), parts(other)
    new = f"c-work-{count}"
    place = template.batch(work(), new)
    changed = {k for k in after if after[k] != before.get(k)}
    assert changed == {f"port-{new}", f"server-{new}", *([place] if place else [])}
    assert set(before) <= set(after)
    touched = {k for k in other.files if other.files[k] != one.files.get(k)}
    assert touched == ({f"{place}.yaml"} if place else set())


def test_whoever_goes_the_others_stay_where_they_are():
    whole = rendered(small.HEAD, work(*range(45)))
    fewer = rendered(small.HEAD, work(*(n for n in range(45) if n not in (3, 25, 44))))
    before, after = parts(whole), parts(fewer)
    gone = {f"{kind}-c-work-{n}" for kind in ("port", "server") for n in (3, 25, 44)}
    assert set(before) - set(after) == gone
    servers = {k for k in after if k.startswith(("server", "port"))}
    assert {k: after[k] for k in servers} == {k: before[k] for k in servers}


def test_a_stack_inside_is_given_all_that_it_names():
    made = rendered(small.HEAD, work(0, 20, 21), anti_affinity=("slave",))
    inner = made.files["batch-work-1.yaml"]
    outer = made.body["resources"]["batch-work-1"]
    assert outer["type"] == "batch-work-1.yaml"
    assert set(outer["properties"]) == set(inner["parameters"])
    assert outer["properties"]["port-c-work-20-id"] == {
        "get_resource": "port-c-work-20"
    }
    assert outer["properties"]["address-c-head-0"] == resources.address("c-head-0")
    named = json.dumps(inner["resources"])
    assert "get_attr" not in named
    for parameter in inner["parameters"]:
        assert json.dumps({"get_param": parameter}) in named
    shown = made.body["outputs"]["node-c-work-21"]["value"]
    assert shown["server"] == {"get_attr": ["batch-work-1", "id-c-work-21"]}
    assert set(inner["outputs"]) == {"id-c-work-20", "id-c-work-21"}


def alike(wanted):
    """Manifests of some size, of nodes that are told apart by their address only."""
    noise = "".join(small.keys.derive("00" * 32, str(n)) for n in range(40))
    return {
        name: manifest.Manifest(
            files=(manifest.File(f"{manifest.ROOT}/x", noise),),
            services=(
                manifest.Service(name="s", argv=("run", manifest.address(name))),
            ),
        )
        for name in small.model.wanted_instances(wanted)
    }


def test_nodes_that_are_alike_share_what_is_long():
    wanted = small.cluster(small.HEAD, work(*range(4)))
    found = alike(wanted)
    texts = {documents.document(name, each) for name, each in found.items()}
    assert len(texts) == 1
    digests = {each.digest() for each in found.values()}
    assert len(digests) == 5


@pytest.mark.parametrize("count", [10, 200])
def test_heat_takes_the_template_of_a_large_cluster(count):
    wanted = small.cluster(small.HEAD, work(*range(count)))
    made = template.render(wanted, alike(wanted), small.secrets(wanted), small.SITE)
    files = {name: json.dumps(body) for name, body in made.files.items()}
    assert all(len(each) < TEMPLATE_MOST for each in (json.dumps(made.body), *files))
    assert len(json.dumps({"template": made.body, "files": files})) < REQUEST_MOST
    assert len(parts(made)) < RESOURCES_MOST


def test_a_lost_server_is_looked_for_where_it_is():
    assert template.batch(work(), "c-work-19") == ""
    assert template.batch(work(), "c-work-20") == "batch-work-1"
    odd = dataclasses.replace(work(), name="a_b")
    assert template.batch(odd, "c-a_b-400") == "batch-a-b-20"
