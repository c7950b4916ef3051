# SPDX-License-Identifier: Apache-2.0
"""What a request for a cluster may say, in which order that is looked at, and what
holds for templates and plugins that clusters are made of."""

import pytest

from sparkaas.testing import catalog
from sparkaas.testing import plugin as fake_plugin
from tests.functional import nouns

NOBODY = "99999999-9999-4999-8999-999999999999"


class OtherPlugin(fake_plugin.FakePlugin):
    """The same under another name."""

    name = "other"


@pytest.fixture
def api():
    with nouns.api(further_plugins={"other": OtherPlugin()}) as made:
        yield made


def refused(answer, name, text=""):
    assert answer.status_code == 400, answer.text
    assert answer.json["error_name"] == name, answer.text
    assert text in answer.json["error_message"]


def disable(api, **labels):
    answer = api.ask("PATCH", "/plugins/fake", labels, roles="admin,member,reader")
    assert answer.status_code == 202


OFF = {"enabled": {"status": False}}


def test_the_order_in_which_a_request_is_looked_at(api):
    """All is wrong at first; what was told is mended, and the next thing is told."""
    api.make("clusters", name="taken")
    empty = api.make("cluster-templates", node_groups=None)["id"]
    whole = api.make("cluster-templates")["id"]
    group = {**nouns.HEAD, "node_configs": {"HDFS": {"nope": 1}}}
    disable(api, plugin_labels=OFF)
    body = {
        "name": "taken",
        "plugin_name": "nope",
        "plugin_version": "9",
        "cluster_template_id": NOBODY,
        "user_keypair_id": "nope",
        "default_image_id": catalog.PLAIN_IMAGE,
        "cluster_configs": {"HDFS": {"nope": 1}},
        "anti_affinity": ["nope"],
        "domain_name": f"{'d' * 60}.",
        "neutron_management_network": NOBODY,
    }
    name = "free-for-all"
    for error, text, change in (
        ("NAME_ALREADY_EXISTS", "taken", {"name": name}),
        ("INVALID_REFERENCE", "no plugin nope", {"plugin_name": "fake"}),
        ("INVALID_REFERENCE", "no version 9", {"plugin_version": "0.1"}),
        ("INVALID_REFERENCE", "disabled", "enable"),
        ("INVALID_REFERENCE", NOBODY, {"cluster_template_id": empty}),
        ("INVALID_REFERENCE", "no node groups", {"cluster_template_id": whole}),
        ("INVALID_REFERENCE", "keypair nope", {"user_keypair_id": "key"}),
        (
            "INVALID_REFERENCE",
            "not registered",
            {"default_image_id": catalog.SPARK_IMAGE},
        ),
        (
            "INVALID_REFERENCE",
            "lacks the tags",
            {"default_image_id": catalog.FAKE_IMAGE},
        ),
        (
            "INVALID_REFERENCE",
            "no configuration nope",
            {"cluster_configs": None, "node_groups": [group, group]},
        ),
        ("INVALID_REFERENCE", "unique", {"node_groups": [group]}),
        (
            "INVALID_REFERENCE",
            "no configuration nope",
            {"node_groups": [{**nouns.HEAD, "flavor_id": "99"}]},
        ),
        ("NOT_FOUND", "no flavor 99", {"node_groups": [nouns.HEAD]}),
        ("INVALID_REFERENCE", "no process nope", {"anti_affinity": None}),
        ("INVALID_DATA", "Host name", {"domain_name": None}),
        ("INVALID_REFERENCE", "network", {"neutron_management_network": None}),
        (
            "NOT_FOUND",
            "neutron_management_network",
            {
                "neutron_management_network": catalog.NETWORK,
                "node_groups": [nouns.WORKER],
            },
        ),
        ("INVALID_COMPONENT_COUNT", "namenode", {"node_groups": [nouns.HEAD]}),
    ):
        refused(api.ask("POST", "/clusters", body), error, text)
        if change == "enable":
            disable(api, plugin_labels={"enabled": {"status": True}})
        else:
            body |= change
    assert api.ask("POST", "/clusters", body).status_code == 202
    assert len(api.list_("clusters")[0]) == 2


