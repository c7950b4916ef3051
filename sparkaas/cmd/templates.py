# SPDX-License-Identifier: Apache-2.0
"""``sparkaas-manage templates``: default templates, from files.

Each JSON file is one template in the form that the API takes (``hadoop_version`` is
understood as well): one with ``node_processes`` is of a node group, any other of a
cluster. A text that is one word in braces is a placeholder: for a value that is given
with ``--value``, or for the id of the node group template of that name.
"""

from __future__ import annotations

import argparse
import json
import pathlib
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas.api import validation
from sparkaas.api.schemas import cluster_templates as cluster_schemas
from sparkaas.api.schemas import node_group_templates as node_group_schemas
from sparkaas.service import default_templates as service
from sparkaas.service import env as environment

#: Those of the package: one directory for each plugin.
PACKAGED = pathlib.Path(__file__).parents[1] / "plugins"
_MOST_BYTES = 1024 * 1024
#: Stands for the id of a node group template while a file is held against the schema.
_SOME_ID = "00000000-0000-4000-8000-000000000000"


def register(subparsers: Any) -> None:
    """The verbs, for argparse; each has ``act(env, arguments)``."""
    noun = subparsers.add_parser("templates", help="default templates of a project")
    verbs = noun.add_subparsers(dest="verb", required=True)
    load = verbs.add_parser("load", help="put templates from files into a project")
    load.add_argument(
        "--directory",
        type=pathlib.Path,
        help="where the *.json files are, in any depth (default: those of the package)",
    )
    load.add_argument("--plugin", help="only those of this plugin")
    load.add_argument("--version", help="only those of this version of the plugin")
    load.add_argument(
        "--value",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="what {NAME} stands for, such as flavor_id; may be repeated",
    )
    load.add_argument(
        "--update",
        action="store_true",
        help="make those that are there already as the files say",
    )
    load.set_defaults(act_on_world=_load)
    verbs.add_parser("list", help="show a project's default templates").set_defaults(
        act_on_world=_list
    )
    delete = verbs.add_parser("delete", help="delete default templates")
    delete.add_argument("template", nargs="+", help="name or id")
    delete.set_defaults(act_on_world=_delete)
    for verb in verbs.choices.values():
        verb.add_argument("--project", required=True, metavar="ID")


def _context(arguments: argparse.Namespace) -> contexts.RequestContext:
    return contexts.RequestContext(
        user_id="", project_id=arguments.project, roles=["admin"], overwrite=False
    )


def _load(env: environment.Env, arguments: argparse.Namespace) -> None:
    sources = list(_chosen(env, arguments))
    if not sources:
        raise exceptions.InvalidRequest(
            "No file has a template of that plugin and version.",
            hint="Look at --directory, --plugin and --version.",
        )
    node_groups = [each for each in sources if not each.is_cluster]
    clusters = [each for each in sources if each.is_cluster]
    _check(node_groups, clusters)
    done = service.load(
        env, _context(arguments), node_groups, clusters, update=arguments.update
    )
    for loaded in done:
        print(f"{loaded.what:8} {loaded.template.id} {loaded.template.name}")


def _list(env: environment.Env, arguments: argparse.Namespace) -> None:
    for each in service.all_of(env, _context(arguments)):
        print(f"{each.id} {each.name} {each.plugin_name} {each.plugin_version}")


def _delete(env: environment.Env, arguments: argparse.Namespace) -> None:
    for name in arguments.template:
        service.delete(env, _context(arguments), name)


def _chosen(
    env: environment.Env, arguments: argparse.Namespace
) -> Iterator[service.Source]:
    values = dict(_value(text) for text in arguments.value)
    files = _files(arguments.directory)
    if arguments.directory is None:
        # Those of the package fit any version: the best, unless one is chosen.
        best = {name: p.versions()[0].name for name, p in env.plugins.items()}
    for path in files:
        body = _body(path)
        plugin = body.get("plugin_name")
        if arguments.plugin not in (None, plugin):
            continue
        known = dict(values)
        if arguments.directory is None:
            if plugin not in best:
                continue
            known.setdefault("plugin_version", arguments.version or best[plugin])
        kept = {k: v for k, v in body.items() if k != "node_groups"}
        try:
            filled = {**body, **service.filled(kept, known)}
            filled = _with_values(filled, known)
        except exceptions.InvalidRequest as error:
            raise exceptions.InvalidRequest(
                f"{path}: {error.message}", hint=error.hint
            ) from error
        if arguments.version not in (None, filled.get("plugin_version")):
            continue
        yield service.Source(str(path), filled)


def _with_values(body: dict[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """Placeholders of values in node groups too; others name node group templates."""

    def one(group: Any) -> Any:
        if not isinstance(group, Mapping):
            return group
        return {
            key: value
            if key == "node_group_template_id"
            else service.filled(value, known)
            for key, value in group.items()
        }

    groups = body.get("node_groups")
    if isinstance(groups, list):
        return {**body, "node_groups": [one(group) for group in groups]}
    return body


def _value(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise exceptions.InvalidRequest(f"--value {text}: must be NAME=VALUE")
    return name, value


def _files(directory: pathlib.Path | None) -> list[pathlib.Path]:
    if directory is None:
        return sorted(PACKAGED.glob("*/templates/*.json"))
    if not directory.is_dir():
        raise exceptions.InvalidRequest(f"There is no directory {directory}.")
    return sorted(directory.rglob("*.json"))


def _body(path: pathlib.Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise exceptions.InvalidRequest(f"{path}: is larger than 1 MiB")
        body = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise exceptions.InvalidRequest(f"{path}: {error}") from error
    if not isinstance(body, dict):
        raise exceptions.InvalidRequest(f"{path}: must be a JSON object")
    if "hadoop_version" in body:
        body["plugin_version"] = body.pop("hadoop_version")
    return body


def _check(node_groups: list[service.Source], clusters: list[service.Source]) -> None:
    """Hold every file against the API's own schema, before anything is stored."""
    some = dict.fromkeys((each.name for each in node_groups), _SOME_ID)
    for sources, schema in (
        (node_groups, node_group_schemas.CREATE),
        (clusters, cluster_schemas.CREATE),
    ):
        validator = validation.compile(schema)
        for source in sources:
            try:
                validation.check(validator, service.filled(source.body, some))
            except exceptions.InvalidRequest as error:
                raise exceptions.InvalidRequest(
                    f"{source.place}: {error.message}", hint=error.hint
                ) from error
