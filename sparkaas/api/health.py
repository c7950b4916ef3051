# SPDX-License-Identifier: Apache-2.0
"""``/healthcheck``: may a load balancer send requests here?"""

from __future__ import annotations

import logging
import typing
from collections.abc import Callable
from collections.abc import Iterable

from oslo_config import cfg
from oslo_middleware import healthcheck

from sparkaas import exceptions
from sparkaas.api import auth

if typing.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication
    from _typeshed.wsgi import WSGIEnvironment

LOG = logging.getLogger(__name__)

PATH = "/healthcheck"


class Health:
    """oslo.middleware's answer, with what [healthcheck] adds, unless ``probe``
    raises: then it is 503, and the log tells the reason."""

    def __init__(
        self, app: WSGIApplication, conf: cfg.ConfigOpts, probe: Callable[[], None]
    ) -> None:
        self._inner = healthcheck.Healthcheck(app, conf)
        self._probe = probe

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        head: list[typing.Any] = []
        inner: Iterable[bytes] = self._inner(environ, lambda *each: head.extend(each))
        if head[0].startswith("20") and not self._well():
            text = auth.refuse(start_response, 503, "The database cannot be used.")
            return [] if environ["REQUEST_METHOD"] == "HEAD" else text
        start_response(*head)
        return inner

    def _well(self) -> bool:
        try:
            self._probe()
        except exceptions.SparkaasError as error:
            LOG.warning("Not healthy: %s %s", error.message, error.hint)
        except Exception:  # a health check that fails is an answer, too
            LOG.exception("Not healthy")
        else:
            return True
        return False
