# SPDX-License-Identifier: Apache-2.0
"""Temporary files of JVMs: they know only the system's directory unless they are told.

What is told stands where a user's own options come after it, and so win. Variables that
Java itself reads are no such place: it says in the user's output that it did.
"""

from __future__ import annotations


def of_job(directory: str) -> str:
    """A job's temporary directory, which ``launcher.py`` makes in the job's own."""
    return f"{directory}/.tmp"


def java(directory: str) -> str:
    """The option of a JVM that has its temporary files in that directory."""
    return f"-Djava.io.tmpdir={directory}"


def submits(directory: str) -> dict[str, str]:
    """The part of an environment in which Spark's own launcher starts such drivers."""
    return {"SPARK_SUBMIT_OPTS": f'"{java(directory)}"'}
