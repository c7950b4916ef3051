# SPDX-License-Identifier: Apache-2.0
"""Makes the commands available as ``openstack spark …``."""

from __future__ import annotations

import argparse
import os
from typing import Any

API_NAME = "spark"
API_VERSION_OPTION = "os_spark_api_version"
DEFAULT_API_VERSION = "2"
API_VERSIONS = {"2": "sparkaas.client.client.Client"}

_SERVICE_TYPE = "data-processing"


def make_client(instance: Any) -> Any:
    """The client over openstackclient's own session and endpoint choice."""
    from sparkaas.client import connection

    overrides = instance.get_configuration()
    return connection.of_session(
        instance.session,
        region_name=instance.region_name,
        interface=instance.interface,
        endpoint_override=overrides.get("data_processing_endpoint_override"),
    )


def build_option_parser(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the global option of this plugin."""
    parser.add_argument(
        "--os-spark-api-version",
        metavar="<spark-api-version>",
        default=os.environ.get("OS_SPARK_API_VERSION", DEFAULT_API_VERSION),
        help=f"Spark (data-processing) API version, default={DEFAULT_API_VERSION} "
        "(Env: OS_SPARK_API_VERSION)",
    )
    return parser
