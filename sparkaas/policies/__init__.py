# SPDX-License-Identifier: Apache-2.0
"""The policy rules: one file per noun, each rule with the requests it guards."""

from __future__ import annotations

from collections.abc import Sequence

from oslo_policy import policy

from sparkaas.policies import node_group_templates

_NOUNS = (node_group_templates,)


def list_rules() -> Sequence[policy.DocumentedRuleDefault]:
    """Every rule, for the enforcer and for the sample file's generator."""
    return [rule for noun in _NOUNS for rule in noun.RULES]
