# SPDX-License-Identifier: Apache-2.0
"""Which addresses are an open door."""

import pytest

from sparkaas import exceptions
from sparkaas.cmd import serving


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.8.7", "::1", "localhost"])
def test_loopback_is_fine_with_a_token(host):
    serving.refuse_open_door("token", host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.0.2.1", "2001:db8::1", "no.such.host.invalid"]
)
def test_a_token_never_listens_to_a_network(host):
    with pytest.raises(exceptions.Permanent, match="Refusing") as caught:
        serving.refuse_open_door("token", host)
    assert "keystone" in caught.value.hint


def test_keystone_may_listen_anywhere():
    serving.refuse_open_door("keystone", "0.0.0.0")
