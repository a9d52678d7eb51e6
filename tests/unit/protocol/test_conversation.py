"""Whole conversations over a fake wire: sign-on, verify, key change, sign-off; every suite and
field
cipher, both charsets."""

from __future__ import annotations

import pytest

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.connection import (
    ClientState,
    DrainReceived,
    HeartbeatAnswered,
    HeartbeatReceived,
    KeyChangeDueReceived,
    ResponseReceived,
    ServerState,
    SignedOff,
    SignOffReceived,
)
from tigertally_protocol.constants import FLAG_RETRY, FLAG_SEALED
from tigertally_protocol.messages.user import QueryUserRequest, QueryUserResponse
from tigertally_protocol.messages.verification import VerifyOtpResponse
from tigertally_protocol.secret import SecretText
from tigertally_protocol.suites import FieldCipherId
from tigertally_testing.wire import (
    ALL_SETUPS,
    BUSINESS_DAY,
    NOW_MS,
    VERIFIED,
    VERIFY,
    ChannelSetup,
    WirePair,
    only,
)


@pytest.fixture(params=ALL_SETUPS, ids=lambda s: f"{s.suite.name}-{s.field_cipher.name}")
def pair(request: pytest.FixtureRequest) -> WirePair:
    return WirePair(request.param).sign_on()


def test_from_sign_on_to_sign_off(pair):
    sealed = pair.setup.field_cipher is not FieldCipherId.NONE

    asked = pair.ask(VERIFY)
    assert asked.message == VERIFY
    assert asked.header.business_day == BUSINESS_DAY
    assert asked.header.sender_time == NOW_MS
    assert asked.header.budget_ms == 5000
    assert bool(asked.header.flags & FLAG_SEALED) is sealed
    got = pair.answer(asked, ResponseCode.APPROVED, VERIFIED)
    assert got.code is ResponseCode.APPROVED
    assert got.message == VERIFIED
    assert got.header.serial == asked.header.serial

    assert pair.change_keys().generation == 2
    asked = pair.ask(VERIFY, retry=True)
    assert asked.header.key_generation == 2
    assert asked.header.flags & FLAG_RETRY
    assert pair.answer(asked, ResponseCode.WRONG_CODE).message == VerifyOtpResponse()

    frame = pair.client.heartbeat(70, business_day=BUSINESS_DAY, now_ms=NOW_MS)
    pair.to_server.append(frame)
    beat = only(pair.carry_to_server(), HeartbeatReceived)
    pair.to_client.append(pair.server.heartbeat_reply(beat.header, NOW_MS))
    assert only(pair.carry_to_client(), HeartbeatAnswered).header.serial == 70

    open_request = pair.ask(VERIFY)
    frame = pair.client.sign_off(71, business_day=BUSINESS_DAY, now_ms=NOW_MS)
    pair.to_server.append(frame)
    off = only(pair.carry_to_server(), SignOffReceived)
    assert pair.answer(open_request, ResponseCode.APPROVED, VERIFIED).message == VERIFIED
    pair.to_client.append(pair.server.sign_off_reply(off.header, NOW_MS))
    only(pair.carry_to_client(), SignedOff)
    assert pair.client.state is ClientState.CLOSED
    assert pair.server.state is ServerState.LEAVING


def test_secret_block_of_an_answer(pair):
    known = QueryUserResponse(
        user_state=1,
        token_count=1,
        token_1="TK-1",
        name=SecretText("王小明"),
        mobile=SecretText("138"),
    )
    asked = pair.ask(QueryUserRequest("0001", "6222"))
    frame = pair.server.respond(asked.header, ResponseCode.ANSWERED, known, NOW_MS)
    sealed = pair.setup.field_cipher is not FieldCipherId.NONE
    assert ("王小明".encode() in frame) is not sealed
    pair.to_client.append(frame)
    assert only(pair.carry_to_client(), ResponseReceived).message == known


def test_canonical_form_is_the_same_for_every_channel():
    forms = set()
    for setup in ALL_SETUPS:
        for charset in ("utf-8", "gb18030"):
            pair = WirePair(
                ChannelSetup(setup.suite, setup.field_cipher, charset, seed=setup.seed)
            ).sign_on()
            forms.add(pair.ask(VERIFY).canonical)
    assert len(forms) == 1
    assert b"314159" in next(iter(forms))


def test_notices(pair):
    pair.to_client.append(pair.server.drain(9_000, NOW_MS))
    assert only(pair.carry_to_client(), DrainReceived).grace_ms == 9_000
    pair.to_client.append(pair.server.key_change_due(60_000, NOW_MS))
    assert only(pair.carry_to_client(), KeyChangeDueReceived).grace_ms == 60_000
