# SPDX-License-Identifier: Apache-2.0
"""What every plugin promises. Each that is installed goes through, and the fake."""

import dataclasses
import inspect

import pytest
from oslo_config import cfg

from sparkaas import conf as service_conf
from sparkaas import exceptions
from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import base as edp
from sparkaas.plugins import base
from sparkaas.plugins import registry
from sparkaas.testing import plugin as fake_plugin
from sparkaas.testing import spark_cluster

#: Plugin -> (processes of the one head node, those of a node to add).
SHAPES = {
    "hadoop": (("namenode", "resourcemanager"), ("datanode", "nodemanager")),
    "spark": (("master",), ("slave",)),
    "fake": (("namenode", "jobtracker"), ("datanode", "tasktracker")),
}
#: Plugins whose clusters above have an HDFS.
WITH_DATA = {"hadoop"}


def _plugins():
    conf = cfg.ConfigOpts()
    service_conf.register_opts(conf)
    conf([], default_config_files=[], default_config_dirs=[])
    return {**registry.load(conf), "fake of tests": fake_plugin.FakePlugin()}


PLUGINS = _plugins()


@pytest.fixture(params=sorted(PLUGINS))
def plugin(request):
    return PLUGINS[request.param]


@pytest.fixture
def make(plugin):
    head, more = SHAPES[plugin.name]

    def cluster(count=2, **changes):
        found = spark_cluster.cluster(
            spark_cluster.group("head", *head, flavor=spark_cluster.LARGE),
            spark_cluster.group("more", *more, count=count, flavor=spark_cluster.LARGE),
            version=plugin.versions()[0].name,
        )
        found = dataclasses.replace(found, plugin_name=plugin.name, **changes)
        return spark_cluster.placed(found)

    return cluster


def test_every_plugin_has_a_shape_here():
    assert {plugin.name for plugin in PLUGINS.values()} == set(SHAPES)
    assert {"fake", "spark"} <= set(PLUGINS)


def test_verbs_have_the_contracts_signatures(plugin):
    for name in base.Plugin.__abstractmethods__:
        wanted = inspect.signature(getattr(base.Plugin, name))
        had = inspect.signature(getattr(type(plugin), name))
        assert list(had.parameters) == list(wanted.parameters), name


def test_words_about_itself(plugin):
    assert plugin.name
    assert plugin.title
    assert plugin.description
    assert plugin.versions()
    for labels in (plugin.labels, *(v.labels for v in plugin.versions())):
        assert {"enabled", "hidden"} <= set(labels)


def test_an_unknown_version(plugin):
    for ask in (plugin.node_processes, plugin.options):
        with pytest.raises(exceptions.InvalidReference):
            ask("no such version")


def test_processes_and_synonyms(plugin):
    for version in plugin.versions():
        services = plugin.node_processes(version.name)
        names = [name for processes in services.values() for name in processes]
        assert len(set(names)) == len(names)
        assert set(plugin.synonyms.values()) <= set(names)
        assert not set(plugin.synonyms) & set(names)


def test_options_fit_the_dashboards_form(plugin):
    for version in plugin.versions():
        options = plugin.options(version.name)
        targets = {"general", *plugin.node_processes(version.name)}
        assert len({(o.target, o.name) for o in options}) == len(options)
        for option in options:
            assert option.type in {"string", "int", "bool", "dropdown"}
            assert option.scope in {"cluster", "node"}
            assert option.target in targets
            assert option.description
            assert (option.type == "dropdown") == bool(option.values)
            kinds = {"int": int, "bool": bool}
            assert type(option.default) is kinds.get(option.type, str)


def test_engines_have_their_types(plugin):
    for type_, engine in plugin.job_engines.items():
        assert isinstance(engine, edp.JobEngine)
        assert type_ in engine.types


def test_a_good_cluster_is_accepted(plugin, make):
    plugin.validate(make())
    plugin.validate(make(3), make(2))


def test_describe_is_pure(plugin, make):
    cluster = make()
    found = plugin.describe(cluster)
    assert found == plugin.describe(cluster)
    assert set(found) == set(model.wanted_instances(cluster))
    # Not even what was seen of the nodes counts: only what is wanted.
    unseen = dataclasses.replace(cluster, instances=(), generation=9)
    assert plugin.describe(unseen) == found


def _texts(found):
    for file in found.files:
        yield file.path
        yield file.content
    for service in found.services:
        yield from service.argv
        yield from service.environment.values()
        yield service.directory
        if service.probe is not None:
            yield service.probe.url
            yield from service.probe.command


def test_manifests_speak_of_what_there_is(plugin, make):
    cluster = make()
    described = plugin.describe(cluster)
    known = {("root", "")}
    known |= {("address", name) for name in described}
    known |= {("secret", name) for name in plugin.secrets(cluster)}
    for found in described.values():
        packages = {("package", package.name) for package in found.packages}
        for text in _texts(found):
            assert manifest.symbols(text) <= known | packages
        for path in (*found.files, *found.directories):
            assert path.path.startswith(manifest.ROOT + "/")
        names = {service.name for service in found.services}
        assert len(names) == len(found.services)
        for service in found.services:
            assert service.restart in {"always", "never"}
            assert set(service.after) <= names - {service.name}
            if service.probe is not None:
                probe = service.probe
                assert sum(map(bool, (probe.port, probe.url, probe.command))) == 1


def test_secrets_stand_in_private_files_only(plugin, make):
    cluster = make()
    for found in plugin.describe(cluster).values():
        for file in found.files:
            if any(kind == "secret" for kind, _ in manifest.symbols(file.content)):
                assert file.mode & 0o077 == 0, file.path
        for service in found.services:
            for word in service.argv:
                assert not any(kind == "secret" for kind, _ in manifest.symbols(word))


def test_ports_are_those_of_the_services(plugin, make):
    cluster = make()
    for name, found in plugin.describe(cluster).items():
        listening = {port for service in found.services for port in service.ports}
        assert listening <= set(plugin.ports(cluster, name))


class Unreachable:
    """A reach to nodes that do not answer."""

    python = "python3"

    def to(self, cluster, instance):
        return self

    def fail(self, *args, **kwargs):
        raise exceptions.Transient("no route")

    run = fetch = read_file = write_file = expand = fail


def test_an_ill_cluster_is_a_check_and_no_error(plugin, make):
    checks = plugin.health(make(), Unreachable())
    assert checks
    assert {check.status for check in checks} <= {"GREEN", "YELLOW", "RED"}
    assert all(check.name and check.description for check in checks)


def test_leaving_nodes_that_do_not_answer_are_let_go(plugin, make):
    leaving = make(2).instances[-1:]
    cluster = dataclasses.replace(
        make(2), node_groups=make(1).node_groups, checkpoint={}
    )
    if plugin.name in WITH_DATA:
        # Nobody knows what would be lost.
        with pytest.raises(exceptions.Transient):
            plugin.decommission(cluster, leaving, Unreachable())
        return
    outcome = plugin.decommission(cluster, leaving, Unreachable())
    assert isinstance(outcome, model.Done)


def test_converge_tells_the_addresses(plugin, make):
    if plugin.name in WITH_DATA:
        with pytest.raises(exceptions.Transient):
            plugin.converge(make(), Unreachable())
        return
    outcome = plugin.converge(make(), Unreachable())
    assert isinstance(outcome, model.Done)
    for section in outcome.facts.get("info", {}).values():
        assert all(isinstance(value, str) for value in section.values())
