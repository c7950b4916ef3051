# SPDX-License-Identifier: Apache-2.0
"""The state directory's private files and its lock."""

import json
import os
import stat

import pytest
from cryptography import fernet

from sparkaas import exceptions
from sparkaas.cmd import state


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_directory_is_closed_to_others_even_when_it_was_open(tmp_path):
    path = tmp_path / "a" / "b"
    path.mkdir(parents=True, mode=0o755)
    state.make(path)
    assert _mode(path) == 0o700


def test_the_token_is_made_once_and_private(tmp_path):
    first = state.token(tmp_path)
    assert len(first) >= 32
    assert state.token(tmp_path) == first
    assert _mode(tmp_path / state.TOKEN) == 0o600
    assert os.listdir(tmp_path) == [state.TOKEN]


def test_the_key_is_made_once_and_is_a_key(tmp_path):
    (key,) = state.encryption_keys(tmp_path, [], "", make_one=True)
    fernet.Fernet(key)
    assert state.encryption_keys(tmp_path, [], "", make_one=True) == (key,)
    assert _mode(tmp_path / state.KEY) == 0o600


def test_a_named_key_file_must_exist(tmp_path):
    with pytest.raises(exceptions.Permanent, match="cannot be read"):
        state.encryption_keys(tmp_path, [], str(tmp_path / "missing"), make_one=True)
    assert os.listdir(tmp_path) == []


def test_a_file_that_holds_no_key_is_refused_without_showing_it(tmp_path):
    (tmp_path / "key").write_text("not a key")
    with pytest.raises(exceptions.Permanent) as caught:
        state.encryption_keys(tmp_path, [], str(tmp_path / "key"), make_one=True)
    assert "not a key" not in caught.value.message


def test_the_second_owner_is_told_who_the_first_is(tmp_path):
    lock = state.Lock(tmp_path)
    with pytest.raises(state.Busy, match=f"process {os.getpid()}"):
        state.Lock(tmp_path)
    lock.release()
    state.Lock(tmp_path).release()


def test_the_endpoint_is_private_and_goes_while_the_token_stays(tmp_path):
    token = state.token(tmp_path)
    state.publish(tmp_path, "http://127.0.0.1:1", token)
    path = tmp_path / state.ENDPOINT
    assert json.loads(path.read_text()) == {
        "url": "http://127.0.0.1:1",
        "token": token,
        "pid": os.getpid(),
    }
    assert _mode(path) == 0o600
    state.withdraw(tmp_path)
    state.withdraw(tmp_path)
    assert not path.exists()
    assert state.token(tmp_path) == token


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "file"
    state.write_private(path, "old")
    with pytest.raises(TypeError):
        state.write_private(path, b"new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]
