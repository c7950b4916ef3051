# SPDX-License-Identifier: Apache-2.0
"""What all nouns do alike, and what each does of its own."""

import dataclasses

import pytest

from sparkaas import exceptions
from sparkaas import model
from sparkaas import states
from sparkaas.db import cluster_templates
from sparkaas.db import clusters
from sparkaas.db import data_sources
from sparkaas.db import job_binaries
from sparkaas.db import job_binary_internals
from sparkaas.db import job_templates
from sparkaas.db import jobs
from sparkaas.db import node_group_templates
from tests.functional.db import records
from tests.functional.db.records import NOW
from tests.functional.db.records import after

NOUNS = {
    "node_group_template": node_group_templates,
    "cluster_template": cluster_templates,
    "cluster": clusters,
    "data_source": data_sources,
    "job_binary": job_binaries,
    "job_binary_internal": job_binary_internals,
    "job_template": job_templates,
}
TAKEN = {
    "node_group_template": exceptions.NameAlreadyExists,
    "cluster_template": exceptions.NameAlreadyExists,
    "cluster": exceptions.NameAlreadyExists,
    "data_source": exceptions.NameAlreadyExists,
    "job_binary": exceptions.DuplicateEntry,
    "job_binary_internal": exceptions.DuplicateEntry,
    "job_template": exceptions.DuplicateEntry,
}


@pytest.fixture(params=NOUNS)
def noun(request):
    return request.param


def _create(db, noun, **fields):
    record = getattr(records, noun)(**fields)
    return NOUNS[noun].create(db, record)


def test_what_is_created_is_what_is_got(database, noun):
    text = "Füße \U0001f600 'quotes\" \\ % ; --"
    made = _create(database, noun, description=text, is_public=True)

    assert made.created_at == NOW
    assert made.updated_at is None
    assert made.description == text
    assert NOUNS[noun].get(database, made.id) == made
    assert NOUNS[noun].page(database, "p1", model.Query()).items == (made,)


def test_created_at_is_filled(database, noun):
    made = _create(database, noun, created_at=None)

    assert made.created_at.tzinfo is not None
    assert NOUNS[noun].get(database, made.id) == made


def test_a_taken_name(database, noun):
    _create(database, noun, name="same")

    with pytest.raises(TAKEN[noun], match="same"):
        _create(database, noun, name="same")
    _create(database, noun, name="same", project_id="p2")
    _create(database, noun, name="Same")


def test_a_rename_to_a_taken_name(database, noun):
    _create(database, noun, name="same")
    other = _create(database, noun, name="other")

    with pytest.raises(exceptions.DuplicateEntry, match="same"):
        NOUNS[noun].update(database, other.id, name="same")
    assert NOUNS[noun].get(database, other.id) == other


def test_update(database, noun):
    made = _create(database, noun)

    changed = NOUNS[noun].update(
        database, made.id, name="new", is_protected=True, updated_at=after(5)
    )

    assert changed == dataclasses.replace(
        made, name="new", is_protected=True, updated_at=after(5)
    )
    assert NOUNS[noun].get(database, made.id) == changed


def test_update_sets_updated_at(database, noun):
    made = _create(database, noun)

    assert NOUNS[noun].update(database, made.id, name="new").updated_at is not None


def test_update_of_what_is_fixed(database, noun):
    made = _create(database, noun)

    for fixed in ({"id": "x"}, {"project_id": "x"}, {"no_such": 1}):
        with pytest.raises(TypeError):
            NOUNS[noun].update(database, made.id, **fixed)


def test_what_is_not_there(database, noun):
    id = records.new_id()

    with pytest.raises(exceptions.NotFound, match=id):
        NOUNS[noun].get(database, id)
    with pytest.raises(exceptions.NotFound, match=id):
        NOUNS[noun].update(database, id, name="x")
    with pytest.raises(exceptions.NotFound, match=id):
        NOUNS[noun].delete(database, id)


