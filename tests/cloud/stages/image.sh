#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The guest image, by the project's own program: Debian, cloud-init, a JRE and Spark, as a
# raw ext4 file. Built once for each version of what makes it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
ROOT=$(cd "$HERE/../.." && pwd)
SPARK=4.1.4
image=$CLOUD/image
mark=$(cd "$ROOT" && find tests/cloud/stages/image.sh elements sparkaas/image -type f \
    -not -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-16)
[ "$(cat "$image/mark" 2>/dev/null)" != "$mark" ] || exit 0
rm -rf "$image"
mkdir -p "$image"
# It needs little, which this environment has; the project itself is not installed in it.
PYTHONPATH=$ROOT "$V/bin/python" -m sparkaas.image.command build "$image/guest.raw" \
    --container --spark "$SPARK" --element sparkaas-lxc --cache "$CLOUD/image-cache"
echo "$mark" >"$image/mark"
