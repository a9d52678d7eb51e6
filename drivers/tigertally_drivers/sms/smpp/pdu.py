"""The PDUs of SMPP 3.4 that a sender needs, as records, and their layouts as one table.

Source: *Short Message Peer to Peer Protocol Specification v3.4*, issue 1.2, §3 (formats), §4 (PDUs)
and §5 (parameters). A body is its mandatory parameters in the order of its row in `LAYOUTS`, then
optional parameters (tag, length, value), which are kept by tag whether we know them or not.

Invariants: decoding never raises. A body that doesn't fit its layout is a `Malformed` body, a
command we don't know an `Unknown` one; both keep the header, so that the peer can be told. Texts
are printable ASCII. No text and no number in any repr.
"""

from __future__ import annotations

import enum
from typing import Final

import msgspec

from tigertally_drivers.sms.smpp.fields import (
    U8,
    CString,
    Field,
    FieldError,
    Octets,
    Reader,
    pack_options,
    read_options,
)

HEADER_BYTES: Final = 16
RESPONSE_BIT: Final = 0x8000_0000


class Command(enum.IntEnum):
    """§5.1.2.1."""

    GENERIC_NACK = 0x8000_0000
    BIND_TRANSCEIVER = 0x0000_0009
    BIND_TRANSCEIVER_RESP = 0x8000_0009
    SUBMIT_SM = 0x0000_0004
    SUBMIT_SM_RESP = 0x8000_0004
    DELIVER_SM = 0x0000_0005
    DELIVER_SM_RESP = 0x8000_0005
    UNBIND = 0x0000_0006
    UNBIND_RESP = 0x8000_0006
    ENQUIRE_LINK = 0x0000_0015
    ENQUIRE_LINK_RESP = 0x8000_0015


class Tag(enum.IntEnum):
    """§5.3.2: the optional parameters that mean something to us."""

    RECEIPTED_MESSAGE_ID = 0x001E
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class Body(msgspec.Struct, frozen=True, gc=False):
    """What follows the header."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class BindTransceiver(Body, frozen=True, gc=False):
    """§4.1.5."""

    system_id: str
    password: str
    system_type: str = ""
    interface_version: int = 0x34
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""


class BindTransceiverResp(Body, frozen=True, gc=False):
    """§4.1.6."""

    system_id: str = ""


class ShortMessage(Body, frozen=True, gc=False):
    """§4.4.1 and §4.6.1: SUBMIT_SM and DELIVER_SM have the same parameters."""

    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""


class SubmitSm(ShortMessage, frozen=True, gc=False):
    """A message for the network."""


class DeliverSm(ShortMessage, frozen=True, gc=False):
    """A message, or a receipt, for us."""


class SubmitSmResp(Body, frozen=True, gc=False):
    """§4.4.2."""

    message_id: str = ""


class DeliverSmResp(Body, frozen=True, gc=False):
    """§4.6.2: the identifier isn't used."""

    message_id: str = ""


class Unbind(Body, frozen=True, gc=False):
    """§4.2.1."""


class UnbindResp(Body, frozen=True, gc=False):
    """§4.2.2."""


class EnquireLink(Body, frozen=True, gc=False):
    """§4.11.1."""


class EnquireLinkResp(Body, frozen=True, gc=False):
    """§4.11.2."""


class GenericNack(Body, frozen=True, gc=False):
    """§4.3.1: the header of what we sent was no good."""


class Malformed(Body, frozen=True, gc=False):
    """A body that doesn't fit its layout; `field` names where."""

    command: int
    field: str


class Unknown(Body, frozen=True, gc=False):
    """A command outside `Command`."""

    command: int


