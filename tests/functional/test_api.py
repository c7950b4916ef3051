# SPDX-License-Identifier: Apache-2.0
"""Runs the stories in gabbits/ against the API."""

import pathlib

from gabbi import driver
from gabbi.driver import test_pytest  # noqa: F401

from tests.functional import fixtures

_STORIES = pathlib.Path(__file__).parent / "gabbits"


def pytest_generate_tests(metafunc):
    driver.py_test_generator(
        str(_STORIES),
        intercept=fixtures.application,
        fixture_module=fixtures,
        test_loader_name=__name__,
        metafunc=metafunc,
    )
