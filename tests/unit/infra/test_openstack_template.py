# SPDX-License-Identifier: Apache-2.0
"""A cluster as a Heat template: a pure function of the record."""

import base64
import dataclasses
import gzip
import json

import pytest

from sparkaas import exceptions
from sparkaas import keys
from sparkaas import manifest
from sparkaas import model
from sparkaas.infra.openstack import documents
from sparkaas.infra.openstack import names
from sparkaas.infra.openstack import quotas
from sparkaas.infra.openstack import resources as resources_
from sparkaas.infra.openstack import template
from sparkaas.infra.openstack import userdata
from sparkaas.testing import spark_cluster

SITE = resources_.Site(ssh_ranges=("192.0.2.0/24",))
FLAVOR = model.Flavor(id="2", name="small", vcpus=2, ram_mb=2048, disk_gb=20)


def group(name, indices, *processes, **more):
    return model.NodeGroup(
        id=f"group-{name}",
        name=name,
        flavor_id="2",
        node_processes=processes,
        count=len(indices),
        indices=tuple(indices),
        flavor=FLAVOR,
        **more,
    )


def cluster(*groups, **more):
    return model.Cluster(
        id="11111111-1111-4111-8111-111111111111",
        project_id="p",
        name="c",
        plugin_name="spark",
        plugin_version="4",
        default_image_id="image",
        neutron_management_network="network",
        node_groups=groups,
        **more,
    )


HEAD = group(
    "head", [0], "master", floating_ip_pool="outside", auto_security_group=True
)
WORK = group("work", [0, 1], "slave", auto_security_group=True)


def manifests(wanted):
    first = next(iter(model.wanted_instances(wanted)))
    return {
        name: manifest.Manifest(
            files=(
                manifest.File(
                    f"{manifest.ROOT}/etc/head",
                    f"{manifest.address(first)} {manifest.secret('token')}",
                ),
            ),
            services=(manifest.Service(name="s", argv=("run",)),),
        )
        for name in model.wanted_instances(wanted)
    }


def secrets(wanted):
    names = ("token", "unused", *keys.names(wanted))
    return {name: keys.derive("00" * 32, name) for name in names}


def render(wanted):
    return template.render(wanted, manifests(wanted), secrets(wanted), SITE)


def resources(wanted):
    return render(wanted).body["resources"]


def filled(wanted, data):
    """The user data with the texts that several have in their places, and what is left
    for Heat to put in."""
    text, params = data["template"], dict(data["params"])
    known = render(wanted).body["parameters"]
    for holder, value in data["params"].items():
        if list(value) == ["get_param"] and value["get_param"] in known:
            text = text.replace(holder, known[value["get_param"]]["default"])
            del params[holder]
    return text, params


def properties(wanted, name):
    return resources(wanted)[name]["properties"]


def config(wanted, name):
    """A server's cloud-config, and what Heat puts into it."""
    data = properties(wanted, f"server-{name}")["user_data"]["str_replace"]
    text, params = filled(wanted, data)
    first, _, rest = text.partition("\n")
    assert first == "#cloud-config"
    return json.loads(rest), params


def files(wanted, name):
    found = {}
    for file in config(wanted, name)[0]["write_files"]:
        content = file["content"]
        if file.get("encoding") == "gz+b64":
            content = gzip.decompress(base64.b64decode(content))
            # The program is no text.
            content = content.decode(errors="replace")
        found[file["path"]] = (content, file["permissions"])
    return found


def test_equal_records_make_equal_templates():
    assert render(cluster(HEAD, WORK)) == render(cluster(HEAD, WORK))


def test_each_node_has_a_port_and_a_server_on_it():
    made = resources(cluster(HEAD, WORK))
    assert set(made) == {
        "security-group",
        "port-c-head-0",
        "floating-ip-c-head-0",
        "server-c-head-0",
        *(f"{kind}-c-work-{n}" for kind in ("port", "server") for n in (0, 1)),
    }
    server = made["server-c-work-1"]["properties"]
    assert server["networks"] == [{"port": {"get_resource": "port-c-work-1"}}]
    assert server["image"] == "image"
    assert server["flavor"] == "2"
    assert server["metadata"][names.OWNER] == cluster().id


