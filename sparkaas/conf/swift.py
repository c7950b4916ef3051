# SPDX-License-Identifier: Apache-2.0
"""Options of Swift, as jobs reach it: by its S3 API, with keys lent to them."""

from oslo_config import cfg

GROUP = "swift"

OPTS = [
    cfg.BoolOpt(
        "lend_keys",
        default=True,
        help="Whether a job gets EC2 credentials of its owner's, for swift:// "
        "addresses, until it ends. It needs the service's user in [openstack], and a "
        "Swift with the filters s3api and s3token. Otherwise jobs use what "
        "credentials their users give them.",
    ),
    cfg.StrOpt(
        "s3_endpoint",
        default="",
        help="URL of Swift's S3 API as nodes reach it. Empty: where the catalog has "
        "the service object-store.",
    ),
    cfg.StrOpt(
        "s3_region",
        default="us-east-1",
        help="The location of Swift's filter s3api.",
    ),
    cfg.StrOpt(
        "interface",
        default="public",
        choices=["public", "internal", "admin"],
        help="Which of the catalog's endpoints nodes can reach.",
    ),
    cfg.StrOpt(
        "user_domain",
        default="Default",
        help="Name of the domain of the users whose names and passwords are given as "
        "credentials of data sources and job binaries.",
    ),
]
