# SPDX-License-Identifier: Apache-2.0
"""The table of who may change what, row by row."""

import pytest

from sparkaas import context
from sparkaas import exceptions
from sparkaas import model
from sparkaas.service import access

MINE = context.RequestContext(user_id="u", project_id="mine", overwrite=False)


def thing(**fields):
    return model.Resource(
        **{"id": "i", "project_id": "mine", "name": "n", "description": "d"} | fields
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"is_protected": False},
        {"is_protected": False, "name": "m"},
        {"is_public": True},
        {"is_public": True, "name": "n", "description": "d"},
        {"is_public": True, "is_protected": True},
    ],
)
def test_a_protected_object_may(changes):
    access.check_update(MINE, thing(is_protected=True), changes)


@pytest.mark.parametrize(
    "changes",
    [
        None,
        {},
        {"name": "m"},
        {"name": "n"},
        {"is_protected": True},
        {"is_protected": True, "name": "m"},
        {"is_public": True, "name": "m"},
    ],
)
def test_a_protected_object_may_not(changes):
    with pytest.raises(exceptions.UpdateFailed):
        access.check_update(MINE, thing(is_protected=True), changes)


def test_an_unprotected_one_may():
    access.check_update(MINE, thing(), {"name": "m"})
    access.check_update(MINE, thing())
    access.check_delete(MINE, thing())


@pytest.mark.parametrize("public", [False, True])
def test_another_project_s(public):
    theirs = thing(project_id="theirs", is_public=public)
    with pytest.raises(exceptions.UpdateFailed):
        access.check_update(MINE, theirs, {"is_protected": False})
    with pytest.raises(exceptions.DeletionFailed):
        access.check_delete(MINE, theirs)


def test_a_protected_object_is_not_deleted():
    with pytest.raises(exceptions.DeletionFailed):
        access.check_delete(MINE, thing(is_protected=True))
