# SPDX-License-Identifier: Apache-2.0
"""Options of notifications, beside oslo.messaging's own in
[oslo_messaging_notifications]: without a ``driver`` there none are made."""

from oslo_config import cfg

GROUP = "notifications"

OPTS = [
    cfg.StrOpt(
        "publisher_id",
        default="sparkaas",
        help="Who says that it sends them.",
    ),
    cfg.BoolOpt(
        "sahara_events",
        default=True,
        help="Also send sahara.cluster.create, update, delete and health, as Sahara "
        "did, for what meters by them.",
    ),
]
