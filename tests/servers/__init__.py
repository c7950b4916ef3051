# SPDX-License-Identifier: Apache-2.0
"""Real servers from the distribution's packages, as session-scoped fixtures.

Each runs on loopback with ports of its own in a temporary directory, under the
package's user when the tests run as root, and never as a system service.
"""
