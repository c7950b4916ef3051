# SPDX-License-Identifier: Apache-2.0
"""The field tables of API 2.0: what each noun takes, lets change, and shows.

A row is ``name: marks``. Marks: ``R`` required and ``O`` optional on create, ``U``
accepted on update, ``n`` null is accepted on input, ``out`` shown in every answer.
Every answer of the stories is held against the same schemas.
"""

import pytest

from sparkaas.api import routes
from sparkaas.api import validation

NODE = {
    "flavor_id": "R U out",
    "node_processes": "R U out",
    "image_id": "O U n out",
    "node_configs": "O U n out",
    "volumes_per_node": "O U out",
    "volumes_size": "O U n out",
    "volume_type": "O U n out",
    "volumes_availability_zone": "O U n out",
    "volume_mount_prefix": "O U n out",
    "volume_local_to_instance": "O U n out",
    "floating_ip_pool": "O U n out",
    "security_groups": "O U n out",
    "auto_security_group": "O U n out",
    "availability_zone": "O U n out",
    "is_proxy_gateway": "O U n out",
    "shares": "O U out",
    "use_autoconfig": "O U n out",
    "boot_from_volume": "O U out",
    "boot_volume_type": "O U out",
    "boot_volume_availability_zone": "O U out",
    "boot_volume_local_to_instance": "O U out",
}
OWN = dict.fromkeys(("id", "project_id", "created_at", "updated_at"), "out")
ACCESS = dict.fromkeys(("is_public", "is_protected"), "O U n out")
PLUGIN = {"plugin_name": "R U out", "plugin_version": "R U out"}
TEMPLATE = {
    **OWN,
    **ACCESS,
    **PLUGIN,
    "name": "R U out",
    "description": "O U n out",
    "node_groups": "O U n out",
    "cluster_configs": "O U n out",
    "default_image_id": "O U n out",
    "anti_affinity": "O U n out",
    "neutron_management_network": "O U n out",
    "shares": "O U out",
    "use_autoconfig": "O U n out",
    "domain_name": "O U n out",
    "is_default": "out",
}
CLUSTER = {
    key: marks
    if key in {"name", "description", "shares", *ACCESS}
    else marks.replace("U ", "")
    for key, marks in TEMPLATE.items()
    if key != "is_default"
} | {
    "cluster_template_id": "O out",
    "user_keypair_id": "O out",
    "is_transient": "O out",
    "count": "O",
    "update_keypair": "U",
    "verification": "U",
    **dict.fromkeys(
        (
            "status",
            "status_description",
            "info",
            "trust_id",
            "management_public_key",
            "anti_affinity_ratio",
            "provision_progress",
        ),
        "out",
    ),
}
TABLES = {
    "node-group-templates": {
        **OWN,
        **ACCESS,
        **PLUGIN,
        **NODE,
        "name": "R U out",
        "description": "O U n out",
        "is_default": "out",
    },
    "cluster-templates": TEMPLATE,
    "clusters": CLUSTER,
    "data-sources": {
        **OWN,
        **ACCESS,
        "name": "R U out",
        "description": "O U out",
        "type": "R U out",
        "url": "R U out",
        "credentials": "O U",
    },
    "job-binaries": {
        **OWN,
        **ACCESS,
        "name": "R U out",
        "description": "O U out",
        "url": "R U out",
        "extra": "O U",
    },
    "job-templates": {
        **OWN,
        **ACCESS,
        "name": "R U out",
        "type": "R out",
        "description": "O U out",
        "mains": "O out",
        "libs": "O out",
        "streaming": "O",
        "interface": "O n out",
    },
    "jobs": {
        **OWN,
        **ACCESS,
        "job_template_id": "R out",
        "cluster_id": "R out",
        "input_id": "O out",
        "output_id": "O out",
        "interface": "O",
        "job_configs": "O out",
        "info": "U out",
        **dict.fromkeys(
            (
                "engine_job_id",
                "return_code",
                "start_time",
                "end_time",
                "data_source_urls",
            ),
            "out",
        ),
    },
}
#: Shown only when there is something to show.
SOMETIMES = {"clusters": {"verification"}}
#: Null is accepted on update, and not on create.
NULL_LATER = {("job-templates", "description")}

each_noun = pytest.mark.parametrize("noun", sorted(TABLES))


def route(method, path):
    (found,) = (
        r
        for r in routes.ROUTES
        if (r.method, r.path, r.min_version) == (method, path, (2, 0))
    )
    return found


def marked(noun, *marks):
    return {
        name for name, given in TABLES[noun].items() if set(marks) & set(given.split())
    }


def shown(noun, method, path):
    answer = route(method, path).answer
    answer = answer.get("then", answer)
    (wrapped,) = (s for key, s in answer["properties"].items() if key != "markers")
    return wrapped.get("items", wrapped)


@each_noun
def test_create_takes_what_the_table_says(noun):
    body = route("POST", f"/{noun}").body
    assert set(body["properties"]) == marked(noun, "R", "O")
    assert set(body["required"]) == marked(noun, "R")


