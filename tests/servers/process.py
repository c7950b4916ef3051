# SPDX-License-Identifier: Apache-2.0
"""A server's process: started, waited for, stopped by its id."""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

import pytest

from tests.servers import watchdog

_START_SECONDS = 60
_STOP_SECONDS = 20


def find(program: str, package: str, *directories: str) -> str:
    """The program's path; skips the test, naming the package, without it."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", *directories])
    found = shutil.which(program, path=path)
    if found is None:
        pytest.skip(f"{program} is not installed: apt-get install {package}")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def directory(user: str) -> Iterator[pathlib.Path]:
    """A temporary directory that belongs to the server's user."""
    prefix = watchdog.prefix(os.environ.get(watchdog.VARIABLE, ""))
    with tempfile.TemporaryDirectory(prefix=prefix) as name:
        if os.geteuid() == 0:
            account = pwd.getpwnam(user)
            os.chown(name, account.pw_uid, account.pw_gid)
        yield pathlib.Path(name)


def _identity(user: str) -> dict[str, object]:
    if os.geteuid() != 0:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def run(argv: Sequence[str], *, user: str, cwd: pathlib.Path) -> None:
    """Run a command as the server's user to its end, and well."""
    environment = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(cwd)}
    done = subprocess.run(
        argv, cwd=cwd, env=environment, capture_output=True, **_identity(user)
    )
    assert done.returncode == 0, (argv, done.stdout, done.stderr)


class Process:
    """A server process; ``ready`` says whether it answers."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        user: str,
        cwd: pathlib.Path,
        ready: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
        stop_signal: int = signal.SIGTERM,
    ) -> None:
        self._argv = list(argv)
        self._user = user
        self._cwd = cwd
        self._ready = ready
        self._environment = {
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(cwd),
            watchdog.VARIABLE: os.environ.get(watchdog.VARIABLE, ""),
            **(environment or {}),
        }
        self._stop_signal = stop_signal
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it answers."""
        log = self._cwd / "output.log"
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                self._argv,
                cwd=self._cwd,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **_identity(self._user),
            )
        deadline = time.monotonic() + _START_SECONDS
        try:
            while not self._ready():
                ended = self._popen.poll() is not None
                if ended or time.monotonic() > deadline:
                    pytest.fail(f"{self._argv[0]}: {log.read_text(errors='replace')}")
                time.sleep(0.02)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End it, politely at first."""
        if self._popen is None:
            return
        self._popen.send_signal(self._stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(_STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End it at once, with all that it started in its process group."""
        if self._popen is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait(_STOP_SECONDS)
        self._popen = None


def accepts(port: int, address: str = "127.0.0.1") -> bool:
    """Whether something listens on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0
