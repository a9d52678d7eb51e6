"""Log-in and log-out of channels, and the house's own notes, as entries: what happens besides
business transactions.
"""

from __future__ import annotations

import msgspec

from tigertally_protocol.codes import ResponseCode
from tigertally_server.domain.administration import AdminWrite
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Personal, Request
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs


class SignedOn(msgspec.Struct, frozen=True, gc=False):
    """A channel signed on; the entry's serial is the session id."""

    client_name: str
    key_version: int
    node: str


class SignedOff(msgspec.Struct, frozen=True, gc=False):
    """A session ended: orderly, or with the reason why not."""

    reason: str


class UnrecordedSummary(msgspec.Struct, frozen=True, gc=False):
    """How often a channel was answered with codes that leave no entry, within one minute (start in
    ms).
    """

    minute_ms: int
    counts: dict[str, int]


class SprayingSuspected(msgspec.Struct, frozen=True, gc=False):
    """Few tries at each of many customers, since `since_ms`: at least so many of them were denied.
    `address` is the end user's where all came from one; it is kept as personal.
    """

    since_ms: int
    customers: int
    tries: int
    denied: int
    address: str = ""


class OperatorAct(msgspec.Struct, frozen=True, gc=False):
    """What an operator did at the command line, and the rows it writes. `details` holds
    no secret.
    """

    act: str
    details: dict[str, str]
    writes: tuple[AdminWrite, ...] = ()


def need_nothing(request: Request, needs: Needs) -> None:
    """The house's own notes touch no row but the log."""


def note_signed_on(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The entry of a log-in."""
    return _noted(request, ResponseCode.SIGNED_ON)


def note_signed_off(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The entry of a log-out."""
    return _noted(request, ResponseCode.SIGNED_OFF)


def note_summary(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The entry that sums up a channel's minute."""
    return _noted(request, ResponseCode.CHANGED)


def note_spraying(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The entry of an alarm. It names no customer and changes none."""
    alarm: SprayingSuspected = request.message
    note = msgspec.json.encode(msgspec.structs.replace(alarm, address=""))
    personal = Personal(end_user_address=alarm.address)
    return Decision(code=ResponseCode.CHANGED, note=note, personal=personal)


def _noted(request: Request, code: ResponseCode) -> Decision:
    note = msgspec.json.encode(request.message)
    return Decision(
        code=code, note=note, personal=Personal(peer=request.peer, operator=request.operator)
    )


def operate(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The entry of an operator's act, with the rows it writes."""
    act: OperatorAct = request.message
    return Decision(
        code=ResponseCode.CHANGED,
        note=msgspec.json.encode({"act": act.act, "details": act.details}),
        personal=Personal(operator=request.operator, peer=request.peer),
        admin=act.writes,
    )
