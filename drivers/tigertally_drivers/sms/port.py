"""What the product asks of a short-message gateway, and the records that pass.

A driver sends *one* text to *one* number, once per call: it never repeats a submission whose
outcome it doesn't know, because a customer who gets two codes trusts neither. Repeating is for the
caller, who knows what the message is for.

Knows nothing of codes, templates, limits or the outbox. Numbers and texts are secrets: they appear
in no repr, no error and no log line.

Invariants: `submit` may be called by many tasks at once, before and while `run` runs; it raises
only `errors.DriverError`, where *unavailable* and *rejected* say that nothing was sent. A report is
acknowledged to the gateway only after the sink returned, so that it isn't lost with a process.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from tigertally_drivers.ports import Clock, Entropy


class DeliveryState(enum.IntEnum):
    """What a gateway says about a message. Only the last three are final."""

    ACCEPTED = 1
    """The gateway took it and answers for it; not yet at the handset."""
    UNKNOWN = 2
    """The gateway itself doesn't know."""
    DELIVERED = 3
    EXPIRED = 4
    """Not delivered within its validity."""
    FAILED = 5
    """Refused by the network or the handset, or deleted."""


class SmsMessage(msgspec.Struct, frozen=True, gc=False):
    """One message: `number` in E.164 with its leading `+`, or as the gateway's network dials it;
    `valid_for_s` seconds from now, after which the network should drop it (0: the gateway's rule).
    """

    id: bytes
    """Sixteen bytes of ours; a driver may show them to the gateway as its reference."""
    number: str
    text: str
    valid_for_s: int = 0

    def __repr__(self) -> str:
        return f"<SmsMessage {self.id.hex()}>"


class SubmitResult(msgspec.Struct, frozen=True, gc=False):
    """The gateway's own name for the message ("" when it gives none, and then no report can be
    told to belong to it) and what it said at once.
    """

    gateway_id: str
    state: DeliveryState = DeliveryState.ACCEPTED


class DeliveryReport(msgspec.Struct, frozen=True, gc=False):
    """What became of a message, told later. `at_ms`: when we heard of it. `reason`: the network's
    error code as printable ASCII, at most 32 characters, "" when it gave none.
    """

    gateway_id: str
    state: DeliveryState
    at_ms: int
    reason: str = ""


ReportSink = Callable[[DeliveryReport], Awaitable[None]]
"""Stores a report; may be called with the same report again and with one nobody asked for. When it
raises a `DriverError` the gateway is told to deliver the report again."""


class SmsGateway(Protocol):
    """A way of sending short messages."""

    async def submit(self, message: SmsMessage) -> SubmitResult:
        """Hands one message over and waits, up to the driver's own limit, for the answer.

        Raises:
            Unavailable: no connection, or the gateway is overloaded; nothing was sent.
            Rejected: the gateway refused this message; nothing was sent.
            TimedOut: it was handed over and no answer came; it may arrive.
            Misbehaved: the answer can't be understood; it may arrive.
        """
        ...

    async def run(self, reports: ReportSink) -> None:
        """Owns the connection, if the driver has one, until cancelled: one task of the caller's
        nursery. Lost connections are made again in here; it returns or raises only when cancelled.
        """
        ...


class Surroundings(msgspec.Struct, frozen=True):
    """What a driver gets beside its own settings. `state_dir`: where relative paths start."""

    clock: Clock
    entropy: Entropy
    state_dir: Path


GatewayFactory = Callable[[Mapping[str, object], Surroundings], SmsGateway]
"""What an entry point of the group `tigertally.sms` names: makes a gateway from its section of the
configuration. Raises `Rejected`, naming the key, when a setting is wrong."""
