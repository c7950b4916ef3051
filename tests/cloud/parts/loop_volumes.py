# SPDX-License-Identifier: Apache-2.0
"""Cinder volumes on a machine without device-mapper, iSCSI, NVMe or NFS.

Sparse files on loop devices of this host.
"""

import os

from cinder import interface
from cinder.image import image_utils
from cinder.volume import driver
from oslo_concurrency import processutils
from oslo_config import cfg


@interface.volumedriver
class LoopDriver(driver.VolumeDriver):
    VERSION = "1.0.0"
    CI_WIKI_NAME = "none"

    def _path(self, obj):
        d = os.path.join(cfg.CONF.state_path, "loop")
        os.makedirs(d, exist_ok=True)
        return os.path.join(d, obj.name)

    def _run(self, *cmd):
        return processutils.execute(*cmd)[0].strip()

    def _device(self, volume):
        out = self._run("losetup", "-n", "-O", "NAME", "-j", self._path(volume))
        return out.split()[0] if out else None

    def check_for_setup_error(self):
        pass

    def create_volume(self, volume):
        self._run("truncate", "-s", f"{volume.size}G", self._path(volume))

    def delete_volume(self, volume):
        self.remove_export(None, volume)
        if os.path.exists(self._path(volume)):
            os.unlink(self._path(volume))

    def extend_volume(self, volume, new_size):
        self._run("truncate", "-s", f"{new_size}G", self._path(volume))
        if self._device(volume):
            self._run("losetup", "-c", self._device(volume))

    def _copy(self, src, dst, size):
        self._run("cp", "--sparse=always", self._path(src), self._path(dst))
        self._run("truncate", "-s", f"{size}G", self._path(dst))

    def create_cloned_volume(self, volume, src_vref):
        self._copy(src_vref, volume, volume.size)

    def create_snapshot(self, snapshot):
        self._copy(snapshot.volume, snapshot, snapshot.volume_size)

    def delete_snapshot(self, snapshot):
        if os.path.exists(self._path(snapshot)):
            os.unlink(self._path(snapshot))

    def create_volume_from_snapshot(self, volume, snapshot):
        self._copy(snapshot, volume, volume.size)

    def copy_image_to_volume(
        self, context, volume, image_service, image_id, disable_sparse=False
    ):
        image_utils.fetch_to_raw(
            context,
            image_service,
            image_id,
            self._path(volume),
            self.configuration.volume_dd_blocksize,
            size=volume.size,
        )
        self._run("truncate", "-s", f"{volume.size}G", self._path(volume))

    def ensure_export(self, context, volume):
        return self.create_export(context, volume, None)

    def create_export(self, context, volume, connector):
        return {
            "provider_location": self._device(volume)
            or self._run("losetup", "-f", "--show", self._path(volume))
        }

    def remove_export(self, context, volume):
        if self._device(volume):
            self._run("losetup", "-d", self._device(volume))

    def initialize_connection(self, volume, connector):
        return {
            "driver_volume_type": "local",
            "data": {"device_path": self._device(volume)},
        }

    def terminate_connection(self, volume, connector, **kwargs):
        pass

    def _update_volume_stats(self):
        st = os.statvfs(cfg.CONF.state_path)
        self._stats = {
            "volume_backend_name": self.configuration.safe_get("volume_backend_name")
            or "loop",
            "vendor_name": "test",
            "driver_version": self.VERSION,
            "storage_protocol": "local",
            "total_capacity_gb": st.f_blocks * st.f_frsize >> 30,
            "free_capacity_gb": st.f_bavail * st.f_frsize >> 30,
            "reserved_percentage": 0,
            "QoS_support": False,
            "thin_provisioning_support": True,
            "max_over_subscription_ratio": "20.0",
            "provisioned_capacity_gb": 0,
        }
