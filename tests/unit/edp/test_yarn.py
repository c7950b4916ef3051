# SPDX-License-Identifier: Apache-2.0
"""How jobs get to YARN: settings, programs, what is read from it."""

import json
import os
import xml.etree.ElementTree

import pytest

from sparkaas import exceptions
from sparkaas import model
from sparkaas.edp import base
from sparkaas.edp import hadoop
from sparkaas.edp import hadoop_xml
from sparkaas.edp import job_settings
from sparkaas.edp import spark_submit
from sparkaas.edp import yarn
from sparkaas.edp import yarn_runner

JOB = model.Job(
    id="j1", project_id="p", name="job <1>", job_template_id="t", type="MapReduce"
)


def submission(**more):
    return base.Submission(directory="/j", mains=(), libs=("/j/a.jar",), **more)


def properties_of(text):
    root = xml.etree.ElementTree.fromstring(text)  # noqa: S314 - our own
    return {
        one.find("name").text: one.find("value").text
        for one in root.iter()
        if one.tag == "property"
    }


def test_a_map_reduce_job_is_its_settings():
    given = submission(
        configs={"mapred.mapper.class": "x.M", "edp.y": "1", "oozie.libpath": "l"},
        secrets={"fs.s3a.secret.key": "s"},
        input="hdfs://n/in",
        output="hdfs://n/out",
    )
    assert hadoop.map_reduce(JOB, given, ["/j/a.jar", "/j/b.jar", "/j/c.jar"]) == {
        "mapreduce.job.name": "job <1>",
        "mapreduce.input.fileinputformat.inputdir": "hdfs://n/in",
        "mapreduce.output.fileoutputformat.outputdir": "hdfs://n/out",
        "mapreduce.job.jar": "/j/a.jar",
        "tmpjars": "file:///j/b.jar,file:///j/c.jar",
        "mapred.mapper.class": "x.M",
        "fs.s3a.secret.key": "s",
    }


def test_a_users_own_paths_win_by_any_name():
    given = submission(
        configs={"mapred.output.dir": "/mine"}, input="/in", output="/out"
    )
    found = hadoop.map_reduce(JOB, given, [])
    assert found["mapred.output.dir"] == "/mine"
    assert "mapreduce.output.fileoutputformat.outputdir" not in found
    assert found["mapreduce.input.fileinputformat.inputdir"] == "/in"


def test_a_document_holds_any_text_and_the_file_below():
    values = {"a": "<&>\"'", "b": "ü"}
    text = hadoop_xml.document(values, '/x "&" y/mapred-site.xml')
    assert properties_of(text) == values
    include = xml.etree.ElementTree.fromstring(text)[0]  # noqa: S314
    assert include.get("href") == '/x "&" y/mapred-site.xml'


def test_javas_options_arrive_as_words():
    words = hadoop.java_options({hadoop.JAVA_OPTIONS: "-Xmx1g -Da='b c' -Dd=\\\\e"})
    assert words == ["-Xmx1g", "-Da=b c", "-Dd=\\e"]
    assert hadoop.argument_file(words) == '"-Xmx1g"\n"-Da=b c"\n"-Dd=\\\\e"\n'
    assert hadoop.java_options({}) == []


ENGINE = hadoop.HadoopJobEngine(
    yarn.Yarn(manager=lambda cluster: "", conf="/conf"), "head", lambda c, n: {}
)


@pytest.mark.parametrize(
    ("type", "configs"),
    [
        ("Java", {}),
        ("Java", {"edp.java.main_class": "no class"}),
        ("Java", {"edp.java.main_class": "C", "edp.java.java_opts": "'open"}),
        ("MapReduce", {"mapred.x": "a\nb"}),
        ("MapReduce", {"<x>": "1"}),
    ],
)
def test_settings_that_can_never_run(type, configs):
    template = model.JobTemplate(id="t", project_id="p", name="t", type=type)
    with pytest.raises(exceptions.InvalidRequest):
        ENGINE.validate(template, {"configs": configs}, None)


def test_settings_that_can():
    for type, configs in (
        ("Java", {"edp.java.main_class": "org.example.Main"}),
        ("MapReduce", {"mapred.mapper.class": "x.M", "mapreduce.job.maps": 2}),
    ):
        template = model.JobTemplate(id="t", project_id="p", name="t", type=type)
        ENGINE.validate(template, {"configs": configs, "args": ["a"]}, None)


def test_the_deploy_mode_is_chosen_only_where_there_is_a_choice():
    template = model.JobTemplate(id="t", project_id="p", name="t", type="PySpark")
    asked = {"configs": {job_settings.DEPLOY_MODE: "cluster"}}
    job_settings.validate(template, asked, ("client", "cluster"))
    with pytest.raises(exceptions.InvalidRequest, match="set by the service"):
        job_settings.validate(template, asked)
    wrong = {"configs": {job_settings.DEPLOY_MODE: "local"}}
    with pytest.raises(exceptions.InvalidRequest, match="client or cluster"):
        job_settings.validate(template, wrong, ("client", "cluster"))


def test_sql_in_a_container_has_its_files_there():
    target = spark_submit.Target(
        home="/s",
        java="/v",
        master="yarn",
        deploy_mode="cluster",
        environment={},
        defaults={},
        fixed={},
    )
    launch = spark_submit.spark(
        "SparkSQL",
        base.Submission(directory="/j", mains=("/j/q.sql",), libs=()),
        target,
        properties_file="/j/p",
        sql_runner="/j/sql_runner.py",
        variables_file="/j/v.json",
    )
    assert launch.argv[-5:] == (
        "--files",
        "/j/q.sql,/j/v.json",
        "/j/sql_runner.py",
        "q.sql",
        "v.json",
    )


