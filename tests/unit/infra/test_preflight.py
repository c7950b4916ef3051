# SPDX-License-Identifier: Apache-2.0
"""What is refused before anything is made, and what the cloud's words mean."""

import dataclasses
import types

import pytest

from sparkaas import exceptions
from sparkaas import model
from sparkaas.infra.openstack import errors
from sparkaas.infra.openstack import nodes
from sparkaas.infra.openstack import preflight
from sparkaas.infra.openstack import quotas
from sparkaas.infra.openstack import resources

SITE = resources.Site()
FLAVOR = model.Flavor(id="2", name="small", vcpus=1, ram_mb=2048, disk_gb=10)
GROUP = model.NodeGroup(
    id="g",
    name="work",
    flavor_id="2",
    node_processes=("slave",),
    count=1,
    indices=(0,),
    flavor=FLAVOR,
)


def cluster(group=GROUP, **more):
    return model.Cluster(
        id="i",
        project_id="p",
        name="c",
        plugin_name="spark",
        plugin_version="4",
        node_groups=(group,),
        **more,
    )


def test_a_volume_that_a_server_boots_from_cannot_be_local_to_it():
    local = dataclasses.replace(GROUP, boot_volume_local_to_instance=True)
    preflight.check_possible(cluster(local))
    booting = dataclasses.replace(local, boot_from_volume=True)
    with pytest.raises(exceptions.InvalidRequest) as caught:
        preflight.check_possible(cluster(booting))
    assert caught.value.code == "NOT_OFFERED"


@pytest.mark.parametrize(
    ("group", "more", "kinds"),
    [
        ({}, {}, []),
        ({"volumes_per_node": 1}, {}, ["block-storage"]),
        ({"boot_from_volume": True}, {}, ["block-storage"]),
        ({}, {"domain_name": "a."}, ["dns"]),
        ({}, {"shares": ({"id": "s"},)}, ["shared-file-system"]),
        ({"shares": ({"id": "s"},)}, {}, ["shared-file-system"]),
        ({"shares": ()}, {"shares": ()}, []),
    ],
)
def test_the_services_that_a_cluster_needs(group, more, kinds):
    wanted = cluster(dataclasses.replace(GROUP, **group), **more)
    assert [kind for kind, _, _ in preflight.services(wanted)] == kinds


def test_an_image_must_fit_the_flavor():
    preflight.check_fits(GROUP, SITE, 10, 2048)
    with pytest.raises(exceptions.InvalidRequest, match="disk of 11 GB"):
        preflight.check_fits(GROUP, SITE, 11, 0)
    with pytest.raises(exceptions.InvalidRequest, match="2049 MB"):
        preflight.check_fits(GROUP, SITE, 0, 2049)


def test_an_image_is_asked_for_once_however_many_nodes_have_it():
    asked = []

    def get_image(id):
        asked.append(id)
        return types.SimpleNamespace(
            status="active", size=1, virtual_size=None, min_disk=0, min_ram=0
        )

    image = types.SimpleNamespace(get_image=get_image)
    cloud = types.SimpleNamespace(sdk=types.SimpleNamespace(image=image))
    many = dataclasses.replace(GROUP, count=50, indices=tuple(range(50)))
    other = dataclasses.replace(many, name="other", image_id="b")
    more = {"node_groups": (many, other, dataclasses.replace(other, name="third"))}
    wanted = dataclasses.replace(cluster(default_image_id="a"), **more)
    preflight.check_images(cloud, wanted, quotas.growing(wanted), SITE)
    assert asked == ["a", "b"]


def test_a_flavor_without_a_disk_takes_any_image():
    bare = dataclasses.replace(GROUP, flavor=dataclasses.replace(FLAVOR, disk_gb=0))
    preflight.check_fits(bare, SITE, 11, 0)
    booting = dataclasses.replace(bare, boot_from_volume=True)
    preflight.check_fits(booting, SITE, 20, 0)
    with pytest.raises(exceptions.InvalidRequest, match="disk of 21 GB"):
        preflight.check_fits(booting, SITE, 21, 0)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            'resources.server: Went to status ERROR due to "Message: No valid host was '
            'found. , Code: 500"',
            "NO_VALID_HOST",
        ),
        ("Forbidden: Quota exceeded for instances: Requested 1", "QUOTA_ERROR"),
        (
            "OverQuotaClient: Quota exceeded for: ['floatingip']",
            "QUOTA_ERROR",
        ),
        ("VolumeSizeExceedsAvailableQuota: Requested volume", "QUOTA_ERROR"),
        (
            "IpAddressGenerationFailureClient: No more IP addresses available on "
            "network 7c1",
            "NO_FREE_ADDRESS",
        ),
        (
            "Property error: server.Properties.image: Error validating value 'x': The "
            "Image (x) could not be found.",
            "IMAGE_GONE",
        ),
        ("The Flavor (9) could not be found.", "FLAVOR_GONE"),
        ("Something else.", ""),
    ],
)
def test_the_clouds_words_have_codes(text, code):
    assert errors.cause(text)[0] == code
    assert bool(errors.cause(text)[1]) == bool(code)


def test_a_server_that_is_gone_or_in_error_is_lost():
    def server(status, fault=""):
        return nodes.Server(id="i", name="n", status=status, fault=fault)

    found = {
        "a": server("ACTIVE"),
        "b": server("ERROR", "no space"),
        "c": server("UNKNOWN"),
        "d": server("SHUTOFF"),
    }
    lost = nodes.lost(found, ["a", "b", "c", "d", "e"])
    assert set(lost) == {"b", "e"}
    assert "no space" in lost["b"]
