"""What a server's connection does with frames that are wrong, old, foreign or forged."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.connection import (
    BadRequest,
    HeartbeatReceived,
    Rejected,
    RejectReceived,
    RequestReceived,
    ResponseReceived,
    ServerState,
    SignOnReceived,
)
from tigertally_protocol.constants import FLAG_SEALED, MAC_LENGTH
from tigertally_protocol.errors import BadKey, LocalProtocolError, SignOnRefused
from tigertally_protocol.header import decode_header, encode_header
from tigertally_protocol.mac import MacKey
from tigertally_protocol.messages.session import HeartbeatRequest
from tigertally_protocol.messages.token import BindTokenRequest, TokenRequest
from tigertally_protocol.messages.user import CloseUserRequest
from tigertally_protocol.suites import SUITES, FieldCipherId, SuiteId
from tigertally_protocol.transactions import Transaction
from tigertally_testing.wire import (
    ALL_SETUPS,
    BUSINESS_DAY,
    NOW_MS,
    VERIFY,
    ChannelSetup,
    WirePair,
    drain,
    only,
)

C = ResponseCode
MODERN = ChannelSetup(SuiteId.INTL_HMAC, FieldCipherId.AES_128_GCM)


def remac(pair: WirePair, data: bytes, generation: int = 1) -> bytes:
    """`data` with a good request MAC: what only the channel itself can make."""
    setup = pair.setup
    key = MacKey(SUITES[setup.suite].mac, setup.working_keys(generation).mac_request)
    return data + key.tag(data)


def with_header(pair: WirePair, frame: bytes, **changes: int) -> bytes:
    """`frame` with a changed header and a good MAC over it."""
    header = msgspec.structs.replace(decode_header(frame), **changes)
    return remac(pair, encode_header(header) + frame[64:-MAC_LENGTH])


def server_says(pair: WirePair, frame: bytes) -> list[Any]:
    pair.server.feed(frame, NOW_MS)
    return drain(pair.server)


# ---------------------------------------------------------------- after sign-on


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"session_id": 5}, C.BAD_SESSION),
        ({"channel_id": 8}, C.UNKNOWN_CHANNEL),
        ({"suite": SuiteId.INTL_CMAC}, C.SUITE_MISMATCH),
        ({"suite": 0}, C.SUITE_MISMATCH),
        ({"field_cipher": FieldCipherId.NONE}, C.SUITE_MISMATCH),
        ({"key_generation": 2}, C.UNKNOWN_GENERATION),
        ({"key_generation": 0}, C.UNKNOWN_GENERATION),
        ({"sequence": 1}, C.BAD_SEQUENCE),
        ({"sequence": 0}, C.BAD_SEQUENCE),
    ],
)
def test_header_that_does_not_fit_the_session(changes, code):
    pair = WirePair(MODERN).sign_on()
    (event,) = server_says(pair, with_header(pair, pair.request(VERIFY), **changes))
    assert isinstance(event, Rejected)
    assert (event.code, event.fatal) == (code, False)
    pair.to_client.append(event.frame)
    seen = only(pair.carry_to_client(), RejectReceived)
    assert (seen.code, seen.authentic) == (code, True)
    assert seen.header.transaction == Transaction.VERIFY_OTP
    assert seen.header.serial == 2
    assert pair.ask_verify().message == VERIFY, "the connection goes on"


@pytest.mark.parametrize("setup", ALL_SETUPS, ids=lambda s: f"{s.suite.name}-{s.field_cipher.name}")
def test_any_altered_bit_is_seen(setup):
    """No byte of a frame can change unseen; afterwards all is as before."""
    size = len(WirePair(setup).sign_on().request(VERIFY))
    for start in range(0, size, 7):
        pair = WirePair(setup).sign_on()
        for at in range(start, min(start + 7, size)):
            frame = bytearray(pair.request(VERIFY))
            frame[at] ^= 0x10
            (event,) = server_says(pair, bytes(frame))
            assert isinstance(event, Rejected)
            if event.fatal:
                break
        else:
            assert pair.ask_verify().message == VERIFY


def test_wrong_mac():
    pair = WirePair().sign_on()
    (event,) = server_says(pair, pair.request(VERIFY)[:-1] + b"\0")
    assert (event.code, event.fatal) == (C.BAD_MAC, False)


def test_zeros_behind_a_short_mac_count():
    pair = WirePair(ChannelSetup(SuiteId.LEGACY)).sign_on()
    frame = pair.request(VERIFY)
    assert frame[-8:] == bytes(8)
    (event,) = server_says(pair, frame[:-1] + b"\1")
    assert event.code is C.BAD_MAC


def test_replayed():
    pair = WirePair().sign_on()
    frame = pair.request(VERIFY)
    only(server_says(pair, frame), RequestReceived)
    (event,) = server_says(pair, frame)
    assert (event.code, event.fatal) == (C.BAD_SEQUENCE, False)


def test_reordered():
    pair = WirePair().sign_on()
    first, second = pair.request(VERIFY), pair.request(VERIFY)
    good, bad = server_says(pair, second + first)
    assert isinstance(good, RequestReceived)
    assert bad.code is C.BAD_SEQUENCE


def test_a_forged_sequence_moves_nothing():
    pair = WirePair().sign_on()
    forged = bytearray(pair.request(VERIFY))
    forged[52:60] = (2**63).to_bytes(8, "big")
    (event,) = server_says(pair, bytes(forged))
    assert event.code is C.BAD_MAC
    assert pair.ask_verify().message == VERIFY


def test_reflected():
    """The server's own frames, sent back to it, are no requests; nor would their MAC fit."""
    pair = WirePair().sign_on()
    asked = pair.ask_verify()
    answer = pair.server.respond(asked.header, C.APPROVED, None, NOW_MS)
    (event,) = server_says(pair, answer)
    assert (event.code, event.fatal) == (C.BAD_HEADER, True)

    pair = WirePair().sign_on()
    beat = pair.client.heartbeat(50, business_day=BUSINESS_DAY, now_ms=NOW_MS)
    (asked,) = server_says(pair, beat)
    forged = bytearray(pair.server.heartbeat_reply(asked.header, NOW_MS))
    forged[10], forged[32:36] = 1, bytes(4)  # made to look like a request
    (event,) = server_says(pair, bytes(forged))
    assert event.code is C.BAD_MAC


