# SPDX-License-Identifier: Apache-2.0
"""The commands that change things, take templates from site to site, and launch."""

import json

import pytest

from sparkaas.testing import catalog
from sparkaas.testing import node


@pytest.fixture(scope="module")
def name():
    """Names of a module that shares one service."""
    count = iter(range(1000))
    return lambda stem: f"{stem}-{next(count)}"


@pytest.fixture
def cluster(program, name):
    """An Active cluster's name."""
    called = name("c")
    program("cluster", "create", called, "--keypair", "key", "--wait")
    yield called
    program("cluster", "delete", called, "--wait", "--timeout", "60")


@pytest.fixture
def group(program, name):
    """A node group template's name."""
    called = name("g")
    program(
        *("node", "group", "template", "create", called, "--process", "slave"),
        *("--flavor", "small", "--conf", "spark.worker.cleanup.enabled=true"),
    )
    yield called
    program("node", "group", "template", "delete", called)


@pytest.fixture
def template(program, name, group):
    """A cluster template's name."""
    called = name("t")
    words = ("--group", f"{group}:2", "--conf", "spark.executor.memory=1g")
    program("cluster", "template", "create", called, *words)
    yield called
    program("cluster", "template", "delete", called)


GROUP = ("node", "group", "template")


def test_a_node_group_template_is_changed(program, group):
    shown = program.json(
        *(*GROUP, "update", group, "--description", "new", "--public"),
        *("--process", "slave", "--process", "history-server"),
        *("--flavor", "large", "--image", "spark-image", "--volumes", "2"),
        *("--volume-size", "10", "--floating-ip-pool", catalog.FLOATING_IP_POOL),
        *("--security-groups", "default", "--auto-security-group"),
        *("--availability-zone", "nova", "--no-autoconfig"),
    )
    assert shown["description"] == "new"
    assert shown["is_public"] is True
    assert shown["node_processes"] == ["slave", "history-server"]
    assert (shown["flavor_id"], shown["image_id"]) == ("4", catalog.SPARK_IMAGE)
    assert (shown["volumes_per_node"], shown["volumes_size"]) == (2, 10)
    assert shown["floating_ip_pool"] == catalog.FLOATING_IP_POOL
    assert shown["security_groups"] == ["default"]
    assert shown["auto_security_group"] is True
    assert shown["availability_zone"] == "nova"
    assert shown["use_autoconfig"] is False
    assert shown["is_protected"] is False


def test_what_a_node_group_template_has_can_be_taken_away(program, group):
    program(
        *(*GROUP, "update", group, "--image", "spark-image"),
        *(
            "--floating-ip-pool",
            catalog.FLOATING_IP_POOL,
            "--availability-zone",
            "nova",
        ),
    )
    shown = program.json(
        *(*GROUP, "update", group, "--image", "", "--floating-ip-pool", ""),
        *("--availability-zone", "", "--unset-conf", "spark.worker.cleanup.enabled"),
    )
    assert shown["image_id"] is None
    assert shown["floating_ip_pool"] is None
    assert shown["availability_zone"] is None
    assert shown["node_configs"] == {}


def test_some_configuration_is_changed_and_the_rest_stays(program, group, template):
    words = ("update", template, "--conf", "spark.driver.memory=1g")
    shown = program.json("cluster", "template", *words)
    assert shown["cluster_configs"] == {
        "Spark": {"spark.executor.memory": "1g", "spark.driver.memory": "1g"}
    }
    words = ("update", template, "--unset-conf", "Spark:spark.executor.memory")
    shown = program.json("cluster", "template", *words)
    assert shown["cluster_configs"] == {"Spark": {"spark.driver.memory": "1g"}}
    result = program("cluster", "template", *words, code=2)
    assert "error: The option Spark:spark.executor.memory is not set." in result.err


