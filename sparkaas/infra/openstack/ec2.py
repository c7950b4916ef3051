# SPDX-License-Identifier: Apache-2.0
"""EC2 credentials in Keystone that a job is lent, and that end with it.

They are made in the name of who launches the job, with the token of that very request,
and deleted by the service's user, who must be an administrator of Keystone for that.
The access key says whose they are: the installation's mark, the job's id, a number. So
what a process that was killed left behind is found again, and what is to be deleted is
known from the job's id alone.

What was found by trying, with Keystone 30 (2026.2) and Swift 2.38:

- ``POST /credentials`` takes an access key and a secret of the caller's choice (the
  extension OS-EC2 chooses both), once: a second time is 409. The credential's id is the
  SHA-256 of the access key. OS-EC2 and Swift's s3api take such a credential like any.
- A delegated token (a trust's, an application credential's) makes none: see ``trusts``.
  So a trust of the job's own would not help a job to keys, neither to make nor to
  delete them.
- There is no end date. A list, which only an administrator gets, has the secrets too.
- Swift takes a deleted key for as long as its filter s3token keeps secrets
  (``secret_cache_duration``).
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import uuid
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from sparkaas.infra.openstack import errors
from sparkaas.infra.openstack import sessions

_PREFIX = "sparkaas"
_KEY = re.compile(_PREFIX + "([0-9a-f]{8})([0-9a-f]{32})[0-9a-f]{4}")
_PATH = "/credentials"


def access(installation: str, job_id: str, number: int) -> str:
    """The access key of a job's credential of that number, below 65536. Pure."""
    return f"{_PREFIX}{_mark(installation)}{uuid.UUID(job_id).hex}{number:04x}"


def job_of(installation: str, access: str) -> str | None:
    """Whose credential that is; None when it is none of the installation's jobs'.
    Pure."""
    found = _KEY.fullmatch(access)
    if found is None or found[1] != _mark(installation):
        return None
    return str(uuid.UUID(found[2]))


def create(cloud: sessions.Cloud, project_id: str, access: str) -> str:
    """Make the credential of ``access`` in the name of who ``cloud`` is, and return its
    secret. Raises ``exceptions.Permanent`` when Keystone makes none."""
    secret = secrets.token_hex(32)
    credential = {
        "type": "ec2",
        "blob": json.dumps({"access": access, "secret": secret}),
        "project_id": project_id,
        "user_id": cloud.user_id,
    }
    with errors.explained("Making an EC2 credential"):
        _asked(cloud, "post", _PATH, json={"credential": credential})
    return secret


def delete(cloud: sessions.Cloud, access: str) -> None:
    """Delete it; already gone is fine: it may have gone with its user or project."""
    with errors.explained("Deleting an EC2 credential"):
        try:
            _asked(cloud, "delete", _path(access))
        except errors.ABSENT:
            return


def is_there(cloud: sessions.Cloud, access: str) -> bool:
    """Whether ``cloud`` sees it. Raises ``exceptions.Permanent`` when it may not."""
    with errors.explained("Looking at an EC2 credential"):
        try:
            _asked(cloud, "get", _path(access))
        except errors.ABSENT:
            return False
    return True


def given(service: sessions.Cloud, installation: str) -> Mapping[str, str]:
    """Every credential that the installation's jobs have: access key -> job id."""
    with errors.explained("Listing EC2 credentials"):
        answer = _asked(service, "get", f"{_PATH}?type=ec2")
    keys = [_access_of(each) for each in answer.json()["credentials"]]
    jobs = {key: job_of(installation, key) for key in keys}
    return {key: job_id for key, job_id in jobs.items() if job_id is not None}


def _path(access: str) -> str:
    return f"{_PATH}/{hashlib.sha256(access.encode()).hexdigest()}"


def _access_of(credential: Mapping[str, Any]) -> str:
    """Others' need not make sense."""
    try:
        return str(json.loads(credential["blob"])["access"])
    except (ValueError, KeyError, TypeError):
        return ""


def _mark(installation: str) -> str:
    return hashlib.sha256(installation.encode()).hexdigest()[:8]


def _asked(cloud: sessions.Cloud, verb: str, path: str, **more: Any) -> Any:
    ask: Callable[..., Any] = getattr(cloud.sdk.identity, verb)
    answer = ask(path, **more)
    errors.raise_for(answer)
    return answer
