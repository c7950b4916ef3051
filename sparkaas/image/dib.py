# SPDX-License-Identifier: Apache-2.0
"""Builds with diskimage-builder."""

from __future__ import annotations

import os
import pathlib
import sys
from collections.abc import Sequence

from sparkaas.image import building
from sparkaas.image import running

_SECONDS = 7200.0
_PROGRAM = "disk-image-create"


def build(
    order: building.Order,
    bases: Sequence[str],
    log: running.Log,
) -> None:
    """Build with ``disk-image-create``. ``bases`` are its own elements, such as
    ``debian-minimal`` and ``vm``. Raises ``running.Failure``."""
    beside = pathlib.Path(sys.executable).with_name(_PROGRAM)
    if not beside.is_file() and not running.has(_PROGRAM):
        raise running.Failure(
            "diskimage-builder is not installed: pip install diskimage-builder, or use "
            "--builder own."
        )
    kind = "qcow2" if order.qcow2 else "raw"
    names = [each.name for each in order.plan.elements]
    with building.scratch(order.output) as scratch:
        made = scratch / "image"
        program = beside if beside.is_file() else _PROGRAM
        log.run(
            [program, "-t", kind, "-o", made, *bases, *names],
            seconds=_SECONDS,
            environment={
                **os.environ,
                **order.variables,
                "PATH": f"{beside.parent}:{os.environ.get('PATH', os.defpath)}",
                "ELEMENTS_PATH": str(order.plan.elements[0].parent),
                "DIB_RELEASE": order.plan.suite,
                "DIB_DISTRIBUTION_MIRROR": order.plan.mirror,
                "TMPDIR": str(scratch),
            },
        )
        os.replace(made.with_suffix(f".{kind}"), order.output)
