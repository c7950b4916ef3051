# SPDX-License-Identifier: Apache-2.0
"""The API over a world of fakes, with real encryption, and a client for it."""

import json

import pytest
import werkzeug.test
from cryptography import fernet

from sparkaas.api import app as api_app
from sparkaas.db import secrets
from sparkaas.safes import encrypted
from sparkaas.testing import service


class Api:
    """Sends requests and keeps every answer's bytes in ``seen``."""

    MINE = "aaaaaaaabbbbccccddddeeeeeeeeeeee"
    OTHER = "ffffffffbbbbccccddddeeeeeeeeeeee"

    def __init__(self, wsgi):
        self._client = werkzeug.test.Client(wsgi)
        self.seen = []

    def __call__(
        self,
        method,
        path,
        body=None,
        *,
        project=MINE,
        version="2.1",
        data=None,
        headers=None,
        roles="member,reader",
        status=None,
        below="/v2",
    ):
        response = self._client.open(
            f"{below}{path}",
            method=method,
            data=data if data is not None else body and json.dumps(body),
            content_type="application/json" if body else None,
            headers={
                "X-Project-Id": project,
                "X-User-Id": "somebody",
                "X-Roles": roles,
                "OpenStack-API-Version": f"data-processing {version}",
                **(headers or {}),
            },
        )
        raw = response.get_data()
        self.seen.append(raw)
        response.close()
        wanted = status or {"GET": 200, "DELETE": 204}.get(method, 202)
        assert response.status_code == wanted, raw
        if response.mimetype == "application/json":
            return json.loads(raw)
        return response if status is None else raw

    def error(self, method, path, body=None, *, status=400, **more):
        """The error's name; anything else fails."""
        answer = self(method, path, body, status=status, **more)
        assert answer["error_code"] == status
        return answer["error_name"]


@pytest.fixture
def world():
    with service.World(api__long_poll_pause=0.01, edp__max_binary_bytes=1000) as made:
        safe = encrypted.EncryptedSafe([fernet.Fernet.generate_key().decode()])
        made.change(secrets=secrets.StoredSecrets(made.env.db, [safe]))
        yield made


class _Now:
    """An ``Env`` that is the running test's: making an app for each takes longer
    than most tests."""

    world = None

    def __getattr__(self, name):
        return getattr(self.world.env, name)


@pytest.fixture(scope="session")
def _app():
    now = _Now()
    with service.World() as now.world:
        wsgi = api_app.create_app(now, lambda app: app, check_answers=True)
    return now, wsgi


@pytest.fixture
def api(world, _app):
    now, wsgi = _app
    now.world = world
    return Api(wsgi)
