# SPDX-License-Identifier: Apache-2.0
"""Who is calling: middleware that settles it before anything else is read.

Both modes leave the identity in the headers that keystonemiddleware defines;
``ProjectCheck`` makes the ``RequestContext`` of them and takes the project out of
the path. Refusals of this layer are plain text, as clients expect.
"""

from __future__ import annotations

import hmac
import re
import typing
import urllib.parse
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence

from keystonemiddleware import auth_token
from oslo_config import cfg

from sparkaas import context
from sparkaas.api import routing
from sparkaas.policies import base as policies

if typing.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication
    from _typeshed.wsgi import WSGIEnvironment

Middleware = Callable[["WSGIApplication"], "WSGIApplication"]

_UUID = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}",
    re.IGNORECASE,
)

#: Who the caller is where there is one token only.
LOCAL_PROJECT = "00000000000000000000000000000001"
LOCAL_USER = "local"

_REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    503: "Service Unavailable",
}


def refuse(
    start_response: StartResponse,
    status: int,
    text: str,
    headers: Sequence[tuple[str, str]] = (),
) -> Iterable[bytes]:
    """A plain text answer."""
    data = f"{text}\n".encode()
    start_response(
        f"{status} {_REASONS[status]}",
        [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(data))),
            *headers,
        ],
    )
    return [data]


def _host(netloc: str) -> str:
    """The host of ``host:port``, brackets of an IPv6 address off; "" if unusable."""
    try:
        return (urllib.parse.urlsplit(f"//{netloc}").hostname or "").rstrip(".")
    except ValueError:
        return ""


class TokenAuth:
    """One token for one user: the embedded default.

    The Host and Origin checks keep out web pages: a page can make its visitor's
    browser send requests to a loopback address, by a name of its own choice
    (DNS rebinding) or from its own origin.
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        token: str,
        project_id: str,
        user_id: str,
        allowed_hosts: Sequence[str] = (),
    ) -> None:
        if not token:
            raise ValueError("an empty token would let everyone in")
        self._app = app
        self._token = token.encode()
        self._allowed = {_host(f"[{h}]" if ":" in h else h) for h in allowed_hosts}
        self._identity = {
            "HTTP_X_IDENTITY_STATUS": "Confirmed",
            "HTTP_X_USER_ID": user_id,
            "HTTP_X_USER_NAME": user_id,
            "HTTP_X_PROJECT_ID": project_id,
            "HTTP_X_TENANT_ID": project_id,
            "HTTP_X_ROLES": f"admin,member,reader,{policies.OPERATOR_ROLE}",
        }

    @classmethod
    def middleware(cls, **options: typing.Any) -> Middleware:
        """What ``create_app`` takes as ``authenticate``."""
        return lambda app: cls(app, **options)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if self._allowed:
            if _host(environ.get("HTTP_HOST", "")) not in self._allowed:
                return refuse(
                    start_response,
                    400,
                    "The Host header names a host that is not in [api]allowed_hosts.",
                )
            origin = environ.get("HTTP_ORIGIN")
            if origin is not None and (
                _host(urllib.parse.urlsplit(origin).netloc) not in self._allowed
            ):
                return refuse(
                    start_response,
                    403,
                    "Requests from web pages of other hosts are not accepted.",
                )
        given = environ.get("HTTP_X_AUTH_TOKEN", "")
        if not hmac.compare_digest(given.encode("latin-1", "replace"), self._token):
            return refuse(
                start_response,
                401,
                "A valid X-Auth-Token is needed.",
                [("WWW-Authenticate", 'Token realm="sparkaas"')],
            )
        # The headers of an identity come from here only, never from the caller.
        for key in [k for k in environ if k.startswith(_FORGEABLE)]:
            del environ[key]
        environ.update(self._identity)
        return self._app(environ, start_response)


_FORGEABLE = (
    "HTTP_X_IDENTITY",
    "HTTP_X_USER",
    "HTTP_X_PROJECT",
    "HTTP_X_TENANT",
    "HTTP_X_DOMAIN",
    "HTTP_X_ROLE",
    "HTTP_X_SERVICE",
    "HTTP_X_IS_ADMIN",
    "HTTP_X_SYSTEM",
    "HTTP_OPENSTACK_SYSTEM_SCOPE",
)


def keystone(conf: cfg.ConfigOpts) -> Middleware:
    """What ``create_app`` takes as ``authenticate`` when Keystone says who calls;
    its options are in the group ``keystone_authtoken``."""

    def middleware(app: WSGIApplication) -> WSGIApplication:
        made: WSGIApplication = auth_token.AuthProtocol(
            app, {"oslo_config_config": conf}
        )
        return made

    return middleware


def from_conf(conf: cfg.ConfigOpts, token: str) -> Middleware:
    """The middleware that ``[api]auth`` asks for; ``token`` counts for that mode."""
    if conf.api.auth == "keystone":
        return keystone(conf)
    return TokenAuth.middleware(
        token=token,
        project_id=LOCAL_PROJECT,
        user_id=LOCAL_USER,
        allowed_hosts=conf.api.allowed_hosts,
    )


class ProjectCheck:
    """Makes the context, and one path out of the four that lead to a resource:
    ``/v2/x``, ``/v2/{project}/x``, and both with ``.json`` at the end."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        caller = context.RequestContext.from_headers(environ)
        if not caller.project_id and caller.system_scope != "all":
            return refuse(start_response, 503, "The token is not scoped to a project.")
        version, _, rest = environ.get("PATH_INFO", "").lstrip("/").partition("/")
        rest = rest.rstrip("/")
        if not rest or "\0" in rest:
            return refuse(start_response, 404, "There is no such URL.")
        first, _, remainder = rest.partition("/")
        if _UUID.fullmatch(first):
            if _plain(first) != _plain(caller.project_id or ""):
                return refuse(start_response, 401, "The token is for another project.")
            rest = remainder
        plain = rest.removesuffix(routing.SUFFIX)
        environ[routing.CUT_OFF] = rest[len(plain) :]
        environ["PATH_INFO"] = f"/{version}/{plain}"
        environ[routing.CONTEXT] = caller
        return self._app(environ, start_response)


def _plain(project_id: str) -> str:
    return project_id.replace("-", "").lower()
