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


def test_the_installed_plugins_load():
    conf = cfg.ConfigOpts()
    service_conf.register_opts(conf)
    conf([], default_config_files=[], default_config_dirs=[])
    assert "spark" in registry.load(conf)
