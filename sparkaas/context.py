# SPDX-License-Identifier: Apache-2.0
"""Who asks: passed explicitly to everything that needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oslo_context import context


class RequestContext(context.RequestContext):
    """The caller of one request.

    oslo.log alone reads the copy that oslo.context keeps per thread, to put the
    request's id on each line; the service itself is handed the object.
    """

    # The API refuses a request without them before anyone sees the context. Only a
    # caller with a token of the whole system has no project: as ``everywhere``.
    project_id: str
    user_id: str

    def everywhere(self) -> RequestContext:
        """The same caller, seeing every project's objects: reading only, for the rules
        of changes compare projects."""
        seen: RequestContext = type(self).from_dict(self.to_dict(), overwrite=False)
        seen.project_id = None  # type: ignore[assignment]
        return seen

    @classmethod
    def from_headers(cls, environ: Mapping[str, Any]) -> RequestContext:
        """The context in a WSGI environment whose headers authentication has set."""
        made: RequestContext = cls.from_environ(dict(environ))
        made.is_admin = "admin" in made.roles
        return made