def test_frames_of_another_connection():
    one, two = WirePair().sign_on(), WirePair(ChannelSetup(session_id=99)).sign_on()
    (event,) = server_says(two, one.request(VERIFY))
    assert event.code is C.BAD_SESSION


def test_eighth_reject_is_the_last():
    pair = WirePair().sign_on()
    for number in range(1, 9):
        (event,) = server_says(pair, pair.request(VERIFY)[:-1] + b"\0")
        assert event.code is C.BAD_MAC
        assert event.fatal is (number == 8)
        assert pair.server.rejects == number
    assert pair.server.state is ServerState.CLOSED
    assert server_says(pair, pair.request(VERIFY)) == []


@pytest.mark.parametrize(
    ("at", "value", "code"),
    [
        (0, b"\0", C.BAD_MAGIC),
        (2, b"\2", C.BAD_VERSION),
        (3, b"\x3f", C.BAD_HEADER),
        (4, b"\x7f", C.BAD_LENGTH),
        (8, b"\xee", C.UNKNOWN_TRANSACTION),
        (10, b"\2", C.BAD_HEADER),
        (60, b"\1", C.UNKNOWN_SCHEMA),
    ],
)
def test_what_is_no_frame_is_the_end(at, value, code):
    pair = WirePair().sign_on()
    frame = bytearray(pair.request(VERIFY))
    frame[at : at + 1] = value
    (event,) = server_says(pair, bytes(frame) + pair.request(VERIFY))
    assert (event.code, event.fatal) == (code, True)
    pair.to_client.append(event.frame)
    assert only(pair.carry_to_client(), RejectReceived).authentic


