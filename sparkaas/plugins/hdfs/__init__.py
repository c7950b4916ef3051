# SPDX-License-Identifier: Apache-2.0
"""HDFS as a part of clusters: what plugins add to their manifests and answers."""
