# SPDX-License-Identifier: Apache-2.0
"""Lists: pages, order, filters, and who sees what."""

import contextlib
import itertools

import pytest
import sqlalchemy as sa

from sparkaas import exceptions
from sparkaas import model
from sparkaas import states
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


def _page(db, noun=node_group_templates, project="p1", **query):
    return noun.page(db, project, model.Query(**query))


def _names(page):
    return [item.name for item in page.items]


def _fill(db, *names, **fields):
    made = {}
    for name in names:
        template = records.node_group_template(name=name, **fields)
        made[name] = node_group_templates.create(db, template)
    return made


def test_pages_as_recorded_from_sahara(database):
    ids = {n: t.id for n, t in _fill(database, "c1", "pa", "pb", "pc", "pd").items()}
    ids |= {n: t.id for n, t in _fill(database, "pe").items()}
    seen = []
    marker = None
    for _ in range(3):
        page = _page(database, sort_by="name", limit=2, marker=marker)
        seen.append((_names(page), page.prev, page.next))
        marker = page.next
    last = _page(database, sort_by="name", limit=2, marker=ids["pe"])

    assert seen == [
        (["c1", "pa"], None, ids["pa"]),
        (["pb", "pc"], None, ids["pc"]),
        # nothing follows: no next, where Sahara had one
        (["pd", "pe"], ids["pa"], None),
    ]
    assert (_names(last), last.prev, last.next) == ([], ids["pc"], None)


def test_without_limit_all_and_no_markers(database):
    made = _fill(database, "a", "b", "c")

    page = _page(database, sort_by="name")
    rest = _page(database, sort_by="name", marker=made["a"].id)

    assert (_names(page), page.prev, page.next) == (["a", "b", "c"], None, None)
    assert (_names(rest), rest.prev, rest.next) == (["b", "c"], None, None)


def test_a_limit_that_fits_exactly_has_no_next(database):
    _fill(database, "a", "b")

    assert _page(database, limit=2).next is None


def _walk(db, noun, limit, **query):
    """All items, page by page forward; then checks the way back."""
    items, starts, marker = [], [], None
    while True:
        page = _page(db, noun, limit=limit, marker=marker, **query)
        items += page.items
        starts.append(marker)
        if len(starts) > 2:
            assert page.prev == starts[-2]
        else:
            assert page.prev is None
        if page.next is None:
            return items
        marker = page.next


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("sort_by", ["plugin_name", "description", "updated_at", "id"])
def test_equal_and_missing_keys_lose_no_row(database, sort_by, limit, descending):
    for number in range(7):
        node_group_templates.create(
            database,
            records.node_group_template(
                plugin_name="ab"[number % 2],
                description=[None, "x", "y"][number % 3],
                updated_at=[None, NOW, after(0.000001)][number % 3],
            ),
        )

    walked = _walk(
        database, node_group_templates, limit, sort_by=sort_by, descending=descending
    )

    def key(item):
        value = getattr(item, sort_by)
        return (value is not None, value if value is not None else 0, item.id)

    assert walked == sorted(walked, key=key, reverse=descending)
    assert len({item.id for item in walked}) == 7


@pytest.mark.parametrize(
    "marker", ["no such id", "00000000-0000-0000-0000-000000000000"]
)
def test_an_unknown_marker(database, marker):
    with pytest.raises(exceptions.NotFound, match=marker):
        _page(database, marker=marker)


def test_a_marker_that_the_project_may_not_see(database):
    foreign = _fill(database, "a", project_id="p2")["a"]

    with pytest.raises(exceptions.NotFound, match=foreign.id):
        _page(database, marker=foreign.id)


def test_a_marker_that_fits_the_filter_no_more(database):
    made = _fill(database, "a1", "b1", "b2")

    page = _page(
        database, marker=made["a1"].id, filters={"name": "b"}, sort_by="name", limit=5
    )

    assert _names(page) == ["b1", "b2"]


@pytest.mark.parametrize(
    "query",
    [
        {"sort_by": "node_configs"},
        {"sort_by": "no_such"},
        {"sort_by": "lease_epoch"},
        {"filters": {"no_such": "x"}},
        {"filters": {"node_configs": "x"}},
        {"filters": {"created_at": "x"}},
        {"filters": {"volumes_per_node": "many"}},
        {"limit": 0},
        {"limit": -1},
    ],
)
def test_what_cannot_be_asked(database, query):
    with pytest.raises(exceptions.InvalidRequest):
        _page(database, **query)


