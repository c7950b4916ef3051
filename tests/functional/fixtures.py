# SPDX-License-Identifier: Apache-2.0
"""What gabbi's stories run against: the API over a world of fakes.

The identity comes from the request's own headers, as keystonemiddleware would
leave it; without X-Auth-Token there is none. Nothing happens behind the scenes
but when a request asks for it: with the header X-Settle the conductor works until
it has nothing left to do, and then the request is answered.
"""

import os
import uuid

from gabbi import fixture

from sparkaas import model
from sparkaas.api import app
from sparkaas.api import auth
from sparkaas.db import clusters
from sparkaas.testing import driving
from sparkaas.testing import service

PROJECT = "aaaaaaaabbbbccccddddeeeeeeeeeeee"
OTHER_PROJECT = "ffffffffbbbbccccddddeeeeeeeeeeee"


class _Current:
    """The application of the story that runs."""

    application = None


def application():
    """What gabbi sends its requests to; asked for before the story begins."""
    return lambda environ, start_response: _Current.application(environ, start_response)


def believing(inner):
    """Authentication that takes the caller's word."""

    def middleware(environ, start_response):
        if not environ.get("HTTP_X_AUTH_TOKEN"):
            return auth.refuse(start_response, 401, "A token is needed.")
        return inner(environ, start_response)

    return middleware


class Api(fixture.GabbiFixture):
    """The whole API, every answer held against its schema."""

    authenticate = staticmethod(believing)

    def start_fixture(self):
        self.world = service.World()
        conductor = driving.Conductor(self.world.env, self.world.clock)
        api = app.create_app(self.world.env, self.authenticate, check_answers=True)

        def settling(environ, start_response):
            if "HTTP_X_SETTLE" in environ:
                conductor.settle()
            return api(environ, start_response)

        _Current.application = settling

    def stop_fixture(self):
        _Current.application = None
        self.world.close()


class WorldFixture(Api):
    """The same without a token; ``$PROJECT`` and ``$OTHER_PROJECT`` are projects."""

    authenticate = staticmethod(lambda inner: inner)

    def start_fixture(self):
        super().start_fixture()
        os.environ["PROJECT"] = PROJECT
        os.environ["OTHER_PROJECT"] = OTHER_PROJECT


class ClusterFixture(WorldFixture):
    """... with a cluster that nobody has made yet: ``$CLUSTER``."""

    def start_fixture(self):
        super().start_fixture()
        record = model.Cluster(
            id=str(uuid.uuid4()),
            project_id=PROJECT,
            name="c1",
            plugin_name="fake",
            plugin_version="0.1",
        )
        os.environ["CLUSTER"] = clusters.create(self.world.env.db, record).id
