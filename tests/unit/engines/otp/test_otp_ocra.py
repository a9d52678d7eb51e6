"""OCRA against all vectors of RFC 6287, the RFC's reference program and another hand's library."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oath import str2ocrasuite

from tigertally_engines.otp import ocra
from tigertally_engines.otp.ocra import Inputs, Moment
from tigertally_engines.otp.ocra_suite import QuestionForm, SuiteError, parse_suite

VECTORS = Path(__file__).parents[3] / "vectors"
ROWS = json.loads((VECTORS / "rfc6287_ocra.json").read_text("utf-8"))["tests"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['suite']} {row['Q']} {row['C']}")
def test_rfc_6287_appendix_c(row: dict[str, Any]) -> None:
    suite = parse_suite(row["suite"])
    inputs = Inputs(row["Q"], bytes.fromhex(row["pin_sha1"] or ""))
    moments = [Moment(row["C"], row["T"])]
    assert ocra.answers(suite, bytes.fromhex(row["key"]), inputs, moments) == [row["resp"]]


def test_all_rows_of_the_appendix_are_there() -> None:
    assert [sum(row["section"] == part for row in ROWS) for part in ("C.1", "C.2", "C.3")] == [
        40,
        20,
        10,
    ]


def test_pin_of_the_appendix() -> None:
    suite = parse_suite("OCRA-1:HOTP-SHA256-8:QN08-PSHA1")
    assert ocra.pin_hash(suite, "1234").hex() == "7110eda4d09e062aa5e4a390b0a572ac0d2c0220"
    assert ocra.pin_hash(parse_suite("OCRA-1:HOTP-SHA256-8:QN08"), "1234") == b""


# ---- suites

GOOD = {
    "OCRA-1:HOTP-SHA1-6:QN08": ("sha1", 6, False, "N", 8, "", 0, 0),
    "OCRA-1:HOTP-SHA256-8:C-QA04-PSHA512": ("sha256", 8, True, "A", 4, "sha512", 0, 0),
    "OCRA-1:HOTP-SHA512-0:QH64-S512-T48H": ("sha512", 0, False, "H", 64, "", 512, 172_800),
    "OCRA-1:HOTP-SHA512-10:C-QN64-PSHA256-S001-T59S": (
        "sha512", 10, True, "N", 64, "sha256", 1, 59,
    ),
    "OCRA-1:HOTP-SHA1-4:Q-P-S-T": ("sha1", 4, False, "N", 8, "sha1", 64, 60),
    "OCRA-1:HOTP-SHA1-7:QN10-T1M": ("sha1", 7, False, "N", 10, "", 0, 60),
    "OCRA-1:HOTP-SHA1-9:QN10-T02M": ("sha1", 9, False, "N", 10, "", 0, 120),
}  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_suites(text: str) -> None:
    s = parse_suite(text)
    expected = (
        s.hash,
        s.digits,
        s.counter,
        s.form,
        s.length,
        s.pin_hash,
        s.session_bytes,
        s.step_s,
    )
    assert expected == GOOD[text]
    assert s.text == text
    assert s.fresh == ("C-" in text or "-T" in text)


BAD = [
    "",
    "OCRA-1",
    "OCRA-2:HOTP-SHA1-6:QN08",
    "ocra-1:hotp-sha1-6:qn08",
    "OCRA-1:TOTP-SHA1-6:QN08",
    "OCRA-1:HOTP-SHA3-6:QN08",
    "OCRA-1:HOTP-SHA1-3:QN08",
    "OCRA-1:HOTP-SHA1-11:QN08",
    "OCRA-1:HOTP-SHA1-06:QN08",
    "OCRA-1:HOTP-SHA1-6:",
    "OCRA-1:HOTP-SHA1-6:C",
    "OCRA-1:HOTP-SHA1-6:QN03",
    "OCRA-1:HOTP-SHA1-6:QN65",
    "OCRA-1:HOTP-SHA1-6:QN8",
    "OCRA-1:HOTP-SHA1-6:QX08",
    "OCRA-1:HOTP-SHA1-6:QN08-C",
    "OCRA-1:HOTP-SHA1-6:QN08-QN08",
    "OCRA-1:HOTP-SHA1-6:QN08-T1M-PSHA1",
    "OCRA-1:HOTP-SHA1-6:QN08-PSHA3",
    "OCRA-1:HOTP-SHA1-6:QN08-PMD5",
    "OCRA-1:HOTP-SHA1-6:QN08-S000",
    "OCRA-1:HOTP-SHA1-6:QN08-S513",
    "OCRA-1:HOTP-SHA1-6:QN08-S64",
    "OCRA-1:HOTP-SHA1-6:QN08-T0M",
    "OCRA-1:HOTP-SHA1-6:QN08-T60S",
    "OCRA-1:HOTP-SHA1-6:QN08-T60M",
    "OCRA-1:HOTP-SHA1-6:QN08-T49H",
    "OCRA-1:HOTP-SHA1-6:QN08-T1D",
    "OCRA-1:HOTP-SHA1-6:QN08 ",
    "OCRA-1:HOTP-SHA1-6:QN08\n",
    "OCRA-1:HOTP-SHA1-6:QN０８",
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_suite(text: str) -> None:
    with pytest.raises(SuiteError):
        parse_suite(text)


# ---- other implementations

HASH_NAMES = ("SHA1", "SHA256", "SHA512")


Case = tuple[str, bytes, Inputs, Moment, str]
"""Suite, seed, inputs, moment, and the PIN itself."""


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A suite of any shape, and inputs that fit it."""
    digits = draw(st.sampled_from((0, *range(4, 11))))
    form, length = draw(st.sampled_from("ANH")), draw(st.integers(4, 64))
    text = f"OCRA-1:HOTP-{draw(st.sampled_from(HASH_NAMES))}-{digits}:"
    counter = draw(st.none() | st.integers(0, 2**64 - 1))
    text += "" if counter is None else "C-"
    text += f"Q{form}{length:02}"
    pin, pin_hash, session, step = "", b"", b"", None
    if draw(st.booleans()):
        pin = draw(st.text("0123456789", min_size=4, max_size=8))
        name = draw(st.sampled_from(HASH_NAMES))
        pin_hash, text = hashlib.new(name, pin.encode()).digest(), f"{text}-P{name}"
    if draw(st.booleans()):
        size = draw(st.sampled_from((64, 128, 256, 512)))
        session, text = draw(st.binary(max_size=size)), f"{text}-S{size:03}"
    if draw(st.booleans()):
        step, text = draw(st.integers(0, 2**40)), text + draw(st.sampled_from(("-T1M", "-T30S")))
    alphabet = {"A": "09AZaz", "N": "0123456789", "H": "0123456789abcdefABCDEF"}[form]
    most = draw(st.sampled_from((length, 2 * length)))  # one question, or two put together
    question = draw(st.text(alphabet, min_size=4, max_size=most))
    seed = draw(st.binary(min_size=16, max_size=64))
    return text, seed, Inputs(question, pin_hash, session), Moment(counter, step), pin


