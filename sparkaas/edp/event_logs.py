# SPDX-License-Identifier: Apache-2.0
"""The event log of a job's application, in the job's own directory.

One compressed file, so that it can be copied by offset; Spark calls it by the id of the
application, and adds ``.inprogress`` until that ends in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping

from sparkaas import interfaces
from sparkaas.edp import base
from sparkaas.edp import drivers

_PREFIX = "spark.eventLog."
_SUFFIX = ".zstd"
_IN_PROGRESS = ".inprogress"
_DEADLINE = 30.0
#: Prints size and name of what is in a directory.
_LIST = """\
import os, sys
for each in os.scandir(sys.argv[1]):
    print(each.stat(follow_symlinks=False).st_size, each.name)
"""


def properties(directory: str, chosen: Iterable[str]) -> Mapping[str, str]:
    """What makes a driver write it; nothing when a user of the cluster has ``chosen``
    something about event logs already (names of properties)."""
    if any(name.startswith(_PREFIX) for name in chosen):
        return {}
    return {
        f"{_PREFIX}enabled": "true",
        f"{_PREFIX}dir": f"file:{drivers.file(directory, '')}",
        f"{_PREFIX}rolling.enabled": "false",
        f"{_PREFIX}compress": "true",
        f"{_PREFIX}compression.codec": "zstd",
    }


def find(
    remote: interfaces.Remote, directory: str, keep: str = ""
) -> base.EventLog | None:
    """The log that a driver left; ``keep`` is the directory where the node wants it.
    A driver that made several applications has the largest."""
    place = drivers.file(directory, "")
    done = remote.run((remote.python, "-I", "-c", _LIST, place), deadline=_DEADLINE)
    if done.exit_code != 0:
        return None
    lines = done.stdout.decode(errors="replace").splitlines()
    found = [parse(line, directory, keep) for line in lines]
    return max(filter(None, found), key=lambda log: log.size, default=None)


def parse(line: str, directory: str, keep: str = "") -> base.EventLog | None:
    """The log that a line of the list names, if it does."""
    size, _, name = line.partition(" ")
    final = name.removesuffix(_IN_PROGRESS)
    if not final.endswith(_SUFFIX):
        return None
    return base.EventLog(
        name=drivers.file("", name).removeprefix("/"),
        size=int(size),
        complete=name == final,
        then=f"{keep}/{name}" if keep else "",
    )