def test_serial_out_of_range():
    for serial in (0, 2**63, 2**64 - 1):
        pair = WirePair().sign_on()
        frame = with_header(pair, pair.request(VERIFY), serial=serial)
        (event,) = server_says(pair, frame)
        assert event == BadRequest(decode_header(frame), "serial", C.BAD_SERIAL)


@pytest.mark.parametrize(
    ("at", "value", "field"),
    [
        (0, b" x", "institution"),
        (12, b"\0", "customer"),
        (44, b"a b", "token"),
        (68, b"\xc3\xa9", "reference"),
        (140, b"12a", "otp"),
        (140, b"1\0\0", "otp"),
        (150, b"\1", "reserved"),
        (156, b"\1", "seal_trailer"),
        (187, b"\1", "seal_trailer"),
    ],
)
def test_bad_field_under_a_good_mac_is_named(at, value, field):
    pair = WirePair().sign_on()
    frame = bytearray(pair.request(VERIFY)[:-MAC_LENGTH])
    frame[64 + at : 64 + at + len(value)] = value
    (event,) = server_says(pair, remac(pair, bytes(frame)))
    assert isinstance(event, BadRequest)
    assert (event.field, event.code) == (field, C.BAD_FIELD)
    answer = pair.server.blank_response(event.header, event.code, event.field, now_ms=NOW_MS)
    pair.to_client.append(answer)
    seen = only(pair.carry_to_client(), ResponseReceived)
    assert (seen.code, seen.message.detail) == (C.BAD_FIELD, field)


@pytest.mark.parametrize(
    "raw",
    [
        "王".encode("gb18030")[:1] + b" " * 47,
        b" " * 47 + "王".encode("gb18030")[:1],
        b"ok" + bytes(46),
        b"\xff\xff" + b" " * 46,
    ],
)
def test_bad_gb18030_under_a_good_mac(raw):
    pair = WirePair(ChannelSetup(charset="gb18030")).sign_on()
    frame = pair.request(CloseUserRequest("0001", "c", reason="誠乗"))
    only(server_says(pair, frame), RequestReceived)
    frame = pair.request(CloseUserRequest("0001", "c", reason="誠乗"))
    (event,) = server_says(pair, remac(pair, frame[: -MAC_LENGTH - 48] + raw))
    assert event == BadRequest(decode_header(frame), "reason")


def test_seal_missing_where_agreed():
    pair = WirePair(MODERN).sign_on()
    frame = pair.request(VERIFY)
    clear = with_header(pair, frame, flags=0)
    (event,) = server_says(pair, clear)
    assert isinstance(event, BadRequest)
    assert (event.field, event.code) == ("flags", C.SEALING_REQUIRED)


def test_seal_where_none_was_agreed():
    pair = WirePair().sign_on()
    (event,) = server_says(pair, with_header(pair, pair.request(VERIFY), flags=FLAG_SEALED))
    assert (event.field, event.code) == ("flags", C.BAD_FIELD)


@pytest.mark.parametrize("cipher", [FieldCipherId.SM4_GCM, FieldCipherId.SM4_CBC])
def test_seal_that_does_not_open(cipher):
    pair = WirePair(ChannelSetup(SuiteId.GM_CMAC, cipher)).sign_on()
    frame = bytearray(pair.request(VERIFY)[:-MAC_LENGTH])
    frame[64 + 156] ^= 1  # tag or IV
    (event,) = server_says(pair, remac(pair, bytes(frame)))
    assert (event.field, event.code) == ("seal_trailer", C.BAD_FIELD)


