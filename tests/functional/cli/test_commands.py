# SPDX-License-Identifier: Apache-2.0
"""Every command, at least once, with JSON."""

import pytest

from sparkaas.testing import catalog


@pytest.fixture(scope="module")
def name():
    """Names of a module that shares one service."""
    count = iter(range(1000))
    return lambda stem: f"{stem}-{next(count)}"


@pytest.fixture
def cluster(program, name):
    """An Active cluster's name."""
    called = name("c")
    program("cluster", "create", called, "--wait", "--timeout", "60")
    yield called
    program("cluster", "delete", called, "--wait", "--timeout", "60")


def names(rows):
    return [row["Name"] for row in rows]


def test_plugins(program):
    rows = program.json("plugin", "list")
    assert {"fake", "spark"} <= set(names(rows))
    assert all(row["Enabled"] is True for row in rows)
    shown = program.json("plugin", "show", "spark")
    version = shown["versions"][0]
    detail = program.json("plugin", "show", "spark", "--plugin-version", version)
    assert "master" in detail["node_processes"]["Spark"]
    assert detail["configs"]


def test_a_table_of_a_plugin_has_no_hundred_options(program):
    shown = program("plugin", "show", "fake", "--plugin-version", "0.1").out.decode()
    assert "node_processes" in shown
    assert "configs" not in shown


def test_flavors(program):
    rows = program.json("flavor", "list")
    assert names(rows) == [flavor.name for flavor in catalog.FLAVORS]
    assert rows[0]["RAM (MB)"] == 512


def test_images(program):
    rows = program.json("image", "list")
    assert set(names(rows)) == {"fake-image", "spark-image"}
    assert names(program.json("image", "list", "--tag", "fake")) == ["fake-image"]
    shown = program.json("image", "show", "fake-image")
    assert shown["id"] == catalog.FAKE_IMAGE
    made = program.json("image", "register", catalog.PLAIN_IMAGE, "--username", "me")
    assert made["username"] == "me"
    tagged = program.json("image", "tag", "set", "plain-image", "a", "b")
    assert tagged["tags"] == ["a", "b"]
    tagged = program.json("image", "tag", "add", "plain-image", "c")
    assert tagged["tags"] == ["a", "b", "c"]
    tagged = program.json("image", "tag", "remove", "plain-image", "a", "b")
    assert tagged["tags"] == ["c"]
    program("image", "unregister", "plain-image")
    assert "plain-image" not in names(program.json("image", "list"))


def test_templates_and_a_cluster_of_them(program, name):
    master, worker, whole, made = (name(stem) for stem in ("m", "w", "t", "c"))
    shown = program.json(
        *("node", "group", "template", "create", master),
        *("--process", "master", "--flavor", "small", "--description", "a head"),
    )
    assert shown["plugin_name"] == "spark"
    assert (shown["flavor_id"], shown["description"]) == ("2", "a head")
    program.json(
        *("node", "group", "template", "create", worker, "--process", "slave"),
        *("--conf", "spark.worker.cleanup.enabled=true"),
    )
    rows = program.json("node", "group", "template", "list")
    assert {master, worker} <= set(names(rows))
    shown = program.json("node", "group", "template", "show", worker)
    assert shown["node_configs"] == {"Spark": {"spark.worker.cleanup.enabled": "true"}}
    shown = program.json(
        *("cluster", "template", "create", whole, "--image", "spark-image"),
        *("--group", f"{master}:1", "--group", f"{worker}:2"),
        *("--conf", "spark.executor.memory=1g"),
    )
    assert [group["count"] for group in shown["node_groups"]] == [1, 2]
    assert whole in names(program.json("cluster", "template", "list"))
    assert program.json("cluster", "template", "show", whole)["name"] == whole
    shown = program.json(
        "cluster", "create", made, "--template", whole, "--wait", "--timeout", "60"
    )
    assert shown["status"] == "Active"
    assert {group["name"]: group["count"] for group in shown["node_groups"]} == {
        master: 1,
        worker: 2,
    }
    program("cluster", "delete", made, "--wait", "--timeout", "60")
    program("cluster", "template", "delete", whole)
    program("node", "group", "template", "delete", master, worker)
    assert names(program.json("node", "group", "template", "list")) == []


def test_a_cluster_lives(program, cluster):
    shown = program.json("cluster", "show", cluster)
    assert shown["status"] == "Active"
    assert [group["count"] for group in shown["node_groups"]] == [1, 2]
    assert program.json("cluster", "show", shown["id"])["name"] == cluster
    assert cluster in names(program.json("cluster", "list"))
    table = program("cluster", "list").out.decode()
    assert "worker: 2" in table
    resized = program.json(
        "cluster", "resize", cluster, "--workers", "4", "--wait", "--timeout", "60"
    )
    assert [group["count"] for group in resized["node_groups"]] == [1, 4]
    resized = program.json("cluster", "resize", cluster, "--group", "worker:3")
    assert resized["status"] != "Error"


