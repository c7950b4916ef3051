# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
cat > $ETC/placement/placement.conf <<X
[DEFAULT]
$(log)
[placement_database]
connection = $(db placement)
[api]
auth_strategy = keystone
$(auth placement)
X
