"""One message of ours as the PDUs that carry it. Pure.

A receipt is asked for the last part; for the others only if they fail, so that one message is
reported once when all is well.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from tigertally_drivers.errors import Rejected
from tigertally_drivers.sms.port import SmsMessage
from tigertally_drivers.sms.smpp.alphabet import (
    SINGLE,
    Encoded,
    concatenation_header,
    cut,
    encode_text,
)
from tigertally_drivers.sms.smpp.pdu import SubmitSm, Tag
from tigertally_drivers.sms.smpp.settings import SmppSettings

_NUMBER: Final = re.compile(r"\+?[0-9]{3,20}", re.ASCII)
_INTERNATIONAL, _UNKNOWN, _ISDN = 1, 0, 1  # §5.2.5, §5.2.6
_HAS_HEADER: Final = 0x40  # esm_class, §5.2.12: UDHI
_RECEIPT, _RECEIPT_OF_FAILURE = 1, 2  # registered_delivery, §5.2.17
_DAY_S: Final = 86_400
_LONGEST_S: Final = 27 * _DAY_S
_PAYLOAD_MAX: Final = 0xFFFF


class Part(msgspec.Struct, frozen=True, gc=False):
    """What one SUBMIT_SM carries."""

    body: SubmitSm
    options: dict[int, bytes] = {}


def compose(message: SmsMessage, settings: SmppSettings, reference: int) -> tuple[Part, ...]:
    """The parts in order. Raises `Rejected` when number or text can't be sent at all."""
    if not _NUMBER.fullmatch(message.number):
        raise Rejected("the number is no telephone number")
    try:
        encoded = encode_text(message.text)
    except UnicodeEncodeError:
        raise Rejected("the text holds half a character") from None
    frame = _frame(message, settings, encoded)
    if settings.long_messages == "payload" and len(encoded.octets) > SINGLE[encoded.coding]:
        return (_payload(frame, encoded),)
    pieces = cut(encoded)
    if len(pieces) > settings.parts_max:
        raise Rejected(f"the text needs more than {settings.parts_max} messages")
    if len(pieces) == 1:
        return (Part(msgspec.structs.replace(frame, short_message=pieces[0])),)
    return tuple(
        Part(_part(frame, reference, len(pieces), number, piece))
        for number, piece in enumerate(pieces, 1)
    )


def _frame(message: SmsMessage, settings: SmppSettings, encoded: Encoded) -> SubmitSm:
    international = message.number.startswith("+")
    return SubmitSm(
        service_type=settings.service_type,
        source_addr_ton=settings.source_ton,
        source_addr_npi=settings.source_npi,
        source_addr=settings.source,
        dest_addr_ton=_INTERNATIONAL if international else _UNKNOWN,
        dest_addr_npi=_ISDN,
        destination_addr=message.number.removeprefix("+"),
        validity_period=relative_time(message.valid_for_s),
        registered_delivery=_RECEIPT if settings.receipts else 0,
        data_coding=encoded.coding,
    )


def _part(frame: SubmitSm, reference: int, total: int, number: int, piece: bytes) -> SubmitSm:
    wanted = frame.registered_delivery if number == total else frame.registered_delivery * 2
    assert wanted in {0, _RECEIPT, _RECEIPT_OF_FAILURE}
    return msgspec.structs.replace(
        frame,
        esm_class=_HAS_HEADER,
        registered_delivery=wanted,
        short_message=concatenation_header(reference, total, number) + piece,
    )


def _payload(frame: SubmitSm, encoded: Encoded) -> Part:
    if len(encoded.octets) > _PAYLOAD_MAX:
        raise Rejected("the text is too long for one message")
    return Part(frame, {Tag.MESSAGE_PAYLOAD: encoded.octets})


def relative_time(seconds: int) -> str:
    """§7.1.1.2, relative format YYMMDDhhmmsstnnR; "" for 0. Never more than 27 days, for months
    have no length.
    """
    if seconds <= 0:
        return ""
    days, rest = divmod(min(seconds, _LONGEST_S), _DAY_S)
    hours, rest = divmod(rest, 3_600)
    return f"0000{days:02}{hours:02}{rest // 60:02}{rest % 60:02}000R"
