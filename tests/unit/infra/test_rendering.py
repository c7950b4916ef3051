# SPDX-License-Identifier: Apache-2.0
"""Manifests become files and services; what cannot is refused with a reason."""

from __future__ import annotations

import pathlib

import pytest

from sparkaas import exceptions
from sparkaas import manifest
from sparkaas.infra.local import layout
from sparkaas.infra.local import rendering

NODE = layout.Node("c1", "c-n-0", pathlib.Path("/state/nodes/c1/c-n-0"))
ADDRESSES = {"c-n-0": "127.64.0.1", "c-m-0": "127.64.0.2"}


def render(**contents) -> rendering.Rendered:
    renderer = rendering.Renderer(
        NODE, ADDRESSES, {"spark": "/opt/spark"}, {"key": "s3cret"}
    )
    return renderer.render(manifest.Manifest(**contents))


def service(**changes) -> manifest.Service:
    return manifest.Service(**{"name": "a", "argv": ("run",), **changes})


def test_symbols_are_resolved_once():
    content = " ".join(
        (
            manifest.address("c-m-0"),
            manifest.package("spark"),
            manifest.secret("key"),
            manifest.ROOT,
            manifest.literal("@{secret:key}"),
        )
    )
    file = manifest.File(f"{manifest.ROOT}/etc/x", content)
    (rendered,) = render(files=(file,)).files
    assert rendered.path == NODE.root / "etc/x"
    assert rendered.content.decode() == (
        f"127.64.0.2 /opt/spark s3cret {NODE.root} @{{secret:key}}"
    )


@pytest.mark.parametrize(
    ("content", "mode", "expected"),
    [
        ("plain", 0o644, 0o644),
        ("plain", 0o4755, 0o755),
        ("@{secret:key}", 0o644, 0o600),
        ("@{secret:key}", 0o400, 0o400),
        ("@{at:}{secret:key}", 0o644, 0o644),
    ],
)
def test_files_with_secrets_are_private(content, mode, expected):
    file = manifest.File(f"{manifest.ROOT}/x", content, mode)
    assert render(files=(file,)).files[0].mode == expected


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "@{root:}",
        "@{root:}/",
        "@{root:}/..",
        "@{root:}/../services.json",
        "@{root:}/a/../../x",
        "@{root:}-other/x",
        "x@{root:}/y",
        "@{root:}/a\0b",
    ],
)
def test_paths_outside_the_node_are_refused(path):
    with pytest.raises(exceptions.Permanent) as caught:
        render(files=(manifest.File(path, ""),))
    assert caught.value.code == "MANIFEST_INVALID"
    with pytest.raises(exceptions.Permanent):
        render(directories=(manifest.Directory(path),))


@pytest.mark.parametrize(
    "symbol", ["@{address:nobody}", "@{package:x}", "@{secret:x}", "@{what:x}"]
)
def test_an_unknown_symbol_is_named(symbol):
    with pytest.raises(exceptions.Permanent, match="unknown"):
        render(services=(service(environment={"KEY": symbol}),))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../x"},
        {"name": ""},
        {"name": "supervisor"},
        {"argv": ()},
        {"restart": "sometimes"},
        {"after": ("nobody",)},
        {"argv": ("run", "--password", "@{secret:key}")},
        {"probe": manifest.Probe()},
        {"probe": manifest.Probe(port=1, command=("x",))},
        {"probe": manifest.Probe(url="https://127.0.0.1/")},
        {"probe": manifest.Probe(url="http://name.example/")},
    ],
)
def test_services_that_make_no_sense_are_refused(changes):
    with pytest.raises(exceptions.Permanent) as caught:
        render(services=(service(**changes),))
    assert caught.value.code == "MANIFEST_INVALID"


def test_two_services_of_one_name_are_refused():
    with pytest.raises(exceptions.Permanent, match="same name"):
        render(services=(service(), service()))


def test_the_environment_of_a_service():
    given = {"KEY": "@{secret:key}", "LANG": "cs_CZ.UTF-8", "HOME": "/elsewhere"}
    (entry,) = render(services=(service(environment=given),)).services
    assert entry["environment"] == {
        "KEY": "s3cret",
        "LANG": "cs_CZ.UTF-8",
        "HOME": str(NODE.home),
        "PATH": rendering.PATH,
    }
    assert entry["directory"] == str(NODE.root)
    assert entry["temporary"] == str(NODE.root / "temporary" / "a")


def test_probes_look_at_the_nodes_own_address():
    probes = (
        manifest.Probe(port=80),
        manifest.Probe(url="http://@{address:c-n-0}:80/x"),
        manifest.Probe(command=("test", "@{root:}")),
    )
    entries = render(
        services=tuple(service(name=str(n), probe=p) for n, p in enumerate(probes))
    ).services
    assert [entry["probe"] for entry in entries] == [
        {"port": 80, "address": "127.64.0.1"},
        {"url": "http://127.64.0.1:80/x"},
        {"command": ["test", str(NODE.root)]},
    ]


def test_the_revision_covers_what_the_digest_does_not():
    def revisions(secret: str, text: str) -> tuple[str, str]:
        renderer = rendering.Renderer(NODE, ADDRESSES, {}, {"key": secret})
        file = manifest.File(f"{manifest.ROOT}/x", f"{text}@{{secret:key}}")
        one = manifest.Manifest(files=(file,), services=(service(),))
        document = rendering.document(renderer.render(one), 4096)
        return document["digest"], document["revision"]

    assert revisions("a", "x") == revisions("a", "x")
    assert revisions("a", "x")[0] == revisions("b", "x")[0]
    assert revisions("a", "x")[1] != revisions("b", "x")[1]
    assert revisions("a", "x")[0] != revisions("a", "y")[0]
