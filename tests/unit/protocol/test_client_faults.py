"""What a client's connection does with a server that is wrong, forged or not there."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.connection import (
    ClientConnection,
    ClientState,
    HeartbeatReceived,
    ProtocolBroken,
    RejectReceived,
    ResponseReceived,
)
from tigertally_protocol.constants import MAC_LENGTH
from tigertally_protocol.errors import BadField, BadKey, LocalProtocolError
from tigertally_protocol.header import decode_header, encode_header
from tigertally_protocol.mac import MacKey
from tigertally_protocol.messages.user import QueryUserRequest
from tigertally_protocol.suites import SUITES, FieldCipherId, SuiteId
from tigertally_testing.wire import (
    ALL_SETUPS,
    BUSINESS_DAY,
    NOW_MS,
    VERIFIED,
    ChannelSetup,
    WirePair,
    drain,
    only,
)

C = ResponseCode


def with_header(pair: WirePair, frame: bytes, **changes: int) -> bytes:
    """A server's frame with a changed header and a good MAC: what only the server can make."""
    header = msgspec.structs.replace(decode_header(frame), **changes)
    data = encode_header(header) + frame[64:-MAC_LENGTH]
    key = MacKey(SUITES[pair.setup.suite].mac, pair.setup.working_keys(1).mac_response)
    return data + key.tag(data)


def client_says(pair: WirePair, frame: bytes) -> list[Any]:
    pair.client.feed(frame)
    return drain(pair.client)


def broken(pair: WirePair, frame: bytes) -> str:
    """Feed `frame`; the connection must be over, with a reason."""
    (event,) = client_says(pair, frame)
    assert isinstance(event, ProtocolBroken)
    assert pair.client.state is ClientState.CLOSED
    assert client_says(pair, frame) == []
    return event.reason


def answered(setup: ChannelSetup | None = None) -> tuple[WirePair, bytes]:
    pair = WirePair(setup).sign_on()
    asked = pair.ask_verify()
    return pair, pair.server.respond(asked.header, C.APPROVED, VERIFIED, NOW_MS)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"session_id": 5}, "BAD_SESSION"),
        ({"channel_id": 8}, "UNKNOWN_CHANNEL"),
        ({"suite": 2}, "SUITE_MISMATCH"),
        ({"field_cipher": 1}, "SUITE_MISMATCH"),
        ({"key_generation": 2}, "UNKNOWN_GENERATION"),
        ({"sequence": 2}, "BAD_SEQUENCE"),
        ({"return_code": 99}, "unknown code"),
    ],
)
def test_answer_that_does_not_fit(changes, reason):
    pair, frame = answered()
    assert reason in broken(pair, with_header(pair, frame, **changes))


def test_forged_answer():
    pair, frame = answered()
    assert "BAD_MAC" in broken(pair, frame[:-1] + bytes([frame[-1] ^ 1]))


def test_replayed_answer():
    pair, frame = answered()
    only(client_says(pair, frame), ResponseReceived)
    assert "BAD_SEQUENCE" in broken(pair, frame)


def test_own_request_reflected():
    pair = WirePair().sign_on()
    assert "BAD_HEADER" in broken(pair, pair.client.heartbeat(5, business_day=1, now_ms=1))


def test_answer_with_a_bad_field():
    pair, frame = answered()
    bad = frame[:64] + b"\0" + frame[65:]
    assert broken(pair, with_header(pair, bad)) == "bad field from the server: detail"


def test_answer_unsealed_where_agreed():
    pair = WirePair(ChannelSetup(SuiteId.GM_CMAC, FieldCipherId.SM4_GCM)).sign_on()
    asked = pair.ask(QueryUserRequest("0001", "c"))
    frame = pair.server.respond(asked.header, C.ANSWERED, None, NOW_MS)
    assert "sealing" in broken(pair, with_header(pair, frame, flags=0))


def test_notice_with_a_serial():
    pair = WirePair().sign_on()
    frame = pair.server.drain(1, NOW_MS)
    assert "serial" in broken(pair, with_header(pair, frame, serial=4))


def test_greeting_forms():
    good = ChannelSetup().server().greeting(NOW_MS)
    cases = {
        "malformed": [good[:-1] + b"\1", good[:23] + b"\1" + good[24:]],
        "did not greet": [good[:44] + bytes(8) + good[52:]],
        "bad field": [good[:64] + bytes(24) + b"a b" + good[91:]],
        "BAD_MAGIC": [b"HTTP/1.1 400"],
    }
    for reason, frames in cases.items():
        for frame in frames:
            assert reason in broken(WirePair(), frame)


def test_second_greeting():
    pair = WirePair()
    pair.greet()
    assert "before we signed on" in broken(pair, ChannelSetup().server().greeting(NOW_MS))
    pair = WirePair().sign_on()
    assert "not an authentic" in broken(pair, ChannelSetup().server().greeting(NOW_MS))


def signing_on() -> tuple[WirePair, bytes]:
    pair = WirePair()
    pair.greet()
    return pair, pair.accept(pair.send_sign_on())


