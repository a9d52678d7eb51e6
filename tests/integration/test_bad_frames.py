"""Bytes that no honest front-end sends, against a live server: each gets the right reject, a wrong
connection ends by itself, and everybody else goes on.
"""

from __future__ import annotations

import random

import pytest
import trio

from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.constants import HEADER_LENGTH, MAX_REJECTS
from tigertally_protocol.registry import MESSAGES
from tigertally_protocol.transactions import Kind, Transaction
from tigertally_testing.peer import Peer, Refused, join, new_serial, now_ms, today, verification


@pytest.fixture(scope="module")
def line(house):
    return house.add_channel()


@pytest.fixture(scope="module")
def held(house):
    return house.holders(1)[0]


@pytest.fixture
async def bystander(server, line, held):
    """Another connection of the same channel; it must not notice anything."""
    async with await join(server, line) as peer:
        yield peer
        answer = await peer.verify(held, "000000")
        assert answer.code in (C.WRONG_CODE, C.TOKEN_THROTTLED, C.TOKEN_LOCKED)
        await peer.sign_off()


@pytest.fixture
async def peer(server, line, bystander):
    async with await Peer.sign_on(server.address, line) as peer:
        yield peer


def request(peer, held, **changes):
    return peer.build(verification(held, "000000"), **changes)


def put(frame, offset, value):
    return frame[:offset] + value + frame[offset + len(value) :]


