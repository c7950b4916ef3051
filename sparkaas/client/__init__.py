# SPDX-License-Identifier: Apache-2.0
"""The client: a typed SDK over the wire, and the ``sparkaas`` program.

Knows the wire and nothing of the server. ``connection.connect`` finds the
service and returns a ``client.Client``.
"""
