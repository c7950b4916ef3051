# SPDX-License-Identifier: Apache-2.0
"""Who may do what: oslo.policy with the rules of ``sparkaas.policies``."""

from __future__ import annotations

from oslo_config import cfg
from oslo_policy import policy

from sparkaas import context as contexts
from sparkaas import exceptions
from sparkaas import policies


def enforcer(conf: cfg.ConfigOpts) -> policy.Enforcer:
    """An enforcer that knows every rule and reads ``conf``'s policy file."""
    made = policy.Enforcer(conf)
    made.register_defaults(policies.list_rules())
    return made


def get_enforcer() -> policy.Enforcer:
    """For oslo.policy's command line tools, which call it without arguments."""
    conf = cfg.ConfigOpts()
    conf([], project="sparkaas")
    return enforcer(conf)


def authorize(
    enforcer: policy.Enforcer, context: contexts.RequestContext, rule: str
) -> None:
    """Raise ``exceptions.Forbidden`` unless ``rule`` lets the caller through.

    Rules see the caller's own project and user as target: which project an object
    belongs to is the data layer's business (see ``service/access.py``).
    """
    registered = enforcer.registered_rules.get(rule)
    scopes = (registered and registered.scope_types) or ("project",)
    # By the enforcer itself only if the library's options say so, or it is new.
    if context.system_scope and "system" not in scopes:
        raise exceptions.Forbidden(
            f"{rule} is for tokens of a project, and this one is of the whole system.",
            hint="Take a token of a project.",
        )
    target = {"project_id": context.project_id, "user_id": context.user_id}
    if not enforcer.authorize(rule, target, context):
        raise exceptions.Forbidden(f"Policy does not allow {rule} to be performed.")
