"""What a unit of work says and does when the database goes away in the middle of it."""

from __future__ import annotations

import msgspec
import pytest

from tigertally_protocol.codes import ResponseCode
from tigertally_server.services.request import Phase
from tigertally_server.services.sessions import UnrecordedSummary
from tigertally_server.services.table import SUMMARY_NOTE
from tigertally_server.store.port import BadData, StoreUnavailable
from tigertally_testing.bank import Bank, memory_installation


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    return Bank(store, context, clock, entropy)


def test_note_of_a_lost_commit_is_not_written_twice(bank):
    """Or its whole batch would run into its own entry until the note's deadline."""
    note = bank.request(SUMMARY_NOTE, UnrecordedSummary(0, {"BUSY": 1}), phase=Phase.SUMMARY)
    bank.store.fail_next("committed", StoreUnavailable("lost", maybe_committed=True))
    with pytest.raises(StoreUnavailable):
        bank.run(note)
    size = len(bank.store.log(0))
    (again,) = bank.run(note)
    assert (again.code, again.seq) == (ResponseCode.CHANGED, size - 1)
    assert len(bank.store.log(0)) == size
    assert bank.unit.conflicts == 0


def test_note_and_request_of_one_serial_are_two_things(bank, clock):
    held = bank.customer_with_token(1)
    request = bank.verification(held, held.code(clock.now_ms()))
    note = bank.request(
        SUMMARY_NOTE, UnrecordedSummary(0, {}), serial=request.serial, phase=Phase.SUMMARY
    )
    codes = [bank.run(each)[0].code for each in (note, request, note, request)]
    assert codes == [ResponseCode.CHANGED, ResponseCode.APPROVED] * 2


def test_half_a_batch_committed_is_not_nothing_committed(bank, clock):
    """A batch run in halves: the first stands when the database goes away in the second."""
    held = bank.customer_with_token(1)
    first = bank.verification(held, held.code(clock.now_ms()))
    second = bank.verification(held, "000000")
    poisoned = msgspec.structs.replace(
        second, message=msgspec.structs.replace(second.message, reference="\0")
    )
    bank.store.faults.append(_after_commits(bank.store, bank.store.commits + 1))
    with pytest.raises(StoreUnavailable) as caught:
        bank.run(first, poisoned)
    assert caught.value.maybe_committed
    bank.store.faults.clear()
    assert bank.run(first)[0].code is ResponseCode.APPROVED
    assert len([e for e in bank.store.log(0) if e.entry.serial == first.serial]) == 1


def _after_commits(store, count):
    """No transaction begins once so many are committed."""
    return lambda step: (
        StoreUnavailable("gone") if step == "begin" and store.commits >= count else None
    )


def test_value_that_is_refused_costs_only_its_own_request(bank, clock):
    held = bank.customer_with_token(1)
    good = bank.verification(held, held.code(clock.now_ms()))
    bad = bank.verification(held, "000000")
    bank.store.faults.append(_refuse_first(bank.store))
    outcomes = bank.run(good, bad)
    assert [o.code for o in outcomes] == [ResponseCode.APPROVED, ResponseCode.WRONG_CODE]


def _refuse_first(store):
    """The first save is refused, as if it held a bad value."""
    seen: list[str] = []

    def fault(step):
        if step == "save" and not seen:
            seen.append(step)
            return BadData("refused")
        return None

    return fault