def test_why_a_cluster(program, cluster):
    shown = program.json("why", cluster)
    assert shown["state"] == "Active"
    assert shown["why"]
    assert shown["since"].endswith(")")
    assert shown["nodes"] == "1 of 1 master, 2 of 2 worker"
    assert shown["health"] == "GREEN"
    assert "GREEN Spark master: Fine." in shown["checks"]
    assert shown["events"]
    assert "Spark master" in program("why", cluster).out.decode()


def test_data_sources(program, name):
    called = name("in")
    shown = program.json("data", "source", "create", called, "hdfs://host/path")
    assert (shown["type"], shown["url"]) == ("hdfs", "hdfs://host/path")
    assert called in names(program.json("data", "source", "list"))
    assert program.json("data", "source", "show", called)["id"] == shown["id"]
    program("data", "source", "delete", called)
    assert called not in names(program.json("data", "source", "list"))


def test_a_secret_comes_from_the_environment(program, name, monkeypatch):
    called = name("in")
    monkeypatch.setenv("MY_SECRET", "hush-hush")
    words = ("data", "source", "create", called, "s3://bucket/key")
    made = program(*words, "--user", "me", "--secret-env", "MY_SECRET", "-f", "json")
    assert b"hush-hush" not in made.out
    assert made.json["type"] == "s3"
    program(*words, "--secret-env", "NOT_SET", code=2)
    program("data", "source", "delete", called)


def test_binaries(program, app, tmp_path, monkeypatch):
    path = app("my app.py", "print('x')\n")
    shown = program.json("job", "binary", "upload", path)
    assert shown["name"].startswith("my-app-")
    assert shown["description"] == "my app.py"
    assert program.json("job", "binary", "upload", path)["id"] == shown["id"]
    assert shown["name"] in names(program.json("job", "binary", "list"))
    assert program.json("job", "binary", "show", shown["name"])["id"] == shown["id"]
    target = tmp_path / "out"
    program("job", "binary", "download", shown["name"], "--output", str(target))
    assert target.read_text() == "print('x')\n"
    printed = program("job", "binary", "download", shown["id"], "--output", "-")
    assert printed.out == b"print('x')\n"
    monkeypatch.setenv("MY_SECRET", "hush-hush")
    other = program.json(
        *("job", "binary", "create", "outside", "s3://bucket/key", "--user", "me"),
        *("--secret-env", "MY_SECRET", "--endpoint", "http://s3.test"),
    )
    assert other["url"] == "s3://bucket/key"
    program("job", "binary", "delete", "outside", shown["id"])
    assert names(program.json("job", "binary", "list")) == []


def test_job_templates_and_types(program, app):
    binary = program.json("job", "binary", "upload", app())["name"]
    shown = program.json(
        "job", "template", "create", "etl", "--type", "PySpark", "--main", binary
    )
    assert shown["mains"][0]["name"] == binary
    assert "etl" in names(program.json("job", "template", "list"))
    assert program.json("job", "template", "show", "etl")["type"] == "PySpark"
    program("job", "template", "delete", "etl")
    program("job", "binary", "delete", binary)
    rows = program.json("job", "type", "list")
    assert {"PySpark", "SparkSQL", "Shell", "Spark"} <= set(names(rows))


def test_a_job_after_its_end(program, cluster, app):
    program("run", app("counted.py"), "--cluster", cluster)
    (row,) = [row for row in program.json("job", "list") if row["Name"] == "counted"]
    assert (row["Status"], row["Exit Code"]) == ("SUCCEEDED", "0")
    shown = program.json("job", "show", "counted")
    assert (shown["id"], shown["status"]) == (row["ID"], "SUCCEEDED")
    logs = program("job", "logs", "counted")
    assert logs.out == b"one\ntwo\nthree\n"
    assert logs.err == "INFO done\n"
    logs = program("job", "logs", "counted", "--stream", "stdout", "--offset", "4")
    assert (logs.out, logs.err) == (b"two\nthree\n", "")
    assert program("job", "logs", "-f", "counted").out == b"one\ntwo\nthree\n"
    why = program.json("why", row["ID"])
    assert why["state"] == "SUCCEEDED"
    assert why["exit code"] == "0"
    assert why["next"] == "nothing: it is over"
    assert program.json("job", "cancel", "counted")["status"] == "SUCCEEDED"
    rows = program.json("job", "list", "--status", "succeeded")
    assert "counted" in names(rows)
    program("job", "delete", row["ID"], "--wait", "--timeout", "60")
    assert "counted" not in names(program.json("job", "list"))


@pytest.mark.parametrize("form", ["json", "yaml", "table", "csv", "value"])
def test_forms_of_a_list(program, form):
    assert program("plugin", "list", "-f", form).out


@pytest.mark.parametrize("form", ["json", "yaml", "table", "shell", "value"])
def test_forms_of_one(program, form):
    assert program("plugin", "show", "fake", "-f", form).out


@pytest.mark.parametrize("noun", ["cluster", "job", "data-source", "job-template"])
def test_an_administrator_lists_the_objects_of_every_project(program, noun):
    own = program.json(*noun.split("-"), "list")
    assert program.json(*noun.split("-"), "list", "--all-projects") == own