def test_a_cluster_template_is_changed(program, name, group, template):
    renamed = name("t")
    shown = program.json(
        *("cluster", "template", "update", template, "--name", renamed),
        *("--group", f"{group}:5", "--image", "spark-image"),
        *("--network", catalog.NETWORK, "--anti-affinity", "slave", "--no-autoconfig"),
    )
    assert shown["name"] == renamed
    assert [one["count"] for one in shown["node_groups"]] == [5]
    assert shown["default_image_id"] == catalog.SPARK_IMAGE
    assert shown["neutron_management_network"] == catalog.NETWORK
    assert shown["anti_affinity"] == ["slave"]
    assert shown["use_autoconfig"] is False
    words = ("update", renamed, "--name", template, "--image", "", "--network", "")
    shown = program.json("cluster", "template", *words)
    assert shown["default_image_id"] is None
    assert shown["neutron_management_network"] is None


def test_an_update_wants_something_to_change(program, template):
    result = program("cluster", "template", "update", template, code=2)
    assert result.err.startswith("error: Nothing to change")


def test_protection_is_taken_away_by_an_update(program, group):
    program(*GROUP, "update", group, "--protected")
    result = program(*GROUP, "update", group, "--description", "x", code=1)
    assert "code: UPDATE_FAILED" in result.err
    shown = program.json(*GROUP, "update", group, "--no-protected")
    assert shown["is_protected"] is False


def test_a_node_group_template_travels(program, name, group, tmp_path):
    file = tmp_path / "group.json"
    result = program(*GROUP, "export", group, "--file", str(file))
    assert (result.out, result.err) == (b"", f"{group} written to {file}\n")
    exported = json.loads(file.read_text())["node_group_template"]
    assert exported["flavor_id"] == "{flavor_id}"
    result = program(*GROUP, "import", str(file), "--name", name("g"), code=2)
    assert "give --flavor" in result.err
    made = name("g")
    shown = program.json(
        *(*GROUP, "import", str(file), "--name", made, "--flavor", "tiny"),
        *("--image", "spark-image", "--security-groups", "default", "default"),
        *("--floating-ip-pool", catalog.FLOATING_IP_POOL),
    )
    assert (shown["name"], shown["flavor_id"]) == (made, "1")
    assert shown["image_id"] == catalog.SPARK_IMAGE
    assert shown["security_groups"] == ["default", "default"]
    assert shown["floating_ip_pool"] == catalog.FLOATING_IP_POOL
    assert shown["node_processes"] == ["slave"]
    assert shown["node_configs"] == {"Spark": {"spark.worker.cleanup.enabled": "true"}}
    program(*GROUP, "delete", made)


def test_a_cluster_template_travels_through_a_pipe(program, name, group, template):
    exported = program("cluster", "template", "export", template).out.decode()
    assert json.loads(exported)["cluster_template"]["node_groups"] == "{node_groups}"
    words = ("cluster", "template", "import", "-", "--name", name("t"))
    assert "give --group" in program(*words, stdin=exported, code=2).err
    made = program(*words, "--group", f"{group}:3", "-f", "json", stdin=exported).json
    assert [one["count"] for one in made["node_groups"]] == [3]
    assert made["cluster_configs"] == {"Spark": {"spark.executor.memory": "1g"}}
    assert made["default_image_id"] is None
    program("cluster", "template", "delete", made["id"])


def test_a_file_that_holds_no_template(program, tmp_path):
    file = tmp_path / "x.json"
    file.write_text("[1]")
    result = program(*GROUP, "import", str(file), "--flavor", "tiny", code=2)
    assert result.err.startswith("error: The file holds no node group template.")
    file.write_bytes(b"\xff")
    assert "is not a text" in program(*GROUP, "import", str(file), code=2).err
    assert "No such file" in program(*GROUP, "import", "/nowhere", code=1).err


def test_a_data_source_is_changed(program, name, monkeypatch):
    called, renamed = name("in"), name("in")
    program("data", "source", "create", called, "hdfs://host/path")
    words = ("data", "source", "update")
    shown = program.json(
        *words, called, "--url", "hdfs://host/other", "--name", renamed
    )
    assert (shown["name"], shown["url"]) == (renamed, "hdfs://host/other")
    monkeypatch.setenv("MY_SECRET", "hush-hush")
    result = program(
        *(*words, renamed, "--url", "s3://bucket/key", "--user", "me"),
        *("--secret-env", "MY_SECRET", "-f", "json"),
    )
    assert result.json["type"] == "s3"
    assert b"hush-hush" not in result.out
    program("data", "source", "delete", renamed)