def test_from_outside_only_ssh_is_open_and_only_from_where_it_may():
    inside, ssh = properties(cluster(HEAD), "security-group")["rules"]
    assert inside == {"remote_mode": "remote_group_id"}
    assert ssh["remote_ip_prefix"] == "192.0.2.0/24"
    assert (ssh["port_range_min"], ssh["port_range_max"]) == (22, 22)


def test_a_group_has_its_own_security_groups_and_the_automatic_one():
    own = dataclasses.replace(WORK, security_groups=("a", "b"))
    found = properties(cluster(own), "port-c-work-0")["security_groups"]
    assert found == ["a", "b", {"get_resource": "security-group"}]
    bare = dataclasses.replace(WORK, auto_security_group=False)
    assert "security_groups" not in properties(cluster(bare), "port-c-work-0")


def test_heat_puts_the_addresses_in():
    document, params = config(cluster(HEAD, WORK), "c-work-0")
    facts = json.loads(
        next(f for f in document["write_files"] if "facts" in f["path"])["content"]
    )
    assert set(facts["addresses"]) == {"", "c-head-0", "c-work-0"}
    assert facts["addresses"][""] == facts["addresses"]["c-work-0"]
    assert params[facts["addresses"]["c-head-0"]] == {
        "get_attr": ["port-c-head-0", "fixed_ips", 0, "ip_address"]
    }
    assert facts["name"] == "c-work-0"


def test_a_node_gets_the_secrets_that_its_manifest_names_and_no_other():
    wanted = cluster(HEAD, WORK)
    content, mode = files(wanted, "c-work-0")[f"{userdata.STATE_PATH}/facts.json"]
    assert list(json.loads(content)["secrets"]) == ["token"]
    assert mode == "0600"
    text = json.dumps(config(wanted, "c-work-0"))
    assert secrets(wanted)["unused"] not in text
    assert keys.private_key(secrets(wanted)[keys.MANAGEMENT]) not in text


def test_the_manifest_goes_with_its_symbols_in_place():
    wanted = cluster(HEAD)
    content, mode = files(wanted, "c-head-0")[f"{userdata.STATE_PATH}/manifest.json"]
    document = json.loads(content)
    facts, _ = files(wanted, "c-head-0")[f"{userdata.STATE_PATH}/facts.json"]
    digest = manifests(wanted)["c-head-0"].digest()
    assert json.loads(facts)["digest"] == digest
    assert "@{secret:token}" in document["files"][0]["content"]
    assert mode == "0600"


def test_a_server_shows_the_host_key_that_was_made_for_it():
    wanted = cluster(HEAD)
    document, _ = config(wanted, "c-head-0")
    secret = secrets(wanted)[keys.host("c-head-0")]
    assert document["ssh_keys"]["ed25519_private"] == keys.private_key(secret)


def test_the_users_own_key_is_for_the_image_s_user():
    wanted = cluster(HEAD, user_public_key="ssh-ed25519 AAAA user")
    document, _ = config(wanted, "c-head-0")
    assert document["ssh_authorized_keys"] == ["ssh-ed25519 AAAA user"]
    management = keys.public_key(secrets(wanted)[keys.MANAGEMENT])
    named = {u["name"]: u for u in document["users"] if isinstance(u, dict)}
    assert named["root"]["ssh_authorized_keys"] == [management]
    assert named["spark"]["ssh_authorized_keys"] == [management]


def test_no_server_is_rebuilt_for_other_user_data():
    found = properties(cluster(HEAD), "server-c-head-0")
    assert found["user_data_update_policy"] == "IGNORE"


def test_a_resize_touches_only_what_it_adds():
    small, large = (
        resources(cluster(HEAD, WORK)),
        resources(
            cluster(HEAD, group("work", [0, 1, 2], "slave", auto_security_group=True))
        ),
    )
    assert {name: large[name] for name in small} == small
    assert set(large) - set(small) == {"port-c-work-2", "server-c-work-2"}


