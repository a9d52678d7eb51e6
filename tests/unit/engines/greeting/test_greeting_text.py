"""Reserved greetings: what may be one, and what is shown where there is none."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_engines.greeting.text import LONGEST, invented, normalised, unsuitable


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("门前的老槐树", ""),
        ("My cat's name is Fish!", ""),
        ("生于2008年", ""),
        ("x", "length"),
        ("长" * (LONGEST + 1), "length"),
        ("我的密码392714", "number"),
        ("139 1234 5678", "number"),
        ("6222-0210", "number"),
        ("见 www.bank", "link"),
        ("请到95588.com", "number"),
        ("请到bank-china.com办理", "link"),
        ("a\u200bb", "control"),
        ("a\nb", "control"),
        ("\u202eevil", "control"),
    ],
)
def test_rules(text, rule):
    assert unsuitable(text) == rule


@given(st.binary(min_size=4, max_size=32))
def test_an_invented_greeting_could_have_been_chosen(derived):
    text = invented(derived)
    assert unsuitable(text) == ""
    assert normalised(text) == text
    assert len(text.encode()) <= 96


def test_invented_greetings_are_many():
    texts = {
        invented(hmac.digest(b"key", str(number).encode(), "sha256")) for number in range(2000)
    }
    assert len(texts) > 1500
