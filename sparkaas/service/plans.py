# SPDX-License-Identifier: Apache-2.0
"""Plans and steps, as data.

A step is a function of the world and a record: it looks, may act once, and
returns. It never sleeps, and it can be run again at any time. Its answer is
``model.Done``, ``model.Wait``, or ``Gone``; ``exceptions.Transient`` means "again
later", any other error of ours "never".
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any
from typing import Generic
from typing import TypeVar

from oslo_config import cfg

from sparkaas import model
from sparkaas.service import env as service_env

R = TypeVar("R", bound=model.Work)

#: The fact under which a step tells what happened to single nodes.
HAPPENINGS = "happenings"
#: The part of a checkpoint that is one step's own, and emptied when it begins.
MEMO = "memo"


@dataclasses.dataclass(frozen=True)
class Gone:
    """Nothing is left of the thing but its record, which may go too."""


Outcome = model.Done | model.Wait | Gone


@dataclasses.dataclass(frozen=True)
class Happening:
    """What a step did, or what befell, a node (``instance`` is its name) or the whole
    cluster; ``text`` may be empty when all went well."""

    text: str = ""
    instance: str | None = None
    successful: bool = True


@dataclasses.dataclass(frozen=True)
class Step(Generic[R]):
    """One step of a plan.

    ``deadline`` tells from the configuration how many seconds it may take in all;
    None: as long as it likes. ``title`` and ``types`` (while the cluster first comes
    up, and later) are its words in a cluster's progress; no title: not shown there,
    ``quiet``: shown only if it has something to tell. ``each``: it concerns every node,
    so progress expects as many events. ``hint`` says what to do when it is given up.
    """

    name: str
    run: Callable[[service_env.Env, R], Outcome]
    deadline: Callable[[cfg.ConfigOpts], float] | None = None
    title: str = ""
    types: tuple[str, str] = ("", "")
    quiet: bool = False
    each: bool = False
    hint: str = ""


@dataclasses.dataclass(frozen=True)
class Plan(Generic[R]):
    """Steps in their order; none: there is nothing to do until asked.

    ``idle``: the plan of a settled record, which looks after it. What goes wrong in
    it is not what the user's last request came to, so it leaves that reason.
    """

    name: str
    steps: tuple[Step[R], ...] = ()
    idle: bool = False

    def find(self, name: str | None) -> Step[R] | None:
        """The step of that name, if it is (still) one of the plan's."""
        return next((step for step in self.steps if step.name == name), None)

    def after(self, step: Step[R]) -> Step[R] | None:
        """The step that follows."""
        return next(iter(self.steps[self.steps.index(step) + 1 :]), None)


@dataclasses.dataclass(frozen=True)
class Kind(Generic[R]):
    """What differs between clusters and jobs; everything here is a pure function.

    ``finished`` and ``given_up`` answer the observed fields that a plan's end, or a
    step that is given up for a reason, change; their last argument is the time. The
    plan of the record so changed must be another one, or idle. ``delay``: seconds
    until an idle plan begins again. ``lasting`` names what a checkpoint keeps when
    the user asks anew.
    """

    name: str
    plan_for: Callable[[R], Plan[R]]
    finished: Callable[[R, Plan[R], datetime.datetime], dict[str, Any]]
    given_up: Callable[
        [R, Plan[R], Step[R], model.Reason, datetime.datetime], dict[str, Any]
    ]
    delay: Callable[[R, cfg.ConfigOpts], float]
    status: Callable[[R], str]
    lasting: frozenset[str] = frozenset()


def memo(record: model.Work) -> dict[str, Any]:
    """What the step under way remembered of its last run."""
    return dict(record.checkpoint.get(MEMO, {}))


def remember(**values: Any) -> dict[str, Any]:
    """A fact: what the step under way wants to find in ``memo`` at its next run."""
    return {"checkpoint": {MEMO: values}}
