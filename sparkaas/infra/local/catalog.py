# SPDX-License-Identifier: Apache-2.0
"""What this machine offers as a cloud: a few flavors, one image per Spark version.

An image of the local driver is no disk: it stands for a Spark version that nodes
can have, or for none when the plugin ``fake`` is on offer. Its id and name derive
from the version; what users change about it (tags, user name, description) is kept
in a file of the state path.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import fcntl
import os
import pathlib
import uuid
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import yaml
from oslo_config import cfg

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.conf import service as service_conf
from sparkaas.infra.local import layout
from sparkaas.infra.local import packages
from sparkaas.infra.local.supervisor import files

_NAMESPACE = uuid.UUID("5d0f9d5e-0d55-5a0c-8a41-2f3b8f0a4c11")

#: The one network there is: every node has an address on the loopback interface.
NETWORK_NAME = "local"
NETWORK_ID = str(uuid.uuid5(_NAMESPACE, "network/local"))
#: Whose name registered images carry; nodes' processes run as the service's user.
USERNAME = "local"

FLAVORS = tuple(
    model.Flavor(id=id, name=name, vcpus=vcpus, ram_mb=ram_mb, disk_gb=disk_gb)
    for id, name, vcpus, ram_mb, disk_gb in (
        ("1", "tiny", 1, 512, 5),
        ("2", "small", 1, 1024, 10),
        ("3", "medium", 2, 2048, 20),
        ("4", "large", 4, 4096, 40),
        ("5", "xlarge", 8, 8192, 80),
    )
)

_HINTS = {
    "network": f"Leave the network out, or use {NETWORK_NAME} ({NETWORK_ID}).",
    "keypair": "Leave the keypair out: nobody logs in to a node on this machine.",
}


@dataclasses.dataclass(frozen=True)
class Offer:
    """A version of some software that nodes can have, and the tags of its image.
    Without a version: nodes that have no software."""

    version: str
    tags: tuple[str, ...]
    software: str = "spark"


#: For clusters of the plugin ``fake``.
BARE = Offer("", ("fake", "0.1"))
#: For those of the plugin ``hadoop``: the jars that ``sparkaas-image hadoop`` makes.
HADOOP = Offer("3.5.0", ("hadoop", "3.5.0"), "hadoop")


def image_id(offer: Offer) -> str:
    """Of the offer's image."""
    software = "" if offer.software == "spark" else f"{offer.software}/"
    return str(uuid.uuid5(_NAMESPACE, f"image/{software}{offer.version}"))


class LocalCatalog:
    """An ``interfaces.Catalog`` over ``offers``; ``changes`` is the file for what
    users change."""

    def __init__(self, changes: pathlib.Path, offers: Sequence[Offer]) -> None:
        self._path = changes
        self._images = {
            image.id: image for image in (_image(offer) for offer in offers)
        }

    def for_caller(self, caller: interfaces.Caller) -> LocalCatalog:
        """Everyone sees the same."""
        return self

    def flavors(self) -> tuple[model.Flavor, ...]:
        """All of them, smallest first."""
        return FLAVORS

    def flavor(self, flavor_id: str) -> model.Flavor:
        for flavor in FLAVORS:
            if flavor.id == flavor_id:
                return flavor
        known = ", ".join(f"{flavor.id} ({flavor.name})" for flavor in FLAVORS)
        raise exceptions.MissingValue(
            f"There is no flavor {flavor_id}.", hint=f"Flavors here are {known}."
        )

    def require(self, kind: str, name: str) -> None:
        if kind == "network" and name in (NETWORK_ID, NETWORK_NAME):
            return
        word = kind.replace("_", " ")
        raise exceptions.InvalidReference(
            f"There is no {word} {name}.",
            hint=_HINTS.get(kind, f"Leave it out: this machine offers no {word}."),
        )

    def public_key(self, keypair: str) -> str:
        raise exceptions.InvalidReference(
            f"There is no keypair {keypair}.", hint=_HINTS["keypair"]
        )

    def images(self) -> tuple[model.Image, ...]:
        changes = self._read()
        return tuple(_changed(image, changes) for image in self._images.values())

    def image(self, image_id: str) -> model.Image:
        return _changed(self._known(image_id), self._read())

    def register(self, image_id: str, username: str, description: str) -> model.Image:
        return self._change(image_id, username=username, description=description)

    def unregister(self, image_id: str) -> None:
        self._change(image_id, username="", description="", tags=[])

    def set_tags(self, image_id: str, tags: Sequence[str]) -> model.Image:
        return self._change(image_id, tags=list(dict.fromkeys(tags)))

    def _known(self, image_id: str) -> model.Image:
        if image_id not in self._images:
            raise exceptions.NotFound(f"There is no image {image_id}.")
        return self._images[image_id]

    def _read(self) -> Mapping[str, Mapping[str, Any]]:
        changes: Mapping[str, Mapping[str, Any]] = files.read_json(self._path) or {}
        return changes

    def _change(self, image_id: str, **values: object) -> model.Image:
        image = self._known(image_id)
        now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with self._locked():
            changes = dict(self._read())
            had = changes.get(image_id, {})
            changes[image_id] = {**had, **values, "updated": now}
            files.write_json(self._path, changes, sync=True)
        return _changed(image, changes)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = self._path.with_suffix(".lock")
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _image(offer: Offer) -> model.Image:
    return model.Image(
        id=image_id(offer),
        name=f"local-{offer.software}-{offer.version}"
        if offer.version
        else "local-bare",
        username=USERNAME,
        description=f"This machine with {offer.software.title()} {offer.version}"
        if offer.version
        else "This machine without software",
        tags=offer.tags,
    )


def _changed(
    image: model.Image, changes: Mapping[str, Mapping[str, Any]]
) -> model.Image:
    values = dict(changes.get(image.id, {}))
    if "tags" in values:
        values["tags"] = tuple(values["tags"])
    return dataclasses.replace(image, **values)


def offers(version_files: Sequence[str]) -> tuple[Offer, ...]:
    """The installed Spark and what operators added (the form of the files, which
    the plugin checks, is in ``plugins/spark/versions.yaml``). Raises
    ``exceptions.Permanent`` for a file that has another form."""
    found: dict[str, Offer] = {}
    installed = packages.installed_spark()
    if installed is not None:
        found[installed[0]] = Offer(installed[0], ("spark", installed[0]))
    for path in version_files:
        try:
            content = yaml.safe_load(pathlib.Path(path).read_text(encoding="utf-8"))
            for entry in content["versions"]:
                version = entry["version"]
                tags = entry.get("image_tags", ["spark", version])
                found[version] = Offer(version, tuple(tags))
        except (OSError, ValueError, TypeError, LookupError, yaml.YAMLError) as error:
            what = " ".join(f"{type(error).__name__}: {error}".split())
            raise exceptions.Permanent(
                f"The version file {path} cannot be read: {what}.",
                hint="Check [spark] version_files, and the form of that file.",
            ) from error
    return tuple(found.values())


def catalog_from_conf(conf: cfg.ConfigOpts) -> LocalCatalog:
    """The catalogue that goes with the driver ``local``."""
    changes = layout.Layout(service_conf.state_path(conf)).catalog
    found = offers(conf.spark.version_files)
    if "hadoop" in conf.service.plugins:
        found = (*found, HADOOP)
    if "fake" in conf.service.plugins:
        found = (*found, BARE)
    return LocalCatalog(changes, found)
