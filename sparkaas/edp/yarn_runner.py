# SPDX-License-Identifier: Apache-2.0
"""Follows a YARN application to its end; copied to a node and run there.

``yarn_runner.py run|kill SETTINGS``, standard library only. ``SETTINGS`` is a JSON
file:

``manager``  the resource manager's web address
``tag``      what every application of the job is tagged with
``submit``   argv of the program that starts the application, or with ``printed`` of one
             that prints that argv, each word followed by NUL
``follow``   ``output``: the job is the application, and its output that of the
             application master; ``end``: the job is the application, and has no
             output of its own; empty: the job is the program
``kill``     argv that applications' ids are added to, to kill them
``logs``     argv that the ids of an application and a container are added to, for
             their complete logs once the application has ended

``run`` ends as the job does; SIGTERM kills the job's applications first.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import types
import urllib.parse
import urllib.request
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

LOOK_SECONDS = 0.5
#: An application is known as soon as it was submitted; this is for a busy machine.
APPEAR_SECONDS = 20.0
#: Logs are gathered in seconds; then they are what is there.
GATHER_SECONDS = 60.0
#: A resource manager that is away comes back, or its cluster goes.
AWAY_SECONDS = 600.0
_HTTP_SECONDS = 10.0
_CHUNK = 1024 * 1024
_ENDED = frozenset({"FINISHED", "FAILED", "KILLED"})
_GATHERED = frozenset({"SUCCEEDED", "FAILED", "TIME_OUT", "DISABLED"})
_STREAMS = {"stdout": 1, "stderr": 2}
_CONTAINER = re.compile(r"https?://([^/]+)/node/containerlogs/(container_\w+)")
_EXIT = re.compile(r"exited with status (\d+)|[Ee]xit ?[Cc]ode: (\d+)")
_HEAD = re.compile(rb"LogType:(\S+)\n(?:[^\n]*\n)?LogLength:(\d+)\nLogContents:\n")

App = dict[str, Any]


class Asked:
    """Whether the job was asked to end."""

    def __init__(self) -> None:
        self.to_end = False

    def __call__(self, number: int, frame: types.FrameType | None) -> None:
        """As a handler of SIGTERM, which reaches the program that was started, too."""
        self.to_end = True


def get(url: str) -> bytes:
    """The body of a GET; raises ``OSError``, as for an answer that is none."""
    request = urllib.request.Request(  # noqa: S310 - the cluster's own addresses
        url, headers={"Accept": "application/json, */*"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=_HTTP_SECONDS) as answer:
        body: bytes = answer.read()
        return body


def write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def applications(settings: dict[str, Any]) -> list[App]:
    """All of the job's, the first one first. Raises ``OSError``."""
    tag = urllib.parse.quote(settings["tag"])
    url = f"{settings['manager']}/ws/v1/cluster/apps?applicationTags={tag}"
    try:
        found = (json.loads(get(url)).get("apps") or {}).get("app") or []
    except ValueError as error:
        raise OSError(f"{url} does not answer as YARN does") from error
    return sorted(found, key=lambda app: str(app["id"]))


def exit_code(app: App) -> int:
    """What an ended application says of its end, as a program's exit code."""
    if app["state"] == "KILLED" or app["finalStatus"] == "KILLED":
        return 143
    if app["finalStatus"] == "SUCCEEDED":
        return 0
    match = _EXIT.search(str(app.get("diagnostics")))
    code = int(match[1] or match[2]) if match else 1
    return code if 0 < code < 256 else 1


def sections(log: bytes | mmap.mmap) -> Iterator[tuple[str, int, int]]:
    """(name, begin, end) of each file in what YARN shows of a container's logs."""
    at = 0
    while match := _HEAD.search(log, at):
        at = match.end() + int(match[2])
        yield match[1].decode(), match.end(), at


