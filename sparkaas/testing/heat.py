# SPDX-License-Identifier: Apache-2.0
"""A cloud behind the clients that the driver ``openstack`` holds: Heat, which makes
servers and volumes of the templates that it gets, with what Nova and Cinder tell of
them, and nodes that answer as ``sparkaas-node`` does.

``World`` is what there is; tests do to it what happens to clouds.
"""

from __future__ import annotations

import collections
import copy
import dataclasses
import itertools
import json
import re
import types
import uuid
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from heatclient import exc
from novaclient import exceptions as nova

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model

_SERVER = "OS::Nova::Server"
_VOLUME = "OS::Cinder::Volume"
_PORT = "OS::Neutron::Port"
#: Of a request, as Heat has it unless an operator says otherwise.
_BODY_MOST = 1 << 20


@dataclasses.dataclass
class Stack:
    """A stack and what it made: ``made`` is the id of each resource by name."""

    name: str
    tags: list[str]
    status: str = "CREATE_IN_PROGRESS"
    reason: str = ""
    template: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    files: Mapping[str, str] = dataclasses.field(default_factory=dict)
    made: dict[str, str] = dataclasses.field(default_factory=dict)
    unhealthy: set[str] = dataclasses.field(default_factory=set)
    failed: dict[str, str] = dataclasses.field(default_factory=dict)
    #: Looks after which what is under way has ended, and how it ends.
    looks: int = 0
    then: str = ""


class World:
    """What there is in the cloud. ``refuse``: server name -> why no host takes it."""

    def __init__(self, looks: int = 1) -> None:
        self.looks = looks
        self.stacks: dict[str, Stack] = {}
        self.servers: dict[str, Any] = {}
        self.volumes: dict[str, Any] = {}
        #: By id: the project and the time of its end.
        self.trusts: dict[str, tuple[str, str]] = {}
        self.nodes: dict[str, Node] = {}
        self.refuse: dict[str, str] = {}
        self.console = "the end of the console"
        #: Keystone does not give Heat a token for its stacks' owner.
        self.heat_is_locked_out = False
        #: How often each server was made, by name.
        self.created: collections.Counter[str] = collections.Counter()
        #: Called when somebody wants a stack's outputs, by its name.
        self.when_shown: Callable[[str], object] = str
        #: By which pattern servers were listed last.
        self.pattern = ""
        self._addresses = itertools.count(1)

    def server(self, name: str) -> Any:
        """A server by name; raises ``LookupError``."""
        for server in self.servers.values():
            if server.name == name:
                return server
        raise LookupError(name)

    def lose(self, name: str) -> None:
        """Somebody deletes a server; its volumes stay."""
        server = self.servers.pop(self.server(name).id)
        del self.nodes[server.id]
        for volume in self.volumes.values():
            volume.attachments = [
                each for each in volume.attachments if each["server_id"] != server.id
            ]

    def change(self, stack: Stack, action: str) -> None:
        """Make what the stack's template says; ends after some looks."""
        wanted = {name: found for name, found, _ in _all(stack)}
        for name in [*stack.unhealthy, *(set(stack.made) - set(wanted))]:
            self._remove(stack.made.pop(name, ""))
        stack.unhealthy.clear()
        stack.failed = {}
        for name, found in wanted.items():
            if name not in stack.made:
                self._make(stack, name, found)
        for found in wanted.values():
            if found["type"] == "OS::Cinder::VolumeAttachment" and not stack.failed:
                self._attach(stack, found["properties"])
        stack.status, stack.looks = f"{action}_IN_PROGRESS", self.looks
        stack.then = f"{action}_FAILED" if stack.failed else f"{action}_COMPLETE"

    def remove(self, stack: Stack) -> None:
        """Everything of the stack."""
        for id in stack.made.values():
            self._remove(id)
        del self.stacks[stack.name]

    def _remove(self, id: str) -> None:
        self.servers.pop(id, None)
        self.nodes.pop(id, None)
        self.volumes.pop(id, None)

    def _make(self, stack: Stack, name: str, found: Mapping[str, Any]) -> None:
        id = str(uuid.uuid4())
        given = found.get("properties", {})
        if found["type"] == _SERVER:
            if why := self.refuse.get(given["name"]):
                stack.failed[name] = why
                return
            self.created[given["name"]] += 1
            self.servers[id] = types.SimpleNamespace(
                id=id, name=given["name"], status="ACTIVE", metadata=given["metadata"]
            )
            self.nodes[id] = Node(_facts(stack, given["user_data"]))
        elif found["type"] == _VOLUME:
            self.volumes[id] = types.SimpleNamespace(
                id=id, size=given["size"], metadata=given["metadata"], attachments=[]
            )
        elif found["type"] == _PORT:
            id = (
                f"10.0.{next(self._addresses) // 250}.{next(self._addresses) % 250 + 1}"
            )
        stack.made[name] = id

    def _attach(self, stack: Stack, given: Mapping[str, Any]) -> None:
        volume = self.volumes[stack.made[given["volume_id"]["get_resource"]]]
        server = stack.made[given["instance_uuid"]["get_resource"]]
        volume.attachments = [{"server_id": server, "device": "/dev/vdb"}]


