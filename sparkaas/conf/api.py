# SPDX-License-Identifier: Apache-2.0
"""Options of the REST API."""

from oslo_config import cfg

GROUP = "api"

OPTS = [
    cfg.StrOpt(
        "auth",
        default="token",
        choices=[
            ("token", "One token, made at the first start and kept in a file."),
            ("keystone", "Keystone, through keystonemiddleware."),
        ],
        help="Who may call.",
    ),
    cfg.HostAddressOpt(
        "host",
        default="127.0.0.1",
        help="Address that sparkaas-api and sparkaas-all listen on. Other than a "
        "loopback address only when auth is keystone.",
    ),
    cfg.PortOpt("port", default=8386, help="Port that they listen on."),
    cfg.IntOpt(
        "threads",
        default=16,
        min=2,
        help="Request threads of sparkaas-api and sparkaas-all.",
    ),
    cfg.ListOpt(
        "allowed_hosts",
        default=["localhost", "127.0.0.1", "::1"],
        help="Host names accepted in the Host header (any port) when auth is "
        "token: what keeps a web page from reaching the service by a name of "
        "its own. Empty accepts all.",
    ),
    cfg.IntOpt(
        "max_body_bytes",
        default=1024 * 1024,
        min=1024,
        help="Largest JSON body.",
    ),
    cfg.FloatOpt(
        "long_poll_seconds",
        default=30.0,
        min=0,
        help="Longest time that a log request waits for new bytes.",
    ),
    cfg.FloatOpt(
        "long_poll_pause",
        default=0.1,
        min=0.01,
        help="Seconds between two looks of a log request that waits.",
    ),
]
