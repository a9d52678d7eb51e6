"""Records of engines on their way into sealed columns and back: a credential's, a challenge's, an
outgoing message's.

A record is any frozen msgspec struct; it is sealed as MessagePack under the data key for
credentials, with the row's identity as associated data, so that it opens nowhere else. Knows no
engine. Opening raises KeyMissing where the row was altered or its key is gone.

    fresh = new_credential(context, work, account, CredentialKind.PIN, record, now_ms=now)
    record = open_record(context, fresh, PinRecord)
    changed = resealed(context, fresh, msgspec.structs.replace(record, ...))
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from tigertally_server.domain.account import Account
from tigertally_server.domain.challenge import Challenge, ChallengeKind
from tigertally_server.domain.channel import FOR_EVER_MS
from tigertally_server.domain.credential import Credential, CredentialKind, CredentialState
from tigertally_server.domain.message import OutgoingMessage
from tigertally_server.domain.token import NO_OWNER
from tigertally_server.services.context import Context
from tigertally_server.services.keyring import (
    Purpose,
    challenge_identity,
    credential_identity,
    message_identity,
)
from tigertally_server.services.request import Request
from tigertally_server.services.working_set import WorkingSet

Sealed = Credential | Challenge | OutgoingMessage
S = TypeVar("S", Credential, Challenge, OutgoingMessage)
R = TypeVar("R")

_encode = msgspec.msgpack.Encoder().encode


def identity_of(row: Sealed) -> bytes:
    """The associated data of a row's sealed record."""
    match row:
        case Credential():
            return credential_identity(row.owner_id, row.kind, row.slot)
        case Challenge():
            return challenge_identity(row.id)
        case OutgoingMessage():
            return message_identity(row.id)


def open_record(context: Context, row: Sealed, cls: type[R]) -> R:
    """What the engine keeps in this row."""
    plain = context.keyring.open(row.key_id, row.sealed, identity_of(row))
    return msgspec.msgpack.decode(plain, type=cls)


def resealed(context: Context, row: S, record: Any) -> S:
    """The row with another record."""
    key_id, sealed = _seal(context, record, identity_of(row))
    return msgspec.structs.replace(row, key_id=key_id, sealed=sealed)


def new_credential(
    context: Context,
    work: WorkingSet,
    account: Account,
    kind: CredentialKind,
    record: Any,
    *,
    now_ms: int,
    slot: str = "",
    state: CredentialState = CredentialState.ACTIVE,
    valid_to_ms: int = FOR_EVER_MS,
) -> Credential:
    """For `Decision.new_credentials`; the service has asked for `needs.credential_ids`."""
    key_id, sealed = _seal(context, record, credential_identity(account.id, kind, slot))
    return Credential(
        id=work.new_credential_id(),
        owner_id=account.id,
        kind=kind,
        slot=slot,
        state=state,
        key_id=key_id,
        sealed=sealed,
        changed_at_ms=now_ms,
        valid_to_ms=valid_to_ms,
    )


def new_challenge(
    context: Context,
    request: Request,
    account: Account | None,
    kind: ChallengeKind,
    record: Any,
    *,
    lasts_ms: int,
    challenge_id: bytes = b"",
) -> Challenge:
    """For `Decision.new_challenges`. `challenge_id`: one from the keyring, where the record was
    computed over it. Without an account it is nobody's: refused later like anybody's.
    """
    challenge_id = challenge_id or context.keyring.challenge_id()
    key_id, sealed = _seal(context, record, challenge_identity(challenge_id))
    return Challenge(
        id=challenge_id,
        kind=kind,
        owner_id=NO_OWNER if account is None else account.id,
        channel_id=request.channel.id,
        issued_at_ms=request.received_ms,
        expires_at_ms=request.received_ms + lasts_ms,
        key_id=key_id,
        sealed=sealed,
    )


def new_message(
    context: Context,
    request: Request,
    account: Account | None,
    purpose: str,
    record: Any,
    *,
    lasts_ms: int,
) -> OutgoingMessage:
    """For `Decision.messages`. `record`: number and text. Without an account it is nobody's."""
    message_id = context.keyring.message_id()
    key_id, sealed = _seal(context, record, message_identity(message_id))
    return OutgoingMessage(
        id=message_id,
        account_id=NO_OWNER if account is None else account.id,
        channel_id=request.channel.id,
        purpose=purpose,
        key_id=key_id,
        sealed=sealed,
        created_at_ms=request.received_ms,
        expires_at_ms=request.received_ms + lasts_ms,
        next_attempt_ms=request.received_ms,
    )


def _seal(context: Context, record: Any, identity: bytes) -> tuple[int, bytes]:
    return context.keyring.seal(Purpose.CREDENTIAL, _encode(record), identity)
