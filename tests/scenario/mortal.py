# SPDX-License-Identifier: Apache-2.0
"""``sparkaas-all`` that kills itself, as ``kill -9`` would, at one of its effects.

``python -m tests.scenario.mortal FILE [sparkaas-all's arguments]``

While FILE is there, it has ``before NAME`` or ``after NAME``, where NAME is one of the
verbs below: what a conductor does that the world remembers. The service is otherwise
the real one; only ``build_env`` is asked to hand out its parts in a thin wrapping.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import signal
import sys
from collections.abc import Callable
from typing import Any

from sparkaas.cmd import all as sparkaas_all
from sparkaas.cmd import wiring

#: Part of ``Env`` -> the verbs of it that have an effect.
EFFECTS = {
    "infrastructure": ("ensure", "delete"),
    "secrets": ("put", "delete"),
    "store": ("append", "delete"),
}
REMOTE_EFFECTS = ("run", "write_file")


class _Mortal:
    """Passes everything on to ``part``, and dies before or after some verb."""

    def __init__(
        self, name: str, part: Any, verbs: tuple[str, ...], when: pathlib.Path
    ) -> None:
        self._name = name
        self._part = part
        self._verbs = verbs
        self._when = when

    def __getattr__(self, verb: str) -> Any:
        found = getattr(self._part, verb)
        return self._guarded(verb, found) if verb in self._verbs else found

    def _guarded(self, verb: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **kwargs: Any) -> Any:
            self._point(f"before {self._name}.{verb}")
            answer = call(*args, **kwargs)
            self._point(f"after {self._name}.{verb}")
            return answer

        return guarded

    def _point(self, name: str) -> None:
        if self._when.exists() and self._when.read_text() == name:
            os.kill(os.getpid(), signal.SIGKILL)


class _MortalReach:
    def __init__(self, reach: Any, when: pathlib.Path) -> None:
        self._reach = reach
        self._when = when

    def to(self, cluster: Any, instance: Any) -> Any:
        remote = self._reach.to(cluster, instance)
        return _Mortal("remote", remote, REMOTE_EFFECTS, self._when)


def main(when: pathlib.Path, argv: list[str]) -> int:
    """Run the service with its one weak moment."""
    build_env = wiring.build_env

    def mortal_env(*args: Any, **kwargs: Any) -> Any:
        env = build_env(*args, **kwargs)
        parts = {
            name: _Mortal(name, getattr(env, name), verbs, when)
            for name, verbs in EFFECTS.items()
        }
        return dataclasses.replace(env, **parts, reach=_MortalReach(env.reach, when))

    wiring.build_env = mortal_env
    return sparkaas_all.main(argv)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2:]))
