# SPDX-License-Identifier: Apache-2.0
"""Old words for new ones, and back."""

import pytest

from sparkaas.api import routes
from sparkaas.api.v1 import nouns
from sparkaas.api.v1 import words

WORDS = words.Words(
    {"plugin_version": "hadoop_version"},
    {"mains": words.Words({"project_id": "tenant_id"})},
    without=frozenset({"count"}),
    twice={"engine_job_id": "oozie_job_id"},
)


def test_an_answer_gets_old_words_where_they_are_named():
    assert words.old(
        {
            "plugin_version": "1",
            "count": 2,
            "engine_job_id": "7",
            "mains": [{"project_id": "p"}],
            "configs": {"plugin_version": "a user's own", "project_id": "too"},
        },
        WORDS,
    ) == {
        "hadoop_version": "1",
        "engine_job_id": "7",
        "oozie_job_id": "7",
        "mains": [{"tenant_id": "p"}],
        "configs": {"plugin_version": "a user's own", "project_id": "too"},
    }


def test_a_body_gets_new_words():
    body = {"hadoop_version": "1", "mains": [{"tenant_id": "p"}], "x": {"a": [1]}}
    assert words.new(body, WORDS) == {
        "plugin_version": "1",
        "mains": [{"project_id": "p"}],
        "x": {"a": [1]},
    }


def test_a_schema_describes_the_translated_object():
    new = {
        "type": "object",
        "properties": {
            "plugin_version": {"type": "string"},
            "count": {"type": "integer"},
            "engine_job_id": {"type": "string"},
            "mains": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"project_id": {"type": "string"}},
                    "required": ["project_id"],
                },
            },
        },
        "required": ["plugin_version", "count", "engine_job_id"],
        "additionalProperties": False,
    }
    old = words.schema(new, WORDS)
    assert sorted(old["properties"]) == [
        "engine_job_id",
        "hadoop_version",
        "mains",
        "oozie_job_id",
    ]
    assert old["required"] == ["hadoop_version", "engine_job_id", "oozie_job_id"]
    assert old["properties"]["mains"]["items"]["required"] == ["tenant_id"]
    assert old["additionalProperties"] is False


def test_alternatives_are_translated_as_well():
    new = {
        "if": {"required": ["plugin_version"]},
        "then": {"properties": {"count": {}}},
        "not": {"required": ["plugin_version"]},
    }
    assert words.schema(new, WORDS) == {
        "if": {"required": ["hadoop_version"]},
        "then": {"properties": {}},
        "not": {"required": ["hadoop_version"]},
    }


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf", "allOf"])
def test_several_ways_are_translated_as_well(keyword):
    new = {keyword: [{"properties": {"count": {}, "plugin_version": {}}}, {}]}
    assert words.schema(new, WORDS) == {
        keyword: [{"properties": {"hadoop_version": {}}}, {}]
    }


def test_no_condition_can_ask_for_what_is_not_there():
    with pytest.raises(ValueError, match="count"):
        words.schema({"if": {"required": ["count"]}, "then": {}}, WORDS)


def test_what_is_not_named_is_not_copied():
    users = {"configs": {"a": {"b": [1, 2]}}}
    assert words.old(users, words.Words({"x": "y"}))["configs"] is users["configs"]


#: Not translated, and said so in the specification: these keep both spellings.
KEPT = {"interface"}


def _names(schema, inside=()):
    """Every name of a property at any depth, below any keyword."""
    if isinstance(schema, list):
        for each in schema:
            yield from _names(each, inside)
    elif isinstance(schema, dict):
        for keyword, value in schema.items():
            if keyword == "properties":
                for key, each in value.items():
                    yield key, inside
                    yield from _names(each, (*inside, key))
            elif keyword == "required":
                yield from ((key, inside) for key in value)
            else:
                yield from _names(value, inside)


@pytest.mark.parametrize(
    "route", routes.V1_1, ids=lambda route: f"{route.method} {route.path}"
)
def test_no_new_word_is_left_in_any_schema(route):
    for schema in (route.body or {}, route.answer or {}):
        left = {
            name
            for name, inside in _names(schema)
            if name in {"plugin_version", "project_id", "job_template_id"}
            and not KEPT & set(inside)
        }
        assert not left


def test_every_noun_of_v1_0_is_one_of_v1_1():
    assert set(routes.V1_0) < set(routes.V1_1)
    old = {noun.old_path for noun in nouns.ALL if not noun.in_v1_0}
    assert not any(route.path.startswith(tuple(old)) for route in routes.V1_0)
