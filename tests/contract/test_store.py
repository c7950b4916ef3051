# SPDX-License-Identifier: Apache-2.0
"""What every ``interfaces.Store`` does."""

import hashlib
import os
import resource
import stat
import threading
import tracemalloc
from concurrent import futures

import pytest

from sparkaas import exceptions
from sparkaas.store import files
from sparkaas.testing import keeping

KEY = "jobs/5f0c-11/stdout"
NO_LIMIT = 2**40


@pytest.fixture(params=["FileStore", "FakeStore"])
def store(request, tmp_path):
    if request.param == "FileStore":
        return files.FileStore(tmp_path / "not" / "there" / "yet")
    return keeping.FakeStore()


@pytest.fixture
def root(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def file_store(root):
    return files.FileStore(root)


def _all(store, key):
    return b"".join(store.open(key))


def test_create_then_read(store):
    data = bytes(range(256)) * 1000
    chunks = [data[:1], b"", data[1:70000], data[70000:]]

    made = store.create(KEY, iter(chunks), NO_LIMIT)

    assert made == (len(data), hashlib.sha256(data).hexdigest())
    assert _all(store, KEY) == data
    assert store.size(KEY) == len(data)
    assert store.read(KEY, 255, 2) == b"\xff\x00"


def test_create_of_nothing(store):
    assert store.create(KEY, [], NO_LIMIT) == (0, hashlib.sha256().hexdigest())
    assert _all(store, KEY) == b""


def test_create_again_replaces(store):
    store.create(KEY, [b"a long first"], NO_LIMIT)
    store.create(KEY, [b"second"], NO_LIMIT)

    assert _all(store, KEY) == b"second"


def test_create_at_the_limit(store):
    assert store.create(KEY, [b"12", b"34"], 4)[0] == 4


def test_create_past_the_limit_keeps_nothing(store):
    endless = iter(lambda: b"1234", None)

    with pytest.raises(exceptions.DataTooBig):
        store.create(KEY, endless, 1000)

    assert store.size(KEY) == 0
    with pytest.raises(exceptions.NotFound):
        store.open(KEY)


def test_create_past_the_limit_keeps_what_was(store):
    store.create(KEY, [b"first"], NO_LIMIT)

    with pytest.raises(exceptions.DataTooBig):
        store.create(KEY, [b"second"], 5)

    assert _all(store, KEY) == b"first"


def test_a_source_that_breaks_off_is_its_own_error(store):
    def broken():
        yield b"half"
        raise ConnectionResetError("the client is gone")

    with pytest.raises(ConnectionResetError):
        store.create(KEY, broken(), NO_LIMIT)

    assert store.size(KEY) == 0


def test_append(store):
    assert store.append(KEY, 0, b"one,") == 4
    assert store.append(KEY, 4, b"two") == 7

    assert _all(store, KEY) == b"one,two"


def test_append_of_what_is_there_adds_nothing(store):
    store.append(KEY, 0, b"0123456789")

    assert store.append(KEY, 0, b"0123456789") == 10
    assert store.append(KEY, 3, b"345") == 10
    assert store.append(KEY, 10, b"") == 10

    assert _all(store, KEY) == b"0123456789"


def test_append_that_overlaps_adds_the_rest(store):
    store.append(KEY, 0, b"01234")

    assert store.append(KEY, 3, b"3456") == 7

    assert _all(store, KEY) == b"0123456"


@pytest.mark.parametrize("offset", [6, 10**12, -1])
def test_append_with_a_gap_is_refused(store, offset):
    store.append(KEY, 0, b"01234")

    with pytest.raises(ValueError, match="5"):
        store.append(KEY, offset, b"x")

    assert _all(store, KEY) == b"01234"


def test_append_from_two_sides_keeps_one_copy(store):
    data = os.urandom(200_000)
    start = threading.Barrier(2)

    def copy(step):
        start.wait(10)
        at = 0
        while at < len(data):
            store.append(KEY, at, data[at : at + step])
            at += step

    with futures.ThreadPoolExecutor() as threads:
        list(threads.map(copy, (7001, 1009)))

    assert _all(store, KEY) == data


def test_read_at_and_past_the_end(store):
    store.append(KEY, 0, b"01234")

    assert store.read(KEY, 3, 100) == b"34"
    assert store.read(KEY, 5, 100) == b""
    assert store.read(KEY, 10**12, 100) == b""
    assert store.read(KEY, 0, 0) == b""


def test_what_is_not_there(store):
    assert store.size(KEY) == 0
    assert store.read(KEY, 0, 10) == b""
    store.delete(KEY)
    with pytest.raises(exceptions.NotFound, match=KEY):
        store.open(KEY)


def test_delete_takes_the_object_and_all_below(store):
    for key in ("jobs/1/stdout", "jobs/1/deep/er", "jobs/10/stdout", "jobs/2"):
        store.append(key, 0, b"x")

    store.delete("jobs/1")
    store.delete("jobs/2")
    store.delete("jobs/2/stdout")

    sizes = [store.size(k) for k in ("jobs/1/stdout", "jobs/1/deep/er", "jobs/2")]
    assert sizes == [0, 0, 0]
    assert store.size("jobs/10/stdout") == 1


def test_delete_again_and_create_again(store):
    store.append(KEY, 0, b"x")
    store.delete(KEY)
    store.delete(KEY)

    assert store.append(KEY, 0, b"y") == 1


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "/etc/passwd",
        "a/",
        "/a",
        "a//b",
        ".",
        "..",
        "../a",
        "a/../../b",
        "a/./b",
        "a\x00b",
        "a\n",
        "a b",
        "a\\b",
        "+incoming",
        "ä",
        "~root",
        "a" * 129,
        "/".join(["a" * 100] * 11),
    ],
)
def test_what_is_no_key(store, key):
    for call in (
        lambda: store.create(key, [b"x"], 10),
        lambda: store.append(key, 0, b"x"),
        lambda: store.size(key),
        lambda: store.read(key, 0, 1),
        lambda: store.open(key),
        lambda: store.delete(key),
    ):
        with pytest.raises(exceptions.InvalidRequest):
            call()


