# SPDX-License-Identifier: Apache-2.0
"""Starts a driver on a node, once, and keeps its end: copied there and run by itself.

``launcher.py start|look|stop|kill DIRECTORY``, standard library only. In
``DIRECTORY/.launch``:

``plan.json``  what to run: ``argv``, or ``command`` (a program that prints the argv,
               as Spark's launcher does, each word followed by NUL), and ``environment``
``lock``       held by the supervisor for as long as it lives
``pid``        written before the driver's program starts: pid, start time, boot
``exit``       the exit code, negative for a signal; written last, atomically

The driver's output goes into ``DIRECTORY/stdout`` and ``DIRECTORY/stderr``, its
temporary files, if it goes by TMPDIR, into ``DIRECTORY/.tmp``. The driver
leads a session of its own; what is left of that session when the driver has
ended is ended too, so that the output files are complete when ``exit`` appears.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

LINGER_SECONDS = 2.0
TAIL_BYTES = 16384
MARKS = "SPARKAAS_"
#: So much of the 107 bytes of a UNIX socket's path is left to a program's own names.
LONGEST = 72


def path(directory: str, name: str) -> str:
    return os.path.join(directory, ".launch", name)


def read_json(name: str) -> dict[str, Any] | None:
    """The object in a file, or None when there is no such file."""
    try:
        with open(name, encoding="utf-8") as file:
            found: dict[str, Any] = json.load(file)
            return found
    except FileNotFoundError:
        return None


def write_atomically(name: str, text: str) -> None:
    with open(name + ".new", "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(name + ".new", name)


def boot() -> str:
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the process state on; empty when gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def alive(driver: dict[str, Any]) -> bool:
    """Whether the very process that ``pid`` tells of still runs."""
    if driver["boot"] != boot():
        return False
    fields = stat(driver["pid"])
    return bool(fields) and fields[0] != "Z" and fields[19] == driver["started"]


def session(leader: int) -> list[int]:
    """The living processes of a session."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = stat(int(name))
            if fields and fields[3] == str(leader) and fields[0] != "Z":
                found.append(int(name))
    return found


