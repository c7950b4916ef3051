# SPDX-License-Identifier: Apache-2.0
"""The records that the service passes around: frozen, without behaviour.

Vocabulary is that of the Sahara API v2. A change means a new record
(``dataclasses.replace``). Times are timezone-aware UTC datetimes; sizes carry
their unit in the name. Records that the conductor works on extend ``Work``, in
which every field says who may write it: *intent* is the API's pen,
*observation* the conductor's.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any
from typing import Generic
from typing import TypeVar

from sparkaas import states

T = TypeVar("T")

#: {target: {name: value}}
Configs = Mapping[str, Mapping[str, Any]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a record is in its state: a stable code, a sentence, what to do next."""

    code: str
    sentence: str
    hint: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Flavor:
    """What a node gets of the cloud."""

    id: str
    name: str
    vcpus: int
    ram_mb: int
    disk_gb: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Image:
    """The registry's view of an image; registered when ``username`` is not empty."""

    id: str
    name: str
    username: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    status: str = "ACTIVE"
    created: str = ""
    updated: str = ""
    min_disk: int = 0
    min_ram: int = 0
    progress: int = 100
    size: int = 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class NodeSettings:
    """The fields that node group templates and node groups have in common."""

    name: str
    flavor_id: str
    node_processes: tuple[str, ...]
    image_id: str | None = None
    node_configs: Configs = dataclasses.field(default_factory=dict)
    volumes_per_node: int = 0
    volumes_size: int = 0
    volume_type: str | None = None
    volumes_availability_zone: str | None = None
    volume_mount_prefix: str = "/volumes/disk"
    volume_local_to_instance: bool = False
    boot_from_volume: bool = False
    boot_volume_type: str | None = None
    boot_volume_availability_zone: str | None = None
    boot_volume_local_to_instance: bool = False
    floating_ip_pool: str | None = None
    security_groups: tuple[str, ...] | None = None
    auto_security_group: bool = False
    availability_zone: str | None = None
    is_proxy_gateway: bool = False
    shares: tuple[Mapping[str, Any], ...] | None = None
    use_autoconfig: bool = True


