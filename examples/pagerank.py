# SPDX-License-Identifier: Apache-2.0
"""Ranks the pages of a graph by who links to whom (PageRank).

    sparkaas run examples/pagerank.py -- LINKS [--rounds N]

LINKS has a line ``from to`` for each link, such as ``data/mllib/pagerank_data.txt`` or
``data/graphx/followers.txt`` of the Spark distribution; without it the first of these.
"""

import argparse
import importlib.util
import os

from pyspark.sql import SparkSession

SAMPLE = "data/mllib/pagerank_data.txt"
DAMPING = 0.85


def sample() -> str:
    """The links that come with Spark."""
    homes = [os.environ.get("SPARK_HOME", "")]
    spec = importlib.util.find_spec("pyspark")
    homes += (spec.submodule_search_locations or []) if spec else []
    for home in homes:
        path = os.path.join(home, SAMPLE)
        if home and os.path.exists(path):
            return path
    raise SystemExit(f"Give a file of links: this Spark has no {SAMPLE}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("links", nargs="?", help="path or URL of the links")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()

    spark = SparkSession.builder.appName("PageRank").getOrCreate()
    lines = spark.sparkContext.textFile(asked.links or sample(), 2)
    links = (
        lines.map(lambda line: tuple(line.split()[:2]))
        .filter(lambda link: len(link) == 2)
        .distinct()
        .groupByKey(2)
        .mapValues(list)
        .cache()
    )
    ranks = links.mapValues(lambda _: 1.0)
    for _ in range(asked.rounds):
        given = links.join(ranks, 2).flatMap(
            lambda page: [(to, page[1][1] / len(page[1][0])) for to in page[1][0]]
        )
        ranks = given.reduceByKey(lambda one, other: one + other, 2).mapValues(
            lambda total: 1 - DAMPING + DAMPING * total
        )
    for page, rank in ranks.sortBy(lambda pair: -pair[1]).take(20):
        print(f"page {page} has rank {rank:.3f}")
    spark.stop()


if __name__ == "__main__":
    main()
