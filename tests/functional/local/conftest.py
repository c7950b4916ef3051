# SPDX-License-Identifier: Apache-2.0
"""Fixtures: the local driver with real processes."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest

from tests.functional.local import cloud as local_cloud


@pytest.fixture
def cloud(tmp_path: pathlib.Path) -> Iterator[local_cloud.Cloud]:
    one = local_cloud.Cloud(tmp_path)
    yield one
    one.close()
    assert not local_cloud.supervisors(tmp_path)
