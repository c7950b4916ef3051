# SPDX-License-Identifier: Apache-2.0
"""How the release notes are built (tox -e releasenotes)."""

from reno import scanner

project = "sparkaas release notes"
copyright = "the sparkaas developers"
extensions = ["reno.sphinxext"]
html_theme = "alabaster"


def _once(*trees):
    """A file that a merge itself brings is a change against each of its parents; reno
    (4.1) would take these for several files of one name, and give up."""
    return [changes[:1] for changes in _changes_of_a_merge(*trees)]


_changes_of_a_merge = scanner.diff_tree.tree_changes_for_merge
scanner.diff_tree.tree_changes_for_merge = _once
