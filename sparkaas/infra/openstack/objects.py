# SPDX-License-Identifier: Apache-2.0
"""Keys to Swift's S3 API: EC2 credentials in Keystone, made in a user's own name.

Keystone makes none for a token that was delegated (of a trust or an application
credential), so they are made while the request with the user's own token is there.
Nor can they take themselves back: that is the service's user's right, as one who
administers Keystone.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable
from typing import Any

from oslo_config import cfg

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas.conf import openstack as options
from sparkaas.conf import swift
from sparkaas.infra.openstack import errors
from sparkaas.infra.openstack import sessions

_REFUSED = "SWIFT_KEYS_REFUSED"


class KeystoneObjects:
    """An ``interfaces.Objects``."""

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        clouds: sessions.Sessions,
        caller: interfaces.Caller | None = None,
    ) -> None:
        self._conf = conf
        self._clouds = clouds
        self._caller = caller

    def for_caller(self, caller: interfaces.Caller) -> KeystoneObjects:
        """The same for a request's caller."""
        return KeystoneObjects(self._conf, self._clouds, caller)

    def lend(self) -> interfaces.ObjectKeys:
        """With the token of the request."""
        if self._caller is None:
            raise exceptions.Permanent("Keys are lent within a request only.")
        return self._make(self._clouds.of_caller(self._caller), self._caller.project_id)

    def lend_of(
        self, user: str, password: str, project_id: str
    ) -> interfaces.ObjectKeys:
        """With the user's password."""
        domain = self._conf.swift.user_domain
        cloud = self._clouds.of_user(user, password, domain, project_id)
        return self._make(cloud, project_id)

    def take_back(self, lent: interfaces.ObjectKeys) -> None:
        with errors.explained("Taking keys to Swift back"):
            self._drop(self._clouds.service, lent)

    def _make(self, cloud: sessions.Cloud, project_id: str) -> interfaces.ObjectKeys:
        try:
            with errors.explained("Making keys to Swift"):
                endpoint = self._endpoint(cloud)
                path = f"/users/{cloud.user_id}/credentials/OS-EC2"
                made = _asked(cloud, "post", path, json={"tenant_id": project_id})
                credential = made.json()["credential"]
        except exceptions.Permanent as error:
            raise exceptions.InvalidCredentials(
                error.message,
                code=_REFUSED,
                hint="Keystone makes none for an application credential or a trust: "
                "use a token of a password, or give the data source credentials.",
            ) from error
        except exceptions.Transient as error:
            if error.code == "CLOUD_UNAUTHORIZED":
                raise exceptions.InvalidCredentials(
                    "Keystone does not know the user by that password in the project.",
                    hint="Correct the credentials of the data source or job binary.",
                ) from error
            raise
        keys = interfaces.ObjectKeys(
            access=credential["access"],
            secret=credential["secret"],
            endpoint=endpoint,
            region=self._conf.swift.s3_region,
            user_id=cloud.user_id,
        )
        self._check(cloud, keys)
        return keys

    def _check(self, cloud: sessions.Cloud, keys: interfaces.ObjectKeys) -> None:
        """Whoever makes keys must be able to take them back."""
        try:
            with errors.explained("Looking at keys to Swift"):
                _asked(self._clouds.service, "get", _path(keys))
        except exceptions.SparkaasError as error:
            with errors.explained("Taking keys to Swift back"):
                self._drop(cloud, keys)
            if isinstance(error, exceptions.Transient):
                raise
            raise exceptions.CreationFailed(
                "The service may not take keys to Swift back, so it lends none.",
                code=_REFUSED,
                hint="Its operator should give the user of [openstack] the role admin, "
                "or set [swift] lend_keys to false.",
            ) from error

    def _drop(self, cloud: sessions.Cloud, keys: interfaces.ObjectKeys) -> None:
        try:
            _asked(cloud, "delete", _path(keys))
        except errors.ABSENT:
            return  # with the user, or the project, or by hand

    def _endpoint(self, cloud: sessions.Cloud) -> str:
        if self._conf.swift.s3_endpoint:
            return str(self._conf.swift.s3_endpoint).rstrip("/")
        found = cloud.session.get_endpoint(
            service_type="object-store",
            interface=self._conf.swift.interface,
            region_name=self._conf[options.GROUP].region_name,
        )
        if not found:
            raise exceptions.Permanent("The cloud's catalog has no object-store.")
        parts = urllib.parse.urlsplit(found)
        return f"{parts.scheme}://{parts.netloc}"


def _path(keys: interfaces.ObjectKeys) -> str:
    return f"/users/{keys.user_id}/credentials/OS-EC2/{keys.access}"


def _asked(cloud: sessions.Cloud, verb: str, path: str, **more: Any) -> Any:
    ask: Callable[..., Any] = getattr(cloud.sdk.identity, verb)
    answer = ask(path, **more)
    errors.raise_for(answer)
    return answer


def from_conf(conf: cfg.ConfigOpts) -> KeystoneObjects | None:
    """What [openstack] and [swift] say; None without a user of the service's own."""
    if not conf[swift.GROUP].lend_keys or not conf[options.GROUP].auth_type:
        return None
    return KeystoneObjects(conf, sessions.Sessions(conf))
