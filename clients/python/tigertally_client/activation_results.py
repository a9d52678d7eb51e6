"""What calls about cards, mobile tokens and emergency codes return. As in `results`: blanks become
None.
"""

from __future__ import annotations

from dataclasses import dataclass

from tigertally_client.results import (
    EntryRef,
    Receipt,
    Result,
    VerifyResult,
    token_standing,
)
from tigertally_protocol.constants import NO_CELLS, NO_SHARD
from tigertally_protocol.messages.activation import (
    IssueActivationCodeResponse,
    IssueEmergencyCodeResponse,
    StartActivationResponse,
    VerifyEmergencyCodeResponse,
)
from tigertally_protocol.messages.card import AskCardResponse, VerifyCardResponse
from tigertally_protocol.secret import SecretText


@dataclass(frozen=True, slots=True, kw_only=True)
class CardQuestion(Result):
    """Answer to `ask_card`.

    Attributes:
        token: serial of the card; "" where policy hides it.
        challenge: to be given with the answer.
        cells: coordinates, in the order in which the customer types what stands there.
        cell_digits: digits in each.
        cells_left: cells that were not used yet; None where policy hides it.
        expires_at_ms: UTC; None when nothing was asked.
    """

    token: str
    challenge: str
    cells: tuple[str, ...]
    cell_digits: int
    cells_left: int | None
    expires_at_ms: int | None

    @property
    def low(self) -> bool:
        """Whether a new card is due."""
        return self.detail == CARD_LOW


@dataclass(frozen=True, slots=True, kw_only=True)
class CardResult(VerifyResult):
    """Answer to `verify_card`. `cells_left`: None where blank."""

    cells_left: int | None

    @property
    def low(self) -> bool:
        """Whether a new card is due."""
        return self.detail == CARD_LOW


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationStarted(Result):
    """The server's half of a seed: `uri.reveal()` is what the QR code shows."""

    token: str
    uri: SecretText
    expires_at_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationCode(Result):
    """The customer's half: `activation_code.reveal()` goes another way than the QR code."""

    token: str
    activation_code: SecretText
    expires_at_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyCodeIssued(Result):
    """A code that stands in for a lost token."""

    token: str
    emergency_code: SecretText
    uses_left: int
    expires_at_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyResult(VerifyResult):
    """Answer to an emergency code; tries and lock are the code's own."""

    uses_left: int
    expires_at_ms: int | None


CARD_LOW = "card_low"


def card_question(receipt: Receipt, message: AskCardResponse) -> CardQuestion:
    """Of `ask_card`."""
    return CardQuestion(
        receipt=receipt,
        detail=message.detail,
        entry=_entry(message.entry_shard, message.entry_seq),
        token=message.token,
        challenge=message.challenge,
        cells=tuple(message.cells.split(",")) if message.cells else (),
        cell_digits=message.cell_digits,
        cells_left=_cells(message.cells_left),
        expires_at_ms=message.expires_at or None,
    )


def card_result(receipt: Receipt, message: VerifyCardResponse) -> CardResult:
    """Of `verify_card`."""
    return CardResult(**token_standing(receipt, message), cells_left=_cells(message.cells_left))


def activation_started(receipt: Receipt, message: StartActivationResponse) -> ActivationStarted:
    """Of `start_activation`."""
    return ActivationStarted(
        receipt=receipt,
        detail=message.detail,
        entry=_entry(message.entry_shard, message.entry_seq),
        token=message.token,
        uri=message.uri,
        expires_at_ms=message.expires_at or None,
    )


def activation_code(receipt: Receipt, message: IssueActivationCodeResponse) -> ActivationCode:
    """Of `issue_activation_code`."""
    return ActivationCode(
        receipt=receipt,
        detail=message.detail,
        entry=_entry(message.entry_shard, message.entry_seq),
        token=message.token,
        activation_code=message.activation_code,
        expires_at_ms=message.expires_at or None,
    )


def emergency_code_issued(
    receipt: Receipt, message: IssueEmergencyCodeResponse
) -> EmergencyCodeIssued:
    """Of `issue_emergency_code`."""
    return EmergencyCodeIssued(
        receipt=receipt,
        detail=message.detail,
        entry=_entry(message.entry_shard, message.entry_seq),
        token=message.token,
        emergency_code=message.emergency_code,
        uses_left=message.uses_left,
        expires_at_ms=message.expires_at or None,
    )


def emergency_result(receipt: Receipt, message: VerifyEmergencyCodeResponse) -> EmergencyResult:
    """Of `verify_emergency_code`."""
    return EmergencyResult(
        **token_standing(receipt, message),
        uses_left=message.uses_left,
        expires_at_ms=message.expires_at or None,
    )


def _entry(shard: int, seq: int) -> EntryRef | None:
    return None if shard == NO_SHARD else EntryRef(shard, seq)


def _cells(number: int) -> int | None:
    return None if number == NO_CELLS else number
