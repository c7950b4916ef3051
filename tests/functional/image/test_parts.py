# SPDX-License-Identifier: Apache-2.0
"""The parts of ``sparkaas-image`` that need other programs, one by one."""

import hashlib
import http.server
import io
import os
import pathlib
import shutil
import subprocess
import tarfile
import time

import pytest

from sparkaas.image import elements
from sparkaas.image import fetching
from sparkaas.image import packing
from sparkaas.image import root
from sparkaas.image import running
from tests.servers import answering


@pytest.fixture
def log(tmp_path):
    return running.Log(tmp_path / "log")


def tool(name):
    path = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    return path or pytest.skip(f"there is no {name} here")


def test_a_program_that_fails_is_quoted(log):
    log.run(["sh", "-c", "echo before"], seconds=10)
    with pytest.raises(running.Failure, match=r"ended with 3 .*:\nwhy\n$"):
        log.run(["sh", "-c", "echo why; exit 3"], seconds=10)
    assert log.path.read_text() == "before\nwhy\n"


def test_a_program_that_hangs_is_ended_with_all_it_started(log, tmp_path):
    pid = tmp_path / "pid"
    script = f"sleep 300 & echo $! > {pid}; wait"
    with pytest.raises(running.Failure, match="longer than 1 s"):
        log.run(["sh", "-c", script], seconds=1)
    stat = pathlib.Path(f"/proc/{pid.read_text().strip()}/stat")
    limit = time.monotonic() + 10
    # Gone, or a zombie that nobody here can reap.
    while stat.exists() and stat.read_text().split()[2] != "Z":
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_an_argument_is_not_read_by_a_shell(log, tmp_path):
    log.run(["printf", "%s", f"$(touch {tmp_path}/x); `id`"], seconds=10)
    assert not (tmp_path / "x").exists()
    assert "$(touch" in log.path.read_text()


def test_a_tree_becomes_a_file_system(log, tmp_path):
    tool("mkfs.ext4")
    debugfs = tool("debugfs")
    tree = tmp_path / "tree"
    (tree / "etc").mkdir(parents=True)
    (tree / "etc/words").write_text("hello")
    for number in range(300):
        (tree / f"file-{number}").write_text("x" * number)
    (tree / "large").write_bytes(os.urandom(20 << 20))
    (tree / "link").symlink_to("etc/words")
    made = tmp_path / "made.raw"
    packing.file_system(tree, made, log)
    read = [debugfs, "-R", "cat /etc/words", made]
    assert subprocess.run(read, capture_output=True, check=True).stdout == b"hello"
    # Just large enough.
    assert made.stat().st_size < (20 + 80) << 20
    with pytest.raises(FileExistsError):
        packing.file_system(tree, made, log)


def test_a_root_is_kept_and_forgotten(log, tmp_path):
    cache = root.Cache(tmp_path, 3600)
    assert not cache.load("k", tmp_path / "none", log)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/file").write_text("x")
    cache.keep("k", tmp_path / "tree", log)
    assert cache.load("k", tmp_path / "again", log)
    assert (tmp_path / "again/file").read_text() == "x"
    assert not root.Cache(tmp_path, 0).load("k", tmp_path / "late", log)
    assert sorted(each.name for each in tmp_path.glob("*root-*")) == ["root-k.tar"]


@pytest.fixture
def served(tmp_path):
    """A directory over HTTP; its URL."""
    (tmp_path / "www").mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *words):
            super().__init__(*words, directory=str(tmp_path / "www"))

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with answering.answering(server):
        yield f"http://127.0.0.1:{server.server_port}"


def test_an_archive_is_fetched_once_and_checked(served, log, tmp_path):
    content = b"archive"
    (tmp_path / "www/spark.tgz").write_bytes(content)
    (tmp_path / "cache").mkdir()
    sha256 = hashlib.sha256(content).hexdigest()
    words = ("4.1.4", f"{served}/spark.tgz")
    found = fetching.spark(*words, sha256, tmp_path / "cache", log)
    assert found.read_bytes() == content
    (tmp_path / "www/spark.tgz").unlink()
    assert fetching.spark(*words, sha256, tmp_path / "cache", log) == found
    found.write_bytes(b"spoilt")
    with pytest.raises(running.Failure, match="has not the SHA-256"):
        fetching.spark(*words, sha256, tmp_path / "cache", log)