def test_delete(database, noun):
    made = _create(database, noun)

    NOUNS[noun].delete(database, made.id)

    with pytest.raises(exceptions.NotFound):
        NOUNS[noun].get(database, made.id)


def _filled(cls, **fixed):
    """A record in which no field has its default."""
    values = {}
    for field in dataclasses.fields(cls):
        samples = {
            "str": f"a {field.name}",
            "str | None": f"b {field.name}",
            "bool": field.default is not True,
            "int": 7,
            "Configs": {"Spark": {"a": 1, "b": "x", "c": True}},
            "tuple[str, ...]": ("x", "y"),
            "tuple[str, ...] | None": ("x",),
            "tuple[Mapping[str, Any], ...] | None": ({"id": "s", "path": None},),
        }
        if field.type in samples:
            values[field.name] = samples[field.type]
    return cls(**{**values, "id": records.new_id(), "created_at": NOW, **fixed})


def test_every_field_of_a_node_group_template(database):
    record = _filled(model.NodeGroupTemplate)

    assert node_group_templates.create(database, record) == record
    assert node_group_templates.get(database, record.id) == record


def _templated_groups(db):
    template = node_group_templates.create(db, records.node_group_template())
    return tuple(
        _filled(
            model.NodeGroup,
            node_group_template_id=template.id,
            indices=(0, 3),
            flavor=model.Flavor(id="f", name="f", vcpus=1, ram_mb=2, disk_gb=3),
            name=name,
        )
        for name in ("b", "a", "c")
    )


def test_every_field_of_a_cluster_template(database):
    record = _filled(model.ClusterTemplate, node_groups=_templated_groups(database))

    assert cluster_templates.create(database, record) == record
    assert cluster_templates.get(database, record.id) == record


def test_every_field_of_a_cluster(database):
    template = cluster_templates.create(database, records.cluster_template())
    record = _filled(
        model.Cluster,
        node_groups=_templated_groups(database),
        cluster_template_id=template.id,
        next_run_at=NOW,
    )

    assert clusters.create(database, record) == record
    assert clusters.get(database, record.id) == record


def test_every_field_of_a_job_template(database):
    binaries = [
        job_binaries.create(database, records.job_binary()).id for _ in range(4)
    ]
    arguments = tuple(
        _filled(model.Argument, name=name, order=order)
        for order, name in enumerate(("b", "a"))
    )
    record = _filled(
        model.JobTemplate,
        mains=(binaries[2], binaries[0]),
        libs=(binaries[3], binaries[1]),
        interface=arguments,
    )

    assert job_templates.create(database, record) == record
    assert job_templates.get(database, record.id) == record
    assert job_templates.page(database, None, model.Query()).items == (record,)


def test_every_field_of_a_job(database):
    sources = [data_sources.create(database, records.data_source()) for _ in "io"]
    template = job_templates.create(database, records.job_template())
    record = _filled(
        model.Job,
        cluster_id=clusters.create(database, records.cluster()).id,
        job_template_id=template.id,
        input_id=sources[0].id,
        output_id=sources[1].id,
        job_configs={"configs": {"a": 1}, "args": ["x; rm", "\n", "\u0000", "é"]},
        next_run_at=NOW,
        reason=model.Reason(code="A", sentence="b"),
    )

    assert jobs.create(database, record) == record
    assert jobs.get(database, record.id) == record


def test_node_groups_of_a_cluster_template_are_replaced(database):
    groups = _templated_groups(database)
    made = cluster_templates.create(
        database, records.cluster_template(node_groups=groups)
    )
    kept = dataclasses.replace(groups[2], count=9)
    new = records.node_group(name="new")

    cluster_templates.update(
        database, made.id, node_groups=(new, kept), updated_at=after(3)
    )

    found = cluster_templates.get(database, made.id).node_groups
    assert found == (
        dataclasses.replace(new, created_at=after(3)),
        dataclasses.replace(kept, updated_at=after(3)),
    )