def _all(stack: Stack) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Each resource of the stack and those inside it: its name, itself, and where."""
    for name, found in stack.template["resources"].items():
        yield name, found, ""
        if found["type"] in stack.files:
            inner = json.loads(stack.files[found["type"]])
            for one, each in inner["resources"].items():
                yield one, each, name


def _facts(stack: Stack, user_data: Mapping[str, Any]) -> dict[str, Any]:
    """``facts.json`` of the node that has that user data."""
    text = user_data["str_replace"]["template"]
    config = json.loads(text.partition("\n")[2])
    facts = next(f for f in config["write_files"] if f["path"].endswith("facts.json"))
    return dict(json.loads(facts["content"]))


class Node:
    """``sparkaas-node`` on one server. It boots until ``up``; ``fault`` is what it
    answers to what it is told: exit code and words."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.up = True
        self.fault: tuple[int, str] = (0, "")
        self.digest = str(facts["digest"])
        self.services = ["web"]
        self.told: list[Any] = []
        #: The program that it was given since it was made.
        self.program = b""
        self._facts = dict(facts)

    def run(
        self,
        argv: list[str],
        *,
        deadline: float,
        environment: Mapping[str, str] | None = None,
        input: bytes = b"",
    ) -> interfaces.Completed:
        """``status``, ``site`` and ``apply``."""
        self._check()
        out, words = b"", self.fault[1].encode()
        if argv[1] == "site":
            if self.fault[0]:
                return interfaces.Completed(self.fault[0], b"", words)
            self.told.append(json.loads(input))
        elif argv[1] == "apply":
            self.digest = str(self._facts["digest"])
        else:
            state = {"state": "ready", "detail": ""}
            services = dict.fromkeys(self.services, state)
            known = {"digest": self.digest, "doing": "", "error": ""}
            out = json.dumps({**known, "services": services}).encode()
        return interfaces.Completed(0, out, b"")

    def write_file(
        self, path: str, chunks: list[bytes], *, mode: int = 0o600, deadline: float
    ) -> None:
        """Facts and an executable program are kept, the rest is believed."""
        self._check()
        if path.endswith("facts.json"):
            self._facts = json.loads(b"".join(chunks))
        elif mode & 0o111:
            self.program = b"".join(chunks)

    def _check(self) -> None:
        if not self.up:
            raise exceptions.Transient("It cannot be reached.", code="NODE_UNREACHABLE")


class Reach:
    """An ``interfaces.Reach`` to the world's nodes."""

    def __init__(self, world: World) -> None:
        self._world = world

    def administer(self, cluster: model.Cluster, instance: model.Instance) -> Node:
        """Raises ``exceptions.Transient`` for one that is not there."""
        try:
            return self._world.nodes[instance.instance_id]
        except KeyError as error:
            raise exceptions.Transient("There is no such server.") from error


class Clouds:
    """In the place of ``sessions.Sessions``: everybody sees the same project."""

    def __init__(self, world: World) -> None:
        self._cloud = Cloud(world)
        self.service = self._cloud

    def of_caller(self, caller: interfaces.Caller) -> Cloud:
        return self._cloud

    def of_trust(self, trust_id: str) -> Cloud:
        return self._cloud


class Cloud:
    """In the place of ``sessions.Cloud``."""

    user_id = "service"

    def __init__(self, world: World) -> None:
        make = types.SimpleNamespace
        self.heat = make(
            stacks=_Stacks(world), resources=_Resources(world), events=_Events()
        )
        self.nova = make(servers=_Servers(world))
        self.cinder = make(volumes=make(list=lambda **_: [*world.volumes.values()]))
        self.sdk = make(identity=_Identity(world))
        self.session = make(invalidate=lambda: None, get_token=lambda: "token")