@pytest.mark.parametrize("at", [8, 15, 40, 43, 44, 52, 32, 64, 96, 112, 120, 124, 164, 165, 299])
def test_sign_on_response_altered(at):
    pair, frame = signing_on()
    bad = bytearray(frame)
    bad[at] ^= 1
    (event,) = client_says(pair, bytes(bad))
    assert isinstance(event, ProtocolBroken)


def test_sign_on_response_of_another_conversation():
    """Same key, same nonce of the server, another of the client: a replayed welcome."""
    pair, _ = signing_on()
    other = WirePair()
    other.client = ClientConnection(
        7, other.setup.master_key, 1, SuiteId.INTL_HMAC, 0, "utf-8", "x", b"another nonce 16"
    )
    other.greet()
    welcome = other.accept(other.send_sign_on())
    assert "not for our request" in broken(pair, welcome)


def test_server_without_the_key():
    pair = WirePair()
    pair.greet()
    asked = pair.send_sign_on()
    pair.accept(asked)
    impostor = WirePair(ChannelSetup(suite=SuiteId.INTL_HMAC))
    impostor.greet()
    frame = bytearray(impostor.accept(impostor.send_sign_on()))
    frame[-MAC_LENGTH:] = bytes(MAC_LENGTH)
    assert "proof" in broken(pair, bytes(frame))


def test_reject_without_a_good_mac_ends_the_connection_and_tells_nothing():
    pair = WirePair().sign_on()
    real = pair.server.refuse(None, C.IDLE, NOW_MS)
    (event,) = client_says(pair, real[:-MAC_LENGTH] + bytes(MAC_LENGTH))
    assert isinstance(event, RejectReceived)
    assert not event.authentic
    assert pair.client.state is ClientState.CLOSED


def test_authentic_reject_leaves_the_connection_open():
    pair = WirePair().sign_on()
    pair.server.feed(pair.request(pair_message())[:-1] + b"\0", NOW_MS)
    (rejected,) = drain(pair.server)
    pair.to_client.append(rejected.frame)
    assert only(pair.carry_to_client(), RejectReceived).authentic
    assert pair.client.state is ClientState.OPEN


def pair_message() -> QueryUserRequest:
    return QueryUserRequest("0001", "c")


def test_reject_with_an_unknown_code():
    pair = WirePair().sign_on()
    frame = pair.server.refuse(None, C.IDLE, NOW_MS)
    assert "unknown code" in broken(pair, with_header(pair, frame, return_code=999))


def test_heartbeat_refused_is_an_answer_like_others():
    pair = WirePair().sign_on()
    pair.to_server.append(pair.client.heartbeat(5, business_day=BUSINESS_DAY, now_ms=NOW_MS))
    beat = only(pair.carry_to_server(), HeartbeatReceived)
    frame = pair.server.blank_response(
        beat.header, C.BUSY, "ignored", now_ms=NOW_MS, retry_after_ms=250
    )
    pair.to_client.append(frame)
    got = only(pair.carry_to_client(), ResponseReceived)
    assert (got.code, got.retry_after_ms) == (C.BUSY, 250)


def test_nothing_is_built_from_a_bad_message():
    pair = WirePair().sign_on()
    good = pair_message()
    with pytest.raises(BadField, match="customer"):
        pair.request(msgspec.structs.replace(good, customer="a b"))
    assert pair.ask(good).header.sequence == 2, "no sequence number was lost"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"suite": 9}, LocalProtocolError),
        ({"field_cipher": 4}, LocalProtocolError),
        ({"charset": "gbk"}, LocalProtocolError),
        ({"client_nonce": b"short"}, LocalProtocolError),
        ({"master_key": bytes(16)}, BadKey),
    ],
)
def test_impossible_clients(changes, error):
    setup = ChannelSetup()
    arguments: dict[str, Any] = {
        "channel_id": 7,
        "master_key": setup.master_key,
        "master_key_version": 1,
        "suite": 1,
        "field_cipher": 0,
        "charset": "utf-8",
        "client_name": "x",
        "client_nonce": bytes(16),
    }
    ClientConnection(**arguments)
    with pytest.raises(error):
        ClientConnection(**(arguments | changes))


@settings(max_examples=60)
@given(st.data())
def test_no_bytes_raise_anything(data):
    pair = WirePair(data.draw(st.sampled_from(ALL_SETUPS)))
    stage = data.draw(st.integers(0, 2))
    if stage == 0:
        good = pair.server.greeting(NOW_MS)
    else:
        pair.greet()
        good = pair.accept(pair.send_sign_on())
    if stage == 2:
        pair.to_client.append(good)
        pair.carry_to_client()
        asked = pair.ask_verify()
        good = pair.server.respond(asked.header, C.APPROVED, VERIFIED, NOW_MS)
        good += pair.server.drain(1, NOW_MS)
    noise = bytearray(good + data.draw(st.binary(max_size=100)))
    for _ in range(data.draw(st.integers(0, 4))):
        noise[data.draw(st.integers(0, len(noise) - 1))] = data.draw(st.integers(0, 255))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(noise)), max_size=4)) | {0, len(noise)})
    for start, end in itertools.pairwise(cuts):
        client_says(pair, bytes(noise[start:end]))
