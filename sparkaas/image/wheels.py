# SPDX-License-Identifier: Apache-2.0
"""A tree of wheels, of which an image's Python environment with JupyterLab is made.

pip fetches them, for the image's Python and not for that which runs here. The versions
are those of ``notebook/constraints.txt``; the tree lists the checksums of what was got.
"""

from __future__ import annotations

import os
import pathlib
import re
import sys
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence

from sparkaas.image import fetching
from sparkaas.image import jars
from sparkaas.image import running

#: The environment's release, as nodes ask for it.
VERSION = "4"
#: Debian 12 has just this one, and what wants a later patch release is not for it.
PYTHON = "3.11.2"
#: pip installs the others, and itself.
ROOTS = ("jupyterlab", "ipykernel", "pip")
CONSTRAINTS = pathlib.Path(__file__).with_name("notebook") / "constraints.txt"

_SECONDS = 1800.0
_PYTHON = re.compile(r"3\.\d{1,2}\.\d{1,2}")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\[\],<>=!~-]*")


def make(
    target: pathlib.Path,
    python: str,
    also: Sequence[str],
    say: Callable[[str], None],
) -> None:
    """Make ``target`` a tree of wheels for the Python of that release, with the
    packages ``also`` wanted: wholly or not at all. Another such tree gives way, any
    other directory is refused. Raises ``running.Failure``."""
    if not _PYTHON.fullmatch(python):
        raise running.Failure(f"{python!r} is no version of Python such as {PYTHON}.")
    for each in also:
        if not _REQUIREMENT.fullmatch(each):
            raise running.Failure(f"{each!r} is no package of Python.")
    with jars.anew(target) as new:
        log = running.Log(target.with_name(f"{target.name}.log"))
        log.run(
            _pip(new / jars.LIB, python, also),
            seconds=_SECONDS,
            # Where the index is, and how it is reached, is the user's.
            environment=dict(os.environ),
        )
        log.path.unlink()
        found = sorted((new / jars.LIB).iterdir())
        (new / jars.SUMS).write_text(_sums(found))
    say(f"{target}: {len(found)} wheels for Python {python}")


def check(tree: pathlib.Path) -> None:
    """Raise ``running.Failure`` unless ``make`` made that tree and it is whole."""
    if not jars.is_tree(tree):
        raise running.Failure(
            f"{tree} is no tree of wheels. One is made by: sparkaas-image notebook "
            f"{tree}"
        )
    jars.check(tree, tree)


def _pip(lib: pathlib.Path, python: str, also: Sequence[str]) -> list[running.Word]:
    wheels = ("--only-binary=:all:", f"--python-version={python}")
    pip = (sys.executable, "-m", "pip", "download", "-q", *wheels)
    return [*pip, "-c", CONSTRAINTS, "-d", lib, *ROOTS, *also]


def _sums(files: Iterable[pathlib.Path]) -> str:
    lines = (f"{fetching.digest(each)}  {jars.LIB}/{each.name}\n" for each in files)
    return "".join(lines)
