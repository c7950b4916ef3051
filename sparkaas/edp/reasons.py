# SPDX-License-Identifier: Apache-2.0
"""Why a driver failed, told from its exit code and the end of its output."""

from __future__ import annotations

import dataclasses
import re

from sparkaas import model

_MOST = 300


@dataclasses.dataclass(frozen=True)
class _Known:
    """A failure with a telling line. ``sentence`` may use the pattern's groups."""

    code: str
    pattern: re.Pattern[str]
    sentence: str
    hint: str


def _known(code: str, pattern: str, sentence: str, hint: str) -> _Known:
    return _Known(code, re.compile(pattern, re.MULTILINE), sentence, hint)


#: The first that matches is taken: causes before their consequences.
_FAILURES = (
    _known(
        "MAIN_CLASS_NOT_FOUND",
        r"Failed to load class (\S+?)\.$",
        "The jar does not have the main class {1}.",
        "Check edp.java.main_class (the CLI's --class) against the jar's content.",
    ),
    _known(
        "MAIN_CLASS_NOT_FOUND",
        r"No main class set in JAR",
        "The jar does not name its main class.",
        "Name it with edp.java.main_class (the CLI's --class).",
    ),
    _known(
        "HDFS_FULL",
        r"could only be written to 0 of the \d+ minReplication nodes",
        "No datanode of HDFS took a block: they are full, or gone.",
        "See the cluster's health; remove files of HDFS, or add datanodes.",
    ),
    _known(
        "HDFS_READ_ONLY",
        r"SafeModeException: ([^\n]*)",
        "HDFS can only be read for the time being: {1}",
        "A namenode that has just started waits for its datanodes; see the cluster's "
        "health and run the job again.",
    ),
    _known(
        "HDFS_BLOCK_MISSING",
        r"BlockMissingException: [^\n]*?file=(\S+)",
        "A block of {1} has no replica that can be read.",
        "See the cluster's health for missing datanodes and blocks.",
    ),
    _known(
        "DISK_FULL",
        r"No space left on device",
        "A disk of the cluster is full.",
        "Free space on the nodes, or use a flavor with a larger disk or volumes.",
    ),
    _known(
        "EXECUTOR_OUT_OF_MEMORY",
        r"ExecutorLostFailure.*(?:exit code 137|code 52|OutOfMemory|Killed)",
        "An executor ran out of memory.",
        "Raise spark.executor.memory, use larger workers, or more partitions.",
    ),
    _known(
        "DRIVER_OUT_OF_MEMORY",
        r"java\.lang\.OutOfMemoryError|^MemoryError\b",
        "The driver ran out of memory.",
        "Raise spark.driver.memory, or collect less data in the driver.",
    ),
    _known(
        "OBJECT_STORE_JARS_MISSING",
        r"ClassNotFoundException: (?:Class )?(?:org\.apache\.hadoop\.fs\.s3a\.S3A\w*"
        r"|software\.amazon\.[\w.]+)",
        "The cluster has no jars for object stores.",
        "On this machine: sparkaas-image objectstore, and make the cluster anew; on a "
        "cloud: an image with them in /opt/objectstore; or add them as libraries.",
    ),
    _known(
        "BUCKET_NOT_FOUND",
        r"UnknownStoreException: `([^']*)'|NoSuchBucket\b[^\n]*",
        "A container (bucket) does not exist: {0}",
        "Create it, or correct the address.",
    ),
    _known(
        "OBJECT_STORE_FULL",
        # Swift's, and Ceph's.
        r"(?:Exception: [^\n]*:|\()(?:EntityTooLarge|QuotaExceeded)\b[^\n]*",
        "The object store takes no more: {0}",
        "See the quotas of the container (bucket) and of the project there, and remove "
        "what is not needed.",
    ),
    _known(
        "OBJECT_STORE_DENIED",
        r"(?:AccessDeniedException: (?:s3a?|swift)://|\(AccessDenied\)"
        r"|InvalidAccessKeyId|SignatureDoesNotMatch"
        r"|Service: S3, Status Code: 40[13]\b)[^\n]*",
        "The object store refused: {0}",
        "Check the credentials and what they may do there; keys that were lent to the "
        "job are gone when its owner lost the project or was disabled. Swift refuses "
        "every key while Keystone does not answer it.",
    ),
    _known(
        "OBJECT_STORE_REFUSED",
        r"(?:AWSBadRequestException|AWSRedirectException"
        r"|Service: S3, Status Code: (?:30\d|400)\b)[^\n]*",
        "The object store does not serve such requests: {0}",
        "Check the endpoint, and the region that it expects: fs.s3a.endpoint.region "
        "among the job's settings.",
    ),
    _known(
        "OBJECT_STORE_UNAVAILABLE",
        r"(?:AWSServiceThrottledException|AWSStatus500Exception"
        r"|AWSApiCallTimeoutException|AWSNoResponseException"
        r"|UnknownHostException: \S+ on (?:s3a?|swift)://"
        r"|Service: S3, Status Code: 5\d\d\b)[^\n]*"
        r"|Unable to execute HTTP request: [^\n]*",
        "The object store did not answer as it should: {0}",
        "It was tried again several times. Run the job again when it is well; check "
        "the endpoint if it never answered.",
    ),
    _known(
        "NO_FILE_SYSTEM",
        r"No FileSystem for scheme \"?(\w+)",
        "The cluster has no connector for {1}:// addresses.",
        "Add its jar as a library of the job, or use an image that has it. A program "
        "that names swift:// addresses itself needs edp.spark.adapt_for_swift: true.",
    ),
    _known(
        "PATH_NOT_FOUND",
        r"\[PATH_NOT_FOUND\] ([^\n]*)|Input path does not exist: ([^\n]*)",
        "An input does not exist: {0}",
        "Every node must see the path; give an address that all can reach.",
    ),
    _known(
        "PYTHON_MODULE_NOT_FOUND",
        r"^(?:\w+\.)*ModuleNotFoundError: ([^\n]*)",
        "A Python module is missing: {1}",
        "Add it as a library of the job (.py or .zip), or to the image.",
    ),
    _known(
        "CLASS_NOT_FOUND",
        r"(?:ClassNotFoundException|NoClassDefFoundError):? ([\w.$/]+)",
        "The class {1} was not found.",
        "Add the jar that has it as a library of the job.",
    ),
    _known(
        "MASTER_UNREACHABLE",
        r"All masters are unresponsive|Application has been killed\. Reason: ",
        "The driver could not reach the Spark master.",
        "Check the cluster's health.",
    ),
)

