# SPDX-License-Identifier: Apache-2.0
"""nova-compute with one repair for container guests.

libvirt-lxc gives hot-plugged disks no alias and sends no event when one is gone, so a
volume's detachment is taken as done when libvirt returns.
"""

import sys

# first: it decides about monkey patching
from nova.cmd import compute  # isort: skip
from nova.virt.libvirt import driver


def _detach(self, dev, guest, instance_uuid, device_name):
    self._detach_sync(
        dev, guest, instance_uuid, device_name, persistent=False, live=True
    )


driver.LibvirtDriver._detach_from_live_and_wait_for_event = _detach
sys.exit(compute.main())
