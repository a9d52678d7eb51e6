"""What a DELIVER_SM says about a message sent before (SMPP 3.4 appendix B, §5.3.2.12, §5.3.2.35).

The optional parameters count before the text, which every vendor writes a little differently. The
text's words about the message itself are never read.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from tigertally_drivers.sms.port import DeliveryState
from tigertally_drivers.sms.smpp.alphabet import Coding, decode_text
from tigertally_drivers.sms.smpp.pdu import DeliverSm, Pdu, Tag

_TYPE_BITS: Final = 0x3C
_WORDS_MAX: Final = 1_000
_RECEIPT_TYPES: Final = frozenset({0x04, 0x20})  # SMSC delivery receipt, intermediate notification

_BY_NUMBER: Final = {
    1: DeliveryState.ACCEPTED,
    2: DeliveryState.DELIVERED,
    3: DeliveryState.EXPIRED,
    4: DeliveryState.FAILED,
    5: DeliveryState.FAILED,
    6: DeliveryState.ACCEPTED,
    7: DeliveryState.UNKNOWN,
    8: DeliveryState.FAILED,
}
_BY_WORD: Final = {
    "ENROUTE": DeliveryState.ACCEPTED,
    "ACCEPTD": DeliveryState.ACCEPTED,
    "DELIVRD": DeliveryState.DELIVERED,
    "EXPIRED": DeliveryState.EXPIRED,
    "DELETED": DeliveryState.FAILED,
    "UNDELIV": DeliveryState.FAILED,
    "REJECTD": DeliveryState.FAILED,
    "UNKNOWN": DeliveryState.UNKNOWN,
}
_ID: Final = re.compile(r"\bid:([!-~]{1,64})", re.ASCII | re.IGNORECASE)
_STATE: Final = re.compile(r"\bstat:([A-Z]{1,10})", re.ASCII | re.IGNORECASE)
_ERROR: Final = re.compile(r"\berr:([0-9A-Za-z]{1,10})", re.ASCII | re.IGNORECASE)
_TEXT: Final = re.compile(r"\btext:.*", re.ASCII | re.IGNORECASE | re.DOTALL)


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """`message_id` as the gateway writes it in receipts."""

    message_id: str
    state: DeliveryState
    reason: str = ""


def read_receipt(pdu: Pdu) -> Receipt | None:
    """None for a message from a person, and for a receipt that doesn't say of what."""
    body = pdu.body
    if not isinstance(body, DeliverSm) or body.esm_class & _TYPE_BITS not in _RECEIPT_TYPES:
        return None
    words = _words(body, pdu.options)
    named = pdu.options.get(Tag.RECEIPTED_MESSAGE_ID, b"").partition(b"\0")[0].decode("latin-1")
    message_id = named or _found(_ID, words)
    if not message_id or len(message_id) > 64 or not _printable(message_id):
        return None
    number = pdu.options.get(Tag.MESSAGE_STATE, b"")
    state = _BY_NUMBER.get(number[0]) if len(number) == 1 else None
    if state is None:
        state = _BY_WORD.get(_found(_STATE, words).upper(), DeliveryState.UNKNOWN)
    return Receipt(message_id, state, _reason(pdu.options, words))


def _words(body: DeliverSm, options: dict[int, bytes]) -> str:
    octets = body.short_message or options.get(Tag.MESSAGE_PAYLOAD, b"")
    if body.data_coding == Coding.UCS2:
        text = decode_text(Coding.UCS2, octets)
    else:
        text = octets.decode("latin-1")  # receipts are ASCII, whatever alphabet is said
    return _TEXT.sub("", text[:_WORDS_MAX])


def _reason(options: dict[int, bytes], words: str) -> str:
    network = options.get(Tag.NETWORK_ERROR_CODE, b"")
    if len(network) == 3:
        return f"network {network[0]} error {int.from_bytes(network[1:], 'big')}"
    return _found(_ERROR, words)


def _found(pattern: re.Pattern[str], words: str) -> str:
    match = pattern.search(words)
    return match[1] if match else ""


def _printable(text: str) -> bool:
    return text.isascii() and text.isprintable()
