# SPDX-License-Identifier: Apache-2.0
"""The environment that the clients run in, where it cannot be made."""

import pytest

from tests.conformance import environment

pytestmark = pytest.mark.slow


def test_without_an_index_it_says_why_and_leaves_nothing_that_looks_whole(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    with pytest.raises(environment.Unavailable, match="python-saharaclient"):
        environment.python(tmp_path)
    assert list(tmp_path.glob("*/complete")) == []
