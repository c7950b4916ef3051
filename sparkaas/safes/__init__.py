# SPDX-License-Identifier: Apache-2.0
"""Where secret texts are safe: encrypted beside the records, or with a key manager."""
