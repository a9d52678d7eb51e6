"""Expressions: what is read, what is refused and where, and the canonical text."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_engines.flow import expression as ex

NAMES = ("password", "pin", "otp", "sms", "ocra", "scratch", "service", "chap", "face")
KNOWN = {name: name for name in NAMES} | {"chap": "otp"}


def read(text):
    return ex.parse(text, KNOWN)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("otp", "otp"),
        (" otp ", "otp"),
        ("any(otp, chap)", "any(otp, chap)"),
        ("all(password,any(otp,sms))", "all(password, any(otp, sms))"),
        ("2 of (otp, sms, pin)", "2 of (otp, sms, pin)"),
        ("2of(otp,sms,pin)", "2 of (otp, sms, pin)"),
        ("order(password, otp)", "order(password, otp)"),
        ("order ( password ,\n\totp )", "order(password, otp)"),
        ("1 of (otp, sms)", "any(otp, sms)"),
        ("2 of (otp, sms)", "all(otp, sms)"),
        ("all(any(order(otp)))", "otp"),
        (
            "any(all(password, otp), all(password, sms))",
            "any(all(password, otp), all(password, sms))",
        ),
    ],
)
def test_text_is_read_and_shown_canonically(text, canonical):
    root = read(text)
    assert ex.render(root) == canonical
    assert read(canonical) == root


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a factor expected"),
        ("   ", "a factor expected"),
        ("all()", "a factor expected"),
        ("all", "'\\('"),
        ("all(otp", "'\\)'"),
        ("all(otp,", "a factor expected"),
        ("all(otp,)", "a factor expected"),
        ("all(otp) sms", "nothing more"),
        ("otp)", "nothing more"),
        ("of", "a factor expected"),
        ("2 (otp, sms)", "'of'"),
        ("2 of otp", "'\\('"),
        ("0 of (otp, sms)", "can't be had"),
        ("3 of (otp, sms)", "can't be had"),
        ("99999999999999999999 of (otp, sms)", "can't be had"),
        ("face-id", "no factor 'face-id'"),
        ("Otp", "unexpected character after character 0"),
        ("otp; sms", "unexpected character after character 3"),
        ("otp ∧ sms", "unexpected character"),
        ("\x00otp", "unexpected character"),
        ("all(otp, otp)", "'otp' would count twice"),
        ("order(otp, sms, otp)", "'otp' would count twice"),
        ("2 of (otp, any(otp, sms), pin)", "'otp' would count twice"),
        ("all(any(otp, sms), any(sms, pin))", "'sms' would count twice"),
        ("all(otp, any(chap, sms))", "'otp' and 'chap' would count twice"),
        ("a" * 13, "a factor expected"),
        ("all(" * 5 + "otp" + ")" * 5, "deeper than 4"),
        ("any(" + ", ".join(["otp"] * 17) + ")", "more than 16"),
        ("any(" + ", ".join(sorted(KNOWN)) + ")", "more than 8 different"),
        (" " * 400, "longer than 384"),
        (
            "any(" + ", ".join(["scratch, password, service"] * 5 + ["scratch"]) + ")",
            "",
        ),
    ],
)
def test_what_is_wrong_is_said(text, why):
    if not why:
        assert len(ex.render(read(text))) <= ex.TEXT_MAX
        return
    with pytest.raises(ex.ExpressionError, match=why):
        read(text)


def test_a_long_canonical_text_is_refused():
    known = {f"factor-numb{n}": str(n) for n in range(8)}
    text = "any(" + ",".join(sorted(known) * 2) + ")"
    with pytest.raises(ex.ExpressionError, match="longer than 192"):
        ex.parse(text, known)


def test_leaves_are_numbered_in_reading_order():
    root = read("order(password, any(otp, 2 of (sms, pin, ocra)))")
    leaves = list(ex.leaves_of(root))
    assert [leaf.leaf for leaf in leaves] == [0, 1, 2, 3, 4]
    assert ex.names_of(root) == ("password", "otp", "sms", "pin", "ocra")


WORDS = [*sorted(KNOWN), "all", "any", "order", "of", "1", "2", "0", "(", ")", ",", " ", "x", "é"]


@given(st.lists(st.sampled_from(WORDS), max_size=30).map("".join))
def test_any_words_are_read_or_refused(text):
    assert_read_or_refused(text)


@given(st.text(alphabet=string.printable + "，（）所有", max_size=60))
def test_any_text_is_read_or_refused(text):
    assert_read_or_refused(text)


def assert_read_or_refused(text):
    said = ""
    try:
        root = read(text)
    except ex.ExpressionError as problem:
        said = str(problem)
    else:
        assert read(ex.render(root)) == root
    # At most a word that was checked for its alphabet is quoted.
    assert said.isascii()
