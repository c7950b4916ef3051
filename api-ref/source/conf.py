# SPDX-License-Identifier: Apache-2.0
"""How the API reference is built (tox -e api-ref)."""

import pathlib
import sys

from sparkaas import version

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "ext"))

project = "sparkaas API"
copyright = "the sparkaas developers"
release = version.__version__
version = release
extensions = ["routes"]
html_theme = "alabaster"
