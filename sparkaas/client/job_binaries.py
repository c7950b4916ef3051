# SPDX-License-Identifier: Apache-2.0
"""Job binaries: programs, libraries and files for jobs."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from collections.abc import Iterator

from sparkaas.client import errors
from sparkaas.client import resource
from sparkaas.client import uploads

#: Error names that say that a name is taken.
TAKEN = frozenset({"NAME_ALREADY_EXISTS", "DB_DUPLICATE_ENTRY"})
#: Seconds for the service to store an uploaded file once it has all bytes.
STORE_SECONDS = 600.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class JobBinary(resource.Resource):
    """A job binary. Credentials are never readable."""

    url: str = ""


class JobBinaries(resource.Collection[JobBinary]):
    """The verbs on job binaries."""

    path = "/job-binaries"
    key = "job_binary"
    keys = "binaries"
    noun = "job binary"
    record = JobBinary

    def upload(
        self,
        path: str | os.PathLike[str],
        name: str | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> JobBinary:
        """Store a file and return its job binary (API 2.1).

        Without ``name`` it is named by its content, and the same file is not sent
        twice. The file is read in pieces. ``on_progress(sent, total)`` is called
        with bytes.
        """
        self._transport.need_microversion("uploading a file")
        file = uploads.readable_file(path)
        if not file.stat().st_size:
            raise errors.UsageError(f"{str(path)!r} is empty.")
        content = uploads.digest(file)
        wanted = name or uploads.content_name(file.name, content)
        made = self._named(wanted) if name is None else None
        if made is not None and self._has_bytes(made):
            return made
        fresh = made is None
        if made is None:
            made, fresh = self._room(wanted, file.name, taken_is_fine=name is None)
        try:
            self._transport.request(
                "PUT",
                self._at(made.id, "data"),
                data=uploads.FileBody(file, on_progress),
                headers={"Content-Type": "application/octet-stream"},
                read_seconds=STORE_SECONDS,
            )
        except BaseException:
            if fresh:
                self.delete(made.id)
            raise
        return made

    def _named(self, name: str) -> JobBinary | None:
        found = [one for one in self.list(name=name) if one.name == name]
        return found[0] if found else None

    def _has_bytes(self, binary: JobBinary) -> bool:
        """False for what an upload that broke off has left."""
        try:
            self._transport.request(
                "GET", self._at(binary.id, "data"), stream=True
            ).close()
        except errors.NotFound:
            return False
        return True

    def _room(
        self, name: str, description: str, *, taken_is_fine: bool
    ) -> tuple[JobBinary, bool]:
        """A binary to put bytes into, and whether it is new."""
        try:
            return self.create(name=name, description=description), True
        except errors.BadRequest as error:
            # Somebody uploads the same file at the same time.
            found = self._named(name) if taken_is_fine else None
            if error.code not in TAKEN or found is None:
                raise
            return found, False

    def download(self, id: str) -> Iterator[bytes]:
        """The binary's bytes, in pieces."""
        with self._transport.request(
            "GET", self._at(id, "data"), stream=True
        ) as answer:
            yield from answer.iter_content(uploads.PIECE_BYTES)
