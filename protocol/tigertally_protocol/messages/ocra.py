"""Questions and answers: challenge–response, signature, and the server's own answer (host code)."""

from __future__ import annotations

from typing import Any, Final

import construct
import msgspec

from tigertally_protocol.constants import BLANK_TRIES
from tigertally_protocol.fields import (
    U8,
    U64,
    Ident,
    Octets,
    Reserved,
    SealTrailer,
    SecretDigits,
    SecretIdent,
    SecretPad,
    Text,
)
from tigertally_protocol.messages.business import (
    BusinessResponse,
    institution_and_customer,
    prefix,
)
from tigertally_protocol.messages.proof import PIN_LENGTH
from tigertally_protocol.secret import SecretText

QUESTION_LENGTH: Final = 64
ANSWER_LENGTH: Final = 128  # a whole HMAC-SHA-512 in hexadecimal
SESSION_LENGTH: Final = 512
DIGEST_BYTES: Final = 32
NO_DIGEST: Final = bytes(DIGEST_BYTES)


def _subject() -> tuple[Any, ...]:
    return (
        *institution_and_customer(),
        "token" / Ident(24),
        "reference" / Ident(32),
        "end_user_address" / Ident(40),
    )


class IssueOcraChallengeRequest(msgspec.Struct, frozen=True, gc=False):
    """Ask a question that the user's token is to answer.

    Attributes:
        question: what the user types into the token, where it means something (an account's end
            and an amount); blank: the server draws it.
        text_digest: of the text that the question stands for; the drawn question follows from it,
            too. Zeros: none.
        session: session information, for tokens that mix it in.
    """

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    end_user_address: str = ""
    question: str = ""
    text_digest: bytes = NO_DIGEST
    session: str = ""


ISSUE_OCRA_CHALLENGE_REQUEST: Final = construct.Struct(
    *_subject(),
    "question" / Ident(QUESTION_LENGTH),
    "text_digest" / Octets(DIGEST_BYTES),
    "session" / Text(SESSION_LENGTH),
)


class IssueOcraChallengeResponse(BusinessResponse, frozen=True, gc=False):
    """The question, and the id under which its answer is verified."""

    token: str = ""
    challenge: str = ""
    question: str = ""
    expires_at: int = 0


ISSUE_OCRA_CHALLENGE_RESPONSE: Final = construct.Struct(
    *prefix(),
    "token" / Ident(24),
    "challenge" / Ident(32),
    "question" / Ident(QUESTION_LENGTH),
    "expires_at" / U64,
)


class HostCodeRequest(msgspec.Struct, frozen=True, gc=False):
    """Let the server prove itself to the user: what would it answer to `question`, which the user's
    token shows? Its own question comes with the answer and may be answered by VERIFY_OCRA
    (RFC 6287 sections 7.2 and 7.4). The other fields as in `IssueOcraChallengeRequest`.
    """

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    end_user_address: str = ""
    question: str = ""
    text_digest: bytes = NO_DIGEST
    session: str = ""


HOST_CODE_REQUEST: Final = ISSUE_OCRA_CHALLENGE_REQUEST


class HostCodeResponse(BusinessResponse, frozen=True, gc=False):
    """The server's question and its answer to the user's; `host_code` is secret."""

    token: str = ""
    challenge: str = ""
    question: str = ""
    expires_at: int = 0
    host_code: SecretText = SecretText("")


HOST_CODE_RESPONSE: Final = construct.Struct(
    *prefix(),
    "token" / Ident(24),
    "challenge" / Ident(32),
    "question" / Ident(QUESTION_LENGTH),
    "expires_at" / U64,
    "host_code" / SecretIdent(ANSWER_LENGTH),
    SecretPad(16),
    SealTrailer(),
)


class VerifyOcraRequest(msgspec.Struct, frozen=True, gc=False):
    """Is `answer` right.

    Attributes:
        challenge: id of the question that was asked; `question` and `session` are then blank.
        question: without `challenge`: what the user typed into the token.
        session: without `challenge`: session information, for tokens that mix it in.
        answer: what the token shows, secret.
        pin: the token's PIN, secret; for tokens that mix it in where the server doesn't have it.
    """

    institution: str = ""
    customer: str = ""
    token: str = ""
    reference: str = ""
    end_user_address: str = ""
    challenge: str = ""
    question: str = ""
    session: str = ""
    answer: SecretText = SecretText("")
    pin: SecretText = SecretText("")


VERIFY_OCRA_REQUEST: Final = construct.Struct(
    *_subject(),
    "challenge" / Ident(32),
    "question" / Ident(QUESTION_LENGTH),
    "session" / Text(SESSION_LENGTH),
    "answer" / SecretIdent(ANSWER_LENGTH),
    "pin" / SecretDigits(PIN_LENGTH),
    SecretPad(4),
    SealTrailer(),
)


class VerifyOcraResponse(BusinessResponse, frozen=True, gc=False):
    """As `VerifyOtpResponse`; `question` and `text_digest` say what was answered, approved ones
    only.
    """

    token: str = ""
    token_state: int = 0
    remaining_tries: int = BLANK_TRIES
    locked_until: int = 0
    question: str = ""
    text_digest: bytes = NO_DIGEST


VERIFY_OCRA_RESPONSE: Final = construct.Struct(
    *prefix(),
    "token" / Ident(24),
    "token_state" / U8,
    "remaining_tries" / U8,
    Reserved(6),
    "locked_until" / U64,
    "question" / Ident(QUESTION_LENGTH),
    "text_digest" / Octets(DIGEST_BYTES),
)
