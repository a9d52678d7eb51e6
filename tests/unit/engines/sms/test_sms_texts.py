"""Texts are checked before the first one is sent, fit their parts whatever is filled in, and hold
no code until they are handed over.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_engines.sms.length import length_of
from tigertally_engines.sms.templates import (
    CODE_MARK,
    SEALED_MARK,
    TEXT_PARTS,
    WIDTHS,
    TemplateError,
    fill_marks,
    parse,
)
from tigertally_engines.sms.wording import AMOUNT_MAX, DEFAULT_TEMPLATES, amount_text, tail

ALL = [(lang, name) for lang, texts in DEFAULT_TEMPLATES.items() for name in texts]


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "parts"),
    [
        ("", "gsm-7", 0, 1),
        ("a" * 160, "gsm-7", 160, 1),
        ("a" * 161, "gsm-7", 161, 2),
        ("a" * 306, "gsm-7", 306, 2),
        ("a" * 307, "gsm-7", 307, 3),
        ("€" * 80, "gsm-7", 160, 1),
        ("€" * 81, "gsm-7", 162, 2),
        ("a" * 152 + "€" + "a" * 152, "gsm-7", 306, 3),  # the pair begins the second part
        ("码" * 70, "ucs-2", 70, 1),
        ("码" * 71, "ucs-2", 71, 2),
        ("码" * 134, "ucs-2", 134, 2),
        ("码" * 135, "ucs-2", 135, 3),
        ("a" * 70 + "码", "ucs-2", 71, 2),
        ("😀" * 35, "ucs-2", 70, 1),
        ("码" * 66 + "😀" + "码" * 66, "ucs-2", 134, 3),
        ("`", "ucs-2", 1, 1),  # a grave accent isn't in the alphabet
    ],
)
def test_lengths(text, alphabet, units, parts):
    assert length_of(text) == (alphabet, units, parts)


@pytest.mark.parametrize(("language", "name"), ALL)
def test_shipped_templates_are_good_and_fit_two_parts(language, name):
    template = parse(name, language, DEFAULT_TEMPLATES[language][name], 2)
    most = TEXT_PARTS if "text" in template.placeholders else 2
    assert length_of(template.widest()).parts <= most


def test_both_languages_have_the_same_templates():
    assert set(DEFAULT_TEMPLATES["zh"]) == set(DEFAULT_TEMPLATES["en"])


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("login", "{code}", "{server_code} is missing"),
        ("login", "{code} {server_code} {sealed}", "{sealed} is not known"),
        ("login_sealed", "{code} {server_code}", "{code} is not known"),
        ("login", "{code} {server_code} {colour}", "{colour} is not known"),
        ("login", "{code!r} {server_code}", "placeholders"),
        ("login", "{code:>9} {server_code}", "placeholders"),
        ("login", "{code.x} {server_code}", "placeholders"),
        ("login", "{} {server_code}", "placeholders"),
        ("login", "{code", "login"),
        ("login", "{code} {server_code}\n", "control"),
        ("login", "{code} {server_code} " + "长" * 120, "parts"),
        ("transaction", "{code} {server_code}", "{text} is missing"),
        ("notice_x", "{code}", "{code} is not known"),
    ],
)
def test_bad_templates_are_explained(name, text, said):
    with pytest.raises(TemplateError) as caught:
        parse(name, "zh", text, 2)
    assert said in str(caught.value)
    assert repr(name) in str(caught.value)


VALUES = st.fixed_dictionaries(
    {
        name: st.text(st.characters(codec="utf-16", max_codepoint=0xFFFF), max_size=80)
        for name in WIDTHS
    }
)


@given(st.sampled_from(ALL), VALUES)
def test_no_value_makes_a_text_longer_than_permitted(which, values):
    language, name = which
    text = parse(name, language, DEFAULT_TEMPLATES[language][name], 2).render(values)
    filled = fill_marks(text, code="0" * WIDTHS["code"], sealed="0" * WIDTHS["sealed"])
    assert length_of(filled).parts <= 2


def test_no_value_draws_the_code_into_its_place():
    values = dict.fromkeys(WIDTHS, CODE_MARK + SEALED_MARK)
    text = parse("login", "zh", DEFAULT_TEMPLATES["zh"]["login"], 2).render(values)
    assert text.count(CODE_MARK) == 1
    assert SEALED_MARK not in text


def test_a_rendered_text_holds_marks_in_place_of_codes():
    values = {
        **dict.fromkeys(WIDTHS, "?"),
        "sign": "虎符银行",
        "server_code": "K7QX",
        "minutes": "5",
    }
    text = parse("login", "zh", DEFAULT_TEMPLATES["zh"]["login"], 2).render(values)
    assert CODE_MARK in text
    assert fill_marks(text, code="314159").startswith(
        "【虎符银行】登录验证码314159，识别码K7QX，5分钟"
    )
    sealed = parse("login_sealed", "en", DEFAULT_TEMPLATES["en"]["login_sealed"], 2).render(values)
    assert SEALED_MARK in sealed
    assert CODE_MARK not in sealed
    braces = parse("login", "en", "{{{code}}} {server_code}", 2).render(values)
    assert fill_marks(braces, code="1") == "{1} K7QX"


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        (123_456_789, "CNY", "zh", "1,234,567.89元"),
        (5, "CNY", "en", "CNY 0.05"),
        (1_000, "JPY", "zh", "JPY 1,000"),
        (1_234, "KWD", "en", "KWD 1.234"),
        (0, "", "zh", ""),
        (AMOUNT_MAX, "EUR", "en", "EUR 9,999,999,999,999.99"),
    ],
)
def test_amounts(amount, currency, language, text):
    assert amount_text(amount, currency, language) == text


@pytest.mark.parametrize("currency", ["CNY", "JPY", "KWD"])
def test_the_largest_amount_is_never_cut(currency):
    assert len(amount_text(AMOUNT_MAX, currency, "en")) <= WIDTHS["amount"]


def test_tails():
    assert tail("6222020200012345") == "2345"
    assert tail("12") == "12"
