# SPDX-License-Identifier: Apache-2.0
"""Rules of flavors."""

from __future__ import annotations

from sparkaas.policies import base

RULES = (base.rule("flavor:list", base.READER, "List flavors.", ("GET", "/flavors")),)
