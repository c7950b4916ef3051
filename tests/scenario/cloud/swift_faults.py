# SPDX-License-Identifier: Apache-2.0
"""A filter for the pipeline of Swift's proxy: it answers, as a file says, in place of
what is below it. Runs in Swift's process, where a copy of this file is.

The file ``rules`` has a list in JSON. A rule is ``method``, ``path`` (a part of the
path with the query after a ``?``), ``status`` and ``times``; a request is answered by
the first one that fits and is not used up. Each one so answered is a line of the file
``answered``: its method, its path and the status.
"""

from __future__ import annotations

import collections
import json
import pathlib
from collections.abc import Callable
from typing import Any

from swift.common import swob


class Faults:
    def __init__(self, app: Callable[..., Any], directory: pathlib.Path) -> None:
        self._app = app
        self._directory = directory
        self._used: collections.Counter[str] = collections.Counter()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        method = environ["REQUEST_METHOD"]
        path = f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"
        status = self._status(method, path)
        if not status:
            return self._app(environ, start_response)
        with (self._directory / "answered").open("a") as file:
            file.write(f"{method} {path} {status}\n")
        return swob.HTTPException(status=status)(environ, start_response)

    def _status(self, method: str, path: str) -> int:
        """What to answer with; 0 for what is to go on."""
        for rule in json.loads((self._directory / "rules").read_text()):
            if rule["method"] != method or rule["path"] not in path:
                continue
            key = json.dumps(rule)
            if self._used[key] < rule["times"]:
                self._used[key] += 1
                return int(rule["status"])
        return 0


def filter_factory(
    global_conf: dict[str, str], **conf: str
) -> Callable[[Callable[..., Any]], Faults]:
    """What paste asks for; ``directory`` is where both files are."""
    return lambda app: Faults(app, pathlib.Path(conf["directory"]))
