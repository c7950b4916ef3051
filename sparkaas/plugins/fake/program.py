# SPDX-License-Identifier: Apache-2.0
"""What a fake job's driver is: copied to the node and run by itself.

``program.py FILE``, standard library only. ``FILE`` is JSON: ``lines`` to be written
to stdout, ``seconds`` to live, ``exit_code`` to end with.
"""

from __future__ import annotations

import json
import sys
import time


def main(argv: list[str]) -> int:
    with open(argv[0], encoding="utf-8") as file:
        told = json.load(file)
    print("\n".join(told["lines"]), flush=True)
    time.sleep(told["seconds"])
    print("Nothing was computed: the plugin fake has no software.", file=sys.stderr)
    code: int = told["exit_code"]
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
