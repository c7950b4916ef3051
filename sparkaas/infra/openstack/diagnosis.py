# SPDX-License-Identifier: Apache-2.0
"""Can the service work with this cloud?"""

from __future__ import annotations

from collections.abc import Sequence

from keystoneauth1 import exceptions as keystone
from oslo_config import cfg

from sparkaas.infra.openstack import sessions

#: Service types without which no cluster can be made, by the aliases that
#: catalogs use.
_NEEDED = ("orchestration", "compute", "network", "image")


def problems(conf: cfg.ConfigOpts) -> Sequence[str]:
    """What keeps it from that, a sentence each; looks only."""
    group = conf.openstack
    try:
        session = sessions.Sessions(conf).service.session
        session.get_token()
    except keystone.ClientException as error:
        words = " ".join(str(error).split())[:500]
        return [f"[openstack]: Keystone gives no token: {words}"]
    missing = [
        kind
        for kind in _NEEDED
        if session.auth.get_endpoint_data(
            session,
            service_type=kind,
            interface=group.interface,
            region_name=group.region_name,
            discover_versions=False,
        )
        is None
    ]
    if not missing:
        return []
    where = f" in the region {group.region_name}" if group.region_name else ""
    names = ", ".join(missing)
    return [f"The catalog has no {group.interface} endpoint{where} of: {names}."]
