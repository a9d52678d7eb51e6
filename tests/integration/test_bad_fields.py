"""Authentic requests of a channel whose program is wrong: the answer names the field, nothing is
executed, and the connection goes on.
"""

from __future__ import annotations

from typing import Any

import pytest

from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.constants import FLAG_SEALED
from tigertally_protocol.messages.query import CancelSerialRequest
from tigertally_protocol.messages.token import ResyncTokenRequest
from tigertally_protocol.messages.user import CloseUserRequest, RegisterUserRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.suites import FieldCipherId, SuiteId
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.peer import join, new_serial, now_ms, today, verification

CHANNELS: dict[str, dict[str, Any]] = {
    "plain": {"suite": SuiteId.INTL_HMAC, "field_cipher": FieldCipherId.NONE},
    "gcm": {"suite": SuiteId.INTL_CMAC, "field_cipher": FieldCipherId.AES_256_GCM},
    "cbc": {
        "suite": SuiteId.GM_HMAC,
        "field_cipher": FieldCipherId.SM4_CBC,
        "charset": "gb18030",
    },
    "legacy": {"suite": SuiteId.LEGACY, "field_cipher": FieldCipherId.AES_128_GCM},
}

VERIFY = VerifyOtpRequest(institution=INSTITUTION, customer="C1", otp=SecretText("123456"))
REGISTER = RegisterUserRequest(institution=INSTITUTION, customer="NEW", name=SecretText("李四"))
CLOSE = CloseUserRequest(institution=INSTITUTION, customer="C1", reason="搬家")
RESYNC = ResyncTokenRequest(
    institution=INSTITUTION,
    customer="C1",
    token="T1",
    otp_1=SecretText("123456"),
    otp_2=SecretText("654321"),
)
CANCEL = CancelSerialRequest(serial=5)


@pytest.fixture(scope="module")
def lines(house):
    return {name: house.add_channel(**changes) for name, changes in CHANNELS.items()}


@pytest.fixture
async def plain(server, lines):
    async with await join(server, lines["plain"]) as peer:
        yield peer
        await peer.sign_off()


@pytest.fixture
async def chinese(server, house):
    """A channel that speaks GB18030 and doesn't seal."""
    line = house.add_channel(charset="gb18030")
    async with await join(server, line) as peer:
        yield peer
        await peer.sign_off()


async def refused_field(peer, frame):
    serial = int.from_bytes(frame[16:24], "big")
    await peer.send(frame)
    (answer,) = await peer.collect([serial])
    assert answer.code is C.BAD_FIELD
    return answer.message.detail


BAD_BYTES = [
    (VERIFY, "otp", b"12345X"),
    (VERIFY, "otp", b"12 456"),
    (VERIFY, "otp", b" 123456"),
    (VERIFY, "otp", "１２".encode()),
    (VERIFY, "otp", b"123456\0"),
    (VERIFY, "institution", b"\x7f"),
    (VERIFY, "customer", b"C 1"),
    (VERIFY, "customer", b" C1"),
    (VERIFY, "customer", b"C1\0"),
    (VERIFY, "customer", b"C\n1"),
    (VERIFY, "customer", "张".encode()),
    (VERIFY, "token", b"\xff\xfe"),
    (VERIFY, "reference", b"A\tB"),
    (VERIFY, "end_user_address", b"1.2.3.4 5"),
    (VERIFY, "seal_trailer", b"\x01"),
    (REGISTER, "name", b"\xe5\xbc "),
    (REGISTER, "name", b"\xc0\xaf"),
    (REGISTER, "name", b"\xed\xa0\x80"),
    (REGISTER, "name", b"a\x1b[31m"),
    (REGISTER, "mobile", b"139 0000"),
    (CLOSE, "reason", "家".encode() * 15 + b"\xe5\xae\xb6"[:2] + b" "),
    (CLOSE, "reason", "家".encode() * 15 + b"ab\xe5"),
    (CLOSE, "reason", b"a\0b"),
    (CLOSE, "reason", b"\x80"),
    (RESYNC, "otp_1", b"1234S6"),
    (RESYNC, "otp_2", b"-54321"),
]


@pytest.mark.parametrize(
    ("message", "field", "value"), BAD_BYTES, ids=[f"{f} {v[:12]!r}" for _, f, v in BAD_BYTES]
)
async def test_bad_bytes_in_a_field_are_answered_by_its_name(plain, house, message, field, value):
    serial = new_serial()
    frame = plain.spoil(plain.build(message, serial=serial), field, value)
    assert await refused_field(plain, frame) == field
    # Not executed: the same serial with good contents is a first time.
    again = await plain.ask(VERIFY, serial=serial)
    assert again.code is C.USER_UNKNOWN


