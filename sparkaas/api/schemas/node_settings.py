# SPDX-License-Identifier: Apache-2.0
"""The fields that node group templates and node groups share."""

from __future__ import annotations

from sparkaas.api.schemas import fragments

#: As they come in; null means the default.
INPUT: fragments.Schema = {
    "flavor_id": fragments.FLAVOR,
    "node_processes": {
        "type": "array",
        "items": {"type": "string", "minLength": 1, "maxLength": 255},
        "minItems": 1,
        "maxItems": 100,
        "uniqueItems": True,
    },
    "image_id": fragments.nullable(fragments.UUID),
    "node_configs": fragments.nullable(fragments.CONFIG_MAP),
    "volumes_per_node": {**fragments.COUNT, "maximum": 1000},
    "volumes_size": {
        "type": ["integer", "null"],
        "minimum": 1,
        "maximum": fragments.LARGEST,
    },
    "volume_type": fragments.nullable(fragments.TEXT),
    "volumes_availability_zone": fragments.nullable(fragments.TEXT),
    "volume_mount_prefix": fragments.nullable(fragments.PATH),
    "volume_local_to_instance": fragments.nullable(fragments.BOOLEAN),
    "boot_from_volume": fragments.BOOLEAN,
    "boot_volume_type": fragments.TEXT,
    "boot_volume_availability_zone": fragments.TEXT,
    "boot_volume_local_to_instance": fragments.BOOLEAN,
    "floating_ip_pool": fragments.nullable(fragments.TEXT),
    "security_groups": {
        "type": ["array", "null"],
        "items": fragments.TEXT,
        "maxItems": 100,
    },
    "auto_security_group": fragments.nullable(fragments.BOOLEAN),
    "availability_zone": fragments.nullable(fragments.TEXT),
    "is_proxy_gateway": fragments.nullable(fragments.BOOLEAN),
    "shares": fragments.SHARES,
    "use_autoconfig": fragments.nullable(fragments.BOOLEAN),
}

_TEXT: fragments.Schema = {"type": ["string", "null"]}

#: As they go out.
OUTPUT: fragments.Schema = {
    "flavor_id": {"type": "string"},
    "node_processes": {"type": "array", "items": {"type": "string"}},
    "image_id": _TEXT,
    "node_configs": fragments.CONFIG_MAP,
    "volumes_per_node": fragments.COUNT,
    "volumes_size": fragments.COUNT,
    "volume_type": _TEXT,
    "volumes_availability_zone": _TEXT,
    "volume_mount_prefix": {"type": "string"},
    "volume_local_to_instance": fragments.BOOLEAN,
    "boot_from_volume": fragments.BOOLEAN,
    "boot_volume_type": _TEXT,
    "boot_volume_availability_zone": _TEXT,
    "boot_volume_local_to_instance": fragments.BOOLEAN,
    "floating_ip_pool": _TEXT,
    "security_groups": {"type": ["array", "null"], "items": {"type": "string"}},
    "auto_security_group": fragments.BOOLEAN,
    "availability_zone": _TEXT,
    "is_proxy_gateway": fragments.BOOLEAN,
    "shares": fragments.nullable(fragments.SHARES),
    "use_autoconfig": fragments.BOOLEAN,
}