class Node:
    """A remote that answers URLs with JSON."""

    def __init__(self, answers):
        self.answers = answers

    def fetch(self, url, **_):
        for part, answer in self.answers.items():
            if part in url:
                return json.dumps(answer).encode()
        raise exceptions.Transient("no answer")


def apps(*states, kind="SPARK"):
    return {
        "apps": {
            "app": [
                {
                    "id": f"application_1_{number}",
                    "applicationType": kind,
                    "state": state,
                    "finalStatus": "SUCCEEDED" if state == "FINISHED" else "UNDEFINED",
                }
                for number, state in enumerate(states)
            ]
        }
    }


def test_an_application_that_waits_says_so():
    done, waits = yarn.look("http://m", JOB, Node({"sparkaas-j1": apps("ACCEPTED")}))
    assert done is None
    assert waits.code == "WAITS_FOR_CONTAINER"
    assert "application_1_0" in waits.sentence
    for answers in ({}, {"sparkaas-j1": {"apps": None}}, {"sparkaas-j1": []}):
        assert yarn.look("http://m", JOB, Node(answers)) == (None, None)


def test_progress_of_map_reduce():
    jobs = [
        {"mapsCompleted": 2, "mapsTotal": 2, "reducesCompleted": 0, "reducesTotal": 1},
        {"mapsCompleted": 1, "mapsTotal": 3, "reducesCompleted": 0, "reducesTotal": 0},
    ]
    node = Node(
        {
            "sparkaas-j1": apps("FINISHED", "RUNNING", kind="MAPREDUCE"),
            "proxy/application_1_1/ws/v1/mapreduce/jobs": {"jobs": {"job": jobs}},
        }
    )
    done, waits = yarn.look("http://m", JOB, node)
    assert waits is None
    assert (done.stages_done, done.stages_total) == (1, 3)
    assert (done.tasks_done, done.tasks_total) == (3, 6)
    assert done.ui_url == "http://m/proxy/application_1_1"


@pytest.mark.parametrize(
    ("state", "final", "diagnostics", "code"),
    [
        ("FINISHED", "SUCCEEDED", "", 0),
        ("FINISHED", "FAILED", "User application exited with status 5", 5),
        ("FAILED", "FAILED", "AM Container exited with  exitCode: 13\n", 13),
        ("FINISHED", "FAILED", "User class threw exception: x", 1),
        ("FINISHED", "FAILED", "User application exited with status 0", 1),
        ("KILLED", "KILLED", "", 143),
    ],
)
def test_exit_codes(state, final, diagnostics, code):
    app = {"state": state, "finalStatus": final, "diagnostics": diagnostics}
    assert yarn_runner.exit_code(app) == code


def shown(name, data, begin=0):
    return (
        b"Container: c on n:1\nLogAggregationType: LOCAL\n====\n"
        b"LogType:%s\nLogLastModifiedTime:Sat Nov 21\nLogLength:%d\nLogContents:\n%s\n"
        b"End of LogType:%s.This log file\n****\n\n"
        % (name, len(data), data[begin:], name)
    )


def test_the_parts_of_gathered_logs():
    tricky = b"LogType:stdout\nx\nLogLength:3\nLogContents:\nabc"
    log = shown(b"stderr", tricky) + shown(b"stdout", b"") + shown(b"stdout", b"abc\n")
    found = [(name, log[begin:end]) for name, begin, end in yarn_runner.sections(log)]
    assert found == [("stderr", tricky), ("stdout", b""), ("stdout", b"abc\n")]


class Stage:
    """A node manager whose container writes more at each look."""

    def __init__(self, reads):
        self.reads = iter(reads)
        self.written = []
        self.data = b""

    def write(self, descriptor, data):
        self.written.append((descriptor, bytes(data)))

    def get(self, url):
        if url.endswith("/logs"):
            # The file grows between the look at its size and the read.
            told, self.data = next(self.reads)
            entry = {"fileName": "stdout", "fileSize": str(told)}
            return json.dumps(
                {"containerLogsInfo": {"containerLogInfo": [entry]}}
            ).encode()
        wanted = int(url.rpartition("size=-")[2])
        begin = max(0, len(self.data) - wanted)
        return shown(b"stdout", self.data, begin)


def test_live_output_comes_once_and_whole():
    stage = Stage([(0, b""), (2, b"abcd"), (4, b"abcd"), (6, b"abcdefgh")])
    output = yarn_runner.Output({}, stage.get, stage.write)
    app = {"amContainerLogs": "http://n:8042/node/containerlogs/container_1_1/root"}
    for _ in range(4):
        output.look(app)
    assert b"".join(data for _, data in stage.written) == b"abcdefgh"
    assert {descriptor for descriptor, _ in stage.written} == {1}
    output.look({"amContainerLogs": None})


def test_the_runner_of_a_plain_program_ends_as_it_does(tmp_path):
    settings = {
        "submit": ["/bin/sh", "-c", "exit 7"],
        "printed": False,
        "follow": "",
        "directory": str(tmp_path),
    }
    assert yarn_runner.run(settings, yarn_runner.Asked()) == 7
    settings["submit"] = ["/bin/sh", "-c", "kill -9 $$"]
    assert yarn_runner.run(settings, yarn_runner.Asked()) == 137
    assert os.listdir(tmp_path) == []
