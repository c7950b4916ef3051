# SPDX-License-Identifier: Apache-2.0
"""The samples of etc/sparkaas can be made, and hold what they should."""

import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("module", "settings", "expected"),
    [
        (
            "oslo_config.generator",
            "config-generator.conf",
            ["[api]", "[conductor]", "[database]", "[keystone_authtoken]", "#auth ="],
        ),
        (
            "oslo_policy.generator",
            "policy-generator.conf",
            ['"data-processing:cluster:', "# POST  /v2/clusters"],
        ),
    ],
    ids=["config", "policy"],
)
def test_the_generator_makes_the_sample(module, settings, expected, tmp_path):
    output = tmp_path / "sample"
    main = "main" if module.startswith("oslo_config") else "generate_sample"
    subprocess.run(
        [
            sys.executable,
            "-c",
            f"import {module} as g; g.{main}()",
            f"--config-file=etc/sparkaas/{settings}",
            f"--output-file={output}",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    text = output.read_text()
    for line in expected:
        assert line in text
    assert str(pathlib.Path.home()) not in text


def test_the_page_of_states_is_that_of_the_plans():
    """If not: python tools/states_to_rst.py"""
    subprocess.run(
        [sys.executable, "tools/states_to_rst.py", "--check"], cwd=ROOT, check=True
    )