@pytest.mark.parametrize(("there", "why"), [(b"other", "SHA-256"), (None, "404")])
def test_another_archive_leaves_nothing(served, log, tmp_path, there, why):
    if there:
        (tmp_path / "www/spark.tgz").write_bytes(there)
    cache = tmp_path / "cache"
    cache.mkdir()
    with pytest.raises(running.Failure, match=why):
        fetching.spark("4.1.4", f"{served}/spark.tgz", "0" * 64, cache, log)
    assert list(cache.iterdir()) == []


SHAPES = {
    "apache": ("spark-4.1.4-bin-hadoop3/", "", "bin/spark-class"),
    "pyspark": ("pyspark/", "", "bin/spark-class"),
    "sdist": ("pyspark-4.1.4/", "deps/", "bin/spark-class"),
}


def archive(path, shape, version):
    top, below, _ = SHAPES[shape]
    names = [
        f"{top}{below}{name}"
        for name in (
            "bin/spark-class",
            "sbin/start-all.sh",
            f"jars/spark-core_2.13-{version}.jar",
        )
    ]
    if shape == "sdist":
        names += [f"{top}pyspark/__init__.py", f"{top}lib/pyspark.zip"]
    with tarfile.open(path, "w:gz") as made:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.uid = 1, 0o666, 4711
            made.addfile(info, io.BytesIO(b"x"))


#: What the script writes to is covered by directories of the test, or nothing runs.
APART = """\
set -e
mount --bind "$1/opt" /opt
mount --bind "$1/profile" /etc/profile.d
export SPARKAAS_SPARK_VERSION=4.1.4
exec "$1/in_target.d/install.d/50-sparkaas-spark"
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="covering /opt needs root")
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_spark_is_installed(log, tmp_path, shape):
    _install(tmp_path, shape, "4.1.4", log)
    home = tmp_path / "opt/spark"
    assert (home / "bin/spark-class").stat().st_mode & 0o777 == 0o755
    jar = (home / "jars/spark-core_2.13-4.1.4.jar").stat()
    assert (jar.st_uid, jar.st_mode & 0o777) == (0, 0o644)
    assert home.stat().st_mode & 0o777 == 0o755
    if shape == "sdist":
        assert (home / "python/lib/pyspark.zip").is_file()
        assert (home / "python/pyspark/__init__.py").is_file()
    assert [each.name for each in (tmp_path / "opt").iterdir()] == ["spark"]


@pytest.mark.skipif(os.geteuid() != 0, reason="covering /opt needs root")
def test_another_version_of_spark_is_not(log, tmp_path):
    with pytest.raises(running.Failure, match="The archive is not Spark 4.1.4"):
        _install(tmp_path, "apache", "4.1.40", log)


def _install(place, shape, version, log):
    for name in ("opt", "profile", "in_target.d/install.d"):
        (place / name).mkdir(parents=True)
    script = elements.directory() / "sparkaas/install.d/50-sparkaas-spark"
    shutil.copy(script, place / "in_target.d/install.d")
    archive(place / "in_target.d/sparkaas-spark.archive", shape, version)
    log.run([*running.APART, "bash", "-c", APART, "apart", place], seconds=30)


def test_only_the_jars_that_are_listed_get_on_an_image(tmp_path):
    script = elements.directory() / "sparkaas-hadoop/extra-data.d/50-sparkaas-hadoop"
    tree, hooks = tmp_path / "tree", tmp_path / "hooks"
    (tree / "lib").mkdir(parents=True)
    (tree / "lib" / "a.jar").write_text("a")
    digest = hashlib.sha256(b"a").hexdigest()
    (tree / "SHA256SUMS").write_text(f"{digest}  lib/a.jar\n")

    def run():
        shutil.rmtree(hooks, ignore_errors=True)
        hooks.mkdir()
        known = {"SPARKAAS_HADOOP_TREE": str(tree), "TMP_HOOKS_PATH": str(hooks)}
        return subprocess.run(
            [script], env={**os.environ, **known}, capture_output=True
        ).returncode

    assert run() == 0
    assert (hooks / "sparkaas-hadoop" / "lib" / "a.jar").read_text() == "a"
    (tree / "lib" / "a.jar").write_text("b")
    assert run() != 0
