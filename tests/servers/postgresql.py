# SPDX-License-Identifier: Apache-2.0
"""The fixture ``postgresql``: a server, from Debian's postgresql."""

import glob
import secrets
import signal

import pytest
import sqlalchemy as sa

from tests.servers import databases
from tests.servers import process

_PACKAGE = "postgresql"


@pytest.fixture(scope="session")
def postgresql():
    pytest.importorskip("psycopg")
    directories = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    initdb = process.find("initdb", _PACKAGE, *directories)
    daemon = process.find("postgres", _PACKAGE, *directories)
    port = process.free_port()
    password = secrets.token_hex(16)
    url = sa.URL.create(
        "postgresql+psycopg", "tests", password, "127.0.0.1", port, "postgres"
    )
    with process.directory("postgres") as directory:
        data = directory / "data"
        key = directory / "password"
        key.write_text(password)
        process.run(
            [
                initdb,
                f"--pgdata={data}",
                "--username=tests",
                f"--pwfile={key}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ],
            user="postgres",
            cwd=directory,
        )
        server = process.Process(
            [
                daemon,
                "-D",
                str(data),
                "-p",
                str(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                f"unix_socket_directories={directory}",
                "-c",
                "fsync=off",
            ],
            user="postgres",
            cwd=directory,
            ready=lambda: databases.answers(url),
            # ends without waiting for clients
            stop_signal=signal.SIGINT,
        )
        server.start()
        try:
            yield databases.Server(url, server)
        finally:
            server.stop()