def test_after_sign_off():
    pair = WirePair().sign_on()
    request = pair.request(VERIFY)
    off = pair.client.sign_off(60, business_day=BUSINESS_DAY, now_ms=NOW_MS)
    late = with_header(pair, request, sequence=90)
    *_, event = server_says(pair, off + late)
    assert (event.code, event.fatal) == (C.NOT_SIGNED_ON, False)


def test_answers_of_the_wrong_kind_are_our_own_mistake():
    pair = WirePair().sign_on()
    asked = pair.ask_verify()
    with pytest.raises(LocalProtocolError, match="VERIFY_OTP response"):
        pair.server.respond(asked.header, C.APPROVED, HeartbeatRequest(), NOW_MS)


def test_requests_that_are_none():
    pair = WirePair().sign_on()
    for message in (VERIFY.otp, pair.setup):
        with pytest.raises(LocalProtocolError):
            pair.request(message)
    with pytest.raises(LocalProtocolError, match="name the transaction"):
        pair.request(TokenRequest())
    asked = pair.ask(TokenRequest(token="T"), transaction=Transaction.UNLOCK_TOKEN)
    assert asked.message_type.transaction is Transaction.UNLOCK_TOKEN
    for serial in (-1, 2**63):
        with pytest.raises(LocalProtocolError, match="serial"):
            pair.request(VERIFY, serial=serial)


# ---------------------------------------------------------------- sign-on


def test_before_sign_on():
    stranger = WirePair().sign_on()
    pair = WirePair()
    pair.greet()
    (event,) = server_says(pair, stranger.request(VERIFY))
    assert (event.code, event.fatal) == (C.NOT_SIGNED_ON, False)
    assert event.frame[-MAC_LENGTH:] == bytes(MAC_LENGTH)
    pair.to_client.append(event.frame)
    assert not only(pair.carry_to_client(), RejectReceived).authentic


def test_nothing_is_read_while_the_shell_looks_for_the_key():
    pair = WirePair()
    pair.greet()
    asked = pair.send_sign_on()
    assert server_says(pair, b"garbage") == []
    pair.to_client.append(pair.accept(asked))
    (event,) = drain(pair.server)
    assert (event.code, event.fatal) == (C.BAD_MAGIC, True)


def sign_on_frame(pair: WirePair, **changes: int) -> bytes:
    pair.greet()
    frame = pair.client.sign_on(NOW_MS, 1, BUSINESS_DAY)
    header = msgspec.structs.replace(decode_header(frame), **changes)
    return encode_header(header) + frame[64:]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"session_id": 1}, C.BAD_SESSION),
        ({"serial": 0}, C.SIGN_ON_REFUSED),
        ({"sequence": 0}, C.BAD_SEQUENCE),
    ],
)
def test_sign_on_that_the_shell_never_sees(changes, code):
    pair = WirePair()
    (event,) = server_says(pair, sign_on_frame(pair, **changes))
    assert (event.code, event.fatal) == (code, False)


def test_sign_on_with_a_bad_body():
    pair = WirePair()
    frame = bytearray(sign_on_frame(pair))
    frame[64 + 33] = 0  # inside the client's name
    (event,) = server_says(pair, bytes(frame))
    assert event.code is C.SIGN_ON_REFUSED


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"master_key": bytes(32)}, C.BAD_MAC),
        ({"suite": SuiteId.INTL_CMAC}, C.SUITE_MISMATCH),
        ({"suite": SuiteId.LEGACY}, C.SUITE_MISMATCH),
        ({"field_cipher": FieldCipherId.AES_128_GCM}, C.SUITE_MISMATCH),
    ],
)
def test_sign_on_refused(changes, code):
    pair = WirePair()
    pair.greet()
    asked = pair.send_sign_on()
    with pytest.raises(SignOnRefused) as caught:
        pair.accept(asked, **changes)
    assert caught.value.code is code
    pair.to_client.append(pair.server.refuse(asked.header, code, NOW_MS))
    seen = only(pair.carry_to_client(), RejectReceived)
    assert (seen.code, seen.authentic) == (code, False)
    assert seen.header.serial == 1
    assert pair.server.state is ServerState.CLOSED


