# SPDX-License-Identifier: Apache-2.0
"""The image registry: a view of the cloud's images, and what we note about them."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import model
from sparkaas.plugins import base
from sparkaas.service import env as environment


def list_(
    env: environment.Env,
    context: contexts.RequestContext,
    *,
    name: str = "",
    username: str = "",
    tags: Collection[str] = (),
) -> tuple[model.Image, ...]:
    """The registered images whose name and username have those parts, and that
    carry all the tags."""
    return tuple(
        image
        for image in env.catalog.images()
        if image.username
        and name.lower() in image.name.lower()
        and username.lower() in image.username.lower()
        and set(tags) <= set(image.tags)
    )


def find(
    env: environment.Env, context: contexts.RequestContext, id: str
) -> model.Image:
    """An image, registered or not. Raises ``exceptions.NotFound``."""
    return env.catalog.image(id)


def get(env: environment.Env, context: contexts.RequestContext, id: str) -> model.Image:
    """A registered image. Raises ``exceptions.NotFound`` or ``ImageNotRegistered``."""
    image = find(env, context, id)
    if not image.username:
        raise exceptions.ImageNotRegistered(f"Image {id} is not registered.")
    return image


def register(
    env: environment.Env,
    context: contexts.RequestContext,
    id: str,
    username: str,
    description: str,
) -> model.Image:
    """Note the user whom the image lets in; also changes a registered image."""
    return env.catalog.register(id, username, description)


def unregister(env: environment.Env, context: contexts.RequestContext, id: str) -> None:
    """Forget its user, description and tags."""
    env.catalog.unregister(id)


def set_tags(
    env: environment.Env,
    context: contexts.RequestContext,
    id: str,
    tags: Sequence[str],
) -> model.Image:
    """Make these its only tags; what comes twice counts once."""
    return env.catalog.set_tags(id, list(dict.fromkeys(tags)))


def suitable(env: environment.Env, version: base.Version) -> model.Image | None:
    """The newest registered image with the tags that a plugin's version requires."""
    found = [
        image
        for image in env.catalog.images()
        if image.username and set(version.required_image_tags) <= set(image.tags)
    ]
    return max(found, key=lambda image: (image.created, image.id), default=None)
