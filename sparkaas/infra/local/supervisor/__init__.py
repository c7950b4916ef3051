# SPDX-License-Identifier: Apache-2.0
"""The process that keeps one node's services running.

Standard library only, and nothing else of this package: it starts in
milliseconds, and an upgrade of the service cannot pull a module away from under a
supervisor that runs. Its interface is files in the node's directory (see
``files``) and two signals: HUP reads ``services.json`` again and applies the
difference, TERM stops everything.
"""
