"""The section `[sms.smpp]`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Seconds = Annotated[float, msgspec.Meta(gt=0)]
Octet = Annotated[int, msgspec.Meta(ge=0, le=255)]


class SmppSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to reach one SMSC and what its operator agreed on. All `_s` are seconds.

    Attributes:
        addresses: `host:port`, tried in turn.
        window: submissions without an answer at one time.
        patience_s: how long a message waits for a connection, its turn and the end of throttling.
        answer_s: how long one submission waits for its answer.
        enquire_s: silence after which the link is tried.
        long_messages: cut with a concatenation header, or whole in `message_payload`.
        receipt_ids: "decimal" for an SMSC that answers in hexadecimal and reports in decimal.
    """

    addresses: tuple[str, ...] = ()
    system_id: str = ""
    password_file: str = ""
    system_type: str = ""
    service_type: str = ""
    source: str = ""
    source_ton: Octet = 0
    source_npi: Octet = 0
    tls: bool = False
    ca_file: str = ""
    window: Annotated[int, msgspec.Meta(gt=0, le=1_000)] = 10
    connect_s: Seconds = 5.0
    patience_s: Seconds = 5.0
    answer_s: Seconds = 10.0
    enquire_s: Seconds = 30.0
    back_off_first_s: Seconds = 1.0
    back_off_most_s: Seconds = 60.0
    long_messages: Literal["parts", "payload"] = "parts"
    parts_max: Annotated[int, msgspec.Meta(gt=0, le=255)] = 10
    receipts: bool = True
    receipt_ids: Literal["same", "decimal"] = "same"
