# SPDX-License-Identifier: Apache-2.0
"""Lists of every noun: what sorts and filters them, and their pages."""

import pytest
import sqlalchemy as sa

from sparkaas.db import models
from tests.functional import nouns

SORTED = {
    "clusters": ("id", "name", "plugin_name", "plugin_version", "status"),
    **dict.fromkeys(
        ("cluster-templates", "node-group-templates"),
        ("id", "name", "plugin_name", "plugin_version", "created_at", "updated_at"),
    ),
    "job-binaries": ("id", "name", "created_at", "updated_at"),
    **dict.fromkeys(
        ("data-sources", "job-templates"),
        ("id", "name", "type", "created_at", "updated_at"),
    ),
    "jobs": (
        "id",
        "job_template",
        "cluster",
        "status",
        "start_time",
        "end_time",
        "created_at",
    ),
}
FILTERS = {
    **dict.fromkeys(
        ("cluster-templates", "node-group-templates"),
        {"plugin_name", "plugin_version", "hadoop_version", "name"},
    ),
    "clusters": {"plugin_name", "plugin_version", "hadoop_version", "name", "status"},
    "data-sources": {"type"},
    "job-binaries": {"name"},
    "job-templates": {"type", "name"},
    "jobs": {"status", "id", "cluster.name", "job.name"},
    "images": {"name", "tags", "username"},
    "job-types": {
        "type",
        "plugin_name",
        "plugin_version",
        "plugin",
        "version",
        "hints",
    },
    "plugins": set(),
}
_ACCESS = {"id", "name", "description", "tenant_id", "is_public", "is_protected"}
_TEMPLATE = {*_ACCESS, "is_default", "use_autoconfig"}
#: What v1.1 filters by besides: the columns.
COLUMNS = {
    "node-group-templates": {
        *_TEMPLATE,
        "flavor_id",
        "image_id",
        "availability_zone",
        "floating_ip_pool",
        "auto_security_group",
        "is_proxy_gateway",
        "volumes_per_node",
        "volumes_size",
        "volume_type",
        "volumes_availability_zone",
        "volume_mount_prefix",
        "volume_local_to_instance",
        "boot_from_volume",
        "boot_volume_type",
        "boot_volume_availability_zone",
        "boot_volume_local_to_instance",
    },
    "cluster-templates": {
        *_TEMPLATE,
        "default_image_id",
        "neutron_management_network",
        "domain_name",
    },
    "clusters": {
        *(_TEMPLATE - {"is_default"}),
        "cluster_template_id",
        "default_image_id",
        "domain_name",
        "is_transient",
        "management_public_key",
        "neutron_management_network",
        "trust_id",
        "user_keypair_id",
    },
    "data-sources": {*_ACCESS, "type", "url"},
    "job-binaries": {*_ACCESS, "url"},
    "job-templates": {*_ACCESS, "type"},
    "jobs": {
        *(_ACCESS - {"name", "description"}),
        "job_id",
        "cluster_id",
        "input_id",
        "output_id",
        "engine_job_id",
        "oozie_job_id",
        "return_code",
    },
}
NOBODY = "99999999-9999-4999-8999-999999999999"
COUNT = 5

each_noun = pytest.mark.parametrize("noun", sorted(SORTED))


@pytest.fixture(scope="module", params=["2.0", "1.1"])
def api(request):
    """A world with five of each noun, some changed, and clusters in several states."""
    with nouns.api(request.param) as made:
        template = made.make("job-templates")
        for number in range(COUNT):
            for noun in SORTED:
                if noun == "jobs":
                    cluster = made.make("clusters")["id"]
                    one = made.make(
                        noun, cluster_id=cluster, job_template_id=template["id"]
                    )
                else:
                    one = made.make(noun)
                if number == 1 and noun != "jobs":
                    made.ask("PATCH", f"/{noun}/{one['id']}", {"name": "zz"})
                if number == 2 and noun in {"jobs", "clusters"}:
                    made.settle()
            made.world.clock.advance(1.5)
        yield made


