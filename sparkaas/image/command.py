# SPDX-License-Identifier: Apache-2.0
"""``sparkaas-image``: its words and options."""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import sys
from collections.abc import Sequence
from typing import Any

from sparkaas.image import booting
from sparkaas.image import building
from sparkaas.image import cloud
from sparkaas.image import dib
from sparkaas.image import elements
from sparkaas.image import fetching
from sparkaas.image import jars
from sparkaas.image import mirroring
from sparkaas.image import mirrors
from sparkaas.image import packing
from sparkaas.image import root
from sparkaas.image import running
from sparkaas.image import wheels

_DAY = 86400.0
#: Trees of jars that a command makes and an element of that name takes.
_JARS = {
    "hadoop": "the jars of HDFS and YARN",
    "objectstore": "the jars for Swift and S3",
}
_NOTEBOOK = "notebook"
#: All such trees.
_TREES = {**_JARS, _NOTEBOOK: "JupyterLab"}


def main(argv: Sequence[str] | None = None) -> int:
    """The console script."""
    given = _parser().parse_args(argv)
    try:
        given.run(given)
    except running.Failure as failure:
        print(f"sparkaas-image: {failure}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"sparkaas-image: {error}", file=sys.stderr)
        return 1
    return 0


def _build(given: argparse.Namespace) -> None:
    say = building.Progress()
    output = pathlib.Path(given.output).absolute()
    packing.check(output)
    _check_tags(given)
    order, log = _order(given, output, say)
    if given.builder == "dib":
        dib.build(order, given.dib_element, log)
    else:
        building.by_stages(order, log, say)
    log.path.unlink()
    if given.upload or given.register:
        _to_cloud(given, output, say)


def _archives(given: argparse.Namespace) -> None:
    say = building.Progress()
    output = pathlib.Path(given.output).absolute()
    if not re.fullmatch(r"https?://[^\s'\"]+", given.url):
        raise running.Failure(f"{given.url!r} is no URL.")
    _check_tags(given)
    order, log = _order(given, output, say)
    mirroring.make(order, given.url.rstrip("/"), log, say)
    log.path.unlink()


def _order(
    given: argparse.Namespace, output: pathlib.Path, say: building.Progress
) -> tuple[building.Order, running.Log]:
    cache = building.cache(pathlib.Path(given.cache).absolute())
    chosen = _elements(given)
    more = () if given.container or given.builder == "dib" else booting.PACKAGES
    plan = root.Plan(given.suite, given.mirror, given.security_mirror, chosen, more)
    path = output.with_name(f"{output.name}.log")
    packing.check(path)
    log = running.Log(path)
    variables = {}
    if not given.plain:
        source = given.spark_archive or ""
        archive = fetching.spark(given.spark, source, given.spark_sha256, cache, log)
        say(f"Spark {given.spark}: {archive}")
        variables = {
            "SPARKAAS_SPARK_VERSION": given.spark,
            "SPARKAAS_SPARK_ARCHIVE": str(archive),
        }
    for kind in _TREES:
        if getattr(given, kind):
            tree = pathlib.Path(getattr(given, kind)).absolute()
            _check_tree(kind, tree)
            say(f"{kind}: {tree}")
            variables[f"SPARKAAS_{kind.upper()}_TREE"] = str(tree)
    order = building.Order(
        plan=plan,
        output=output,
        qcow2=(given.format or output.suffix.removeprefix(".")) == "qcow2",
        container=given.container,
        variables=variables,
        cache=root.Cache(cache, given.cache_days * _DAY),
    )
    return order, log


def _elements(given: argparse.Namespace) -> tuple[pathlib.Path, ...]:
    names = ["sparkaas-base" if given.plain else "sparkaas", *given.element]
    names += [f"sparkaas-{kind}" for kind in _TREES if getattr(given, kind)]
    found = elements.closure(elements.directory(), names)
    if given.builder == "own":
        elements.check(found)
    return tuple(found)


def _check_tree(kind: str, tree: pathlib.Path) -> None:
    if kind in _JARS:
        jars.check(jars.kind(kind), tree)
    else:
        wheels.check(tree)


def _wheels(given: argparse.Namespace) -> None:
    target = pathlib.Path(given.directory or _default_wheels()).absolute()
    wheels.make(target, given.python, given.also, building.Progress())


def _default_wheels() -> pathlib.Path:
    return jars.place(f"{_NOTEBOOK}-{wheels.VERSION}")


def _tree(given: argparse.Namespace) -> None:
    target = pathlib.Path(given.directory or jars.default(given.kind)).absolute()
    jars.make(jars.kind(given.kind), target, building.Progress())


def _upload(given: argparse.Namespace) -> None:
    _check_tags(given)
    _to_cloud(given, pathlib.Path(given.output), building.Progress())


def _to_cloud(
    given: argparse.Namespace, file: pathlib.Path, say: building.Progress
) -> None:
    name = given.name or file.stem
    known = dict(given.property)
    if given.register == "glance":
        known |= cloud.properties(given.username, _tags(given))
    image = cloud.upload(
        given.os_cloud, file, name, public=given.public, properties=known
    )
    say(f"image {name} in Glance: {image}")
    if given.register == "api":
        cloud.register(given.os_cloud, image, given.username, _tags(given))
    if given.register:
        say(f"registered, user {given.username}, tags {', '.join(_tags(given))}")


def _register(given: argparse.Namespace) -> None:
    _check_tags(given)
    cloud.register(given.os_cloud, given.image, given.username, _tags(given))


def _tags(given: argparse.Namespace) -> list[str]:
    if given.tag:
        return list(given.tag)
    own = ["spark", given.spark]
    hadoop = jars.version(jars.kind("hadoop"))
    return [*own, "hadoop", hadoop] if getattr(given, "hadoop", "") else own


def _check_tags(given: argparse.Namespace) -> None:
    """Before work begins that would be in vain."""
    if not getattr(given, "plain", True) and not given.spark:
        raise running.Failure("Say which Spark: --spark VERSION, or --plain for none.")
    if getattr(given, "plain", False) and given.notebook:
        raise running.Failure("A notebook takes the image's Spark: not with --plain.")
    if given.register and not given.tag and not given.spark:
        raise running.Failure(
            "Clusters find an image by its tags: --spark VERSION, or --tag NAME for "
            "each of them."
        )


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not name or not sign:
        raise argparse.ArgumentTypeError("it has the form NAME=VALUE")
    return name, value


def _default_cache() -> str:
    home = os.environ.get("XDG_CACHE_HOME") or str(pathlib.Path.home() / ".cache")
    return str(pathlib.Path(home, "sparkaas-image"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sparkaas-image",
        description="Builds node images, uploads them to Glance, registers them.",
    )
    words = parser.add_subparsers(required=True, metavar="COMMAND")
    build = words.add_parser("build", help="build an image; with --register all three")
    build.set_defaults(run=_build)
    build.add_argument("output", help="the file to make, such as node.qcow2")
    _add_source(build)
    _add_building(build)
    build.add_argument("--upload", action="store_true", help="upload it then")
    archives = words.add_parser(
        "archives", help="Spark and Java as archives of a mirror, for plain images"
    )
    archives.set_defaults(run=_archives, plain=False, format="raw", builder="own")
    archives.set_defaults(register=None, container=True)
    archives.add_argument("output", metavar="directory", help="where to put them")
    archives.add_argument("--url", required=True, help="from where nodes fetch them")
    _add_source(archives)
    _add_trees(words)
    upload = words.add_parser("upload", help="upload an image to Glance")
    upload.set_defaults(run=_upload)
    upload.add_argument("output", metavar="file", help="a raw or qcow2 image")
    for each in (build, upload):
        _add_uploading(each)
    register = words.add_parser("register", help="register an image of Glance's")
    register.set_defaults(run=_register, register="api")
    register.add_argument("image", help="its id")
    for each in (upload, register):
        each.add_argument("--spark", default="", metavar="VERSION", help="for the tags")
    for each in (build, upload, register):
        _add_registering(each)
    return parser


def _add_trees(words: Any) -> None:
    for kind, what in _JARS.items():
        tree = words.add_parser(kind, help=f"{what}, from Maven Central by Maven")
        tree.set_defaults(run=_tree, kind=kind)
        tree.add_argument(
            "directory", nargs="?", help=f"where to put them ({jars.default(kind)})"
        )
    tree = words.add_parser(_NOTEBOOK, help="JupyterLab's packages, from PyPI by pip")
    tree.set_defaults(run=_wheels)
    tree.add_argument(
        "directory", nargs="?", help=f"where to put them ({_default_wheels()})"
    )
    tree.add_argument(
        "--python",
        default=wheels.PYTHON,
        metavar="VERSION",
        help="the image's (%(default)s, which bookworm has)",
    )
    tree.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="PACKAGE",
        help="one more for notebooks, such as pandas",
    )


def _add_source(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--spark", default="", metavar="VERSION", help="Spark of this version")
    add(
        "--spark-archive",
        metavar="FILE|URL",
        help="where from; else the installed pyspark, else that which pip finds",
    )
    add("--spark-sha256", default="", metavar="HEX", help="checksum of the archive")
    for kind, what in _TREES.items():
        add(
            f"--{kind}",
            default="",
            metavar="DIRECTORY",
            help=f"{what}, too: the tree that the command {kind} made",
        )
    add("--element", action="append", default=[], metavar="NAME", help="one more")
    add("--suite", default="bookworm", help="Debian's (%(default)s)")
    mirror, security = mirrors.of_this_machine()
    add("--mirror", default=mirror, help="Debian's (as this machine's apt has it)")
    add("--security-mirror", default=security, help="of its updates; '' for none")
    add("--cache", default=_default_cache(), metavar="DIRECTORY", help="(%(default)s)")
    add(
        "--cache-days",
        type=float,
        default=7.0,
        metavar="N",
        help="how long packages in it are good (%(default)s); 0 takes new ones",
    )


def _add_building(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--plain", action="store_true", help="neither Spark nor Java: nodes fetch them")
    add("--container", action="store_true", help="a file system that does not boot")
    add("--format", choices=["raw", "qcow2"], help="else by the file's name")
    add(
        "--builder",
        choices=["own", "dib"],
        default="own",
        help="our own stages (Debian, as root), or diskimage-builder",
    )
    add(
        "--dib-element",
        action="append",
        default=[],
        metavar="NAME",
        help="for diskimage-builder: an element of its own, such as debian-minimal, vm",
    )


def _add_uploading(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--name", help="the image's name in Glance; else that of the file")
    add("--public", action="store_true", help="for all projects")
    add(
        "--property",
        action="append",
        type=_pair,
        default=[],
        metavar="NAME=VALUE",
        help="of the image, such as hypervisor_type=lxc, vm_mode=exe",
    )
    add(
        "--register",
        nargs="?",
        const="api",
        choices=["api", "glance"],
        help="register it: by sparkaas's API, or without a running service by writing "
        "what that writes into Glance",
    )


def _add_registering(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--os-cloud", metavar="NAME", help="of clouds.yaml; else OS_CLOUD, OS_* …")
    add("--username", default="debian", help="who logs in (%(default)s)")
    add(
        "--tag",
        action="append",
        default=[],
        metavar="NAME",
        help="unless given spark and the version, with --hadoop also hadoop and that",
    )


if __name__ == "__main__":
    sys.exit(main())