_MESSAGE: Final[tuple[tuple[str, Field], ...]] = (
    ("service_type", CString(6)),
    ("source_addr_ton", U8),
    ("source_addr_npi", U8),
    ("source_addr", CString(21)),
    ("dest_addr_ton", U8),
    ("dest_addr_npi", U8),
    ("destination_addr", CString(21)),
    ("esm_class", U8),
    ("protocol_id", U8),
    ("priority_flag", U8),
    ("schedule_delivery_time", CString(17)),
    ("validity_period", CString(17)),
    ("registered_delivery", U8),
    ("replace_if_present_flag", U8),
    ("data_coding", U8),
    ("sm_default_msg_id", U8),
    ("short_message", Octets(254)),
)

LAYOUTS: Final[dict[Command, tuple[type[Body], tuple[tuple[str, Field], ...]]]] = {
    Command.GENERIC_NACK: (GenericNack, ()),
    Command.BIND_TRANSCEIVER: (
        BindTransceiver,
        (
            ("system_id", CString(16)),
            ("password", CString(9)),
            ("system_type", CString(13)),
            ("interface_version", U8),
            ("addr_ton", U8),
            ("addr_npi", U8),
            ("address_range", CString(41)),
        ),
    ),
    Command.BIND_TRANSCEIVER_RESP: (BindTransceiverResp, (("system_id", CString(16)),)),
    Command.SUBMIT_SM: (SubmitSm, _MESSAGE),
    Command.SUBMIT_SM_RESP: (SubmitSmResp, (("message_id", CString(65)),)),
    Command.DELIVER_SM: (DeliverSm, _MESSAGE),
    Command.DELIVER_SM_RESP: (DeliverSmResp, (("message_id", CString(65)),)),
    Command.UNBIND: (Unbind, ()),
    Command.UNBIND_RESP: (UnbindResp, ()),
    Command.ENQUIRE_LINK: (EnquireLink, ()),
    Command.ENQUIRE_LINK_RESP: (EnquireLinkResp, ()),
}
COMMAND_OF: Final[dict[type[Body], Command]] = {
    kind: command for command, (kind, _) in LAYOUTS.items()
}


class Pdu(msgspec.Struct, frozen=True, gc=False):
    """One whole PDU. `options`: optional parameters by tag; of a repeated tag the first counts."""

    sequence: int
    body: Body
    status: int = 0
    options: dict[int, bytes] = {}

    def __repr__(self) -> str:
        return f"<Pdu {self.sequence} {self.body!r} status {self.status:#x}>"

    @property
    def is_response(self) -> bool:
        """Whether it answers something of ours, readable or not."""
        if isinstance(self.body, Malformed | Unknown):
            return bool(self.body.command & RESPONSE_BIT)
        return bool(COMMAND_OF[type(self.body)] & RESPONSE_BIT)


def encode(pdu: Pdu) -> bytes:
    """Raises `FieldError` when a value doesn't fit its field: our own mistake, or a setting's."""
    command = COMMAND_OF[type(pdu.body)]
    body = b"".join(kind.pack(name, getattr(pdu.body, name)) for name, kind in LAYOUTS[command][1])
    body += pack_options(pdu.options)
    numbers = (HEADER_BYTES + len(body), command, pdu.status, pdu.sequence)
    return b"".join(number.to_bytes(4, "big") for number in numbers) + body


def decode(raw: bytes) -> Pdu:
    """One whole PDU, header included; its length is the framing's business."""
    number, status, sequence = (int.from_bytes(raw[at : at + 4], "big") for at in (4, 8, 12))
    try:
        command = Command(number)
    except ValueError:
        return Pdu(sequence, Unknown(number), status)
    kind, layout = LAYOUTS[command]
    reader = Reader(raw, HEADER_BYTES)
    if status and number & RESPONSE_BIT and reader.at_end:
        return Pdu(sequence, kind(), status)  # a refusal may leave its body out
    try:
        values = {name: field.read(name, reader) for name, field in layout}
        return Pdu(sequence, kind(**values), status, read_options(reader))
    except FieldError as problem:
        return Pdu(sequence, Malformed(number, problem.field), status)
