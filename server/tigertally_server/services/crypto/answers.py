"""From a computation to an answer, an entry, and the same answer again.

What was computed under a key is never recorded: the entry says which keys did it, with which fresh
octets, and a keyed digest of the answer. A retry computes again with the same ones, and the digest
says that it is the same answer. So no record holds a field, a PIN block or a MAC, and a serial
still has one answer. Once a key's bytes are gone, so is the answer: KEY_NOT_USABLE.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any, Final

import msgspec

from tigertally_protocol import registry
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.transactions import Kind
from tigertally_server.domain.entry import Entry
from tigertally_server.services.context import Context
from tigertally_server.services.crypto.finding import Finder, Refused
from tigertally_server.services.keyring import KeyMissing, Purpose
from tigertally_server.services.recording import open_outcome
from tigertally_server.services.request import Decision, Outcome, Personal, Request
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

FRESH_BYTES: Final = 16
_LABEL: Final = b"tigertally crypto answer\0"
_CHARSET: Final = "utf-8"
_SCHEMA: Final = 1

Computation = Callable[[Request, Finder, Context, bytes], Any]
"""(request, keys, context, fresh octets) → the answer's body. Raises Refused."""


class ComputedNote(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What stands in the entry of a computation."""

    keys: tuple[int, ...]
    fresh: bytes
    digest_key: int
    digest: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(ComputedNote).decode


def need_nothing(request: Request, needs: Needs) -> None:
    """Keys are in memory; nothing is to be loaded."""


def finder_of(request: Request, context: Context, pinned: tuple[int, ...] | None = None) -> Finder:
    """For the keys of the request's channel."""
    return Finder(request.channel, context.keyring, context.opened, context.crypto, pinned)


def computing(compute: Computation) -> Callable[[Request, WorkingSet, Context], Decision]:
    """The decision of a computation; see the module's text."""

    def decide(request: Request, work: WorkingSet, context: Context) -> Decision:
        fresh = context.keyring.random_bytes(FRESH_BYTES)
        finder = finder_of(request, context)
        try:
            body = compute(request, finder, context, fresh)
        except Refused as refused:
            return refusal(request, refused)
        key = context.keyring.current(Purpose.DIGEST)
        digest = key.mac(_told(request, body))
        note = ComputedNote(tuple(finder.used), fresh, key.id, digest)
        return Decision(
            code=ResponseCode.COMPUTED,
            body=body,
            note=_encode(note),
            reference=getattr(request.message, "reference", ""),
            personal=personal(request),
        )

    return decide


def computing_again(compute: Computation) -> Callable[[Request, Entry, Context], Outcome]:
    """The first answer of a computation, from its entry."""

    def again(request: Request, entry: Entry, context: Context) -> Outcome:
        opened = open_outcome(context, entry)
        if not opened.note:
            return Outcome(ResponseCode(entry.result), opened.body, entry.shard, entry.seq)
        note = _decode(opened.note)
        finder = finder_of(request, context, note.keys)
        try:
            body = compute(request, finder, context, note.fresh)
            digest = context.keyring.by_id(note.digest_key).mac(_told(request, body))
        except (Refused, KeyMissing):
            return Outcome(ResponseCode.KEY_NOT_USABLE)
        if not hmac.compare_digest(digest, note.digest):
            return Outcome(ResponseCode.KEY_NOT_USABLE)
        return Outcome(ResponseCode(entry.result), body, entry.shard, entry.seq)

    return again


def refusal(request: Request, refused: Refused) -> Decision:
    """The answer that tells why."""
    layout = registry.message_type(request.transaction, Kind.RESPONSE, _SCHEMA)
    assert layout is not None
    return Decision(
        code=refused.code,
        body=layout.cls(detail=refused.detail) if refused.detail else None,
        reference=getattr(request.message, "reference", ""),
        personal=personal(request),
    )


def personal(request: Request) -> Personal:
    """Who asked; nobody's data are in it."""
    operator = request.operator or getattr(request.message, "operator", "")
    return Personal(peer=request.peer, operator=operator)


def octets(padded: bytes, length: int, name: str) -> bytes:
    """The first `length` octets of a field, the rest being zeros. Raises Refused."""
    if length > len(padded) or padded[length:].strip(b"\0"):
        raise Refused(ResponseCode.BAD_FIELD, name)
    return bytes(padded[:length])


def one_of(kind: Callable[[int], Any], number: int, name: str) -> Any:
    """The member of an enumeration. Raises Refused."""
    try:
        return kind(number)
    except ValueError:
        raise Refused(ResponseCode.BAD_FIELD, name) from None


def _told(request: Request, body: Any) -> bytes:
    layout = registry.message_type(request.transaction, Kind.RESPONSE, _SCHEMA)
    assert layout is not None
    return _LABEL + repr(request.key).encode() + registry.encode_body(layout, body, _CHARSET)
