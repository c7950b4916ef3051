# SPDX-License-Identifier: Apache-2.0
"""Spark as a service for OpenStack."""
