"""A queued message becomes the text that is handed over: the one moment at which it holds its code.

Pure: the rows were read by the dispatcher, the nonce is an argument. A code whose challenge is no
longer open, or whose phone or app was taken away meanwhile, is not sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from tigertally_engines.sms import codes as engine
from tigertally_engines.sms.codes import Issued
from tigertally_engines.sms.sealing import AppKey, seal_code
from tigertally_engines.sms.templates import fill_marks
from tigertally_server.domain.challenge import (
    Challenge,
    ChallengeState,
    shown_challenge_state,
)
from tigertally_server.domain.credential import Credential, CredentialKind, CredentialState
from tigertally_server.domain.message import OutgoingMessage
from tigertally_server.services.context import Context
from tigertally_server.services.sealed_records import open_record
from tigertally_server.services.sms.records import MessageRecord, PhoneRecord

SUPERSEDED: Final = "superseded"
"""Why a message was not sent: its code was used, replaced or withdrawn before."""


class Handed(NamedTuple):
    """What the gateway gets."""

    number: str
    text: str

    def __repr__(self) -> str:
        return "Handed(«secret»)"


class Around(NamedTuple):
    """The rows beside a message that its code is computed from."""

    challenge: Challenge | None = None
    credentials: tuple[Credential, ...] = ()


def record_of(context: Context, message: OutgoingMessage) -> MessageRecord:
    """Raises KeyMissing."""
    return open_record(context, message, MessageRecord)


def handed_over(
    context: Context, record: MessageRecord, around: Around, nonce: bytes, now_ms: int
) -> Handed | None:
    """Number and text, None where it must not be sent any more. Raises KeyMissing."""
    if not record.challenge:
        return Handed(record.number, record.text)
    challenge = around.challenge
    if challenge is None or shown_challenge_state(challenge, now_ms) is not ChallengeState.OPEN:
        return None
    phone = _active(around.credentials, CredentialKind.SMS, "")
    if phone is None:
        return None
    issued = open_record(context, challenge, Issued)
    code = engine.code_of(open_record(context, phone, PhoneRecord).key, issued)
    if not record.app:
        return Handed(record.number, fill_marks(record.text, code=code))
    app = _active(around.credentials, CredentialKind.APP_KEY, record.app)
    if app is None:
        return None
    sealed = seal_code(open_record(context, app, AppKey), code, challenge.id, nonce)
    return Handed(record.number, fill_marks(record.text, sealed=sealed))


def _active(rows: Iterable[Credential], kind: CredentialKind, slot: str) -> Credential | None:
    for row in rows:
        if row.kind is kind and row.slot == slot and row.state is CredentialState.ACTIVE:
            return row
    return None