def test_secret_references_cannot_be_probed(database):
    for noun in (data_sources, job_binaries, jobs):
        with pytest.raises(exceptions.InvalidQuery):
            _page(database, noun, filters={"secret_ref": "a"})
    with pytest.raises(exceptions.InvalidQuery):
        _page(database, jobs, filters={"idempotency_key": "a"})


def test_own_rows_and_public_ones(database):
    _fill(database, "own", "own-public")
    _fill(database, "foreign", project_id="p2")
    public = _fill(database, "foreign-public", project_id="p2", is_public=True)

    assert _names(_page(database, sort_by="name")) == [
        "foreign-public",
        "own",
        "own-public",
    ]
    assert len(_page(database, project=None).items) == 4
    for project in ("p1", "p2", None):
        id = public["foreign-public"].id
        assert node_group_templates.get(database, id, project).id == id


def test_get_of_what_the_project_may_not_see(database):
    foreign = _fill(database, "foreign", project_id="p2")["foreign"]

    with pytest.raises(exceptions.NotFound, match=foreign.id):
        node_group_templates.get(database, foreign.id, "p1")
    assert node_group_templates.get(database, foreign.id, "p2") == foreign


NAMES = ("100%", "100x", "a_b", "axb", "back\\slash", "s/l", "Grün", "it's", "x[a]*.")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("%", ["100%"]),
        ("100%", ["100%"]),
        ("_", ["a_b"]),
        ("\\", ["back\\slash"]),
        ("k\\s", ["back\\slash"]),
        ("/", ["s/l"]),
        ("GR", ["Grün"]),
        ("rü", ["Grün"]),
        ("'", ["it's"]),
        ("[a]", ["x[a]*."]),
        (".*", []),
        ("*.", ["x[a]*."]),
        ("x", ["100x", "axb", "x[a]*."]),
        ("", sorted(NAMES)),
        ("no", []),
    ],
)
def test_text_filters_take_every_character_as_it_is(database, typed, found):
    for name in NAMES:
        source = records.data_source(name=name, url=f"hdfs://h/{name}")
        data_sources.create(database, source)

    by_name = _page(database, data_sources, filters={"name": typed})

    assert sorted(_names(by_name)) == found


def test_text_without_limit_of_length_is_searched_too(database):
    data_sources.create(database, records.data_source(name="a", url="x" * 70000 + "%"))
    data_sources.create(database, records.data_source(name="b", url="x" * 70000))

    assert _names(_page(database, data_sources, filters={"url": "x%"})) == ["a"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"is_public": "true"}, ["a"]),
        ({"is_public": "True"}, ["a"]),
        ({"is_public": "false"}, ["b"]),
        ({"is_public": "1"}, ["b"]),
        ({"volumes_per_node": "1"}, ["a"]),
        ({"volumes_per_node": "11"}, ["b"]),
        ({"volumes_per_node": "99999999999999999999"}, []),
        ({"plugin_name": "spark", "volumes_per_node": "11"}, ["b"]),
        ({"plugin_name": "other", "volumes_per_node": "11"}, []),
        ({"plugin_version": "4.1"}, ["a", "b"]),
        ({"image_id": "i"}, []),
        ({"image_id": "i1"}, ["a"]),
    ],
)
def test_flags_numbers_and_references_match_whole(database, filters, found):
    _fill(database, "a", is_public=True, volumes_per_node=1, image_id="i1")
    _fill(database, "b", is_public=False, volumes_per_node=11)

    assert _names(_page(database, filters=filters, sort_by="name")) == found


def test_a_type_is_matched_whole(database):
    for type in ("Spark", "PySpark", "SparkSQL"):
        template = records.job_template(name=type, type=type)
        job_templates.create(database, template)

    assert _names(_page(database, job_templates, filters={"type": "spark"})) == [
        "Spark"
    ]


def test_sizes_beyond_32_bits(database):
    internal = records.job_binary_internal(datasize=2**40)
    made = job_binary_internals.create(database, internal)

    assert job_binary_internals.get(database, made.id).datasize == 2**40


def _all_clusters():
    """Every combination that the status depends on."""
    for target, condition, generation, step, active_at in itertools.product(
        states.Target,
        states.Condition,
        (3, 4),
        (*states.STEP_WORDS, "drop_record", "dropx", "of_a_later_version"),
        (None, NOW),
    ):
        yield records.cluster(
            target=target,
            condition=condition,
            generation=generation,
            observed_generation=3,
            step=step,
            active_at=active_at,
        )


