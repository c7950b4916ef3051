# SPDX-License-Identifier: Apache-2.0
"""doc/source/user/sahara-compat.rst, out of the tables and of what came of them."""

import pathlib
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from tests.conformance import commands
from tests.conformance import differences
from tests.conformance import environment
from tests.conformance import managers
from tests.conformance import rows

PAGE = environment.ROOT / "doc" / "source" / "user" / "sahara-compat.rst"

#: What saharaclient asked for, by kind and title of a row, and by version.
Outcomes = Mapping[tuple[str, str, str], Sequence[str]]

_HEAD = """\
..
   Written by the tests, from what they saw. To write it again:
   .venv/bin/python -m pytest tests/conformance --write-compat

Sahara's clients
================

python-saharaclient 4.2.0, the last there is, works with sparkaas as it is: its library
and its ``openstack dataprocessing`` commands, with API 1.1 (the clients' default) and
with API 2. The catalog's ``data-processing`` entry may be the service's root
(``http://host:8386``, best), or end in ``/v2`` or in ``/v1.1/%(project_id)s``; each
serves both versions.

Below is every method and every command, as run against the service, with the requests
that the client sent after it had read the versions. The environment that they ran in::

{requirements}

The commands need an openstackclient that still has novaclient below it, which 6.6 has,
and an osc-lib before 4.

*works*
    It did what it should, and so did the service.
*refused*
    An error, and rightly.
*client's defect*
    It fails in the client, whatever the service; it failed with Sahara too.
*--*
    That version of the client does not have it.

"""

_DIFFERENCES = """\
Differences on purpose
----------------------

What was wrong with Sahara, and is otherwise here. All else that its clients can see is
as it was.

"""


def expected() -> set[tuple[str, str, str]]:
    """The keys of complete outcomes."""
    return {
        (type(row).__name__, row.title, version)
        for row in (*managers.METHODS, *commands.COMMANDS)
        for version in row.versions
    }


def page(outcomes: Outcomes) -> str:
    """The page."""
    indented = "\n".join(f"    {each}" for each in environment.REQUIREMENTS)
    return "\n".join(
        [
            _HEAD.format(requirements=indented),
            *_table("The library", "Method", managers.METHODS, outcomes),
            *_table("The commands", "Command", commands.COMMANDS, outcomes),
            _DIFFERENCES + _list_table(("", "Sahara", "sparkaas")),
            *(
                _row((str(each.number), each.sahara, each.here))
                for each in differences.DIFFERENCES
            ),
            "",
        ]
    )


def write(text: str, path: pathlib.Path = PAGE) -> None:
    path.write_text(text, encoding="utf-8")


def _table(
    title: str, kind: str, table: Sequence[rows.Row], outcomes: Outcomes
) -> Iterator[str]:
    yield f"{title}\n{'-' * len(title)}\n"
    yield _list_table((kind, "API 1.1", "API 2"))
    by_title: dict[str, dict[str, rows.Row]] = {}
    for row in table:
        by_title.setdefault(row.title, {}).update(dict.fromkeys(row.versions, row))
    for each, versions in by_title.items():
        cells = [
            _cell(versions[version], outcomes.get((kind, each, version)))
            if version in versions
            else "--"
            for version in rows.BOTH
        ]
        name, _, more = each.partition(" (")
        yield _row((f"``{name}``{' (' if more else ''}{more}", *cells))
    yield ""


def _cell(row: rows.Row, requests: Sequence[str] | None) -> str:
    if requests is None:
        return "FAILS"
    word = "works"
    if isinstance(row.fails, rows.Broken):
        word = f"client's defect: {row.fails.reason}"
    elif row.fails:
        word = f"refused: {row.fails.reason}"
    shown = ", ".join(f"``{_short(each)}``" for each in requests)
    return f"{word} {shown}".strip()


def _short(request: str) -> str:
    """Without the version, which the column's title has."""
    method, _, path = request.partition(" ")
    return f"{method} /{path.split('/', 2)[2]}"


def _list_table(titles: Sequence[str]) -> str:
    return "\n".join([".. list-table::", "   :header-rows: 1", "", _row(titles)])


def _row(cells: Sequence[str]) -> str:
    first, *rest = cells
    return "\n".join(
        [f"   * - {first}".rstrip(), *(f"     - {cell}".rstrip() for cell in rest)]
    )
