# SPDX-License-Identifier: Apache-2.0
"""The handlers of API v2: one file per noun, thin."""
