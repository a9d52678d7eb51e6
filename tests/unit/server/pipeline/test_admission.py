"""What is refused before any work is done for it, and in which order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tigertally_protocol.codes import CODES, ResponseCode
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.channel import Channel, ChannelState
from tigertally_server.pipeline.admission import Asked, refuse
from tigertally_server.pipeline.limits import ChannelLoad, RateLimit

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
    load.in_flight = 10
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
