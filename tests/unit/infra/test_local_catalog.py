# SPDX-License-Identifier: Apache-2.0
"""What is special about the catalogue of this machine."""

from __future__ import annotations

import importlib.metadata

import pytest
from oslo_config import cfg

from sparkaas import conf as service_conf
from sparkaas import exceptions
from sparkaas.infra.local import catalog

OFFERS = (catalog.Offer("4.3.0", ("spark", "4.3.0")),)


def test_changes_outlive_the_process(tmp_path):
    path = tmp_path / "sub" / "catalog.json"
    one = catalog.LocalCatalog(path, OFFERS)
    (image,) = one.images()
    one.set_tags(image.id, ["mine", "mine"])
    one.register(image.id, "me", "text")
    (found,) = catalog.LocalCatalog(path, OFFERS).images()
    assert (found.tags, found.username, found.description) == (("mine",), "me", "text")
    assert found.updated


def test_an_image_keeps_its_id_when_versions_come_and_go(tmp_path):
    path = tmp_path / "catalog.json"
    more = (catalog.Offer("5.0.0", ("spark", "5.0.0")), *OFFERS)
    before = catalog.LocalCatalog(path, OFFERS).images()[0]
    assert before in catalog.LocalCatalog(path, more).images()


def test_the_one_network(tmp_path):
    one = catalog.LocalCatalog(tmp_path / "x", OFFERS)
    one.require("network", catalog.NETWORK_ID)
    one.require("network", "local")
    for kind in ("network", "keypair", "volume_type"):
        with pytest.raises(exceptions.InvalidReference) as caught:
            one.require(kind, "other")
        assert caught.value.hint


def test_offers_are_the_installed_spark_and_the_operators(tmp_path):
    path = tmp_path / "versions.yaml"
    path.write_text(
        "versions:\n- version: 4.1.0\n- version: 4.2.0\n  image_tags: [a, b]\n"
    )
    found = {offer.version: offer.tags for offer in catalog.offers([str(path)])}
    installed = importlib.metadata.version("pyspark")
    assert found == {
        installed: ("spark", installed),
        "4.1.0": ("spark", "4.1.0"),
        "4.2.0": ("a", "b"),
    }


@pytest.mark.parametrize(
    ("plugins", "wanted"),
    [
        (["spark"], []),
        (["spark", "fake"], [("local-bare", ("fake", "0.1"))]),
        (["spark", "hadoop"], [("local-hadoop-3.5.0", ("hadoop", "3.5.0"))]),
    ],
)
def test_images_for_the_plugins_there_are(tmp_path, plugins, wanted):
    conf = cfg.ConfigOpts()
    service_conf.register_opts(conf)
    conf([], default_config_files=[], default_config_dirs=[])
    conf.set_override("state_path", str(tmp_path), group="service")
    conf.set_override("plugins", plugins, group="service")
    images = catalog.catalog_from_conf(conf).images()
    others = [image for image in images if "spark" not in image.tags]
    assert [(image.name, image.tags) for image in others] == wanted
