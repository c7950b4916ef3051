# SPDX-License-Identifier: Apache-2.0
"""The contract of ``interfaces.Catalog``, over every implementation."""

from __future__ import annotations

import pathlib

import pytest

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas.infra.local import catalog as local_catalog
from sparkaas.testing import catalog as fake_catalog

KINDS = (
    "network",
    "keypair",
    "availability_zone",
    "volume_type",
    "volume_availability_zone",
    "floating_ip_pool",
    "security_group",
    "share",
)
NOWHERE = "99999999-9999-4999-8999-999999999999"


@pytest.fixture(params=["local", "fake"])
def catalog(
    request: pytest.FixtureRequest, tmp_path: pathlib.Path
) -> interfaces.Catalog:
    if request.param == "fake":
        return fake_catalog.FakeCatalog()
    offers = (
        local_catalog.Offer("4.1.0", ("spark", "4.1.0")),
        local_catalog.Offer("4.3.0", ("spark", "4.3.0")),
    )
    return local_catalog.LocalCatalog(tmp_path / "catalog.json", offers)


@pytest.fixture
def image_id(catalog: interfaces.Catalog) -> str:
    return catalog.images()[0].id


def test_flavors_are_found_by_id(catalog):
    for flavor in catalog.flavors():
        assert catalog.flavor(flavor.id) == flavor
        assert flavor.vcpus >= 1
        assert flavor.ram_mb >= 256


def test_an_unknown_flavor(catalog):
    with pytest.raises(exceptions.MissingValue, match="99"):
        catalog.flavor("99")


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_name_of_any_kind(catalog, kind):
    with pytest.raises(exceptions.InvalidReference, match=NOWHERE):
        catalog.require(kind, NOWHERE)


def test_an_unknown_keypair_has_no_public_key(catalog):
    with pytest.raises(exceptions.InvalidReference, match="nobody"):
        catalog.public_key("nobody")


def test_images_have_ids_and_are_found_by_them(catalog):
    images = catalog.images()
    assert len({image.id for image in images}) == len(images) > 1
    for image in images:
        assert catalog.image(image.id) == image


def test_there_is_a_registered_image_for_spark(catalog):
    assert any("spark" in i.tags and i.username for i in catalog.images())


def test_tags_are_replaced(catalog, image_id):
    image = catalog.set_tags(image_id, ["one", "two"])
    assert set(image.tags) == {"one", "two"}
    image = catalog.set_tags(image_id, ["two"])
    assert image.tags == ("two",)
    assert catalog.image(image_id).tags == ("two",)


def test_registering_sets_both(catalog, image_id):
    image = catalog.register(image_id, "someone", "something")
    assert (image.username, image.description) == ("someone", "something")
    image = catalog.register(image_id, "other", "")
    assert (image.username, image.description) == ("other", "")
    assert catalog.image(image_id) == image


def test_unregistering_takes_all_away(catalog, image_id):
    catalog.register(image_id, "someone", "something")
    catalog.set_tags(image_id, ["one"])
    catalog.unregister(image_id)
    image = catalog.image(image_id)
    assert (image.username, image.description, image.tags) == ("", "", ())
    assert image_id in {each.id for each in catalog.images()}


def test_unknown_images(catalog):
    for call in (
        lambda: catalog.image(NOWHERE),
        lambda: catalog.register(NOWHERE, "a", "b"),
        lambda: catalog.unregister(NOWHERE),
        lambda: catalog.set_tags(NOWHERE, []),
    ):
        with pytest.raises(exceptions.NotFound, match=NOWHERE):
            call()
