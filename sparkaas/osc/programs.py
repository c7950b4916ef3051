# SPDX-License-Identifier: Apache-2.0
"""Programs that a command starts for its user, and leaves the terminal to."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence


def run(
    argv: Sequence[str],
    directory: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Run it with the user's own rights, and return what a shell would."""

    def heard() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with _left_to_the_child():
        # What runs is the user's own choice, for the user's own rights.
        done = subprocess.run(
            argv, cwd=directory, env=environment, preexec_fn=heard, check=False
        )
    return done.returncode if done.returncode >= 0 else 128 - done.returncode


@contextlib.contextmanager
def _left_to_the_child() -> Iterator[None]:
    """Ctrl-C is for the program that runs, not for us."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
