# SPDX-License-Identifier: Apache-2.0
"""The guest image into Glance, unless just this one is there."""

import os
import pathlib

import connecting

NAME = "sparkaas-guest"
MARK = "built_from"

directory = pathlib.Path(os.environ["CLOUD"]) / "image"
mark = (directory / "mark").read_text().strip()
cloud = connecting.connect("admin", "admin")
found = cloud.image.find_image(NAME)
if found is None or found.properties.get(MARK) != mark:
    if found is not None:
        cloud.image.delete_image(found)
    # vm_mode and hypervisor_type: Nova takes it for a container's root.
    cloud.create_image(
        NAME,
        filename=str(directory / "guest.raw"),
        disk_format="raw",
        container_format="bare",
        visibility="public",
        wait=True,
        meta={MARK: mark, "hypervisor_type": "lxc", "vm_mode": "exe"},
    )
