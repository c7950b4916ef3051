# SPDX-License-Identifier: Apache-2.0
"""Records as the dictionaries that go on the wire: one file per noun."""
