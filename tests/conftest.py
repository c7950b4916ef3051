# SPDX-License-Identifier: Apache-2.0
"""Fixtures for every test."""

pytest_plugins = [
    "tests.servers.mariadb",
    "tests.servers.postgresql",
    "tests.servers.rabbitmq",
]
