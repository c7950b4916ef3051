# SPDX-License-Identifier: Apache-2.0
"""Holds the floors: imports go down only, siblings never import each other."""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[2]

FLOOR0 = {"exceptions", "states", "model", "manifest", "interfaces", "version"}
FLOOR1 = {"conf", "context", "keys", "meters", "policy", "policies"}

#: package -> the packages of sparkaas that it may import.
MAY_IMPORT: dict[str, set[str]] = {
    **dict.fromkeys(FLOOR0, FLOOR0),
    **dict.fromkeys(FLOOR1, FLOOR0 | FLOOR1),
    # Copied to servers, where there is nothing else of ours.
    "node": set(),
    "db": FLOOR0 | FLOOR1,
    "infra": FLOOR0 | FLOOR1 | {"node"},
    "remote": FLOOR0 | FLOOR1,
    "safes": FLOOR0 | FLOOR1,
    "store": FLOOR0 | FLOOR1,
    "rpc": FLOOR0 | FLOOR1,
    "edp": FLOOR0,
    "plugins": FLOOR0 | {"edp"},
    "service": FLOOR0 | FLOOR1 | {"db", "edp", "plugins"},
    "api": FLOOR0 | FLOOR1 | {"service"},
    "conductor": FLOOR0 | FLOOR1 | {"rpc", "service"},
    "cmd": FLOOR0
    | FLOOR1
    | {"db", "infra", "remote", "safes", "store", "rpc", "edp", "plugins"}
    | {"service", "api", "conductor"},
    "client": {"version"},
    "osc": {"version", "client"},
    "image": {"version", "client"},
    "testing": FLOOR0
    | FLOOR1
    | {"db", "infra", "remote", "safes", "store", "rpc", "edp", "plugins"}
    | {"service", "api", "conductor"},
}

#: third-party package -> the only packages of sparkaas that may import it.
ONLY = {
    "sqlalchemy": {"db"},
    "oslo_db": {"db"},
    "alembic": {"db"},
    "flask": {"api"},
    "werkzeug": {"api"},
    "oslo_messaging": {"rpc", "cmd"},
    "paramiko": {"remote"},
    "stevedore": {"plugins", "cmd"},
    "prometheus_client": {"meters"},
    "castellan": {"safes", "testing"},
    "cliff": {"client", "osc"},
}


def _package(path: pathlib.Path) -> str:
    parts = path.relative_to(ROOT / "sparkaas").with_suffix("").parts
    return parts[0]


def _imports(path: pathlib.Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module == "sparkaas":
                for alias in node.names:
                    yield node.lineno, f"sparkaas.{alias.name}"
            else:
                yield node.lineno, node.module or ""


def _violations(path: pathlib.Path):
    here = _package(path)
    for line, name in _imports(path):
        top, _, rest = name.partition(".")
        where = f"{path.relative_to(ROOT)}:{line}"
        if top in ONLY and here not in ONLY[top]:
            yield f"{where}: {here} imports {top}"
        if top != "sparkaas" or not rest:
            continue
        there = rest.partition(".")[0]
        if there != here and there not in MAY_IMPORT[here]:
            yield f"{where}: {here} imports {there}"


FILES = sorted((ROOT / "sparkaas").rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_down_only(path):
    if path == ROOT / "sparkaas" / "__init__.py":
        assert not list(_imports(path))
        return
    assert not list(_violations(path))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_over_500_lines(path):
    assert len(path.read_text().splitlines()) <= 500


def test_an_upward_import_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    bad = tmp_path / "sparkaas" / "db" / "clusters.py"
    bad.parent.mkdir(parents=True)
    bad.write_text("from sparkaas.service import env\nimport flask\n")
    assert list(_violations(bad)) == [
        "sparkaas/db/clusters.py:1: db imports service",
        "sparkaas/db/clusters.py:2: db imports flask",
    ]
