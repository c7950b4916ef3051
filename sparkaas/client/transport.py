# SPDX-License-Identifier: Apache-2.0
"""HTTP below the resources: one keystoneauth adapter, errors, microversion.

The first request reads the service's version document and settles the
endpoint and the microversion: 2.1 where the service offers it, else none, so
that the same client speaks to a plain Sahara.
"""

from __future__ import annotations

import json as json_module
import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any
from typing import Protocol

import requests
from keystoneauth1 import adapter as ksa_adapter
from keystoneauth1 import exceptions as ksa_exceptions

from sparkaas.client import errors

SERVICE_TYPE = "data-processing"

#: What the client was written for.
MICROVERSION = (2, 1)

#: Seconds to connect, and to wait for the next byte of an answer.
CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0

#: Pauses in seconds before each repetition of a request that may be repeated.
RETRY_PAUSES = (0.2, 0.5, 1.0, 2.0)

#: A broken connection, in all its spellings.
BROKEN = (
    ksa_exceptions.ConnectFailure,
    ksa_exceptions.DiscoveryFailure,
    requests.exceptions.RequestException,
)


class Body(Protocol):
    """Bytes to send: iterable from the start any number of times, length known."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Any: ...


class Transport:
    """Requests to one service. Thread-safe as far as ``requests`` is for GETs."""

    def __init__(
        self,
        adapter: ksa_adapter.Adapter,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._adapter = adapter
        self._sleep = sleep
        self._settled: tuple[str, tuple[int, int] | None] | None = None

    @property
    def endpoint(self) -> str:
        """The base URL of API v2, without a final slash."""
        return self._settle()[0]

    @property
    def microversion(self) -> tuple[int, int] | None:
        """What is sent with each request; None: the service has no more than 2.0."""
        return self._settle()[1]

    def need_microversion(self, what: str) -> None:
        """Raises ``errors.UsageError`` when the service is too old for ``what``."""
        if self.microversion is None:
            raise errors.UsageError(
                f"The service at {self.endpoint} cannot do this: {what} needs API "
                f"version 2.1.",
                hint="It is a Sahara or an old sparkaas; upgrade it.",
            )

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        data: Body | Iterable[bytes] | None = None,
        stream: bool = False,
        read_seconds: float | None = None,
        repeat: bool | None = None,
    ) -> requests.Response:
        """Send one request and return its good answer.

        ``read_seconds``: how long the service may be silent (default READ_SECONDS).
        ``repeat``: the request may be sent again when the connection breaks (a GET
        may, unless told otherwise). Raises ``errors.ServerError`` when the service
        refuses, ``errors.Unreachable`` when it does not answer.
        """
        repeat = method == "GET" if repeat is None else repeat
        read_seconds = READ_SECONDS if read_seconds is None else read_seconds
        pauses = iter(RETRY_PAUSES if repeat else ())
        while True:
            try:
                response = self._send(
                    method, path, json, params, headers, data, stream, read_seconds
                )
            except BROKEN as error:
                pause = next(pauses, None)
                if pause is None:
                    raise self.unreachable(error) from error
                self._sleep(pause)
                continue
            if response.status_code >= 400:
                raise _refusal(response)
            return response

    def unreachable(self, error: Exception) -> errors.Unreachable:
        """The client's own error for a connection that broke."""
        where = self._settled[0] if self._settled else self._adapter_url()
        what = str(error).partition("\n")[0]
        if isinstance(error, ksa_exceptions.DiscoveryFailure):
            what = "no version document"
        elif isinstance(error, requests.exceptions.Timeout | TimeoutError):
            what = "no answer in time"
        elif isinstance(
            error, ksa_exceptions.ConnectFailure | requests.exceptions.ConnectionError
        ):
            what = "the connection failed"
        return errors.Unreachable(
            f"The service at {where} does not answer: {what}.",
            hint="Is it running? sparkaas-all or ./quickstart starts an embedded one.",
        )

    def _send(
        self,
        method: str,
        path: str,
        json: Any,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        data: Body | Iterable[bytes] | None,
        stream: bool,
        read_seconds: float,
    ) -> requests.Response:
        endpoint, microversion = self._settle()
        extra: dict[str, Any] = {}
        if json is not None:
            extra["json"] = json
        if data is not None:
            extra["data"] = data
        if microversion is not None:
            extra["microversion"] = ".".join(map(str, microversion))
        return self._adapter.request(
            path,
            method,
            endpoint_override=endpoint,
            params=dict(params or {}),
            headers=dict(headers or {}),
            stream=stream,
            timeout=(CONNECT_SECONDS, read_seconds),
            raise_exc=False,
            redirect=False,
            **extra,
        )

    def _settle(self) -> tuple[str, tuple[int, int] | None]:
        if self._settled is None:
            try:
                found = self._adapter.get_endpoint_data()
            except ksa_exceptions.HttpError as error:
                raise _authentication_failed(error) from error
            except ksa_exceptions.DiscoveryFailure as error:
                raise self.unreachable(error) from error
            except ksa_exceptions.ClientException as error:
                raise _authentication_failed(error) from error
            if found is None or not found.url:
                raise errors.NoService(
                    f"The cloud's catalog has no {SERVICE_TYPE} service.",
                    hint="Ask the operator, or name the service with --url.",
                )
            newest = found.max_microversion
            offered = newest is not None and tuple(newest) >= MICROVERSION
            self._settled = (found.url.rstrip("/"), MICROVERSION if offered else None)
        return self._settled

    def _adapter_url(self) -> str:
        auth = self._adapter.auth or self._adapter.session.auth
        return str(getattr(auth, "endpoint", None) or SERVICE_TYPE)


def _authentication_failed(error: Exception) -> errors.ClientError:
    if isinstance(error, ksa_exceptions.ConnectFailure):
        return errors.Unreachable(
            f"The cloud does not answer: {str(error).partition(chr(10))[0]}",
            hint="Check OS_AUTH_URL, or the cloud's entry in clouds.yaml.",
        )
    return errors.ClientError(
        f"Authentication failed: {str(error).partition(chr(10))[0]}",
        hint="Check the OS_* variables, or the cloud's entry in clouds.yaml.",
    )


def _refusal(response: requests.Response) -> errors.ServerError:
    """The service's own sentence and hint, whatever shape the answer has."""
    status = response.status_code
    kind = errors.BY_STATUS.get(
        status, errors.ServiceFault if status >= 500 else errors.ServerError
    )
    try:
        document = json_module.loads(response.content)
    except (ValueError, requests.exceptions.RequestException):
        document = None
    if not isinstance(document, dict):
        document = {}
    lines = [
        line
        for line in str(document.get("error_message") or "").splitlines()
        if line.strip() and not line.startswith("Error ID:")
    ]
    sentence = "; ".join(lines) or (
        f"The service answered {status} {response.reason or ''}".rstrip() + "."
    )
    return kind(
        sentence,
        status=status,
        code=str(document.get("error_name") or ""),
        hint=str(document["hint"]) if document.get("hint") else None,
        request_id=response.headers.get("x-openstack-request-id", ""),
    )
