# SPDX-License-Identifier: Apache-2.0
"""Tells the API's stories: each YAML file in ``gabbits`` against a world of its own."""

import pathlib
import unittest
import uuid

import pytest
from gabbi import handlers
from gabbi import suitemaker
from gabbi import utils

from tests.functional import fixtures

STORIES = sorted((pathlib.Path(__file__).parent / "gabbits").glob("*.yaml"))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path):
    # gabbi's own pytest plugin takes other tests with ":" in their ids for its own.
    told = suitemaker.test_suite_from_dict(
        unittest.TestLoader(),
        path.stem,
        utils.load_yaml(yaml_file=str(path)),
        str(path.parent),
        str(uuid.uuid4()),
        None,
        fixtures,
        fixtures.application,
        handlers=[handler() for handler in handlers.RESPONSE_HANDLERS],
    )
    result = unittest.TestResult()
    told.run(result)
    bad = [f"{test}:\n{trace}" for test, trace in (*result.failures, *result.errors)]
    assert not bad, "\n\n".join(bad)
    assert result.testsRun >= 1
    assert not result.skipped
