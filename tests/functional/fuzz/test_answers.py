# SPDX-License-Identifier: Apache-2.0
"""Every request of every served OpenAPI document: what fits it, and what does not.

The same cases in every run. ``SPARKAAS_FUZZ=500`` makes that many of each kind by
chance instead, others in each run.
"""

import itertools
import os

import hypothesis
import pytest
import schemathesis
from hypothesis import strategies as st

from tests.functional.fuzz import asking
from tests.functional.fuzz import ground as grounds

pytestmark = pytest.mark.slow

_LONG = int(os.environ.get("SPARKAAS_FUZZ", "0"))
_BY_CHANCE = hypothesis.settings(
    max_examples=_LONG or 8,
    derandomize=not _LONG,
    database=None,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    print_blob=True,
)

REQUESTS = [
    pytest.param(document, label, id=f"{document.name} {label}")
    for document in asking.DOCUMENTS
    for label in document.labels
]
each_request = pytest.mark.parametrize(("document", "label"), REQUESTS)
each_request_that_takes_something = pytest.mark.parametrize(
    ("document", "label"),
    [param for param in REQUESTS if param.values[0].takes(param.values[1])],
)


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    with grounds.Ground(tmp_path_factory.mktemp("ground")) as ground:
        yield ground


def _in_turn():
    """Chooses the first, the second ..."""
    turns = itertools.count()
    return lambda values: values[next(turns) % len(values)]


@each_request
def test_the_bounds_of_what_it_takes(ground, document, label):
    """Each value at and just beyond each bound, everything else being right."""
    choose = _in_turn()
    wrong = []
    made = 0
    for case in document.bounds(label, *schemathesis.GenerationMode):
        made += 1
        asking.make_real(ground, document, case, choose)
        wrong += asking.hold(ground, document, case)
    assert made
    assert not wrong, "\n\n".join(wrong[:10])


@each_request
def test_what_it_takes(ground, document, label):
    _by_chance(ground, document, label, schemathesis.GenerationMode.POSITIVE)


@each_request_that_takes_something
def test_what_it_does_not_take(ground, document, label):
    _by_chance(ground, document, label, schemathesis.GenerationMode.NEGATIVE)


def _by_chance(ground, document, label, mode):
    @_BY_CHANCE
    @hypothesis.given(
        document.operations[label].as_strategy(generation_mode=mode), st.data()
    )
    def check(case, data):
        asking.make_real(
            ground, document, case, lambda v: data.draw(st.sampled_from(v))
        )
        wrong = asking.hold(ground, document, case)
        assert not wrong, "\n\n".join(wrong)

    check()


@pytest.mark.parametrize(
    "label", ["POST /clusters", "PUT /clusters/{id}", "PATCH /clusters/{id}"]
)
def test_what_it_takes_can_be_done(tmp_path, label):
    """By a conductor: many clusters at once; what one is to become, one by one."""
    document = asking.DOCUMENTS[-1]
    taken = 0
    with grounds.Ground(tmp_path) as ground:
        for case in document.bounds(label, schemathesis.GenerationMode.POSITIVE):
            asking.make_real(ground, document, case, lambda values: values[0])
            if asking.make_small(case, f"n{taken}"):
                answer = case.call(app=ground.application, headers=document.headers)
                taken += answer.status_code == 202
                if answer.status_code == 202 and case.method != "POST":
                    assert not ground.settle(), case.body
        assert taken > 1
        assert not ground.settle()
        assert not ground.lists()
