# SPDX-License-Identifier: Apache-2.0
"""The infrastructure driver ``openstack``: a cluster is a Heat stack of servers."""
