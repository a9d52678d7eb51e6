"""The 64-byte header in front of every body.

`HEADER` is the declaration; `decode_header` and `encode_header` are derived from it by the same
walk as the bodies' codecs. Only what makes the rest readable is judged here: magic, version, header
length, unknown flags. Everything else — sizes, sessions, sequences — is for those who know the
rules.
"""

from __future__ import annotations

import struct
from functools import partial
from typing import Final

import construct
import msgspec

from tigertally_protocol.codec import walk
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import HEADER_LENGTH, KNOWN_FLAGS, MAGIC, VERSION
from tigertally_protocol.errors import FrameError
from tigertally_protocol.fields import U8, U16, U32, U64

HEADER: Final = construct.Struct(
    "magic" / U16,
    "version" / U8,
    "header_length" / U8,
    "total_length" / U32,
    "transaction" / U16,
    "kind" / U8,
    "flags" / U8,
    "channel_id" / U32,
    "serial" / U64,
    "sender_time" / U64,
    "return_code" / U32,
    "budget_ms" / U32,
    "key_generation" / U16,
    "suite" / U8,
    "field_cipher" / U8,
    "session_id" / U64,
    "sequence" / U64,
    "schema" / U16,
    "business_day" / U16,
)


class Header(msgspec.Struct, frozen=True, gc=False):
    """A header's fields after the three fixed ones, as they stand on the wire.

    Attributes:
        total_length: of the frame, header and MAC included.
        transaction: transaction code; may be one that this side doesn't know.
        kind: 1 request, 2 response, 3 notify, 4 reject.
        flags: bit 0 SEALED, bit 1 RETRY.
        serial: the sender's number of the request, 1 … 2^63−1; 0 in notifies.
        sender_time: milliseconds since 1970-01-01 UTC by the sender's clock; told, never trusted.
        return_code: a `ResponseCode`; 0 in requests and notifies.
        budget_ms: requests: time left for execution, 0 = the server's default. Responses: how long
            to wait before asking again, 0 = nothing said.
        key_generation: of the working keys; in sign-on, the version of the channel master key.
        session_id: given by the server's greeting.
        sequence: per connection and direction, strictly rising from 1.
        schema: version of the body's layout.
        business_day: days since 1970-01-01, chosen by the requester, unchanged in a retry.
    """

    total_length: int
    transaction: int
    kind: int
    flags: int
    channel_id: int
    serial: int
    sender_time: int
    return_code: int
    budget_ms: int
    key_generation: int
    suite: int
    field_cipher: int
    session_id: int
    sequence: int
    schema: int
    business_day: int


_FORMAT: Final = struct.Struct(">" + "".join(spec.code for spec in walk(HEADER)))
# The first three fields never change, so they are compared as one.
_FIXED: Final = struct.pack(">HBB", MAGIC, VERSION, HEADER_LENGTH)
_unpack_rest: Final = struct.Struct(
    ">" + "".join(spec.code for spec in walk(HEADER)[3:])
).unpack_from
# Fields in order after the first three; for callers on the hot path that have no `Header`.
pack_header: Final = partial(_FORMAT.pack, MAGIC, VERSION, HEADER_LENGTH)

assert _FORMAT.size == HEADER_LENGTH


def encode_header(header: Header) -> bytes:
    """The 64 bytes of `header`.

    Raises:
        struct.error: a number does not fit its field; callers give numbers of their own.
    """
    return pack_header(*msgspec.structs.astuple(header))


def decode_header(data: bytes, offset: int = 0) -> Header:
    """The header at `offset` of at least 64 bytes.

    Raises:
        FrameError: BAD_MAGIC, BAD_VERSION or BAD_HEADER.
    """
    if not data.startswith(_FIXED, offset):
        raise FrameError(_what_differs(data[offset : offset + len(_FIXED)]))
    header = Header(*_unpack_rest(data, offset + len(_FIXED)))
    if header.flags & ~KNOWN_FLAGS:
        raise FrameError(ResponseCode.BAD_HEADER, header)
    return header


def _what_differs(start: bytes) -> ResponseCode:
    if start[:2] != _FIXED[:2]:
        return ResponseCode.BAD_MAGIC
    return ResponseCode.BAD_VERSION if start[2] != VERSION else ResponseCode.BAD_HEADER
