# SPDX-License-Identifier: Apache-2.0
"""The programs."""

import warnings

# futurist, below oslo.messaging, imports eventlet wherever it is installed, and that
# says at each start that nobody should use it. Nobody here does.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
