# SPDX-License-Identifier: Apache-2.0
"""Fixtures for every test."""

import signal

pytest_plugins = [
    "tests.servers.mariadb",
    "tests.servers.postgresql",
    "tests.servers.rabbitmq",
]

# A shell starts what it puts in the background with SIGINT ignored, and so would be
# every program that a test starts to press Ctrl-C on.
signal.signal(signal.SIGINT, signal.default_int_handler)
