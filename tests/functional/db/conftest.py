# SPDX-License-Identifier: Apache-2.0
"""The fixture ``database``: each test runs on every kind of database."""

import pytest

from sparkaas.db import migration
from sparkaas.db import models
from sparkaas.db import session

KINDS = (
    "sqlite",
    pytest.param("mariadb", marks=pytest.mark.slow),
    pytest.param("postgresql", marks=pytest.mark.slow),
)


@pytest.fixture(params=KINDS, scope="session")
def _migrated(request):
    if request.param == "sqlite":
        db = session.Database("sqlite://")
    else:
        db = session.Database(request.getfixturevalue(request.param).create())
    migration.upgrade(db)
    yield db
    db.dispose()


@pytest.fixture
def database(_migrated):
    """A database at the newest version, without rows."""
    with _migrated.writer() as transaction:
        for table in reversed(models.Base.metadata.sorted_tables):
            transaction.execute(table.delete())
    return _migrated


@pytest.fixture(params=KINDS)
def empty(request):
    """A database without a schema."""
    if request.param == "sqlite":
        db = session.Database("sqlite://")
    else:
        db = session.Database(request.getfixturevalue(request.param).create())
    yield db
    db.dispose()
