# SPDX-License-Identifier: Apache-2.0
"""Reasons of failures and progress, from what Spark says."""

import json

import pytest

from sparkaas import exceptions
from sparkaas.edp import progress
from sparkaas.edp import reasons
from sparkaas.edp import sql_runner

TRACE = """\
hello
Traceback (most recent call last):
  File "/j/app.py", line 4, in <module>
    main()
ValueError: bad input: é
"""
PY4J = """\
Traceback (most recent call last):
  File "/j/app.py", line 9, in <module>
    frame.collect()
py4j.protocol.Py4JJavaError: An error occurred while calling o45.collect.
: org.apache.spark.SparkException: Job aborted due to stage failure
\tat org.apache.spark.Some.method(Some.scala:1)
"""
JAVA = """\
Exception in thread "main" java.lang.IllegalStateException: no luck
\tat org.example.Main.main(Main.java:3)
"""


@pytest.mark.parametrize(
    ("code", "stderr", "found", "told"),
    [
        (1, TRACE, "APPLICATION_FAILED", "ValueError: bad input: é"),
        (1, PY4J, "APPLICATION_FAILED", "o45.collect. org.apache.spark.SparkException"),
        (1, JAVA, "APPLICATION_FAILED", "java.lang.IllegalStateException: no luck"),
        (1, "Statement 2 failed: [X] no\nmore", "APPLICATION_FAILED", "Statement 2"),
        (
            101,
            "Error: Failed to load class a.B.\n",
            "MAIN_CLASS_NOT_FOUND",
            "main class",
        ),
        (
            1,
            JAVA + "java.lang.OutOfMemoryError: Java heap",
            "DRIVER_OUT_OF_MEMORY",
            "memory",
        ),
        (1, "x\nMemoryError\n", "DRIVER_OUT_OF_MEMORY", "memory"),
        (
            1,
            "ExecutorLostFailure (executor 0 exited) Reason: exit code 137\n",
            "EXECUTOR_OUT_OF_MEMORY",
            "executor",
        ),
        (137, "", "DRIVER_KILLED", "signal 9"),
        (-9, "", "DRIVER_KILLED", "signal 9"),
        (143, "", "DRIVER_KILLED", "signal 15"),
        (-11, "", "DRIVER_KILLED", "signal 11"),
        (1, "java.io.IOException: No space left on device", "DISK_FULL", "full"),
        (
            1,
            "org.apache.hadoop.fs.s3a.UnknownStoreException: `swift://box/': Bucket "
            "does not exist: software.amazon.awssdk...NoSuchBucketException\n",
            "BUCKET_NOT_FOUND",
            "swift://box/",
        ),
        (
            1,
            ": java.nio.file.AccessDeniedException: swift://box/x: getFileStatus on "
            "swift://box/x: software.amazon.awssdk.services.s3.model.S3Exception: "
            "Forbidden (Service: S3, Status Code: 403, Request ID: tx1)\n",
            "OBJECT_STORE_DENIED",
            "refused",
        ),
        (
            1,
            ": org.apache.hadoop.fs.s3a.AWSStatus500Exception: getFileStatus on "
            "s3a://b/k: Internal Server Error (Service: S3, Status Code: 500)\n",
            "OBJECT_STORE_UNAVAILABLE",
            "AWSStatus500Exception",
        ),
        (
            1,
            ": org.apache.hadoop.fs.s3a.AWSServiceThrottledException: open s3a://b/k: "
            "Service Unavailable (Service: S3, Status Code: 503, Request ID: tx1)\n",
            "OBJECT_STORE_UNAVAILABLE",
            "503",
        ),
        (
            1,
            ": java.nio.file.AccessDeniedException: s3a://b/in: listObjects() on "
            "s3a://b/in: software.amazon.awssdk.services.s3.model.S3Exception: The AWS "
            "Access Key Id you provided does not exist in our records. (Service: S3, "
            "Status Code: 403, Request ID: 0) (SDK Attempt Count: 1):"
            "InvalidAccessKeyId\n",
            "OBJECT_STORE_DENIED",
            "s3a://b/in",
        ),
        (
            1,
            "botocore.exceptions.ClientError: An error occurred (AccessDenied) when "
            "calling the PutObject operation: Access Denied",
            "OBJECT_STORE_DENIED",
            "PutObject",
        ),
        (
            1,
            'Exception in thread "main" java.nio.file.AccessDeniedException: /root/x',
            "APPLICATION_FAILED",
            "/root/x",
        ),
        (
            1,
            "botocore.errorfactory.NoSuchBucket: An error occurred (NoSuchBucket) when "
            "calling the PutObject operation: The specified bucket does not exist",
            "BUCKET_NOT_FOUND",
            "PutObject",
        ),
        (
            1,
            ": org.apache.hadoop.fs.s3a.AWSBadRequestException: getFileStatus on "
            "s3a://b/in: software.amazon.awssdk.services.s3.model.S3Exception: Bad "
            "Request (Service: S3, Status Code: 400, Request ID: 0):null: Bad Request "
            "(Service: S3, Status Code: 400, Request ID: 0)\n",
            "OBJECT_STORE_REFUSED",
            "s3a://b/in",
        ),
        (
            1,
            "org.apache.hadoop.fs.s3a.AWSBadRequestException: Writing Object on out/a: "
            "software.amazon.awssdk.services.s3.model.S3Exception: Upload exceeds "
            "quota. (Service: S3, Status Code: 400, Request ID: tx3) (SDK Attempt Count"
            ": 1):EntityTooLarge: Upload exceeds quota. (Service: S3, Status Code: 400",
            "OBJECT_STORE_FULL",
            "more: S3Exception: Upload exceeds quota.",
        ),
        (
            1,
            "botocore.exceptions.ClientError: An error occurred (QuotaExceeded) when "
            "calling the PutObject operation: Unknown",
            "OBJECT_STORE_FULL",
            "PutObject",
        ),
        (
            1,
            "org.apache.hadoop.hdfs.protocol.DSQuotaExceededException: The DiskSpace "
            "quota of /a is exceeded",
            "DRIVER_FAILED",
            "DiskSpace",
        ),
        (
            1,
            ": software.amazon.awssdk.services.s3.model.S3Exception: The request "
            "signature we calculated does not match the signature you provided. Check "
            "your key and signing method. (Service: S3, Status Code: 403, Request ID: "
            "tx2) (SDK Attempt Count: 1):SignatureDoesNotMatch",
            "OBJECT_STORE_DENIED",
            "SignatureDoesNotMatch",
        ),
        (
            1,
            ": software.amazon.awssdk.services.s3.model.S3Exception: Transferring "
            "payloads in multiple chunks using aws-chunked is not supported. (Service: "
            "S3, Status Code: 501, Request ID: tx4) (SDK Attempt Count: 1):"
            "NotImplemented: Transferring payloads in multiple chunks\n",
            "OBJECT_STORE_REFUSED",
            "501",
        ),
        (
            1,
            ": org.apache.hadoop.fs.s3a.AWSApiCallTimeoutException: getFileStatus on "
            "s3a://b/in: software.amazon.awssdk.core.exception."
            "ApiCallTimeoutException: Client execution did not complete before the "
            "specified timeout configuration: 60000 millis\n",
            "OBJECT_STORE_UNAVAILABLE",
            "60000 millis",
        ),
        (
            1,
            ": java.net.ConnectException: getFileStatus on s3a://b/in: software.amazon."
            "awssdk.core.exception.SdkClientException: Unable to execute HTTP request: "
            "Connect to 127.0.0.1:9 [/127.0.0.1] failed: Connection refused\n",
            "OBJECT_STORE_UNAVAILABLE",
            "127.0.0.1:9",
        ),
        (
            1,
            ": java.net.UnknownHostException: getFileStatus on s3a://b/in: software."
            "amazon.awssdk.core.exception.SdkClientException: Received an "
            "UnknownHostException when attempting to interact with a service.\n",
            "OBJECT_STORE_UNAVAILABLE",
            "s3a://b/in",
        ),
        (
            1,
            "java.lang.RuntimeException: java.lang.ClassNotFoundException: Class "
            "org.apache.hadoop.fs.s3a.S3AFileSystem not found\n",
            "OBJECT_STORE_JARS_MISSING",
            "jars",
        ),
        (
            1,
            "File /a could only be written to 0 of the 1 minReplication nodes. There "
            "are 2 datanode(s) running and 2 node(s) are excluded in this operation.",
            "HDFS_FULL",
            "full, or gone",
        ),
        (
            1,
            "org.apache.hadoop.hdfs.server.namenode.SafeModeException: Cannot create "
            "file/a. Name node is in safe mode.",
            "HDFS_READ_ONLY",
            "safe mode",
        ),
        (
            1,
            "org.apache.hadoop.hdfs.BlockMissingException: Could not obtain block: "
            "BP-1:blk_1 file=/data/a No live nodes contain current block",
            "HDFS_BLOCK_MISSING",
            "/data/a",
        ),
        (1, 'No FileSystem for scheme "s3a"', "NO_FILE_SYSTEM", "s3a://"),
        (
            1,
            "[PATH_NOT_FOUND] Path does not exist: file:/x.",
            "PATH_NOT_FOUND",
            "file:/x",
        ),
        (
            1,
            "java.lang.ClassNotFoundException: org.example.Lib\n",
            "CLASS_NOT_FOUND",
            "org.example.Lib",
        ),
        (
            1,
            "Traceback (most recent call last):\nModuleNotFoundError: No module 'x'",
            "PYTHON_MODULE_NOT_FOUND",
            "No module 'x'",
        ),
        (
            3,
            "WARNING: noise\nlast words\n\tat x.y\n",
            "DRIVER_FAILED",
            "3. The last line of its output: last words",
        ),
        (3, "", "DRIVER_FAILED", "exit code 3."),
        (
            101,
            "Error: Failed to load class org.example.Gone.\n",
            "MAIN_CLASS_NOT_FOUND",
            "the main class org.example.Gone.",
        ),
        (1, "Error: No main class set in JAR", "MAIN_CLASS_NOT_FOUND", "not name its"),
    ],
)
def test_reason(code, stderr, found, told):
    reason = reasons.explain(code, stderr)
    assert reason.code == found
    assert told in reason.sentence
    assert reason.hint