def sort_key(noun, field):
    """What one object is sorted by, in this world."""

    def key(one):
        if noun == "jobs":
            value = {
                "job_template": "",  # they have all the same
                "cluster": one["cluster_id"],
                "status": one["info"]["status"],
            }.get(field, one.get(field))
        else:
            value = one[field]
        return (value is not None, value or "")

    return key


@each_noun
def test_without_a_key_it_is_sorted_by_id(api, noun):
    found, markers = api.list_(noun)
    assert [one["id"] for one in found] == sorted(one["id"] for one in found)
    assert len(found) >= COUNT
    assert markers is None


@pytest.mark.parametrize(
    ("noun", "field"), [(n, f) for n, fields in SORTED.items() for f in fields]
)
def test_it_is_sorted_up_and_down_by(api, noun, field):
    up, _ = api.list_(noun, f"sort_by={field}")
    down, _ = api.list_(noun, f"sort_by=-{field}")
    # Equal keys follow each other by id, so that pages lose nothing.
    assert [one["id"] for one in down] == [one["id"] for one in reversed(up)]
    if (noun, field) == ("jobs", "cluster"):
        names = {one["id"]: one["name"] for one in api.list_("clusters")[0]}
        keys = [names[one["cluster_id"]] for one in up]
    else:
        keys = [sort_key(noun, field)(one) for one in up]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("noun", "field"), [(n, f) for n, fields in SORTED.items() for f in fields]
)
@pytest.mark.parametrize("sign", ["", "-"])
def test_its_pages_lose_and_repeat_nothing(api, noun, field, sign):
    whole, _ = api.list_(noun, f"sort_by={sign}{field}")
    ids = [one["id"] for one in whole]
    seen, marker = [], ""
    while True:
        page, markers = api.list_(noun, f"sort_by={sign}{field}&limit=2{marker}")
        before = len(seen)
        seen += [one["id"] for one in page]
        if markers["prev"] is not None:
            assert markers["prev"] == ids[before - 3]
        else:
            assert before <= 2
        if markers["next"] is None:
            break
        assert markers["next"] == seen[-1]
        marker = f"&marker={markers['next']}"
    assert seen == ids


@pytest.mark.parametrize(
    "noun", ["clusters", "cluster-templates", "node-group-templates"]
)
def test_the_version_has_its_old_name_too(api, noun):
    new, _ = api.list_(noun, "sort_by=-plugin_version&plugin_version=0.1")
    old, _ = api.list_(noun, "sort_by=-hadoop_version&hadoop_version=0.1")
    assert new == old
    assert len(new) >= COUNT


@each_noun
@pytest.mark.parametrize(
    ("query", "status", "name"),
    [
        ("limit=0", 400, "INVALID_DATA"),
        ("limit=-1", 400, "INVALID_DATA"),
        ("limit=many", 400, "INVALID_DATA"),
        ("limit=", 400, "INVALID_DATA"),
        ("limit=1.5", 400, "INVALID_DATA"),
        ("sort_by=project_id", 400, "INVALID_DATA"),
        ("sort_by=", 400, "INVALID_DATA"),
        ("sort_by=--id", 400, "INVALID_DATA"),
        ("project_id=x", 400, "INVALID_PARAMS_ON_REQUEST"),
        (f"marker={NOBODY}", 404, "NOT_FOUND"),
        (f"marker={NOBODY}&limit=2", 404, "NOT_FOUND"),
    ],
)
def test_a_page_that_cannot_be(api, noun, query, status, name):
    answer = api.ask("GET", f"/{noun}?{query}")
    assert answer.status_code == status
    assert answer.json["error_code"] == status
    assert answer.json["error_name"] == name


@each_noun
def test_another_project_s_object_is_no_marker(api, noun):
    marker = api.list_(noun)[0][0]["id"]
    answer = api.ask("GET", f"/{noun}?marker={marker}", project=nouns.THEIRS)
    assert answer.status_code == 404


