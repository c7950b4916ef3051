# SPDX-License-Identifier: Apache-2.0
"""The contract of a job engine: what runs one job on one cluster."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Mapping

from sparkaas import interfaces
from sparkaas import model


@dataclasses.dataclass(frozen=True)
class Submission:
    """A job made ready to start: everything resolved, every file in place.

    Paths are absolute on the submission node. ``args`` arrive in the job exactly
    as they stand here. ``secrets`` may go only into files of mode 0600. ``input`` and
    ``output`` are the addresses of the job's data sources; empty: it has none.
    """

    #: The job's private directory on the node, mode 0700.
    directory: str
    mains: tuple[str, ...]
    libs: tuple[str, ...]
    files: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    configs: Mapping[str, str] = dataclasses.field(default_factory=dict)
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)
    secrets: Mapping[str, str] = dataclasses.field(default_factory=dict)
    input: str = ""
    output: str = ""
    #: Whether it reaches for an object store: the node's ``objects.PACKAGE`` is needed.
    objects: bool = False


@dataclasses.dataclass(frozen=True)
class Report:
    """What ``poll`` saw. ``exit_code`` is None while the driver runs, and negative
    for a signal (-9: killed). ``lost``: the driver is gone and left no exit code.
    ``reason`` explains an exit other than 0 where the engine can tell more than
    the number. ``waits`` says what a driver that runs stands still for."""

    running: bool
    exit_code: int | None = None
    lost: bool = False
    progress: model.Progress | None = None
    reason: model.Reason | None = None
    waits: model.Reason | None = None


@dataclasses.dataclass(frozen=True)
class EventLog:
    """What an application wrote for a history server: a file of ``size`` bytes called
    ``name`` below the job's directory, compressed with zstd. ``complete``: it ended in
    order. ``then`` is where the node wants it afterwards; empty: nowhere."""

    name: str
    size: int
    complete: bool
    then: str = ""


class JobEngine(abc.ABC):
    """Four verbs, and ``event_log``. An engine keeps nothing between calls: all that
    it needs to find a driver again lies in the submission's directory on the node."""

    #: The job types that it runs.
    types: frozenset[str]

    @abc.abstractmethod
    def node(self, cluster: model.Cluster) -> model.Instance:
        """The instance that drivers start on. Raises ``exceptions.Transient`` while
        there is none."""

    @abc.abstractmethod
    def validate(
        self,
        template: model.JobTemplate,
        job_configs: Mapping[str, object],
        cluster: model.Cluster,
    ) -> None:
        """Called within the request that launches the job; raises
        ``exceptions.InvalidRequest`` for what can never run."""

    @abc.abstractmethod
    def submit(
        self,
        job: model.Job,
        cluster: model.Cluster,
        submission: Submission,
        remote: interfaces.Remote,
    ) -> str:
        """Start the driver, detached, and return the engine's own id of it. Called
        again after a crash it finds the driver that runs (or ran) and returns
        the same id: a job's driver starts once."""

    @abc.abstractmethod
    def poll(
        self,
        job: model.Job,
        cluster: model.Cluster,
        directory: str,
        remote: interfaces.Remote,
    ) -> Report:
        """See how the driver does. Changes nothing."""

    @abc.abstractmethod
    def cancel(
        self,
        job: model.Job,
        cluster: model.Cluster,
        directory: str,
        remote: interfaces.Remote,
        *,
        kill: bool,
    ) -> None:
        """Ask the driver and all its children to end, or with ``kill`` end them.
        Returns at once; no driver is fine."""

    def event_log(
        self,
        job: model.Job,
        cluster: model.Cluster,
        directory: str,
        remote: interfaces.Remote,
    ) -> EventLog | None:
        """That of a driver that has ended, if it left one. Changes nothing."""
        return None
