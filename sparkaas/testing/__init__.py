# SPDX-License-Identifier: Apache-2.0
"""Second implementations of everything outside, for tests and for the curious.

Each behaves as its contract says (the contract tests run it too); the faulty
ones are named by their fault. ``service.environment`` puts them together.
"""