@pytest.mark.parametrize("noun", sorted(FILTERS))
def test_it_takes_exactly_these_filters(api, noun):
    pages = {"limit", "marker", "sort_by"} if noun in SORTED else set()
    filters = FILTERS[noun]
    if api.version == "1.1":
        filters = filters | COLUMNS.get(noun, set())
    every = set().union(*FILTERS.values(), *COLUMNS.values(), {"nope", "created_at"})
    for key in sorted(every | {"limit", "marker", "sort_by"}):
        value = {"limit": "1", "sort_by": "id"}.get(key, NOBODY)
        if key in {"volumes_per_node", "volumes_size"}:
            value = "7"
        answer = api.ask("GET", f"/{noun}?{key}={value}")
        if key in filters | pages:
            assert answer.status_code == (404 if key == "marker" else 200), key
        else:
            assert answer.status_code == 400, key
            assert answer.json["error_name"] == "INVALID_PARAMS_ON_REQUEST"


@pytest.mark.parametrize("noun", sorted(n for n, f in FILTERS.items() if "name" in f))
def test_a_name_is_found_by_a_part_of_it(api, noun):
    if noun == "images":
        whole = "fake-image"
        names = [one["name"] for one in api.ask("GET", "/images?name=KE-IM").json[noun]]
    else:
        whole = "zz"
        names = [one["name"] for one in api.list_(noun, "name=Z")[0]]
    assert names == [whole]


@pytest.mark.parametrize("noun", sorted(n for n, f in FILTERS.items() if "name" in f))
@pytest.mark.parametrize("text", ["%25", "_", ".*", "z.", "%5E", "z%7Cn", "[z]", "\\"])
def test_no_character_of_a_filter_is_special(api, noun, text):
    key = "images" if noun == "images" else nouns.KEYS[noun][1]
    answer = api.ask("GET", f"/{noun}?name={text}")
    assert answer.status_code == 200
    assert answer.json[key] == []


def test_clusters_by_their_status(api):
    found, _ = api.list_("clusters", "status=active")
    other, _ = api.list_("clusters", "status=validating")
    assert {one["status"] for one in found} == {"Active"}
    assert {one["status"] for one in other} == {"Validating"}


def test_jobs_by_status_and_by_the_names_of_cluster_and_template(api):
    jobs, _ = api.list_("jobs")
    status = jobs[0]["info"]["status"]
    same = [one["id"] for one in jobs if one["info"]["status"] == status]
    found, _ = api.list_("jobs", f"status={status.lower()}")
    assert [one["id"] for one in found] == same
    cluster = api.show("clusters", jobs[0]["cluster_id"])["name"]
    found, _ = api.list_("jobs", f"cluster.name={cluster.upper()}")
    assert [one["id"] for one in found] == [jobs[0]["id"]]
    template = api.show("job-templates", jobs[0]["job_template_id"])["name"]
    assert len(api.list_("jobs", f"job.name={template}")[0]) == len(jobs)
    assert api.list_("jobs", "job.name=nope")[0] == []
    found, _ = api.list_("jobs", f"id={jobs[-1]['id']}")
    assert found == [jobs[-1]]


def test_a_type_is_matched_as_a_whole(api):
    assert api.list_("data-sources", "type=hdfs")[0]
    assert api.list_("data-sources", "type=hdf")[0] == []
    assert api.list_("job-templates", "type=Spark")[0]
    assert api.list_("job-templates", "type=Spar")[0] == []


def test_there_is_no_default_limit(api):
    other = api.of("cccccccccccccccccccccccccccccccc")
    row = other.make("data-sources")
    with api.world.env.db.writer() as transaction:
        table = models.DataSource.__table__
        (stored,) = transaction.execute(
            sa.select(table).where(table.c.id == row["id"])
        ).mappings()
        copies = [
            {**stored, "id": f"{number:08}-{row['id'][9:]}", "name": f"d{number}"}
            for number in range(2000)
        ]
        transaction.execute(sa.insert(table), copies)
    found, markers = other.list_("data-sources")
    assert len(found) == 2001
    assert markers is None
