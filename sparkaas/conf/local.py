# SPDX-License-Identifier: Apache-2.0
"""Options of the infrastructure driver ``local``."""

from oslo_config import cfg

GROUP = "local"

OPTS = [
    cfg.StrOpt(
        "network",
        default="127.64.0.0/10",
        help="Loopback network from which nodes get their addresses.",
    ),
    cfg.StrOpt(
        "java_home",
        default="",
        help="Java 17 or newer. Empty: JAVA_HOME, else the java on the PATH.",
    ),
    cfg.StrOpt(
        "hadoop_home",
        default="",
        help="The jars of HDFS and YARN, as sparkaas-image hadoop makes them. Empty: "
        "where it puts them unless told otherwise, ~/.cache/sparkaas/hadoop-VERSION.",
    ),
    cfg.StrOpt(
        "objectstore_home",
        default="",
        help="The jars for Swift and S3, as sparkaas-image objectstore makes them. "
        "Empty: where it puts them unless told otherwise, "
        "~/.cache/sparkaas/objectstore-VERSION, the newest.",
    ),
    cfg.IntOpt(
        "log_file_bytes",
        default=16 * 1024 * 1024,
        min=4096,
        help="A service's log file is turned over at this size; three are kept.",
    ),
]
