# SPDX-License-Identifier: Apache-2.0
"""Data sources: where jobs read and write."""

from __future__ import annotations

import dataclasses

from sparkaas.client import resource


@dataclasses.dataclass(frozen=True, kw_only=True)
class DataSource(resource.Resource):
    """A data source. Credentials are never readable."""

    type: str = ""
    url: str = ""


class DataSources(resource.Collection[DataSource]):
    """The verbs on data sources."""

    path = "/data-sources"
    key = "data_source"
    keys = "data_sources"
    noun = "data source"
    filters_by_name = False
    record = DataSource
