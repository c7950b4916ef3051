# SPDX-License-Identifier: Apache-2.0
"""``openstack dataprocessing``, from python-saharaclient in its own environment."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
from collections.abc import Mapping
from typing import Any

from tests.conformance import environment

DRIVER = environment.ROOT / "tests" / "conformance" / "driver.py"

#: By version of the API: the word for a plugin's version.
VERSIONS = {"1.1": "hadoop_version", "2": "plugin_version"}


class Client:
    """Commands of one version, in one long-lived process; ``variables`` say who it is
    and where the service is."""

    def __init__(
        self,
        python: pathlib.Path,
        version: str,
        directory: pathlib.Path,
        variables: Mapping[str, str],
    ) -> None:
        self.directory = directory
        kept = {k: v for k, v in os.environ.items() if not k.startswith("OS_")}
        with (directory / "driver.log").open("wb") as log:
            self._process = subprocess.Popen(
                [python, DRIVER],
                cwd=directory,
                env={
                    **kept,
                    "HOME": str(directory),
                    "OS_DATA_PROCESSING_API_VERSION": version,
                    **variables,
                },
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def run(self, *words: object) -> str:
        """What the command printed."""
        argv = ["dataprocessing", *map(str, words)]
        request = {"argv": argv, "directory": str(self.directory)}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        done = json.loads(self._process.stdout.readline())
        assert done["code"] == 0, done
        return str(done["out"])

    def __call__(self, *words: object) -> Any:
        """The object or list that the command printed."""
        out = self.run(*words, "-f", "json")
        return json.loads(out[min(out.find(c) for c in "[{" if c in out) :])

    def file(self, name: str, content: object) -> pathlib.Path:
        """A file for a command to read: a text, or JSON."""
        path = self.directory / name
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text)
        return path

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()
