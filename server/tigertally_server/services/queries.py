"""Was transaction N verified, how and when (交易验证查询); and the claim of a serial, so that it
never runs.

A query is read-only and says what is known now; only the answer of a cancellation proves that a
serial was not executed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.query import (
    CancelSerialRequest,
    QueryReferenceRequest,
    QueryResponse,
    QuerySerialRequest,
)
from tigertally_protocol.transactions import FACTORS, PasswordKind, QueryState, Transaction
from tigertally_server.domain.entry import Entry
from tigertally_server.services.context import Context
from tigertally_server.services.recording import open_outcome
from tigertally_server.services.request import Claim, Decision, Personal, Phase, Request
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs, QueriedEntry, ReferenceKey, SerialKey

_FINAL_PHASES = (Phase.FINAL, Phase.SETTLED)
# The first of several names of one transaction is the one that its blank fields mean.
_METHODS = {int(transaction): name for name, transaction in reversed(FACTORS.items())}

_PASSWORDS = {
    int(Transaction.VERIFY_PASSWORD): {kind.value: kind.name.lower() for kind in PasswordKind}
}


def _serial_key(request: Request) -> SerialKey:
    message: QuerySerialRequest = request.message
    day = message.business_day or request.business_day
    return (day, message.channel or request.channel.id, message.serial)


def _reference_key(request: Request) -> ReferenceKey:
    message: QueryReferenceRequest = request.message
    day = message.business_day or request.business_day
    return (day, message.channel or request.channel.id, message.reference)


def _cancelled_key(request: Request) -> SerialKey:
    message: CancelSerialRequest = request.message
    return (message.business_day or request.business_day, request.channel.id, message.serial)


def need_queried_serial(request: Request, needs: Needs) -> None:
    """The entries of the serial asked about."""
    needs.queried.add(_serial_key(request))


def need_reference(request: Request, needs: Needs) -> None:
    """The entries of the bank's own reference asked about."""
    needs.references.add(_reference_key(request))


def need_cancelled_serial(request: Request, needs: Needs) -> None:
    """The serial to be claimed: its entries, and its place among the stored answers."""
    needs.queried.add(_cancelled_key(request))
    needs.serials.add(_cancelled_key(request))


def query_serial(request: Request, work: WorkingSet, context: Context) -> Decision:
    """What is known of a serial."""
    return _answer(request, work.queried(_serial_key(request)), context)


def query_reference(request: Request, work: WorkingSet, context: Context) -> Decision:
    """What is known under the bank's own reference."""
    return _answer(request, work.referenced(_reference_key(request)), context)


def _answer(request: Request, found: Sequence[QueriedEntry], context: Context) -> Decision:
    visible = [item for item in found if _may_see(request, item.entry, context)]
    final = _final(visible)
    if final is not None:
        return Decision(code=ResponseCode.ANSWERED, body=_describe(final, context))
    if visible:
        pending = QueryResponse(of_state=QueryState.IN_PROGRESS, of_serial=visible[0].entry.serial)
        return Decision(code=ResponseCode.IN_PROGRESS, body=pending)
    return Decision(
        code=ResponseCode.NOT_SEEN_YET, body=QueryResponse(of_state=QueryState.NOT_SEEN)
    )


def _may_see(request: Request, entry: Entry, context: Context) -> bool:
    """A back-end system sees the transactions of its own institution, whatever channel they came
    by.
    """
    if entry.channel_id == request.channel.id:
        return True
    other = context.snapshot.channels.get(entry.channel_id)
    return other is not None and other.institution == request.channel.institution


def _final(found: Sequence[QueriedEntry]) -> QueriedEntry | None:
    finals = [item for item in found if item.entry.phase in _FINAL_PHASES]
    return finals[-1] if finals else None


def _describe(item: QueriedEntry, context: Context) -> QueryResponse:
    entry = item.entry
    cancelled = entry.result == ResponseCode.SERIAL_CANCELLED
    opened = open_outcome(context, entry)
    token = getattr(opened.body, "token", "")
    return QueryResponse(
        of_state=QueryState.CANCELLED if cancelled else QueryState.RECORDED,
        of_transaction=entry.transaction,
        of_result=entry.result,
        of_time=entry.at_ms,
        of_serial=entry.serial,
        of_shard=entry.shard,
        of_seq=entry.seq,
        method=_method(entry, opened.body),
        token=token,
        customer=item.customer,
        reference=entry.reference,
    )


def _method(entry: Entry, body: Any) -> str:
    """By which factor somebody was verified; blank for what verifies nobody."""
    if body is None:
        return ""
    if named := getattr(body, "factor", "") or getattr(body, "method", ""):
        return str(named)
    if kind := getattr(body, "kind", 0):
        return _PASSWORDS.get(entry.transaction, {}).get(kind, "")
    return _METHODS.get(entry.transaction, "otp" if getattr(body, "token", "") else "")


def cancel_serial(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Claims an unseen serial, so that a late arrival is refused; a seen one is described and left
    as it is.
    """
    message: CancelSerialRequest = request.message
    key = _cancelled_key(request)
    personal = Personal(
        peer=request.peer, operator=request.operator or message.operator, reason=message.reason
    )
    if key == request.key:
        return Decision(code=ResponseCode.BAD_SERIAL)
    found = work.queried(key)
    final = _final(found)
    if final is not None:
        body = _describe(final, context)
        code = (
            ResponseCode.CHANGED
            if final.entry.result == ResponseCode.SERIAL_CANCELLED
            else ResponseCode.SERIAL_ALREADY_EXECUTED
        )
        return Decision(code=code, body=body, personal=personal)
    if found:
        return Decision(code=ResponseCode.IN_PROGRESS)
    decided = work.decided.get(key)
    if decided is not None:
        # Decided earlier in this very batch: its entry can't be described before it stands.
        return Decision(
            code=ResponseCode.IN_PROGRESS, body=QueryResponse(of_state=QueryState.IN_PROGRESS)
        )
    return Decision(
        code=ResponseCode.CHANGED,
        body=QueryResponse(of_state=QueryState.CANCELLED, of_serial=message.serial),
        personal=personal,
        claims=(Claim(key, ResponseCode.SERIAL_CANCELLED),),
    )
