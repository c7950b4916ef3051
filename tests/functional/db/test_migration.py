# SPDX-License-Identifier: Apache-2.0
"""The migrations make exactly the tables that the models describe."""

import subprocess
import sys
from concurrent import futures

from alembic import autogenerate
from alembic.runtime import migration as alembic_migration

from sparkaas.db import migration
from sparkaas.db import models


def _differences(db):
    with db.engine.connect() as connection:
        context = alembic_migration.MigrationContext.configure(
            connection,
            opts={"compare_type": True, "target_metadata": models.Base.metadata},
        )
        return autogenerate.compare_metadata(context, models.Base.metadata)


def test_models_equal_migrations(empty):
    migration.upgrade(empty)

    assert _differences(empty) == []


def test_a_missing_column_is_noticed(empty):
    migration.upgrade(empty)
    with empty.writer() as transaction:
        transaction.connection().exec_driver_sql("ALTER TABLE jobs DROP COLUMN type")

    assert len(_differences(empty)) == 1


def test_version_goes_from_none_to_head(empty):
    assert migration.version(empty) is None

    migration.upgrade(empty)

    assert migration.version(empty) == migration.head()


def test_upgrade_again_changes_nothing(empty):
    migration.upgrade(empty)

    migration.upgrade(empty)

    assert migration.version(empty) == migration.head()


def test_two_processes_upgrade_at_once(empty):
    url = empty.engine.url.render_as_string(hide_password=False)
    program = (
        "import sys; from sparkaas.db import migration, session;"
        "migration.upgrade(session.Database(sys.argv[1]))"
    )

    both = [
        subprocess.Popen([sys.executable, "-c", program, url], stderr=subprocess.PIPE)
        for _ in range(2)
    ]

    errors = [process.communicate(timeout=120)[1].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    assert _differences(empty) == []


def test_two_threads_upgrade_at_once(empty):
    with futures.ThreadPoolExecutor() as threads:
        both = [threads.submit(migration.upgrade, empty) for _ in range(2)]

    assert [one.result() for one in both] == [None, None]
    assert _differences(empty) == []
