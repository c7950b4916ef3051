# SPDX-License-Identifier: Apache-2.0
"""Secrets and bytes, kept in memory."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from sparkaas import exceptions
from sparkaas.store import keys
from sparkaas.testing import crash

_NAMESPACE = uuid.UUID("5b1f64c0-6f65-4c0a-9a57-6a4c7b1a2f11")
_CHUNK = 64 * 1024


class FakeSecrets:
    """An ``interfaces.Secrets`` over a dictionary (``values``, by reference)."""

    def __init__(self, point: crash.Point = crash.no_crash) -> None:
        self.values: dict[str, dict[str, str]] = {}
        self._point = point
        self._lock = threading.Lock()

    def put(self, project_id: str, value: Mapping[str, str], name: str = "") -> str:
        reference = (
            str(uuid.uuid5(_NAMESPACE, f"{project_id}/{name}"))
            if name
            else str(uuid.uuid4())
        )
        self._point("before secrets.put")
        with self._lock:
            self.values.setdefault(reference, dict(value))
        self._point("after secrets.put")
        return reference

    def get(self, reference: str) -> Mapping[str, str]:
        with self._lock:
            if reference not in self.values:
                raise exceptions.NotFound(f"There is no secret {reference}")
            return dict(self.values[reference])

    def delete(self, reference: str) -> None:
        self._point("before secrets.delete")
        with self._lock:
            self.values.pop(reference, None)
        self._point("after secrets.delete")


class FakeKeyManager:
    """What is needed of a castellan ``KeyManager``, in memory (``values``, by id);
    ``broken``, an exception, is raised by all that it is asked."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.broken: Exception | None = None

    def store(self, context: object, managed_object: Any) -> str:
        self._check(context)
        id = str(uuid.uuid4())
        self.values[id] = managed_object
        return id

    def get(self, context: object, managed_object_id: str) -> Any:
        self._check(context)
        return self._find(managed_object_id)

    def delete(self, context: object, managed_object_id: str) -> None:
        self._check(context)
        self._find(managed_object_id)
        del self.values[managed_object_id]

    def _check(self, context: object) -> None:
        if self.broken is not None:
            raise self.broken
        if context is None:
            raise ValueError("nobody asks")

    def _find(self, id: str) -> Any:
        if id not in self.values:
            from castellan.common import exception

            raise exception.ManagedObjectNotFoundError(uuid=id)
        return self.values[id]


class FakeStore:
    """An ``interfaces.Store`` over a dictionary (``objects``, by key)."""

    def __init__(self, point: crash.Point = crash.no_crash) -> None:
        self.objects: dict[str, bytes] = {}
        self._point = point
        self._lock = threading.Lock()

    def create(self, key: str, chunks: Iterable[bytes], limit: int) -> tuple[int, str]:
        keys.segments(key)
        data = bytearray()
        for chunk in chunks:
            data += chunk
            if len(data) > limit:
                raise exceptions.DataTooBig(f"More than {limit} bytes")
        self._point("before store.create")
        with self._lock:
            self.objects[key] = bytes(data)
        self._point("after store.create")
        return len(data), hashlib.sha256(data).hexdigest()

    def append(self, key: str, offset: int, data: bytes) -> int:
        keys.segments(key)
        self._point("before store.append")
        with self._lock:
            had = self.objects.get(key, b"")
            if not 0 <= offset <= len(had):
                raise ValueError(f"{key} ends at {len(had)}, before {offset}")
            self.objects[key] = had + data[len(had) - offset :]
            size = len(self.objects[key])
        self._point("after store.append")
        return size

    def size(self, key: str) -> int:
        keys.segments(key)
        with self._lock:
            return len(self.objects.get(key, b""))

    def read(self, key: str, offset: int, limit: int) -> bytes:
        keys.segments(key)
        with self._lock:
            return self.objects.get(key, b"")[offset : offset + limit]

    def open(self, key: str) -> Iterator[bytes]:
        keys.segments(key)
        with self._lock:
            if key not in self.objects:
                raise exceptions.NotFound(f"There is no object {key}")
            data = self.objects[key]
        return (data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK))

    def delete(self, prefix: str) -> None:
        keys.segments(prefix)
        self._point("before store.delete")
        with self._lock:
            for key in list(self.objects):
                if key == prefix or key.startswith(f"{prefix}/"):
                    del self.objects[key]
        self._point("after store.delete")
