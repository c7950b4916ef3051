# SPDX-License-Identifier: Apache-2.0
"""Who speaks to the cloud: the service itself, a request's caller, or the service in
the name of a cluster's owner (through a Keystone trust)."""

from __future__ import annotations

import functools
import time
from typing import Any

import openstack
from cinderclient import client as cinder
from heatclient import client as heat
from keystoneauth1 import exceptions
from keystoneauth1 import loading
from keystoneauth1 import session as keystoneauth
from keystoneauth1.identity import v3
from novaclient import client as nova
from oslo_config import cfg

from sparkaas import interfaces
from sparkaas import meters
from sparkaas.conf import openstack as options

#: Microversions of the clouds of 2022 (Yoga), the oldest that are meant.
_COMPUTE = "2.79"
_VOLUME = "3.60"
#: Seconds that a service may be silent, unless [openstack] timeout says otherwise.
_TIMEOUT = 60.0
#: Service types, by all names that the clients give them, as labels. What names none
#: is Keystone's.
_SERVICES = {
    "orchestration": "orchestration",
    "compute": "compute",
    "network": "network",
    "image": "image",
    "volumev3": "volume",
    "block-storage": "volume",
    "block-store": "volume",
    "volume": "volume",
    "object-store": "object-store",
    "shared-file-system": "share",
    "sharev2": "share",
}
#: Sessions kept, each with its token: one per cluster at work.
_KEPT = 256
#: ... and one per caller of late.
_CALLERS = 16


class _Metered(keystoneauth.Session):
    """Counts the requests that it sends."""

    def request(  # type: ignore[override]  # its two dozen options are passed on
        self, url: str, method: str, **options: Any
    ) -> Any:
        wanted = options.get("endpoint_filter") or {}
        service = _SERVICES.get(wanted.get("service_type", ""), "identity")
        name = meters.method(method)
        began = time.monotonic()
        status = "none"
        try:
            answer = super().request(url, method, **options)
            status = str(answer.status_code)
            return answer
        except exceptions.HttpError as error:
            status = str(error.http_status)
            raise
        finally:
            meters.CALLS.labels(service, name, status).inc()
            seconds = time.monotonic() - began
            meters.CALL_SECONDS.labels(service, name).observe(seconds)


class _Loader(loading.session.Session):
    @property
    def plugin_class(self) -> type[keystoneauth.Session]:
        return _Metered


class Cloud:
    """The services of the cloud as one identity sees them. Nothing is asked before
    the first call."""

    def __init__(self, session: Any, region_name: str | None, interface: str) -> None:
        self.session = session
        self._where = {"region_name": region_name, "interface": interface}

    @functools.cached_property
    def heat(self) -> Any:
        """Orchestration."""
        return heat.Client("1", session=self.session, **self._where)

    @functools.cached_property
    def nova(self) -> Any:
        """Compute."""
        where = {
            "endpoint_type" if k == "interface" else k: v
            for k, v in self._where.items()
        }
        return nova.Client(_COMPUTE, session=self.session, **where)

    @functools.cached_property
    def cinder(self) -> Any:
        """Block storage."""
        return cinder.Client(_VOLUME, session=self.session, **self._where)

    @functools.cached_property
    def sdk(self) -> Any:
        """Everything else: identity, network, image."""
        return openstack.connection.Connection(
            session=self.session,
            region_name=self._where["region_name"],
            interface=self._where["interface"],
        )

    @property
    def user_id(self) -> str:
        """Who that is."""
        found: str = self.session.get_user_id()
        return found


class Sessions:
    """Makes a ``Cloud`` for each identity, from the group [openstack]."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf = conf
        self._group = conf[options.GROUP]
        self.of_trust = functools.lru_cache(_KEPT)(self._of_trust)
        self.of_caller = functools.lru_cache(_CALLERS)(self._of_caller)

    @functools.cached_property
    def service(self) -> Cloud:
        """The service's own user."""
        return self._cloud(
            loading.load_auth_from_conf_options(self._conf, options.GROUP)
        )

    def _of_caller(self, caller: interfaces.Caller) -> Cloud:
        """The one who makes a request, by their token. Kept for the rest of the
        request, and for the next few: each new one would ask Keystone for a token of
        its own, and each service for its versions."""
        url = self.service.session.auth.auth_url
        auth = v3.Token(url, caller.token or "", project_id=caller.project_id)
        return self._cloud(auth)

    def of_user(self, name: str, password: str, domain: str, project_id: str) -> Cloud:
        """A user who is known by name and password."""
        url = self.service.session.auth.auth_url
        auth = v3.Password(
            url,
            username=name,
            password=password,
            user_domain_name=domain,
            project_id=project_id,
        )
        return self._cloud(auth)

    def _of_trust(self, trust_id: str) -> Cloud:
        # A trust decides the project: none may be named beside it.
        nothing = dict.fromkeys(
            ("project_id", "project_name", "project_domain_id", "project_domain_name")
        )
        auth = loading.load_auth_from_conf_options(
            self._conf, options.GROUP, trust_id=trust_id, **nothing
        )
        return self._cloud(auth)

    def _cloud(self, auth: Any) -> Cloud:
        session = _Loader().load_from_conf_options(self._conf, options.GROUP, auth=auth)
        session.timeout = session.timeout or _TIMEOUT
        return Cloud(session, self._group.region_name, self._group.interface)
