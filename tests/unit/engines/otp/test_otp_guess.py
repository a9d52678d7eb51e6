"""The guess figures against counting and against a simulation of the rules."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_engines.otp.guess import (
    candidates,
    code_probability,
    guess_probability,
    lifetime_guess_probability,
    tries_within,
)
from tigertally_engines.otp.parameters import OtpParameters

TOTP = OtpParameters().validated()


def ocra(kind: str, function: str = "SHA1-6") -> dict[str, object]:
    return {"algorithm": "ocra", "ocra_suite": f"OCRA-1:HOTP-{function}:{kind}"}


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"window": 0}, 1),
        ({"window": 1}, 3),
        ({"algorithm": "gm-sm3", "window": 2}, 5),
        ({"algorithm": "hotp", "look_ahead": 0}, 1),
        ({"algorithm": "hotp", "look_ahead": 10}, 11),
        (ocra("QN08"), 1),
        (ocra("C-QN08"), 11),
        (ocra("QN08-T1M"), 3),
        (ocra("C-QN08-T1M"), 33),
    ],
)
def test_candidates(overrides: dict[str, object], expected: int) -> None:
    assert candidates(TOTP.merge(overrides)) == expected


@pytest.mark.parametrize(
    ("algorithm", "digits", "expected"),
    [
        ("totp", 6, Fraction(2148, 2**31)),
        ("totp", 8, Fraction(22, 2**31)),
        ("hotp", 9, Fraction(3, 2**31)),
        ("hotp", 10, Fraction(1, 2**31)),
        ("gm-sm3", 6, Fraction(4295, 2**32)),
        ("gm-sm3", 10, Fraction(1, 2**32)),
    ],
)
def test_likeliest_code(algorithm: str, digits: int, expected: Fraction) -> None:
    parameters = TOTP.merge({"algorithm": algorithm, "digits": digits})
    assert code_probability(parameters) == pytest.approx(float(expected))


@given(window=st.integers(0, 20), digits=st.integers(6, 10), tries=st.integers(0, 1000))
def test_against_exact_arithmetic(window: int, digits: int, tries: int) -> None:
    parameters = TOTP.merge({"window": window, "digits": digits})
    once = candidates(parameters) * Fraction(-(-(2**31) // 10**digits), 2**31)
    exact = float(1 - (1 - once) ** tries)
    assert math.isclose(guess_probability(parameters, tries), exact, rel_tol=1e-9, abs_tol=1e-15)
    assert guess_probability(parameters, tries) <= tries * once + 1e-12


def test_likeliest_ocra_answer() -> None:
    assert code_probability(TOTP.merge(ocra("QN08"))) == pytest.approx(2148 / 2**31)
    assert code_probability(TOTP.merge(ocra("QN08", "SHA512-0"))) == 2.0**-512


def test_bank_defaults() -> None:
    assert guess_probability(TOTP, 5) == pytest.approx(1.5e-5, rel=0.01)
    assert lifetime_guess_probability(TOTP) == pytest.approx(3e-4, rel=0.01)


def test_no_negative_tries() -> None:
    with pytest.raises(ValueError, match="negative"):
        guess_probability(TOTP, -1)


@pytest.mark.parametrize(
    ("overrides", "period_s", "tries"),
    [
        ({"throttle_base_ms": 0}, 1, 5),
        ({"throttle_base_ms": 0}, 900, 5),
        ({"throttle_base_ms": 0}, 901, 10),
        ({"throttle_base_ms": 0}, 2700, 10),
        ({"throttle_base_ms": 0}, 10**9, 100),
        ({"failure_ceiling": 7}, 10**9, 7),
        ({}, 1, 3),
        ({}, 0, 0),
    ],
)
def test_tries_within(overrides: dict[str, object], period_s: int, tries: int) -> None:
    assert tries_within(TOTP.merge(overrides), period_s) == tries
