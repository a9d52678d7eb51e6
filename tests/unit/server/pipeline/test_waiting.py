"""Where requests wait: turns between channels, room by the rate seen."""

from __future__ import annotations

from collections import Counter, deque
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_server.pipeline.waiting import BESIDE, GREED, PERIOD_MS, ROOM_MIN, WaitingRoom


def one(channel_id: int, number: int = 0, deadline_ms: int = 10**9) -> Any:
    """What the room looks at of a pending request."""
    channel = SimpleNamespace(id=channel_id)
    return SimpleNamespace(
        request=SimpleNamespace(channel=channel, serial=number, deadline_ms=deadline_ms)
    )


def filled(**lanes: int) -> WaitingRoom:
    """filled(c1=40, c2=3): so many of channels 1 and 2, the first channel's first."""
    room = WaitingRoom(10_000, 0)
    for name, number in lanes.items():
        assert all(room.admit(one(int(name[1:]), n)) for n in range(number))
    return room


def channels(pendings: list[Any]) -> Counter[int]:
    return Counter(pending.request.channel.id for pending in pendings)


# ---------------------------------------------------------------- turns


def test_one_channel_alone_comes_in_order_and_gets_whole_batches():
    room = filled(c1=10)
    taken = [p.request.serial for p in room.take(7)] + [p.request.serial for p in room.take(7)]
    assert taken == list(range(10))
    assert len(room) == 0


def test_a_flooding_channel_delays_another_by_no_batch():
    room = filled(c1=5_000, c2=3)
    assert channels(room.take(256)) == {1: 253, 2: 3}


@pytest.mark.parametrize(
    ("lanes", "size"),
    [
        ({"c1": 5_000}, 256),
        ({"c1": 5_000, "c2": 3}, BESIDE),
        ({"c1": 5_000, "c2": 128}, BESIDE),
        ({"c1": 5_000, "c2": 129}, 256),
        ({"c1": 200, "c2": 30}, 256),
        ({"c1": 3_000, "c2": 3_000, "c3": 1}, BESIDE),
    ],
    ids=str,
)
def test_a_batch_is_short_while_a_modest_channel_waits_beside_a_flooding_one(lanes, size):
    assert filled(**lanes).batch(256) == size


def test_a_batch_is_never_larger_than_asked_for():
    assert filled(c1=500, c2=1).batch(16) == 16


def test_shares_are_equal_and_what_one_does_not_use_goes_to_others():
    room = filled(c1=1_000, c2=1_000, c3=10)
    first = channels(room.take(90))
    assert first[3] == 10
    assert first[1] + first[2] == 80
    assert min(first[1], first[2]) >= 30


def test_over_several_batches_busy_channels_get_the_same():
    room = filled(c1=3_000, c2=3_000, c3=3_000)
    served: Counter[int] = Counter()
    for _ in range(10):
        served += channels(room.take(100))
    assert max(served.values()) - min(served.values()) <= 10


def test_with_more_channels_than_places_in_a_batch_each_gets_its_turn():
    room = WaitingRoom(10_000, 0)
    for channel_id in range(1, 21):
        for _ in range(5):
            room.admit(one(channel_id))
    served = channels([p for _ in range(5) for p in room.take(4)])
    assert served == Counter(dict.fromkeys(range(1, 21), 1))


def test_what_was_taken_in_vain_comes_first_again():
    room = filled(c1=5, c2=5)
    batch = room.take(6)
    room.put_back(batch)
    assert len(room) == 10
    again = room.take(10)
    for channel_id in (1, 2):
        mine = [p.request.serial for p in again if p.request.channel.id == channel_id]
        assert mine == list(range(5))


def test_expired_ones_are_taken_out_wherever_they_stand():
    room = WaitingRoom(100, 0)
    for number in range(12):
        room.admit(one(1 + number % 3, number, deadline_ms=number))
    gone = room.remove(lambda pending: pending.request.deadline_ms % 2 == 0)
    assert sorted(p.request.serial for p in gone) == [0, 2, 4, 6, 8, 10]
    assert len(room) == 6
    assert sorted(p.request.serial for p in room.take(100)) == [1, 3, 5, 7, 9, 11]
    assert room.take(1) == []


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("admit"), st.integers(1, 4)),
        st.tuples(st.just("take"), st.integers(1, 9)),
        st.tuples(st.just("back"), st.integers(1, 9)),
        st.tuples(st.just("remove"), st.integers(2, 5)),
    ),
    max_size=120,
)


