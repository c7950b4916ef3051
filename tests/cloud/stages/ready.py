# SPDX-License-Identifier: Apache-2.0
"""Wait until Nova's compute service and Neutron's agents are up."""

import sys
import time

import connecting

_SECONDS = 120

cloud = connecting.connect("admin", "admin")
limit = time.monotonic() + _SECONDS


def missing() -> list[str]:
    """What is not up yet."""
    services = {each.binary: each.state for each in cloud.compute.services()}
    agents = list(cloud.network.agents())
    return [
        *(["nova-compute"] if services.get("nova-compute") != "up" else []),
        *([] if agents and all(each.is_alive for each in agents) else ["an agent"]),
    ]


while waiting := missing():
    if time.monotonic() > limit:
        sys.exit(f"Not up after {_SECONDS} s: {', '.join(waiting)}")
    time.sleep(0.5)
