# SPDX-License-Identifier: Apache-2.0
"""The key with which the cluster's user logs in: cloud-init wrote the first one."""

from __future__ import annotations

import pathlib
import pwd

from sparkaas.node import documents

_KEPT = "user_key.json"


def follow(key: str) -> None:
    """Put the key in the place of the one that there was before, whoever had it."""
    old = documents.load(_KEPT).get("key", "")
    if old and key and old != key:
        for account in pwd.getpwall():
            path = pathlib.Path(account.pw_dir) / ".ssh/authorized_keys"
            # What runs as that user could lead us elsewhere.
            if account.pw_name == documents.USER or path.is_symlink():
                continue
            if path.is_file():
                text = replaced(path.read_text(), old, key)
                documents.write(path, text.encode(), 0o600, account.pw_name)
    if key:
        documents.keep(_KEPT, {"key": key})


def replaced(text: str, old: str, new: str) -> str:
    """``authorized_keys`` with one key in another's place, all else kept. Pure."""
    lines = text.splitlines()
    return "".join(f"{new if line.strip() == old else line}\n" for line in lines)
