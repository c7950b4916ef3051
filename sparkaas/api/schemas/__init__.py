# SPDX-License-Identifier: Apache-2.0
"""JSON Schemas of bodies and answers: one file per noun."""
