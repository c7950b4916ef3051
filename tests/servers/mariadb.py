# SPDX-License-Identifier: Apache-2.0
"""The fixture ``mariadb``: a server, from Debian's mariadb-server."""

import secrets

import pytest
import sqlalchemy as sa

from tests.servers import databases
from tests.servers import process

_PACKAGE = "mariadb-server"


@pytest.fixture(scope="session")
def mariadb():
    pytest.importorskip("pymysql")
    daemon = process.find("mariadbd", _PACKAGE)
    install = process.find("mariadb-install-db", _PACKAGE)
    port = process.free_port()
    password = secrets.token_hex(16)
    url = sa.URL.create("mysql+pymysql", "tests", password, "127.0.0.1", port)
    with process.directory("mysql") as directory:
        data = directory / "data"
        process.run(
            [
                install,
                "--no-defaults",
                f"--datadir={data}",
                "--auth-root-authentication-method=socket",
                "--skip-test-db",
            ],
            user="mysql",
            cwd=directory,
        )
        first = directory / "first.sql"
        first.write_text(
            f"CREATE USER IF NOT EXISTS tests@'127.0.0.1' IDENTIFIED BY '{password}';"
            "\nGRANT ALL ON *.* TO tests@'127.0.0.1';\n"
        )
        server = process.Process(
            [
                daemon,
                "--no-defaults",
                f"--datadir={data}",
                f"--init-file={first}",
                f"--socket={directory}/socket",
                f"--pid-file={directory}/pid",
                "--bind-address=127.0.0.1",
                f"--port={port}",
                "--skip-name-resolve",
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-buffer-pool-size=64M",
            ],
            user="mysql",
            cwd=directory,
            ready=lambda: databases.answers(url),
        )
        server.start()
        try:
            yield databases.Server(url, server)
        finally:
            server.stop()