class Output:
    """Copies an application master's streams to this program's own, each byte once."""

    def __init__(
        self,
        settings: dict[str, Any],
        fetch: Callable[[str], bytes] = get,
        put: Callable[[int, bytes], None] = write,
    ) -> None:
        self._settings = settings
        self._fetch = fetch
        self._put = put
        self._container = ""
        self._node = ""
        self._done = dict.fromkeys(_STREAMS, 0)

    def look(self, app: App) -> None:
        """Copy what is new, as far as the node tells; it may not, now or any more."""
        match = _CONTAINER.match(str(app.get("amContainerLogs") or ""))
        if match is None:
            return
        node, container = match.groups()
        if container != self._container:
            # Another attempt: its output follows that of the one before.
            self._node, self._container = node, container
            self._done = dict.fromkeys(_STREAMS, 0)
        try:
            self._copy()
        except (OSError, ValueError, LookupError):
            return

    def finish(self, app: App) -> None:
        """Copy the rest from what YARN gathered of the ended application's logs."""
        if not self._container:
            return
        deadline = time.monotonic() + GATHER_SECONDS
        while app.get("logAggregationStatus") not in _GATHERED:
            if time.monotonic() > deadline:
                break
            time.sleep(LOOK_SECONDS)
            app = next(
                (one for one in patient(self._settings) if one["id"] == app["id"]), app
            )
        ids = ("-applicationId", app["id"], "-containerId", self._container)
        with tempfile.TemporaryFile(dir=self._settings["directory"]) as log:
            argv = [*self._settings["logs"], *ids]
            subprocess.run(argv, stdout=log, stderr=subprocess.DEVNULL, check=False)  # noqa: S603
            if os.fstat(log.fileno()).st_size:
                with mmap.mmap(log.fileno(), 0, access=mmap.ACCESS_READ) as data:
                    self._copy_gathered(data)

    def _copy_gathered(self, log: mmap.mmap) -> None:
        for name, begin, end in sections(log):
            if name in _STREAMS:
                for at in range(begin + self._done[name], end, _CHUNK):
                    self._write(name, log[at : min(at + _CHUNK, end)])

    def _copy(self) -> None:
        url = f"http://{self._node}/ws/v1/node/containers/{self._container}/logs"
        told = json.loads(self._fetch(url))["containerLogsInfo"]["containerLogInfo"]
        for entry in told:
            name, size = entry["fileName"], int(entry["fileSize"])
            if name in _STREAMS and size > self._done[name]:
                self._copy_one(f"{url}/{name}", name, size - self._done[name])

    def _copy_one(self, url: str, name: str, wanted: int) -> None:
        body = self._fetch(f"{url}?size=-{wanted}")
        match = _HEAD.search(body)
        if match is None:
            return
        length = int(match[2])
        # The end of the file as it is now: it may have grown since it was measured.
        begin = length - min(wanted, length)
        part = body[match.end() : match.end() + length - begin]
        if begin <= self._done[name]:
            self._write(name, part[self._done[name] - begin :])
        else:
            self._copy_one(url, name, length - self._done[name])

    def _write(self, name: str, data: bytes) -> None:
        self._put(_STREAMS[name], data)
        self._done[name] += len(data)


def patient(settings: dict[str, Any]) -> list[App]:
    """As ``applications``, from a resource manager that may be away for a while."""
    deadline = time.monotonic() + AWAY_SECONDS
    while True:
        try:
            return applications(settings)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_SECONDS)


def appeared(settings: dict[str, Any], seconds: float) -> App | None:
    """The job's application; None when there is none within so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := patient(settings)):
        if time.monotonic() > deadline:
            return None
        time.sleep(LOOK_SECONDS)
    return found[0]


def follow(
    settings: dict[str, Any], app: App, output: Output | None, asked: Asked
) -> int:
    """See an application to its end, with its output; its exit code."""
    killed = False
    while app["state"] not in _ENDED:
        if output is not None:
            output.look(app)
        if asked.to_end and not killed:
            killed = kill(settings)
        time.sleep(LOOK_SECONDS)
        found = [one for one in patient(settings) if one["id"] == app["id"]]
        if not found:
            write(2, f"YARN has forgotten application {app['id']}\n".encode())
            return 1
        app = found[0]
    if output is not None:
        output.finish(app)
    code = exit_code(app)
    if code and app.get("diagnostics"):
        write(2, f"{app['id']}: {str(app['diagnostics']).strip()}\n".encode())
    return code


def kill(settings: dict[str, Any]) -> bool:
    """Have every application of the job end, none is fine; whether that was done."""
    try:
        found = applications(settings)
    except OSError:
        return False
    ids = [app["id"] for app in found if app["state"] not in _ENDED]
    if not ids:
        return True
    done = subprocess.run(  # noqa: S603 - argv, no shell
        [*settings["kill"], *ids],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


def words(settings: dict[str, Any]) -> list[bytes]:
    """The argv of the program that starts the application."""
    if not settings["printed"]:
        return [os.fsencode(word) for word in settings["submit"]]
    printed = subprocess.run(  # noqa: S603 - argv, no shell
        settings["submit"], stdout=subprocess.PIPE, check=True
    ).stdout
    said, found, rest = printed.partition(b"\0\n")
    write(2, said)
    if not found:
        raise subprocess.CalledProcessError(1, settings["submit"])
    return rest.split(b"\0")[:-1]


def run(settings: dict[str, Any], asked: Asked) -> int:
    """Start the job's program and see the job to its end; its exit code."""
    quiet = settings["follow"] == "output"
    with tempfile.TemporaryFile(dir=settings["directory"]) as said:
        try:
            argv = words(settings)
        except subprocess.CalledProcessError as error:
            return max(error.returncode, 1)
        stream = said if quiet else None
        code = subprocess.run(  # noqa: S603 - argv, no shell
            argv, stdout=stream, stderr=stream, check=False
        ).returncode
        if asked.to_end and not settings["follow"]:
            kill(settings)
        if not settings["follow"]:
            return code if code >= 0 else 128 - code
        app = appeared(settings, APPEAR_SECONDS if code == 0 else 0)
        if app is None:
            said.seek(0)
            write(2, said.read())
            return code if code > 0 else 1
    return follow(settings, app, Output(settings) if quiet else None, asked)


def main(argv: list[str]) -> int:
    verb, path = argv
    with open(path, encoding="utf-8") as file:
        settings = json.load(file)
    settings["directory"] = os.path.dirname(path)
    if verb == "kill":
        return 0 if kill(settings) else 1
    asked = Asked()
    signal.signal(signal.SIGTERM, asked)
    return run(settings, asked)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