@dataclasses.dataclass(frozen=True, kw_only=True)
class Resource:
    """What every stored object has."""

    id: str
    project_id: str
    name: str
    description: str | None = None
    is_public: bool = False
    is_protected: bool = False
    created_at: datetime.datetime | None = None
    updated_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class NodeGroupTemplate(NodeSettings, Resource):
    """A reusable description of one kind of node."""

    plugin_name: str
    plugin_version: str
    is_default: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class NodeGroup(NodeSettings):
    """Nodes of one kind in a cluster or cluster template.

    ``indices`` (intent) names the wanted instances of a cluster's group; a
    template's group has only ``count``. ``flavor`` is what ``flavor_id`` meant when
    the cluster was asked for, so that everything after is a pure function of
    the record.
    """

    id: str
    count: int
    node_group_template_id: str | None = None
    indices: tuple[int, ...] = ()
    flavor: Flavor | None = None
    created_at: datetime.datetime | None = None
    updated_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Instance:
    """A node that exists, as the infrastructure driver reported it.

    ``instance_id`` is the driver's own id (Nova's server id). ``name`` is
    ``{cluster}-{group}-{index}``. ``facts`` is the driver's private memory.
    """

    id: str
    name: str
    node_group_id: str
    instance_id: str
    internal_ip: str | None = None
    management_ip: str | None = None
    dns_hostname: str | None = None
    storage_devices_number: int = 0
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    created_at: datetime.datetime | None = None
    updated_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClusterTemplate(Resource):
    """A reusable description of a cluster."""

    plugin_name: str
    plugin_version: str
    node_groups: tuple[NodeGroup, ...] = ()
    cluster_configs: Configs = dataclasses.field(default_factory=dict)
    default_image_id: str | None = None
    anti_affinity: tuple[str, ...] = ()
    neutron_management_network: str | None = None
    shares: tuple[Mapping[str, Any], ...] | None = None
    use_autoconfig: bool = True
    domain_name: str | None = None
    is_default: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Check:
    """One health check's result: ``GREEN``, ``YELLOW`` or ``RED`` and a sentence."""

    name: str
    status: str
    description: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Verification:
    """The latest health verification of a cluster (status may be ``CHECKING``)."""

    id: str
    cluster_id: str
    status: str
    checks: tuple[Mapping[str, Any], ...] = ()
    created_at: datetime.datetime | None = None
    updated_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Work(Resource):
    """A record that the conductor drives towards what its intent asks."""

    # intent
    generation: int = 1
    #: The client's word for this very request: asked twice, made once.
    idempotency_key: str | None = None
    # observation
    observed_generation: int = 0
    step: str | None = None
    step_started_at: datetime.datetime | None = None
    attempts: int = 0
    checkpoint: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    reason: Reason | None = None
    #: Why the step under way waits, as its ``Wait`` said.
    waiting_for: str = ""
    # both: the API may only pull it to now
    next_run_at: datetime.datetime | None = None
    # who asked, for policy, notifications and work on their behalf
    user_id: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cluster(Work):
    """A cluster: what is wanted of it and what was seen of it."""

    plugin_name: str
    plugin_version: str
    # intent
    target: states.Target = states.Target.ACTIVE
    #: What its instances' names begin with: the name that it was made under, so
    #: that a new name does not mean new nodes. Empty: the name.
    stem: str = ""
    node_groups: tuple[NodeGroup, ...] = ()
    cluster_template_id: str | None = None
    default_image_id: str | None = None
    neutron_management_network: str | None = None
    cluster_configs: Configs = dataclasses.field(default_factory=dict)
    user_keypair_id: str | None = None
    user_public_key: str | None = None
    is_transient: bool = False
    anti_affinity: tuple[str, ...] = ()
    shares: tuple[Mapping[str, Any], ...] | None = None
    use_autoconfig: bool = True
    domain_name: str | None = None
    #: Bumped by a request for a health verification.
    verify_asked: int = 0
    #: Deletion may not wait for the infrastructure.
    force: bool = False
    #: What its owner lent (see ``interfaces.Infrastructure.delegate``).
    trust_id: str | None = None
    # observation
    condition: states.Condition = states.Condition.NEW
    active_at: datetime.datetime | None = None
    instances: tuple[Instance, ...] = ()
    info: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    #: Name -> reference (see ``interfaces.Secrets``) of the cluster's secrets.
    secret_refs: Mapping[str, str] = dataclasses.field(default_factory=dict)
    management_public_key: str = ""
    verification: Verification | None = None
    verify_done: int = 0

    #: What a step's facts may change.
    OBSERVED = frozenset(
        {
            "condition",
            "active_at",
            "instances",
            "info",
            "secret_refs",
            "management_public_key",
            "verification",
            "verify_done",
            "reason",
            "checkpoint",
        }
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class DataSource(Resource):
    """Where a job reads or writes. ``secret_ref`` leads to its credentials."""

    type: str
    url: str
    secret_ref: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class JobBinary(Resource):
    """A program or library. ``secret_ref`` leads to the URL's credentials."""

    url: str
    secret_ref: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class JobBinaryInternal(Resource):
    """Bytes that the service itself keeps; ``sha256`` is None until uploaded."""

    datasize: int = 0
    sha256: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Argument:
    """One argument of a job template's interface."""

    id: str
    name: str
    mapping_type: str
    location: str
    required: bool
    value_type: str = "string"
    default: str | None = None
    description: str | None = None
    order: int = 0
    created_at: datetime.datetime | None = None
    updated_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class JobTemplate(Resource):
    """What to run. ``mains`` and ``libs`` are job binary ids."""

    type: str
    mains: tuple[str, ...] = ()
    libs: tuple[str, ...] = ()
    interface: tuple[Argument, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a Spark application is, summed over its jobs."""

    stages_done: int = 0
    stages_total: int = 0
    tasks_done: int = 0
    tasks_total: int = 0
    ui_url: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Job(Work):
    """One run of a job template on a cluster (``name`` is the template's)."""

    job_template_id: str
    type: str = "Spark"
    # intent
    target: states.JobTarget = states.JobTarget.FINISHED
    cluster_id: str | None = None
    input_id: str | None = None
    output_id: str | None = None
    job_configs: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    #: Leads to the secret values blanked in ``job_configs``.
    secret_ref: str | None = None
    # observation
    outcome: states.JobStatus | None = None
    engine_job_id: str | None = None
    return_code: str | None = None
    start_time: datetime.datetime | None = None
    end_time: datetime.datetime | None = None
    data_source_urls: Mapping[str, str] | None = None
    progress: Progress | None = None

    #: What a step's facts may change.
    OBSERVED = frozenset(
        {
            "outcome",
            "engine_job_id",
            "return_code",
            "start_time",
            "end_time",
            "data_source_urls",
            "progress",
            "reason",
            "checkpoint",
        }
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to one node, or to the whole, within a step."""

    id: str
    step_id: str
    successful: bool
    node_group_id: str | None = None
    instance_id: str | None = None
    instance_name: str | None = None
    event_info: str | None = None
    created_at: datetime.datetime | None = None
    updated_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProvisionStep:
    """A step of a cluster's progress; ``successful`` is None while it runs."""

    id: str
    cluster_id: str
    project_id: str
    step_name: str
    step_type: str
    total: int
    successful: bool | None = None
    events: tuple[Event, ...] = ()
    created_at: datetime.datetime | None = None
    updated_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True)
class Query:
    """What a list request asks: ``sort_by`` is a record's field name."""

    filters: Mapping[str, str] = dataclasses.field(default_factory=dict)
    marker: str | None = None
    limit: int | None = None
    sort_by: str = "id"
    descending: bool = False


@dataclasses.dataclass(frozen=True)
class Page(Generic[T]):
    """A page of records and the markers of its neighbours (None: there is none)."""

    items: tuple[T, ...]
    prev: str | None = None
    next: str | None = None


@dataclasses.dataclass(frozen=True)
class Done:
    """A step has nothing left to do; ``facts`` are observed fields' new values."""

    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Wait:
    """A step wants to look again in ``seconds``; ``why`` is what the user sees."""

    seconds: float
    why: str
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)


Outcome = Done | Wait


@dataclasses.dataclass(frozen=True)
class Lease:
    """The right to record on one row until ``expires_at``, fenced by ``epoch``."""

    id: str
    owner: str
    epoch: int
    #: The generation seen at the claim.
    generation: int
    expires_at: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Notice:
    """A notification for other services."""

    event_type: str
    payload: Mapping[str, Any]
    failure: bool = False


def instance_name(cluster: Cluster, group: NodeGroup, index: int) -> str:
    """``{cluster}-{group}-{index}``, in lower case as host names are."""
    return f"{cluster.stem or cluster.name}-{group.name}-{index}".lower()


def wanted_instances(cluster: Cluster) -> dict[str, NodeGroup]:
    """The names of the instances that the intent asks for, each with its group."""
    return {
        instance_name(cluster, group, index): group
        for group in cluster.node_groups
        for index in group.indices
    }
