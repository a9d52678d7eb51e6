"""Texts of transactions: deterministic, bounded, readable; no two transactions have one digest."""

from __future__ import annotations

import unicodedata

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tigertally_engines.transaction.currencies import (
    EXPONENTS,
    decimal_text,
    minor_units,
    shown_amount,
)
from tigertally_engines.transaction.fields import (
    ACCOUNT_MAX,
    BANK_MAX,
    NAME_MAX,
    PURPOSE_MAX,
    BadTransactionField,
    Fields,
    checked,
    encoded,
)
from tigertally_engines.transaction.kinds import CURRENT_VERSION, KINDS, LANGUAGES, TEXTS
from tigertally_engines.transaction.text import TEXT_MAX, compose, masked

OFFSET = 480
AT = 1_767_225_600_000
TRANSFER = Fields(
    act="transfer",
    language="zh",
    amount="1234.5",
    currency="CNY",
    payee_name="张三",
    payee="6222020200012345",
    bank="中国工商银行",
    purpose="房租",
    ordered_at_ms=AT,
)

TEXT = (
    "转账人民币1,234.50元，收款人「张三」，账号6222****2345，开户行「中国工商银行」，"
    "2026-01-01 08:00，附言「房租」"
)
SAMPLES = [
    (
        TRANSFER,
        TEXT,
    ),
    (
        Fields(act="payment", language="en", amount="99", currency="JPY", payee_name="Konbini"),
        'Pay JPY 99 to "Konbini"',
    ),
    (
        Fields(act="withdrawal", language="zh", amount="0.07", currency="USD", ordered_at_ms=AT),
        "取款USD 0.07，2026-01-01 08:00",
    ),
    (
        Fields(act="new_payee", language="en", payee_name="Wang", payee="AB12", purpose="family"),
        'Add payee "Wang", account ****12, note "family"',
    ),
    (
        Fields(act="limit", language="zh", amount="50000", currency="CNY", purpose="每日转账"),
        "限额改为人民币50,000.00元，附言「每日转账」",
    ),
    (
        Fields(act="other", language="en", purpose="close the account"),
        'Order "close the account"',
    ),
    (
        Fields(act="other", language="zh", purpose="销户", amount="1", currency="BHD"),
        "办理「销户」，金额BHD 1.000",
    ),
]


@pytest.mark.parametrize(("fields", "text"), SAMPLES, ids=range(len(SAMPLES)))
def test_texts_word_for_word(fields, text):
    """Version 1 is evidence: these lines never change."""
    assert compose(checked(fields), OFFSET, 1).text == text


def test_the_digest_is_the_same_for_ever():
    digest = compose(checked(TRANSFER), OFFSET, 1).digest()
    assert digest.hex() == DIGEST


DIGEST = "0a8f55914ffa211f58d7ecb0f61fbdfe0e625b8c068899a047a43089132029d6"


def test_every_act_has_a_text_in_every_language_and_version():
    wanted = {(version, language, act) for version in range(1, CURRENT_VERSION + 1)
              for language in LANGUAGES for act in KINDS}  # fmt: skip
    assert set(TEXTS) == wanted


@pytest.mark.parametrize(("version", "language", "act"), sorted(TEXTS))
def test_every_field_of_an_act_is_shown(version, language, act):
    shown = {name for name, _ in TEXTS[version, language, act]}
    assert shown >= KINDS[act].required | KINDS[act].optional | {"ordered_at_ms"}


def values(most):
    allowed = st.characters(
        exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs", "M"],
        exclude_characters='「」"',
        max_codepoint=0xFFFF,
    ).filter(lambda c: unicodedata.bidirectional(c) not in {"R", "AL", "AN"})
    return st.text(allowed | st.sampled_from("，, ：:；"), max_size=most)


