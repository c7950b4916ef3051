# SPDX-License-Identifier: Apache-2.0
"""From a file to a job."""

import zipfile

import pytest

from sparkaas.client import clusters
from sparkaas.client import errors
from sparkaas.client import job_binaries
from sparkaas.client import launching

MAIN = job_binaries.JobBinary(id="b1", name="app-1.py")
LIB = job_binaries.JobBinary(id="b2", name="lib-1.py")


@pytest.fixture
def file(tmp_path):
    def write(name, data=b"x"):
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return write


@pytest.fixture
def jar(tmp_path):
    def write(manifest=None):
        path = tmp_path / "app.jar"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.class", b"")
            if manifest is not None:
                archive.writestr("META-INF/MANIFEST.MF", manifest)
        return str(path)

    return write


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.py", "PySpark"), ("a.SQL", "SparkSQL"), ("a.sh", "Shell")],
)
def test_the_suffix_says_what_it_is(file, name, kind):
    assert launching.program(file(name)).type == kind


@pytest.mark.parametrize("name", ["a.txt", "a", "a.py.bak"])
def test_another_suffix_is_refused(file, name):
    with pytest.raises(errors.UsageError, match="no suffix that says"):
        launching.program(file(name))


def test_a_class_is_for_jars_only(file):
    with pytest.raises(errors.UsageError, match="--class is for a .jar"):
        launching.program(file("a.py"), "org.example.Main")


def test_a_jar_with_a_class(jar):
    program = launching.program(jar(), "org.example.Main")
    assert (program.type, program.main_class) == ("Spark", "org.example.Main")


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        ("Main-Class: org.example.Main\n", "org.example.Main"),
        ("Manifest-Version: 1.0\r\nmain-class: a.B\r\n\r\n", "a.B"),
        ("Main-Class: org.example.a.very.long.pack\n age.Main\n", None),
    ],
)
def test_a_jar_may_name_its_class_itself(jar, manifest, expected):
    expected = expected or "org.example.a.very.long.package.Main"
    assert launching.program(jar(manifest)).main_class == expected


@pytest.mark.parametrize("manifest", [None, "Manifest-Version: 1.0\n", "Main-Class: "])
def test_a_jar_without_a_class_is_refused(jar, manifest):
    with pytest.raises(errors.UsageError, match="main class") as caught:
        launching.program(jar(manifest))
    assert "--class" in caught.value.hint


def test_what_is_no_jar_is_refused(file):
    with pytest.raises(errors.UsageError, match="is not a jar"):
        launching.program(file("a.jar"))


def listed(script, *statuses):
    script.expect(
        "GET",
        "/v2/clusters",
        {
            "clusters": [
                {"id": str(n), "name": f"c{n}", "status": status}
                for n, status in enumerate(statuses)
            ]
        },
    )


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["Active"], "c0"),
        (["Error", "Active", "Deleting"], "c1"),
        (["Spawning", "Active"], "c1"),
        (["Spawning"], "c0"),
        (["Error", "Deleting"], None),
        ([], None),
    ],
)
def test_the_only_usable_cluster_is_picked(client, script, statuses, expected):
    listed(script, *statuses)
    found = launching.pick_cluster(client, None)
    assert (found and found.name) == expected


def test_several_clusters_need_a_choice(client, script):
    listed(script, "Active", "Active", "Spawning")
    with pytest.raises(errors.Ambiguous, match="2 clusters: c0, c1") as caught:
        launching.pick_cluster(client, None)
    assert "--cluster" in caught.value.hint


def test_a_broken_cluster_is_refused(client, script):
    script.expect(
        "GET",
        "/v2/clusters",
        {"clusters": [{"id": "1", "name": "demo", "status": "Error"}]},
        query={"name": "demo"},
    )
    with pytest.raises(errors.UsageError, match="it is Error") as caught:
        launching.pick_cluster(client, "demo")
    assert "why demo" in caught.value.hint


def templates(script, name, *found):
    script.expect(
        "GET", "/v2/job-templates", {"job_templates": list(found)}, query={"name": name}
    )


def template(name, kind="PySpark", mains=("b1",), libs=("b2",)):
    return {
        "id": f"id-of-{name}",
        "name": name,
        "type": kind,
        "mains": [{"id": id} for id in mains],
        "libs": [{"id": id} for id in libs],
    }


def test_a_template_is_made(client, script):
    templates(script, "etl")
    script.expect(
        "POST",
        "/v2/job-templates",
        {"job_template": template("etl")},
        body={"name": "etl", "type": "PySpark", "mains": ["b1"], "libs": ["b2"]},
    )
    made = launching.ensure_template(client, "PySpark", [MAIN], [LIB], "etl")
    assert made.name == "etl"


def test_a_template_is_found_again(client, script):
    templates(script, "etl", template("etl"), template("etl-2"))
    found = launching.ensure_template(client, "PySpark", [MAIN], [LIB], "etl")
    assert found.id == "id-of-etl"


@pytest.mark.parametrize(
    "other", [{"kind": "Spark"}, {"mains": ("b9",)}, {"libs": ()}], ids=str
)
def test_another_template_of_that_name_is_left_alone(client, script, other):
    templates(script, "etl", template("etl", **other))
    marked = "etl-33bc8e2cf612"
    templates(script, marked)
    script.expect(
        "POST",
        "/v2/job-templates",
        {"job_template": template(marked)},
        body={"name": marked, "type": "PySpark", "mains": ["b1"], "libs": ["b2"]},
    )
    made = launching.ensure_template(client, "PySpark", [MAIN], [LIB], "etl")
    assert made.name == marked


def test_launch_uploads_and_starts_once(client, script, tmp_path):
    app = tmp_path / "app.py"
    app.write_text("x")
    binary = {"id": "b1", "name": "app-2d711642b726.py"}
    for _ in range(2):  # the same file as program and as file
        script.expect(
            "GET",
            "/v2/job-binaries",
            {"binaries": [binary]},
            query={"name": binary["name"]},
        )
        script.expect("GET", "/v2/job-binaries/b1/data", raw=b"x")
    templates(script, "app", template("app", libs=()))
    script.expect(
        "POST",
        "/v2/jobs",
        {"job": {"id": "j", "info": {"status": "PENDING"}}},
        body={
            "job_template_id": "id-of-app",
            "cluster_id": "c",
            "job_configs": {
                "configs": {"spark.executor.memory": "1g"},
                "args": ["a b", "$(x)", "--", "", "ü\n"],
            },
        },
    )
    job = launching.launch(
        client,
        launching.program(str(app)),
        "c",
        files=[app],
        args=["a b", "$(x)", "--", "", "ü\n"],
        settings={"spark.executor.memory": "1g"},
    )
    assert (job.id, job.name) == ("j", "app")
    assert len(script.sent[-1].headers["Idempotency-Key"]) == 32


def test_new_names_fit_a_host_name():
    name = launching.new_name()
    assert name.isascii()
    assert name.islower()
    assert clusters.Cluster(name=name).name == name
    assert name != launching.new_name()
