# SPDX-License-Identifier: Apache-2.0
"""``sparkaas-node``: the part of the service that lives on a server of a cluster.

It is copied there whole, so it imports nothing but itself and the standard library of
Python 3.9, which is what the oldest images with a current cloud-init have.
"""
