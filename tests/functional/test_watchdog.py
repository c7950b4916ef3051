# SPDX-License-Identifier: Apache-2.0
"""What tests have started ends with pytest, however that ends."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from tests.servers import watchdog

#: Begins to be guarded, starts what tests start, says the pids, and waits.
GUARDED = """
import os, pathlib, subprocess, sys, tempfile, time
from tests.servers import watchdog
path = pathlib.Path(sys.argv[1])
tempfile.mkdtemp(prefix=watchdog.prefix("another"))
dog = watchdog.Watchdog(path)
sleep = [sys.executable, "-c", "import time; time.sleep(1000)"]
far = {"cwd": "/", "start_new_session": True}
made = [
    subprocess.Popen(sleep, **far),
    subprocess.Popen([*sleep, path / "node"], env={}, **far),
    subprocess.Popen(sleep, env={"HOME": str(path)}, **far),
    subprocess.Popen(sleep, env={}, **{**far, "cwd": path}),
    subprocess.Popen([*sleep, str(path) + "-other"], env={}, **far),
]
tempfile.mkdtemp(prefix=watchdog.prefix(os.environ[watchdog.VARIABLE]))
print(*(one.pid for one in made), flush=True)
time.sleep(1000)
"""


def lives(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_whatever_belongs_to_a_run_ends_with_it(tmp_path, number):
    root = pathlib.Path(__file__).parents[2]
    # It shall be found by what it is, not by this test's own mark and directory.
    path = tmp_path.parent / f"{tmp_path.name}-guarded"
    path.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", GUARDED, path],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        *ours, other = map(int, run.stdout.readline().split())
        assert len(ours) == 4
        assert all(map(lives, [*ours, other]))
        assert len(list(tmp_path.iterdir())) == 2
        run.send_signal(number)
    deadline = time.monotonic() + 30
    while any(map(lives, ours)) or len(list(tmp_path.iterdir())) > 1:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    (kept,) = tmp_path.iterdir()
    assert kept.name.startswith(watchdog.prefix("another"))
    assert lives(other)
    os.kill(other, signal.SIGKILL)


def test_a_run_that_ends_well_has_nothing_left(tmp_path):
    assert watchdog.found("no such mark", str(tmp_path)) == []
