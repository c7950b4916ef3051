# SPDX-License-Identifier: Apache-2.0
"""Options of the whole service."""

import pathlib

from oslo_config import cfg

GROUP = "service"

OPTS = [
    cfg.StrOpt(
        "infrastructure",
        default="local",
        help="Name of the infrastructure driver, an entry point of the group "
        "sparkaas.infrastructure.",
    ),
    cfg.ListOpt(
        "plugins",
        default=["spark", "hadoop", "fake"],
        help="Names of the plugins to offer, entry points of the group "
        "sparkaas.plugins. Others are not loaded even if they are installed. "
        "fake makes clusters without software, for trying clients; it is hidden "
        "from forms until its label says otherwise. Leave it out where nobody "
        "should make such a cluster.",
    ),
    cfg.StrOpt(
        "state_path",
        default="~/.local/state/sparkaas",
        help="Directory of the service's own files: the embedded default's "
        "database, token and nodes, uploaded binaries and jobs' output. A "
        "leading ~ is the home directory. The environment variable "
        "SPARKAAS_STATE changes the default. In production every API and "
        "conductor host must see the same directory.",
    ),
]


def state_path(conf: cfg.ConfigOpts) -> pathlib.Path:
    """The state directory, absolute. It may not exist yet."""
    return pathlib.Path(conf.service.state_path).expanduser().absolute()
