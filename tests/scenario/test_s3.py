# SPDX-License-Identifier: Apache-2.0
"""Jobs of real Spark whose data and programs lie in an S3 that has its faults."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import pathlib
import stat
import uuid
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from tests.scenario import harness
from tests.scenario import object_programs
from tests.servers import s3 as servers_s3

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

CLUSTER = "objects"
#: Seconds for a job without faults; machines may be busy.
SOON = 300.0
TERMINAL = {"SUCCEEDED", "DONEWITHERROR", "FAILED", "KILLED"}


class Asking:
    """What a user asks of the service, on the shared cluster."""

    def __init__(
        self, service: harness.Service, store: servers_s3.Store, cluster: str
    ) -> None:
        self._service = service
        self._store = store
        self._cluster = cluster

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        answer = self._service.call(method, path, body, **options)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def source(self, url: str, key: tuple[str, str]) -> str:
        given = {
            "accesskey": key[0],
            "secretkey": key[1],
            "endpoint": self._store.endpoint,
            "ssl": False,
            "bucket_in_path": True,
        }
        body = {"name": _name(), "type": "s3", "url": url, "credentials": given}
        return str(self.call("POST", "data-sources", body)["data_source"]["id"])

    def program(self, text: str) -> str:
        name = f"{_name()}.py"
        made = self.call("POST", "job-binaries", {"name": name})["job_binary"]
        path = f"job-binaries/{made['id']}/data"
        kind = {"Content-Type": "application/octet-stream"}
        self.call("PUT", path, data=text.encode(), headers=kind)
        return str(made["id"])

    def program_in(self, url: str, key: tuple[str, str]) -> str:
        """A job binary that lies in the store."""
        given = {
            "accesskey": key[0],
            "secretkey": key[1],
            "endpoint": f"http://{self._store.endpoint}",
        }
        body = {"name": f"{_name()}.py", "url": url, "extra": given}
        return str(self.call("POST", "job-binaries", body)["job_binary"]["id"])

    def job(self, binary: str, *args: str, **configs: Any) -> str:
        asked = {"name": _name(), "type": "PySpark", "mains": [binary]}
        template = self.call("POST", "job-templates", asked)["job_template"]["id"]
        used = {
            "edp.substitute_data_source_for_uuid": True,
            # Jobs run side by side here.
            "spark.cores.max": 1,
            "spark.executor.memory": "512m",
            "spark.sql.shuffle.partitions": 1,
            **configs,
        }
        launch = {
            "job_template_id": template,
            "cluster_id": self._cluster,
            "job_configs": {"args": list(args), "configs": used},
        }
        return str(self.call("POST", "jobs", launch)["job"]["id"])

    def show(self, job: str) -> dict[str, Any]:
        return dict(self.call("GET", f"jobs/{job}")["job"])

    def log(self, job: str, stream: str = "stdout") -> str:
        return self._service.call("GET", f"jobs/{job}/logs/{stream}").text

    def ended(self, job: str, seconds: float = SOON) -> dict[str, Any]:
        """The job, once it has."""

        def look() -> Any:
            shown = self.show(job)
            return shown if shown["info"]["status"] in TERMINAL else None

        return dict(harness.wait_for(look, seconds, f"job {job} ends", every=0.5))


def _name() -> str:
    return f"x-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def asking(service: harness.Service, s3: servers_s3.Store) -> Asking:
    """With one master, one worker."""
    harness.have_jars("objectstore")
    made = service.cli(
        *("cluster", "create", CLUSTER, "--workers", "1", "--flavor", "large"),
        "--wait",
    )
    assert made.returncode == 0, made.stderr + service.output()
    (cluster,) = service.call("GET", "clusters").json()["clusters"]
    return Asking(service, s3, cluster["id"])


@dataclasses.dataclass(frozen=True)
class Place:
    """A bucket with an input, and a key that opens it."""

    key: tuple[str, str]
    bucket: str

    def url(self, name: str, scheme: str = "s3") -> str:
        return f"{scheme}://{self.bucket}/{name}"


@pytest.fixture(scope="module")
def new_place(s3: servers_s3.Store) -> Callable[[], Place]:
    """Makes them: what befalls a key concerns one test only."""

    def make() -> Place:
        place = Place(s3.key(), s3.bucket())
        s3.put(place.bucket, "in/a.txt", object_programs.TEXT)
        return place

    return make


@pytest.fixture
def place(new_place: Callable[[], Place]) -> Place:
    return new_place()


@pytest.fixture(scope="module", autouse=True)
def patient(
    asking: Asking, s3: servers_s3.Store, new_place: Callable[[], Place]
) -> dict[str, tuple[str, Place]]:
    """Jobs on stores that fail for good. They take their time, while others run."""
    busy, silent, program = new_place(), new_place(), new_place()
    s3.door.busy(busy.key[0])
    s3.door.silent(silent.key[0])
    s3.door.busy(program.key[0])
    url = program.url("a.py")
    return {
        # Of the service's six, which take more than a minute each time.
        "busy": (_words(asking, busy, **{"fs.s3a.retry.throttle.limit": "2"}), busy),
        "silent": (
            _words(
                asking,
                silent,
                **{
                    "fs.s3a.connection.request.timeout": "15s",
                    "fs.s3a.retry.limit": "0",
                },
            ),
            silent,
        ),
        "program": (asking.job(asking.program_in(url, program.key)), program),
    }


def _words(
    asking: Asking, place: Place, go: pathlib.Path | None = None, **more: Any
) -> str:
    return asking.job(
        asking.program(object_programs.WORDS),
        asking.source(place.url("in"), place.key),
        asking.source(place.url("out", "s3a"), place.key),
        "json",
        str(go or object_programs.AT_ONCE),
        **more,
    )


def _counts(s3: servers_s3.Store, bucket: str) -> dict[str, int]:
    """What stands in the output, all of it."""
    found = {}
    for name in s3.names(bucket):
        if name.startswith("out/part-"):
            for line in s3.read(bucket, name).splitlines():
                row = json.loads(line)
                assert row["word"] not in found
                found[row["word"]] = row["count"]
    return found


def _said(asking: Asking, job: str, text: str) -> None:
    harness.wait_for(
        lambda: text in asking.log(job), SOON, f"it says {text}", every=0.5
    )


def _succeeded(asking: Asking, job: str) -> dict[str, Any]:
    shown = asking.ended(job)
    assert shown["info"]["status"] == "SUCCEEDED", (shown, asking.log(job)[-3000:])
    return shown


def _failed(shown: dict[str, Any], code: str, *words: str) -> None:
    reason = shown["info"]["reason"]
    assert reason["code"] == code, reason
    for word in words:
        assert word in reason["sentence"]
    assert reason["hint"]


def test_program_input_and_output_in_s3(
    service: harness.Service,
    asking: Asking,
    s3: servers_s3.Store,
    place: Place,
    tmp_path: pathlib.Path,
) -> None:
    """The node takes the program from there itself, and the keys are seen nowhere."""
    s3.put(place.bucket, "programs/words.py", object_programs.WORDS)
    go = tmp_path / "go"
    job = asking.job(
        asking.program_in(place.url("programs/words.py"), place.key),
        asking.source(place.url("in"), place.key),
        asking.source(place.url("out"), place.key),
        "json",
        str(go),
        **{"spark.eventLog.compress": "false"},
    )
    _said(asking, job, "read 3")
    for process in harness.processes_below(service.state):
        with contextlib.suppress(psutil.NoSuchProcess):
            told = " ".join([*process.cmdline(), *process.environ().values()])
            assert not [one for one in place.key if one in told], process
    holders = _files_with(service.state, place.key)
    # Its properties, and Spark's own copy of them for the program's Python.
    assert holders
    for file in holders:
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
    go.touch()
    shown = _succeeded(asking, job)
    assert _counts(s3, place.bucket) == object_programs.COUNTS
    told = json.loads(s3.read(place.bucket, "out/_SUCCESS"))
    assert told["committer"] == "magic"
    assert s3.uploads(place.bucket) == []
    assert {code for _, code in s3.door.seen(place.key[0])} == {""}
    said = asking.log(job) + asking.log(job, "stderr")
    assert object_programs.SAID in said
    for one in place.key:
        assert one not in json.dumps(shown) + said
    assert _files_with(service.state, place.key) == []


def _files_with(state: pathlib.Path, key: tuple[str, str]) -> list[pathlib.Path]:
    """Those below the directory that hold one of the two."""
    found = []
    for file in state.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            if file.is_file() and not file.is_symlink():
                data = file.read_bytes()
                found += [file for one in key if one.encode() in data][:1]
    return found


def test_a_store_that_is_busy_for_good_and_a_program_in_it(
    asking: Asking, patient: dict[str, tuple[str, Place]]
) -> None:
    """It says what it waits for, and can be cancelled."""
    job, _ = patient["program"]

    def told() -> Any:
        return asking.show(job)["info"].get("reason")

    harness.wait_for(told, 120, "it says what is wrong", every=0.5)
    _failed(asking.show(job), "OBJECT_STORE_UNAVAILABLE", "SlowDown")
    asking.call("PATCH", f"jobs/{job}", {"info": {"status": "cancel"}})
    assert asking.ended(job, 120)["info"]["status"] == "KILLED"


def test_a_store_that_is_busy_now_and_then(
    asking: Asking, s3: servers_s3.Store, place: Place, tmp_path: pathlib.Path
) -> None:
    """The job does not notice."""
    go = tmp_path / "go"
    s3.door.busy(place.key[0], 5)
    job = _words(asking, place, go)
    _said(asking, job, "read 3")
    s3.door.busy(place.key[0], 5)
    go.touch()
    _succeeded(asking, job)
    assert _counts(s3, place.bucket) == object_programs.COUNTS
    refused = [code for _, code in s3.door.seen(place.key[0]) if code]
    assert refused == ["SlowDown"] * 10


def test_a_key_that_is_revoked_in_the_middle(
    asking: Asking, s3: servers_s3.Store, place: Place, tmp_path: pathlib.Path
) -> None:
    go = tmp_path / "go"
    job = _words(asking, place, go)
    _said(asking, job, "read 3")
    s3.door.revoke(place.key[0])
    go.touch()
    shown = asking.ended(job)
    assert shown["info"]["status"] == "DONEWITHERROR"
    _failed(shown, "OBJECT_STORE_DENIED", place.bucket)
    assert not [name for name in s3.names(place.bucket) if name.startswith("out")]


def test_an_output_in_a_bucket_that_does_not_exist(
    asking: Asking, place: Place
) -> None:
    other = Place(place.key, f"{place.bucket}-not")
    job = asking.job(
        asking.program(object_programs.WORDS),
        asking.source(place.url("in"), place.key),
        asking.source(other.url("out"), place.key),
        "json",
        object_programs.AT_ONCE,
    )
    shown = asking.ended(job)
    assert shown["info"]["status"] == "DONEWITHERROR"
    _failed(shown, "BUCKET_NOT_FOUND", other.bucket)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("no bucket", "BUCKET_NOT_FOUND"),
        ("no object", "BINARY_NOT_FOUND"),
        ("wrong key", "OBJECT_STORE_DENIED"),
    ],
)
def test_a_program_that_cannot_be_had(
    asking: Asking, s3: servers_s3.Store, place: Place, fault: str, code: str
) -> None:
    s3.put(place.bucket, "a.py", "print(1)")
    url, key = place.url("a.py"), place.key
    if fault == "no bucket":
        url = f"s3://{place.bucket}-not/a.py"
    elif fault == "no object":
        url = place.url("b.py")
    else:
        key = (key[0], "wrong")
    shown = asking.ended(asking.job(asking.program_in(url, key)))
    assert shown["info"]["status"] == "FAILED"
    _failed(shown, code, url)


def test_a_job_that_is_killed_in_the_middle_leaves_nothing_visible(
    asking: Asking, s3: servers_s3.Store, place: Place
) -> None:
    """One of its tasks has written all that it has to. What there is of it stays below
    the committer's own directory, which readers skip as they do all names that begin
    with an underscore, and in uploads that were never completed. What can be seen is
    that there is a directory, without files."""
    out = asking.source(place.url("out"), place.key)
    job = asking.job(asking.program(object_programs.HALF), out, "json")

    def first() -> bool:
        return any(name.endswith(".pendingset") for name in s3.names(place.bucket))

    harness.wait_for(first, SOON, "a task has ended", every=0.5)
    asking.call("PATCH", f"jobs/{job}", {"info": {"status": "cancel"}})
    assert asking.ended(job)["info"]["status"] == "KILLED"
    left = [name for name in s3.names(place.bucket) if name.startswith("out")]
    assert "out/_SUCCESS" not in left
    seen = [name for name in left if not name.startswith("out/__magic_job-")]
    assert [name for name in seen if not name.endswith("/")] == []


def test_a_store_that_does_not_answer(
    asking: Asking, patient: dict[str, tuple[str, Place]]
) -> None:
    """With limits of the job's own, which win."""
    shown = asking.ended(patient["silent"][0])
    assert shown["info"]["status"] == "DONEWITHERROR"
    _failed(shown, "OBJECT_STORE_UNAVAILABLE", "15000 millis")


def test_a_store_that_is_busy_for_good(
    asking: Asking, s3: servers_s3.Store, patient: dict[str, tuple[str, Place]]
) -> None:
    """Twice Spark looks at the input, by itself, each time with three tries of S3A's
    (with the limit that the job sets) of three requests (with the service's)."""
    job, place = patient["busy"]
    shown = asking.ended(job)
    assert shown["info"]["status"] == "DONEWITHERROR"
    _failed(shown, "OBJECT_STORE_UNAVAILABLE", "503")
    seen = s3.door.seen(place.key[0])
    assert [code for _, code in seen] == ["SlowDown"] * 18