def _divides(number, pending):
    return pending.request.serial % number == 0


@given(STEPS)
def test_nothing_is_lost_doubled_or_overtaken_within_its_channel(steps):
    """Against a model that keeps one plain queue per channel."""
    room, number = WaitingRoom(40, 0), 0
    model: dict[int, deque[int]] = {c: deque() for c in range(1, 5)}
    for step, amount in steps:
        if step == "admit":
            before = len(room)
            if room.admit(one(amount, number)):
                model[amount].append(number)
            else:
                assert before >= 40 * GREED // (GREED + 1) - 4 or len(model[amount]) > 0
            number += 1
        elif step in ("take", "back"):
            waiting = len(room)
            taken = room.take(amount)
            assert len(taken) == min(amount, waiting)
            heads = {c: list(lane) for c, lane in model.items()}
            for pending in taken:
                assert heads[pending.request.channel.id].pop(0) == pending.request.serial
            if step == "back":
                room.put_back(taken)
            else:
                model = {c: deque(lane) for c, lane in heads.items()}
        else:
            room.remove(partial(_divides, amount))
            model = {c: deque(s for s in lane if s % amount) for c, lane in model.items()}
        assert len(room) == sum(map(len, model.values())) <= 40
        for channel_id, lane in model.items():
            assert room.waiting_of(channel_id) == len(lane)


# ---------------------------------------------------------------- room


def crowd(room: WaitingRoom, channel_id: int, number: int) -> int:
    """So many come; how many were taken."""
    return sum(room.admit(one(channel_id)) for _ in range(number))


def busy(room: WaitingRoom, per_ms: int, periods: int, *, start_ms: int = 0) -> int:
    """Never short of work for so many periods, decided at `per_ms`. Returns the time after it."""
    now = start_ms
    for _ in range(periods * PERIOD_MS // 10 + 2):
        crowd(room, 1, 20 * per_ms)
        room.served(len(room.take(10 * per_ms)), now)
        now += 10
    return now


def test_no_channel_takes_all_the_room():
    room = WaitingRoom(1_000, 0)
    assert crowd(room, 1, 5_000) == 1_000 * GREED // (GREED + 1)
    assert crowd(room, 2, 50) == 50
    assert crowd(room, 1, 50) == 0, "the first lane may not grow into what is left for others"


def test_all_together_never_exceed_the_places():
    room = WaitingRoom(100, 0)
    for channel_id in range(1, 500):
        crowd(room, channel_id, 100)
    assert len(room) == 100
    assert not room.has_room(7)


def test_room_is_what_can_be_decided_in_time():
    room = WaitingRoom(20_000, 500)
    busy(room, per_ms=4, periods=3)
    assert room.rate_per_s == pytest.approx(4_000, rel=0.1)
    assert room.room == pytest.approx(2_000, rel=0.1)
    assert crowd(room, 1, 10_000) + len(room) > 0
    assert len(room) <= room.room


def test_a_rate_that_falls_takes_the_room_along_and_gives_it_back():
    room = WaitingRoom(20_000, 500)
    now = busy(room, per_ms=10, periods=10)
    wide = room.room
    now = busy(room, per_ms=2, periods=20, start_ms=now)
    narrow = room.room
    busy(room, per_ms=10, periods=20, start_ms=now)
    assert narrow < wide / 3
    assert room.room == pytest.approx(wide, rel=0.1)


def test_little_traffic_says_nothing_about_what_could_be_done():
    room = WaitingRoom(20_000, 500)
    for second in range(60):
        crowd(room, 1, 3)
        room.served(len(room.take(256)), second * 1_000)
    assert room.rate_per_s == 0
    assert room.room == 20_000


def test_there_is_always_room_for_two_large_batches():
    room = WaitingRoom(20_000, 50)
    now = 0
    for _ in range(100):
        crowd(room, 1, 2_000)
        room.served(len(room.take(10)), now)
        now += 1_000
    assert 0 < room.rate_per_s < 100
    assert room.room == ROOM_MIN


def test_a_database_that_was_away_may_be_quicker_or_slower_than_before():
    room = WaitingRoom(20_000, 500)
    busy(room, per_ms=2, periods=3)
    assert room.room < 20_000
    room.forget_rate()
    assert room.room == 20_000


def test_without_a_wait_only_the_places_count():
    room = WaitingRoom(20_000, 0)
    busy(room, per_ms=2, periods=3)
    assert room.room == 20_000
