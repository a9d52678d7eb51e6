"""Which passwords and PINs are refused, and by which rule."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_engines.password import pins, words
from tigertally_engines.password.common import COMMON
from tigertally_engines.password.generate import NothingFits, generate
from tigertally_engines.password.policy import (
    BOUNDS,
    DEFAULTS,
    PasswordForm,
    PasswordPolicy,
    PolicyError,
    form_of,
    policy_name,
)
from tigertally_engines.password.rules import RULES, weakness

PASSWORD, PIN = PasswordForm.PASSWORD, PasswordForm.PIN
BLOCKED = words.block_list(COMMON)
PERSON = ("C20260017", "张伟", "Zhang Xiaoming", "13891236571", "19800131")
OWN = ("tigertally", "虎符银行")


def judge(form, text, **changes):
    policy = DEFAULTS[form].merge({"own_words": OWN, **changes})
    return weakness(form, policy, text, PERSON, BLOCKED)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("kX7#mw9", "too_short"),
        ("k7#mw9Qv" * 8 + "x", "too_long"),
        ("justletters", "classes"),
        ("a1a1a1a1a", "distinct"),
        ("gkz7777mw", "run"),
        ("zu12345ov", "sequence"),
        ("zu54321ov", "sequence"),
        ("mxqwertv9", "sequence"),
        ("mxABCDEv9", "sequence"),
        ("P@ssw0rd", "common"),
        ("Password2026!", "common"),
        ("dr0wssap99", "common"),
        ("D.r.a.g.o.n.77", "common"),
        ("monkeymonkey9", "common"),
        ("1woaini1314", "common"),
        ("Tigertally7", "bank_word"),
        ("T1g3rt@lly!x", "bank_word"),
        ("xx虎符银行99kd", "bank_word"),
        ("98xiaoming#K", "personal"),
        ("gnimoaix#K98", "personal"),
        ("Z张伟kd82ncu", "personal"),
        ("c20260017", "personal"),
        ("wd912365kf", "personal"),
        ("wd1980-0131kf", "personal"),
        ("ok\u200bnothingseen7", "control"),
        ("kX7#mw9Q", ""),
        ("correct horse battery 9 staple", ""),
        ("春眠不觉晓，处处闻啼鸟7", ""),
    ],
)
def test_passwords(text, rule):
    assert judge(PASSWORD, text) == rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("12345a", "digits"),
        ("１２３４５６", "series"),
        ("٣٩٢٧١٤", "digits"),
        ("39271", "too_short"),
        ("3927148", "too_long"),
        ("123456", "series"),
        ("987654", "series"),
        ("890123", "series"),
        ("864208", "series"),
        ("000000", "series"),
        ("121212", "repetition"),
        ("407407", "repetition"),
        ("112233", "repetition"),
        ("407704", "repetition"),
        ("800088", "distinct"),
        ("190000", "run"),
        ("912349", "sequence"),
        ("147258", "common"),
        ("520521", "common"),
        ("912365", "personal"),
        ("912345", "sequence"),
        ("800131", "personal"),
        ("310180", "personal"),
        ("013180", "personal"),
        ("260017", "personal"),
        ("392714", ""),
    ],
)
def test_pins(text, rule):
    policy = DEFAULTS[PIN].merge({"own_words": ["95588"]})
    assert weakness(PIN, policy, text, PERSON, BLOCKED) == rule


def test_dates_are_refused_where_the_policy_says_so():
    assert judge(PIN, "751203") == ""
    assert judge(PIN, "751203", block_dates=True) == "date"
    assert judge(PIN, "031275", block_dates=True) == "date"
    assert judge(PIN, "751303", block_dates=True) == ""


def test_rules_can_be_switched_off():
    assert judge(PASSWORD, "Password2026!", block_common=False) == ""
    assert judge(PASSWORD, "98xiaoming#K", block_personal=False) == ""
    assert judge(PIN, "800131", block_personal=False) == ""


def test_every_name_of_a_rule_fits_the_field_that_tells_it():
    for rows in RULES.values():
        names = [name for name, _ in rows]
        assert len(set(names)) == len(names)
        assert all(name.isascii() and 0 < len(name) <= 32 for name in names)


def test_a_lists_own_words_are_refused_by_it():
    policy = PasswordPolicy(
        min_length=4, classes=0, max_run=64, max_sequence=64, min_distinct=1
    ).validated()
    for word in COMMON:
        if len(word) >= 4:
            assert weakness(PASSWORD, policy, word, (), BLOCKED) == "common", word


_case = st.functions(like=lambda c: c, returns=st.booleans(), pure=True)


@given(
    st.sampled_from(
        [word for word in COMMON if word.isascii() and word.isalpha() and len(word) > 5]
    ),
    st.text(string.digits + string.punctuation, max_size=4),
    st.text(string.digits + string.punctuation, max_size=4),
    st.lists(st.booleans(), min_size=20, max_size=20),
    st.booleans(),
)
def test_a_word_stays_the_same_word_however_it_is_dressed_up(word, before, after, up, backwards):
    cased = "".join(c.upper() if big else c for c, big in zip(word, up, strict=False))
    text = before + (cased[::-1] if backwards else cased) + after
    assert not BLOCKED.isdisjoint(words.forms(text))


@given(st.text(min_size=1, max_size=40))
def test_forms_never_fail_and_judging_is_the_same_each_time(text):
    first = judge(PASSWORD, text)
    assert first == judge(PASSWORD, text)
    assert first in {"", *(name for name, _ in RULES[PASSWORD])}
    assert judge(PIN, text) in {"", *(name for name, _ in RULES[PIN])}


@given(st.text(string.digits, min_size=6, max_size=6), st.integers(0, 5))
def test_no_part_of_a_known_number_is_a_pin(pin, offset):
    number = "9" * offset + pin + "41"
    assert pins.of_numbers(pin, [number])
    assert pins.of_numbers(pin[::-1], [number])


@given(st.sampled_from(list(PasswordForm)), st.binary(min_size=32, max_size=32))
def test_what_is_generated_is_allowed(form, entropy):
    policy = DEFAULTS[form]
    text = generate(form, policy, entropy, BLOCKED)
    assert len(text) == policy.generated_length
    assert weakness(form, policy, text, (), BLOCKED) == ""
    assert generate(form, policy, entropy, BLOCKED) == text


def test_generated_pins_are_spread_evenly():
    seen = [
        generate(PIN, DEFAULTS[PIN], number.to_bytes(16, "big"), BLOCKED) for number in range(3000)
    ]
    assert len(set(seen)) > 2980
    first = [sum(pin[0] == digit for pin in seen) for digit in string.digits]
    assert min(first) > 220
    assert max(first) < 380


class Everything(frozenset[str]):
    def isdisjoint(self, other: object) -> bool:
        return False


def test_a_policy_that_nothing_fits_says_so():
    with pytest.raises(NothingFits):
        generate(PIN, DEFAULTS[PIN], bytes(16), Everything())


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"colour": 1}, "colour"),
        ({"min_length": "8"}, "min_length"),
        ({"min_length": True}, "min_length"),
        ({"min_length": 3}, "min_length"),
        ({"min_length": 20, "max_length": 10}, "max_length"),
        ({"generated_length": 7}, "generated_length"),
        ({"max_age_s": 60, "min_age_s": 60}, "max_age_s"),
        ({"scheme": "md5"}, "scheme"),
        ({"old_schemes": ["md5"]}, "scheme"),
        ({"old_schemes": "keyed"}, "old_schemes"),
        ({"own_words": ["x"]}, "own_words"),
        ({"own_words": [7]}, "own_words"),
        ({"block_common": 1}, "block_common"),
        ({"failure_ceiling": 3}, "failure_ceiling"),
    ],
)
def test_bad_policies_are_refused_by_name(changes, name):
    with pytest.raises(PolicyError) as problem:
        DEFAULTS[PASSWORD].merge(changes)
    assert problem.value.name == name


def test_policies_are_named_by_form_and_slot():
    for form in PasswordForm:
        for slot in ("", "pay", "a/b"):
            assert form_of(policy_name(form, slot)) is form
    for wrong in ("", "pins", "pin/", "/pay", "password2"):
        with pytest.raises(PolicyError):
            form_of(wrong)


def test_defaults_are_within_their_own_bounds_and_go_through_json():
    for policy in DEFAULTS.values():
        assert policy.validated() is policy
        assert PasswordPolicy().merge(policy.as_dict()) == policy
    assert set(BOUNDS) <= set(PasswordPolicy.__struct_fields__)