class _Stacks:
    def __init__(self, world: World) -> None:
        self._world = world
        self._before: dict[str, tuple[Mapping[str, Any], Mapping[str, str]]] = {}

    def get(self, name: str, resolve_outputs: bool = True) -> Any:
        if resolve_outputs:
            self._world.when_shown(name)
        stack = self._find(name)
        self._look(stack)
        if name not in self._world.stacks:
            raise exc.HTTPNotFound()
        return types.SimpleNamespace(
            id=name,
            stack_status=stack.status,
            stack_status_reason=stack.reason,
            tags=stack.tags,
            outputs=self._outputs(stack) if resolve_outputs else (),
        )

    def _look(self, stack: Stack) -> None:
        if stack.status.endswith("IN_PROGRESS"):
            stack.looks -= 1
            if stack.looks < 0:
                self._end(stack)

    def _end(self, stack: Stack) -> None:
        if stack.then == "DELETE_COMPLETE":
            self._world.remove(stack)
        elif stack.then == "UPDATE_FAILED" and stack.reason == "rollback":
            stack.reason = ""
            had = stack.failed
            stack.template, stack.files = self._before[stack.name]
            self._world.change(stack, "ROLLBACK")
            stack.failed = had
        else:
            stack.status = stack.then

    def create(self, stack_name: str, template: Any, **more: Any) -> None:
        if stack_name in self._world.stacks:
            raise exc.HTTPConflict(code=409)
        stack = Stack(stack_name, more["tags"].split(","))
        self._world.stacks[stack_name] = stack
        self._take(stack, template, more["files"])
        self._world.change(stack, "CREATE")

    def update(self, name: str, template: Any, **more: Any) -> None:
        stack = self._find(name)
        if self._world.heat_is_locked_out:
            raise exc.HTTPInternalServerError("ERROR: Authorization failed.")
        self._before[name] = (stack.template, stack.files)
        stack.tags = more["tags"].split(",")
        stack.reason = "" if more["disable_rollback"] else "rollback"
        self._take(stack, template, more["files"])
        self._world.change(stack, "UPDATE")

    def delete(self, name: str) -> None:
        stack = self._find(name)
        stack.status, stack.looks = "DELETE_IN_PROGRESS", self._world.looks
        stack.then = "DELETE_COMPLETE"

    def list(self, **asked: Any) -> Sequence[Any]:
        wanted = set(asked.get("filters", {}).get("tags", "").split(",")) - {""}
        if asked.get("show_nested"):
            for stack in [*self._world.stacks.values()]:
                self._look(stack)
        return [
            types.SimpleNamespace(
                id=stack.name, stack_name=stack.name, stack_status=stack.status
            )
            for stack in self._world.stacks.values()
            if wanted <= set(stack.tags)
        ]

    def _find(self, name: str) -> Stack:
        if name not in self._world.stacks:
            raise exc.HTTPNotFound()
        return self._world.stacks[name]

    @staticmethod
    def _take(stack: Stack, template: Any, files: Mapping[str, str]) -> None:
        if len(json.dumps([template, files])) > _BODY_MOST:
            raise exc.HTTPBadRequest("The request is too large", code=400)
        stack.template, stack.files = copy.deepcopy(template), dict(files)

    @staticmethod
    def _outputs(stack: Stack) -> Sequence[dict[str, Any]]:
        """Addresses by their ports, servers by their names, wherever they are."""
        shown = []
        for key in stack.template["outputs"]:
            at = key.removeprefix("node-")
            value = {
                "server": stack.made.get(f"server-{at}"),
                "address": stack.made.get(f"port-{at}"),
            }
            shown.append({"output_key": key, "output_value": value})
        return shown


class _Resources:
    def __init__(self, world: World) -> None:
        self._world = world

    def list(self, stack_id: str, **more: Any) -> Sequence[Any]:
        return [
            types.SimpleNamespace(
                resource_name=name,
                resource_status="CREATE_FAILED",
                resource_status_reason=why,
            )
            for name, why in self._world.stacks[stack_id].failed.items()
        ]

    def get(self, stack_id: str, name: str) -> Any:
        found = {place for _, _, place in _all(self._world.stacks[stack_id])}
        if name not in found:
            raise exc.HTTPNotFound()
        return types.SimpleNamespace(physical_resource_id=f"{stack_id}/{name}")

    def mark_unhealthy(self, stack_id: str, name: str, bad: bool, why: str) -> None:
        outer, _, place = stack_id.partition("/")
        stack = self._world.stacks[outer]
        where = {one: inside for one, _, inside in _all(stack)}
        if where.get(name) != place:
            raise exc.HTTPNotFound()
        stack.unhealthy.add(name)


class _Events:
    def list(self, stack_id: str, **more: Any) -> list[Any]:
        return []


class _Servers:
    def __init__(self, world: World) -> None:
        self._world = world

    def list(
        self, detailed: bool, limit: int, search_opts: Mapping[str, str]
    ) -> list[Any]:
        self._world.pattern = search_opts["name"]
        every = self._world.servers.values()
        return [each for each in every if re.search(self._world.pattern, each.name)]

    def get(self, id: str) -> Any:
        if id not in self._world.servers:
            raise nova.NotFound(404)
        return self._world.servers[id]

    def get_console_output(self, id: str, length: int) -> str:
        return self._world.console


class _Identity:
    def __init__(self, world: World) -> None:
        self._world = world

    def create_trust(self, *, project_id: str, expires_at: str, **more: Any) -> Any:
        id = uuid.uuid4().hex
        self._world.trusts[id] = (project_id, expires_at)
        return types.SimpleNamespace(id=id)

    def delete_trust(self, id: str, ignore_missing: bool) -> None:
        self._world.trusts.pop(id, None)

    def trusts(self, trustee_user_id: str) -> list[Any]:
        return [
            types.SimpleNamespace(id=id, project_id=project, expires_at=end)
            for id, (project, end) in self._world.trusts.items()
        ]
