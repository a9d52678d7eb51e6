"""A long batch lets others have a turn between its slices; whatever they do, it is one batch."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tigertally_protocol.codes import ResponseCode as C
from tigertally_server.domain.administration import PutTokenType
from tigertally_server.services.unit_of_work import SLICE, UnitOfWork
from tigertally_testing.bank import Bank, memory_installation

CROWD = 3 * SLICE + 1


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    return Bank(store, context, clock, entropy)


@pytest.fixture
def pauses(bank):
    """How often others had their turn; what is put in is done in the first of them."""
    acts: list[Callable[[], None]] = []

    class Pauses:
        count = 0
        do = acts.append

    async def breathe():
        Pauses.count += 1
        if acts:
            acts.pop()()

    bank.unit = UnitOfWork(bank.store, bank.context, 0, breathe)
    return Pauses


def crowd(bank, clock, number):
    held = [bank.customer_with_token(n) for n in range(1, number + 1)]
    return [bank.verification(each, each.code(clock.now_ms())) for each in held]


@pytest.mark.parametrize(("number", "expected"), [(1, 0), (SLICE, 0), (SLICE + 1, 1), (CROWD, 3)])
def test_others_have_a_turn_after_each_slice_and_none_for_a_short_batch(
    bank, clock, pauses, number, expected
):
    requests = crowd(bank, clock, number)
    pauses.count, commits = 0, bank.store.commits
    assert {outcome.code for outcome in bank.run(*requests)} == {C.APPROVED}
    assert pauses.count == expected
    assert bank.store.commits == commits + 1


def test_a_second_use_of_a_code_is_seen_across_slices(bank, clock, pauses):
    requests = crowd(bank, clock, CROWD)
    outcomes = bank.run(*requests, requests[0])
    assert outcomes[-1] == outcomes[0]
    assert pauses.count == CROWD // SLICE


def test_a_configuration_that_changes_between_slices_is_in_force_for_the_whole_batch(
    bank, clock, pauses
):
    requests = crowd(bank, clock, CROWD)
    operator = UnitOfWork(bank.store, bank.context, 1)

    def change():
        bank.store.lock.release()
        own, bank.unit = bank.unit, operator
        bank.operate(PutTokenType("totp-6", '{"algorithm": "totp", "digits": 8}'))
        bank.unit = own
        bank.reload()
        bank.store.lock.acquire()

    pauses.do(change)
    assert {outcome.code for outcome in bank.run(*requests)} == {C.WRONG_CODE}
    assert bank.unit.conflicts == 1


@pytest.mark.parametrize(("number", "turns"), [(1, 0), (SLICE, 0), (SLICE + 1, 1), (CROWD, 1)])
def test_a_long_batch_is_decided_in_a_turn_of_its_own(bank, clock, number, turns):
    """One turn for all its slices; a short batch waits for nobody."""
    entered = []

    class Turn:
        async def __aenter__(self):
            entered.append("in")

        async def __aexit__(self, *problem):
            entered.append("out")

    async def breathe():
        assert entered == ["in"]

    requests = crowd(bank, clock, number)
    bank.unit = UnitOfWork(bank.store, bank.context, 0, breathe, Turn())
    bank.run(*requests)
    assert entered == ["in", "out"] * turns
