# SPDX-License-Identifier: Apache-2.0
"""How the pages below doc/source are built (tox -e docs)."""

from sparkaas import version

project = "sparkaas"
copyright = "the sparkaas developers"
release = version.__version__
version = release

extensions = [
    "cliff.sphinxext",
    "sphinx.ext.autodoc",
    "oslo_config.sphinxext",
    "oslo_policy.sphinxpolicygen",
    "oslo_policy.sphinxext",
]
# The samples are made while the pages are: they cannot be out of date.
policy_generator_config_file = "../../etc/sparkaas/policy-generator.conf"
sample_policy_basename = "_static/sparkaas"

html_theme = "alabaster"
html_static_path = ["_static"]
exclude_patterns: list[str] = []
