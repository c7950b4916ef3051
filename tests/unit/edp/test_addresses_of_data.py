# SPDX-License-Identifier: Apache-2.0
"""URLs of data sources and job binaries: which are accepted, what becomes of them."""


import pytest

from sparkaas import exceptions
from sparkaas import model
from sparkaas.edp import data_sources
from sparkaas.edp import job_binaries

ID = "6f1c1d2e-5a53-4a77-9a52-0c3f4d0b7c11"
SWIFT = {"user": "u", "password": "p"}
S3 = {"accesskey": "a", "secretkey": "s", "endpoint": "https://s3.example"}


@pytest.mark.parametrize(
    ("type", "url", "credentials", "native", "runtime"),
    [
        ("swift", "swift://c/o", SWIFT, "swift://c.sahara/o", "swift://c.sahara/o"),
        (
            "swift",
            "swift://c.sahara/o",
            SWIFT,
            "swift://c.sahara/o",
            "swift://c.sahara/o",
        ),
        ("hdfs", "hdfs://h:8020/p", None, "hdfs://h:8020/p", "hdfs://h:8020/p"),
        ("hdfs", "/p", None, "/p", "/p"),
        ("maprfs", "maprfs://h/p", None, "maprfs://h/p", "maprfs://h/p"),
        ("manila", f"manila://{ID}/p", None, f"manila://{ID}/p", f"file:///mnt/{ID}/p"),
        ("s3", "s3://b/k", {"ssl": True}, "s3://b/k", "s3a://b/k"),
        ("s3", "s3a://b/k", None, "s3a://b/k", "s3a://b/k"),
    ],
)
def test_data_source(type, url, credentials, native, runtime):
    data_sources.validate(type, url, credentials)
    assert data_sources.native(type, url) == native
    assert data_sources.runtime(type, url) == runtime


@pytest.mark.parametrize(
    ("type", "url", "credentials"),
    [
        ("swift", "swift://c/o", None),
        ("swift", "swift://c/o", {"user": "u"}),
        ("swift", "swift:///o", SWIFT),
        ("swift", "http://c/o", SWIFT),
        ("swift", "swift://c.other/o", SWIFT),
        ("hdfs", "s3://h/p", None),
        ("hdfs", "hdfs:///p", None),
        ("hdfs", "", None),
        ("hdfs", "/a b", None),
        ("hdfs", "/a\nb", None),
        ("manila", "manila://share/p", None),
        ("manila", f"manila://{ID}", None),
        ("s3", "s3://b", None),
        ("s3", "s3://b/k", {"password": "x"}),
        ("s3", "s3://b/k", {"ssl": "yes"}),
        ("s3", "s3://b/k", {"endpoint": "http://x"}),
        ("ftp", "ftp://b/k", None),
    ],
)
def test_data_source_refused(type, url, credentials):
    with pytest.raises(exceptions.InvalidRequest):
        data_sources.validate(type, url, credentials)


@pytest.mark.parametrize(
    ("url", "extra"),
    [
        (f"internal-db://{ID}", None),
        ("swift://c/o", SWIFT),
        ("s3://b/k", S3),
        (f"manila://{ID}/p.jar", None),
    ],
)
def test_job_binary(url, extra):
    job_binaries.validate(url, extra)


@pytest.mark.parametrize(
    ("url", "extra"),
    [
        ("internal-db://no-uuid", None),
        ("internal-db://../../etc/passwd", None),
        ("swift://c/o", None),
        ("swift://c", SWIFT),
        ("s3://b/k", {"accesskey": "a"}),
        ("s3://b/k", {**S3, "endpoint": "s3.example"}),
        ("s3://b/k", {**S3, "more": "x"}),
        ("manila://x/p", None),
        ("file:///etc/passwd", None),
        ("no url", None),
    ],
)
def test_job_binary_refused(url, extra):
    with pytest.raises(exceptions.InvalidRequest):
        job_binaries.validate(url, extra)


def binary(name, url="internal-db://" + ID, id=None):
    return model.JobBinary(id=id or name, project_id="p", name=name, url=url)


def test_uploaded_bytes_come_from_the_store():
    assert job_binaries.store_key(binary("a.py")) == f"binaries/{ID}"


@pytest.mark.parametrize(
    ("url", "missing"),
    [("swift://c/o", "Swift"), ("s3://b/k", "S3"), (f"manila://{ID}/p", "Manila")],
)
def test_bytes_elsewhere_are_told_apart(url, missing):
    with pytest.raises(exceptions.Permanent, match=missing) as error:
        job_binaries.store_key(binary("a.py", url))
    assert error.value.code == "BINARY_STORE_UNAVAILABLE"


def test_every_binary_gets_a_path_of_its_own():
    same = (binary("a.py", id="1"), binary("a.py", id="2"), binary("stdout", id="3"))
    assert job_binaries.paths("/j", (*same, same[0])) == {
        "1": "/j/a.py",
        "2": "/j/2/a.py",
        "3": "/j/3/stdout",
    }
