# SPDX-License-Identifier: Apache-2.0
"""Ties between the supervisor and the processes below it (Linux ``prctl``)."""

from __future__ import annotations

import ctypes
import os
import pathlib
import signal

_SET_PDEATHSIG = 1
_SET_CHILD_SUBREAPER = 36

# Loaded before any fork: a child between fork and exec must not load libraries.
_LIBC = ctypes.CDLL(None, use_errno=True)
_SUPERVISOR = os.getpid()


def _prctl(option: int, value: int) -> None:
    if _LIBC.prctl(option, value, 0, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def become_supervisor() -> None:
    """Make this process the one that children die with, and the parent of
    grandchildren whose own parent ended."""
    global _SUPERVISOR
    _SUPERVISOR = os.getpid()
    _prctl(_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """In a child before exec: the kernel kills it when the supervisor dies."""
    _prctl(_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != _SUPERVISOR:
        os._exit(125)


def of(pid: int) -> list[int]:
    """The children of a process, zombies included."""
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(word) for word in text.read_text().split()]
    except FileNotFoundError:
        return [child for child in _processes() if _parent(child) == pid]


def _processes() -> list[int]:
    return [int(p.name) for p in pathlib.Path("/proc").iterdir() if p.name.isdigit()]


def _parent(pid: int) -> int:
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(text.rpartition(b")")[2].split()[1])