@given(cases())
def test_equals_the_reference_program(case: Case) -> None:
    text, seed, inputs, moment, _ = case
    assert ocra.answers(parse_suite(text), seed, inputs, [moment]) == [
        reference(text, seed, inputs, moment)
    ]


def reference(text: str, seed: bytes, inputs: Inputs, moment: Moment) -> str:
    """Section 5 as the reference program of appendix B goes about it: strings of hexadecimal digits
    that are filled up one by one. Two things it has no word for: "0 digits", and a question's form,
    which its caller converts.
    """
    _, function, data = text.split(":")
    kinds = {part[0]: part for part in data.split("-")}
    message = text.encode().hex() + "00"
    if "C" in kinds:
        message += f"{moment.counter:x}".rjust(16, "0")
    form = kinds["Q"][1]
    question = {
        "N": lambda q: f"{int(q):x}",
        "A": lambda q: q.encode().hex(),
        "H": lambda q: q,
    }[form](inputs.question)
    message += question.ljust(256, "0")
    if "P" in kinds:
        message += inputs.pin_hash.hex()
    if "S" in kinds:
        message += inputs.session.hex().rjust(2 * int(kinds["S"][1:]), "0")
    if "T" in kinds:
        message += f"{moment.step:x}".rjust(16, "0")
    _, name, digits = function.split("-")
    mac = hmac.new(seed, bytes.fromhex(message), name).digest()
    if digits == "0":
        return mac.hex()
    at = mac[-1] & 0xF
    number = (mac[at] & 0x7F) << 24 | mac[at + 1] << 16 | mac[at + 2] << 8 | mac[at + 3]
    return str(number % 10 ** int(digits)).rjust(int(digits), "0")


