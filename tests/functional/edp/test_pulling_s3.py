# SPDX-License-Identifier: Apache-2.0
"""A node fetches a file from an S3 that knows its keys, by a URL that we signed."""

import datetime
import json
import time

import pytest

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas.edp import pulling
from sparkaas.edp import signing
from tests.functional.edp import pulled

NAME = "progs/a b+(1) ü~.py"
DATA = b"print(6 * 7)\n" * 1000
SHOWN = "s3://box/a.py"


@pytest.fixture
def pull(s3, tmp_path):
    """(the error, the file) with a key, and what else is asked."""

    def run(bucket, key, name=NAME, region="us-east-1", **more):
        keys = interfaces.ObjectKeys(
            access=key[0],
            secret=key[1],
            endpoint=f"http://{s3.endpoint}",
            region=region,
        )
        now = datetime.datetime.now(datetime.UTC)
        target = tmp_path / "job" / "a.py"
        asked = {
            "url": signing.url(keys, bucket, name, now, 900),
            "path": str(target),
            "limit": 1 << 20,
            "seconds": 60.0,
            **more,
        }
        told = pulled.told(asked)
        assert key[1] not in json.dumps(told)
        return pulling.failure(told, SHOWN, 1 << 20), target

    return run


@pytest.fixture
def bucket(s3):
    name = s3.bucket()
    s3.put(name, NAME, DATA)
    return name


def test_a_file_of_any_name(s3, bucket, pull):
    error, target = pull(bucket, s3.key())
    assert error is None
    assert target.read_bytes() == DATA


def test_a_busy_store_is_asked_again(s3, bucket, pull):
    key = s3.key()
    s3.door.busy(key[0], 2)
    error, target = pull(bucket, key)
    assert error is None
    assert target.read_bytes() == DATA
    assert [code for _, code in s3.door.seen(key[0])] == ["SlowDown"] * 2 + [""]


def test_one_that_stays_busy_is_left_to_the_service(s3, bucket, pull):
    """Long before the time is over that a large file may take."""
    key = s3.key()
    s3.door.busy(key[0])
    began = time.monotonic()
    error, target = pull(bucket, key, patience=1.0)
    assert time.monotonic() - began < 30
    assert isinstance(error, exceptions.Transient)
    assert (error.code, error.hint != "") == ("OBJECT_STORE_UNAVAILABLE", True)
    assert "SlowDown" in error.message
    assert not target.exists()
    assert len(s3.door.seen(key[0])) == 2


@pytest.mark.parametrize(
    ("fault", "code", "word"),
    [
        ("no bucket", "BUCKET_NOT_FOUND", "bucket"),
        ("no object", "BINARY_NOT_FOUND", "does not exist"),
        ("another secret", "OBJECT_STORE_DENIED", "SignatureDoesNotMatch"),
        ("revoked", "OBJECT_STORE_DENIED", "InvalidAccessKeyId"),
        ("another region", "OBJECT_STORE_REFUSED", "AuthorizationQueryParameters"),
    ],
)
def test_what_will_not_change(s3, bucket, pull, fault, code, word):
    access, secret = s3.key()
    if fault == "no bucket":
        error, target = pull(f"{bucket}-not", (access, secret))
    elif fault == "no object":
        error, target = pull(bucket, (access, secret), "b.py")
    elif fault == "another secret":
        error, target = pull(bucket, (access, "x"))
    elif fault == "another region":
        error, target = pull(bucket, (access, secret), region="eu-west-1")
    else:
        s3.door.revoke(access)
        error, target = pull(bucket, (access, secret))
    assert isinstance(error, exceptions.Permanent)
    assert (error.code, error.hint != "") == (code, True)
    assert word in error.message
    assert SHOWN in error.message
    assert not target.exists()
    assert len(s3.door.seen(access)) == 1
