# SPDX-License-Identifier: Apache-2.0
"""The fixture ``s3``: an object store by moto, from PyPI, with faults on demand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.servers import answering
from tests.servers import s3_door

_MASTER = "AKIAMASTERXXXXXXXXXX"


class Store:
    """A running store. ``door`` has its keys and their faults; ``client`` is boto3's,
    with a key of its own."""

    def __init__(self, door: s3_door.Door, port: int, client: Any) -> None:
        self.door = door
        #: Without a scheme.
        self.endpoint = f"127.0.0.1:{port}"
        self.client = client
        self._made = 0

    def key(self) -> tuple[str, str]:
        """A new key and its secret."""
        self._made += 1
        access = f"AKIATESTS{self._made:011d}"
        # What Amazon's may hold, and what may need quoting.
        self.door.keys[access] = f"secret+{self._made}/of=the-tests" * 2
        return access, self.door.keys[access]

    def bucket(self) -> str:
        """A new bucket's name."""
        self._made += 1
        name = f"bucket-{self._made}"
        self.client.create_bucket(Bucket=name)
        return name

    def put(self, bucket: str, name: str, data: bytes | str) -> None:
        body = data.encode() if isinstance(data, str) else data
        self.client.put_object(Bucket=bucket, Key=name, Body=body)

    def names(self, bucket: str) -> list[str]:
        """Of all objects, whatever they are."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [each["Key"] for page in pages for each in page.get("Contents", ())]

    def read(self, bucket: str, name: str) -> bytes:
        return bytes(self.client.get_object(Bucket=bucket, Key=name)["Body"].read())

    def uploads(self, bucket: str) -> list[str]:
        """Names of those that were begun, and neither completed nor given up."""
        found = self.client.list_multipart_uploads(Bucket=bucket)
        return [each["Key"] for each in found.get("Uploads", ())]


@pytest.fixture(scope="module")
def s3() -> Iterator[Store]:
    boto3 = pytest.importorskip("boto3")
    botocore_config = pytest.importorskip("botocore.config")
    moto = pytest.importorskip("moto.moto_server.werkzeug_app")
    serving = pytest.importorskip("werkzeug.serving")

    inner = moto.create_backend_app("s3")
    door = s3_door.Door(inner)
    door.keys[_MASTER] = "master"
    server = serving.make_server(
        "127.0.0.1", 0, door, threaded=True, request_handler=_handler(moto)
    )
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{server.server_port}",
        region_name=s3_door.REGION,
        aws_access_key_id=_MASTER,
        aws_secret_access_key=door.keys[_MASTER],
        config=botocore_config.Config(retries={"total_max_attempts": 1}),
    )
    with answering.answering(server):
        try:
            yield Store(door, server.server_port, client)
        finally:
            client.close()
            door.close()


def _handler(moto: Any) -> Any:
    class Quiet(moto.MotoRequestHandler):
        def log(self, *_: Any) -> None:
            return

    return Quiet