@each_noun
def test_update_takes_what_the_table_says(noun):
    body = route("PATCH", f"/{noun}/{{id}}").body
    assert set(body["properties"]) == marked(noun, "U")
    assert body.get("required", []) == []


@each_noun
def test_answers_show_what_the_table_says(noun):
    for method, path in (
        ("GET", f"/{noun}"),
        ("POST", f"/{noun}"),
        ("GET", f"/{noun}/{{id}}"),
        ("PATCH", f"/{noun}/{{id}}"),
    ):
        schema = shown(noun, method, path)
        sometimes = SOMETIMES.get(noun, set())
        assert set(schema["required"]) == marked(noun, "out")
        assert set(schema["properties"]) == marked(noun, "out") | sometimes
        assert schema["additionalProperties"] is False


@each_noun
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_null_is_taken_where_the_table_says(noun, method):
    path = f"/{noun}" if method == "POST" else f"/{noun}/{{id}}"
    properties = route(method, path).body["properties"]
    taken = {
        name
        for name, schema in properties.items()
        if not validation.failures(validation.compile(schema), None)
    }
    later = {name for where, name in NULL_LATER if where == noun}
    wanted = marked(noun, "n") & set(properties)
    assert taken == wanted | (later if method == "PATCH" else set())


def test_a_node_group_shows_what_the_table_says():
    for noun, more in (("cluster-templates", set()), ("clusters", {"instances"})):
        groups = shown(noun, "GET", f"/{noun}/{{id}}")["properties"]["node_groups"]
        assert set(groups["items"]["required"]) == {
            "id",
            "name",
            "count",
            *NODE,
            "node_group_template_id",
            "created_at",
            "updated_at",
            *more,
        }


def test_parts_of_a_cluster_show_what_the_tables_say():
    cluster = shown("clusters", "GET", "/clusters/{id}")["properties"]
    group = cluster["node_groups"]["items"]["properties"]
    step = cluster["provision_progress"]["items"]
    stamps = {"id", "created_at", "updated_at"}
    assert set(group["instances"]["items"]["required"]) == stamps | {
        "instance_id",
        "instance_name",
        "internal_ip",
        "management_ip",
        "dns_hostname",
        "storage_devices_number",
    }
    assert set(step["required"]) == stamps | {
        "cluster_id",
        "project_id",
        "step_name",
        "step_type",
        "total",
        "successful",
    }
    assert set(step["properties"]["events"]["items"]["required"]) == stamps | {
        "step_id",
        "node_group_id",
        "instance_id",
        "instance_name",
        "event_info",
        "successful",
    }
    verification = cluster["verification"]
    assert set(verification["required"]) == stamps | {"cluster_id", "status", "checks"}
    assert set(verification["properties"]["checks"]["items"]["required"]) == stamps | {
        "verification_id",
        "name",
        "status",
        "description",
    }


def test_an_image_shows_what_the_table_says():
    assert set(shown("images", "GET", "/images/{id}")["required"]) == {
        "id",
        "name",
        "username",
        "description",
        "tags",
        "status",
        "created",
        "updated",
        "metadata",
        "minDisk",
        "minRam",
        "progress",
        "OS-EXT-IMG-SIZE:size",
    }


def test_a_plugin_shows_what_the_table_says():
    plugin = {
        "name",
        "title",
        "description",
        "versions",
        "plugin_labels",
        "version_labels",
    }
    detail = {"node_processes", "required_image_tags", "configs"}
    assert set(shown("plugins", "GET", "/plugins")["required"]) == plugin
    assert set(shown("plugins", "GET", "/plugins/{name}")["required"]) == plugin
    version = shown("plugins", "GET", "/plugins/{name}/{version}")
    assert set(version["required"]) == plugin | detail
    assert set(version["properties"]["configs"]["items"]["required"]) == {
        "name",
        "description",
        "config_type",
        "config_values",
        "default_value",
        "applicable_target",
        "scope",
        "is_optional",
        "priority",
    }
    changed = shown("plugins", "PATCH", "/plugins/{name}")
    assert set(changed["required"]) == plugin | {"tenant_id"}


def test_an_argument_takes_and_shows_what_the_table_says():
    taken = route("POST", "/job-templates").body["properties"]["interface"]["items"]
    given = {
        "name",
        "mapping_type",
        "location",
        "required",
        "value_type",
        "default",
        "description",
    }
    assert set(taken["properties"]) == given
    assert set(taken["required"]) == given - {"value_type", "default", "description"}
    template = shown("job-templates", "GET", "/job-templates/{id}")["properties"]
    assert set(template["interface"]["items"]["required"]) == given | {
        "id",
        "order",
        "job_id",
        "tenant_id",
        "created_at",
        "updated_at",
    }


def objects(schema):
    """All schemas of objects within a schema that name their properties."""
    if isinstance(schema, list):
        for one in schema:
            yield from objects(one)
    elif isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for one in schema.values():
            yield from objects(one)


@pytest.mark.parametrize(
    "route",
    [r for r in routes.ROUTES if r.body is not None],
    ids=lambda r: f"{r.method} {r.path} {r.min_version}",
)
def test_every_body_is_closed_on_every_level(route):
    for schema in objects(route.body):
        assert schema.get("additionalProperties") is False
