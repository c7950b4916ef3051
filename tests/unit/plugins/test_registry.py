# SPDX-License-Identifier: Apache-2.0
"""Plugins are found by their entry points; a broken one harms no other."""

import types

import pytest
from oslo_config import cfg

from sparkaas import conf as service_conf
from sparkaas import exceptions
from sparkaas.plugins import registry


def named(name):
    return lambda conf: types.SimpleNamespace(name=name, conf=conf)


def broken(conf):
    raise RuntimeError("no")


def test_a_broken_plugin_is_left_out_and_told(caplog):
    found = registry.build([("x", broken), ("y", named("good"))], "conf")
    assert list(found) == ["good"]
    assert found["good"].conf == "conf"
    assert "The plugin x does not work: no" in caplog.text


def test_two_of_one_name_are_refused():
    with pytest.raises(exceptions.SparkaasError, match="twin"):
        registry.build([("x", named("twin")), ("y", named("twin"))], None)


def configuration(**options):
    conf = cfg.ConfigOpts()
    service_conf.register_opts(conf)
    conf([], default_config_files=[], default_config_dirs=[])
    for name, value in options.items():
        conf.set_override(name, value, group="service")
    return conf


def test_the_shipped_plugins_load():
    assert list(registry.load(configuration())) == ["spark", "hadoop", "fake"]


def test_an_operator_chooses_among_them():
    assert list(registry.load(configuration(plugins=["spark"]))) == ["spark"]


def test_one_that_is_not_installed_is_told_and_harms_no_other(caplog):
    found = registry.load(configuration(plugins=["spark", "vanilla"]))
    assert list(found) == ["spark"]
    assert "what is not installed: vanilla" in caplog.text