def test_a_job_binary_is_changed(program, name, monkeypatch):
    called = name("b")
    monkeypatch.setenv("MY_SECRET", "hush-hush")
    secret = ("--user", "me", "--secret-env", "MY_SECRET", "--endpoint", "http://s3")
    program("job", "binary", "create", called, "s3://bucket/key", *secret)
    words = ("job", "binary", "update", called)
    shown = program.json(*words, "--url", "s3://bucket/other", *secret)
    assert shown["url"] == "s3://bucket/other"
    assert program.json(*words, "--description", "d")["description"] == "d"
    program("job", "binary", "delete", called)


def test_a_cluster_is_changed(program, name, cluster):
    renamed = name("c")
    shown = program.json(
        *("cluster", "update", cluster, "--name", renamed, "--description", "mine"),
        *("--public", "--share", f"{catalog.SHARE},path=/mnt/x,access=ro"),
    )
    assert (shown["name"], shown["description"]) == (renamed, "mine")
    assert shown["is_public"] is True
    assert shown["shares"] == [
        {"id": catalog.SHARE, "path": "/mnt/x", "access_level": "ro"}
    ]
    shown = program.json("cluster", "update", renamed, "--name", cluster, "--no-shares")
    assert not shown["shares"]
    program("cluster", "update", cluster, "--share", "x,mode=rw", code=2)


def test_a_clusters_health_is_checked(program, cluster):
    shown = program.json("cluster", "verify", cluster, "--wait", "--timeout", "60")
    assert (shown["name"], shown["health"]) == (cluster, "GREEN")
    assert "GREEN Spark master: Fine." in shown["checks"]
    assert shown["checked_at"].endswith("Z")
    again = program.json("cluster", "verify", cluster, "--show")
    assert again["checks"] == shown["checks"]
    assert program.json("cluster", "verify", cluster)["health"] == "CHECKING"


def test_a_keypair_is_put_on_the_nodes(program, cluster):
    shown = program.json("cluster", "keypair", "update", cluster)
    assert shown["user_keypair_id"] == "key"


def test_a_keypair_that_a_cluster_lacks(program, name):
    called = name("c")
    program("cluster", "create", called, "--wait")
    result = program("cluster", "keypair", "update", called, code=1)
    assert "has no key pair" in result.err
    assert result.err.endswith("code: INVALID_REFERENCE\n")
    program("cluster", "delete", called, "--force", "--wait", "--timeout", "60")
    assert called not in [row["Name"] for row in program.json("cluster", "list")]


def test_labels_of_a_plugin(program):
    shown = program.json("plugin", "show", "fake")
    assert shown["plugin_labels"]["enabled"]["status"] is True
    shown = program.json("plugin", "set", "fake", "--disable", "--label", "hidden=true")
    assert shown["enabled"] is False
    assert shown["plugin_labels"]["hidden"]["status"] is True
    words = ("plugin", "set", "fake", "--enable", "--label", "hidden=false")
    assert program.json(*words)["enabled"] is True
    words = ("plugin", "set", "fake", "--plugin-version", "0.1")
    shown = program.json(*words, "--disable")
    assert shown["version_labels"]["0.1"]["enabled"]["status"] is False
    assert shown["enabled"] is True
    program(*words, "--enable")
    program(*words, code=2)
    program(*words, "--label", "hidden=maybe", code=2)
    program(*words, "--enable", "--disable", code=2)
    result = program(*words, "--label", "shiny=true", code=1)
    assert "code: INVALID_REFERENCE" in result.err


INTERFACE = """
- {name: Rows, mapping_type: args, location: "0", required: true, value_type: number}
- {name: Mode, mapping_type: configs, location: spark.mode, required: false}
"""


