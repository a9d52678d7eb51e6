"""Decisions become entries: what is sealed under which key, and back again for a retry.

The outcome is sealed under the day's outcome key, the personal part under the customer's own; both
with the entry's identity as associated data, so that no sealed part fits another entry and an
altered row is found by opening it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tigertally_protocol import registry
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.transactions import Kind
from tigertally_server.audit.leaf import identity, sealed_leaf_hash
from tigertally_server.domain.entry import NO_SEQ, NO_SHARD, Entry, StoredEntry
from tigertally_server.services.context import Context
from tigertally_server.services.keyring import NONCE_BYTES, KeyMissing, Purpose, customer_identity
from tigertally_server.services.request import Decision, Outcome, Personal, Phase, Request

STORED_SCHEMA: Final = 1
"""Layout in which bodies are stored; the stored form names it, so that a later one can be added."""

_FORM: Final = struct.Struct(">BHI")
"""Form of the stored outcome: kind, schema of the body, retry-after ms."""
_BLANK, _BODY, _NOTE, _VALUES = 0, 1, 2, 3
"""Nothing; the body in its layout (where it has secret fields); a note of the house; the body's
values in the order of its class, as a MessagePack array: a third of the layout's size and cost.
"""
_CHARSET = "utf-8"
_encode_values = msgspec.msgpack.Encoder().encode
_decode_values = msgspec.msgpack.Decoder(list[Any]).decode
_encode_personal = msgspec.msgpack.Encoder().encode
_decode_personal = msgspec.msgpack.Decoder(Personal).decode


class OpenedOutcome(msgspec.Struct, frozen=True, gc=False):
    """What an entry's sealed outcome says: the body as it was answered, or a note of the house's
    own.
    """

    body: Any = None
    note: bytes = b""


def entry_of(
    request: Request,
    decision: Decision,
    place: tuple[int, int],
    previous: tuple[int, int],
    context: Context,
    nonces: Iterator[bytes],
) -> StoredEntry:
    """The sealed entry of a decision at `place` (shard, seq)."""
    account, token = decision.account, decision.token
    outcome_key = context.keyring.current(Purpose.OUTCOME)
    personal_key_id, personal_aead = outcome_key.id, None
    if account is not None:
        own = context.keyring.open(
            account.key_id,
            account.data_key,
            customer_identity(account.institution, account.customer),
        )
        personal_key_id, personal_aead = 0, AESGCM(own)
    elif decision.personal is not None and decision.personal.customer:
        AESGCM(context.keyring.open_decoy(Purpose.CUSTOMER))
    bare = Entry(
        place[0],
        place[1],
        request.business_day,
        request.channel.id,
        request.serial,
        request.phase,
        request.transaction,
        decision.code,
        request.received_ms,
        decision.reference,
        0 if account is None else account.id,
        0 if token is None else token.id,
        previous[0],
        previous[1],
        request.digest,
        outcome_key.id,
        b"",
        personal_key_id,
        b"",
    )
    return _sealed(
        bare, _outcome_form(request, decision), decision.personal, personal_aead, context, nonces
    )


def claim_entry(
    request: Request,
    key: tuple[int, int, int],
    result: ResponseCode,
    place: tuple[int, int],
    context: Context,
    nonces: Iterator[bytes],
) -> StoredEntry:
    """The entry that takes a serial away (see services.queries.cancel_serial)."""
    key_id = context.keyring.current(Purpose.OUTCOME).id
    bare = Entry(
        *place,
        *key,
        Phase.FINAL,
        request.transaction,
        result,
        request.received_ms,
        "",
        0,
        0,
        NO_SHARD,
        NO_SEQ,
        b"",
        key_id,
        b"",
        key_id,
        b"",
    )
    return _sealed(bare, _FORM.pack(_BLANK, 0, 0), None, None, context, nonces)


def _sealed(
    bare: Entry,
    form: bytes,
    personal: Personal | None,
    personal_aead: AESGCM | None,
    context: Context,
    nonces: Iterator[bytes],
) -> StoredEntry:
    whose = identity(bare)
    aead = context.keyring.outcome_aead(bare.outcome_key_id, bare.business_day)
    nonce = next(nonces)
    outcome = nonce + aead.encrypt(nonce, form, whose)
    nonce = next(nonces)
    plain = b"" if personal is None else _encode_personal(personal)
    sealed_personal = nonce + (personal_aead or aead).encrypt(nonce, plain, whose)
    # `bare` is not yet anybody else's: completing it in place spares a copy of twenty fields.
    msgspec.structs.force_setattr(bare, "outcome", outcome)
    msgspec.structs.force_setattr(bare, "personal", sealed_personal)
    return StoredEntry(bare, sealed_leaf_hash(whose, outcome, sealed_personal))


def _outcome_form(request: Request, decision: Decision) -> bytes:
    if decision.note:
        return _FORM.pack(_NOTE, 0, 0) + decision.note
    if decision.body is None:
        return _FORM.pack(_BLANK, 0, 0)
    layout = registry.message_type(request.transaction, Kind.RESPONSE, STORED_SCHEMA)
    assert layout is not None
    if not layout.has_secrets:
        values = msgspec.structs.astuple(decision.body)
        return _FORM.pack(_VALUES, STORED_SCHEMA, 0) + _encode_values(values)
    return _FORM.pack(_BODY, STORED_SCHEMA, 0) + registry.encode_body(
        layout, decision.body, _CHARSET
    )


def open_outcome(context: Context, entry: Entry) -> OpenedOutcome:
    """Raises KeyMissing where the row was altered or its key is gone."""
    aead = context.keyring.outcome_aead(entry.outcome_key_id, entry.business_day)
    form = _open(aead, entry.outcome, entry)
    kind, schema, _ = _FORM.unpack_from(form)
    rest = form[_FORM.size :]
    if kind == _NOTE:
        return OpenedOutcome(note=rest)
    if kind == _BLANK:
        return OpenedOutcome()
    layout = registry.message_type(entry.transaction, Kind.RESPONSE, schema)
    assert layout is not None, "an outcome was stored in a layout that this program does not know"
    if kind == _VALUES:
        return OpenedOutcome(body=layout.cls(*_decode_values(rest)))
    return OpenedOutcome(body=registry.decode_body(layout, rest, _CHARSET))


def open_personal_part(aead: AESGCM, entry: Entry) -> Personal:
    """`aead`: the customer's own key, or the day's outcome key where `personal_key_id` is not 0.
    Raises KeyMissing.
    """
    plain = _open(aead, entry.personal, entry)
    return _decode_personal(plain) if plain else Personal()


def _open(aead: AESGCM, sealed: bytes, entry: Entry) -> bytes:
    try:
        return aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], identity(entry))
    except (InvalidTag, ValueError):
        raise KeyMissing(
            f"entry {entry.shard}:{entry.seq} does not open: altered, or sealed by another key"
        ) from None


def stored_answer(context: Context, entry: Entry) -> Outcome:
    """The first answer again: same code, same fields, same place in the log."""
    opened = open_outcome(context, entry)
    return Outcome(ResponseCode(entry.result), opened.body, entry.shard, entry.seq)