GB18030 = [
    ("a cut two-byte character", "家".encode("gb18030") * 23 + b"a" + "家".encode("gb18030")[:1]),
    ("a cut four-byte character", b"\x81\x30\x81"),
    ("a byte that begins nothing", b"\xff"),
    ("a second byte that can't be", b"\xbc\x20"),
    ("UTF-8", "张三".encode()[:5]),
    ("a control character", b"\x07"),
]


@pytest.mark.parametrize(("what", "value"), GB18030, ids=[what for what, _ in GB18030])
async def test_bad_gb18030_is_answered_by_the_field_s_name(chinese, what, value):
    frame = chinese.spoil(chinese.build(CLOSE), "reason", value)
    assert await refused_field(chinese, frame) == "reason"


async def test_good_gb18030_to_the_last_byte_of_the_field_is_understood(chinese):
    full = CloseUserRequest(
        institution=INSTITUTION, customer="NOBODY", reason="家" * 22 + "\U00020000"
    )
    assert len(full.reason.encode("gb18030")) == 48
    assert (await chinese.ask(full)).code is C.USER_UNKNOWN


async def test_bytes_that_must_be_zero_are_looked_at(plain):
    frame = plain.build(CANCEL)
    body = bytearray(frame[64:-16])
    body[3] = 1
    assert await refused_field(plain, plain.forge(frame, bytes(body))) == "reserved"


@pytest.mark.parametrize("name", ["gcm", "cbc", "legacy"])
async def test_a_sealed_field_that_does_not_open_is_a_bad_field(server, lines, name):
    async with await join(server, lines[name]) as peer:
        for place in ("otp", "seal_trailer"):
            frame = peer.build(VERIFY)
            where = frame.index(b"C1") + 32 + 24 + 32 + 40
            body = bytearray(frame[64:-16])
            offset = where - 64 if place == "otp" else len(body) - 32
            body[offset] ^= 0x40
            assert await refused_field(peer, peer.forge(frame, bytes(body))) in (
                "seal_trailer",
                "otp",
                "reserved",
            )
        assert (await peer.ask(VERIFY)).code is C.USER_UNKNOWN


@pytest.mark.parametrize("name", ["gcm", "cbc", "legacy"])
async def test_a_channel_that_seals_takes_nothing_in_the_clear(server, lines, plain, name):
    async with await join(server, lines[name]) as peer:
        frame, clear = peer.build(VERIFY), plain.build(VERIFY)
        forged = peer.forge(frame, clear[64:-16], flags=0)
        await peer.send(forged)
        (answer,) = await peer.collect([int.from_bytes(frame[16:24], "big")])
        assert (answer.code, answer.message.detail) == (C.SEALING_REQUIRED, "flags")


async def test_a_channel_that_does_not_seal_takes_nothing_sealed(plain):
    forged = plain.forge(plain.build(VERIFY), flags=FLAG_SEALED)
    assert await refused_field(plain, forged) == "flags"


@pytest.mark.parametrize("name", CHANNELS)
async def test_every_suite_verifies_over_a_real_socket(server, house, lines, name):
    (held,) = house.holders(1)
    async with await join(server, lines[name]) as peer:
        assert (await peer.verify(held, held.code(now_ms()))).code is C.APPROVED
        await peer.sign_off()


@pytest.mark.parametrize("serial", [0, 2**63, 2**64 - 1])
async def test_a_serial_out_of_range_is_bad(plain, serial):
    await plain.send(plain.forge(plain.build(VERIFY), serial=serial))
    (answer,) = await plain.collect([serial])
    assert answer.code is C.BAD_SERIAL


@pytest.mark.parametrize("distance", [-2, 2, 1000, -9000])
async def test_a_business_day_far_off_is_refused(plain, distance):
    answer = await plain.ask(VERIFY, business_day=today() + distance)
    assert answer.code is C.BAD_BUSINESS_DAY


@pytest.mark.parametrize("distance", [-1, 0, 1])
async def test_the_day_before_and_after_are_taken(plain, distance):
    assert (await plain.ask(VERIFY, business_day=today() + distance)).code is C.USER_UNKNOWN


async def test_the_same_serial_with_other_contents_is_a_conflict(plain, house):
    (held,) = house.holders(1)
    serial, code = new_serial(), held.code(now_ms())
    assert (await plain.verify(held, code, serial=serial)).code is C.APPROVED
    answer = await plain.verify(held, "999999", serial=serial)
    assert (answer.code, answer.message.entry_shard) == (C.SERIAL_CONFLICT, 0xFFFF)
    assert (await plain.verify(held, code, serial=serial, retry=True)).code is C.APPROVED


async def test_another_institution_s_customer_is_out_of_reach(plain, house):
    (held,) = house.holders(1)
    message = VerifyOtpRequest(
        institution="9999", customer=held.customer, otp=SecretText(held.code(now_ms()))
    )
    assert (await plain.ask(message)).code is C.INSTITUTION_NOT_PERMITTED
    assert verification(held, "1").institution == INSTITUTION