def test_what_a_cluster_takes_from_its_template(api):
    group = {**nouns.HEAD, "name": "h"}
    template = api.make(
        "cluster-templates",
        description="of the template",
        default_image_id=catalog.FAKE_IMAGE,
        neutron_management_network=catalog.NETWORK,
        anti_affinity=["namenode"],
        shares=[{"id": catalog.SHARE}],
        use_autoconfig=False,
        domain_name="example.org.",
        cluster_configs={"HDFS": {"dfs.replication": 2, "fake.a": 1}},
        node_groups=[group],
        is_public=True,
        is_protected=True,
    )
    body = {"name": "c", **nouns.PLUGIN, "cluster_template_id": template["id"]}
    made = api.ask("POST", "/clusters", body).json["cluster"]
    for field in (
        "description",
        "default_image_id",
        "neutron_management_network",
        "anti_affinity",
        "shares",
        "use_autoconfig",
        "domain_name",
        "cluster_configs",
    ):
        assert made[field] == template[field], field
    assert [g["name"] for g in made["node_groups"]] == ["h"]
    assert not made["is_public"]
    assert not made["is_protected"]
    assert made["user_keypair_id"] is None
    own = {
        "name": "d",
        "description": "mine",
        "anti_affinity": ["datanode"],
        "use_autoconfig": True,
        "domain_name": "example.com.",
        "shares": [],
        "cluster_configs": {"HDFS": {"fake.a": 2}},
        "node_groups": [nouns.HEAD, nouns.WORKER],
    }
    made = api.ask("POST", "/clusters", {**body, **own}).json["cluster"]
    for field in own.keys() - {"node_groups", "cluster_configs"}:
        assert made[field] == own[field], field
    assert made["cluster_configs"] == {"HDFS": {"dfs.replication": 2, "fake.a": 2}}
    assert [g["name"] for g in made["node_groups"]] == ["head", "worker"]


def test_a_cluster_of_another_plugin_than_its_template_s(api):
    template = api.make("cluster-templates")["id"]
    body = api._default("clusters") | {"plugin_name": "other"}
    template_of_other = {**body, "cluster_template_id": template}
    refused(api.ask("POST", "/clusters", template_of_other), "INVALID_REFERENCE")


@pytest.mark.parametrize("noun", ["clusters", "cluster-templates"])
def test_a_group_by_template_with_overrides_and_one_inline(api, noun):
    template = api.make(
        "node-group-templates",
        availability_zone="nova",
        node_configs={"HDFS": {"Heap Size": 100, "fake.a": 1}},
    )["id"]
    inline = {
        **nouns.HEAD,
        "boot_from_volume": True,
        "boot_volume_type": "lvm",
        "volumes_per_node": 1,
        "volumes_size": 5,
    }
    by_template = {
        "name": "w",
        "count": 1,
        "node_group_template_id": template,
        "flavor_id": 4,
        "node_configs": {"HDFS": {"fake.a": 2}},
    }
    head, worker = api.make(noun, node_groups=[inline, by_template])["node_groups"]
    assert head["node_group_template_id"] is None
    assert head.items() >= inline.items()
    assert worker["node_group_template_id"] == template
    assert worker["availability_zone"] == "nova"
    assert worker["flavor_id"] == "4"
    assert worker["node_configs"] == {"HDFS": {"Heap Size": 100, "fake.a": 2}}


@pytest.mark.parametrize("noun", ["clusters", "cluster-templates"])
@pytest.mark.parametrize(
    "change",
    [
        {"flavor_id": None},
        {"node_processes": None},
        {"node_group_template_id": None},
        {"node_group_template_id": "no-uuid"},
        {"count": None},
        {"count": -1},
        {"count": True},
        {"name": None},
        {"name": "under_score"},
        {"id": NOBODY},
        {"plugin_name": "fake"},
        {"instances": []},
        {"boot_volume_type": None},
        {"shares": None},
    ],
    ids=str,
)
def test_a_group_of_neither_form(api, noun, change):
    (key,) = change
    body = api._default(noun)
    wrong = {**nouns.HEAD, **change}
    refused(
        api.ask("POST", f"/{noun}", {**body, "node_groups": [wrong]}),
        "VALIDATION_ERROR",
        "node_groups[0]",
    )


def test_only_one_place_is_left_for_a_group_s_name(api):
    body = api._default("clusters")
    for missing in ("name", "count", "flavor_id", "node_processes"):
        group = {k: v for k, v in nouns.HEAD.items() if k != missing}
        refused(
            api.ask("POST", "/clusters", {**body, "node_groups": [group]}),
            "VALIDATION_ERROR",
            f"node_groups[0]: {missing} is required",
        )


def test_a_node_group_template_of_a_template_with_clusters_does_not_change(api):
    group = api.make("node-group-templates")["id"]
    path = f"/node-group-templates/{group}"
    by_template = {"name": "w", "count": 1, "node_group_template_id": group}
    groups = [nouns.HEAD, by_template]
    template = api.make("cluster-templates", node_groups=groups)["id"]
    assert api.ask("PATCH", path, {"description": "x"}).status_code == 202
    api.make("clusters", cluster_template_id=template)
    refused(api.ask("PATCH", path, {"description": "y"}), "UPDATE_FAILED")