@st.composite
def transactions(draw):
    act = draw(st.sampled_from(sorted(KINDS)))
    has = KINDS[act].required | {
        name for name in sorted(KINDS[act].optional) if draw(st.booleans())
    }
    currency = draw(st.sampled_from(sorted(EXPONENTS))) if "amount" in has else ""
    units = draw(st.integers(1, 10**15 - 1))
    sizes = {"payee_name": NAME_MAX, "bank": BANK_MAX, "purpose": PURPOSE_MAX}
    texts = {name: draw(values(most)) if name in has else "" for name, most in sizes.items()}
    account = st.text("0123456789ABCxyz", min_size=2, max_size=ACCOUNT_MAX)
    fields = Fields(
        act=act,
        language=draw(st.sampled_from(LANGUAGES)),
        amount=decimal_text(units, currency) if currency else "",
        currency=currency,
        payee=draw(account) if "payee" in has else "",
        ordered_at_ms=draw(st.just(0) | st.integers(1, 253_402_214_399_999)),
        **texts,
    )
    try:
        return checked(fields)
    except BadTransactionField:
        assume(False)


@given(transactions(), st.integers(-720, 840))
def test_texts_are_bounded_and_always_the_same(fields, offset):
    composed = compose(fields, offset)
    assert len(composed.text) <= TEXT_MAX
    assert composed.text == compose(fields, offset).text
    assert composed.digest() == compose(fields, offset).digest()
    assert checked(fields) == fields
    assert len(fields.payee) < 12 or fields.payee not in composed.text


@given(transactions(), transactions())
def test_different_transactions_have_different_digests_and_encodings(one, other):
    assume(one != other)
    assert encoded(one) != encoded(other)
    assert compose(one, OFFSET).digest() != compose(other, OFFSET).digest()


@given(transactions())
def test_values_can_be_told_apart_in_the_text(fields):
    """No value can play another's part: the quoted ones are read back from the text."""
    text = compose(fields, OFFSET).text
    if fields.language == "zh":
        quoted = [part.partition("」")[0] for part in text.split("「")[1:]]
    else:
        quoted = text.split('"')[1::2]
    order = [name for name, words in TEXTS[1, fields.language, fields.act] if "{}" in words]
    free = [getattr(fields, name) for name in order if name in {"payee_name", "bank", "purpose"}]
    assert quoted == [value for value in free if value]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"act": "gift"}, "act"),
        ({"language": "fr"}, "language"),
        ({"amount": "1,000"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "+1"}, "amount"),
        ({"amount": "01"}, "amount"),
        ({"amount": ".5"}, "amount"),
        ({"amount": "1."}, "amount"),
        ({"amount": "１"}, "amount"),
        ({"amount": "0.00"}, "amount"),
        ({"amount": "1.005"}, "amount"),
        ({"amount": "12345678901234.56"}, "amount"),
        ({"amount": ""}, "amount"),
        ({"amount": "1.5", "currency": "JPY"}, "amount"),
        ({"currency": "cny"}, "currency"),
        ({"currency": ""}, "currency"),
        ({"currency": "ZZZ"}, "currency"),
        ({"payee": "1"}, "payee"),
        ({"payee": "6222 0202"}, "payee"),
        ({"payee": ""}, "payee"),
        ({"payee_name": ""}, "payee_name"),
        ({"payee_name": "   "}, "payee_name"),
        ({"payee_name": "张」，账号「1"}, "payee_name"),
        ({"payee_name": 'a", account 1'}, "payee_name"),
        ({"payee_name": "a\nb"}, "payee_name"),
        ({"payee_name": "a\u202eb"}, "payee_name"),
        ({"payee_name": "a\u2066b"}, "payee_name"),
        ({"payee_name": "a\u200bb"}, "payee_name"),
        ({"payee_name": "a\ufeffb"}, "payee_name"),
        ({"payee_name": "a\u00adb"}, "payee_name"),
        ({"payee_name": "a\u3164b"}, "payee_name"),
        ({"payee_name": "a\ufe0fb"}, "payee_name"),
        ({"payee_name": "a\U000e0101b"}, "payee_name"),
        ({"payee_name": "a\u2028b"}, "payee_name"),
        ({"payee_name": "a\u00a0b"}, "payee_name"),
        ({"payee_name": "a\ue000b"}, "payee_name"),
        ({"payee_name": "\u05d0\u05d1"}, "payee_name"),
        ({"payee_name": "\u0627"}, "payee_name"),
        ({"payee_name": "z\u0335\u0336\u0337\u0338"}, "payee_name"),
        ({"payee_name": "x" * 33}, "payee_name"),
        ({"bank": "x" * 25}, "bank"),
        ({"purpose": "x" * 33}, "purpose"),
        ({"ordered_at_ms": -1}, "ordered_at"),
        ({"ordered_at_ms": 10**15}, "ordered_at"),
        ({"act": "withdrawal"}, "payee"),  # has none
        ({"act": "limit"}, "payee"),
    ],
)
def test_what_is_wrong_is_named_and_not_repeated(change, field):
    with pytest.raises(BadTransactionField) as caught:
        checked(msgspec.structs.replace(TRANSFER, **change))
    assert caught.value.field == field
    for value in change.values():
        assert str(value) not in str(caught.value) or not str(value).strip() or value in field


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("  Zhang   San ", "Zhang San"),
        ("e\u0301", "\u00e9"),
        ("张\u3000三", "张\u3000三"),
        ("O'Neill & Co. (中国)", "O'Neill & Co. (中国)"),
    ],
)
def test_one_spelling(written, spelled):
    assert checked(msgspec.structs.replace(TRANSFER, payee_name=written)).payee_name == spelled