def test_binaries_of_a_job_template_are_replaced(database):
    one, two, three = (
        job_binaries.create(database, records.job_binary()).id for _ in range(3)
    )
    made = job_templates.create(database, records.job_template(mains=(one, two)))

    job_templates.update(database, made.id, mains=(two, one), libs=(three,))

    found = job_templates.get(database, made.id)
    assert (found.mains, found.libs) == ((two, one), (three,))


def test_node_group_templates_in_use(database):
    groups = _templated_groups(database)
    used = groups[0].node_group_template_id
    assert not cluster_templates.using_node_group_template(database, used)
    assert not clusters.using_node_group_template(database, used)

    template = cluster_templates.create(
        database, records.cluster_template(node_groups=groups)
    )
    assert cluster_templates.using_node_group_template(database, used)
    assert cluster_templates.of_node_group_template(database, used) == (template,)
    with pytest.raises(exceptions.InvalidReference):
        node_group_templates.delete(database, used)

    cluster_templates.delete(database, template.id)
    clusters.create(database, records.cluster(node_groups=groups))
    assert clusters.using_node_group_template(database, used)
    with pytest.raises(exceptions.InvalidReference):
        node_group_templates.delete(database, used)


def test_cluster_templates_in_use(database):
    template = cluster_templates.create(database, records.cluster_template())
    assert not clusters.using_template(database, template.id)

    clusters.create(database, records.cluster(cluster_template_id=template.id))

    assert clusters.using_template(database, template.id)
    with pytest.raises(exceptions.InvalidReference):
        cluster_templates.delete(database, template.id)


def test_job_binaries_in_use(database):
    binary = job_binaries.create(database, records.job_binary()).id
    assert not job_templates.using_binary(database, binary)
    template = job_templates.create(database, records.job_template(libs=(binary,)))
    assert job_templates.using_binary(database, binary)
    assert not jobs.pending_with_binary(database, binary)

    job = jobs.create(database, records.job(job_template_id=template.id))
    assert jobs.pending_with_binary(database, binary)
    jobs.delete(database, job.id)
    jobs.create(
        database, records.job(job_template_id=template.id, step="watch", start_time=NOW)
    )
    assert not jobs.pending_with_binary(database, binary)

    with pytest.raises(exceptions.DeletionFailed):
        job_binaries.delete(database, binary)


def test_job_templates_and_data_sources_in_use(database):
    template = job_templates.create(database, records.job_template()).id
    source, sink = (data_sources.create(database, records.data_source()) for _ in "io")
    assert not jobs.using_template(database, template)
    assert not jobs.using_data_source(database, source)

    jobs.create(
        database,
        records.job(
            job_template_id=template,
            input_id=source.id,
            output_id=sink.id,
            step="watch",
            start_time=NOW,
        ),
    )

    assert jobs.using_template(database, template)
    for used in (source, sink):
        assert jobs.using_data_source(database, used)
        assert not jobs.using_data_source(database, used, pending=True)
        with pytest.raises(exceptions.DeletionFailed):
            data_sources.delete(database, used.id)
    with pytest.raises(exceptions.DeletionFailed):
        job_templates.delete(database, template)


@pytest.mark.parametrize("place", ["args", "configs", "urls", "name"])
def test_a_data_source_that_a_job_names_in_its_settings_is_in_use(database, place):
    template = job_templates.create(database, records.job_template()).id
    source, other = (
        data_sources.create(database, records.data_source(name=name))
        for name in ("my_in", "myxin")
    )
    fields = {
        "args": {"job_configs": {"args": [source.id]}},
        "configs": {"job_configs": {"configs": {"a": source.id}}},
        "urls": {"data_source_urls": {source.id: "hdfs://h/p"}},
        "name": {"job_configs": {"args": ["datasource://my_in"]}},
    }[place]
    jobs.create(database, records.job(job_template_id=template, **fields))
    for pending in (True, False):
        assert jobs.using_data_source(database, source, pending=pending)
        assert not jobs.using_data_source(database, other, pending=pending)


