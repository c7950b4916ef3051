# SPDX-License-Identifier: Apache-2.0
"""Every error that the client raises on purpose.

::

    ClientError                a sentence and what to do next
    ├── UsageError             the caller asked for something that cannot be
    ├── NoService              no service is configured or running
    ├── Unreachable            the service does not answer
    ├── DeadlineExceeded       what was waited for did not come in time
    ├── Ambiguous              a name that several objects have
    ├── ClusterFailed          a cluster that was waited for ended in Error
    ├── Unexpected             a defect of the client
    └── ServerError            the service refused; its own sentence and hint
        ├── BadRequest         400
        ├── Unauthorized       401
        ├── Forbidden          403
        ├── NotFound           404
        ├── NotAcceptable      406
        └── ServiceFault       500 and above

``str(error)`` is the sentence, then a line each for the hint and the code, as far as
there are. A code is stable: a script may look for it.
"""

from __future__ import annotations


def told(sentence: str, hint: str = "", code: str = "") -> str:
    """The lines that tell a person what went wrong."""
    lines = [sentence]
    if hint:
        lines.append(f"hint: {hint}")
    if code:
        lines.append(f"code: {code}")
    return "\n".join(lines)


class ClientError(Exception):
    """Something went wrong."""

    hint = ""
    code = ""

    def __init__(self, sentence: str, *, hint: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        if hint is not None:
            self.hint = hint

    def __str__(self) -> str:
        return told(self.sentence, self.hint, self.code)


class UsageError(ClientError):
    """The caller asked for something that cannot be."""


class NoService(ClientError):
    """No service is configured or running."""


class Unreachable(ClientError):
    """The service does not answer."""


class DeadlineExceeded(ClientError):
    """What was waited for did not come in time."""


class Ambiguous(ClientError):
    """A name that several objects have."""


class ClusterFailed(ClientError):
    """A cluster that was waited for ended in Error. ``code`` is its reason code."""

    def __init__(self, sentence: str, *, code: str = "", hint: str | None = None):
        super().__init__(sentence, hint=hint)
        self.code = code


class Unexpected(ClientError):
    """A defect of the client."""


class ServerError(ClientError):
    """The service refused. ``status`` is HTTP's, ``code`` the stable error name."""

    def __init__(
        self,
        sentence: str,
        *,
        status: int,
        code: str = "",
        hint: str | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(sentence, hint=hint)
        self.status = status
        self.code = code
        self.request_id = request_id


class BadRequest(ServerError):
    """The request makes no sense to the service."""


class Unauthorized(ServerError):
    """The token is missing, wrong or expired."""

    hint = "Check the token, or the OS_* variables that it comes from."


class Forbidden(ServerError):
    """Policy does not allow that."""


class NotFound(ServerError):
    """The object does not exist, or is another project's."""


class NotAcceptable(ServerError):
    """The service does not speak that API version."""


class ServiceFault(ServerError):
    """The service failed."""

    hint = "The service's log tells more."


BY_STATUS: dict[int, type[ServerError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    406: NotAcceptable,
}
