# SPDX-License-Identifier: Apache-2.0
"""Hadoop's configuration files, those of clusters and those of jobs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax import saxutils


def document(values: Mapping[str, str], below: str = "") -> str:
    """The text of one: ``values``, sorted by name, on top of the file ``below``."""
    lines = ['<?xml version="1.0"?>', "<configuration>"]
    if below:
        href = saxutils.quoteattr(below)
        lines.append(
            f'  <include xmlns="http://www.w3.org/2001/XInclude" href={href}/>'
        )
    lines += [
        "  <property>"
        f"<name>{saxutils.escape(name)}</name>"
        f"<value>{saxutils.escape(values[name])}</value>"
        "</property>"
        for name in sorted(values)
    ]
    return "\n".join((*lines, "</configuration>", ""))
