# SPDX-License-Identifier: Apache-2.0
"""What a node tells of a file that it was asked to fetch."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from sparkaas.edp import puller


def told(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Its answer; the program runs as it does on a node."""
    done = subprocess.run(
        [sys.executable, "-I", puller.__file__],
        input=json.dumps(asked) + "\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