@pytest.fixture
def counted(program, name, app, tmp_path):
    """A job template's name."""
    (tmp_path / "interface.yaml").write_text(INTERFACE)
    binary = program.json("job", "binary", "upload", app())["name"]
    called = name("etl")
    yield (
        lambda *words: (
            program(
                *("job", "template", "create", called, "--type", "PySpark"),
                *("--main", binary, *words),
            )
            and called
        )
    )
    for row in program.json("job", "list"):
        program("job", "delete", row["ID"], "--wait", "--timeout", "60")
    program("job", "template", "delete", called)


def test_a_job_template_is_changed(program, counted):
    words = ("job", "template", "update", counted(), "--description", "nightly")
    assert program.json(*words)["description"] == "nightly"


def test_a_job_of_a_template(program, served, cluster, counted, name):
    inside, outside = name("in"), name("out")
    for one in (inside, outside):
        program("data", "source", "create", one, f"hdfs://host/{one}")
    shown = program.json(
        *("job", "launch", counted(), "--cluster", cluster, "--wait"),
        *("--config", "spark.executor.memory=512m", "--conf", "spark.x=a=b"),
        *("--arg", "one", "--arg=-two", "--input", inside, "--output", outside),
        *("--param", "a=b", "--public", "--timeout", "60"),
    )
    assert shown["status"] == "SUCCEEDED"
    assert shown["is_public"] is True
    found = program.json("data", "source", "show", inside)["id"]
    assert shown["input_id"] == found
    assert shown["output_id"]
    assert shown["job_configs"]["params"] == {"a": "b"}
    sent = served.engine.submissions[shown["id"]]
    assert sent.configs["spark.executor.memory"] == "512m"
    assert sent.configs["spark.x"] == "a=b"
    assert list(sent.args)[:2] == ["one", "-two"]
    program("job", "delete", shown["id"], "--wait", "--timeout", "60")
    program("data", "source", "delete", inside, outside)


def test_a_job_by_its_interface(program, served, cluster, counted, tmp_path):
    called = counted("--interface", str(tmp_path / "interface.yaml"))
    words = ("job", "launch", called, "--cluster", cluster)
    refused = program(*words, "--interface", "Mode=fast", code=1)
    assert "Rows" in refused.err
    shown = program.json(
        *(*words, "--wait", "--interface", "Rows=7", "--interface", "Mode=fast")
    )
    sent = served.engine.submissions[shown["id"]]
    assert list(sent.args) == ["7"]
    assert sent.configs["spark.mode"] == "fast"


def test_a_job_that_fails_exits_as_it_did(program, served, cluster, counted):
    served.engine.script = node.Script(exit_code=42)
    try:
        words = ("job", "launch", counted(), "--cluster", cluster, "--wait")
        result = program(*words, "-f", "json", code=42)
    finally:
        served.engine.script = node.Script()
    assert result.json["status"] == "DONEWITHERROR"
    assert result.err.startswith("error: ")
    assert "\ncode: " in result.err


def test_a_job_is_launched_and_not_waited_for(program, served, cluster, counted):
    served.engine.script = node.Script(exit_code=42)
    try:
        shown = program.json("job", "launch", counted(), "--cluster", cluster)
    finally:
        served.engine.script = node.Script()
    assert shown["status"] == "PENDING"


def test_a_job_where_nothing_is(program, counted):
    words = ("job", "launch", counted(), "--cluster", "nowhere")
    assert "There is no cluster" in program(*words, code=1).err


@pytest.mark.parametrize("form", ["json", "yaml", "table"])
def test_forms(program, group, form):
    words = (*GROUP, "update", group, "--description", "seen")
    assert b"seen" in program(*words, "-f", form).out


def test_a_node_is_entered_only_where_it_says_who_it_is(program, cluster):
    """The fakes' nodes have no ssh: it is ssh that says so."""
    result = program("cluster", "ssh", cluster, "nobody-0", code=2)
    assert "no reachable nodes called nobody-0" in result.err
    assert f"{cluster}-master-0" in result.err
