# SPDX-License-Identifier: Apache-2.0
"""Options of Prometheus metrics."""

from oslo_config import cfg

GROUP = "metrics"

OPTS = [
    cfg.BoolOpt(
        "enabled",
        default=False,
        help="Whether the API answers /metrics, to everyone who reaches it: no token "
        "is asked for. Keep it from users in the proxy before the API.",
    ),
    cfg.HostAddressOpt(
        "host",
        default="127.0.0.1",
        help="Address on which a conductor shows its own metrics.",
    ),
    cfg.PortOpt(
        "port",
        default=0,
        help="Port on which it does; 0: it does not. Conductors on one host need "
        "different ones.",
    ),
]
