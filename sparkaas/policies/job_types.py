# SPDX-License-Identifier: Apache-2.0
"""Rules of job types."""

from __future__ import annotations

from sparkaas.policies import base

RULES = (base.read("job-type:list", "List job types.", ("GET", "/job-types")),)
