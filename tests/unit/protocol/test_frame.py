"""Law of the frame reader: any bytes, cut anyhow, give the same frames, then at most one error."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import FLAG_RETRY, FLAG_SEALED, HEADER_LENGTH
from tigertally_protocol.errors import FrameError
from tigertally_protocol.frame import Frame, FrameReader
from tigertally_protocol.header import Header, encode_header
from tigertally_protocol.registry import MESSAGES, MessageType, encode_body
from tigertally_protocol.transactions import Kind, Transaction
from tigertally_testing.layouts import ROWS, row_id, sample

ALL_KINDS = list(Kind)
VERIFY = MESSAGES[Transaction.VERIFY_OTP, Kind.REQUEST, 1]


def header_of(row: MessageType, **changes: int) -> Header:
    header = Header(
        total_length=row.frame_size,
        transaction=row.transaction,
        kind=row.kind,
        flags=0,
        channel_id=7,
        serial=1,
        sender_time=2,
        return_code=0,
        budget_ms=3,
        key_generation=1,
        suite=1,
        field_cipher=0,
        session_id=4,
        sequence=5,
        schema=row.schema,
        business_day=6,
    )
    return msgspec.structs.replace(header, **changes)


def raw_frame(row: MessageType, **changes: int) -> bytes:
    body = encode_body(row, sample(row), "utf-8")
    return encode_header(header_of(row, **changes)) + body + bytes(16)


def reject_frame() -> bytes:
    return encode_header(header_of(VERIFY, kind=Kind.REJECT, total_length=80)) + bytes(16)


def read_all(pieces, kinds=tuple(ALL_KINDS)) -> tuple[list[Frame], ResponseCode | None]:
    """Frames, and the error that ended them, of a stream fed in `pieces`."""
    reader, frames = FrameReader(kinds), []
    for piece in pieces:
        reader.feed(piece)
        try:
            while (frame := reader.next_frame()) is not None:
                frames.append(frame)
        except FrameError as error:
            with pytest.raises(FrameError):
                reader.next_frame()
            return frames, error.code
    return frames, None


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_whole_byte_by_byte_and_cut_anywhere(row):
    raw = raw_frame(row)
    expected = ([Frame(header_of(row), row, raw)], None)
    assert read_all([raw]) == expected
    assert read_all([raw[i : i + 1] for i in range(len(raw))]) == expected
    for cut in range(1, len(raw)):
        reader = FrameReader(ALL_KINDS)
        reader.feed(raw[:cut])
        assert reader.next_frame() is None, "nothing comes early"
        assert reader.unfinished
        reader.feed(raw[cut:] + raw[:9])
        assert reader.next_frame() == expected[0][0]
        assert reader.next_frame() is None
        assert reader.unfinished, "what follows is kept"


def test_rejects_have_no_body():
    frames, error = read_all([reject_frame() * 2])
    assert error is None
    assert [frame.message_type for frame in frames] == [None, None]


def test_many_frames_in_one_feed():
    raw = b"".join(raw_frame(row) for row in ROWS) * 20
    frames, error = read_all([raw])
    assert error is None
    assert b"".join(frame.raw for frame in frames) == raw


def test_feeding_without_taking_frames():
    reader, raw = FrameReader(ALL_KINDS), raw_frame(VERIFY)
    for index in range(len(raw)):
        reader.feed(raw[index : index + 1])
    frame = reader.next_frame()
    assert frame is not None
    assert frame.raw == raw
    assert not reader.unfinished


def altered(at: int, value: bytes) -> bytes:
    raw = raw_frame(VERIFY)
    return raw[:at] + value + raw[at + len(value) :]


C = ResponseCode
FATAL = [
    (b"GET / HTTP/1.1\r\n\r\n", C.BAD_MAGIC),
    (b"X", C.BAD_MAGIC),
    (b"TX", C.BAD_MAGIC),
    (altered(0, b"XT"), C.BAD_MAGIC),
    (altered(2, b"\2"), C.BAD_VERSION),
    (altered(3, b"\x41"), C.BAD_HEADER),
    (altered(3, b"\0"), C.BAD_HEADER),
    (altered(4, b"\xff\xff\xff\xff"), C.BAD_LENGTH),
    (altered(4, b"\0\0\0\0"), C.BAD_LENGTH),
    (altered(4, (VERIFY.frame_size + 1).to_bytes(4, "big")), C.BAD_LENGTH),
    (altered(4, (VERIFY.frame_size - 1).to_bytes(4, "big")), C.BAD_LENGTH),
    (altered(8, b"\x0f\xff"), C.UNKNOWN_TRANSACTION),
    (altered(8, b"\0\x10"), C.UNKNOWN_TRANSACTION),  # greeting is no request
    (altered(10, b"\0"), C.BAD_HEADER),
    (altered(10, b"\5"), C.BAD_HEADER),
    (altered(11, b"\4"), C.BAD_HEADER),
    (altered(11, b"\x80"), C.BAD_HEADER),
    (altered(32, b"\0\0\0\1"), C.BAD_HEADER),  # a request with a result
    (altered(60, b"\0\0"), C.UNKNOWN_SCHEMA),
    (altered(60, b"\0\2"), C.UNKNOWN_SCHEMA),
]


@pytest.mark.parametrize(("raw", "code"), FATAL)
def test_what_is_no_frame(raw, code):
    good = raw_frame(VERIFY)
    for pieces in ([good + raw], [good, *(raw[i : i + 1] for i in range(len(raw)))]):
        frames, error = read_all(pieces)
        assert [frame.raw for frame in frames] == [good], "what came before stays good"
        assert error is code


def test_reject_of_a_wrong_length():
    raw = encode_header(header_of(VERIFY, kind=Kind.REJECT, total_length=81)) + bytes(17)
    assert read_all([raw]) == ([], C.BAD_LENGTH)


def test_flags_that_mean_nothing_there():
    heartbeat = MESSAGES[Transaction.HEARTBEAT, Kind.REQUEST, 1]
    response = MESSAGES[Transaction.QUERY_USER, Kind.RESPONSE, 1]
    bad = [(heartbeat, FLAG_SEALED), (response, FLAG_RETRY), (heartbeat, 3)]
    for row, flags in bad:
        assert read_all([raw_frame(row, flags=flags)]) == ([], C.BAD_HEADER)
    for row, flags in [(heartbeat, FLAG_RETRY), (response, FLAG_SEALED), (VERIFY, 3)]:
        assert read_all([raw_frame(row, flags=flags)])[1] is None


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_a_side_takes_only_its_kinds(row):
    """A frame sent back to who sent it is no frame there."""
    raw = raw_frame(row)
    for kinds in ([Kind.REQUEST], [Kind.RESPONSE, Kind.NOTIFY, Kind.REJECT]):
        frames, error = read_all([raw], kinds)
        if row.kind in kinds:
            assert (len(frames), error) == (1, None)
        else:
            assert (frames, error) == ([], C.BAD_HEADER)


def test_header_stands_in_the_error_when_it_was_read():
    reader = FrameReader(ALL_KINDS)
    reader.feed(altered(60, b"\0\2"))
    with pytest.raises(FrameError) as caught:
        reader.next_frame()
    assert caught.value.header == header_of(VERIFY, schema=2)
    assert read_all([raw_frame(VERIFY), b"", raw_frame(VERIFY)])[1] is None


def test_nothing_is_kept_after_the_end():
    reader = FrameReader(ALL_KINDS)
    reader.feed(b"X" * 100)
    with pytest.raises(FrameError):
        reader.next_frame()
    reader.feed(b"Y" * 1_000)
    assert not reader.unfinished


def test_a_frame_prints_without_its_bytes():
    frame = read_all([raw_frame(VERIFY)])[0][0]
    assert "1234567890" in frame.raw.decode("latin-1")
    assert "1234567890" not in repr(frame)


@given(st.binary(max_size=400), st.data())
def test_garbage_gives_frames_or_one_error(noise, data):
    start = raw_frame(data.draw(st.sampled_from(ROWS))) if data.draw(st.booleans()) else b""
    stream = bytearray(start + noise)
    if start and data.draw(st.booleans()):
        stream[data.draw(st.integers(0, HEADER_LENGTH - 1))] ^= data.draw(st.integers(1, 255))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=6)) | {0, len(stream)})
    pieces = [bytes(stream[a:b]) for a, b in itertools.pairwise(cuts)]
    whole, pieced = read_all([bytes(stream)]), read_all(pieces)
    assert whole == pieced
