# SPDX-License-Identifier: Apache-2.0
"""How values look."""

import datetime

import pytest

from sparkaas.client import clusters
from sparkaas.client import nodes
from sparkaas.osc import columns

NOON = datetime.datetime(2026, 11, 21, 12, 0, 5, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-3, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3725, "1 h 2 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_spans(seconds, expected):
    assert columns.format_span(seconds) == expected


@pytest.mark.parametrize(
    ("value", "human", "machine"),
    [
        (NOON, "2026-11-21 12:00:05 UTC", "2026-11-21T12:00:05Z"),
        (("a", "b"), "a\nb", ["a", "b"]),
        ({"a": {"b": 1}, "c": "x"}, "a.b: 1\nc: x", {"a": {"b": 1}, "c": "x"}),
        (
            {"Spark": ["master", "slave"], "of": None},
            "Spark: master, slave\nof: ",
            {"Spark": ["master", "slave"], "of": None},
        ),
        (
            (nodes.NodeGroup(name="worker", count=2, document={"name": "worker"}),),
            "worker: 2",
            [{"name": "worker"}],
        ),
        (({"target": "x"},), "target=x", [{"target": "x"}]),
        (clusters.Check(name="port", document={"a": 1}), "port", {"a": 1}),
    ],
    ids=str,
)
def test_values(value, human, machine):
    column = columns.present(value)
    assert column.human_readable() == human
    assert column.machine_readable() == machine


@pytest.mark.parametrize("value", [None, 1, "x", True])
def test_plain_values_stay(value):
    assert columns.present(value) is value
