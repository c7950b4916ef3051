# SPDX-License-Identifier: Apache-2.0
"""The state directory: who owns it, and the small files that must stay private."""

from __future__ import annotations

import fcntl
import json
import os
import pathlib
import secrets
import tempfile
from collections.abc import Sequence

from cryptography import fernet

from sparkaas import exceptions

LOCK = "lock"
TOKEN = "token"  # noqa: S105  # a file's name
KEY = "secret.key"
ENDPOINT = "endpoint.json"


class Busy(exceptions.SparkaasError):
    """Another process owns the state directory."""


def make(path: pathlib.Path) -> None:
    """Make the directory, readable by its owner only."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)


def write_private(path: pathlib.Path, text: str) -> None:
    """Replace a file atomically; no one else can read it at any moment."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        pathlib.Path(name).replace(path)
    except BaseException:
        pathlib.Path(name).unlink(missing_ok=True)
        raise


def _made_once(path: pathlib.Path, value: str) -> str:
    """The content of ``path``, which becomes ``value`` if it does not exist."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        # A link fails when the name is taken: of two processes that start at
        # once both use the value of the one that came first.
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        pathlib.Path(name).unlink()
    return path.read_text().strip()


def token(path: pathlib.Path) -> str:
    """The API token of the embedded service: made once, kept across restarts."""
    return _made_once(path / TOKEN, secrets.token_urlsafe(32))


def key_file(path: pathlib.Path, named: str = "") -> pathlib.Path:
    """Where keys are read: the file that is named, or one of the state directory."""
    return pathlib.Path(named).expanduser() if named else path / KEY


def encryption_keys(
    path: pathlib.Path, keys: Sequence[str], named: str, *, make_one: bool
) -> tuple[str, ...]:
    """The keys for secrets in the database: ``keys``, then those of the file ``named``.

    Where nothing is named, the one of the state directory ``path``, made there once if
    it may be. A file that an operator names must exist: making one there could hide
    that a share is not mounted, and its secrets would be unreadable elsewhere.
    """
    if named:
        return (*keys, *_read_keys(key_file(path, named)))
    own = key_file(path)
    if make_one and not keys:
        make(path)
        _made_once(own, fernet.Fernet.generate_key().decode())
    # One that is there counts: secrets may stand under it from before.
    return (*keys, *(_read_keys(own) if own.exists() else ()))


def _read_keys(file: pathlib.Path) -> list[str]:
    try:
        found = file.read_text().split()
    except (OSError, UnicodeError) as error:
        raise exceptions.Permanent(
            f"The encryption key file cannot be read: {error}.",
            hint="Check [secrets] key_file.",
        ) from error
    try:
        for one in found:
            fernet.Fernet(one)
    except ValueError:
        found = []
    if not found:
        raise exceptions.Permanent(
            f"{file} does not hold encryption keys.",
            code="BAD_ENCRYPTION_KEY",
            hint="Each line must be the URL-safe base64 of 32 bytes, as "
            "'sparkaas-manage secrets key' makes one.",
        )
    return found


class Lock:
    """The right to run on a state directory; given back when the process ends,
    however it ends."""

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path / LOCK
        # Close-on-exec by default: no node inherits the lock.
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(self._handle, 32).decode(errors="replace").strip()
            os.close(self._handle)
            raise Busy(
                f"sparkaas-all already runs on {path} (process {owner or 'unknown'}).",
                hint="Use it, stop it, or choose another directory with "
                "--service-state_path.",
            ) from None
        os.ftruncate(self._handle, 0)
        os.write(self._handle, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let another process in."""
        os.close(self._handle)


def publish(path: pathlib.Path, url: str, value: str) -> None:
    """Tell the client where the service is; it exists only while one runs."""
    text = json.dumps({"url": url, "token": value, "pid": os.getpid()})
    write_private(path / ENDPOINT, text + "\n")


def withdraw(path: pathlib.Path) -> None:
    """Forget the endpoint of this or an earlier run; the token stays."""
    (path / ENDPOINT).unlink(missing_ok=True)
