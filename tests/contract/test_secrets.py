# SPDX-License-Identifier: Apache-2.0
"""What every ``interfaces.Secrets`` does."""

import threading
from concurrent import futures

import pytest
import sqlalchemy as sa
from cryptography import fernet

from sparkaas import exceptions
from sparkaas.db import migration
from sparkaas.db import secrets
from sparkaas.db import session
from sparkaas.testing import keeping

VALUE = {"password": "p\u00e4ss \U0001f600 \"'\\", "user": ""}


@pytest.fixture(scope="module")
def database():
    db = session.Database("sqlite://")
    migration.upgrade(db)
    yield db
    db.dispose()


@pytest.fixture
def key():
    return fernet.Fernet.generate_key()


@pytest.fixture
def database_secrets(database, key):
    with database.writer() as transaction:
        transaction.execute(sa.text("DELETE FROM secrets"))
    return secrets.DatabaseSecrets(database, key)


@pytest.fixture(params=["DatabaseSecrets", "FakeSecrets"])
def kept(request):
    if request.param == "FakeSecrets":
        return keeping.FakeSecrets()
    return request.getfixturevalue("database_secrets")


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


# What only the database's do.


def _rows(database):
    with database.reader() as transaction:
        return transaction.execute(sa.text("SELECT * FROM secrets")).all()


def test_no_value_is_readable_in_the_database(database, database_secrets):
    database_secrets.put("p", {"password": "correct horse"}, "cluster/1")

    assert "correct" not in str(_rows(database))
    assert "password" not in str(_rows(database))


def test_another_key_opens_nothing(database, database_secrets):
    reference = database_secrets.put("p", VALUE)
    other = secrets.DatabaseSecrets(database, fernet.Fernet.generate_key())

    with pytest.raises(exceptions.Permanent) as caught:
        other.get(reference)

    assert caught.value.code == "SECRET_UNREADABLE"
    assert "encryption_key_file" in caught.value.hint


def test_a_new_key_before_the_old_one_opens_all(database, database_secrets, key):
    old = database_secrets.put("p", VALUE)
    new_key = fernet.Fernet.generate_key()
    both = secrets.DatabaseSecrets(database, new_key + b"\n" + key + b"\n")
    new = both.put("p", {"a": "new"})

    assert both.get(old) == VALUE
    assert both.rotate() == 2

    only_new = secrets.DatabaseSecrets(database, new_key)
    assert (only_new.get(old), only_new.get(new)) == (VALUE, {"a": "new"})
    with pytest.raises(exceptions.Permanent):
        database_secrets.get(old)


def test_one_secret_does_not_pass_for_another(database, database_secrets):
    one = database_secrets.put("p", {"a": "1"})
    two = database_secrets.put("p", {"a": "2"})
    with database.writer() as transaction:
        transaction.execute(
            sa.text(
                "UPDATE secrets SET ciphertext ="
                " (SELECT ciphertext FROM secrets WHERE id = :one) WHERE id = :two"
            ),
            {"one": one, "two": two},
        )

    with pytest.raises(exceptions.Permanent) as caught:
        database_secrets.get(two)

    assert caught.value.code == "SECRET_UNREADABLE"


@pytest.mark.parametrize("bad", [b"", b"short", b"\xff\xfe", b"a" * 44])
def test_what_is_no_key(database, bad):
    with pytest.raises(exceptions.Permanent) as caught:
        secrets.DatabaseSecrets(database, bad)

    assert caught.value.code == "BAD_ENCRYPTION_KEY"