def test_a_cluster_s_own_use_of_a_node_group_template_forbids_its_end_alone(api):
    group = api.make("node-group-templates")["id"]
    path = f"/node-group-templates/{group}"
    by_template = {"name": "w", "count": 1, "node_group_template_id": group}
    cluster = api.make("clusters", node_groups=[nouns.HEAD, by_template])
    assert api.ask("PATCH", path, {"flavor_id": "5"}).status_code == 202
    after = api.show("clusters", cluster["id"])
    assert after["node_groups"][1]["flavor_id"] == "2"
    refused(api.ask("DELETE", path), "INVALID_REFERENCE")


def test_a_node_group_template_stays_with_the_plugin_of_those_who_use_it(api):
    group = api.make("node-group-templates")["id"]
    path = f"/node-group-templates/{group}"
    change = {"plugin_name": "other", "plugin_version": "0.1"}
    by_template = {"name": "w", "count": 1, "node_group_template_id": group}
    template = api.make("cluster-templates", node_groups=[by_template])["id"]
    refused(api.ask("PATCH", path, change), "INVALID_REFERENCE", "cluster template")
    refused(
        api.ask("PATCH", f"/cluster-templates/{template}", change),
        "INVALID_REFERENCE",
        f"Node group template {group}",
    )
    assert api.show("cluster-templates", template)["plugin_name"] == "fake"
    api.ask("DELETE", f"/cluster-templates/{template}")
    answer = api.ask("PATCH", path, change)
    assert answer.json["node_group_template"]["plugin_name"] == "other"


@pytest.mark.parametrize("noun", ["node-group-templates", "cluster-templates"])
def test_another_plugin_needs_its_version(api, noun):
    path = f"/{noun}/{api.make(noun)['id']}"
    refused(api.ask("PATCH", path, {"plugin_name": "other"}), "INVALID_REFERENCE")


def test_a_group_s_template_must_be_for_the_same_plugin(api):
    group = api.make("node-group-templates", plugin_name="other")["id"]
    by_template = {"name": "w", "count": 1, "node_group_template_id": group}
    for noun in ("clusters", "cluster-templates"):
        body = api._default(noun) | {"node_groups": [nouns.HEAD, by_template]}
        refused(api.ask("POST", f"/{noun}", body), "INVALID_REFERENCE", group)


@pytest.mark.parametrize(
    "labels",
    [{"plugin_labels": OFF}, {"version_labels": {"0.1": OFF}}],
    ids=["plugin", "version"],
)
def test_a_disabled_plugin_makes_no_cluster_resizes_none_and_runs_no_job(api, labels):
    cluster = api.make("clusters")["id"]
    template = api.make("job-templates")["id"]
    api.settle()
    disable(api, **labels)
    body = api._default("clusters")
    refused(api.ask("POST", "/clusters", body), "INVALID_REFERENCE", "disabled")
    more = {"resize_node_groups": [{"name": "worker", "count": 3}]}
    resize = api.ask("PUT", f"/clusters/{cluster}", more)
    refused(resize, "INVALID_REFERENCE", "disabled")
    job = {"job_template_id": template, "cluster_id": cluster}
    refused(api.ask("POST", "/jobs", job), "INVALID_REFERENCE", "disabled")
    assert api.ask("GET", "/plugins").json["plugins"][0]["name"] == "fake"
    api.make("node-group-templates")
    api.make("cluster-templates")
    assert api.ask("DELETE", f"/clusters/{cluster}").status_code == 204


def test_a_resize_adds_groups_of_both_forms(api):
    group = api.make("node-group-templates")["id"]
    id = api.make("clusters")["id"]
    api.settle()
    added = [
        {"name": "a", "count": 1, "node_group_template_id": group},
        {**nouns.WORKER, "name": "b"},
    ]
    answer = api.ask("PUT", f"/clusters/{id}", {"add_node_groups": added})
    assert answer.status_code == 202
    assert answer.json["cluster"]["status"] == "Validating"
    api.settle()
    counts = {
        g["name"]: len(g["instances"]) for g in api.show("clusters", id)["node_groups"]
    }
    assert counts == {"head": 1, "worker": 2, "a": 1, "b": 2}


