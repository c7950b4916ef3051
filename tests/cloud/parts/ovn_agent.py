# SPDX-License-Identifier: Apache-2.0
"""neutron-ovn-agent with one repair for the userspace switch.

It drops what the metadata namespace sends in segments larger than the network takes
("Dropped packet: Too big"), and every guest waits a second or two for its user data,
until the sender tries smaller ones.
"""

import sys

# first: it decides about monkey patching
from neutron.cmd.agents import ovn_neutron_agent  # isort: skip
from neutron.agent.linux import ip_lib
from neutron.agent.ovn.metadata import agent

_repaired = agent.MetadataAgent._ensure_datapath_checksum


def _repair(self, namespace):
    _repaired(self, namespace)
    inside = ip_lib.IPWrapper(namespace=namespace)
    for device in inside.get_devices():
        command = ["ethtool", "-K", device.name, "tx", "off"]
        inside.netns.execute(command, privsep_exec=True)


agent.MetadataAgent._ensure_datapath_checksum = _repair
sys.exit(ovn_neutron_agent.main())
