# SPDX-License-Identifier: Apache-2.0
"""Options of the whole service."""

from oslo_config import cfg

GROUP = "service"

OPTS = [
    cfg.StrOpt(
        "infrastructure",
        default="local",
        help="Name of the infrastructure driver, an entry point of the group "
        "sparkaas.infrastructure.",
    ),
    cfg.StrOpt(
        "state_path",
        default="$HOME/.local/state/sparkaas",
        help="Directory of the service's own files: the embedded default's "
        "database, token and nodes, uploaded binaries and jobs' output. "
        "Environment variables are expanded. In production every API and "
        "conductor host must see the same directory.",
    ),
    cfg.StrOpt(
        "encryption_key_file",
        default="",
        help="File with the key (URL-safe base64 of 32 bytes) that encrypts "
        "secrets in the database. Empty: <state_path>/secret.key, made at the "
        "first start.",
    ),
]
