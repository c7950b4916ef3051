# SPDX-License-Identifier: Apache-2.0
"""Finds the machine's Java and makes sure that it is new enough."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
from collections.abc import Mapping

from sparkaas import exceptions

#: The oldest that current Spark runs on.
OLDEST = 17
_HINT = (
    "Install a Java runtime of version 17 or newer (on Debian and Ubuntu: apt-get "
    "install openjdk-17-jre-headless), or set [local] java_home."
)
#: Where a Java is from that nobody chose.
_PATH = "the java on the PATH"
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')
#: A JVM that prints its version takes 0.1 s; this is for a machine in trouble.
_DEADLINE = 30.0


class Java:
    """``home`` is the configured directory; empty: JAVA_HOME, else the PATH."""

    def __init__(self, home: str, environ: Mapping[str, str] = os.environ) -> None:
        self._configured = home
        self._environ = environ
        #: (program, its mtime) -> version, so that it is asked once.
        self._seen: dict[tuple[str, int], int] = {}

    def check_choice(self) -> None:
        """Raise as ``find`` does when somebody chose a Java that cannot be used.
        Without a choice nothing is looked for: not every service needs Java."""
        if self._choice() is not None:
            self.find()

    def find(self, version: str = "") -> pathlib.Path:
        """The directory that is JAVA_HOME for a Java of at least ``version``. Raises
        ``exceptions.InvalidRequest`` with the code JAVA_MISSING."""
        home, source = self._choice() or self._on_path()
        program = home / "bin" / "java"
        if not program.is_file():
            raise _missing(f"{source} is {home}, and there is no {program}.", source)
        needed = max(OLDEST, int(version) if version.isdecimal() else 0)
        found = self._version(program, source)
        if found < needed:
            raise _missing(
                f"Java {needed} is needed; {source} is {home}, Java {found}.", source
            )
        return home

    def _choice(self) -> tuple[pathlib.Path, str] | None:
        """What somebody chose, and where they did."""
        for home, source in (
            (self._configured, "[local] java_home"),
            (self._environ.get("JAVA_HOME", ""), "JAVA_HOME"),
        ):
            if home:
                return pathlib.Path(home).expanduser(), source
        return None

    def _on_path(self) -> tuple[pathlib.Path, str]:
        program = shutil.which("java", path=self._environ.get("PATH", os.defpath))
        if program is None:
            raise _missing("There is no Java on this machine.")
        return pathlib.Path(program).resolve().parents[1], _PATH

    def _version(self, program: pathlib.Path, source: str) -> int:
        try:
            key = (str(program), program.stat().st_mtime_ns)
            if key not in self._seen:
                self._seen[key] = self._ask(program, source)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _missing(f"{program} does not run: {error}.", source) from error
        return self._seen[key]

    @staticmethod
    def _ask(program: pathlib.Path, source: str) -> int:
        answer = subprocess.run(
            [str(program), "-version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_DEADLINE,
            check=False,
        )
        text = (answer.stderr + answer.stdout).decode(errors="replace")
        match = _VERSION.search(text)
        if answer.returncode != 0 or match is None:
            raise _missing(f"{program} does not tell its version.", source)
        return int(match[1])


def _missing(sentence: str, source: str = _PATH) -> exceptions.InvalidRequest:
    hint = _HINT
    if source != _PATH:
        hint = f"Correct {source} or leave it empty. {_HINT}"
    return exceptions.InvalidRequest(sentence, code="JAVA_MISSING", hint=hint)
