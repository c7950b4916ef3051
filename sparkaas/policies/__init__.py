# SPDX-License-Identifier: Apache-2.0
"""The policy rules: one file per noun, each rule with the requests it guards."""

from __future__ import annotations

from collections.abc import Sequence

from oslo_policy import policy

from sparkaas.policies import cluster_templates
from sparkaas.policies import clusters
from sparkaas.policies import data_sources
from sparkaas.policies import flavors
from sparkaas.policies import images
from sparkaas.policies import job_binaries
from sparkaas.policies import job_templates
from sparkaas.policies import job_types
from sparkaas.policies import jobs
from sparkaas.policies import node_group_templates
from sparkaas.policies import plugins
from sparkaas.policies import quotas
from sparkaas.policies import v1

_NOUNS = (
    plugins,
    images,
    flavors,
    node_group_templates,
    cluster_templates,
    clusters,
    data_sources,
    job_binaries,
    job_types,
    job_templates,
    jobs,
    quotas,
    v1,
)


def list_rules() -> Sequence[policy.DocumentedRuleDefault]:
    """Every rule, for the enforcer and for the sample file's generator."""
    return [rule for noun in _NOUNS for rule in noun.RULES]
