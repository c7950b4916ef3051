# SPDX-License-Identifier: Apache-2.0
"""The clients' own Python environment, below ``.cache`` of the clone.

python-saharaclient is no longer made, and what it needs is older than what our own
environment holds:

* openstackclient before 7: the node group template commands look flavors up through
  novaclient, which later ones have no longer;
* osc-lib before 4: later ones refuse the list commands' formatters.
"""

import fcntl
import hashlib
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

REQUIREMENTS = (
    "python-saharaclient==4.2.0",
    "python-openstackclient>=6.6,<7",
    "osc-lib<4",
    "python-novaclient>=18,<19",
    "setuptools<81",
)

_SECONDS = 600


class Unavailable(Exception):
    """The environment could not be made; says why."""


def python(cache: pathlib.Path = ROOT / ".cache") -> pathlib.Path:
    """The environment's interpreter; makes the environment unless it is there."""
    wanted = hashlib.sha256("\n".join((sys.version, *REQUIREMENTS)).encode())
    directory = cache / f"saharaclient-{wanted.hexdigest()[:12]}"
    cache.mkdir(exist_ok=True)
    # Two runs, or two workers of one, may want it at once.
    with (cache / "saharaclient.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (directory / "complete").exists():
            _run(sys.executable, "-m", "venv", "--clear", str(directory))
            _run(
                str(directory / "bin" / "python"),
                "-m",
                "pip",
                "install",
                "--no-input",
                "--quiet",
                "--disable-pip-version-check",
                *REQUIREMENTS,
            )
            (directory / "complete").touch()
    return directory / "bin" / "python"


def _run(*argv: str) -> None:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{argv} took longer than {_SECONDS} s") from error
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise Unavailable(" ".join(last) or f"{argv} exited {done.returncode}")