def send(pids: list[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def words(plan: dict[str, Any], environment: dict[str, str]) -> list[bytes]:
    """The driver's argv. Raises ``CalledProcessError`` when ``command`` fails."""
    if "argv" in plan:
        return [os.fsencode(word) for word in plan["argv"]]
    command: list[str] = plan["command"]
    output = subprocess.run(  # noqa: S603 - argv, no shell
        command, env=environment, stdout=subprocess.PIPE, check=True
    ).stdout
    # Lines for a person may come first; NUL and a newline end them.
    said, found, rest = output.partition(b"\0\n")
    os.write(2, said)
    if not found:
        raise subprocess.CalledProcessError(1, command)
    return jars_first(rest.split(b"\0")[:-1], environment)


def jars_first(argv: list[bytes], environment: dict[str, str]) -> list[bytes]:
    """A JVM's argv with Spark's settings behind its jars in the class path: an archive
    of classes, which lets it start in half the time, holds only for a class path that
    begins as it did when the archive was made."""
    settings = os.fsencode(environment.get("SPARK_CONF_DIR", "")).rstrip(b"/")
    if not settings or b"-cp" not in argv:
        return argv
    at = argv.index(b"-cp") + 1
    first, colon, others = argv[at].partition(b":")
    if not colon or first.rstrip(b"/") != settings:
        return argv
    return [*argv[:at], others + colon + first, *argv[at + 1 :]]


def kept() -> dict[str, str]:
    """What a driver inherits: only the marks by which a node's owner finds it."""
    return {name: value for name, value in os.environ.items() if name.startswith(MARKS)}


def temporary(directory: str) -> str:
    """In the child: make the driver's temporary directory, for as long as the driver's
    directory lasts; a name of it that leaves room for that of a socket in it."""
    place = os.path.join(directory, ".tmp")
    os.makedirs(place, 0o700, exist_ok=True)
    if len(os.fsencode(place)) <= LONGEST:
        return place
    handle = os.open(place, os.O_PATH | os.O_DIRECTORY)
    os.set_inheritable(handle, True)
    return f"/proc/{os.getpid()}/fd/{handle}"


def become_driver(directory: str, plan: dict[str, Any], gate: int) -> None:
    """In the child: turn into the driver once ``gate`` says so; never returns."""
    code = 127
    try:
        os.setsid()
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        for number, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(os.path.join(directory, name), flags, 0o600), number)
        os.chdir(directory)
        if os.read(gate, 1) != b"g":  # the supervisor died before it wrote pid
            os._exit(126)
        # Python ignores these two; a driver expects the usual.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        told = {"TMPDIR": temporary(directory)}
        environment: dict[str, str] = told | kept() | plan["environment"]
        argv = words(plan, environment)
        os.execvpe(argv[0], argv, environment)  # noqa: S606 - no shell wanted
    except subprocess.CalledProcessError as error:
        code = error.returncode if error.returncode > 0 else 1
    except OSError as error:
        os.write(2, f"The driver could not be started: {error}\n".encode())
    finally:
        os._exit(code)


def supervise(directory: str, answer: int) -> None:
    """In the detached process: start the driver unless it was, and see it end."""
    lock = os.open(path(directory, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        # Another start is under way: its driver is the driver.
        for _ in range(200):
            if os.path.exists(path(directory, "pid")):
                break
            time.sleep(0.05)
        reply(directory, answer)
        return
    if os.path.exists(path(directory, "pid")):
        reply(directory, answer)
        return
    plan = read_json(path(directory, "plan.json"))
    if plan is None:
        os.write(answer, b'{"error": "there is no plan"}')
        return
    gate, opener = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(opener)
        become_driver(directory, plan, gate)
    os.close(gate)

    def forward(number: int, _frame: object) -> None:
        send(session(child), number)

    signal.signal(signal.SIGTERM, forward)
    driver = {"pid": child, "started": stat(child)[19], "boot": boot()}
    write_atomically(path(directory, "pid"), json.dumps(driver))
    os.write(opener, b"g")
    os.close(opener)
    reply(directory, answer)
    status = os.waitpid(child, 0)[1]
    end_session(child)
    code = os.waitstatus_to_exitcode(status)
    write_atomically(path(directory, "exit"), str(code))


def reply(directory: str, answer: int) -> None:
    """Tell the waiting ``start`` which process the driver is."""
    driver = read_json(path(directory, "pid"))
    os.write(answer, json.dumps(driver or {"error": "no driver started"}).encode())
    os.close(answer)


def end_session(leader: int) -> None:
    """Give what a driver left behind a moment, then kill it."""
    deadline = time.monotonic() + LINGER_SECONDS
    while session(leader) and time.monotonic() < deadline:
        time.sleep(0.05)
    while left := session(leader):
        send(left, signal.SIGKILL)
        time.sleep(0.01)


def start(directory: str) -> None:
    """Detach a supervisor; print which process the driver is."""
    os.umask(0o077)
    reader, answer = os.pipe()
    middle = os.fork()
    if middle == 0:
        try:
            os.setsid()
            if os.fork() == 0:
                os.close(reader)
                null = os.open(os.devnull, os.O_RDWR)
                for number in (0, 1, 2):
                    os.dup2(null, number)
                supervise(directory, answer)
        finally:
            os._exit(0)
    os.close(answer)
    os.waitpid(middle, 0)
    with os.fdopen(reader, encoding="utf-8") as stream:
        print(stream.read() or '{"error": "the supervisor died"}')


def look(directory: str) -> None:
    """Print how the driver does, and the end of its output once it ended."""
    driver = read_json(path(directory, "pid"))
    running = driver is not None and (alive(driver) or supervised(directory))
    # Read after the look at the processes: an end between the two is seen.
    code = read_number(path(directory, "exit"))
    state: dict[str, Any] = {
        "started": driver is not None,
        "running": running,
        "exit": code,
    }
    if code is not None or not running:
        state["running"] = False
        for name in ("stdout", "stderr"):
            state[name] = tail(os.path.join(directory, name))
    print(json.dumps(state))


def supervised(directory: str) -> bool:
    """Whether the supervisor lives: it may still have to write ``exit``."""
    try:
        lock = os.open(path(directory, "lock"), os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def read_number(name: str) -> int | None:
    """The number in a file, or None when there is no such file."""
    try:
        with open(name, encoding="ascii") as file:
            return int(file.read())
    except FileNotFoundError:
        return None


def tail(name: str) -> str:
    try:
        with open(name, "rb") as file:
            file.seek(max(0, os.path.getsize(name) - TAIL_BYTES))
            return file.read(TAIL_BYTES).decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def end(directory: str, number: int) -> None:
    """Send a signal to the driver and all of its session."""
    driver = read_json(path(directory, "pid"))
    if driver is None or driver["boot"] != boot():
        return
    leader = stat(driver["pid"])
    # The kernel gives a number out again only when no session has it any more.
    if not leader or leader[19] == driver["started"]:
        send(session(driver["pid"]), number)


def main(argv: list[str]) -> None:
    verb, directory = argv
    if verb == "start":
        start(directory)
    elif verb == "look":
        look(directory)
    elif verb == "stop":
        end(directory, signal.SIGTERM)
    elif verb == "kill":
        end(directory, signal.SIGKILL)
    else:
        sys.exit(f"launcher.py start|look|stop|kill DIRECTORY, not {verb}")


if __name__ == "__main__":
    main(sys.argv[1:])