@given(cases())
def test_equals_another_library(case: Case) -> None:
    text, seed, inputs, moment, pin = case
    ours = parse_suite(text)
    question = inputs.question
    if ours.form is QuestionForm.HEXADECIMAL and len(question) % 2:
        question += "0"  # where the other library has no answer
    if ours.digits == 0 or len(question) > 2 * ours.length:
        return  # it neither has whole HMACs nor room for that half byte
    theirs = str2ocrasuite(text)(
        seed,
        C=moment.counter,
        Qsc=question,
        P=pin,
        S=inputs.session.rjust(ours.session_bytes, b"\0"),
        T_precomputed=moment.step,
    )
    assert ocra.answers(ours, seed, inputs, [moment]) == [theirs]


# ---- questions


@pytest.mark.parametrize(
    ("kind", "question", "fits"),
    [
        ("QN08", "12345678", True),
        ("QN08", "1234", True),
        ("QN08", "123", False),
        ("QN08", "123456789", False),
        ("QN08", "1234567a", False),
        ("QN08", "１２３４", False),
        ("QA08", "SIG10000", True),
        ("QA08", "sig-1000", False),
        ("QA08", "转账1234", False),
        ("QH08", "00ffFF", True),
        ("QH08", "00fg", False),
    ],
)
def test_questions(kind: str, question: str, *, fits: bool) -> None:
    assert ocra.is_question(parse_suite(f"OCRA-1:HOTP-SHA1-6:{kind}"), question) is fits


@given(
    form=st.sampled_from(QuestionForm), length=st.integers(4, 64), octets=st.binary(min_size=128)
)
def test_drawn_questions_fit(form: QuestionForm, length: int, octets: bytes) -> None:
    question = ocra.draw(form, length, octets)
    assert len(question) == length
    assert ocra.is_question(parse_suite(f"OCRA-1:HOTP-SHA1-6:Q{form}{length:02}"), question)


def test_a_question_needs_chance_enough() -> None:
    with pytest.raises(ValueError, match="too few"):
        ocra.draw(QuestionForm.NUMERIC, 8, bytes(15))


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("QA64", Inputs("A" * 129)),
        ("QN08-PSHA1", Inputs("1234", b"\0" * 19)),
        ("QN08", Inputs("1234", b"\0" * 20)),
        ("QN08-S064", Inputs("1234", b"", b"\0" * 65)),
    ],
)
def test_inputs_that_no_suite_takes(kind: str, inputs: Inputs) -> None:
    with pytest.raises(ValueError, match=r"too long|wrong length"):
        ocra.answers(parse_suite(f"OCRA-1:HOTP-SHA1-6:{kind}"), bytes(20), inputs, [Moment(0, 0)])


def test_mutual_forms_differ_by_order() -> None:
    assert ocra.both("CLI22220", "SRV11110") == "CLI22220SRV11110"
