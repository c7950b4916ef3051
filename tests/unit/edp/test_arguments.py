# SPDX-License-Identifier: Apache-2.0
"""From a template's interface and data sources to what a job gets."""

import uuid

import pytest

from sparkaas import exceptions
from sparkaas import model
from sparkaas.edp import arguments

SOURCE = "2f0b8a4e-93c7-4c0f-8a7d-51b2c6a0d9e4"


def argument(name, mapping, location, **more):
    return model.Argument(
        id=name,
        name=name,
        mapping_type=mapping,
        location=location,
        required=more.pop("required", True),
        **more,
    )


def template(*interface):
    return model.JobTemplate(
        id="t", project_id="p", name="t", type="Spark", interface=interface
    )


def job(configs=None, args=(), params=None, **more):
    return model.Job(
        id="job-1",
        project_id="p",
        name="j",
        job_template_id="t",
        job_configs={
            "configs": configs or {},
            "args": list(args),
            "params": params or {},
        },
        **more,
    )


def source(url="swift://box/in-%JOB_EXEC_ID%", type="swift", name="ratings"):
    return model.DataSource(id=SOURCE, project_id="p", name=name, type=type, url=url)


def resolve(job, template, *sources):
    return arguments.resolve(job, template, sources, lambda count: "x" * count)


class TestMerge:
    def test_positions_come_before_the_launchs_own(self):
        interface = (
            argument("out", "args", "1"),
            argument("in", "args", "0"),
            argument("memory", "configs", "spark.executor.memory", default="1g"),
        )
        merged = arguments.merge(
            interface, {"in": "a", "out": "b"}, {"args": ["c"], "configs": {"x": 1}}
        )
        assert merged["args"] == ["a", "b", "c"]
        assert merged["configs"] == {"x": 1, "spark.executor.memory": "1g"}

    def test_the_same_value_twice_is_fine(self):
        interface = (argument("m", "configs", "k"),)
        given = {"configs": {"k": "v"}}
        assert arguments.merge(interface, {"m": "v"}, given)["configs"] == {"k": "v"}

    @pytest.mark.parametrize(
        ("interface", "given", "configs", "told"),
        [
            ((), {"x": "1"}, {}, "no x"),
            ((argument("m", "configs", "k"),), {}, {}, "m needs a value"),
            ((argument("m", "configs", "k"),), {"m": "1"}, {"k": "2"}, "different"),
            (
                (argument("n", "args", "0", value_type="number"),),
                {"n": "x"},
                {},
                "number",
            ),
            (
                (argument("d", "args", "0", value_type="data_source"),),
                {"d": "no id"},
                {},
                "data source",
            ),
        ],
    )
    def test_refused(self, interface, given, configs, told):
        with pytest.raises(exceptions.InvalidRequest, match=told):
            arguments.merge(interface, given, {"configs": configs})

    def test_an_optional_argument_without_a_value_is_left_out(self):
        interface = (argument("m", "configs", "k", required=False),)
        assert arguments.merge(interface, {}, {"configs": {}}) == {"configs": {}}


class TestResolve:
    def test_by_name_when_asked(self):
        asked = job({arguments.BY_NAME: "True"}, ["datasource://ratings", "plain"])
        assert arguments.needs(asked, template()).names == {"ratings"}
        got = resolve(asked, template(), source())
        assert got.args == ("swift://box.sahara/in-job-1", "plain")
        assert got.urls == {SOURCE: "swift://box.sahara/in-job-1"}

    def test_not_by_name_when_not_asked(self):
        asked = job(args=["datasource://ratings"])
        assert arguments.needs(asked, template()).names == set()
        assert resolve(asked, template()).args == ("datasource://ratings",)

    def test_a_name_that_does_not_exist(self):
        asked = job({arguments.BY_NAME: True}, ["datasource://nowhere"])
        with pytest.raises(exceptions.Permanent, match="nowhere") as error:
            resolve(asked, template())
        assert error.value.code == "DATA_SOURCE_NOT_FOUND"

    def test_by_id_in_every_section(self):
        asked = job({arguments.BY_UUID: True, "k": SOURCE}, [SOURCE], {"p": SOURCE})
        got = resolve(asked, template(), source("s3://b/k", "s3"))
        assert (got.args, got.configs["k"], got.params["p"]) == (
            ("s3a://b/k",),
            "s3a://b/k",
            "s3a://b/k",
        )

    def test_an_id_that_is_no_data_source_stays(self):
        other = str(uuid.uuid4())
        asked = job({arguments.BY_UUID: True}, [other])
        assert resolve(asked, template()).args == (other,)

    def test_an_argument_of_that_type_needs_no_asking(self):
        typed = template(argument("in", "args", "0", value_type="data_source"))
        asked = job(args=[SOURCE, SOURCE])
        assert arguments.needs(asked, typed).ids == {SOURCE}
        got = resolve(asked, typed, source("/data/in", "hdfs"))
        assert got.args == ("/data/in", SOURCE)

    def test_input_and_output_are_recorded(self):
        asked = job(input_id=SOURCE)
        assert arguments.needs(asked, template()).ids == {SOURCE}
        assert SOURCE in resolve(asked, template(), source()).urls

    @pytest.mark.parametrize(
        ("given", "got"),
        [
            ("swift://box/a", "swift://box.sahara/a"),
            ("swift://box", "swift://box.sahara"),
            ("swift://box.sahara/a", "swift://box.sahara/a"),
            ("swift://", "swift://"),
            ("--in=swift://box/a", "--in=swift://box/a"),
            ("s3a://box/a", "s3a://box/a"),
        ],
    )
    def test_an_argument_in_swift_is_spelled_as_hadoop_does(self, given, got):
        assert resolve(job(args=[given]), template()).args == (got,)
        other = resolve(job(configs={"k": given}, params={"p": given}), template())
        assert (other.configs["k"], other.params["p"]) == (given, given)

    def test_args_arrive_unchanged(self):
        odd = [
            "a b",
            "'\"",
            ";$(id)",
            "n\nl",
            "c\rr",
            "ünï✓",
            "",
            "--x",
            "*",
            "@{root:}",
        ]
        assert resolve(job(args=odd), template()).args == tuple(odd)

    def test_booleans_become_words(self):
        assert resolve(job({"k": True, "n": 3}), template()).configs == {
            "k": "true",
            "n": "3",
        }


class TestExpand:
    def test_letters(self):
        url = arguments.expand(
            "hdfs:///o/%RANDSTR(3)%-%RANDSTR(2)%", "j", lambda n: "q" * n
        )
        assert url == "hdfs:///o/qqq-qq"

    @pytest.mark.parametrize("asked", ["%RANDSTR(0)%", "%RANDSTR(1025)%"])
    def test_too_few_or_many(self, asked):
        with pytest.raises(exceptions.Permanent):
            arguments.expand(asked, "j", lambda n: "q" * n)

    def test_a_job_always_gets_the_same_letters(self):
        first, again = arguments.letters("job"), arguments.letters("job")
        word = first(40)
        assert word == again(40)
        assert first(40) != word
        assert word.islower()
        assert word.isalpha()
        assert arguments.letters("other")(40) != word
