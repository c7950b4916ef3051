# SPDX-License-Identifier: Apache-2.0
"""Clusters without software: for trying clients, templates and the service itself."""
