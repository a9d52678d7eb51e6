"""Ask what became of an earlier request, or cancel one that has not arrived."""

from __future__ import annotations

from typing import Final

import construct
import msgspec

from tigertally_protocol.constants import NO_SHARD
from tigertally_protocol.fields import U8, U16, U32, U64, Ident, Reserved, Text
from tigertally_protocol.messages.business import BusinessResponse, prefix


class QuerySerialRequest(msgspec.Struct, frozen=True, gc=False):
    """What became of a serial. `channel` 0: one's own; `business_day` 0: the header's."""

    channel: int = 0
    business_day: int = 0
    serial: int = 0


QUERY_SERIAL_REQUEST: Final = construct.Struct(
    "channel" / U32, "business_day" / U16, Reserved(2), "serial" / U64
)


class QueryReferenceRequest(msgspec.Struct, frozen=True, gc=False):
    """What became of the bank's own reference. Other fields as in `QuerySerialRequest`."""

    channel: int = 0
    business_day: int = 0
    reference: str = ""


QUERY_REFERENCE_REQUEST: Final = construct.Struct(
    "channel" / U32, "business_day" / U16, Reserved(2), "reference" / Ident(32)
)


class QueryResponse(BusinessResponse, frozen=True, gc=False):
    """The earlier request, as recorded.

    Attributes:
        of_state: a `QueryState`; the fields below are blank unless it is RECORDED or CANCELLED.
        of_transaction: its transaction code.
        of_result: its return code.
        of_time: when it was recorded, milliseconds since the epoch.
        of_serial: its serial.
        of_shard, of_seq: its entry in the audit log; 0xFFFF: none.
        method: how it was verified.
    """

    of_state: int = 0
    of_transaction: int = 0
    of_result: int = 0
    of_time: int = 0
    of_serial: int = 0
    of_shard: int = NO_SHARD
    of_seq: int = 0
    method: str = ""
    token: str = ""
    customer: str = ""
    reference: str = ""


QUERY_RESPONSE: Final = construct.Struct(
    *prefix(),
    "of_state" / U8,
    Reserved(1),
    "of_transaction" / U16,
    "of_result" / U32,
    "of_time" / U64,
    "of_serial" / U64,
    "of_shard" / U16,
    Reserved(6),
    "of_seq" / U64,
    "method" / Ident(16),
    "token" / Ident(24),
    "customer" / Ident(32),
    "reference" / Ident(32),
)


class CancelSerialRequest(msgspec.Struct, frozen=True, gc=False):
    """Claim an unseen serial, so that it is refused when it arrives late. `business_day` 0: the
    header's.
    """

    business_day: int = 0
    serial: int = 0
    operator: str = ""
    reason: str = ""


CANCEL_SERIAL_REQUEST: Final = construct.Struct(
    "business_day" / U16,
    Reserved(6),
    "serial" / U64,
    "operator" / Ident(16),
    "reason" / Text(48),
)
