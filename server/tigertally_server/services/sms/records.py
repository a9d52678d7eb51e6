"""What is kept, sealed, of a customer's phone and of a message on its way; and how the rows of one
phone are read together.

A phone is a credential (the customer's key and the number in force) and perhaps a second one: a
number that waits until its cooling-off has passed. When it has, the next sending makes it the
number in force; until somebody sends, nothing needs to change.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from tigertally_engines.sms.codes import KEY_BYTES
from tigertally_server.domain.account import Account
from tigertally_server.domain.credential import Credential, CredentialKind, CredentialState
from tigertally_server.services.context import Context
from tigertally_server.services.keyring import Purpose
from tigertally_server.services.sealed_records import open_record, resealed
from tigertally_server.services.sms.limits import tag_of
from tigertally_server.services.working_set import WorkingSet


class PhoneRecord(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The customer's own key for codes, and where they go."""

    key: bytes
    number: str
    language: str

    def __repr__(self) -> str:
        return "PhoneRecord(«secret»)"


class WaitingNumber(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A number that is not used yet."""

    number: str
    language: str

    def __repr__(self) -> str:
        return "WaitingNumber(«secret»)"


class MessageRecord(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A message without its code: `text` has a mark where the code goes, `challenge` says which.

    `app`: the app to seal the code for, "" = none.
    """

    number: str
    text: str
    challenge: bytes = b""
    app: str = ""

    def __repr__(self) -> str:
        return "MessageRecord(«secret»)"


NO_PHONE = PhoneRecord(b"", "", "")
NO_NUMBER = WaitingNumber("", "")


@dataclass(frozen=True, slots=True)
class Phone:
    """A customer's phone as it stands at one moment.

    `waits_until_ms`: end of the cooling-off that stands now, 0 = none. `changed`: the rows that
    must be written with anything that uses the phone, because a waiting number's time has come.
    """

    credential: Credential
    record: PhoneRecord
    waits_until_ms: int = 0
    waiting: WaitingNumber | None = None
    changed: tuple[Credential, ...] = ()

    @property
    def newest_number(self) -> str:
        """The number that waits, or else the one in force."""
        return self.record.number if self.waiting is None else self.waiting.number


def phone_of(context: Context, work: WorkingSet, account: Account, now_ms: int) -> Phone | None:
    """The customer's phone, None where none is bound. Raises KeyMissing."""
    own = work.credential(account, CredentialKind.SMS)
    if own is None or own.state is not CredentialState.ACTIVE:
        return None
    record = open_record(context, own, PhoneRecord)
    change = work.credential(account, CredentialKind.PHONE_CHANGE)
    if change is None or change.state is not CredentialState.PENDING:
        return Phone(own, record, own.valid_from_ms if now_ms < own.valid_from_ms else 0)
    waiting = open_record(context, change, WaitingNumber)
    if now_ms < change.valid_from_ms:
        return Phone(own, record, change.valid_from_ms, waiting)
    own, record = with_number(context, own, record, waiting, now_ms)
    return Phone(own, record, changed=(own, ended_change(context, change, now_ms)))


def with_number(
    context: Context, own: Credential, record: PhoneRecord, waiting: WaitingNumber, now_ms: int
) -> tuple[Credential, PhoneRecord]:
    """The phone with another number; key, failures and locks stay."""
    record = PhoneRecord(record.key, waiting.number, waiting.language or record.language)
    own = msgspec.structs.replace(
        resealed(context, own, record),
        tag=tag_of(context.keyring, waiting.number),
        changed_at_ms=now_ms,
        valid_from_ms=0,
    )
    return own, record


def ended_change(context: Context, change: Credential, now_ms: int) -> Credential:
    """No number waits any more, and none is kept."""
    emptied = resealed(context, change, NO_NUMBER)
    return msgspec.structs.replace(
        emptied, state=CredentialState.VOID, tag=b"", changed_at_ms=now_ms
    )


def nobodys_key(context: Context) -> bytes:
    """A key in nobody's name, opened where there is no phone to open."""
    return context.keyring.open_decoy(Purpose.CREDENTIAL)


def new_phone_record(context: Context, number: str, language: str) -> PhoneRecord:
    """With a fresh key."""
    return PhoneRecord(context.keyring.random_bytes(KEY_BYTES), number, language)
