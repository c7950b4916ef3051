# SPDX-License-Identifier: Apache-2.0
"""Configurations, ``{target: {name: value}}``, on top of each other."""

from __future__ import annotations

from typing import Any

from sparkaas import model


def merged(below: model.Configs, above: model.Configs) -> dict[str, dict[str, Any]]:
    """Both, name by name; ``above`` wins."""
    return {
        target: {**below.get(target, {}), **above.get(target, {})}
        for target in {**below, **above}
    }


def followed(
    mine: model.Configs, old: model.Configs, new: model.Configs
) -> dict[str, dict[str, Any]]:
    """``mine``, which was made on top of ``old``, on top of ``new`` instead."""
    own = {
        target: {
            name: value
            for name, value in values.items()
            if name not in old.get(target, {}) or old[target][name] != value
        }
        for target, values in mine.items()
    }
    made = merged(new, own)
    return {target: values for target, values in made.items() if values}
