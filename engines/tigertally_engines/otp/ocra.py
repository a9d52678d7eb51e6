"""The computation of OCRA (RFC 6287 section 5): suite, inputs, one answer per counter and time.

Pure and without state; knows neither windows nor tokens. The same function makes the customer's
answer, the server's (host code) and a signature: they differ in the question alone. In the mutual
forms (sections 7.2 and 7.4) a question is the two parties' questions one after the other, the
computing party's partner first; `both` puts them together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from struct import Struct
from typing import Final, NamedTuple

from tigertally_engines.otp.ocra_suite import FULL_LENGTH, OcraSuite, QuestionForm
from tigertally_engines.otp.seeds import Seed, keyed

_QUESTION_BYTES: Final = 128
_PACK: Final = Struct(">Q").pack
_ALPHABETS: Final = {
    QuestionForm.ALPHANUMERIC: frozenset(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    ),
    QuestionForm.NUMERIC: frozenset("0123456789"),
    QuestionForm.HEXADECIMAL: frozenset("0123456789ABCDEFabcdef"),
}
_DRAWN_FROM: Final = {
    QuestionForm.ALPHANUMERIC: "23456789ABCDEFGHJKLMNPQRSTUVWXYZ",  # none that look alike
    QuestionForm.NUMERIC: "0123456789",
    QuestionForm.HEXADECIMAL: "0123456789ABCDEF",
}
SHORTEST_QUESTION: Final = 4


class Moment(NamedTuple):
    """The moving inputs of one computation; None where the suite has none."""

    counter: int | None
    step: int | None


class Inputs(NamedTuple):
    """The inputs that don't move.

    question   one question, or two put together by `both`
    pin_hash   hash of the PIN, of the suite's kind; b"" where the suite has none
    session    session information in UTF-8, at most as long as the suite says; the RFC's reference
               program fills it with zeros on the left
    """

    question: str
    pin_hash: bytes = b""
    session: bytes = b""


def is_question(suite: OcraSuite, question: str) -> bool:
    """Whether this is a question of the suite's kind: at least four characters, at most its own
    length.
    """
    return SHORTEST_QUESTION <= len(question) <= suite.length and _ALPHABETS[suite.form].issuperset(
        question
    )


def both(first: str, second: str) -> str:
    """The question of a mutual form. Section 7.2: the server computes over the client's question
    and then its own, the client over the server's and then its own.
    """
    return first + second


def draw(form: QuestionForm, length: int, octets: bytes) -> str:
    """A question out of octets that nobody can foresee, two for each character: reduced by the
    alphabet's size, the likeliest character is then less than 0.02 % above the rest.
    """
    alphabet = _DRAWN_FROM[form]
    if len(octets) < 2 * length:
        raise ValueError("too few octets for a question")
    pairs = (octets[i : i + 2] for i in range(0, 2 * length, 2))
    return "".join(alphabet[int.from_bytes(pair) % len(alphabet)] for pair in pairs)


def question_octets(form: QuestionForm, question: str) -> bytes:
    """128 bytes, filled with zeros on the right; half a byte is filled up on the right, too, as
    the RFC's reference program has it.
    """
    if form is QuestionForm.ALPHANUMERIC:
        octets = question.encode("ascii")
    else:
        digits = f"{int(question):x}" if form is QuestionForm.NUMERIC else question
        octets = bytes.fromhex(digits + "0" * (len(digits) % 2))
    if len(octets) > _QUESTION_BYTES:
        raise ValueError("the question is too long")
    return octets.ljust(_QUESTION_BYTES, b"\0")


def pin_hash(suite: OcraSuite, pin: str) -> bytes:
    """The PIN as the suite mixes it in; b"" where it doesn't."""
    return hashlib.new(suite.pin_hash, pin.encode()).digest() if suite.pin_hash else b""


def answers(suite: OcraSuite, seed: Seed, inputs: Inputs, moments: Iterable[Moment]) -> list[str]:
    """The answer for each moment, in order.

    Raises ValueError for inputs that the suite can't take: those must have been refused before.
    """
    before = suite.text.encode("ascii") + b"\0"
    after = (
        question_octets(suite.form, inputs.question)
        + _exactly(
            inputs.pin_hash, hashlib.new(suite.pin_hash).digest_size if suite.pin_hash else 0
        )
        + _session_octets(suite, inputs.session)
    )
    begun = keyed(seed, suite.hash)
    begun.update(before)
    codes = []
    for counter, step in moments:
        one = begun.copy()
        one.update(
            (_PACK(counter) if suite.counter else b"")
            + after
            + (_PACK(step) if suite.step_s else b"")
        )
        codes.append(_reduced(one.finalize(), suite.digits))
    return codes


def _session_octets(suite: OcraSuite, session: bytes) -> bytes:
    if not suite.session_bytes:
        return b""
    if len(session) > suite.session_bytes:
        raise ValueError("the session information is too long")
    return session.rjust(suite.session_bytes, b"\0")


def _exactly(octets: bytes, length: int) -> bytes:
    if len(octets) != length:
        raise ValueError("the PIN's hash has the wrong length")
    return octets


def _reduced(mac: bytes, digits: int) -> str:
    """RFC 4226 section 5.3; the whole HMAC in hexadecimal for digits = 0 (RFC 6287 section 5.2)."""
    if digits == FULL_LENGTH:
        return mac.hex()
    offset = mac[-1] & 15
    value = int.from_bytes(mac[offset : offset + 4]) & 0x7FFF_FFFF
    return str(value % 10**digits).zfill(digits)
