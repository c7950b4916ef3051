# SPDX-License-Identifier: Apache-2.0
"""The plugin and its engine on real Spark: daemons, drivers, executors."""

import importlib.util
import json
import pathlib
import subprocess

import psutil
import pytest

from tests.scenario import world as worlds

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
PYSPARK = pathlib.Path(importlib.util.find_spec("pyspark").origin).parent
RATINGS = PYSPARK / "data/mllib/als/sample_movielens_ratings.txt"
ODD = ("a b", "'\"", ";", "$(id)", "n\nl", "c\rr", "ünï✓", "", "--x", "*", "\\", "${x}")

ARGUMENTS = """\
import json, os, sys, tempfile
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
def here(_=None):
    return os.environ["SPARK_LOCAL_IP"], os.path.realpath(tempfile.gettempdir())
hosts, pythons = zip(*spark.sparkContext.parallelize(range(8), 8).map(here).collect())
jvms = spark.range(0, 8, 1, 8).selectExpr(
    "java_method('java.lang.System', 'getProperty', 'java.io.tmpdir')").collect()
print(json.dumps({
    "args": sys.argv[1:], "hosts": sorted(set(hosts)),
    "conf": spark.conf.get("spark.odd"), "cwd": os.getcwd(),
    "temporary": [here()[1], spark._jvm.System.getProperty("java.io.tmpdir")],
    "executors": [sorted(set(pythons)), sorted({row[0] for row in jvms})],
}))
sys.exit(5)
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    found = worlds.World("spark", tmp_path_factory.mktemp("state"), "127.77.0.0/16")
    try:
        found.ensure()
        yield found
    finally:
        found.remove()


def test_recommendations_from_real_ratings(world):
    run = world.start("PySpark", [EXAMPLES / "recommend.py"], args=[str(RATINGS)])
    assert run.wait().exit_code == 0, run.told()
    assert "1501 ratings by 30 users of 100 movies" in run.read("stdout")
    assert "User   0 should watch: movie" in run.read("stdout")
    last = run.progress[-1]
    assert 0 < last.tasks_done <= last.tasks_total
    assert 0 < last.stages_done <= last.stages_total
    assert last.ui_url.startswith("http://127.77.")


def test_everything_arrives_as_typed_and_runs_on_both_workers(world):
    run = world.start(
        "PySpark",
        [("arguments.py", ARGUMENTS)],
        args=ODD,
        configs={"spark.odd": "a\\b = @{x} ü: #!"},
    )
    assert run.submit() == run.id
    report = run.wait()
    assert report.exit_code == 5, run.told()
    assert report.reason.code == "DRIVER_FAILED"
    said = json.loads(run.read("stdout"))
    workers = [i for i in world.cluster.instances if "worker" in i.name]
    places = sorted(f"{i.facts['root']}/temporary/spark-worker" for i in workers)
    assert said == {
        "args": list(ODD),
        "hosts": sorted(instance.internal_ip for instance in workers),
        "conf": "a\\b = @{x} ü: #!",
        "cwd": run.directory,
        "temporary": [f"{run.directory}/.tmp"] * 2,
        "executors": [places, places],
    }


def test_sql(world):
    run = world.start(
        "SparkSQL", [EXAMPLES / "top_movies.sql"], params={"ratings": str(RATINGS)}
    )
    assert run.wait().exit_code == 0, run.told()
    assert "1501     30     100" in run.read("stdout")
    assert "32     12       2.92" in run.read("stdout")


def test_a_bad_statement(world):
    text = "SELECT ';' AS semicolon; -- and; so on\nSELECT * FROM nowhere;\nSELECT 3"
    run = world.start("SparkSQL", [("bad.sql", text)])
    report = run.wait()
    assert report.exit_code == 1
    assert report.reason.code == "APPLICATION_FAILED"
    assert "Statement 2 failed: [TABLE_OR_VIEW_NOT_FOUND]" in report.reason.sentence
    assert "semicolon" in run.read("stdout")


def test_a_jar_that_has_not_the_class(world):
    jar = next((PYSPARK / "jars").glob("spark-tags_*.jar"))
    run = world.start(
        "Spark", [jar], configs={"edp.java.main_class": "org.example.Gone"}
    )
    report = run.wait()
    assert report.exit_code not in (0, None)
    assert report.reason.code == "MAIN_CLASS_NOT_FOUND"


def test_a_driver_that_the_system_kills(world):
    run = world.start("PySpark", [("sleep.py", "import time; time.sleep(600)")])
    pid = int(run.id.partition("@")[0])
    assert run.poll().running
    psutil.Process(pid).kill()
    report = run.wait()
    assert report.exit_code == -9
    assert report.reason.code == "DRIVER_KILLED"


def test_cancel_ends_a_driver_and_frees_the_workers(world):
    text = (
        "from pyspark.sql import SparkSession\nimport time\n"
        "s = SparkSession.builder.getOrCreate()\n"
        "print(s.range(9).count(), flush=True)\ntime.sleep(600)\n"
    )
    run = world.start("PySpark", [("sleep.py", text)])
    worlds.wait_for(lambda: "9" in run.read("stdout"), "a driver at work")
    run.cancel()
    assert run.wait().exit_code not in (0, None)
    assert not run.poll().running
    assert "Traceback" not in run.read("stderr")


def test_no_secret_is_seen_in_a_process_list(world):
    words = subprocess.run(
        ["/bin/ps", "-eww", "-o", "args"], capture_output=True, check=True
    )
    for value in world.secrets.values():
        assert value.encode() not in words.stdout


def test_a_stranger_gets_no_executor(world, tmp_path):
    node = world.plugin.job_engines["Shell"].node(world.cluster)
    run = world.start(
        "Shell", [("stranger.sh", STRANGER)], args=[str(tmp_path), node.internal_ip]
    )
    assert run.wait().exit_code == 0, run.told()
    assert "refused" in run.read("stdout")


STRANGER = """\
# Without the cluster's own configuration, so without its secret.
export SPARK_CONF_DIR="$1"
cat > stranger.py <<'END'
from pyspark.sql import SparkSession
SparkSession.builder.getOrCreate().range(9).count()
END
timeout 20 spark-submit --master "spark://$2:7077" --conf spark.executor.memory=512m \\
  stranger.py > said 2>&1
