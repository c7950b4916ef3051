# SPDX-License-Identifier: Apache-2.0
"""Telling a person what goes on, without getting into a program's output.

All of it goes to standard error. Lines that move (a status, a progress bar) are
drawn on terminals only.
"""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any
from typing import TextIO


class Console:
    """A person's view of a command."""

    def __init__(
        self, stdin: TextIO, stdout: TextIO, stderr: TextIO, quiet: bool = False
    ) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.quiet = quiet

    @property
    def moving(self) -> bool:
        """Whether lines may move."""
        return not self.quiet and is_terminal(self.stderr)

    @property
    def can_ask(self) -> bool:
        """Whether there is somebody to answer."""
        return is_terminal(self.stdin) and is_terminal(self.stderr)

    def say(self, text: str) -> None:
        """A line of news; nothing when quiet."""
        if not self.quiet:
            self.warn(text)

    def warn(self, text: str) -> None:
        """A line that matters also when quiet."""
        self.stderr.write(f"{text}\n")
        self.stderr.flush()

    @contextlib.contextmanager
    def status(
        self, first: str, *, lines: bool = False
    ) -> Iterator[Callable[[str], None]]:
        """A status that can be replaced: one moving line on a terminal; elsewhere,
        with ``lines``, a line for each new text."""
        if self.moving:
            import rich.console

            screen = rich.console.Console(file=self.stderr)
            with screen.status(_plain(first)) as spinner:
                yield lambda text: spinner.update(_plain(text))
            return
        last = ""

        def update(text: str) -> None:
            nonlocal last
            if lines and text != last:
                self.say(text)
            last = text

        update(first)
        yield update


class Output:
    """Where a program's output goes, byte for byte, beside a moving bar.

    While a bar is drawn, what goes to a terminal goes through it in whole lines;
    what goes to a file or pipe is never touched.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.RLock()
        self._bar: Any = None
        self._task: Any = None
        self._halves: dict[str, bytes] = {"stdout": b"", "stderr": b""}

    def write(self, stream: str, data: bytes) -> None:
        """Bytes of the program's ``stdout`` or ``stderr``."""
        with self._lock:
            file = self._file(stream)
            if self._bar is None or not is_terminal(file):
                write_bytes(file, data)
                return
            lines, newline, rest = (self._halves[stream] + data).rpartition(b"\n")
            self._halves[stream] = rest
            if newline:
                text = lines.decode("utf-8", "replace")
                self._bar.console.out(text, highlight=False)

    def show(self, text: str, done: int, total: int) -> None:
        """Draw the bar, if there is a terminal to draw on."""
        if not self._console.moving:
            return
        with self._lock:
            if self._bar is None:
                self._bar, self._task = _new_bar(self._console.stderr)
                self._bar.start()
            self._bar.update(
                self._task,
                description=_plain(text),
                completed=done,
                total=total or None,
            )

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """No output and no bar meanwhile: somebody is being asked."""
        with self._lock:
            self.close()
            yield

    def close(self) -> None:
        """Take the bar away and let out what was held back."""
        with self._lock:
            bar, self._bar = self._bar, None
            if bar is not None:
                bar.stop()
            for stream, rest in self._halves.items():
                if rest:
                    write_bytes(self._file(stream), rest)
                self._halves[stream] = b""

    def _file(self, stream: str) -> TextIO:
        console = self._console
        return console.stdout if stream == "stdout" else console.stderr


def _new_bar(file: TextIO) -> tuple[Any, Any]:
    import rich.console
    import rich.progress

    bar = rich.progress.Progress(
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(bar_width=30),
        rich.progress.TimeElapsedColumn(),
        console=rich.console.Console(file=file),
        refresh_per_second=4,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    return bar, bar.add_task("", total=None)


def is_terminal(file: TextIO) -> bool:
    """Whether a stream ends at a person."""
    try:
        return file.isatty()
    except ValueError:
        return False


def write_bytes(file: TextIO, data: bytes) -> None:
    """Bytes to a text stream, unchanged where it has bytes below."""
    file.flush()
    below = getattr(file, "buffer", None)
    if isinstance(below, io.BufferedIOBase | io.RawIOBase):
        below.write(data)
        below.flush()
    else:
        file.write(data.decode("utf-8", "replace"))
        file.flush()


def _plain(text: str) -> str:
    """Text in which rich sees no markup."""
    return text.replace("[", r"\[")
