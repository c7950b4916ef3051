# SPDX-License-Identifier: Apache-2.0
"""The commands for API v2, one file per noun."""
