# SPDX-License-Identifier: Apache-2.0
"""Options of secrets: credentials, clusters' keys, trusts."""

from oslo_config import cfg

GROUP = "secrets"

OPTS = [
    cfg.StrOpt(
        "backend",
        default="database",
        choices=[
            ("database", "In the database, encrypted with a key that is not there."),
            ("barbican", "With the key manager that castellan knows: Barbican."),
        ],
        help="Where new secrets are kept. Those kept elsewhere before are still "
        "found; 'sparkaas-manage secrets rotate' moves them here.",
    ),
    cfg.ListOpt(
        "keys",
        default=[],
        secret=True,
        help="Keys (each the URL-safe base64 of 32 bytes; 'sparkaas-manage secrets "
        "key' makes one) for secrets in the database. The first encrypts, all "
        "decrypt. The same on every host.",
    ),
    cfg.StrOpt(
        "key_file",
        default="",
        deprecated_name="encryption_key_file",
        deprecated_group="service",
        help="File with further such keys, one in a line. Where neither this nor "
        "keys says anything it is <state_path>/secret.key, made at the first start, "
        "for its owner only.",
    ),
]
