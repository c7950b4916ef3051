# SPDX-License-Identifier: Apache-2.0
"""Recommends movies: collaborative filtering (ALS) over MovieLens ratings.

    sparkaas run examples/recommend.py -- RATINGS [--users N] [--top N]

RATINGS has lines ``user::movie::rating::timestamp``, as MovieLens 1M has and the sample
that Spark ships as ``data/mllib/als/sample_movielens_ratings.txt``. Without it the
sample of the Spark that runs this is taken.
"""

import argparse
import importlib.util
import os
import time

from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

SAMPLE = "data/mllib/als/sample_movielens_ratings.txt"


def sample() -> str:
    """The ratings that come with Spark."""
    homes = [os.environ.get("SPARK_HOME", "")]
    spec = importlib.util.find_spec("pyspark")
    homes += (spec.submodule_search_locations or []) if spec else []
    for home in homes:
        path = os.path.join(home, SAMPLE)
        if home and os.path.exists(path):
            return path
    raise SystemExit(f"Give a ratings file: this Spark has no {SAMPLE}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("ratings", nargs="?", help="path or URL of the ratings")
    parser.add_argument("--users", type=int, default=5, help="users to show")
    parser.add_argument("--top", type=int, default=3, help="movies for each")
    asked = parser.parse_args()
    path = asked.ratings or sample()

    spark = SparkSession.builder.appName("Recommend movies").getOrCreate()
    spark.conf.set("spark.sql.shuffle.partitions", 4)
    started = time.monotonic()

    print(f"Reading {path}", flush=True)
    columns = f.split("value", "::")
    ratings = (
        spark.read.text(path)
        .select(
            columns[0].cast("int").alias("user"),
            columns[1].cast("int").alias("movie"),
            columns[2].cast("float").alias("rating"),
        )
        .cache()
    )
    users = ratings.select("user").distinct().count()
    movies = ratings.select("movie").distinct().count()
    print(f"{ratings.count()} ratings by {users} users of {movies} movies", flush=True)

    known, held_back = ratings.randomSplit([0.8, 0.2], seed=7)
    als = ALS(
        userCol="user",
        itemCol="movie",
        ratingCol="rating",
        rank=8,
        maxIter=5,
        regParam=0.1,
        numUserBlocks=2,
        numItemBlocks=2,
        coldStartStrategy="drop",
        seed=7,
    )
    model = als.fit(known)
    error = RegressionEvaluator(
        metricName="rmse", labelCol="rating", predictionCol="prediction"
    ).evaluate(model.transform(held_back))
    print(f"Ratings held back are foretold within {error:.2f} stars (RMSE)\n")

    found = model.recommendForAllUsers(asked.top).orderBy("user").take(asked.users)
    for row in found:
        picks = ", ".join(
            f"movie {pick.movie} ({pick.rating:.1f})" for pick in row.recommendations
        )
        print(f"User {row.user:>3} should watch: {picks}")
    print(f"\nDone in {time.monotonic() - started:.1f} s", flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
