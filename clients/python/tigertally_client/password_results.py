"""What calls about passwords, PINs and greetings return. Blanks of the wire become None, as in
`results`; secrets stay `SecretText`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tigertally_client.results import EntryRef, Receipt, Result
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import BLANK_TRIES, NO_SHARD
from tigertally_protocol.messages.greeting import GetGreetingResponse, SetGreetingResponse
from tigertally_protocol.messages.password import PasswordResponse, ResetPasswordResponse
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import PasswordState

_STATES: Final = {int(state): state for state in PasswordState if state}


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResult(Result):
    """Answer about one password or PIN. With PASSWORD_TOO_WEAK `detail` names the rule.

    Attributes:
        password_state: None when blank.
        remaining_tries: wrong ones left until it locks; None when blank.
        locked_until_ms: UTC milliseconds; None when not locked or blank.
        changed_at_ms: when it was set; None when blank.
        expires_at_ms: when it has to be changed; None for never, or blank.
    """

    password_state: PasswordState | None
    remaining_tries: int | None
    locked_until_ms: int | None
    changed_at_ms: int | None
    expires_at_ms: int | None

    @property
    def approved(self) -> bool:
        """Whether the server approved it: the only thing that lets a customer in."""
        return self.code is ResponseCode.APPROVED


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetResult(PasswordResult):
    """Answer to a reset. `new_password` is the one that was made, empty where one was given."""

    new_password: SecretText


@dataclass(frozen=True, slots=True, kw_only=True)
class GreetingResult(Result):
    """The text to show; one that the server invented is not told from a customer's own."""

    greeting: SecretText


def password_result(receipt: Receipt, message: PasswordResponse) -> PasswordResult:
    """Of all but a reset."""
    return PasswordResult(
        receipt=receipt,
        detail=message.detail,
        entry=_entry(message.entry_shard, message.entry_seq),
        password_state=_STATES.get(message.password_state),
        remaining_tries=None if message.remaining_tries == BLANK_TRIES else message.remaining_tries,
        locked_until_ms=message.locked_until or None,
        changed_at_ms=message.changed_at or None,
        expires_at_ms=message.expires_at or None,
    )


def reset_result(receipt: Receipt, message: ResetPasswordResponse) -> ResetResult:
    """Of a reset."""
    return ResetResult(
        receipt=receipt,
        detail=message.detail,
        entry=_entry(message.entry_shard, message.entry_seq),
        password_state=_STATES.get(message.password_state),
        remaining_tries=None if message.remaining_tries == BLANK_TRIES else message.remaining_tries,
        locked_until_ms=message.locked_until or None,
        changed_at_ms=message.changed_at or None,
        expires_at_ms=message.expires_at or None,
        new_password=message.new_password,
    )


def kept_result(receipt: Receipt, message: SetGreetingResponse) -> Result:
    """Of keeping a greeting."""
    entry = _entry(message.entry_shard, message.entry_seq)
    return Result(receipt=receipt, detail=message.detail, entry=entry)


def greeting_result(receipt: Receipt, message: GetGreetingResponse) -> GreetingResult:
    """Of asking for a greeting."""
    return GreetingResult(
        receipt=receipt,
        detail=message.detail,
        entry=_entry(message.entry_shard, message.entry_seq),
        greeting=message.greeting,
    )


def _entry(shard: int, seq: int) -> EntryRef | None:
    return None if shard == NO_SHARD else EntryRef(shard, seq)