grep -q "Expected SaslMessage\\|authentication\\|unresponsive" said && echo refused
"""


PATIENT = (
    "from pyspark.sql import SparkSession\nimport os, time\n"
    "s = SparkSession.builder.getOrCreate()\n"
    "print(s.range(9).count(), flush=True)\n"
    "while not os.path.exists('go'): time.sleep(0.2)\n"
)


def test_a_job_that_waits_for_cores_or_memory_says_so(world):
    holder = world.start("PySpark", [("patient.py", PATIENT)])
    worlds.wait_for(lambda: "9" in holder.read("stdout"), "a driver at work")
    assert holder.poll().waits is None
    second = world.start("PySpark", [("patient.py", PATIENT)])
    waits = worlds.wait_for(lambda: second.poll().waits, "a driver that waits")
    assert waits.code == "WAITS_FOR_CORES"
    assert waits.sentence.startswith("It waits for cores: application app-")
    assert waits.sentence.endswith("of job scenario holds 2 of 2.")
    for run in (holder, second):
        run.remote.write_file(f"{run.directory}/go", [b""], deadline=5)
        assert run.wait().exit_code == 0, run.told()
        assert run.poll().waits is None
    greedy = world.start(
        "PySpark", [("greedy.py", PATIENT)], configs={"spark.executor.memory": "64g"}
    )
    waits = worlds.wait_for(
        lambda: greedy.poll().waits, "a driver that waits for memory"
    )
    assert waits.code == "WAITS_FOR_MEMORY"
    assert "asks for 65536 MB" in waits.sentence
    greedy.cancel(kill=True)
    greedy.wait()


def test_jobs_that_leave_cores_run_side_by_side(world):
    share = {"spark.cores.max": "1"}
    runs = [world.start("PySpark", [(f"{n}.py", PATIENT)], configs=share) for n in "ab"]
    for run in runs:
        worlds.wait_for(
            lambda run=run: "9" in run.read("stdout"), "two drivers at work"
        )
    for run in runs:
        run.remote.write_file(f"{run.directory}/go", [b""], deadline=5)
        assert run.wait().exit_code == 0, run.told()


def test_a_killed_master_comes_back_and_the_job_goes_on(world):
    text = (
        "from pyspark.sql import SparkSession\nimport os, time\n"
        "s = SparkSession.builder.getOrCreate()\n"
        "print(s.range(9).count(), flush=True)\n"
        "while not os.path.exists('go'): time.sleep(0.2)\n"
        "print(s.range(99).repartition(4).count(), flush=True)\n"
    )
    run = world.start("PySpark", [("patient.py", text)])
    worlds.wait_for(lambda: "9" in run.read("stdout"), "a driver at work")
    address = run.engine.node(world.cluster).internal_ip
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or [""]
        main = "org.apache.spark.deploy.master.Master" in words and address in words
        if main and words[0].endswith("java"):
            process.kill()
    worlds.wait_for(world.is_green, "the master's return")
    run.remote.write_file(f"{run.directory}/go", [b""], deadline=5)
    assert run.wait().exit_code == 0, run.told()
    assert run.read("stdout") == "9\n99\n"


def test_a_worker_is_told_before_it_goes(world):
    world.part_with_one()
    state = world.plugin.health(world.cluster, world.reach)
    assert [check.status for check in state] == ["GREEN", "GREEN"]
    world.ensure()
    assert {i.name for i in world.cluster.instances} == {
        "demo-master-0",
        "demo-worker-0",
    }
