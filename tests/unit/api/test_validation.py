# SPDX-License-Identifier: Apache-2.0
"""Bodies: what is JSON to the service, and what a refusal says."""

import time

import pytest

from sparkaas import exceptions
from sparkaas.api import validation
from sparkaas.api.schemas import fragments


def fits(schema, value):
    return not validation.failures(validation.compile(schema), value)


@pytest.mark.parametrize("raw", [b"", b" \n", b"{}"])
def test_nothing_is_an_empty_object(raw):
    assert validation.parse(raw) == {}


def test_json_is_parsed():
    assert validation.parse('{"a": [1, "é", null, true, 1.5]}'.encode()) == {
        "a": [1, "é", None, True, 1.5]
    }


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a": "\\u0000"}',
        b'{"\\u0000": 1}',
        b'{"a": "\\ud800"}',
        b'{"\\udc00": 1}',
        b"\xff\xfe",
        b"[" * 100_000,
        b"[" * 40 + b"]" * 40,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b'{"a": ' + b"1" * 5000 + b"}",
    ],
    ids=lambda raw: raw[:24].decode("latin-1"),
)
def test_what_is_not_taken_for_json(raw):
    with pytest.raises(exceptions.MalformedBody) as caught:
        validation.parse(raw)
    assert len(caught.value.message) < 300


def test_failures_name_place_and_rule_but_never_the_value():
    schema = fragments.closed(
        {
            "secret": {"type": "string", "maxLength": 3},
            "list": {"type": "array", "items": {"type": "integer", "minimum": 0}},
            "map": fragments.CONFIG_MAP,
        },
        ["needed"],
    )
    body = {
        "secret": "hunter2",
        "list": [1, -7, "hunter2"],
        "map": {"a": {"b": ["hunter2"]}},
        "more": "hunter2",
    }
    with pytest.raises(exceptions.ValidationError) as caught:
        validation.check(validation.compile(schema), body)
    assert caught.value.message.splitlines() == [
        "list[1]: must be at least 0",
        "list[2]: must be integer",
        "map.a.b: must be string or integer or boolean",
        "needed is required",
        "secret: must have at most 3 characters",
        "unexpected more",
    ]


def test_a_hundred_failures_do_not_make_a_long_answer():
    schema = {"type": "array", "items": {"type": "integer"}}
    found = validation.failures(validation.compile(schema), ["x"] * 1000)
    assert len(found) == 20


@pytest.mark.parametrize("value", [True, 1.0, "1"])
def test_an_integer_is_an_integer(value):
    assert not fits({"type": "integer"}, value)


def test_a_pattern_ends_at_the_end():
    assert fits(fragments.HOSTNAME, "a")
    assert not fits(fragments.HOSTNAME, "a\n")


NAMES = {
    "HOSTNAME": (
        ["a", "a1", "a-b", "a--b", "A.b", "a" * 50],
        ["", "1a", "-a", "a-", "a.", ".a", "a..b", "a_b", "a b", "ä", "a" * 51],
    ),
    "NAME": (
        ["a", "1", "a-b_c.d", "a-", "a" * 50],
        ["", "-a", "_a", "a b", "a/b", "ä", "a" * 51],
    ),
    "TAG": (["a", "4.3.0", "a-b_c", "1"], ["", "-a", "a-", "a b", "a."]),
    "KEYPAIR": (["a", "my key", "-", "a_b"], ["", "a.b", "a/b"]),
    "FLAVOR": (
        [1, 0, "2", "8f7c2c4e-51d4-4f4b-9d0b-6e2b7a0c4a11"],
        [True, -1, "m1.small", "", "2 ", 1.5, None],
    ),
    "PATH": (["/a", "/a/b-c_d/1"], ["", "/", "a", "/a/", "/a b", "//a", "/a.b"]),
    "UUID": (
        ["8f7c2c4e-51d4-4f4b-9d0b-6e2b7a0c4a11", "8f7c2c4e51d44f4b9d0b6e2b7a0c4a11"],
        ["", "8f7c2c4e", "8f7c2c4e-51d4-4f4b-9d0b-6e2b7a0c4a1g"],
    ),
    "CONFIG_MAP": (
        [{}, {"HDFS": {}}, {"HDFS": {"a": "x", "b": 1, "c": True}}],
        [[], {"HDFS": 1}, {"HDFS": {"a": None}}, {"HDFS": {"a": 1.5}}],
    ),
    "SHARES": (
        [
            [],
            [{"id": "8f7c2c4e-51d4-4f4b-9d0b-6e2b7a0c4a11"}],
            [{"id": "8f7c2c4e-51d4-4f4b-9d0b-6e2b7a0c4a11", "path": None}],
        ],
        [
            None,
            [{}],
            [{"id": "x"}],
            [{"id": "8f7c2c4e-51d4-4f4b-9d0b-6e2b7a0c4a11", "path": "a"}],
            [{"id": "8f7c2c4e-51d4-4f4b-9d0b-6e2b7a0c4a11", "access_level": "x"}],
        ],
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_format(name):
    schema = getattr(fragments, name)
    good, bad = NAMES[name]
    assert [value for value in good if not fits(schema, value)] == []
    assert [value for value in bad if fits(schema, value)] == []


@pytest.mark.parametrize("name", ["HOSTNAME", "NAME", "TAG", "PATH"])
@pytest.mark.parametrize("piece", ["a", "a-", "-", "a.", "/a", "_a"])
def test_no_input_makes_a_pattern_slow(name, piece):
    # Quadratic time would be minutes here, more would be for ever.
    assert not fits(getattr(fragments, name), piece * 300_000 + "!")


def test_query_keys_are_known_ones():
    known = {"name": validation.compile({"type": "string"})}
    validation.check_query(known, {"name": ("a",)})
    with pytest.raises(exceptions.InvalidQuery):
        validation.check_query(known, {"nope": ("a",)})
    with pytest.raises(exceptions.InvalidRequest):
        validation.check_query(known, {"name": ("a\0",)})


@pytest.mark.parametrize(
    ("items", "twice"),
    [
        ([], False),
        ([1, True, "1", None], False),
        (["a", "b", "a"], True),
        ([{"a": 1, "b": 2}, {"b": 2, "a": 1}], True),
        ([{}, []], False),
    ],
)
def test_an_item_that_occurs_twice(items, twice):
    assert fits({"type": "array", "uniqueItems": True}, items) is not twice


def test_no_list_makes_looking_for_an_item_twice_slow():
    schema = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
    began = time.process_time()
    assert not fits(schema, [*map(str, range(20_000)), {}])
    assert time.process_time() - began < 2
