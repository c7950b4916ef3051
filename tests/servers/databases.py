# SPDX-License-Identifier: Apache-2.0
"""What the database servers have in common: a fresh database for whoever asks."""

import dataclasses
import itertools

import sqlalchemy as sa

from tests.servers import process

_numbers = itertools.count(1)


@dataclasses.dataclass(frozen=True)
class Server:
    """A running database server; ``url`` is that of its administrator. ``process`` can
    be stopped and started again."""

    url: sa.URL
    process: process.Process

    def create(self) -> str:
        """Make an empty database; its URL."""
        name = f"sparkaas_{next(_numbers)}"
        engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(sa.text(f"CREATE DATABASE {name}"))
        finally:
            engine.dispose()
        return self.url.set(database=name).render_as_string(hide_password=False)


def answers(url: sa.URL) -> bool:
    """Whether one can log in."""
    engine = sa.create_engine(url)
    try:
        engine.connect().close()
    except sa.exc.DBAPIError:
        return False
    finally:
        engine.dispose()
    return True
