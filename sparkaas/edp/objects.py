# SPDX-License-Identifier: Apache-2.0
"""Object stores as jobs reach them: by Hadoop's S3A, Swift too (its S3 API).

Why not a file system for ``swift://`` of its own: Hadoop's ends with 3.3.4, has no
committer, and needs a password or a token on the nodes; S3A takes keys that open one
project and can be taken back. It serves the scheme ``swift`` as well as its own: the
container is the bucket. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping

from sparkaas import interfaces
from sparkaas.edp.data_sources import swift

#: Name of the tree of jars (see ``manifest.package``).
PACKAGE = "objectstore"

#: The name that a job's settings give to keys without one of their own.
OWNER = ""
#: What a Swift user's name and password are called among a job's settings.
USER = "fs.swift.service.sahara.username"
PASSWORD = "fs.swift.service.sahara.password"  # noqa: S105
#: Asks for what an object store needs where no address of a job's says so.
ADAPT = "edp.spark.adapt_for_swift"

_S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem"
_S3A_CONTEXT = "org.apache.hadoop.fs.s3a.S3A"
_FACTORY = "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory"
_CLOUD = "org.apache.spark.internal.io.cloud"
_SCHEMES = ("swift", "s3", "s3a")
_ADDRESS = re.compile(r"(swift|s3a?)://([^/]*)")
#: Amazon's own host names tell the region.
_AMAZON = re.compile(r"s3[.-]([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com")
#: Amazon's endpoints, of which S3A itself knows the region or finds it.
_KNOWN = re.compile(r"\.amazonaws\.com(\.cn)?(:\d+)?/?$")
_REGION = "endpoint.region"
#: How S3A signs what it writes to Swift: as a whole, or over TLS not at all. By default
#: it signs chunks, which Swift can only check with the secret at hand. It has none for
#: the very request that makes it ask Keystone about a key, and answers 501.
_SIGNING = "AWS4UnsignedPayloadSignerType"

#: An S3 data source's credential -> what S3A calls it.
_CREDENTIALS: Mapping[str, str] = {
    "accesskey": "access.key",
    "secretkey": "secret.key",
    "endpoint": "endpoint",
    "ssl": "connection.ssl.enabled",
    "bucket_in_path": "path.style.access",
}


def is_address(text: str) -> bool:
    """Whether a text is an address in an object store."""
    return _ADDRESS.match(text) is not None


def in_swift(text: str) -> bool:
    """Whether a text is an address in Swift."""
    return text.startswith("swift://")


def container(url: str) -> str:
    """The container or bucket of an address; empty for another text."""
    match = _ADDRESS.match(url)
    return match[2].removesuffix(swift.PROVIDER) if match else ""


def address(text: str) -> str:
    """An address in Swift as S3A takes it; any other text as it is."""
    if not in_swift(text):
        return text
    host, slash, name = text.removeprefix("swift://").partition("/")
    return f"swift://{host.removesuffix(swift.PROVIDER)}{slash}{name}"


def schemes() -> dict[str, str]:
    """Settings of Hadoop that have S3A serve each scheme."""
    return {f"fs.{scheme}.impl": _S3A for scheme in _SCHEMES} | {
        f"fs.AbstractFileSystem.{scheme}.impl": _S3A_CONTEXT for scheme in _SCHEMES
    }


def settings(keys: interfaces.ObjectKeys, bucket: str = "") -> dict[str, str]:
    """S3A's settings for keys to Swift: of one container, or of all without settings of
    their own."""
    prefix = f"fs.s3a.bucket.{bucket}" if bucket else "fs.s3a"
    return {
        f"{prefix}.access.key": keys.access,
        f"{prefix}.secret.key": keys.secret,
        f"{prefix}.endpoint": keys.endpoint,
        f"{prefix}.{_REGION}": keys.region,
        f"{prefix}.path.style.access": "true",
        f"{prefix}.signing-algorithm": _SIGNING,
    }


def of_source(
    credentials: Mapping[str, str], bucket: str = "", *, with_region: bool = True
) -> dict[str, str]:
    """S3A's settings for the credentials of an S3 data source, likewise.

    ``with_region``: with what a signature names for an endpoint that is not Amazon's.
    S3A itself would name us-east-2, and most stores expect us-east-1.
    """
    prefix = f"fs.s3a.bucket.{bucket}" if bucket else "fs.s3a"
    found = {
        f"{prefix}.{_CREDENTIALS[name]}": value
        for name, value in credentials.items()
        if name in _CREDENTIALS
    }
    endpoint = credentials.get("endpoint", "")
    if with_region and endpoint and not _KNOWN.search(endpoint):
        found[f"{prefix}.{_REGION}"] = region(endpoint)
    return found


def names_region(names: Iterable[str]) -> bool:
    """Whether one of a job's own settings says which region its stores are in."""
    return any(
        name.removeprefix("spark.hadoop.") == f"fs.s3a.{_REGION}" for name in names
    )


def committer() -> dict[str, str]:
    """Spark's settings with which a job's output appears when the job is done, and
    not before: S3A uploads the tasks' files and completes them at the end."""
    return {
        "spark.hadoop.fs.s3a.committer.name": "magic",
        "spark.hadoop.fs.s3a.committer.magic.enabled": "true",
        "spark.sql.sources.commitProtocolClass": f"{_CLOUD}.PathOutputCommitProtocol",
        "spark.sql.parquet.output.committer.class": (
            f"{_CLOUD}.BindingParquetOutputCommitter"
        ),
    } | {
        f"spark.hadoop.mapreduce.outputcommitter.factory.scheme.{scheme}": _FACTORY
        for scheme in _SCHEMES
    }


def patience() -> dict[str, str]:
    """Spark's settings for how long a store that fails is asked again.

    S3A's own are made for Amazon's, which always comes back: with them one request to
    a store that only ever says 503 takes a day. With these it takes a bit more than a
    minute, one that is refused or broken off half a minute, one without an answer six
    minutes at most.
    """
    return {
        # How often the SDK tries again by itself, each time that S3A tries.
        "spark.hadoop.fs.s3a.attempts.maximum": "2",
        # After 503: 1, 2, 4, 8, 16 and 32 seconds, more or less.
        "spark.hadoop.fs.s3a.retry.throttle.limit": "6",
        "spark.hadoop.fs.s3a.retry.throttle.interval": "500ms",
        # After other failures: 2, 4, 8 and 16.
        "spark.hadoop.fs.s3a.retry.limit": "4",
        "spark.hadoop.fs.s3a.retry.interval": "1s",
        # Without a byte.
        "spark.hadoop.fs.s3a.connection.timeout": "60s",
    }


def wanted(configs: Mapping[str, str], values: Iterable[str]) -> bool:
    """Whether a job reaches for an object store: ``values`` are all texts in which it
    names addresses."""
    if str(configs.get(ADAPT, "")).strip().lower() == "true":
        return True
    if any(name.startswith(("fs.s3a.", "fs.swift.")) for name in configs):
        return True
    return any(map(is_address, values))


def region(endpoint: str) -> str:
    """What a signature names for an endpoint of which nothing else is known."""
    match = _AMAZON.search(endpoint)
    return match[1] if match else "us-east-1"
