# SPDX-License-Identifier: Apache-2.0
"""Versions are data that an operator can add to."""

import importlib.metadata

import pytest

from sparkaas import exceptions
from sparkaas import manifest
from sparkaas.plugins.spark import releases
from sparkaas.testing import spark_cluster

SHA = "0" * 64


def test_the_installed_pyspark_is_there_by_itself():
    version = importlib.metadata.version("pyspark")
    found = releases.load([])[version]
    assert found.offer.required_image_tags == ("spark", version)
    assert (found.spark.version, found.spark.url) == (version, "")
    assert found.java.version == "17"


def test_an_operators_file_adds_and_replaces(tmp_path):
    installed = importlib.metadata.version("pyspark")
    file = tmp_path / "more.yaml"
    file.write_text(
        "versions:\n"
        f"- {{version: '{installed}', image_tags: [own], min_java: 21}}\n"
        "- version: 4.0.10\n"
        f"  package: {{url: 'https://x/s.tgz', sha256: '{SHA}'}}\n"
        "- {version: 4.0.9, labels: {stable: false}}\n"
        "- {version: 9.0.0, labels: {deprecated: true}}\n"
    )
    found = releases.load([str(file)])
    assert list(found) == [installed, "4.0.10", "4.0.9", "9.0.0"]
    assert found[installed].offer.required_image_tags == ("own",)
    assert found[installed].java.version == "21"
    assert found["4.0.10"].spark.sha256 == SHA
    assert found["4.0.9"].offer.labels["stable"].status is False
    plugin = spark_cluster.plugin(version_files=[str(file)])
    assert [version.name for version in plugin.versions()] == list(found)


def test_a_plain_image_is_told_where_to_get_both():
    both = {
        "package": {"url": "https://m/spark.tgz", "sha256": SHA},
        "java_package": {"url": "https://m/java.tgz", "sha256": SHA},
    }
    version = releases.parse({"version": "4.1.0", "min_java": 21, **both})
    spark = manifest.Package("spark", "4.1.0", "https://m/spark.tgz", SHA)
    java = manifest.Package("java", "21", "https://m/java.tgz", SHA)
    assert (version.spark, version.java) == (spark, java)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("x", "mapping"),
        ({"version": 4.1}, "text"),
        ({"version": "../x"}, "text"),
        ({"version": "4.1.0", "url": "x"}, "unknown: url"),
        ({"version": "4.1.0", "package": {"url": "https://x"}}, "both"),
        ({"version": "4.1.0", "package": {"url": "ftp://x", "sha256": SHA}}, "https"),
        ({"version": "4.1.0", "package": {"url": "https://x", "sha256": "1"}}, "64"),
        ({"version": "4.1.0", "package": {"path": "x"}}, "url and sha256"),
        ({"version": "4.1.0", "java_package": {"url": "https://x"}}, "java_package"),
        ({"version": "4.1.0", "image_tags": "spark"}, "image_tags"),
        ({"version": "4.1.0", "min_java": "17"}, "min_java"),
        ({"version": "4.1.0", "labels": {"stable": "yes"}}, "true or false"),
        ({"version": "4.1.0", "labels": {"good": True}}, "labels are"),
    ],
)
def test_a_bad_entry(entry, told):
    with pytest.raises(ValueError, match=told):
        releases.parse(entry)


@pytest.mark.parametrize(
    "text", ["", "versions: 1", "versions: []\nmore: 1", "{", "versions: [x]"]
)
def test_a_bad_file_is_named(tmp_path, text):
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(exceptions.SparkaasError, match=r"bad\.yaml"):
        releases.load([str(file)])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(exceptions.SparkaasError, match=r"gone\.yaml"):
        releases.load([str(tmp_path / "gone.yaml")])