_TRACEBACK = "Traceback (most recent call last):"
_JAVA = re.compile(
    r"^(?:\S+ \S+ ERROR \S+: )?Exception in thread \"[^\"]*\" (.+)$", re.MULTILINE
)
_SQL = re.compile(r"^Statement (\d+) failed: (.+)$", re.MULTILINE)
_NOISE = re.compile(r"^(?:\s+at |\s*\.\.\. \d+ more|WARNING: |\S+ \S+ (?:INFO|WARN) )")


def explain(exit_code: int, stderr: str, stdout: str = "") -> model.Reason | None:
    """The reason of an exit; None for 0. Both texts are the ends of the streams,
    ``stdout`` only where errors may stand there too."""
    if exit_code == 0:
        return None
    both = f"{stdout}\n{stderr}"
    for known in _FAILURES:
        if match := known.pattern.search(both):
            return model.Reason(
                code=known.code,
                sentence=_bounded(_fill(known.sentence, match)),
                hint=known.hint,
            )
    if reason := _by_signal(exit_code):
        return reason
    for tell in (_sql, _python, _java):
        if said := tell(both):
            return model.Reason(
                code="APPLICATION_FAILED",
                sentence=_bounded(said),
                hint="The job's output has the whole trace.",
            )
    last = _last_line(stderr) or _last_line(stdout)
    return model.Reason(
        code="DRIVER_FAILED",
        sentence=_bounded(
            f"The driver ended with exit code {exit_code}."
            + (f" The last line of its output: {last}" if last else "")
        ),
        hint="See the job's output.",
    )


def lost() -> model.Reason:
    """For a driver that is gone without an exit code."""
    return model.Reason(
        code="DRIVER_LOST",
        sentence="The driver is gone and left no exit code.",
        hint="Its node may have been restarted. Run the job again.",
    )


def _by_signal(exit_code: int) -> model.Reason | None:
    number = -exit_code if exit_code < 0 else exit_code - 128
    if number == 9:
        return model.Reason(
            code="DRIVER_KILLED",
            sentence="The driver was killed with signal 9, most likely because its "
            "node ran out of memory.",
            hint="Lower spark.driver.memory, or use a flavor with more memory for "
            "the master.",
        )
    if exit_code < 0 or number == 15:
        return model.Reason(
            code="DRIVER_KILLED",
            sentence=f"The driver was ended by signal {number}.",
            hint="Someone or something on its node ended it; run the job again.",
        )
    return None


def _fill(sentence: str, match: re.Match[str]) -> str:
    groups = [group for group in match.groups() if group]
    text = sentence
    if "{0}" in sentence:
        text = sentence.replace("{0}", groups[0] if groups else match[0])
    if "{1}" in sentence:
        text = sentence.replace("{1}", match[1] or "")
    return text


def _sql(output: str) -> str:
    match = _SQL.search(output)
    return match[0] if match else ""


def _python(output: str) -> str:
    """The line that a Python traceback ends with, of the last traceback."""
    _, found, rest = output.rpartition(_TRACEBACK)
    if not found:
        return ""
    lines = iter(rest.splitlines()[1:])
    for line in lines:
        if line and not line.startswith((" ", "\t")):
            # py4j tells the Java exception on a line of its own.
            after = next(lines, "")
            return line + after[1:] if after.startswith(": ") else line
    return ""


def _java(output: str) -> str:
    match = _JAVA.search(output)
    return match[1] if match else ""


def _last_line(output: str) -> str:
    for line in reversed(output.splitlines()):
        if line.strip() and not _NOISE.match(line):
            return line.strip()
    return ""


def _bounded(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST else line[: _MOST - 1] + "…"
