# SPDX-License-Identifier: Apache-2.0
"""Object stores as jobs reach them: addresses, settings, signed URLs."""

import datetime
import urllib.parse

import pytest

from sparkaas import interfaces
from sparkaas import model
from sparkaas.edp import job_binaries
from sparkaas.edp import objects
from sparkaas.edp import signing

KEYS = interfaces.ObjectKeys(
    access="AKIAIOSFODNN7EXAMPLE",
    secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",  # noqa: S106
    endpoint="https://s3.example",
    region="us-east-1",
)

SIGNATURE = "fdd867ffeedfed7dc8fda4b1b837e52f409eb23caa375509c21cca17497cbf5e"


@pytest.mark.parametrize(
    ("given", "got"),
    [
        ("swift://box/a", "swift://box/a"),
        ("swift://box.sahara/a/b", "swift://box/a/b"),
        ("swift://box.sahara", "swift://box"),
        ("s3a://box.sahara/a", "s3a://box.sahara/a"),
        ("--in=swift://box.sahara/a", "--in=swift://box.sahara/a"),
    ],
)
def test_an_address_as_s3a_takes_it(given, got):
    assert objects.address(given) == got


@pytest.mark.parametrize(
    ("url", "container"),
    [
        ("swift://box.sahara/a", "box"),
        ("s3a://bucket/a", "bucket"),
        ("s3://bucket", "bucket"),
        ("hdfs://host/a", ""),
    ],
)
def test_the_container_of_an_address(url, container):
    assert objects.container(url) == container


@pytest.mark.parametrize(
    ("configs", "values", "wanted"),
    [
        ({}, ["a", "hdfs://h/b"], False),
        ({}, ["a", "swift://b/c"], True),
        ({}, ["s3://b/c"], True),
        ({objects.ADAPT: "False"}, [], False),
        ({objects.ADAPT: "True"}, [], True),
        ({"fs.s3a.endpoint": "x"}, [], True),
        ({"spark.executor.memory": "1g"}, [], False),
    ],
)
def test_which_job_needs_an_object_store(configs, values, wanted):
    assert objects.wanted(configs, values) is wanted


def test_keys_show_no_secret():
    assert KEYS.secret not in repr(KEYS)


def test_settings_of_one_bucket_and_of_all():
    assert objects.settings(KEYS, "b")["fs.s3a.bucket.b.secret.key"] == KEYS.secret
    assert objects.settings(KEYS)["fs.s3a.access.key"] == KEYS.access
    for bucket in ("", "b"):
        (name,) = (each for each in objects.settings(KEYS, bucket) if "sign" in each)
        assert objects.settings(KEYS, bucket)[name] == "AWS4UnsignedPayloadSignerType"
    given = {"accesskey": "a", "ssl": "false", "strange": "x"}
    assert objects.of_source(given, "b") == {
        "fs.s3a.bucket.b.access.key": "a",
        "fs.s3a.bucket.b.connection.ssl.enabled": "false",
    }


@pytest.mark.parametrize(
    ("endpoint", "region"),
    [
        ("minio:9000", "us-east-1"),
        ("s3.eu-west-1.amazonaws.com", None),
        ("s3.amazonaws.com", None),
        ("s3.dualstack.eu-west-1.amazonaws.com:443/", None),
        ("", None),
    ],
)
def test_the_region_of_a_source_unless_s3a_knows_it(endpoint, region):
    found = objects.of_source({"endpoint": endpoint}, "b")
    assert found.get("fs.s3a.bucket.b.endpoint.region") == region
    without = objects.of_source({"endpoint": endpoint}, "b", with_region=False)
    assert without == {"fs.s3a.bucket.b.endpoint": endpoint}


def test_who_names_a_region():
    assert objects.names_region(["a", "fs.s3a.endpoint.region"])
    assert objects.names_region(["spark.hadoop.fs.s3a.endpoint.region"])
    assert not objects.names_region(["fs.s3a.bucket.b.endpoint.region"])


def test_no_request_is_tried_for_more_than_a_few_minutes():
    """By S3A's rules: delays double, each half to one and a half of its value; the SDK
    tries by itself within each, and a whole call has 60 seconds."""
    given = {
        name.removeprefix("spark.hadoop.fs.s3a."): value
        for name, value in objects.patience().items()
    }
    tries = int(given["attempts.maximum"])
    throttled = int(given["retry.throttle.limit"])
    others = int(given["retry.limit"])
    assert given["retry.throttle.interval"] == "500ms"
    assert given["retry.interval"] == "1s"
    busy = 1.5 * 0.5 * (2 ** (throttled + 1) - 2) + (throttled + 1) * tries * 2
    silent = 1.5 * 1 * (2 ** (others + 1) - 2) + (others + 1) * 60
    assert 60 < busy < 180
    assert 60 < silent < 400


def test_a_signed_url_is_what_amazons_sdk_makes():
    at = datetime.datetime(2030, 1, 1, 12, tzinfo=datetime.UTC)
    url = signing.url(KEYS, "box", "a b/ü~+(1).py", at, 900)
    parts = urllib.parse.urlsplit(url)
    assert parts.path == "/box/a%20b/%C3%BC~%2B%281%29.py"
    # As botocore signs it for the same keys, time and names.
    assert dict(urllib.parse.parse_qsl(parts.query)) == {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20300101/us-east-1/s3/aws4_request",
        "X-Amz-Date": "20300101T120000Z",
        "X-Amz-Expires": "900",
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": SIGNATURE,
    }
    assert KEYS.secret not in url


@pytest.mark.parametrize(
    ("endpoint", "region"),
    [
        ("https://s3.eu-west-1.amazonaws.com", "eu-west-1"),
        ("https://s3.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("https://s3.amazonaws.com", "us-east-1"),
        ("http://swift:8080", "us-east-1"),
    ],
)
def test_the_region_of_an_endpoint(endpoint, region):
    assert objects.region(endpoint) == region


@pytest.mark.parametrize(
    ("url", "outside", "place"),
    [
        ("swift://box.sahara/a/b.py", True, ("box", "a/b.py")),
        ("s3://bucket/k?x#y", True, ("bucket", "k?x#y")),
        ("manila://b0/c", False, None),
    ],
)
def test_where_a_binary_is(url, outside, place):
    binary = model.JobBinary(id="1", project_id="p", name="n", url=url)
    assert job_binaries.is_outside(binary) is outside
    if outside:
        assert job_binaries.location(binary) == place
