# SPDX-License-Identifier: Apache-2.0
"""What the cloud offers: flavors, images, networks and the rest, by its own services.

An image is registered by properties of its own in Glance, under the names that Sahara
gave them, so that images registered there are found here.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from oslo_config import cfg

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.infra.openstack import errors
from sparkaas.infra.openstack import sessions

_USERNAME = "_sahara_username"
_DESCRIPTION = "_sahara_description"
_TAG = "_sahara_tag_"


class OpenStackCatalog:
    """An ``interfaces.Catalog`` as one identity sees it."""

    def __init__(
        self, clouds: sessions.Sessions, caller: interfaces.Caller | None = None
    ) -> None:
        self._clouds = clouds
        self._caller = caller

    def for_caller(self, caller: interfaces.Caller) -> OpenStackCatalog:
        """As the caller sees it."""
        return OpenStackCatalog(self._clouds, caller)

    @property
    def _cloud(self) -> sessions.Cloud:
        if self._caller is None:
            return self._clouds.service
        return self._clouds.of_caller(self._caller)

    def flavors(self) -> tuple[model.Flavor, ...]:
        """All that Nova shows."""
        with errors.explained("Listing flavors"):
            return tuple(_flavor(each) for each in self._cloud.nova.flavors.list())

    def flavor(self, flavor_id: str) -> model.Flavor:
        """By its id."""
        with errors.explained("Looking for a flavor"):
            try:
                return _flavor(self._cloud.nova.flavors.get(flavor_id))
            except errors.ABSENT as error:
                raise exceptions.MissingValue(
                    f"There is no flavor {flavor_id}."
                ) from error

    def require(self, kind: str, name: str) -> None:
        """Asks the service that has such things."""
        with errors.explained(f"Looking for the {kind.replace('_', ' ')} {name}"):
            found = _EXISTS[kind](self._cloud, name)
        if not found:
            raise exceptions.InvalidReference(
                f"There is no {kind.replace('_', ' ')} {name}."
            )

    def public_key(self, keypair: str) -> str:
        """From Nova."""
        with errors.explained(f"Reading the key pair {keypair}"):
            key: str = self._cloud.nova.keypairs.get(keypair).public_key
            return key.strip()

    def images(self) -> tuple[model.Image, ...]:
        """All that Glance shows."""
        with errors.explained("Listing images"):
            return tuple(_image(each) for each in self._cloud.sdk.image.images())

    def image(self, image_id: str) -> model.Image:
        """By its id."""
        return _image(self._get(image_id))

    def register(self, image_id: str, username: str, description: str) -> model.Image:
        """Sets two properties."""
        return self._change(
            image_id, {_USERNAME: username, _DESCRIPTION: description}, ()
        )

    def unregister(self, image_id: str) -> None:
        """Takes every property of ours away."""
        image = self._get(image_id)
        ours = [name for name in image.properties if name.startswith("_sahara_")]
        self._change(image_id, {}, ours)

    def set_tags(self, image_id: str, tags: Sequence[str]) -> model.Image:
        """One property for each tag."""
        had = {n for n in self._get(image_id).properties if n.startswith(_TAG)}
        wanted = {f"{_TAG}{tag}": "True" for tag in tags}
        return self._change(image_id, wanted, sorted(had - set(wanted)))

    def _get(self, image_id: str) -> Any:
        with errors.explained("Looking for an image"):
            try:
                return self._cloud.sdk.image.get_image(image_id)
            except errors.ABSENT as error:
                raise exceptions.NotFound(f"There is no image {image_id}.") from error

    def _change(
        self, image_id: str, set_: Mapping[str, str], remove: Sequence[str]
    ) -> model.Image:
        with errors.explained("Changing an image"):
            image = self._get(image_id)
            patch = [
                {
                    "op": "replace" if name in image.properties else "add",
                    "path": f"/{name}",
                    "value": value,
                }
                for name, value in set_.items()
            ]
            patch += [{"op": "remove", "path": f"/{name}"} for name in remove]
            if patch:
                self._cloud.sdk.image.patch(
                    f"/images/{image_id}",
                    json=patch,
                    headers={
                        "Content-Type": "application/openstack-images-v2.1-json-patch"
                    },
                    raise_exc=True,
                )
            return _image(self._get(image_id))


def _flavor(found: Any) -> model.Flavor:
    return model.Flavor(
        id=str(found.id),
        name=found.name,
        vcpus=found.vcpus,
        ram_mb=found.ram,
        disk_gb=found.disk,
    )


def _image(found: Any) -> model.Image:
    properties = found.properties or {}
    return model.Image(
        id=found.id,
        name=found.name or "",
        username=properties.get(_USERNAME) or "",
        description=properties.get(_DESCRIPTION) or "",
        tags=tuple(
            sorted(
                name.removeprefix(_TAG)
                for name, value in properties.items()
                if name.startswith(_TAG) and value
            )
        ),
        status=(found.status or "").upper(),
        created=found.created_at or "",
        updated=found.updated_at or "",
        min_disk=found.min_disk or 0,
        min_ram=found.min_ram or 0,
        size=found.size or 0,
    )


def _network(cloud: sessions.Cloud, name: str) -> bool:
    return cloud.sdk.network.find_network(name) is not None


def _external(cloud: sessions.Cloud, name: str) -> bool:
    found = cloud.sdk.network.find_network(name)
    return found is not None and bool(found.is_router_external)


def _security_group(cloud: sessions.Cloud, name: str) -> bool:
    return cloud.sdk.network.find_security_group(name) is not None


def _keypair(cloud: sessions.Cloud, name: str) -> bool:
    return any(each.name == name for each in cloud.nova.keypairs.list())


def _zone(cloud: sessions.Cloud, name: str) -> bool:
    zones = cloud.nova.availability_zones.list(detailed=False)
    return any(zone.zoneName == name for zone in zones)


def _volume_zone(cloud: sessions.Cloud, name: str) -> bool:
    zones = cloud.cinder.availability_zones.list(detailed=False)
    return any(zone.zoneName == name for zone in zones)


def _volume_type(cloud: sessions.Cloud, name: str) -> bool:
    return any(name in (t.name, t.id) for t in cloud.cinder.volume_types.list())


def _share(cloud: sessions.Cloud, name: str) -> bool:
    if cloud.sdk.endpoint_for("shared-file-system") is None:
        raise exceptions.InvalidReference(
            f"This cloud has no service for shares (Manila), so no share {name}.",
            code="NOT_OFFERED",
            hint="Leave shares out of the cluster and its templates.",
        )
    return cloud.sdk.shared_file_system.find_share(name) is not None


_EXISTS: Mapping[str, Callable[[sessions.Cloud, str], bool]] = {
    "network": _network,
    "keypair": _keypair,
    "availability_zone": _zone,
    "volume_type": _volume_type,
    "volume_availability_zone": _volume_zone,
    "floating_ip_pool": _external,
    "security_group": _security_group,
    "share": _share,
}


def from_conf(conf: cfg.ConfigOpts) -> OpenStackCatalog:
    """The catalog of the cloud in the group [openstack]."""
    return OpenStackCatalog(sessions.Sessions(conf))
