# SPDX-License-Identifier: Apache-2.0
"""Where this machine's own packages come from, and so may an image's."""

from __future__ import annotations

import pathlib
import re

_SOURCES = pathlib.Path("/etc/apt/sources.list.d/debian.sources")
#: A line of sources.list(5), format deb822.
_URI = re.compile(r"^URIs:\s*(\S+)", re.MULTILINE)


def of_this_machine(sources: pathlib.Path = _SOURCES) -> tuple[str, str]:
    """Debian's mirror and that of its security updates, each empty where apt names
    none."""
    text = sources.read_text() if sources.exists() else ""
    found = [uri.rstrip("/") for uri in _URI.findall(text)]
    security = [uri for uri in found if "security" in uri]
    main = [uri for uri in found if uri not in security]
    return next(iter(main), ""), next(iter(security), "")
