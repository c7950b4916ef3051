# SPDX-License-Identifier: Apache-2.0
"""The commands of ``sparkaas-node``.

sparkaas-node apply             follow the manifest in the state directory
sparkaas-node status            print the state of the node as JSON; one that starts is
                                waited for, at most SPARKAAS_PATIENCE seconds
sparkaas-node service NAME      (systemd calls it) become that service
sparkaas-node guard             (systemd calls it) close the metadata service
sparkaas-node site              take from stdin, as JSON, what is known of the site
sparkaas-node call              do what one line of JSON on stdin says
"""

from __future__ import annotations

import json
import os
import sys

from sparkaas.node import documents

#: Exit code of a command that would have touched what is not the node's.
_REFUSED = 3


def main(argv: list[str]) -> int:
    """Run one command; its exit code."""
    # Each imports what it needs and no more: it runs often, in the very seconds in
    # which the node's JVMs start, and all of it costs three times as much.
    if argv == ["apply"]:
        from sparkaas.node import applying

        applying.apply()
    elif argv == ["status"]:
        from sparkaas.node import services

        patience = float(os.environ.get("SPARKAAS_PATIENCE", "0"))
        print(json.dumps(services.status(patience)))
    elif len(argv) == 2 and argv[0] == "service":
        from sparkaas.node import services

        services.become(argv[1])
    elif argv == ["guard"]:
        from sparkaas.node import guard

        guard.close()
    elif argv == ["site"]:
        from sparkaas.node import site

        site.take()
    elif argv == ["call"]:
        from sparkaas.node import calls

        return calls.answer()
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except documents.Refusal as refusal:
        print(f"sparkaas-node: {refusal}", file=sys.stderr)
        sys.exit(_REFUSED)
    except documents.Failure as failure:
        sys.exit(f"sparkaas-node: {failure}")
