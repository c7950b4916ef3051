# SPDX-License-Identifier: Apache-2.0
"""Exported templates, filled in."""

import json

import pytest

from sparkaas.client import errors
from sparkaas.client import portable

EXPORTED = {
    "name": "w",
    "flavor_id": "{flavor_id}",
    "image_id": "{image_id}",
    "security_groups": "{security_groups}",
    "node_processes": ["slave"],
    "volumes_per_node": 0,
    "volumes_size": 0,
    "shares": None,
    "description": "{flavor_id}",
    "is_public": False,
}
REQUIRED = {"flavor_id": "--flavor"}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"node_group_template": EXPORTED}),
        json.dumps(EXPORTED),
        "node_group_template: {name: w}",
        "name: w",
    ],
)
def test_a_template_is_read_from_all_its_forms(text):
    assert portable.read(text, "node_group_template")["name"] == "w"


@pytest.mark.parametrize(
    "text", ["", "[]", "3", "{a: ", "cluster_template: {name: w}", "name: 3"]
)
def test_anything_else_is_told(text):
    with pytest.raises(errors.UsageError):
        portable.read(text, "node_group_template")


def test_what_is_open_is_filled_in_or_left_out():
    values = {"flavor_id": "2", "image_id": None, "security_groups": ["a"]}
    assert portable.fill(EXPORTED, values, REQUIRED) == {
        "name": "w",
        "flavor_id": "2",
        "security_groups": ["a"],
        "node_processes": ["slave"],
        "volumes_per_node": 0,
        "description": "{flavor_id}",
        "is_public": False,
    }


def test_what_must_be_filled_in_is_named():
    with pytest.raises(errors.UsageError, match="give --flavor"):
        portable.fill(EXPORTED, {"flavor_id": None}, REQUIRED)


def test_a_file_that_shows_a_template_will_do():
    shown = {"name": "w", "id": "1", "created_at": "x", "is_default": True}
    filled = portable.fill({**shown, "flavor_id": "3", "volumes_size": 5}, {}, REQUIRED)
    assert filled == {"name": "w", "flavor_id": "3", "volumes_size": 5}
