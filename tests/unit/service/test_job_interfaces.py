# SPDX-License-Identifier: Apache-2.0
"""A template's interface: which are accepted, and how a launch fills one in."""

import pytest

from sparkaas import exceptions
from sparkaas import model
from sparkaas.service import job_interfaces

SOURCE = "6ac02d46-2c1e-4a1b-8f0e-2f9d5a3f9c11"


def arg(name, mapping_type="args", location="0", required=True, **more):
    return model.Argument(
        id=f"id-{name}",
        name=name,
        mapping_type=mapping_type,
        location=location,
        required=required,
        **more,
    )


GOOD = {
    "nothing": ("Spark", []),
    "positions in any order": (
        "Spark",
        [arg("b", location="1"), arg("a", location="0")],
    ),
    "one key in two places": (
        "Shell",
        [
            arg("a", "configs", "key", required=False),
            arg("b", "params", "key", required=False),
        ],
    ),
    "optional position with a default": (
        "PySpark",
        [arg("a", required=False, default="x")],
    ),
    "number with a default": (
        "Spark",
        [arg("a", value_type="number", default="10")],
    ),
    "data source by id": (
        "Java",
        [arg("a", value_type="data_source", default=SOURCE)],
    ),
    "data source by URL": (
        "MapReduce",
        [arg("a", "configs", "in", value_type="data_source", default="s3://b/k")],
    ),
    "secret without a default": (
        "Spark",
        [arg("a", "configs", "fs.s3a.secret.key")],
    ),
}

BAD = {
    "a name twice": (
        "Spark",
        [arg("a", location="0"), arg("a", location="1")],
        "twice",
    ),
    "a place twice": (
        "Spark",
        [arg("a", "configs", "k"), arg("b", "configs", "k")],
        "same mapping type and location",
    ),
    "a gap": ("Spark", [arg("a", location="0"), arg("b", location="2")], "gaps"),
    "from one": ("Spark", [arg("a", location="1")], "gaps"),
    "position in words": ("Spark", [arg("a", location="first")], "a number"),
    "position with a zero before": ("Spark", [arg("a", location="00")], "a number"),
    "negative position": ("Spark", [arg("a", location="-1")], "a number"),
    "position of other digits": ("Spark", [arg("a", location="٠")], "a number"),
    "optional position": ("Spark", [arg("a", required=False)], "needs a default"),
    "params of Spark": ("Spark", [arg("a", "params", "k")], "does not take"),
    "args of MapReduce": ("MapReduce", [arg("a")], "does not take"),
    "args of Hive": ("Hive", [arg("a")], "does not take"),
    "configs of Storm": ("Storm", [arg("a", "configs", "k")], "does not take"),
    "anything of Storm.Pyleus": ("Storm.Pyleus", [arg("a")], "does not take"),
    "a number in words": (
        "Spark",
        [arg("a", value_type="number", default="ten")],
        "must be a number",
    ),
    "a negative number": (
        "Spark",
        [arg("a", value_type="number", default="-1")],
        "must be a number",
    ),
    "a data source by name": (
        "Spark",
        [arg("a", value_type="data_source", default="input")],
        "must be a data source's id",
    ),
    "a secret in the template": (
        "Spark",
        [arg("a", "configs", "fs.s3a.secret.key", default="hunter2")],
        "secret",
    ),
}


@pytest.mark.parametrize(("type_", "interface"), GOOD.values(), ids=GOOD)
def test_good_interfaces(type_, interface):
    job_interfaces.check(type_, interface)


@pytest.mark.parametrize(("type_", "interface", "says"), BAD.values(), ids=BAD)
def test_bad_interfaces(type_, interface, says):
    with pytest.raises(exceptions.InvalidRequest, match=says) as caught:
        job_interfaces.check(type_, interface)
    assert caught.value.code == "INVALID_DATA"
    assert "hunter2" not in caught.value.message


A = arg("a", location="0")
B = arg("b", location="1", required=False, default="two")
C = arg("c", "configs", "spark.x", required=False, default="d")
D = arg("d", "configs", "spark.y", required=False)
P = arg("p", "params", "KEY")
N = arg("n", "configs", "n", value_type="number")

#: interface, what the launch gives, its job_configs, (configs, params, args)
MERGED = {
    "no interface": ([], None, {}, ({}, {}, [])),
    "no interface, an empty one given": ([], {}, {"args": ["x"]}, ({}, {}, ["x"])),
    "nothing lost": (
        [],
        None,
        {"configs": {"k": 1}, "params": {"p": True}, "args": ["1"]},
        ({"k": 1}, {"p": True}, ["1"]),
    ),
    "positions before the launch's own": (
        [B, A],
        {"a": "one", "b": "zwei"},
        {"args": ["three"]},
        ({}, {}, ["one", "zwei", "three"]),
    ),
    "a default in its position": ([A, B], {"a": "1"}, {}, ({}, {}, ["1", "two"])),
    "values become text in args": ([A], {"a": 7}, {}, ({}, {}, ["7"])),
    "truth becomes text in args": ([A], {"a": True}, {}, ({}, {}, ["true"])),
    "an empty text is a value": ([A], {"a": ""}, {}, ({}, {}, [""])),
    "a key": ([C], {"c": "v"}, {}, ({"spark.x": "v"}, {}, [])),
    "a key's default": ([C], {}, {}, ({"spark.x": "d"}, {}, [])),
    "an optional one without default": ([D], {}, {}, ({}, {}, [])),
    "params": ([P], {"p": "v"}, {}, ({}, {"KEY": "v"}, [])),
    "the same value twice": (
        [C],
        {"c": "v"},
        {"configs": {"spark.x": "v"}},
        ({"spark.x": "v"}, {}, []),
    ),
    "the launch's own before a default": (
        [C],
        {},
        {"configs": {"spark.x": "own"}},
        ({"spark.x": "own"}, {}, []),
    ),
    "a number as a number": ([N], {"n": 12}, {}, ({"n": 12}, {}, [])),
    "nothing scheduled": (
        [],
        None,
        {"job_execution_info": {"job_execution_type": "scheduled"}},
        ({}, {}, []),
    ),
}

REFUSED = {
    "no interface given": ([B], None, {}, "needs 'interface'"),
    "a required one missing": ([A], {}, {}, "argument a needs a value"),
    "an unknown one": ([A], {"a": "1", "z": "2"}, {}, "has no z"),
    "an unknown one without interface": ([], {"z": "2"}, {}, "has no z"),
    "two values": (
        [C],
        {"c": "hunter2"},
        {"configs": {"spark.x": "w"}},
        "different values",
    ),
    "not a number": ([N], {"n": "1.5"}, {}, "must be a number"),
    "truth for a number": ([N], {"n": True}, {}, "must be a number"),
}


@pytest.mark.parametrize(
    ("interface", "given", "job_configs", "expected"), MERGED.values(), ids=MERGED
)
def test_filling_in(interface, given, job_configs, expected):
    before = {
        key: dict(v) if isinstance(v, dict) else v for key, v in job_configs.items()
    }
    merged = job_interfaces.fill(interface, given, job_configs)
    configs, params, args = expected
    assert merged == {
        "configs": configs,
        "params": params,
        "args": args,
        "job_execution_info": {},
    }
    assert job_configs == before


@pytest.mark.parametrize(
    ("interface", "given", "job_configs", "says"), REFUSED.values(), ids=REFUSED
)
def test_values_that_do_not_fit(interface, given, job_configs, says):
    with pytest.raises(exceptions.InvalidRequest, match=says) as caught:
        job_interfaces.fill(interface, given, job_configs)
    assert "hunter2" not in caught.value.message
