"""New working keys without a gap: both generations for a while, then only the new."""

from __future__ import annotations

import pytest

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.connection import (
    BadRequest,
    DrainReceived,
    KeyChangeDueReceived,
    KeyChangeReceived,
    KeysChanged,
    ProtocolBroken,
    Rejected,
    RequestReceived,
    ResponseReceived,
)
from tigertally_protocol.errors import BadKey, LocalProtocolError
from tigertally_protocol.suites import FieldCipherId, SuiteId
from tigertally_testing.wire import (
    ALL_SETUPS,
    BUSINESS_DAY,
    NOW_MS,
    VERIFIED,
    VERIFY,
    ChannelSetup,
    WirePair,
    drain,
    only,
)

DAY = {"business_day": BUSINESS_DAY, "now_ms": NOW_MS}


@pytest.fixture(params=ALL_SETUPS, ids=lambda s: f"{s.suite.name}-{s.field_cipher.name}")
def pair(request) -> WirePair:
    return WirePair(request.param).sign_on()


def ask_for_keys(pair: WirePair) -> KeyChangeReceived:
    pair.to_server.append(pair.client.key_change(pair.next_serial(), **DAY))
    return only(pair.carry_to_server(), KeyChangeReceived)


def test_requests_under_way_while_keys_change(pair):
    """Asked under the old, answered under the new; asked under the old after the change, too."""
    before = pair.ask_verify()
    asked = ask_for_keys(pair)
    new_keys = pair.server.change_keys(asked.header, pair.setup.working_keys(2), NOW_MS)
    assert new_keys[40:42] == b"\0\1", "itself under the old"
    answer = pair.server.respond(before.header, ResponseCode.APPROVED, VERIFIED, NOW_MS)
    assert answer[40:42] == b"\0\2"

    crossing = pair.request(VERIFY)  # the client hasn't read the new keys yet
    assert crossing[40:42] == b"\0\1"
    pair.to_server.append(crossing)
    assert only(pair.carry_to_server(), RequestReceived).message == VERIFY

    pair.to_client.extend([new_keys, answer])
    changed, got = pair.carry_to_client()
    assert changed == KeysChanged(2)
    assert got.message == VERIFIED
    assert pair.ask_verify().header.key_generation == 2


def test_old_keys_end_with_the_first_frame_under_the_new(pair):
    old = pair.request(VERIFY)
    pair.change_keys()
    pair.to_server.append(pair.request(VERIFY))
    only(pair.carry_to_server(), RequestReceived)
    pair.server.feed(old, NOW_MS)
    (event,) = drain(pair.server)
    assert (event.code, event.fatal) == (ResponseCode.UNKNOWN_GENERATION, False)


def test_old_keys_end_when_the_shell_says_so(pair):
    asked = ask_for_keys(pair)
    new_keys = pair.server.change_keys(asked.header, pair.setup.working_keys(2), NOW_MS)
    slow = pair.request(VERIFY)
    pair.server.expire_old_generation()
    pair.server.feed(slow, NOW_MS)
    (event,) = drain(pair.server)
    assert isinstance(event, Rejected)
    assert event.code is ResponseCode.UNKNOWN_GENERATION
    pair.client.feed(new_keys)
    assert drain(pair.client) == [KeysChanged(2)]
    assert pair.ask_verify().header.key_generation == 2
    pair.server.expire_old_generation()
    assert pair.ask_verify().header.key_generation == 2, "nothing to expire, nothing happens"


def test_many_changes(pair):
    for generation in range(2, 7):
        assert pair.change_keys() == KeysChanged(generation)
        asked = pair.ask_verify()
        assert asked.header.key_generation == generation
        assert pair.answer(asked, ResponseCode.APPROVED, VERIFIED).message == VERIFIED
        assert (pair.server.generation, pair.client.generation) == (generation, generation)


def test_a_second_wish_while_one_is_under_way():
    pair = WirePair().sign_on()
    asked = ask_for_keys(pair)
    with pytest.raises(LocalProtocolError, match="under way"):
        pair.client.key_change(9, **DAY)
    pair.to_client.append(pair.server.key_change_due(1, NOW_MS))
    assert pair.carry_to_client() == [], "not told again"
    pair.server.change_keys(asked.header, pair.setup.working_keys(2), NOW_MS)
    other = WirePair().sign_on()
    other.client.heartbeat(1, **DAY)
    pair.server.feed(other.client.key_change(9, **DAY), NOW_MS)
    (event,) = drain(pair.server)
    assert event == BadRequest(event.header, "key_generation", ResponseCode.IN_PROGRESS)
    with pytest.raises(LocalProtocolError):
        pair.server.change_keys(asked.header, pair.setup.working_keys(3), NOW_MS)


def test_a_refused_change_can_be_asked_again():
    pair = WirePair().sign_on()
    asked = ask_for_keys(pair)
    refusal = pair.server.blank_response(asked.header, ResponseCode.BUSY, now_ms=NOW_MS)
    pair.to_client.append(refusal)
    assert only(pair.carry_to_client(), ResponseReceived).code is ResponseCode.BUSY
    assert pair.change_keys() == KeysChanged(2)


def test_unfit_new_keys_change_nothing():
    pair = WirePair().sign_on()
    asked = ask_for_keys(pair)
    with pytest.raises(BadKey):
        pair.server.change_keys(asked.header, ChannelSetup(SuiteId.GM_CMAC).working_keys(2), NOW_MS)
    pair.to_client.append(pair.server.drain(5, NOW_MS))
    assert pair.carry_to_client() == [DrainReceived(5)]


def test_keys_that_nobody_asked_for():
    pair, twin = WirePair().sign_on(), WirePair().sign_on()
    asked = ask_for_keys(twin)
    pair.client.feed(twin.server.change_keys(asked.header, twin.setup.working_keys(2), NOW_MS))
    (event,) = drain(pair.client)
    assert isinstance(event, ProtocolBroken)
    assert "nobody asked" in event.reason


def test_keys_are_due_after_so_many_frames():
    pair = WirePair(ChannelSetup(SuiteId.LEGACY, FieldCipherId.NONE)).sign_on()
    generation = pair.server._outgoing.generation
    assert generation is not None
    assert not needed(pair)
    generation.frames = 2**20 - 1
    assert not needed(pair)
    asked = pair.ask_verify()
    assert needed(pair)
    pair.to_client.append(pair.server.key_change_due(60_000, NOW_MS))
    assert pair.carry_to_client() == [KeyChangeDueReceived(60_000)]
    assert not needed(pair), "told once"
    pair.answer(asked, ResponseCode.APPROVED, VERIFIED)
    pair.change_keys()
    assert not needed(pair)
    fresh = pair.server._outgoing.generation
    assert fresh is not None
    fresh.frames = 2**20
    assert needed(pair)


def needed(pair: WirePair) -> bool:
    return pair.server.key_change_needed


def test_frames_are_counted_both_ways():
    pair = WirePair().sign_on()
    generation = pair.server._outgoing.generation
    assert generation is not None
    pair.answer(pair.ask_verify(), ResponseCode.APPROVED, VERIFIED)
    assert generation.frames == 2