def test_volumes_are_attached_in_order():
    wanted = cluster(
        group(
            "work",
            [0],
            "slave",
            volumes_per_node=2,
            volumes_size=10,
            volume_type="fast",
            volumes_availability_zone="z",
            volume_local_to_instance=True,
        )
    )
    made = resources(wanted)
    volume = made["volume-c-work-0-2"]["properties"]
    assert (volume["size"], volume["volume_type"]) == (10, "fast")
    assert volume["scheduler_hints"] == {
        "local_to_instance": {"get_resource": "server-c-work-0"}
    }
    attached = made["attachment-c-work-0-2"]["properties"]
    assert attached["instance_uuid"] == {"get_resource": "server-c-work-0"}


def test_what_must_be_apart_has_a_server_group():
    wanted = cluster(HEAD, WORK, anti_affinity=("slave",))
    made = resources(wanted)
    hints = made["server-c-work-0"]["properties"]["scheduler_hints"]
    assert hints == {"group": {"get_resource": "apart"}}
    assert "scheduler_hints" not in made["server-c-head-0"]["properties"]
    assert made["apart"]["properties"]["policies"] == ["anti-affinity"]
    soft = dataclasses.replace(SITE, apart="soft-anti-affinity")
    made = template.render(wanted, manifests(wanted), secrets(wanted), soft)
    policies = made.body["resources"]["apart"]["properties"]["policies"]
    assert policies == ["soft-anti-affinity"]


def test_user_data_that_no_cloud_takes_is_refused():
    wanted = cluster(HEAD)
    noise = "".join(keys.derive("00" * 32, str(n)) for n in range(2000))
    big = manifest.Manifest(files=(manifest.File(f"{manifest.ROOT}/x", noise),))
    with pytest.raises(exceptions.Permanent, match="too long") as caught:
        template.render(wanted, {"c-head-0": big}, secrets(wanted), SITE)
    assert caught.value.code == "USER_DATA_TOO_LONG"


def test_a_node_with_every_process_leaves_room_for_the_users_settings():
    head = spark_cluster.group(
        "head",
        *("master", "slave", "history-server", "connect-server", "thrift-server"),
        *("notebook", "namenode", "datanode"),
    )
    wanted = spark_cluster.cluster(
        head, configs={"Thrift server without authentication": True}
    )
    described = spark_cluster.plugin().describe(wanted)["demo-head-0"]
    known = secrets(wanted) | {
        name: keys.derive("00" * 32, name)
        for name in documents.symbols(described, "secret")
    }
    text = userdata.render(
        "demo-head-0",
        described,
        addresses={"demo-head-0": "255.255.255.255"},
        secrets=known,
        user_key="ssh-rsa " + "A" * 720,
    )
    assert len(base64.b64encode(text.encode())) < 0.75 * userdata.MOST


def test_a_secret_in_a_command_is_a_defect():
    wanted = cluster(HEAD)
    service = manifest.Service(name="s", argv=("run", manifest.secret("token")))
    shown = manifest.Manifest(services=(service,))
    with pytest.raises(exceptions.Permanent, match="shows a secret"):
        template.render(wanted, {"c-head-0": shown}, secrets(wanted), SITE)


def test_what_a_cluster_needs():
    wanted = cluster(
        HEAD, dataclasses.replace(WORK, volumes_per_node=2, volumes_size=10)
    )
    assert quotas.needs(wanted, SITE) == {
        "instances": 3,
        "cores": 6,
        "ram": 6144,
        "ports": 3,
        "floating IPs": 1,
        "volumes": 4,
        "volume gigabytes": 40,
        "volumes of the default type": 4,
        "gigabytes of the default type": 40,
        "stacks": 1,
        "security groups": 1,
        "security group rules": 4,
    }


def test_what_is_there_is_not_needed_again():
    there = tuple(
        model.Instance(id=n, name=n, node_group_id="group-work", instance_id=n)
        for n in ("c-head-0", "c-work-0")
    )
    wanted = cluster(HEAD, WORK, instances=there)
    assert quotas.needs(wanted, SITE) == {
        "instances": 1,
        "cores": 2,
        "ram": 2048,
        "ports": 1,
    }


