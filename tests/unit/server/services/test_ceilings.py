"""Guess ceilings: the arithmetic against the rules themselves, played through."""

from __future__ import annotations

import pytest

from tigertally_engines.otp import origins
from tigertally_engines.otp.decide import OtpResult, verify
from tigertally_engines.otp.guess import repeated, tries_within
from tigertally_engines.otp.kernel import hotp
from tigertally_engines.otp.origins import Origins
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.state import OtpState
from tigertally_engines.password.policy import DEFAULTS, PasswordForm
from tigertally_engines.sms.parameters import SmsParameters
from tigertally_server.services.ceilings import (
    DAY_S,
    ceilings,
    of_activation_code,
    of_emergency_code,
    of_password,
    of_sms,
    of_token,
)
from tigertally_testing.bank import memory_installation

NOW = 1_767_225_600_000
SEED = b"12345678901234567890"


def looked_at(parameters, period_s, places):
    """Failures that a guesser gets in who tries every second from each place."""
    state, known, count = OtpState(0), Origins((places[0],)), 0
    for second in range(period_s):
        now_ms = NOW + second * 1000
        wrong = f"{(int(hotp(SEED, now_ms // 30_000, 6)) + 500_000) % 1_000_000:06d}"
        for place in places:
            before = origins.state_for(parameters, state, known, place)
            verdict = verify(parameters, SEED, before, wrong, now_ms)
            if verdict.result is OtpResult.WRONG:
                count += 1
                state, known = origins.after_failure(parameters, state, known, place, verdict.state)
    return count


@pytest.mark.parametrize("familiar", [0, 4])
def test_tries_are_those_that_the_rules_let_in(familiar):
    parameters = OtpParameters(
        familiar_origins=familiar, lock_s=60, lock_cap_s=600, throttle_base_ms=2000
    ).validated()
    shown = of_token("t", parameters)
    played = looked_at(parameters, 3_600, (b"h" * 8, b"s" * 8))
    hour = 2 if familiar else 1
    assert played == hour * tries_within(parameters, 3_600)
    assert shown.tries_day >= played


def test_figures_grow_with_time_and_end_at_the_ceiling(entropy):
    _, context = memory_installation(entropy)
    rows = list(ceilings(context))
    assert {row.method for row in rows} == {
        "token",
        "token and PIN",
        "emergency code",
        "activation code",
        "SMS",
        "PIN",
        "password",
    }
    for row in rows:
        assert 0 < row.tries_day <= row.tries_year <= row.tries_ever
        assert 0 < row.once <= row.day <= row.year <= row.ever <= 1
        assert row.ever == pytest.approx(repeated(row.once, row.tries_ever))


def test_known_values():
    assert of_sms("login", SmsParameters()).once == pytest.approx(1e-6)
    assert of_sms("login", SmsParameters(digits=8)).once == pytest.approx(1e-8)
    assert of_emergency_code().once == pytest.approx(1e-8)
    assert of_emergency_code().tries_ever == 6
    assert of_activation_code().once == pytest.approx(2.0**-75)
    pin = of_password("pin", DEFAULTS[PasswordForm.PIN])
    assert pin.once == pytest.approx(1e-6)
    assert not pin.even
    assert of_token("t", OtpParameters().validated()).day < DAY_S * 1e-6


def test_many_small_tries_keep_their_digits():
    assert repeated(1e-18, 3) == pytest.approx(3e-18)
    assert repeated(1.0, 0) == 0.0
    assert repeated(1.0, 1) == 1.0