@pytest.mark.parametrize("key", ["...", "..a", ".a", "a..", "-", "_", "A.b-C_9/0"])
def test_what_is_a_key(store, key):
    store.create(key, [b"x"], 10)

    assert _all(store, key) == b"x"


# What only files do.


def _modes(root):
    return {
        str(path.relative_to(root)): stat.S_IMODE(path.stat().st_mode)
        for path in (root, *root.rglob("*"))
    }


def test_only_the_owner_can_read(file_store, root):
    before = os.umask(0)
    try:
        file_store.create("a/b", [b"x"], 10)
        file_store.append("c/d/e", 0, b"x")
    finally:
        os.umask(before)

    assert _modes(root) == {
        ".": 0o700,
        "+incoming": 0o700,
        "a": 0o700,
        "a/b": 0o600,
        "c": 0o700,
        "c/d": 0o700,
        "c/d/e": 0o600,
    }


def test_nothing_half_made_is_seen_or_left(file_store, root):
    def chunks():
        yield b"half"
        assert file_store.size(KEY) == 0
        assert len(list((root / "+incoming").iterdir())) == 1
        yield b"whole"

    file_store.create(KEY, chunks(), NO_LIMIT)
    with pytest.raises(exceptions.DataTooBig):
        file_store.create(KEY, [b"x"], 0)

    assert list((root / "+incoming").iterdir()) == []


def test_what_a_killed_process_left_goes_after_a_day(file_store, root):
    file_store.create(KEY, [b"x"], 10)
    old, young = root / "+incoming" / "old", root / "+incoming" / "young"
    for path in (old, young):
        path.write_bytes(b"x")
    os.utime(old, (0, 0))

    file_store.create(KEY, [b"x"], 10)

    assert (old.exists(), young.exists()) == (False, True)


def test_a_link_is_not_followed(file_store, root, tmp_path):
    target = tmp_path / "target"
    target.write_bytes(b"secret")
    file_store.append("a/b", 0, b"x")
    (root / "a" / "link").symlink_to(target)

    with pytest.raises(exceptions.Permanent):
        file_store.read("a/link", 0, 10)
    with pytest.raises(exceptions.Permanent):
        file_store.append("a/link", 0, b"x")
    assert file_store.size("a/link") == 0

    file_store.delete("a")
    assert target.read_bytes() == b"secret"


def test_a_big_object_does_not_pass_through_memory(file_store):
    block = os.urandom(1024 * 1024)

    tracemalloc.start()
    try:
        size, _ = file_store.create(KEY, (block for _ in range(64)), NO_LIMIT)
        total = sum(map(len, file_store.open(KEY)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (size, total) == (64 * 1024 * 1024, 64 * 1024 * 1024)
    assert peak < 8 * 1024 * 1024


@pytest.fixture
def small_disk():
    """No file may grow beyond 64 KiB: to a writer the same as a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_while_an_object_comes_in(file_store, root, small_disk):
    with pytest.raises(exceptions.Permanent) as caught:
        file_store.create(KEY, (b"x" * 10_000 for _ in range(10)), NO_LIMIT)

    assert caught.value.code == "STORE_FULL"
    assert caught.value.hint
    assert list((root / "+incoming").iterdir()) == []
    assert file_store.size(KEY) == 0


def test_a_full_disk_while_a_log_grows(file_store, small_disk):
    file_store.append(KEY, 0, b"x" * 60_000)

    with pytest.raises(exceptions.Permanent) as caught:
        file_store.append(KEY, 60_000, b"y" * 60_000)

    assert caught.value.code == "STORE_FULL"
    kept = _all(file_store, KEY)
    assert kept == b"x" * 60_000 + b"y" * (len(kept) - 60_000)


def test_the_log_goes_on_when_there_is_room_again(file_store):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(exceptions.Permanent):
            file_store.append(KEY, 0, b"x" * 1500)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert file_store.append(KEY, 0, b"x" * 1500) == 1500


def test_a_directory_that_cannot_be_used(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    store = files.FileStore(tmp_path / "file" / "store")

    with pytest.raises(exceptions.Permanent) as caught:
        store.create(KEY, [b"x"], 10)

    assert caught.value.code == "STORE_FAILED"
