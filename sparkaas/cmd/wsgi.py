# SPDX-License-Identifier: Apache-2.0
"""The REST API for a WSGI server: ``sparkaas.cmd.wsgi:application``.

It is made when this module is imported, so that a configuration that cannot be used
keeps the server from starting; nothing is connected then, so that a server may fork
its workers afterwards.
"""

from __future__ import annotations

import os

from sparkaas.cmd import api

application = api.from_environment(os.environ)
