# SPDX-License-Identifier: Apache-2.0
"""API v1.1 (and v1.0, the part of it without jobs) as a translation of API v2.

No handler, schema or view is written twice: ``words`` has the old words as data,
``nouns`` says where they stand, ``translation`` makes old routes of the new ones. What
v2 does not have at all is in ``extras`` and ``job_binary_internals``.
"""
