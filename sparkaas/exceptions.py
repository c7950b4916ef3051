# SPDX-License-Identifier: Apache-2.0
"""Every error the service raises on purpose.

::

    SparkaasError
    ├── InvalidRequest            what a caller got wrong
    │   ├── ValidationError       a body or query does not fit its schema
    │   ├── InvalidReference      a body names something that is not there
    │   ├── NameAlreadyExists / DuplicateEntry
    │   ├── CreationFailed / UpdateFailed / DeletionFailed
    │   ├── QuotaExceeded
    │   ├── InvalidComponentCount / RequiredServiceMissing
    │   ├── ClusterCannotBeScaled / NodeGroupCannotBeScaled
    │   ├── ImageNotRegistered / InvalidCredentials
    │   ├── BadJobBinary / DataTooBig
    │   ├── CannotVerify
    │   └── CancelingFailed / SuspendingFailed / InvalidJobStatus
    ├── NotFound                  the object that a URL or marker names
    ├── Forbidden                 policy says no
    ├── Unauthenticated           no token, or a bad one
    ├── NotAcceptable             an unknown microversion
    ├── Transient                 try again: the step backs off
    └── Permanent                 do not try again: the record goes to Error

A class knows nothing of HTTP: ``api/errors.py`` maps it. ``code`` is stable and
appears on the wire (``error_name``, or a record's reason code); the message is
one sentence, ``hint`` says what to do next.
"""

from __future__ import annotations


class SparkaasError(Exception):
    """Something went wrong."""

    code = "INTERNAL_SERVER_ERROR"
    hint = ""

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message or (self.__doc__ or "").partition("\n")[0])
        if code is not None:
            self.code = code
        if hint is not None:
            self.hint = hint

    @property
    def message(self) -> str:
        return str(self.args[0])


class InvalidRequest(SparkaasError):
    """The request makes no sense to the service."""

    code = "INVALID_DATA"


class ValidationError(InvalidRequest):
    """The request does not fit its schema."""

    code = "VALIDATION_ERROR"
    hint = "The service's /v2/openapi.json tells every field and its form."


class InvalidQuery(InvalidRequest):
    """The request has an unknown query parameter."""

    code = "INVALID_PARAMS_ON_REQUEST"


class MalformedBody(InvalidRequest):
    """The request body is not JSON."""

    code = "MALFORMED_REQUEST_BODY"


class BadMicroversion(InvalidRequest):
    """The API version header is not of the form N.N."""

    code = "BAD_REQUEST"


class InvalidReference(InvalidRequest):
    """The request refers to something that does not exist."""

    code = "INVALID_REFERENCE"


class MissingValue(InvalidRequest):
    """A value is needed from the request or its template, and neither has it."""

    code = "NOT_FOUND"


class NameAlreadyExists(InvalidRequest):
    """The name is taken."""

    code = "NAME_ALREADY_EXISTS"


class DuplicateEntry(InvalidRequest):
    """An object of that name exists already."""

    code = "DB_DUPLICATE_ENTRY"


class CreationFailed(InvalidRequest):
    """The object cannot be created now."""

    code = "CREATION_FAILED"


class UpdateFailed(InvalidRequest):
    """The object cannot be changed."""

    code = "UPDATE_FAILED"


class DeletionFailed(InvalidRequest):
    """The object cannot be deleted."""

    code = "DELETION_FAILED"


class QuotaExceeded(InvalidRequest):
    """The cloud has not enough left of something the cluster needs."""

    code = "QUOTA_ERROR"


class InvalidComponentCount(InvalidRequest):
    """A process occurs in the wrong number."""

    code = "INVALID_COMPONENT_COUNT"


class RequiredServiceMissing(InvalidRequest):
    """A process needs another that the cluster lacks."""

    code = "REQUIRED_SERVICE_MISSING"


class ClusterCannotBeScaled(InvalidRequest):
    """The cluster cannot be resized that way."""

    code = "CLUSTER_CANNOT_BE_SCALED"


class NodeGroupCannotBeScaled(InvalidRequest):
    """The node group cannot be resized that way."""

    code = "NODE_GROUP_CANNOT_BE_SCALED"


class ImageNotRegistered(InvalidRequest):
    """The image is not registered."""

    code = "IMAGE_NOT_REGISTERED"


class InvalidCredentials(InvalidRequest):
    """Credentials are missing or incomplete."""

    code = "INVALID_CREDENTIALS"


class BadJobBinary(InvalidRequest):
    """The job binary cannot be used."""

    code = "BAD_JOB_BINARY"


class DataTooBig(InvalidRequest):
    """The data is larger than the service accepts."""

    code = "DATA_TOO_BIG"


class CannotVerify(InvalidRequest):
    """The cluster's health cannot be checked now."""

    code = "CANNOT_VERIFY"


class CancelingFailed(InvalidRequest):
    """The job cannot be cancelled."""

    code = "CANCELING_FAILED"


class SuspendingFailed(InvalidRequest):
    """The job cannot be suspended."""

    code = "SUSPENDING_FAILED"


class InvalidJobStatus(InvalidRequest):
    """The job's status cannot be changed that way."""

    code = "INVALID_JOB_STATUS"


class NotFound(SparkaasError):
    """The object does not exist."""

    code = "NOT_FOUND"


class Forbidden(SparkaasError):
    """Policy does not allow that."""

    code = "FORBIDDEN"


class Unauthenticated(SparkaasError):
    """A valid token is needed."""

    code = "UNAUTHENTICATED"


class NotAcceptable(SparkaasError):
    """The service does not speak that API version."""

    code = "NOT_ACCEPTABLE"


class Transient(SparkaasError):
    """Something outside failed that may pass: the step is tried again.

    ``tries``: it is given up after so many failures in a row, if that is less than
    what is configured; for what takes its own time with each try.
    """

    code = "TRANSIENT_FAILURE"

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        hint: str | None = None,
        tries: int | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.tries = tries


class DatabaseAway(Transient):
    """The database cannot be reached."""

    code = "DATABASE_AWAY"
    hint = "Try again in a moment; what was asked may have been done."


class DeadlineExceeded(Transient):
    """A call did not finish in its time."""

    code = "TIMEOUT"


class Permanent(SparkaasError):
    """Something outside failed that will not pass: the record ends in Error."""

    code = "PERMANENT_FAILURE"
