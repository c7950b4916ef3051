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
    "oslo_policy.sphinxext",
]

html_theme = "alabaster"
exclude_patterns: list[str] = []
