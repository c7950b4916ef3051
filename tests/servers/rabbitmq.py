# SPDX-License-Identifier: Apache-2.0
"""The fixture ``rabbitmq``: a broker, from Debian's rabbitmq-server."""

import dataclasses
import os
import secrets
import socket

import pytest

from tests.servers import process

_PACKAGE = "rabbitmq-server"
#: What a client of AMQP 0-9-1 says first; a broker that is up answers.
_GREETING = b"AMQP\x00\x00\x09\x01"


@dataclasses.dataclass(frozen=True)
class Broker:
    """A running broker; ``process`` can be killed and started again."""

    url: str
    process: process.Process


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(_GREETING)
            return bool(connection.recv(1))
    except OSError:
        return False


@pytest.fixture(scope="session")
def rabbitmq():
    # Debian's wrapper on the PATH insists on the system's own directories
    program = process.find("rabbitmq-server", _PACKAGE)
    inner = "/usr/lib/rabbitmq/bin/rabbitmq-server"
    program = inner if os.path.exists(inner) else program
    epmd = process.find("epmd", "erlang-base")
    port, dist, names = (process.free_port() for _ in range(3))
    password = secrets.token_hex(16)
    with process.directory("rabbitmq") as directory:
        settings = directory / "rabbitmq.conf"
        settings.write_text(
            f"listeners.tcp.1 = 127.0.0.1:{port}\n"
            "default_user = tests\n"
            f"default_pass = {password}\n"
            "disk_free_limit.absolute = 1MB\n"
        )
        for name in ("env.conf", "plugins"):
            (directory / name).write_text("[].\n" if name == "plugins" else "")
        environment = {
            "ERL_EPMD_PORT": str(names),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"tests-{port}@localhost",
            "RABBITMQ_DIST_PORT": str(dist),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1}"
            ),
            "RABBITMQ_CONFIG_FILE": str(settings),
            "RABBITMQ_CONF_ENV_FILE": str(directory / "env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(directory / "mnesia"),
            "RABBITMQ_LOG_BASE": str(directory / "log"),
            "RABBITMQ_LOGS": "-",
        }
        # started here, or the broker would leave one behind as a daemon
        registry = process.Process(
            [epmd, "-port", str(names), "-address", "127.0.0.1"],
            user="rabbitmq",
            cwd=directory,
            ready=lambda: process.accepts(names),
        )
        broker = process.Process(
            [program],
            user="rabbitmq",
            cwd=directory,
            ready=lambda: _answers(port),
            environment=environment,
        )
        registry.start()
        try:
            broker.start()
            yield Broker(f"rabbit://tests:{password}@127.0.0.1:{port}/", broker)
        finally:
            broker.stop()
            registry.stop()
