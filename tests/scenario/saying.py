# SPDX-License-Identifier: Apache-2.0
"""What a command was told, and what it said about it."""

from __future__ import annotations

import pathlib
import subprocess

COUNTS = """\
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print("sum", spark.sparkContext.parallelize(range(100), 4).sum())
spark.stop()
"""


def write(directory: pathlib.Path, name: str, text: str) -> str:
    path = directory / name
    path.write_text(text)
    return str(path)


def refused(done: subprocess.CompletedProcess, *words: str, hint: str = "") -> None:
    """The command failed with a sentence that has ``words``, and a hint."""
    assert done.returncode in (1, 2), done
    said, _, code = done.stderr.partition("error: ")[2].partition("\ncode: ")
    sentence, _, rest = said.partition("\nhint: ")
    for word in words:
        assert word in sentence, done.stderr
    assert rest.strip(), f"no hint: {done.stderr}"
    assert hint in rest, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
