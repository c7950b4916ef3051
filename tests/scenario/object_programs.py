# SPDX-License-Identifier: Apache-2.0
"""PySpark programs that read and write an object store, whichever it is."""

import json

#: INPUT OUTPUT FORMAT GO: reads, says so, and when the file GO appears counts words,
#: writes them and reads them again.
WORDS = """\
import json, os, sys, time
from pyspark.sql import SparkSession
source, target, format, go = sys.argv[1:]
spark = SparkSession.builder.getOrCreate()
lines = spark.read.text(source)
print("read", lines.count(), flush=True)
while not os.path.exists(go):
    time.sleep(0.1)
words = lines.selectExpr("explode(split(value, ' ')) word").groupBy("word").count()
words.coalesce(1).write.format(format).save(target)
found = spark.read.format(format).load(target).select("word", "count").collect()
print("words", json.dumps(sorted(map(tuple, found))))
"""
TEXT = "the quick brown fox\nthe lazy dog\nthe end\n"
COUNTS = {"brown": 1, "dog": 1, "end": 1, "fox": 1, "lazy": 1, "quick": 1, "the": 3}
#: What it prints of that, at last.
SAID = f"words {json.dumps(sorted(COUNTS.items()))}"
#: For GO: it is always there.
AT_ONCE = "/"

#: OUTPUT FORMAT: writes with two tasks, of which one ends.
HALF = """\
import sys, time
from pyspark.sql import SparkSession
def number(i):
    if i:
        time.sleep(600)
    return (i,)
spark = SparkSession.builder.getOrCreate()
rows = spark.sparkContext.parallelize(range(2), 2).map(number)
spark.createDataFrame(rows, "i long").write.format(sys.argv[2]).save(sys.argv[1])
"""
