# SPDX-License-Identifier: Apache-2.0
"""Rules of quotas."""

from __future__ import annotations

from sparkaas.policies import base

RULES = (base.rule("quota:list", base.READER, "Show the quotas.", ("GET", "/quotas")),)
