# SPDX-License-Identifier: Apache-2.0
"""Asks an HDFS for fewer replicas of the files that have many; runs on a node.

``lower_replicas.py NAMENODE MOST SECONDS AFTER``, standard library only: the namenode's
HOST:PORT for HTTP, the most replicas that a file may have, how long to work, and the
path that was looked at last, as JSON ("": none was). Prints JSON: ``after``, from which
a next one goes on ("": all were looked at), and ``lowered``, the number of files.
Hadoop's own command would start a JVM, begin with the first file each time, and raise
what has fewer replicas.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import pwd
import sys
import time
import urllib.parse
from collections.abc import Iterator
from typing import Any

_TIMEOUT = 5.0
#: Of a path that is gone meanwhile, or that cannot be said in a URL.
_PASSED_OVER = (400, 404)
#: HDFS has directories of up to 1000 levels; each is three frames at the most.
_FRAMES = 4000


class Namenode:
    """One connection to a namenode, as the user that it runs as: nothing is closed to
    that one."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address, timeout=_TIMEOUT)
        self._user = pwd.getpwuid(os.getuid()).pw_name

    def close(self) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, **words: str) -> dict[str, Any]:
        """Its answer, empty for a path that is gone; raises ``OSError``."""
        query = urllib.parse.urlencode({"user.name": self._user, **words})
        url = f"/webhdfs/v1{urllib.parse.quote(path)}?{query}"
        self._connection.request(method, url, headers={"X-XSRF-HEADER": "sparkaas"})
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status in _PASSED_OVER:
            return {}
        if answer.status != 200:
            raise OSError(f"{answer.status}: {body[:200].decode(errors='replace')}")
        found: dict[str, Any] = json.loads(body)
        return found

    def page(self, directory: str, after: str) -> tuple[list[dict[str, Any]], bool]:
        """What is in a directory, in the order of names, from ``after`` on; and
        whether there is more."""
        found = self.ask("GET", directory, op="LISTSTATUS_BATCH", startAfter=after)
        if not found:
            return [], False
        listing = found["DirectoryListing"]
        entries = listing["partialListing"]["FileStatuses"]["FileStatus"]
        # A file says that it has itself, without a name.
        named = [entry for entry in entries if entry["pathSuffix"]]
        return named, bool(named) and listing["remainingEntries"] > 0

    def lower(self, path: str, most: int) -> None:
        """Ask for that many replicas of a file."""
        self.ask("PUT", path, op="SETREPLICATION", replication=str(most))


def walk(
    namenode: Namenode, directory: str, done: list[str]
) -> Iterator[tuple[str, int]]:
    """Path and replicas (a directory has none) of all that is below a directory, each
    directory after what it holds. ``done`` are the names, from here on, that lead to
    what was looked at last."""
    after, below = (done[0], done[1:]) if done else ("", [])
    if below:
        yield from walk(namenode, f"{directory}{after}/", below)
    more = True
    while more:
        entries, more = namenode.page(directory, after)
        for entry in entries:
            after = entry["pathSuffix"]
            if entry["type"] == "DIRECTORY":
                yield from walk(namenode, f"{directory}{after}/", [])
            yield f"{directory}{after}", entry["replication"]


def lower(
    namenode: Namenode, most: int, seconds: float, after: str
) -> dict[str, str | int]:
    """Do so for as long as that; what is to be printed."""
    end = time.monotonic() + seconds
    done = [name for name in after.split("/") if name]
    lowered = 0
    for path, replicas in walk(namenode, "/", done):
        if replicas > most:
            namenode.lower(path, most)
            lowered += 1
        if time.monotonic() >= end:
            return {"after": path, "lowered": lowered}
    return {"after": "", "lowered": lowered}


def main(address: str, most: str, seconds: str, after: str) -> None:
    sys.setrecursionlimit(_FRAMES)
    namenode = Namenode(address)
    with contextlib.closing(namenode):
        told = lower(namenode, int(most), float(seconds), json.loads(after))
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
