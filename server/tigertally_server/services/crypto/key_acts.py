"""A channel's own working keys: asked about, made, brought, retired.

A new generation takes over at once and the one before becomes old. Transport keys come from a
ceremony or under another transport key; no key travels under one that is weaker than itself, and a
key that the server made for a channel may not be passed on. Destroying is the operators' act.
"""

from __future__ import annotations

import hmac
from dataclasses import replace

from tigertally_engines.crypto.key_blocks import (
    FRESH_BYTES,
    PURPOSES,
    BlockDoesNotOpen,
    CarriedKey,
    disclose,
    enclose,
)
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.crypto import (
    ImportKeyRequest,
    IssueKeyRequest,
    KeyResponse,
    QueryKeyRequest,
    RetireKeyRequest,
)
from tigertally_server.domain.administration import PutKey
from tigertally_server.domain.key import KeyLevel, KeyRecord, KeyState
from tigertally_server.services.context import Context
from tigertally_server.services.crypto.answers import finder_of, personal, refusal
from tigertally_server.services.crypto.finding import (
    OpenedKey,
    Refused,
    Use,
    owner_of_channel,
)
from tigertally_server.services.crypto.making import (
    TRANSPORT,
    NewKey,
    check_kind,
    check_strength,
    new_generation,
    new_key_bytes,
)
from tigertally_server.services.key_checks import BadKeyBytes, check_value_of
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs


def need_key_id(request: Request, needs: Needs) -> None:
    """For a new generation."""
    needs.key_ids += 1


def query_key(request: Request, work: WorkingSet, context: Context) -> Decision:
    """What is known of it; nothing secret."""
    message: QueryKeyRequest = request.message
    try:
        record = _found(request, context, message.key, message.key_purpose, message.key_generation)
    except Refused as refused:
        return refusal(request, refused)
    return Decision(code=ResponseCode.ANSWERED, body=_told(record))


def issue_key(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Made here; carried in the answer where a transport key was named."""
    message: IssueKeyRequest = request.message
    try:
        check_kind(context.crypto, message.key_purpose, message.key_algorithm)
        raw = new_key_bytes(message.key_algorithm, context.keyring)
        transport = _transport(request, context, message.transport_key, message.key_algorithm)
        writes, record = _next_generation(
            request, work, context, (message.key, message.key_purpose, message.key_algorithm), raw
        )
    except Refused as refused:
        return refusal(request, refused)
    block = ""
    if transport is not None:
        carried = CarriedKey(message.key_purpose, message.key_algorithm, raw, exportable=False)
        fresh = context.keyring.random_bytes(FRESH_BYTES)
        block = transport.made_with(lambda algorithm, key: enclose(algorithm, key, carried, fresh))
    return _changed(request, record, writes, block)


def import_key(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Brought in a key block, which says what it is for."""
    message: ImportKeyRequest = request.message
    try:
        carried = _carried(request, context)
        check_kind(context.crypto, carried.purpose, carried.algorithm)
        _transport(request, context, message.transport_key, carried.algorithm)
        _compare_check(message.check_value, carried)
        place = (message.key, carried.purpose, carried.algorithm)
        writes, record = _next_generation(
            request, work, context, place, carried.key, exportable=carried.exportable
        )
    except Refused as refused:
        return refusal(request, refused)
    return _changed(request, record, writes)


def retire_key(request: Request, work: WorkingSet, context: Context) -> Decision:
    """The current generation becomes old: it verifies and deciphers, and makes nothing more."""
    message: RetireKeyRequest = request.message
    try:
        record = _found(request, context, message.key, message.key_purpose, 0)
        _claim(request, work, record.place)
        if record.owner != owner_of_channel(request.channel.id):
            raise Refused(ResponseCode.KEY_NOT_USABLE)
    except Refused as refused:
        return refusal(request, refused)
    old = replace(record, state=KeyState.OLD, changed_at_ms=request.received_ms)
    return _changed(request, old, (PutKey(old, record),))


def _found(
    request: Request, context: Context, name: str, purpose: str, generation: int
) -> KeyRecord:
    if purpose not in PURPOSES:
        raise Refused(ResponseCode.BAD_FIELD, "key_purpose")
    return finder_of(request, context).record(name, purpose, Use.ASK, generation)


def _transport(
    request: Request, context: Context, name: str, carried_algorithm: str
) -> OpenedKey | None:
    """The transport key of that name, strong enough; None for none."""
    if not name:
        return None
    key = finder_of(request, context).key(name, TRANSPORT, Use.MAKE)
    check_strength(key.record.algorithm, carried_algorithm)
    return key


def _carried(request: Request, context: Context) -> CarriedKey:
    message: ImportKeyRequest = request.message
    transport = finder_of(request, context).key(message.transport_key, TRANSPORT, Use.MAKE)
    try:
        return transport.made_with(
            lambda algorithm, key: disclose(algorithm, key, message.key_block)
        )
    except BlockDoesNotOpen:
        raise Refused(ResponseCode.KEY_BLOCK_REFUSED) from None


def _compare_check(said: str, carried: CarriedKey) -> None:
    try:
        check = check_value_of(carried.algorithm, carried.key).hex()
    except BadKeyBytes:
        raise Refused(ResponseCode.KEY_BLOCK_REFUSED) from None
    if said and not hmac.compare_digest(said.lower().encode(), check.encode()):
        raise Refused(ResponseCode.CHECK_VALUE_DIFFERS)


def _next_generation(
    request: Request,
    work: WorkingSet,
    context: Context,
    what: tuple[str, str, str],
    raw: bytes,
    *,
    exportable: bool = False,
) -> tuple[tuple[PutKey, ...], KeyRecord]:
    """(writes, the new record) for (name, purpose, algorithm)."""
    name, purpose, algorithm = what
    owner, now_ms = owner_of_channel(request.channel.id), request.received_ms
    _claim(request, work, (KeyLevel.WORKING.value, owner, purpose, name))
    return new_generation(
        context.keyring,
        context.opened.named(context.keyring, owner, name),
        NewKey(owner, name, purpose, algorithm, exportable),
        work.new_key_id(),
        raw,
        now_ms,
    )


def _claim(request: Request, work: WorkingSet, place: tuple[str, str, str, str]) -> None:
    """One change of a key per batch: a second one would be decided on what the first replaced."""
    if place in work.changed_keys:
        raise Refused(ResponseCode.BUSY)


def _told(record: KeyRecord, block: str = "") -> KeyResponse:
    return KeyResponse(
        key_generation=record.generation,
        key_algorithm=record.algorithm,
        key_state=record.state.value,
        check_value=record.check_value.hex(),
        key_expires_at=record.expires_at_ms,
        key_block=block,
    )


def _changed(
    request: Request, record: KeyRecord, writes: tuple[PutKey, ...], block: str = ""
) -> Decision:
    return Decision(
        code=ResponseCode.CHANGED,
        body=_told(record, block),
        personal=personal(request),
        admin=writes,
    )