def test_cluster_status_is_that_of_the_function(database):
    made = [clusters.create(database, record) for record in _all_clusters()]
    expected = {record.id: states.cluster_status(record) for record in made}

    words = set(expected.values())
    found = {
        item.id: word
        for word in words
        for item in _page(database, clusters, filters={"status": word.lower()}).items
    }
    ordered = _page(database, clusters, sort_by="status").items

    assert len(words) > 8
    assert found == expected
    keys = [(expected[item.id], item.id) for item in ordered]
    assert keys == sorted(keys)
    assert len(_walk(database, clusters, 50, sort_by="status")) == len(made)


def _job_template(db, name="t"):
    return job_templates.create(db, records.job_template(name=name))


def test_job_status_is_that_of_the_function(database):
    template = _job_template(database)
    made = [
        jobs.create(
            database,
            records.job(
                job_template_id=template.id,
                target=target,
                outcome=outcome,
                start_time=start_time,
                step=step,
            ),
        )
        for target, outcome, start_time, step in itertools.product(
            states.JobTarget,
            (None, *sorted(states.JOB_TERMINAL)),
            (None, NOW),
            (None, "stage", "submit", "watch", "collect"),
        )
    ]
    expected = {record.id: states.job_status(record) for record in made}

    found = {
        item.id: word
        for word in states.JobStatus
        for item in _page(database, jobs, filters={"status": word.lower()}).items
    }
    ordered = _page(database, jobs, sort_by="status").items

    assert found == expected
    keys = [(expected[item.id], item.id) for item in ordered]
    assert keys == sorted(keys)


def test_jobs_by_the_names_of_template_and_cluster(database):
    templates = {name: _job_template(database, name) for name in ("ta", "tb")}
    owners = {
        name: clusters.create(database, records.cluster(name=name))
        for name in ("ca", "cb")
    }
    made = {}
    for label, template, cluster in (
        ("1", "ta", "cb"),
        ("2", "tb", "ca"),
        ("3", "ta", None),
    ):
        made[label] = jobs.create(
            database,
            records.job(
                name=template,
                job_template_id=templates[template].id,
                cluster_id=owners[cluster].id if cluster else None,
                start_time=after(-int(label)),
            ),
        ).id
    labels = {id: label for label, id in made.items()}

    def found(**query):
        return "".join(labels[i.id] for i in _page(database, jobs, **query).items)

    assert found(filters={"cluster.name": "a"}) == "2"
    assert sorted(found(filters={"job.name": "ta"})) == ["1", "3"]
    assert found(filters={"id": made["2"]}) == "2"
    assert found(filters={"id": made["2"][:8]}) == ""
    assert found(sort_by="cluster") == "321"
    assert found(sort_by="cluster", descending=True) == "123"
    assert found(sort_by="start_time") == "321"
    assert found(sort_by="job_template")[-1] == "2"
    assert found(sort_by="cluster", limit=1, marker=made["3"]) == "2"
    for key in ("id", "end_time", "created_at"):
        assert sorted(found(sort_by=key)) == ["1", "2", "3"]


@contextlib.contextmanager
def _statements(db):
    seen = []

    def note(connection, cursor, statement, *more):
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def test_a_list_of_clusters_takes_a_constant_number_of_statements(database):
    counts = []
    for more in (1, 9, 90):
        for _ in range(more):
            clusters.create(
                database,
                records.cluster(
                    node_groups=(records.node_group(), records.node_group()),
                    instances=(records.instance(), records.instance()),
                ),
            )
        with _statements(database) as seen:
            page = _page(database, clusters)
        assert all(len(one.node_groups) == 2 for one in page.items)
        assert all(len(one.instances) == 2 for one in page.items)
        counts.append((len(page.items), len(seen)))

    # clusters, node groups, instances, verifications
    assert counts == [(1, 4), (10, 4), (100, 4)]


def test_a_page_with_a_marker_takes_two_more(database):
    made = [clusters.create(database, records.cluster()) for _ in range(5)]
    marker = sorted(made, key=lambda one: one.id)[1].id

    with _statements(database) as seen:
        _page(database, clusters, marker=marker, limit=2)

    assert len(seen) == 6
