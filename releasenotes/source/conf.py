# SPDX-License-Identifier: Apache-2.0
"""How the release notes are built (tox -e releasenotes)."""

project = "sparkaas release notes"
copyright = "the sparkaas developers"
extensions = ["reno.sphinxext"]
html_theme = "alabaster"
