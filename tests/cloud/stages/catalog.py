# SPDX-License-Identifier: Apache-2.0
"""Keystone's service users, roles and catalog. What is there already stays."""

import os

import connecting

SERVICES = ("glance", "placement", "nova", "neutron", "heat", "cinder", "swift")
ROLES = ("service", "heat_stack_user", "heat_stack_owner", "swiftoperator")
#: Name, type, the variable with its port, the path.
CATALOG = (
    ("glance", "image", "P_GLANCE", ""),
    ("placement", "placement", "P_PLACEMENT", ""),
    ("nova", "compute", "P_NOVA", "/v2.1"),
    ("neutron", "network", "P_NEUTRON", ""),
    ("heat", "orchestration", "P_HEAT", "/v1/%(project_id)s"),
    ("cinderv3", "volumev3", "P_CINDER", "/v3/%(project_id)s"),
    ("cinder", "block-storage", "P_CINDER", "/v3/%(project_id)s"),
    ("swift", "object-store", "P_SWIFT", "/v1/AUTH_%(project_id)s"),
)

identity = connecting.connect("admin", "admin").identity


def user(name, domain="default"):
    """The user, made unless it is there."""
    return identity.find_user(name, domain_id=domain) or identity.create_user(
        name=name, password=connecting.PASSWORD, domain_id=domain
    )


def main() -> None:
    """Make all that is missing."""
    service = identity.find_project("service") or identity.create_project(
        name="service", domain_id="default"
    )
    for name in (*ROLES, "ResellerAdmin"):
        identity.find_role(name) or identity.create_role(name=name)
    roles = {role.name: role for role in identity.roles()}
    for name in SERVICES:
        for role in ("admin", "service"):
            identity.assign_project_role_to_user(service, user(name), roles[role])
    # Users that Heat makes for what reports from inside a server.
    heat = identity.find_domain("heat") or identity.create_domain(name="heat")
    admin = user("heat_domain_admin", heat.id)
    identity.assign_domain_role_to_user(heat, admin, roles["admin"])
    for name, type, port, path in CATALOG:
        enter(name, type, f"{connecting.LOOPBACK}:{os.environ[port]}{path}")


def enter(name: str, type: str, url: str) -> None:
    """A service and its endpoints."""
    found = next((each for each in identity.services() if each.name == name), None)
    made = found or identity.create_service(name=name, type=type)
    if list(identity.endpoints(service_id=made.id)):
        return
    for interface in ("public", "internal", "admin"):
        identity.create_endpoint(
            service_id=made.id,
            interface=interface,
            region_id=connecting.REGION,
            url=url,
        )


main()
