# SPDX-License-Identifier: Apache-2.0
"""Claims on loopback addresses."""

from __future__ import annotations

import concurrent.futures
import ipaddress

import pytest

from sparkaas import exceptions
from sparkaas.infra.local import addresses


@pytest.fixture
def path(tmp_path):
    return tmp_path / "claims.json"


def test_a_claim_is_kept(path):
    first = addresses.Addresses(path, "127.64.0.0/10").claim("c1", ["a", "b"])
    again = addresses.Addresses(path, "127.64.0.0/10").claim("c1", ["b", "c"])
    assert again["b"] == first["b"]
    assert len(set(again.values())) == 3
    network = ipaddress.IPv4Network("127.64.0.0/10")
    assert all(ipaddress.IPv4Address(a) in network for a in again.values())


def test_a_small_network_is_used_up_and_freed(path):
    claims = addresses.Addresses(path, "127.1.2.4/30")
    assert claims.free("c1") == 4
    claims.claim("c1", "abc")
    assert (claims.free("c1"), claims.free("c2")) == (4, 1)
    with pytest.raises(exceptions.Permanent, match=r"127\.1\.2\.4/30") as caught:
        claims.claim("c2", "de")
    assert caught.value.code == "NO_ADDRESS"
    # What failed has claimed nothing.
    assert claims.of("c2") == {}
    claims.release("c1", ["a"])
    assert claims.claim("c2", "de").keys() == {"d", "e"}
    claims.release("c1")
    claims.release("c1")
    assert claims.clusters() == ("c2",)


def test_addresses_that_look_like_networks_are_left_out(path):
    claims = addresses.Addresses(path, "127.1.2.0/24")
    names = [str(number) for number in range(254)]
    given = claims.claim("c1", names).values()
    assert set(given) == {f"127.1.2.{number}" for number in range(1, 255)}
    assert claims.free("c2") == 0


def test_unusable_addresses_are_passed_over(path):
    claims = addresses.Addresses(path, "127.1.2.0/28")
    bad = set(claims.claim("c1", "abc").values())
    claims.release("c1")
    given = claims.claim("c2", "de", lambda name, address: address not in bad)
    assert not bad & set(given.values())
    # When none is usable, one is given all the same: its ports tell why not.
    assert claims.claim("c3", "f", lambda name, address: False)["f"]


def test_clusters_in_a_hurry_never_share(path):
    def claim(number):
        claims = addresses.Addresses(path, "127.64.0.0/10")
        return list(claims.claim(f"c{number}", "ab").values())

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        given = [a for mine in pool.map(claim, range(24)) for a in mine]
    assert len(set(given)) == 48


def test_other_state_paths_begin_elsewhere(tmp_path):
    given = {
        addresses.Addresses(tmp_path / str(n), "127.64.0.0/10").claim("c", "a")["a"]
        for n in range(8)
    }
    assert len(given) == 8


def test_a_damaged_file_is_no_reason_to_give_addresses_twice(path):
    claims = addresses.Addresses(path, "127.64.0.0/10")
    claims.claim("c1", "a")
    path.write_text("")
    with pytest.raises(exceptions.Permanent, match="damaged"):
        claims.claim("c2", "a")


@pytest.mark.parametrize("network", ["10.0.0.0/8", "126.0.0.0/7", "127.0.0.1/8", "x"])
def test_only_loopback_networks(path, network):
    with pytest.raises(ValueError, match="."):
        addresses.Addresses(path, network)
