# SPDX-License-Identifier: Apache-2.0
"""Every route has its place in the API reference."""

import pathlib
import re

import pytest

from sparkaas.api import routes

SOURCE = pathlib.Path(__file__).parents[2] / "api-ref" / "source"
NOUNS = sorted({route.path.split("/")[1] for route in routes.ROUTES})


@pytest.mark.parametrize("noun", NOUNS)
def test_a_page_shows_the_noun_s_routes_and_the_index_leads_there(noun):
    assert f".. routes:: {noun}\n" in (SOURCE / f"{noun}.rst").read_text()
    assert re.search(rf"^   {noun}$", (SOURCE / "index.rst").read_text(), re.MULTILINE)


def test_the_old_versions_have_a_page():
    assert ".. old-routes::\n" in (SOURCE / "v1.rst").read_text()
    assert re.search("^   v1$", (SOURCE / "index.rst").read_text(), re.MULTILINE)
