# SPDX-License-Identifier: Apache-2.0
"""A small cloud's price list: flavors 1 to 5, three images, one of each name."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model

#: Registered, with the tags of the plugin ``fake``.
FAKE_IMAGE = "11111111-1111-4111-8111-111111111111"
#: Registered, with the tags of the plugin ``spark``.
SPARK_IMAGE = "22222222-2222-4222-8222-222222222222"
#: Not registered.
PLAIN_IMAGE = "33333333-3333-4333-8333-333333333333"
NETWORK = "44444444-4444-4444-8444-444444444444"
SHARE = "55555555-5555-4555-8555-555555555555"
FLOATING_IP_POOL = "66666666-6666-4666-8666-666666666666"
KEYPAIR = "key"

FLAVORS = tuple(
    model.Flavor(id=id, name=name, vcpus=vcpus, ram_mb=ram_mb, disk_gb=disk_gb)
    for id, name, vcpus, ram_mb, disk_gb in (
        ("1", "tiny", 1, 512, 1),
        ("2", "small", 1, 2048, 20),
        ("3", "medium", 2, 4096, 40),
        ("4", "large", 4, 8192, 80),
        ("5", "xlarge", 8, 16384, 160),
    )
)

_TIME = "2030-01-01T00:00:00Z"


def _images(spark_version: str) -> tuple[model.Image, ...]:
    return (
        model.Image(
            id=FAKE_IMAGE,
            name="fake-image",
            username="fake",
            tags=("0.1", "fake"),
            created=_TIME,
            updated=_TIME,
        ),
        model.Image(
            id=SPARK_IMAGE,
            name="spark-image",
            username="ubuntu",
            tags=(spark_version, "spark"),
            created=_TIME,
            updated=_TIME,
        ),
        model.Image(id=PLAIN_IMAGE, name="plain-image", created=_TIME, updated=_TIME),
    )


class FakeCatalog:
    """An ``interfaces.Catalog`` in memory; ``names`` has what ``require`` accepts."""

    def __init__(self, spark_version: str = "4.3.0") -> None:
        self.names: dict[str, set[str]] = {
            "network": {NETWORK},
            "keypair": {KEYPAIR},
            "availability_zone": {"nova"},
            "volume_type": {"lvm"},
            "volume_availability_zone": {"nova"},
            "floating_ip_pool": {FLOATING_IP_POOL},
            "security_group": {"default"},
            "share": {SHARE},
        }
        self._images = {image.id: image for image in _images(spark_version)}

    def for_caller(self, caller: interfaces.Caller) -> FakeCatalog:
        return self

    def flavors(self) -> tuple[model.Flavor, ...]:
        return FLAVORS

    def flavor(self, flavor_id: str) -> model.Flavor:
        for flavor in FLAVORS:
            if flavor.id == flavor_id:
                return flavor
        raise exceptions.MissingValue(f"There is no flavor {flavor_id}")

    def require(self, kind: str, name: str) -> None:
        if name not in self.names[kind]:
            raise exceptions.InvalidReference(
                f"There is no {kind.replace('_', ' ')} {name}"
            )

    def public_key(self, keypair: str) -> str:
        self.require("keypair", keypair)
        return f"ssh-ed25519 AAAA {keypair}"

    def images(self) -> tuple[model.Image, ...]:
        return tuple(self._images.values())

    def image(self, image_id: str) -> model.Image:
        if image_id not in self._images:
            raise exceptions.NotFound(f"There is no image {image_id}")
        return self._images[image_id]

    def register(self, image_id: str, username: str, description: str) -> model.Image:
        return self._change(image_id, username=username, description=description)

    def unregister(self, image_id: str) -> None:
        self._change(image_id, username="", description="", tags=())

    def set_tags(self, image_id: str, tags: Sequence[str]) -> model.Image:
        return self._change(image_id, tags=tuple(tags))

    def _change(self, image_id: str, **changes: object) -> model.Image:
        image = dataclasses.replace(self.image(image_id), **changes)  # type: ignore[arg-type]
        self._images[image_id] = image
        return image
