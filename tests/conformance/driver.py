# SPDX-License-Identifier: Apache-2.0
"""Runs python-saharaclient for the tests, in the clients' own environment.

One process for all, because starting openstackclient costs seconds. Every line of
standard input is a request in JSON, every line of standard output its answer::

    {"method": "clusters.get", "version": "2", "user": ..., "arguments": {...}}
    {"result": ..., "error": null}

    {"argv": ["dataprocessing", "plugin", "list"], "directory": ...}
    {"code": 0, "out": "...", "err": "..."}

    {"inventory": true}
    {"methods": {"1.1": [...], "2": [...]}, "commands": {...}}

The clients themselves are as they were published.
"""

import contextlib
import importlib.metadata
import inspect
import io
import json
import logging
import os
import sys
import time
import traceback

from keystoneauth1 import session as sessions
from keystoneauth1.identity import v3
from openstackclient import shell
from osc_lib import clientmanager
from saharaclient import client as saharaclient
from saharaclient.api import base

#: ``--wait`` polls every 5 s, which is for clusters that take minutes.
_LONGEST_SLEEP = 0.05

#: Groups of entry points with the commands of each version.
_COMMANDS = {
    "1.1": "openstack.data_processing.v1",
    "2": "openstack.data_processing.v2",
}


class Driver:
    """Answers requests."""

    def __init__(self):
        self._clients = {}

    def answer(self, request):
        if "method" in request:
            return self._call(request)
        if "argv" in request:
            return _command(request["argv"], request["directory"])
        return self._inventory()

    def _client(self, version, user, url):
        key = version, user, url
        if key not in self._clients:
            auth = v3.Password(
                auth_url=os.environ["OS_AUTH_URL"],
                username=user or os.environ["OS_USERNAME"],
                password=os.environ["OS_PASSWORD"],
                project_name=os.environ["OS_PROJECT_NAME"],
                user_domain_name="Default",
                project_domain_name="Default",
            )
            self._clients[key] = saharaclient.Client(
                version, session=sessions.Session(auth=auth), sahara_url=url
            )
        return self._clients[key]

    def _call(self, request):
        client = self._client(
            request["version"], request.get("user"), request.get("url")
        )
        manager, _, name = request["method"].partition(".")
        arguments = dict(request["arguments"])
        positional = arguments.pop("*", [])
        try:
            method = getattr(getattr(client, manager), name)
            result = method(*positional, **arguments)
            return {"result": _plain(result), "error": None}
        except base.APIException as error:
            shown = {"code": error.error_code, "name": error.error_name}
            return {"result": shown, "error": f"APIException: {error}"}
        except Exception as error:
            return {"result": None, "error": f"{type(error).__name__}: {error}"}

    def _inventory(self):
        methods = {}
        for version in _COMMANDS:
            client = self._client(version, None, None)
            methods[version] = sorted(
                f"{name}.{method}"
                for name, manager in vars(client).items()
                if isinstance(manager, base.ResourceManager)
                for method, _ in inspect.getmembers(manager, inspect.ismethod)
                if not method.startswith("_")
            )
        found = importlib.metadata.entry_points
        commands = {
            version: sorted(
                each.name.removeprefix("dataprocessing_").replace("_", " ")
                for each in found(group=group)
            )
            for version, group in _COMMANDS.items()
        }
        return {"methods": methods, "commands": commands}


def _plain(value):
    """The result as JSON can hold it."""
    if isinstance(value, base.Page):
        items = [_plain(each) for each in value]
        return {"items": items, "prev": value.prev, "next": value.next}
    if isinstance(value, base.Resource):
        return value.to_dict()
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return value.decode()
    return value


def _command(argv, directory):
    """What ``openstack ARGV`` does, in that directory."""
    for each in vars(clientmanager.ClientManager).values():
        if isinstance(each, clientmanager.ClientCache):
            # It outlives the shell that it was made for, and its version.
            each._handle = None
    out, err = io.StringIO(), io.StringIO()
    root = logging.getLogger("")
    handlers, level = list(root.handlers), root.level
    before = os.getcwd()
    os.chdir(directory)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = shell.OpenStackShell().run(argv)
    except SystemExit as left:
        code = left.code
    except Exception:
        code = 1
        err.write(traceback.format_exc())
    finally:
        os.chdir(before)
        root.handlers[:], root.level = handlers, level
    return {"code": code or 0, "out": out.getvalue(), "err": err.getvalue()}


def main():
    """Answer until standard input ends."""
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(min(seconds, _LONGEST_SLEEP))
    # Only answers go there: whatever prints by mistake must not.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    driver = Driver()
    for line in sys.stdin:
        json.dump(driver.answer(json.loads(line)), answers)
        answers.write("\n")
        answers.flush()


if __name__ == "__main__":
    main()
