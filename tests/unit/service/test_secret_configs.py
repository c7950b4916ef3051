# SPDX-License-Identifier: Apache-2.0
"""Which of a job's settings are secret."""

import pytest

from sparkaas.service import secret_configs

SECRET = [
    "fs.swift.service.sahara.password",
    "fs.swift.service.sahara.username",
    "fs.s3a.access.key",
    "fs.s3a.secret.key",
    "spark.hadoop.fs.s3a.bucket.x.access.key",
    "AWS_ACCESS_KEY_ID",
    "aws-access-key",
    "accesskey",
    "DB_PASSWORD",
    "MySecretThing",
    "GITHUB_TOKEN",
    "db_passwd",
]
PLAIN = [
    "spark.executor.memory",
    "fs.s3a.endpoint",
    "edp.java.main_class",
    "spark.sql.shuffle.partitions",
    "keys",
]


@pytest.mark.parametrize("name", SECRET)
def test_secret_names(name):
    assert secret_configs.is_secret_name(name)


@pytest.mark.parametrize("name", PLAIN)
def test_plain_names(name):
    assert not secret_configs.is_secret_name(name)


def test_secrets_leave_blanks_and_nothing_else_changes():
    given = {
        "configs": {"fs.s3a.secret.key": "hunter2", "spark.x": 1, "a.password": ""},
        "params": {"TOKEN": 42, "DAY": "Monday"},
        "args": ["hunter"],
        "job_execution_info": {},
    }
    blanked, secrets = secret_configs.split(given)
    assert blanked == {
        "configs": {"fs.s3a.secret.key": "", "spark.x": 1, "a.password": ""},
        "params": {"TOKEN": "", "DAY": "Monday"},
        "args": ["hunter"],
        "job_execution_info": {},
    }
    assert secrets == {"fs.s3a.secret.key": "hunter2", "params:TOKEN": "42"}
    assert given["configs"]["fs.s3a.secret.key"] == "hunter2"


def test_no_secrets():
    assert secret_configs.split({"configs": {"a": "b"}}) == (
        {"configs": {"a": "b"}, "params": {}},
        {},
    )
