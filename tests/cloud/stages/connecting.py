# SPDX-License-Identifier: Apache-2.0
"""A connection to the cloud, as one of its users."""

import os

import openstack

REGION = "RegionOne"
LOOPBACK = "http://127.0.0.1"
PASSWORD = os.environ["PW"]
AUTH_URL = f"{LOOPBACK}:{os.environ['P_KEYSTONE']}/v3"


def connect(user: str, project: str) -> openstack.connection.Connection:
    """As a user of the default domain, in a project of it."""
    return openstack.connect(
        auth_url=AUTH_URL,
        username=user,
        password=PASSWORD,
        project_name=project,
        user_domain_name="Default",
        project_domain_name="Default",
        region_name=REGION,
    )
