#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the commands of doc/source/install/openstack.rst, as one script or those of
some sections: ``tools/install_commands.py [SECTION ...]``."""

import pathlib
import re
import sys
import textwrap
from collections.abc import Iterator
from collections.abc import Sequence

PAGE = pathlib.Path(__file__).parents[1] / "doc/source/install/openstack.rst"

_TITLE = re.compile(r"(?m)^(.+)\n(=+|-+)$")
_BLOCK = re.compile(r"(?m)^\.\. code-block:: bash\n\n((?:   .*\n|\n)+)")


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Each block of commands, with its section's title."""
    titles = [(found.start(), found[1]) for found in _TITLE.finditer(text)]
    for found in _BLOCK.finditer(text):
        title = next(name for at, name in reversed(titles) if at < found.start())
        yield title, textwrap.dedent(found[1]).strip() + "\n"


def script(sections: Sequence[str] = ()) -> str:
    """The blocks of these sections; of all if none is named."""
    found = list(blocks(PAGE.read_text()))
    unknown = set(sections) - {title for title, _ in found}
    if unknown:
        raise SystemExit(f"There is no section {sorted(unknown)}.")
    return "\n".join(
        f"# {title}\n{commands}"
        for title, commands in found
        if not sections or title in sections
    )


if __name__ == "__main__":
    print(script(sys.argv[1:]), end="")
