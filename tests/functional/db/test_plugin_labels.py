# SPDX-License-Identifier: Apache-2.0
"""Projects' own settings of plugins."""

from sparkaas.db import plugin_labels


def test_plugin_labels(database):
    plugin_labels.set_(database, "p1", "spark", {("", "hidden"): True})
    plugin_labels.set_(
        database, "p1", "spark", {("", "hidden"): False, ("4.1", "enabled"): False}
    )
    plugin_labels.set_(database, "p2", "spark", {("", "enabled"): True})

    found = plugin_labels.of_project(database, "p1")

    assert found["spark"] == {("", "hidden"): False, ("4.1", "enabled"): False}
    assert found.get("other", {}) == {}
