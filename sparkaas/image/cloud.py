# SPDX-License-Identifier: Apache-2.0
"""Puts an image into Glance and into sparkaas's registry of images."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from collections.abc import Sequence

from sparkaas.client import connection as client_connection
from sparkaas.client import errors as client_errors
from sparkaas.image import fetching
from sparkaas.image import running

#: How the registry is written in Glance, under the names that Sahara gave it.
_USERNAME = "_sahara_username"
_DESCRIPTION = "_sahara_description"
_TAG = "_sahara_tag_"
#: By which an image that is there already is known.
_SHA256 = "sparkaas_sha256"
_SECONDS = 3600


def upload(
    cloud: str | None,
    file: pathlib.Path,
    name: str,
    *,
    public: bool,
    properties: Mapping[str, str],
) -> str:
    """The id of the image in Glance: a new one, unless just this file is there under
    that name already. Raises ``running.Failure``."""
    # A second of imports that only this needs.
    import openstack
    from openstack import exceptions

    with file.open("rb") as stream:
        qcow2 = stream.read(4) == b"QFI\xfb"
    sha256 = fetching.digest(file)
    try:
        connection = openstack.connect(cloud=cloud)
        for found in connection.image.images(name=name, status="active"):
            if (found.properties or {}).get(_SHA256) == sha256:
                return str(found.id)
        made = connection.image.create_image(
            name,
            filename=str(file),
            disk_format="qcow2" if qcow2 else "raw",
            container_format="bare",
            visibility="public" if public else "private",
            wait=True,
            timeout=_SECONDS,
            allow_duplicates=True,
            meta={**properties, _SHA256: sha256},
        )
    except (exceptions.SDKException, OSError) as error:
        raise running.Failure(f"Glance does not take the image: {error}") from error
    return str(made.id)


def register(cloud: str | None, image: str, username: str, tags: Sequence[str]) -> None:
    """Register an image by our API. Raises ``running.Failure``."""
    try:
        service = client_connection.connect(cloud=cloud)
        service.images.register(image, username)
        service.images.set_tags(image, tags)
    except client_errors.ClientError as error:
        raise running.Failure(
            f"The image {image} is not registered: {error}"
        ) from error


def properties(username: str, tags: Sequence[str]) -> Mapping[str, str]:
    """What the registry writes to an image, for a cloud where it is uploaded before
    the service runs."""
    return {_USERNAME: username, _DESCRIPTION: ""} | {
        f"{_TAG}{tag}": "True" for tag in tags
    }