def test_every_shortage_is_told_and_what_has_no_limit_is_none():
    needed = {"instances": 3, "cores": 6, "ports": 3, "volumes": 1}
    left = {"instances": 2, "cores": 6, "ports": -1}
    assert list(quotas.shortages(needed, left)) == [
        quotas.Shortage("instances", 3, 2),
        quotas.Shortage("ports", 3, 0),
    ]


def test_volumes_count_by_their_type_and_one_to_boot_from_too():
    wanted = cluster(
        HEAD,
        dataclasses.replace(
            WORK,
            volumes_per_node=1,
            volumes_size=10,
            volume_type="fast",
            boot_from_volume=True,
        ),
    )
    needed = quotas.needs(wanted, SITE)
    assert needed["volumes"] == 4
    assert needed["volume gigabytes"] == 2 * (10 + 20)
    assert needed["gigabytes of type fast"] == 20
    assert needed["gigabytes of the default type"] == 40


def test_all_that_must_be_apart_are_members_of_one_group():
    there = (
        model.Instance(id="n", name="c-work-0", node_group_id="", instance_id="n"),
    )
    wanted = cluster(HEAD, WORK, anti_affinity=("slave",), instances=there)
    assert quotas.needs(wanted, SITE)["server group members"] == 2
    assert "server groups" not in quotas.needs(wanted, SITE)
    fresh = dataclasses.replace(wanted, instances=())
    assert quotas.needs(fresh, SITE)["server groups"] == 1


def test_a_server_may_boot_from_a_volume():
    wanted = cluster(
        dataclasses.replace(
            HEAD,
            boot_from_volume=True,
            boot_volume_type="fast",
            boot_volume_availability_zone="z",
        )
    )
    server = properties(wanted, "server-c-head-0")
    assert "image" not in server
    assert server["block_device_mapping_v2"] == [
        {"volume_id": {"get_resource": "boot-c-head-0"}, "boot_index": 0}
    ]
    volume = properties(wanted, "boot-c-head-0")
    assert (volume["image"], volume["size"]) == ("image", 20)
    assert (volume["volume_type"], volume["availability_zone"]) == ("fast", "z")
    # One that is to be formatted is told from it by its number.
    assert names.NUMBER not in volume["metadata"]
    group = wanted.node_groups[0]
    assert resources_.lost(group, "c-head-0") == (
        "boot-c-head-0",
        "server-c-head-0",
    )


def test_without_a_disk_in_the_flavor_the_operator_says_how_large_it_is():
    bare = dataclasses.replace(FLAVOR, disk_gb=0)
    group = dataclasses.replace(HEAD, boot_from_volume=True, flavor=bare)
    site = dataclasses.replace(SITE, boot_volume_size=33)
    assert resources_.boot_volume_size(group, site) == 33


def test_a_domain_gives_every_node_a_record_and_its_full_name():
    wanted = cluster(HEAD, WORK, domain_name="example.org.")
    record = properties(wanted, "record-c-head-0")
    assert record["zone"] == "example.org."
    assert record["name"] == "c-head-0.example.org."
    assert record["records"] == [
        {"get_attr": ["floating-ip-c-head-0", "floating_ip_address"]}
    ]
    inside = properties(wanted, "record-c-work-0")["records"]
    assert inside == [{"get_attr": ["port-c-work-0", "fixed_ips", 0, "ip_address"]}]
    document, _ = config(wanted, "c-work-0")
    assert document["hostname"] == "c-work-0"
    assert document["fqdn"] == "c-work-0.example.org"
    assert "fqdn" not in config(cluster(HEAD), "c-head-0")[0]


def test_a_node_knows_the_mount_points_without_which_it_must_not_start():
    group = dataclasses.replace(
        WORK, volumes_per_node=2, volumes_size=1, volume_mount_prefix="/data"
    )
    content, _ = files(cluster(group), "c-work-0")[f"{userdata.STATE_PATH}/facts.json"]
    assert json.loads(content)["volumes"] == ["/data1", "/data2"]