@given(st.integers(0, 10**15 - 1), st.sampled_from(sorted(EXPONENTS)))
def test_amounts_come_back(units, currency):
    assert minor_units(decimal_text(units, currency), currency) == units


@given(st.text(max_size=20), st.sampled_from(sorted(EXPONENTS)))
def test_no_other_text_is_an_amount(text, currency):
    units = minor_units(text, currency)
    if units is not None:
        assert text.isascii()
        assert decimal_text(units, currency).startswith(text.rstrip("0").rstrip(".") or "0")


def test_currencies_of_the_list():
    assert len(EXPONENTS) == len(set(EXPONENTS)) >= 150
    assert (EXPONENTS["CNY"], EXPONENTS["JPY"], EXPONENTS["KWD"]) == (2, 0, 3)
    assert "XXX" not in EXPONENTS
    assert "BGL" not in EXPONENTS


@pytest.mark.parametrize(
    ("units", "currency", "language", "shown"),
    [
        (123_456, "CNY", "zh", "人民币1,234.56元"),
        (123_456, "CNY", "en", "CNY 1,234.56"),
        (5, "USD", "zh", "USD 0.05"),
        (1_000_000, "JPY", "zh", "JPY 1,000,000"),
        (1, "TND", "en", "TND 0.001"),
    ],
)
def test_amounts_as_people_read_them(units, currency, language, shown):
    assert shown_amount(units, currency, language) == shown


@pytest.mark.parametrize(
    ("account", "shown"),
    [
        ("12", "****12"),
        ("1234567", "****67"),
        ("12345678", "****5678"),
        ("12345678901", "****8901"),
        ("123456789012", "1234****9012"),
        ("6222020200012345", "6222****2345"),
    ],
)
def test_accounts_show_their_ends(account, shown):
    assert masked(account) == shown


def test_the_digest_covers_what_the_text_hides():
    other = msgspec.structs.replace(TRANSFER, payee="6222999999992345")
    one, two = compose(checked(TRANSFER), OFFSET), compose(checked(other), OFFSET)
    assert one.text == two.text
    assert one.digest() != two.digest()


def test_nothing_of_it_is_in_a_repr():
    shown = repr(compose(checked(TRANSFER), OFFSET))
    assert "张三" not in shown
    assert "6222" not in shown
