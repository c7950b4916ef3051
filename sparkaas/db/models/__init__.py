# SPDX-License-Identifier: Apache-2.0
"""The tables. A row has the attributes of its record in ``sparkaas.model``, and of
the same types; what a record has not is said here.

Each noun has its file; others use them from here: ``models.Cluster``.
"""

from __future__ import annotations

from sparkaas.db.models.base import Base
from sparkaas.db.models.base import Child
from sparkaas.db.models.base import Resource
from sparkaas.db.models.base import Row
from sparkaas.db.models.base import Work
from sparkaas.db.models.cluster_templates import ClusterTemplate
from sparkaas.db.models.cluster_templates import TemplateNodeGroup
from sparkaas.db.models.clusters import Cluster
from sparkaas.db.models.clusters import Event
from sparkaas.db.models.clusters import Instance
from sparkaas.db.models.clusters import NodeGroup
from sparkaas.db.models.clusters import ProvisionStep
from sparkaas.db.models.clusters import Verification
from sparkaas.db.models.job_data import DataSource
from sparkaas.db.models.job_data import JobBinary
from sparkaas.db.models.job_data import JobBinaryInternal
from sparkaas.db.models.job_templates import JobTemplate
from sparkaas.db.models.job_templates import JobTemplateArgument
from sparkaas.db.models.job_templates import JobTemplateBinary
from sparkaas.db.models.jobs import Job
from sparkaas.db.models.node_groups import Group
from sparkaas.db.models.node_groups import NodeGroupTemplate
from sparkaas.db.models.node_groups import NodeSettings
from sparkaas.db.models.notifications import Notification
from sparkaas.db.models.settings import PluginLabel
from sparkaas.db.models.settings import Secret

__all__ = [
    "Base",
    "Child",
    "Cluster",
    "ClusterTemplate",
    "DataSource",
    "Event",
    "Group",
    "Instance",
    "Job",
    "JobBinary",
    "JobBinaryInternal",
    "JobTemplate",
    "JobTemplateArgument",
    "JobTemplateBinary",
    "NodeGroup",
    "NodeGroupTemplate",
    "NodeSettings",
    "Notification",
    "PluginLabel",
    "ProvisionStep",
    "Resource",
    "Row",
    "Secret",
    "TemplateNodeGroup",
    "Verification",
    "Work",
]
