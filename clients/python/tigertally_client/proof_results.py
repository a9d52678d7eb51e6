"""What calls about questions and other proofs return. As in `results`: blanks become None."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tigertally_client.results import EntryRef, Receipt, Result, VerifyResult, token_standing
from tigertally_protocol.constants import NO_SHARD
from tigertally_protocol.messages.ocra import (
    NO_DIGEST,
    HostCodeResponse,
    IssueOcraChallengeResponse,
    VerifyOcraResponse,
)
from tigertally_protocol.messages.proof import VerifyMschapv2Response
from tigertally_protocol.secret import SecretText


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionResult(Result):
    """Answer to asking a question.

    Attributes:
        token: serial of the token that is to answer; "" where policy hides it.
        challenge: id under which the answer is verified.
        question: what the user types into the token.
        expires_at_ms: UTC; None when nothing was asked.
    """

    token: str
    challenge: str
    question: str
    expires_at_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostCodeResult(QuestionResult):
    """The server's answer to the user's question, and its own question.

    Attributes:
        host_code: what the user's token must show, too; `.reveal()` gives the text.
    """

    host_code: SecretText


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerResult(VerifyResult):
    """Answer to a token's answer.

    Attributes:
        question: what was answered; "" unless approved.
        text_digest: SHA-256 of the text that the question stood for; None where there was none.
    """

    question: str
    text_digest: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MschapResult(VerifyResult):
    """Answer to an MS-CHAPv2 response.

    Attributes:
        authenticator_response: "S=…", to be handed to the peer; "" unless approved.
    """

    authenticator_response: str


def question_result(receipt: Receipt, message: IssueOcraChallengeResponse) -> QuestionResult:
    """Of issuing a challenge."""
    return QuestionResult(**_question(receipt, message))


def host_code_result(receipt: Receipt, message: HostCodeResponse) -> HostCodeResult:
    """Of asking for a host code."""
    return HostCodeResult(**_question(receipt, message), host_code=message.host_code)


def answer_result(receipt: Receipt, message: VerifyOcraResponse) -> AnswerResult:
    """Of verifying an answer."""
    digest = bytes(message.text_digest)
    return AnswerResult(
        **token_standing(receipt, message),
        question=message.question,
        text_digest=None if digest == NO_DIGEST else digest,
    )


def mschap_result(receipt: Receipt, message: VerifyMschapv2Response) -> MschapResult:
    """Of verifying an MS-CHAPv2 response."""
    return MschapResult(
        **token_standing(receipt, message),
        authenticator_response=message.authenticator_response,
    )


def _question(
    receipt: Receipt, message: IssueOcraChallengeResponse | HostCodeResponse
) -> dict[str, Any]:
    entry = None
    if message.entry_shard != NO_SHARD:
        entry = EntryRef(message.entry_shard, message.entry_seq)
    return {
        "receipt": receipt,
        "detail": message.detail,
        "entry": entry,
        "token": message.token,
        "challenge": message.challenge,
        "question": message.question,
        "expires_at_ms": message.expires_at or None,
    }
