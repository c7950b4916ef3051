# SPDX-License-Identifier: Apache-2.0
"""Flavors: what a node gets of the cloud (API 2.1)."""

from __future__ import annotations

import dataclasses

from sparkaas.client import resource


@dataclasses.dataclass(frozen=True, kw_only=True)
class Flavor(resource.Record):
    """A flavor; sizes in the units that their names carry."""

    id: str = ""
    name: str = ""
    vcpus: int = 0
    ram_mb: int = 0
    disk_gb: int = 0


class Flavors(resource.Collection[Flavor]):
    """Flavors can only be listed and found."""

    path = "/flavors"
    key = "flavor"
    keys = "flavors"
    noun = "flavor"
    filters_by_name = False
    record = Flavor

    def find(self, name_or_id: str) -> Flavor:
        return choose(self.list(), name_or_id)


def choose(everything: list[Flavor], name_or_id: str) -> Flavor:
    """The flavor of that id, else the only one of that name."""
    for found in everything:
        if found.id == name_or_id:
            return found
    named = [found for found in everything if found.name == name_or_id]
    return resource.only(named, "flavor", name_or_id)