def test_success_has_no_reason():
    assert reasons.explain(0, TRACE) is None


def test_stdout_is_looked_at_too():
    assert (
        reasons.explain(1, "WARNING: x", TRACE).sentence == "ValueError: bad input: é"
    )


def test_a_sentence_is_bounded_and_one_line():
    sentence = reasons.explain(1, "x " * 9999 + "\n").sentence
    assert len(sentence) <= 300
    assert "\n" not in sentence


def test_progress_is_the_sum_without_skipped_work():
    jobs = [
        {
            "stageIds": [0, 1, 2],
            "numCompletedStages": 1,
            "numSkippedStages": 1,
            "numTasks": 10,
            "numCompletedTasks": 4,
            "numSkippedTasks": 2,
        },
        {
            "stageIds": [3],
            "numCompletedStages": 0,
            "numSkippedStages": 0,
            "numTasks": 5,
            "numCompletedTasks": 0,
            "numSkippedTasks": 0,
        },
    ]
    seen = progress.add_up(jobs, "u")
    assert (seen.stages_done, seen.stages_total) == (1, 3)
    assert (seen.tasks_done, seen.tasks_total) == (4, 13)


class Answers:
    """A remote whose URLs answer from a table."""

    def __init__(self, table):
        self.table = table

    def fetch(self, url, *, limit, deadline):
        if url not in self.table:
            raise exceptions.Transient("refused")
        return self.table[url]


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"u/api/v1/applications": b"<html>"},
        {"u/api/v1/applications": b"[]"},
        {"u/api/v1/applications": b'[{"id": "a"}]'},
        {
            "u/api/v1/applications": b'[{"id": "a"}]',
            "u/api/v1/applications/a/jobs": b'[{"x": 1}]',
        },
    ],
)
def test_no_progress_harms_no_job(table):
    assert progress.read(Answers(table), "u") is None


def test_progress_of_an_application_without_jobs():
    table = {
        "u/api/v1/applications": json.dumps([{"id": "a"}]).encode(),
        "u/api/v1/applications/a/jobs": b"[]",
    }
    seen = progress.read(Answers(table), "u")
    assert (seen.application, seen.progress.ui_url) == ("a", "u")


def test_the_ui_port_follows_from_the_job():
    assert progress.port("a") == progress.port("a")
    assert 20000 <= progress.port("a") < 32000


def test_sql_table():
    rows = [["1", "a"], ["22", sql_runner.text(None)], ["3", sql_runner.text("x\ny")]]
    assert sql_runner.table(["n", "word"], rows) == [
        "n   word",
        "--  ----",
        "1   a",
        "22  NULL",
        "3   x\\ny",
    ]


@pytest.mark.parametrize(
    ("statement", "empty"),
    [
        ("-- a\n/* b */ ", True),
        ("", True),
        ("-- a\nSELECT 1", False),
        ("SELECT 1", False),
    ],
)
def test_sql_comments_are_no_statements(statement, empty):
    assert sql_runner.only_comment(statement) is empty
