# SPDX-License-Identifier: Apache-2.0
"""Runs a file of SQL statements; copied to a node and started by spark-submit.

``sql_runner.py FILE VARIABLES [NAME=VALUE ...]``: each statement in turn, split by
Spark's own parser. ``${NAME}`` in a statement stands for VALUE, by Spark's own
variable substitution; VARIABLES is a JSON file with more of them. Rows are printed
as a table, at most ``MOST_ROWS`` of a result. The first statement that fails ends
the run with exit code 1 and its error.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

MOST_ROWS = 1000


def main(argv: list[str]) -> int:
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    path, variables_file, *words = argv
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(variables_file, encoding="utf-8") as file:
        variables = json.load(file)
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            print(f"A SQL job's arguments are NAME=VALUE, not {word}", file=sys.stderr)
            return 2
        variables[name] = value
    # PySpark would tell each error a second time, as JSON with every stack.
    logging.disable()
    session = SparkSession.builder.getOrCreate()
    for name, value in variables.items():
        session.conf.set(name, value)
    done = 0
    try:
        for statement in statements(session, text):
            show(session.sql(statement))
            done += 1
    except PySparkException as error:
        print(f"Statement {done + 1} failed: {error}", file=sys.stderr)
        return 1
    finally:
        session.stop()
    return 0


def statements(session: Any, text: str) -> list[str]:
    """The statements of a script, by the splitter of the Spark that runs."""
    parser = session._jsparkSession.sessionState().sqlParser()
    methods = {method.getName() for method in parser.getClass().getMethods()}
    if "splitStatements" in methods:
        split = parser.splitStatements(text)
        found = split.completeStatements()
        texts = [found.apply(at).statement() for at in range(found.size())]
        texts.append(split.partialStatement())
    else:
        found = (
            session._jvm.org.apache.spark.sql.catalyst.util.StringUtils.splitSemiColon(
                text, False
            )
        )
        texts = [found.apply(at) for at in range(found.size())]
    return [statement for statement in texts if not only_comment(statement)]


def only_comment(statement: str) -> bool:
    """Whether nothing is left of a statement without its comments."""
    rest = statement.strip()
    while rest.startswith(("--", "/*")):
        end = "\n" if rest.startswith("--") else "*/"
        rest = rest.partition(end)[2].strip()
    return not rest


def show(frame: Any) -> None:
    """Print a result's rows, if it has columns."""
    if not frame.columns:
        return
    rows = frame.take(MOST_ROWS + 1)
    cells = [[text(value) for value in row] for row in rows[:MOST_ROWS]]
    for line in table(frame.columns, cells):
        print(line)
    if len(rows) > MOST_ROWS:
        print(f"... only the first {MOST_ROWS} rows are shown")
    print(flush=True)


def text(value: object) -> str:
    """A cell, on one line."""
    word = "NULL" if value is None else str(value)
    return word.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """The lines of a plain table."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = []
    for row in (head, ["-" * width for width in widths], *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join(cells).rstrip())
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