def test_client_cannot_talk_the_suite_down():
    """A header that claims another suite fails even though its number is possible."""
    pair = WirePair(MODERN)
    (asked,) = server_says(pair, sign_on_frame(pair, field_cipher=FieldCipherId.NONE))
    with pytest.raises(SignOnRefused) as caught:
        pair.accept(asked)
    assert caught.value.code is C.SUITE_MISMATCH


def test_sign_on_for_another_servers_nonce():
    """A sign-on caught elsewhere and replayed here: another nonce, so another MAC key."""
    caught_frame = sign_on_frame(WirePair(ChannelSetup(session_id=5)))
    other = ChannelSetup(session_id=5, seed="other")
    pair = WirePair(other)
    pair.greet()
    (asked,) = server_says(pair, caught_frame)
    with pytest.raises(SignOnRefused) as caught:
        pair.accept(asked, master_key=ChannelSetup().master_key)
    assert caught.value.code is C.BAD_MAC


def test_shells_own_mistakes_at_sign_on():
    pair = WirePair()
    pair.greet()
    asked = pair.send_sign_on()
    with pytest.raises(LocalProtocolError, match="impossible"):
        pair.accept(asked, charset="latin-1")
    with pytest.raises(LocalProtocolError, match="impossible"):
        pair.accept(asked, field_cipher=FieldCipherId.SM4_CBC)
    with pytest.raises(BadKey):
        pair.accept(asked, working=ChannelSetup(SuiteId.GM_CMAC).working_keys(1))
    with pytest.raises(BadKey):
        pair.accept(asked, master_key=b"short")
    other = msgspec.structs.replace(asked.header, serial=2)
    with pytest.raises(LocalProtocolError, match="waiting"):
        pair.accept(SignOnReceived(other, asked.message))
    assert pair.accept(asked), "none of it spoilt the sign-on"


def test_second_sign_on():
    pair = WirePair().sign_on()
    heartbeat = pair.client.heartbeat(9, business_day=BUSINESS_DAY, now_ms=NOW_MS)
    sign_on = sign_on_frame(WirePair())
    header = msgspec.structs.replace(
        decode_header(sign_on), key_generation=1, sequence=50, session_id=pair.server.session_id
    )
    again = remac(pair, encode_header(header) + sign_on[64:-MAC_LENGTH])
    beat, event = server_says(pair, heartbeat + again)
    assert isinstance(beat, HeartbeatReceived)
    assert (event.code, event.fatal) == (C.SIGN_ON_REFUSED, False)


# ---------------------------------------------------------------- any bytes at all


@settings(max_examples=60)
@given(st.data())
def test_no_bytes_raise_anything(data):
    """At every stage, garbage gives events; every reject can be read by a client."""
    pair = WirePair(data.draw(st.sampled_from(ALL_SETUPS)))
    pair.greet()
    if data.draw(st.booleans()):
        pair.to_client.append(pair.accept(pair.send_sign_on()))
        pair.carry_to_client()
        good = pair.request(BindTokenRequest("0001", "c", "t", otp=VERIFY.otp))
    else:
        good = pair.client.sign_on(NOW_MS, 1, BUSINESS_DAY)
    noise = bytearray(good + data.draw(st.binary(max_size=200)) + good)
    for _ in range(data.draw(st.integers(0, 5))):
        noise[data.draw(st.integers(0, len(noise) - 1))] = data.draw(st.integers(0, 255))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(noise)), max_size=4)) | {0, len(noise)})
    for start, end in itertools.pairwise(cuts):
        for event in server_says(pair, bytes(noise[start:end])):
            if isinstance(event, Rejected):
                assert len(event.frame) == 80
                decode_header(event.frame)
