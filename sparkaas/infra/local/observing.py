# SPDX-License-Identifier: Apache-2.0
"""What a node's files and processes say about its state. Changes nothing."""

from __future__ import annotations

from sparkaas import interfaces
from sparkaas.infra.local import layout
from sparkaas.infra.local import processes
from sparkaas.infra.local.supervisor import files


def node_state(node: layout.Node) -> interfaces.NodeState:
    """The node as it is now. One whose supervisor died is not present: its services
    died too, and ``ensure`` brings it back."""
    if not node.path.is_dir():
        return interfaces.NodeState(False, f"There is no node {node.name}.")
    if node.leaving.exists():
        return interfaces.NodeState(False, f"The node {node.name} is being removed.")
    if processes.supervisor_pid(node) is None:
        return interfaces.NodeState(
            False, f"The node {node.name} does not run: its supervisor is gone."
        )
    state = files.read_json(node.state) or {"digest": "", "services": {}}
    services = {
        name: interfaces.ServiceState(entry["state"], entry["detail"])
        for name, entry in state["services"].items()
    }
    troubled = [name for name, one in services.items() if one.state == "failed"]
    detail = f"{', '.join(troubled)} failed." if troubled else ""
    return interfaces.NodeState(True, detail, state["digest"], services)


def revision(node: layout.Node) -> str:
    """Of the ``services.json`` that the living supervisor follows; empty without."""
    if processes.supervisor_pid(node) is None:
        return ""
    state = files.read_json(node.state) or {}
    return str(state.get("revision", ""))


def known_services(node: layout.Node) -> frozenset[str]:
    """The services that the living supervisor has in its care."""
    if processes.supervisor_pid(node) is None:
        return frozenset()
    state = files.read_json(node.state) or {"services": {}}
    return frozenset(state["services"])
