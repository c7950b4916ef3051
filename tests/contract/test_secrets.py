# SPDX-License-Identifier: Apache-2.0
"""What every ``interfaces.Secrets``, and every ``interfaces.Safe`` below one, does."""

import threading
from concurrent import futures

import pytest
import sqlalchemy as sa
from castellan.common import exception as castellan
from cryptography import fernet
from oslo_config import cfg

from sparkaas import exceptions
from sparkaas.db import migration
from sparkaas.db import secrets
from sparkaas.db import session
from sparkaas.safes import encrypted
from sparkaas.safes import key_manager
from sparkaas.testing import keeping

VALUE = {"password": "p\u00e4ss \U0001f600 \"'\\", "user": ""}


@pytest.fixture(scope="module")
def database():
    db = session.Database("sqlite://")
    migration.upgrade(db)
    yield db
    db.dispose()


@pytest.fixture
def manager():
    return keeping.FakeKeyManager()


def new_key():
    return fernet.Fernet.generate_key().decode()


@pytest.fixture
def empty(database):
    with database.writer() as transaction:
        transaction.execute(sa.text("DELETE FROM secrets"))
    return database


def stored(database, *safes):
    return secrets.StoredSecrets(database, safes)


def with_keys(database, *keys):
    return stored(database, encrypted.EncryptedSafe(keys))


@pytest.fixture(params=["EncryptedSafe", "KeyManagerSafe"])
def safe(request, manager):
    if request.param == "EncryptedSafe":
        return encrypted.EncryptedSafe([new_key()])
    return key_manager.KeyManagerSafe(None, manager)


@pytest.fixture(params=["encrypted", "in a key manager", "FakeSecrets"])
def kept(request, empty, manager):
    if request.param == "FakeSecrets":
        return keeping.FakeSecrets()
    if request.param == "encrypted":
        return with_keys(empty, new_key())
    return stored(empty, key_manager.KeyManagerSafe(None, manager))


def test_what_is_put_is_got(kept):
    assert kept.get(kept.put("p", VALUE)) == VALUE


def test_each_has_its_own_reference(kept):
    one, two = kept.put("p", {"a": "1"}), kept.put("p", {"a": "2"})

    assert one != two
    assert (kept.get(one), kept.get(two)) == ({"a": "1"}, {"a": "2"})


def test_a_reference_fits_its_column(kept):
    assert len(kept.put("p" * 64, VALUE, "n" * 1000)) <= 255


def test_under_a_name_the_first_stays(kept):
    first = kept.put("p", {"a": "1"}, "cluster/1")
    second = kept.put("p", {"a": "2"}, "cluster/1")

    assert first == second
    assert kept.get(first) == {"a": "1"}


def test_names_are_a_projects_own(kept):
    one = kept.put("p1", {"a": "1"}, "cluster/1")
    two = kept.put("p2", {"a": "2"}, "cluster/1")
    three = kept.put("p1", {"a": "3"}, "cluster/2")

    assert len({one, two, three}) == 3
    assert kept.get(one) == {"a": "1"}


def test_two_that_put_at_once_agree(kept):
    start = threading.Barrier(4)

    def put(number):
        start.wait(10)
        return kept.put("p", {"a": str(number)}, "cluster/1")

    with futures.ThreadPoolExecutor(4) as threads:
        references = set(threads.map(put, range(4)))

    assert len(references) == 1
    assert kept.get(references.pop())["a"] in "0123"


def test_delete(kept):
    reference = kept.put("p", VALUE, "cluster/1")

    kept.delete(reference)
    kept.delete(reference)

    with pytest.raises(exceptions.NotFound):
        kept.get(reference)
    assert kept.put("p", {"new": "1"}, "cluster/1") == reference
    assert kept.get(reference) == {"new": "1"}


@pytest.mark.parametrize("reference", ["", "no such", "' OR 1=1 --", "x" * 500])
def test_an_unknown_reference(kept, reference):
    with pytest.raises(exceptions.NotFound):
        kept.get(reference)
    kept.delete(reference)


# Safes


@pytest.mark.parametrize("text", ["", "p\u00e4ss \U0001f600 \0", "x" * 10000])
def test_what_is_sealed_is_opened(safe, text):
    sealed = safe.seal("a name", text)

    assert safe.open(sealed) == text
    assert sealed.startswith(safe.prefix)
    assert not text or text not in sealed


def test_each_seal_is_another(safe):
    assert safe.seal("n", "text") != safe.seal("n", "text")


def test_discarding_twice_is_fine(safe):
    sealed = safe.seal("n", "text")

    safe.discard(sealed)
    safe.discard(sealed)


def test_a_safe_does_not_open_what_it_never_had(safe):
    with pytest.raises(exceptions.Permanent) as caught:
        safe.open(f"{safe.prefix}{'a' * 100}")

    assert caught.value.code == "SECRET_UNREADABLE"


# Rows


def _rows(database):
    with database.reader() as transaction:
        return transaction.execute(sa.text("SELECT * FROM secrets")).all()


