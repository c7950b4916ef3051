# SPDX-License-Identifier: Apache-2.0
"""Commands that pass on what stands after ``--``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


class PassThroughParser(argparse.ArgumentParser):
    """Leaves everything after ``--`` alone, and puts it into ``program_args``."""

    def parse_known_args(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        namespace: argparse.Namespace | None = None,
    ) -> tuple[argparse.Namespace, list[str]]:
        own, program_args = list(args or ()), []
        if "--" in own:
            cut = own.index("--")
            own, program_args = own[:cut], own[cut + 1 :]
        known, unknown = super().parse_known_args(own, namespace)
        if unknown:
            self.error(
                f"unrecognized arguments: {' '.join(unknown)} "
                "(the program's own go after --)"
            )
        known.program_args = program_args
        return known, []
