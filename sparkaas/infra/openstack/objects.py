# SPDX-License-Identifier: Apache-2.0
"""Keys to Swift's S3 API: EC2 credentials in Keystone, made in a user's own name.

They are made while the request with the user's own token is there, and taken back by
the service's user: see ``ec2``.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable
from collections.abc import Mapping

from oslo_config import cfg

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas.conf import openstack as options
from sparkaas.conf import swift
from sparkaas.infra.openstack import ec2
from sparkaas.infra.openstack import errors
from sparkaas.infra.openstack import sessions

_REFUSED = "SWIFT_KEYS_REFUSED"


class KeystoneObjects:
    """An ``interfaces.Objects``."""

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        clouds: sessions.Sessions,
        installation: Callable[[], str],
        caller: interfaces.Caller | None = None,
    ) -> None:
        self._conf = conf
        self._clouds = clouds
        self._mark = installation
        self._caller = caller

    def for_caller(self, caller: interfaces.Caller) -> KeystoneObjects:
        """The same for a request's caller."""
        return KeystoneObjects(self._conf, self._clouds, self._mark, caller)

    def lend(self, job_id: str, number: int) -> interfaces.ObjectKeys:
        """With the token of the request."""
        if self._caller is None:
            raise exceptions.Permanent("Keys are lent within a request only.")
        cloud = self._clouds.of_caller(self._caller)
        access = ec2.access(self._mark(), job_id, number)
        return self._make(cloud, self._caller.project_id, access)

    def lend_of(
        self, job_id: str, number: int, user: str, password: str, project_id: str
    ) -> interfaces.ObjectKeys:
        """With the user's password."""
        domain = self._conf.swift.user_domain
        cloud = self._clouds.of_user(user, password, domain, project_id)
        access = ec2.access(self._mark(), job_id, number)
        return self._make(cloud, project_id, access)

    def take_back(self, access: str) -> None:
        ec2.delete(self._clouds.service, access)

    def given(self) -> Mapping[str, str]:
        """Of all users' credentials, those that this installation made."""
        return ec2.given(self._clouds.service, self._mark())

    def _make(
        self, cloud: sessions.Cloud, project_id: str, access: str
    ) -> interfaces.ObjectKeys:
        try:
            with errors.explained("Making keys to Swift"):
                endpoint = self._endpoint(cloud)
                secret = ec2.create(cloud, project_id, access)
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
            access=access,
            secret=secret,
            endpoint=endpoint,
            region=self._conf.swift.s3_region,
            user_id=cloud.user_id,
        )
        self._check(cloud, keys)
        return keys

    def _check(self, cloud: sessions.Cloud, keys: interfaces.ObjectKeys) -> None:
        """Whoever makes keys must be able to take them back."""
        try:
            if ec2.is_there(self._clouds.service, keys.access):
                return
            raise exceptions.Permanent("The service does not see keys of others.")
        except exceptions.SparkaasError as error:
            ec2.delete(cloud, keys.access)
            if isinstance(error, exceptions.Transient):
                raise
            raise exceptions.CreationFailed(
                "The service may not take keys to Swift back, so it lends none.",
                code=_REFUSED,
                hint="Its operator should give the user of [openstack] the role admin, "
                "or set [swift] lend_keys to false.",
            ) from error

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


def from_conf(
    conf: cfg.ConfigOpts, installation: Callable[[], str]
) -> KeystoneObjects | None:
    """What [openstack] and [swift] say; None without a user of the service's own."""
    if not conf[swift.GROUP].lend_keys or not conf[options.GROUP].auth_type:
        return None
    return KeystoneObjects(conf, sessions.Sessions(conf), installation)
