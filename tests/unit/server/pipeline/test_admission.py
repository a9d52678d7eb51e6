"""What is refused before any work is done for it, and in which order."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from tigertally_protocol.codes import CODES, ResponseCode
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.channel import Channel, ChannelState
from tigertally_server.pipeline.admission import Asked, refuse
from tigertally_server.pipeline.limits import (
    Board,
    ChannelLoad,
    Loads,
    RateLimit,
    board_bytes,
    clear_row,
)

C = ResponseCode
CHANNEL = Channel(id=1, name="ebank", institution="0001", suite=1, field_cipher=0, in_flight=10)
ASKED = Asked(
    transaction=Transaction.VERIFY_OTP,
    serial=1,
    business_day=20_000,
    institution="",
    today=20_000,
    now_ms=1_000,
    monotonic_ms=0,
    session_in_flight=0,
    session_in_flight_limit=5,
    draining=False,
    address_admitted=True,
)

CASES = [
    # channel changes                          asked changes                     refusal
    ({}, {}, None),
    ({"state": ChannelState.DISABLED}, {}, C.CHANNEL_DISABLED),
    ({"valid_from_ms": 1_001}, {}, C.CHANNEL_NOT_VALID),
    ({"valid_to_ms": 1_000}, {}, C.CHANNEL_NOT_VALID),
    ({"valid_from_ms": 1_000, "valid_to_ms": 1_001}, {}, None),
    ({}, {"address_admitted": False}, C.ADDRESS_NOT_PERMITTED),
    ({"transactions": (Transaction.QUERY_USER,)}, {}, C.TRANSACTION_NOT_PERMITTED),
    ({"transactions": (Transaction.VERIFY_OTP,)}, {}, None),
    (
        {},
        {"transaction": 0x7101},
        None,
    ),  # the wire has no such transaction: the registry refuses it
    ({}, {"institution": "0001"}, None),
    ({}, {"institution": "0002"}, C.INSTITUTION_NOT_PERMITTED),
    ({}, {"serial": 0}, C.BAD_SERIAL),
    ({}, {"serial": 2**63}, C.BAD_SERIAL),
    ({}, {"serial": 2**63 - 1}, None),
    ({}, {"business_day": 19_999}, None),
    ({}, {"business_day": 20_001}, None),
    ({}, {"business_day": 19_998}, C.BAD_BUSINESS_DAY),
    ({}, {"business_day": 20_002}, C.BAD_BUSINESS_DAY),
    ({}, {"draining": True}, C.DRAINING),
    ({}, {"session_in_flight": 5}, C.BUSY),
    ({"state": ChannelState.DISABLED}, {"serial": 0, "draining": True}, C.CHANNEL_DISABLED),
]


@pytest.mark.parametrize(("channel", "asked", "refusal"), CASES)
def test_refusals(channel, asked, refusal):
    outcome = refuse(replace(CHANNEL, **channel), ChannelLoad(0), ASKED._replace(**asked))
    assert (None if outcome is None else outcome.code) is refusal
    if outcome is not None:
        assert not CODES[outcome.code].recorded


def test_no_channel_is_a_disabled_one():
    outcome = refuse(None, ChannelLoad(0), ASKED)
    assert outcome is not None
    assert outcome.code is C.CHANNEL_DISABLED


def test_channel_wide_in_flight_limit():
    load = ChannelLoad(0)
    load.count_in_flight(10)
    outcome = refuse(CHANNEL, load, ASKED)
    assert outcome is not None
    assert (outcome.code, outcome.retry_after_ms > 0) == (C.BUSY, True)


def test_a_refused_request_takes_no_token_of_the_rate():
    load = ChannelLoad(1)
    for _ in range(5):
        assert refuse(CHANNEL, load, ASKED._replace(serial=0)) is not None
    assert refuse(CHANNEL, load, ASKED) is None


def test_rate_limit_allows_its_rate_and_says_when_to_come_again():
    limit = RateLimit(10)
    assert [limit.take(0) for _ in range(10)] == [0] * 10
    wait = limit.take(0)
    assert wait == 100
    assert limit.take(wait) == 0
    assert limit.take(wait) > 0


@pytest.mark.parametrize("rate", [1, 7, 1000])
def test_rate_over_a_long_time_is_the_rate(rate):
    limit = RateLimit(rate)
    allowed = sum(limit.take(ms) == 0 for ms in range(10_000) for _ in range(3))
    assert rate * 10 <= allowed <= rate * 11 + 1


def test_no_rate_is_no_limit():
    limit = RateLimit(0)
    assert all(limit.take(0) == 0 for _ in range(10_000))


def test_a_changed_rate_is_adopted():
    load = ChannelLoad(1)
    load.adopt(1)
    kept = load.rate
    load.adopt(2)
    assert load.rate is not kept
    assert load.rate.rate_per_s == 2


@pytest.mark.parametrize(
    ("addresses", "peer", "admitted"),
    [
        ((), "203.0.113.9", True),
        (("10.0.0.0/8",), "10.1.2.3", True),
        (("10.0.0.0/8",), "11.1.2.3", False),
        (("10.0.0.5",), "10.0.0.5", True),
        (("10.0.0.0/8", "2001:db8::/32"), "2001:db8::1", True),
        (("10.0.0.0/8",), "2001:db8::1", False),
        (("10.0.0.0/8",), "not an address", False),
    ],
)
def test_address_lists(addresses, peer, admitted):
    assert replace(CHANNEL, addresses=addresses).admits_address(peer) is admitted


@pytest.fixture
def boards():
    """Those of three workers, and what clears a row."""
    descriptor = os.memfd_create("board")
    os.ftruncate(descriptor, board_bytes(3))
    yield [Board(descriptor, 3, own) for own in range(3)], lambda row: clear_row(descriptor, 3, row)
    os.close(descriptor)


def test_workers_share_a_channel_s_counts(boards):
    (one, two, three), clear = boards
    loads = [Loads(board).of(7, 0) for board in (one, two, three)]
    loads[0].count_in_flight(6)
    loads[1].count_in_flight(4)
    loads[1].count_connections(2)
    assert [load.in_flight for load in loads] == [10, 10, 10]
    assert [load.own_in_flight for load in loads] == [6, 4, 0]
    assert [load.connections for load in loads] == [2, 2, 2]
    assert Loads(one).of(8, 0).in_flight == 0
    refused = refuse(CHANNEL, loads[2], ASKED)
    assert refused is not None
    assert refused.code is C.BUSY
    clear(1)
    assert [load.in_flight for load in loads] == [6, 6, 6]
    assert [load.connections for load in loads] == [0, 0, 0]


@pytest.mark.parametrize("rate", [7, 100])
def test_workers_share_a_channel_s_rate(boards, rate):
    limits = [Loads(board).of(7, rate).rate for board in boards[0]]
    allowed = sum(limit.take(ms) == 0 for ms in range(10_000) for limit in limits)
    assert rate * 10 <= allowed <= rate * 11 + 3


def test_a_worker_that_goes_gives_nobody_tokens(boards):
    limits = [Loads(board).of(7, 10).rate for board in boards[0]]
    assert [limits[0].take(0) for _ in range(10)] == [0] * 10
    assert limits[1].take(0) > 0
    boards[1](0)
    assert limits[1].take(0) > 0


def test_a_worker_that_comes_begins_with_little(boards):
    first = Loads(boards[0][0]).of(7, 10).rate
    assert [first.take(0) for _ in range(10)] == [0] * 10
    late = Loads(boards[0][1]).of(7, 10).rate
    assert late.take(0) == 0
    assert late.take(0) > 0
