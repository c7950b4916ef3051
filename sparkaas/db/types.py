# SPDX-License-Identifier: Apache-2.0
"""Column types: a row's attributes have exactly the types of a record's fields.

The same on SQLite, MariaDB, MySQL and PostgreSQL. JSON is kept as text: what
the databases call JSON differs in each, and no query looks at its structure.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
from typing import Any
from typing import Generic
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

E = TypeVar("E", bound=enum.StrEnum)
R = TypeVar("R")

#: Text of any length: MySQL's TEXT would end at 64 KiB.
LONG_TEXT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
_DATETIME = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


class UtcDateTime(sa.types.TypeDecorator[datetime.datetime]):
    """A timezone-aware UTC time, to the microsecond."""

    impl = _DATETIME
    cache_ok = True

    def process_bind_param(
        self, value: datetime.datetime | None, dialect: sa.Dialect
    ) -> datetime.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone")
        return value.astimezone(datetime.UTC).replace(tzinfo=None)

    def process_result_value(
        self, value: datetime.datetime | None, dialect: sa.Dialect
    ) -> datetime.datetime | None:
        return None if value is None else value.replace(tzinfo=datetime.UTC)


class Json(sa.types.TypeDecorator[Any]):
    """Anything that JSON can say; None is NULL."""

    impl = LONG_TEXT
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else json.dumps(value, default=dict)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        return None if value is None else json.loads(value)


class Tuple(sa.types.TypeDecorator[tuple[Any, ...]]):
    """A tuple of what JSON can say; None is NULL."""

    impl = LONG_TEXT
    cache_ok = True

    def process_bind_param(
        self, value: tuple[Any, ...] | None, dialect: sa.Dialect
    ) -> str | None:
        return None if value is None else json.dumps(list(value), default=dict)

    def process_result_value(
        self, value: str | None, dialect: sa.Dialect
    ) -> tuple[Any, ...] | None:
        return None if value is None else tuple(json.loads(value))


class Structure(sa.types.TypeDecorator[R], Generic[R]):
    """A flat dataclass of ``model``; a field that this version of the service does
    not know (any more) is left out when read."""

    impl = LONG_TEXT
    cache_ok = True

    def __init__(self, cls: type[R]) -> None:
        super().__init__()
        self.cls = cls

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else json.dumps(dataclasses.asdict(value))

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> R | None:
        if value is None:
            return None
        known = {field.name for field in dataclasses.fields(self.cls)}  # type: ignore[arg-type]
        return self.cls(**{k: v for k, v in json.loads(value).items() if k in known})


class Word(sa.types.TypeDecorator[E], Generic[E]):
    """One of an enumeration's words, kept as text."""

    impl = sa.String(32)
    cache_ok = True

    def __init__(self, cls: type[E]) -> None:
        super().__init__()
        self.cls = cls

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else str(self.cls(value))

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> E | None:
        return None if value is None else self.cls(value)
