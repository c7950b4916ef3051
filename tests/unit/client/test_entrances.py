# SPDX-License-Identifier: Apache-2.0
"""Entrances, as Spark Connect's clients are told of them."""

import ast

import pytest

from sparkaas.client import entrances
from sparkaas.client import errors
from sparkaas.client import logins

CONNECT = entrances.Entrance(name="connect", url="sc://10.0.0.5:15002", token="0a1b")


def test_the_one_of_a_name():
    other = entrances.Entrance(name="other")
    assert entrances.only([other, CONNECT], "connect", "c") is CONNECT
    with pytest.raises(errors.ClientError) as told:
        entrances.only([other], "connect", "c")
    assert "--with connect-server" in told.value.hint


def test_the_token_goes_as_a_header_where_clients_would_not_send_it():
    url = entrances.connect_url(CONNECT)
    assert url == "sc://10.0.0.5:15002/;authorization=Bearer%200a1b"


def test_the_token_goes_as_such_through_a_port_of_this_machine():
    assert entrances.forwarded_url(CONNECT, 4444) == "sc://localhost:4444/;token=0a1b"


def test_a_page_is_opened_with_the_token():
    page = entrances.Entrance(
        name="notebook", url="http://10.0.0.5:8888/lab", token="0a1b"
    )
    assert entrances.page_url(page) == "http://10.0.0.5:8888/lab?token=0a1b"
    assert entrances.page_url(page, 4444) == "http://127.0.0.1:4444/lab?token=0a1b"


def test_a_token_shows_nowhere_by_accident():
    assert "0a1b" not in repr(CONNECT)


def test_three_lines_of_python():
    text = entrances.snippet("sc://x")
    assert len(ast.parse(text).body) == 3
    assert 'remote("sc://x")' in text


def test_the_tunnel_leads_to_where_the_node_is():
    page = logins.page(CONNECT.name, CONNECT.url)
    assert logins.forward(page, 4444) == "127.0.0.1:4444:10.0.0.5:15002"


@pytest.mark.parametrize("url", ["sc://10.0.0.5", "nonsense", "sc://:1"])
def test_a_place_that_is_none(url):
    with pytest.raises(errors.ClientError, match="where a name or an address"):
        logins.page("connect", url)