def test_a_name_means_the_data_source_of_the_job_s_own_project(database):
    template = job_templates.create(database, records.job_template()).id
    theirs = data_sources.create(
        database, records.data_source(name="in", project_id="p2")
    )
    named = {"args": ["datasource://in"]}
    jobs.create(database, records.job(job_template_id=template, job_configs=named))
    assert not jobs.using_data_source(database, theirs)


def test_references_to_nothing(database):
    nothing = records.new_id()

    with pytest.raises(exceptions.InvalidReference):
        jobs.create(database, records.job(job_template_id=nothing))
    with pytest.raises(exceptions.InvalidReference):
        clusters.create(database, records.cluster(cluster_template_id=nothing))


def test_unfinished_jobs_of_a_cluster(database):
    template = job_templates.create(database, records.job_template()).id
    ours, other = (clusters.create(database, records.cluster()).id for _ in "ab")

    def job(number, cluster_id, **fields):
        record = records.job(
            job_template_id=template,
            cluster_id=cluster_id,
            created_at=after(number),
            **fields,
        )
        return jobs.create(database, record)

    wanted = [job(number, ours) for number in (3, 1, 2)]
    job(0, ours, outcome=states.JobStatus.KILLED)
    job(0, other)

    found = jobs.unfinished_of_cluster(database, ours)

    assert list(found) == [wanted[1], wanted[2], wanted[0]]


@pytest.mark.parametrize("kind", ["cluster", "job"])
def test_an_idempotency_key_is_used_once(database, kind):
    noun = {"cluster": clusters, "job": jobs}[kind]
    fields = {}
    if kind == "job":
        template = job_templates.create(database, records.job_template())
        fields["job_template_id"] = template.id

    def create(**more):
        return noun.create(database, getattr(records, kind)(**fields, **more))

    made = create(idempotency_key="k")
    foreign = create(idempotency_key="k", project_id="p2")
    create()
    create()

    with pytest.raises(exceptions.DuplicateEntry, match="idempotency"):
        create(idempotency_key="k")
    assert noun.by_idempotency_key(database, "p1", "k") == made
    assert noun.by_idempotency_key(database, "p2", "k") == foreign
    assert noun.by_idempotency_key(database, "p1", "l") is None


def test_intent(database):
    made = clusters.create(
        database, records.cluster(node_groups=(records.node_group(),))
    )
    (group,) = made.node_groups
    more = dataclasses.replace(group, count=3, indices=(0, 1, 2))

    changed = clusters.set_intent(
        database,
        made.id,
        after(7),
        expect_generation=1,
        node_groups=(more,),
        force=True,
    )

    assert changed == dataclasses.replace(
        made,
        generation=2,
        next_run_at=after(7),
        updated_at=after(7),
        force=True,
        node_groups=(dataclasses.replace(more, updated_at=after(7)),),
    )
    assert clusters.get(database, made.id) == changed


def test_an_intent_on_another_generation_changes_nothing(database):
    made = clusters.create(
        database, records.cluster(node_groups=(records.node_group(),))
    )

    with pytest.raises(exceptions.UpdateFailed, match=made.id):
        clusters.set_intent(
            database, made.id, after(7), expect_generation=2, node_groups=()
        )

    assert clusters.get(database, made.id) == made


def test_an_intent_for_nothing(database):
    id = records.new_id()

    with pytest.raises(exceptions.NotFound, match=id):
        clusters.set_intent(database, id, NOW, target=states.Target.DELETED)


def test_which_are_known_and_which_names_are_taken(database):
    made = clusters.create(database, records.cluster(name="a"))
    clusters.create(database, records.cluster(name="b", project_id="p2"))

    assert clusters.known(database, [made.id, "other"]) == {made.id}
    assert clusters.taken(database, "p1", ["a", "b", "c"]) == {"a"}


def test_several_by_id(database):
    made = [job_binaries.create(database, records.job_binary()) for _ in range(3)]
    wanted = {one.id: one for one in made[:2]}

    found = job_binaries.by_ids(database, [*wanted, records.new_id()])

    assert found == wanted
    assert data_sources.by_ids(database, []) == {}
