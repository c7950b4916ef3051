# SPDX-License-Identifier: Apache-2.0
"""Which URLs data sources and job binaries may have."""

import pytest

from sparkaas import exceptions
from sparkaas.service import locations

SHARE = "16e1bd5c-8a1f-4c7d-9d1c-5d5d3a8d5a10"
SWIFT = {"user": "u", "password": "p"}
S3 = {"accesskey": "a", "secretkey": "s", "endpoint": "http://s3.example.org"}

GOOD_SOURCES = [
    ("swift", "swift://box/object", SWIFT),
    ("swift", "swift://box.sahara/a/b", SWIFT),
    ("hdfs", "hdfs://namenode:8020/a", None),
    ("hdfs", "/a/b", None),
    ("hdfs", "a/b", None),
    ("maprfs", "maprfs://host/a", None),
    ("maprfs", "/a", None),
    ("manila", f"manila://{SHARE}/a", None),
    ("s3", "s3://bucket/key", None),
    ("s3", "s3a://bucket/a/b", {"accesskey": "a", "ssl": True, "endpoint": "e:1"}),
    ("hdfs", "/out/%JOB_EXEC_ID%/%RANDSTR(8)%", None),
    ("hdfs", "/%RANDSTR(1000)%%RANDSTR(24)%", None),
    ("hdfs", "/100%25", None),
]
BAD_SOURCES = [
    ("swift", "swift://box/object", None, "INVALID_CREDENTIALS"),
    ("swift", "swift://box/object", {"user": "u"}, "INVALID_CREDENTIALS"),
    ("swift", "swift://box/object", {**SWIFT, "ssl": True}, "INVALID_CREDENTIALS"),
    ("swift", "swift://box.other/object", SWIFT, "INVALID_DATA"),
    ("swift", "swift:///object", SWIFT, "INVALID_DATA"),
    ("swift", "s3://box/object", SWIFT, "INVALID_DATA"),
    ("hdfs", "hdfs:///a", None, "INVALID_DATA"),
    ("hdfs", "http://host/a", None, "INVALID_DATA"),
    ("hdfs", "/a\nb", None, "INVALID_DATA"),
    ("maprfs", "hdfs://host/a", None, "INVALID_DATA"),
    ("manila", "manila://share/a", None, "INVALID_DATA"),
    ("manila", f"manila://{SHARE}", None, "INVALID_DATA"),
    ("s3", "s3://bucket", None, "INVALID_DATA"),
    ("s3", "s3:///key", None, "INVALID_DATA"),
    ("s3", "s3://bucket/key", {"user": "u"}, "INVALID_CREDENTIALS"),
    ("s3", "s3://bucket/key", {"ssl": "yes"}, "INVALID_CREDENTIALS"),
    ("s3", "s3://bucket/key", {"endpoint": "http://e"}, "INVALID_CREDENTIALS"),
    ("s3", "s3://key:hunter2@bucket/key", None, "INVALID_DATA"),
    ("hdfs", "//u:hunter2@[/a", None, "INVALID_DATA"),
    ("hdfs", "/%RANDSTR(0)%", None, "INVALID_DATA"),
    ("hdfs", "/%RANDSTR(-1)%", None, "INVALID_DATA"),
    ("hdfs", "/%RANDSTR(x)%", None, "INVALID_DATA"),
    ("hdfs", "/%RANDSTR()%", None, "INVALID_DATA"),
    ("hdfs", "/%RANDSTR(5", None, "INVALID_DATA"),
    ("hdfs", "/%RANDSTR(1000)%%RANDSTR(25)%", None, "INVALID_DATA"),
]
GOOD_BINARIES = [
    (f"internal-db://{SHARE}", None),
    ("swift://box/app.jar", SWIFT),
    ("s3://bucket/app.jar", S3),
    (f"manila://{SHARE}/app.jar", None),
]
BAD_BINARIES = [
    ("internal-db://app", None, "BAD_JOB_BINARY"),
    ("swift://box/app.jar", None, "BAD_JOB_BINARY"),
    ("swift://box", SWIFT, "BAD_JOB_BINARY"),
    ("s3://bucket/app.jar", None, "BAD_JOB_BINARY"),
    ("s3://bucket/app.jar", {**S3, "more": "x"}, "BAD_JOB_BINARY"),
    ("s3://bucket/app.jar", {**S3, "endpoint": "e"}, "BAD_JOB_BINARY"),
    ("manila://share/app.jar", None, "INVALID_DATA"),
    ("http://host/app.jar", None, "INVALID_DATA"),
    ("app.jar", None, "INVALID_DATA"),
    ("s3://a:hunter2@bucket/app.jar", S3, "INVALID_DATA"),
    ("file:///etc/passwd", None, "INVALID_DATA"),
]


@pytest.mark.parametrize(("type_", "url", "credentials"), GOOD_SOURCES)
def test_good_data_sources(type_, url, credentials):
    locations.check_data_source(type_, url, credentials)


@pytest.mark.parametrize(("type_", "url", "credentials", "code"), BAD_SOURCES)
def test_bad_data_sources(type_, url, credentials, code):
    with pytest.raises(exceptions.InvalidRequest) as caught:
        locations.check_data_source(type_, url, credentials)
    assert caught.value.code == code
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(("url", "extra"), GOOD_BINARIES)
def test_good_binaries(url, extra):
    locations.check_job_binary(url, extra)


@pytest.mark.parametrize(("url", "extra", "code"), BAD_BINARIES)
def test_bad_binaries(url, extra, code):
    with pytest.raises(exceptions.InvalidRequest) as caught:
        locations.check_job_binary(url, extra)
    assert caught.value.code == code
    assert "hunter2" not in caught.value.message


def test_internal_ids():
    assert locations.internal_id(f"internal-db://{SHARE}") == SHARE
    assert locations.internal_id("swift://box/object") is None
