"""The counts of unrecorded answers reach the log, whatever happens on their way."""

from __future__ import annotations

import pytest

from tigertally_protocol.codes import ResponseCode
from tigertally_server.domain.calendar import BusinessCalendar
from tigertally_server.domain.channel import HOUSE
from tigertally_server.pipeline.summaries import BUDGET_MS, Summaries
from tigertally_server.pipeline.tally import Tally
from tigertally_server.services.request import Outcome
from tigertally_testing.bank import ZONE, Bank, memory_installation

C = ResponseCode


class Door:
    """A runner's door: takes `room` notes and answers none."""

    def __init__(self):
        self.room = 10
        self.taken = []

    def submit(self, pending):
        if len(self.taken) >= self.room:
            return False
        self.taken.append(pending)
        return True


@pytest.fixture
def door():
    return Door()


@pytest.fixture
def tally():
    return Tally()


@pytest.fixture
def summaries(tally, door, clock, entropy):
    store, context = memory_installation(entropy)
    Bank(store, context, clock, entropy).add_channel(7)
    return Summaries(tally, door, context, clock, entropy, BusinessCalendar(ZONE))


def test_a_minute_that_is_over_becomes_one_note_per_channel(summaries, tally, door, clock):
    for channel in (7, 7, 0):
        tally.count(channel, C.BUSY, clock.now_ms())
    summaries.submit()
    assert door.taken == []
    clock.advance(60_000)
    summaries.submit()
    requests = [pending.request for pending in door.taken]
    assert [(r.channel.id, r.message.counts) for r in requests] == [
        (7, {"BUSY": 2}),
        (0, {"BUSY": 1}),
    ]
    assert requests[1].channel is HOUSE


@pytest.mark.parametrize("code", [C.UNAVAILABLE, C.DEADLINE_EXPIRED, C.OUTCOME_UNKNOWN])
def test_a_note_that_expired_is_handed_in_again_under_its_serial(
    summaries, tally, door, clock, code
):
    tally.count(7, C.UNAVAILABLE, clock.now_ms())
    summaries.submit(everything=True)
    clock.advance(BUDGET_MS + 1)
    summaries.complete(door.taken[0], Outcome(code))
    summaries.submit()
    first, again = (pending.request for pending in door.taken)
    assert (again.serial, again.message, again.key) == (first.serial, first.message, first.key)
    assert again.deadline_ms == clock.monotonic_ms() + BUDGET_MS


@pytest.mark.parametrize("code", [C.CHANGED, C.INTERNAL])
def test_a_note_that_was_written_or_refused_for_good_is_done(summaries, tally, door, clock, code):
    tally.count(7, C.BUSY, clock.now_ms())
    summaries.submit(everything=True)
    summaries.complete(door.taken[0], Outcome(code))
    summaries.submit(everything=True)
    assert len(door.taken) == 1


def test_a_note_that_finds_the_queue_full_waits(summaries, tally, door, clock):
    door.room = 0
    tally.count(7, C.BUSY, clock.now_ms())
    summaries.submit(everything=True)
    door.room = 1
    summaries.submit()
    assert [pending.request.message.counts for pending in door.taken] == [{"BUSY": 1}]
