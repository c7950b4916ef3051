# SPDX-License-Identifier: Apache-2.0
"""How long one waits for nodes that leave: counted in looks, for no step sleeps."""

from __future__ import annotations

from sparkaas import model

#: Between two looks.
SECONDS = 2.0


def over(key: str) -> model.Done:
    """They may go, and the count that the checkpoint has under ``key`` with them."""
    return model.Done({"checkpoint": {key: None}})


def outcome(
    cluster: model.Cluster, key: str, seconds: int, waits_for: str
) -> model.Outcome:
    """A further look while there is something that it ``waits_for``, but not for more
    than ``seconds``; the checkpoint counts under ``key``."""
    looks = int(cluster.checkpoint.get(key) or 0)
    if not waits_for or looks >= seconds / SECONDS:
        return over(key)
    return model.Wait(SECONDS, waits_for, {"checkpoint": {key: looks + 1}})