def test_no_value_is_readable_in_the_database(empty, safe):
    stored(empty, safe).put("p", {"password": "correct horse"}, "cluster/1")

    assert len(_rows(empty)) == 1
    assert "correct" not in str(_rows(empty))
    assert "password" not in str(_rows(empty))


def test_one_secret_does_not_pass_for_another(empty, safe):
    kept = stored(empty, safe)
    one = kept.put("p", {"a": "1"})
    two = kept.put("p", {"a": "2"})
    with empty.writer() as transaction:
        transaction.execute(
            sa.text(
                "UPDATE secrets SET ciphertext ="
                " (SELECT ciphertext FROM secrets WHERE id = :one) WHERE id = :two"
            ),
            {"one": one, "two": two},
        )

    with pytest.raises(exceptions.Permanent) as caught:
        kept.get(two)

    assert caught.value.code == "SECRET_UNREADABLE"


def test_another_key_opens_nothing(empty):
    reference = with_keys(empty, new_key()).put("p", VALUE)

    with pytest.raises(exceptions.Permanent) as caught:
        with_keys(empty, new_key()).get(reference)

    assert caught.value.code == "SECRET_UNREADABLE"
    assert "[secrets] keys" in caught.value.hint


def test_a_new_key_before_the_old_one_opens_all(empty):
    old_key, key = new_key(), new_key()
    old = with_keys(empty, old_key).put("p", VALUE)
    both = with_keys(empty, key, old_key)
    new = both.put("p", {"a": "new"})

    assert both.get(old) == VALUE
    assert both.rotate() == 2

    only_new = with_keys(empty, key)
    assert (only_new.get(old), only_new.get(new)) == (VALUE, {"a": "new"})
    with pytest.raises(exceptions.Permanent):
        with_keys(empty, old_key).get(old)


def test_rotation_moves_all_into_the_key_manager_and_back(empty, manager):
    inside = encrypted.EncryptedSafe([new_key()])
    outside = key_manager.KeyManagerSafe(None, manager)
    reference = stored(empty, inside).put("p", VALUE, "cluster/1")

    moved = stored(empty, outside, inside)
    assert moved.rotate() == 1
    assert len(manager.values) == 1
    assert stored(empty, outside).get(reference) == VALUE
    assert moved.put("p", {"a": "2"}, "cluster/1") == reference

    back = stored(empty, inside, outside)
    assert back.rotate() == 1
    assert manager.values == {}
    assert stored(empty, inside).get(reference) == VALUE


@pytest.mark.parametrize("bad", [[], ["short"], ["\xff\xfe"], ["a" * 44]])
def test_what_is_no_key(bad):
    with pytest.raises(exceptions.Permanent) as caught:
        encrypted.EncryptedSafe(bad)

    assert caught.value.code == "BAD_ENCRYPTION_KEY"


# The key manager


@pytest.fixture
def outside(empty, manager):
    return stored(empty, key_manager.KeyManagerSafe(None, manager))


def test_nothing_is_left_in_the_key_manager(outside, manager):
    reference = outside.put("p", VALUE, "cluster/1")
    outside.put("p", VALUE, "cluster/1")
    (value,) = manager.values.values()
    assert value.name == f"sparkaas/{reference}"

    outside.delete(reference)

    assert manager.values == {}


def test_a_loser_takes_its_secret_back(empty, outside, manager):
    """Two put under one name at once: here the other one comes first."""
    put = manager.store

    def late(context, value):
        manager.store = put
        outside.put("p", {"a": "first"}, "cluster/1")
        return put(context, value)

    manager.store = late
    reference = outside.put("p", {"a": "second"}, "cluster/1")

    assert outside.get(reference) == {"a": "first"}
    assert len(manager.values) == 1


def test_what_the_key_manager_forgets_first_can_still_be_deleted(outside, manager):
    reference = outside.put("p", VALUE)
    manager.values.clear()

    with pytest.raises(exceptions.Permanent):
        outside.get(reference)
    outside.delete(reference)
    with pytest.raises(exceptions.NotFound):
        outside.get(reference)


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (castellan.KeyManagerError(reason="http://barbican: no"), "KEY_MANAGER_AWAY"),
        (castellan.Forbidden(), "KEY_MANAGER_REFUSED"),
    ],
)
def test_a_key_manager_that_does_not_answer(outside, manager, broken, expected):
    reference = outside.put("p", VALUE)
    manager.broken = broken
    for ask in (
        lambda: outside.get(reference),
        lambda: outside.put("p", VALUE),
        lambda: outside.delete(reference),
    ):
        with pytest.raises(exceptions.SparkaasError) as caught:
            ask()
        assert caught.value.code == expected
        assert "http" not in caught.value.message
    again = isinstance(caught.value, exceptions.Transient)
    assert again == (expected == "KEY_MANAGER_AWAY")

    manager.broken = None
    assert outside.get(reference) == VALUE


def test_without_credentials_it_says_what_to_do(empty):
    conf = cfg.ConfigOpts()
    conf([], default_config_files=[], default_config_dirs=[])
    safe = key_manager.KeyManagerSafe(conf)

    with pytest.raises(exceptions.Permanent) as caught:
        stored(empty, safe).put("p", VALUE)

    assert "[key_manager]" in caught.value.hint
