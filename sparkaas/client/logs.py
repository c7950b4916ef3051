# SPDX-License-Identifier: Apache-2.0
"""A job's output by byte offset: live, and whole in spite of broken connections."""

from __future__ import annotations

from collections.abc import Iterator

from sparkaas.client import errors
from sparkaas.client import transport as transport_module
from sparkaas.client import waiting

STREAMS = ("stdout", "stderr")

#: The event log of the job's application, there when the job has ended.
EVENTS = "events"

#: Seconds that the service may hold one request while there is nothing new.
HOLD_SECONDS = 20.0
#: Seconds that it may be silent beyond that, until the connection counts as broken.
SILENT_SECONDS = 15.0

_PIECE_BYTES = 64 * 1024


def follow(
    transport: transport_module.Transport,
    job_id: str,
    stream: str,
    offset: int = 0,
    *,
    hold: float = HOLD_SECONDS,
    patience: float = waiting.PATIENCE_SECONDS,
    clock: waiting.Clock = waiting.SYSTEM_CLOCK,
) -> Iterator[bytes]:
    """The bytes from ``offset`` on, as they come, until the log is complete.

    With ``hold`` 0 it ends at what there is now. When a connection breaks it goes
    on at the byte after the last one that was handed out; after ``patience``
    seconds without any answer it raises ``errors.Unreachable``.
    """
    silent_since: float | None = None
    pause = waiting.FIRST_PAUSE
    while True:
        before = offset
        try:
            answer = transport.request(
                "GET",
                f"/jobs/{job_id}/logs/{stream}",
                params={"offset": offset, "wait": f"{hold:g}"},
                stream=True,
                read_seconds=hold + SILENT_SECONDS,
                repeat=False,
            )
            with answer:
                for piece in answer.iter_content(_PIECE_BYTES):
                    offset += len(piece)
                    yield piece
                complete = answer.headers.get("X-Log-Complete") == "true"
                end = int(answer.headers.get("X-Log-Next-Offset", offset))
            if offset == end:
                silent_since = None
                pause = waiting.FIRST_PAUSE
                if complete or (hold <= 0 and offset == before):
                    return
                continue
            # Cut short without an error: the rest is asked for like after a break.
            broken: Exception = ConnectionError("the answer was cut short")
        except (errors.Unreachable, *transport_module.BROKEN) as error:
            broken = error
        now = clock.monotonic()
        if offset > before or silent_since is None:
            silent_since = now
        if now - silent_since >= patience:
            if isinstance(broken, errors.Unreachable):
                raise broken
            raise transport.unreachable(broken) from broken
        clock.sleep(pause)
        pause = min(pause * waiting.GROWTH, waiting.LONGEST_PAUSE)
