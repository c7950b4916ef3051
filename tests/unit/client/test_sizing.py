# SPDX-License-Identifier: Apache-2.0
"""What a new cluster is made of."""

import pytest

from sparkaas.client import errors
from sparkaas.client import flavors
from sparkaas.client import plugins
from sparkaas.client import sizing


def flavor(name, vcpus, ram_mb):
    return flavors.Flavor(id=f"id-{name}", name=name, vcpus=vcpus, ram_mb=ram_mb)


SMALL = flavor("small", 1, 1024)
MIDDLE = flavor("middle", 2, 4096)
LARGE = flavor("large", 8, 16384)


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ([LARGE, SMALL, MIDDLE], MIDDLE),
        ([SMALL], SMALL),
        ([SMALL, flavor("thin", 1, 8192)], flavor("thin", 1, 8192)),
        ([LARGE, SMALL], LARGE),
    ],
)
def test_the_smallest_comfortable_flavor(there, expected):
    assert sizing.comfortable(there) == expected


def disabled(*versions):
    off = {"enabled": {"status": False}}
    return plugins.Plugin(
        name="spark",
        versions=("4.3.0", "4.1.0"),
        version_labels=dict.fromkeys(versions, off),
    )


def test_the_first_enabled_version():
    assert sizing.pick_version(disabled()) == "4.3.0"
    assert sizing.pick_version(disabled("4.3.0")) == "4.1.0"
    with pytest.raises(errors.UsageError, match="no enabled version"):
        sizing.pick_version(disabled("4.3.0", "4.1.0"))


def expect_plugins(script, *names):
    script.expect(
        "GET",
        "/v2/plugins",
        {"plugins": [{"name": name, "versions": ["1", "0"]} for name in names]},
    )


def expect_flavors(script, **options):
    script.expect(
        "GET",
        "/v2/flavors",
        {"flavors": [{"id": "2", "name": "middle", "vcpus": 2, "ram_mb": 4096}]},
        **options,
    )


def expect_images(script, *tags):
    script.expect(
        "GET",
        "/v2/plugins/spark/1",
        {"plugin": {"name": "spark", "required_image_tags": ["spark", "1"]}},
    )
    script.expect(
        "GET",
        "/v2/images",
        {
            "images": [
                {"id": f"i{n}", "name": f"image-{n}", "tags": each}
                for n, each in enumerate(tags)
            ]
        },
    )


def test_a_whole_plan(client, script):
    expect_plugins(script, "fake", "spark")
    expect_flavors(script)
    expect_images(script, ["other"], ["1", "spark", "more"])
    plan = sizing.plan_cluster(client, workers=3)
    assert str(plan) == "1 master + 3 workers (middle), spark 1, image image-1"
    assert plan.fields() == {
        "plugin_name": "spark",
        "plugin_version": "1",
        "default_image_id": "i1",
        "node_groups": [
            {
                "name": "master",
                "flavor_id": "2",
                "node_processes": ["master"],
                "count": 1,
            },
            {
                "name": "worker",
                "flavor_id": "2",
                "node_processes": ["slave"],
                "count": 3,
            },
        ],
    }


def test_no_image_fits(client, script):
    expect_images(script, ["spark"], [])
    with pytest.raises(errors.UsageError, match="No registered image has the tags"):
        sizing.pick_image(client, None, "spark", "1")


def test_a_flavor_by_name(client, script):
    expect_flavors(script)
    assert sizing.pick_flavor(client, "middle") == ("2", "middle")


def test_a_service_that_lists_no_flavors_takes_an_id(client, script):
    expect_flavors(script, status=404)
    assert sizing.pick_flavor(client, "42") == ("42", "42")


def test_a_service_that_lists_no_flavors_needs_one(client, script):
    expect_flavors(script, status=404)
    with pytest.raises(errors.UsageError, match="cannot list flavors"):
        sizing.pick_flavor(client, None)


def test_no_plugin_is_enabled(client, script):
    off = {"enabled": {"status": False}}
    script.expect(
        "GET", "/v2/plugins", {"plugins": [{"name": "x", "plugin_labels": off}]}
    )
    with pytest.raises(errors.UsageError, match="no enabled plugin"):
        sizing.pick_plugin(client, None)
