# SPDX-License-Identifier: Apache-2.0
"""Transactions: what is committed, who waits for whom, where the database is."""

import datetime
import pathlib
import stat
import threading
from concurrent import futures

import pytest
import sqlalchemy as sa
from oslo_config import cfg
from oslo_db import exception as db_exceptions

from sparkaas import conf as service_conf
from sparkaas import exceptions
from sparkaas.db import clusters
from sparkaas.db import job_templates
from sparkaas.db import jobs
from sparkaas.db import leases
from sparkaas.db import migration
from sparkaas.db import session
from tests.functional.db import records
from tests.functional.db.records import NOW
from tests.functional.db.records import after

_COUNT = sa.text("SELECT count(*) FROM clusters")


def test_an_exception_rolls_back(database):
    made = clusters.create(database, records.cluster())

    def fail():
        with database.writer() as transaction:
            transaction.execute(sa.text("DELETE FROM clusters"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert clusters.get(database, made.id) == made


def test_a_reader_writes_nothing(database):
    clusters.create(database, records.cluster())

    with database.reader() as transaction:
        transaction.execute(sa.text("DELETE FROM clusters"))

    with database.reader() as transaction:
        assert transaction.scalar(_COUNT) == 1


def test_times_keep_their_microseconds_and_become_utc(database):
    zone = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    moment = datetime.datetime(2026, 1, 1, 2, 0, 0, 1, tzinfo=zone)

    made = clusters.create(database, records.cluster(active_at=moment))

    found = clusters.get(database, made.id).active_at
    assert found == moment
    assert found.tzinfo is datetime.UTC


def test_a_time_without_a_zone_is_refused(database):
    naive = datetime.datetime(2026, 1, 1)  # noqa: DTZ001

    with pytest.raises(db_exceptions.DBError, match="time zone"):
        clusters.create(database, records.cluster(active_at=naive))


def test_writers_that_read_first_do_not_deadlock(database):
    """Read, then write, in one transaction, from many threads."""
    template = job_templates.create(database, records.job_template())
    made = clusters.create(database, records.cluster())
    start = threading.Barrier(6)

    def act(number):
        start.wait(30)
        for _ in range(10):
            clusters.update(database, made.id, description=str(number))
            jobs.create(
                database,
                records.job(job_template_id=template.id, cluster_id=made.id),
            )

    with futures.ThreadPoolExecutor(6) as threads:
        list(threads.map(act, range(6)))

    assert len(jobs.unfinished_of_cluster(database, made.id)) == 60


def test_a_deadlock_is_tried_again(database):
    """Two transactions lock two rows in opposite order: the server ends one of
    them, and ``retried`` repeats it."""
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite's writers queue from their beginning")
    ids = [clusters.create(database, records.cluster()).id for _ in range(2)]
    both_hold_one = threading.Barrier(2)
    tries = []

    @session.retried
    def cross(first, second):
        tries.append(first)
        touch = sa.text("UPDATE clusters SET attempts = attempts + 1 WHERE id = :id")
        with database.writer() as transaction:
            transaction.execute(touch, {"id": first})
            if len(tries) <= 2:
                both_hold_one.wait(30)
            transaction.execute(touch, {"id": second})

    with futures.ThreadPoolExecutor(2) as threads:
        done = [threads.submit(cross, *pair) for pair in (ids, ids[::-1])]
        for one in done:
            one.result()

    assert len(tries) == 3
    assert [clusters.get(database, id).attempts for id in ids] == [2, 2]


@pytest.fixture
def two(tmp_path):
    """Two processes' view of one SQLite file."""
    url = f"sqlite:///{tmp_path}/db.sqlite"
    pair = session.Database(url), session.Database(url)
    migration.upgrade(pair[0])
    yield pair
    for db in pair:
        db.dispose()


def test_sqlite_processes_wait_for_each_other(two):
    made = clusters.create(two[0], records.cluster())
    start = threading.Barrier(4)

    def act(number):
        db = two[number % 2]
        start.wait(30)
        for _ in range(25):
            clusters.set_intent(db, made.id, NOW)
            # reads before it writes: without the lock from the start, SQLite would
            # refuse a transaction whose snapshot has grown old
            clusters.update(db, made.id, description=str(number))

    with futures.ThreadPoolExecutor(4) as threads:
        list(threads.map(act, range(4)))

    assert clusters.get(two[0], made.id).generation == 101


def test_sqlite_claims_from_two_processes(two):
    for number in range(60):
        clusters.create(two[0], records.cluster(next_run_at=after(-number)))
    start = threading.Barrier(4)

    def drain(number):
        db = two[number % 2]
        start.wait(30)
        mine = []
        while claimed := leases.claim(
            db, "cluster", owner=f"w{number}", now=NOW, seconds=60
        ):
            mine.append(claimed[1].id)
        return mine

    with futures.ThreadPoolExecutor(4) as threads:
        claimed = [id for mine in threads.map(drain, range(4)) for id in mine]

    assert len(claimed) == len(set(claimed)) == 60


def test_sqlite_reader_does_not_wait_for_a_writer(two):
    with two[0].writer() as writing:
        writing.execute(sa.text("DELETE FROM clusters"))
        with two[1].reader() as reading:
            assert reading.scalar(_COUNT) == 0


def test_sqlite_settings(two):
    with two[0].reader() as transaction:
        found = {
            name: transaction.scalar(sa.text(f"PRAGMA {name}"))
            for name in ("journal_mode", "foreign_keys", "synchronous")
        }

    assert found == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1}


def test_memory_is_a_file_that_goes(tmp_path):
    db = session.Database("sqlite://")
    migration.upgrade(db)
    path = pathlib.Path(db.engine.url.database)
    assert path.exists()

    db.dispose()

    assert not path.parent.exists()


@pytest.fixture
def conf(tmp_path):
    made = cfg.ConfigOpts()
    service_conf.register_opts(made)
    made([], default_config_files=[], default_config_dirs=[])
    made.set_override("state_path", str(tmp_path / "state"), "service")
    return made


def test_the_default_is_in_the_state_directory(conf, tmp_path):
    db = session.connect(conf)
    try:
        migration.upgrade(db)
    finally:
        db.dispose()

    assert (tmp_path / "state" / "sparkaas.sqlite").exists()
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_the_configured_database_comes_first(conf, tmp_path):
    session.connect(conf).dispose()
    conf.set_override("connection", f"sqlite:///{tmp_path}/other", "database")

    db = session.connect(conf)

    assert db.engine.url.database == f"{tmp_path}/other"
    db.dispose()


def test_options_reach_the_engine(conf, tmp_path):
    session.connect(conf).dispose()
    conf.set_override("sqlite_synchronous", False, "database")

    db = session.connect(conf)
    try:
        with db.reader() as transaction:
            assert transaction.scalar(sa.text("PRAGMA synchronous")) == 0
    finally:
        db.dispose()


def test_a_full_disk_is_told_as_what_it_is(tmp_path):
    database = session.Database(f"sqlite:///{tmp_path}/db.sqlite")

    def fill():
        with database.writer() as transaction:
            transaction.execute(sa.text("CREATE TABLE t (x BLOB)"))
            transaction.execute(sa.text("PRAGMA max_page_count = 1"))
            transaction.execute(sa.text("INSERT INTO t VALUES (zeroblob(1000000))"))

    try:
        with pytest.raises(exceptions.Transient, match=r"db\.sqlite is full") as caught:
            fill()
    finally:
        database.dispose()
    assert caught.value.code == "DISK_FULL"
    assert caught.value.hint


def test_other_failures_of_the_database_stay_what_they_are(tmp_path):
    database = session.Database(f"sqlite:///{tmp_path}/db.sqlite")

    def fail():
        with database.reader() as transaction:
            transaction.execute(sa.text("SELECT * FROM nowhere"))

    try:
        with pytest.raises(db_exceptions.DBNonExistentTable):
            fail()
    finally:
        database.dispose()
