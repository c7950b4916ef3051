# SPDX-License-Identifier: Apache-2.0
"""Options of the infrastructure driver ``openstack``.

The group also has keystoneauth's options (``auth_type``, ``auth_url``, ``username``,
``password``, ``cafile``, ``timeout`` and so on): the service's own user.
"""

from keystoneauth1 import loading
from oslo_config import cfg

GROUP = "openstack"

OPTS = [
    cfg.StrOpt("region_name", help="Region of the services that are used."),
    cfg.StrOpt(
        "interface",
        default="internal",
        choices=["public", "internal", "admin"],
        help="Which of the catalog's endpoints are used.",
    ),
    cfg.ListOpt(
        "trust_roles",
        default=["member", "reader"],
        help="Roles that a cluster's owner lends the service until the cluster is "
        "deleted. The owner must have them. Those that they imply must be named "
        "too, for Heat lends on what it was lent.",
    ),
    cfg.ListOpt(
        "ssh_ranges",
        default=["0.0.0.0/0"],
        help="Networks (CIDR) from which automatic security groups let SSH in. Those "
        "of the conductors must be among them.",
    ),
    cfg.IntOpt(
        "stack_timeout",
        default=60,
        min=1,
        help="Minutes that Heat has for one change of a cluster's stack.",
    ),
    cfg.IntOpt(
        "boot_timeout",
        default=900,
        min=10,
        help="Seconds after its start in which a server must have become reachable, "
        "with cloud-init's work begun. After that the cluster's creation or resize is "
        "given up, with the end of the server's console log.",
    ),
    cfg.StrOpt(
        "anti_affinity",
        default="hard",
        choices=["hard", "soft"],
        help="Whether nodes that a cluster wants on different hosts are not made "
        "otherwise (hard), or made on the same host where there is no other (soft).",
    ),
    cfg.IntOpt(
        "boot_volume_size",
        default=20,
        min=1,
        help="GiB of the volumes that servers boot from whose flavor has no disk.",
    ),
    cfg.IntOpt(
        "stacks_per_project",
        default=0,
        min=0,
        help="How many stacks a project may have (Heat's max_stacks_per_tenant, which "
        "Heat itself tells nobody), so that a cluster beyond that is refused at once; "
        "0: it is not checked.",
    ),
    cfg.BoolOpt(
        "replace_lost",
        default=False,
        help="Whether a server that is gone or in error is made again as soon as that "
        "is seen. Otherwise the cluster says so, and it is made again when a user asks "
        "for a verification or a resize.",
    ),
    *loading.get_auth_common_conf_options(),
    *loading.get_session_conf_options(),
]