def test_a_resize_that_the_plugin_refuses_leaves_the_cluster_as_it_was(api):
    id = api.make("clusters")["id"]
    api.settle()
    before = api.show("clusters", id)
    more = {"resize_node_groups": [{"name": "head", "count": 0}]}
    refused(api.ask("PUT", f"/clusters/{id}", more), "INVALID_COMPONENT_COUNT")
    twice = {**nouns.HEAD, "name": "head2"}
    swapped = {
        "resize_node_groups": [{"name": "head", "count": 0}],
        "add_node_groups": [twice],
    }
    answer = api.ask("PUT", f"/clusters/{id}", swapped)
    refused(answer, "NODE_GROUP_CANNOT_BE_SCALED")
    assert api.show("clusters", id) == before


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"verification": {"status": "STOP"}}, "VALIDATION_ERROR"),
        ({"verification": {}}, "VALIDATION_ERROR"),
        ({"verification": None}, "VALIDATION_ERROR"),
        ({"verification": {"status": "START"}, "is_public": True}, "INVALID_DATA"),
        ({"update_keypair": True}, "INVALID_REFERENCE"),
        ({"shares": None}, "VALIDATION_ERROR"),
        ({"name": None}, "VALIDATION_ERROR"),
        ({"status": "Active"}, "VALIDATION_ERROR"),
        ({"node_groups": []}, "VALIDATION_ERROR"),
        ({"user_keypair_id": "key"}, "VALIDATION_ERROR"),
    ],
    ids=str,
)
def test_what_of_a_cluster_does_not_change_so(api, body, name):
    id = api.make("clusters")["id"]
    api.settle()
    refused(api.ask("PATCH", f"/clusters/{id}", body), name)


def test_the_key_pair_is_read_again_for_every_node(api):
    id = api.make("clusters", user_keypair_id="key")["id"]
    refused(
        api.ask("PATCH", f"/clusters/{id}", {"update_keypair": True}),
        "INVALID_REFERENCE",
        "Active",
    )
    api.settle()
    both = {"update_keypair": True, "name": "renamed", "is_public": True}
    cluster = api.ask("PATCH", f"/clusters/{id}", both).json["cluster"]
    assert cluster["name"] == "renamed"
    assert cluster["is_public"]
    api.settle()
    assert api.show("clusters", id)["status"] == "Active"


@pytest.mark.parametrize("count", [1, 3, 10, 100])
def test_several_clusters_are_numbered_from_one(api, count):
    body = api._default("clusters") | {
        "name": "x",
        "count": count,
        "node_groups": [nouns.HEAD],
    }
    made = [
        one["cluster"] for one in api.ask("POST", "/clusters", body).json["clusters"]
    ]
    digits = len(str(count))
    assert [one["name"] for one in made] == [
        f"x-{n:0{digits}}" for n in range(1, count + 1)
    ]
    assert len({one["id"] for one in made}) == count
    assert {one["status"] for one in made} == {"Validating"}


def test_every_step_of_an_active_cluster_was_successful(api):
    id = api.make("clusters")["id"]
    api.settle()
    answer = api.ask("GET", f"/clusters/{id}?show_progress=true").json["cluster"]
    assert answer["provision_progress"]
    for step in answer["provision_progress"]:
        assert step["successful"] is True, step
        assert len(step["events"]) >= 1
        assert all(event["successful"] for event in step["events"])
        assert step["step_type"].startswith(("Engine: ", "Plugin: "))


def test_a_verification_is_there_once_there_was_one(api):
    id = api.make("clusters")["id"]
    assert "verification" not in api.show("clusters", id)
    assert "verification" not in api.list_("clusters")[0][0]
    api.settle()
    verification = api.show("clusters", id)["verification"]
    assert verification["status"] == "GREEN"
    assert {check["status"] for check in verification["checks"]} == {"GREEN"}
    api.world.plugin.sick.append("It is ill.")
    start = {"verification": {"status": "START"}}
    begun = api.ask("PATCH", f"/clusters/{id}", start).json["cluster"]
    assert begun["verification"]["status"] == "CHECKING"
    api.settle()
    assert api.show("clusters", id)["verification"]["status"] == "RED"


def test_a_deleted_cluster_s_jobs_are_killed_and_lose_it(api):
    main = api.upload()["id"]
    template = api.make("job-templates", mains=[main])["id"]
    cluster = api.make("clusters")["id"]
    job = api.make("jobs", job_template_id=template, cluster_id=cluster)["id"]
    assert api.ask("DELETE", f"/clusters/{cluster}").status_code == 204
    assert api.show("clusters", cluster)["status"] == "Deleting"
    api.settle()
    assert api.ask("GET", f"/clusters/{cluster}").status_code == 404
    after = api.show("jobs", job)
    assert after["info"]["status"] == "KILLED"
    assert after["cluster_id"] is None
    assert after["end_time"] is not None
