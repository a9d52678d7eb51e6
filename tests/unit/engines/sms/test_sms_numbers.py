"""Every way of writing a number becomes one form, and its country is found."""

from __future__ import annotations

import pytest

from tigertally_engines.sms.numbers import BadNumber, country_of, normalised, range_of


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13800138000", "+8613800138000"),
        ("+8613800138000", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("138-0013-8000", "+8613800138000"),
        ("+44 (20) 7946.0958", "+442079460958"),
        ("+12025550123", "+12025550123"),
    ],
)
def test_one_form(text, number):
    assert normalised(text, "86") == number


BAD = ["", "+", "abc", "1380013800x", "１３８００１３８０００", "+0123456789", "+1", "1" * 16]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_number(text):
    with pytest.raises(BadNumber) as caught:
        normalised(text, "86")
    assert len(text) < 4 or text not in str(caught.value)


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+8613800138000", "86"),
        ("+12025550123", "1"),
        ("+79161234567", "7"),
        ("+85291234567", "852"),
        ("+442079460958", "44"),
        ("+35312345678", "353"),
        ("+99412345678", "994"),
        ("+98912345678", "98"),
        ("+21612345678", "216"),
        ("+2012345678", "20"),
    ],
)
def test_countries(number, country):
    assert country_of(number) == country


def test_a_range_is_ten_thousand_neighbours():
    assert range_of("+8613800138000") == range_of("+8613800138999") == "+861380013"
    assert range_of("+8613800148000") != range_of("+8613800138000")
