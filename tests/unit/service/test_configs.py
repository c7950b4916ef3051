# SPDX-License-Identifier: Apache-2.0
"""Configurations on top of each other."""

from sparkaas.service import configs

BELOW = {"HDFS": {"a": 1, "b": 2}, "Spark": {"c": 3}}


def test_the_upper_wins_name_by_name():
    assert configs.merged(BELOW, {"HDFS": {"b": 9, "d": 4}, "YARN": {"e": 5}}) == {
        "HDFS": {"a": 1, "b": 9, "d": 4},
        "Spark": {"c": 3},
        "YARN": {"e": 5},
    }


def test_what_is_not_overridden_follows():
    mine = configs.merged(BELOW, {"HDFS": {"b": 9, "d": 4}})
    new = {"HDFS": {"a": 7, "b": 7, "f": 7}}
    assert configs.followed(mine, BELOW, new) == {
        "HDFS": {"a": 7, "b": 9, "d": 4, "f": 7}
    }


def test_nothing_changes_with_nothing():
    mine = configs.merged(BELOW, {"HDFS": {"b": 9}})
    assert configs.followed(mine, BELOW, BELOW) == mine