# Bytes after which nothing on the connection can be read any more: a reject, then the end.
UNREADABLE = {
    "an HTTP request": (lambda frame: b"GET / HTTP/1.1\r\nHost: bank\r\n\r\n", C.BAD_MAGIC),
    "a TLS hello": (lambda frame: bytes.fromhex("1603010200010001fc0303") + bytes(80), C.BAD_MAGIC),
    "random bytes": (lambda frame: b"\xff" + random.Random(7).randbytes(5000), C.BAD_MAGIC),
    "one wrong byte": (lambda frame: b"\0", C.BAD_MAGIC),
    "another version": (lambda frame: put(frame, 2, b"\x02"), C.BAD_VERSION),
    "another header length": (lambda frame: put(frame, 3, b"\x41"), C.BAD_HEADER),
    "2 GB announced": (lambda frame: put(frame, 4, b"\x80\0\0\0"), C.BAD_LENGTH),
    "one byte more announced": (
        lambda frame: put(frame, 4, (len(frame) + 1).to_bytes(4, "big")) + b"\0",
        C.BAD_LENGTH,
    ),
    "nothing announced": (lambda frame: put(frame, 4, bytes(4)), C.BAD_LENGTH),
    "an unknown transaction": (lambda frame: put(frame, 8, b"\x77\x77"), C.UNKNOWN_TRANSACTION),
    "a transaction of the house": (
        lambda frame: put(frame, 8, b"\x71\x01"),
        C.UNKNOWN_TRANSACTION,
    ),
    "an unknown schema": (lambda frame: put(frame, 60, b"\0\x09"), C.UNKNOWN_SCHEMA),
    "a response's kind": (lambda frame: put(frame, 10, b"\x02"), C.BAD_HEADER),
    "no kind": (lambda frame: put(frame, 10, b"\0"), C.BAD_HEADER),
    "unknown flags": (lambda frame: put(frame, 11, b"\x80"), C.BAD_HEADER),
    "a result in a request": (lambda frame: put(frame, 32, b"\0\0\0\x01"), C.BAD_HEADER),
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_unreadable_bytes_end_the_connection_with_a_reject(peer, held, name):
    spoil, code = UNREADABLE[name]
    await peer.send(spoil(request(peer, held)))
    reject = await peer.next_reject()
    assert (reject.code, reject.authentic) == (code, True)
    await peer.until_closed()


@pytest.mark.parametrize("name", UNREADABLE)
async def test_unreadable_bytes_before_sign_on_end_the_connection(
    server, line, held, bystander, name
):
    spoil, code = UNREADABLE[name]
    async with await Peer.greet(server.address, line) as stranger:
        await stranger.send(spoil(request(bystander, held, serial=new_serial())))
        assert (await stranger.next_reject()).code is code
        await stranger.until_closed()
    # The bystander's sequence number of the frame that it built is skipped, which is allowed.


async def test_what_was_sent_before_unreadable_bytes_is_answered(peer, held):
    first = new_serial()
    await peer.send(request(peer, held, serial=first) + b"GARBAGE" * 100)
    assert (await peer.next_reject()).code is C.BAD_MAGIC
    await peer.until_closed()
    # Its answer may be cut off with the connection, but not what was decided.
    async with await Peer.sign_on(peer.stream.socket.getpeername(), peer.line) as again:
        answer = await again.ask(verification(held, "000000"), serial=first, retry=True)
        assert answer.code in (C.WRONG_CODE, C.TOKEN_THROTTLED, C.TOKEN_LOCKED)


# Whole frames that are not authentic here and now: rejected one by one.
REFUSED = {
    "another session": ({"session_id": 12345}, C.BAD_SESSION),
    "another channel": ({"channel_id": 999_999}, C.UNKNOWN_CHANNEL),
    "another suite": ({"suite": 2}, C.SUITE_MISMATCH),
    "no suite": ({"suite": 0}, C.SUITE_MISMATCH),
    "another field cipher": ({"field_cipher": 1}, C.SUITE_MISMATCH),
    "keys to come": ({"key_generation": 2}, C.UNKNOWN_GENERATION),
    "no keys": ({"key_generation": 0}, C.UNKNOWN_GENERATION),
    "an old sequence number": ({"sequence": 1}, C.BAD_SEQUENCE),
    "sequence number zero": ({"sequence": 0}, C.BAD_SEQUENCE),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_frame_that_does_not_fit_the_session_is_rejected_and_the_next_one_served(
    peer, held, name
):
    changes, code = REFUSED[name]
    serial = new_serial()
    await peer.send(peer.forge(request(peer, held, serial=serial), **changes))
    reject = await peer.next_reject()
    assert (reject.code, reject.authentic) == (code, True)
    assert (reject.header.serial, reject.header.transaction) == (serial, Transaction.VERIFY_OTP)
    assert (await peer.verify(held, "111111")).code is not C.SERIAL_CONFLICT


@pytest.mark.parametrize("place", [8, 16, 24, 36, 52, HEADER_LENGTH, HEADER_LENGTH + 20, -17, -1])
async def test_one_altered_bit_anywhere_is_a_wrong_mac(peer, house, line, held, place):
    serial = new_serial()
    frame = bytearray(request(peer, held, serial=serial))
    frame[place] ^= 0x01
    if place == 8:  # another transaction, of another size: unreadable before the MAC is looked at
        await peer.send(bytes(frame))
        assert (await peer.next_reject()).code in (C.UNKNOWN_TRANSACTION, C.BAD_LENGTH)
        return
    await peer.send(bytes(frame))
    assert (await peer.next_reject()).code in (C.BAD_MAC, C.BAD_SEQUENCE)
    assert serial not in {entry.serial for entry in house.entries(line)}


async def test_a_replayed_frame_is_rejected(peer, held):
    serial = new_serial()
    frame = request(peer, held, serial=serial)
    await peer.send(frame)
    await peer.collect([serial])
    await peer.send(frame)
    reject = await peer.next_reject()
    assert (reject.code, reject.header.serial) == (C.BAD_SEQUENCE, serial)


async def test_reordered_frames_let_only_the_later_one_through(peer, held):
    first, second = new_serial(), new_serial()
    frames = request(peer, held, serial=first), request(peer, held, serial=second)
    await peer.send(frames[1] + frames[0])
    await peer.collect([second])
    reject = await peer.next_reject()
    assert (reject.code, reject.header.serial) == (C.BAD_SEQUENCE, first)
    assert first not in peer.answers


async def test_a_reflected_answer_ends_the_connection(server, line, held, bystander):
    async with await Peer.sign_on(server.address, line) as peer:
        serial = new_serial()
        await peer.send(request(peer, held, serial=serial))
        data = bytes(await peer.stream.receive_some(65_536))
        assert data[10] == Kind.RESPONSE
        await peer.send(data)
        assert (await peer.next_reject()).code is C.BAD_HEADER
        await peer.until_closed()


async def test_an_answer_dressed_up_as_a_request_fails_its_mac(server, line, held, bystander):
    """Requests and answers go under different keys, so not even the kind can be forged."""
    async with await Peer.sign_on(server.address, line) as peer:
        beat = peer.conn.heartbeat(new_serial(), business_day=today(), now_ms=now_ms())
        await peer.send(beat)
        data = bytearray(await peer.stream.receive_some(65_536))
        peer.conn.feed(bytes(data))
        assert peer.conn.next_event() is not None
        data[10] = Kind.REQUEST
        data[32:36] = bytes(4)  # no result
        await peer.send(bytes(data))
        assert (await peer.next_reject()).code is C.BAD_MAC


async def test_a_frame_of_another_connection_is_not_valid_here(server, line, held, peer):
    async with await Peer.sign_on(server.address, line) as other:
        stolen = request(other, held)
        await peer.send(stolen)
        assert (await peer.next_reject()).code is C.BAD_SESSION
        # Not even with the session's number put right.
        await peer.send(put(stolen, 44, peer.conn.session_id.to_bytes(8, "big")))
        assert (await peer.next_reject()).code is C.BAD_MAC


async def test_the_eighth_reject_ends_the_connection(peer, held):
    for _ in range(MAX_REJECTS - 1):
        await peer.send(with_wrong_mac(request(peer, held)))
        assert (await peer.next_reject()).code is C.BAD_MAC
    assert (await peer.verify(held, "111111")).header.serial
    await peer.send(with_wrong_mac(request(peer, held)))
    assert (await peer.next_reject()).code is C.BAD_MAC
    await peer.until_closed()


def with_wrong_mac(frame):
    return frame[:-1] + bytes([frame[-1] ^ 1])


async def test_a_cut_frame_is_forgotten_with_its_connection(server, line, held, house, bystander):
    for length in (1, 2, 63, 64, 65, 150):
        async with await Peer.sign_on(server.address, line) as peer:
            serial = new_serial()
            await peer.send(request(peer, held, serial=serial)[:length])
            await peer.stream.send_eof()
            await peer.until_closed()
            assert peer.rejects == []
        assert serial not in {entry.serial for entry in house.entries(line)}


async def test_a_frame_in_single_bytes_is_a_frame(peer, held):
    serial = new_serial()
    frame = request(peer, held, serial=serial)
    for byte in frame:
        await peer.send(bytes([byte]))
        await trio.lowlevel.checkpoint()
    assert (await peer.collect([serial]))[0].header.serial == serial


async def test_many_frames_in_one_piece_are_all_answered(peer, held):
    serials = [new_serial() for _ in range(300)]
    await peer.send(b"".join(request(peer, held, serial=serial) for serial in serials))
    assert len(await peer.collect(serials)) == 300


# ---------------------------------------------------------------- at sign-on


async def test_a_request_before_sign_on_is_rejected(server, line, held, bystander):
    async with await Peer.greet(server.address, line) as stranger:
        await stranger.send(request(bystander, held))
        assert (await stranger.next_reject()).code is C.NOT_SIGNED_ON


async def test_an_unknown_channel_does_not_sign_on(server, line, bystander):
    with pytest.raises(Refused, match="UNKNOWN_CHANNEL"):
        await Peer.sign_on(server.address, line, channel_id=999_999)


async def test_a_wrong_channel_master_key_does_not_sign_on(server, line, bystander):
    with pytest.raises(Refused, match="SIGN_ON_REFUSED"):
        await Peer.sign_on(server.address, line, master_key=bytes(32))


async def test_an_unknown_key_version_does_not_sign_on(server, line, bystander):
    with pytest.raises(Refused, match="SIGN_ON_REFUSED"):
        await Peer.sign_on(server.address, line, master_key_version=9)


@pytest.mark.parametrize(("suite", "cipher"), [(2, 0), (1, 1), (3, 0)])
async def test_a_suite_that_is_not_the_channel_s_does_not_sign_on(
    server, line, bystander, suite, cipher
):
    with pytest.raises(Refused, match="SIGN_ON_REFUSED"):
        await Peer.sign_on(server.address, line, suite=suite, field_cipher=cipher)


async def test_a_recorded_sign_on_is_worth_nothing_on_another_connection(server, line, bystander):
    async with await Peer.greet(server.address, line) as first:
        frame = first.conn.sign_on(now_ms(), new_serial(), today())
        await first.send(frame)
        await first._until(lambda: first.signed_on is not None)
        async with await Peer.greet(server.address, line) as second:
            await second.send(frame)
            assert (await second.next_reject()).code is C.BAD_SESSION
        async with await Peer.greet(server.address, line) as third:
            assert third.greeted is not None
            await third.send(put(frame, 44, third.greeted.session_id.to_bytes(8, "big")))
            assert (await third.next_reject()).code is C.SIGN_ON_REFUSED
            await third.until_closed()


async def test_a_second_sign_on_on_one_connection_is_rejected(peer, line, held):
    row = MESSAGES[Transaction.SIGN_ON, Kind.REQUEST, 1]
    forged = peer.forge(
        request(peer, held),
        bytes(row.body_size),
        transaction=Transaction.SIGN_ON,
        total_length=row.frame_size,
    )
    await peer.send(forged)
    assert (await peer.next_reject()).code is C.SIGN_ON_REFUSED
    assert (await peer.verify(held, "111111")).header.serial
