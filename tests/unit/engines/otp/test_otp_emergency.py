"""Emergency codes: how often they hold, what a wrong one costs."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_engines.otp import emergency
from tigertally_engines.otp.decide import OtpResult
from tigertally_engines.otp.state import LOCKED_FOR_EVER_MS, OtpState

NOW = 1_767_225_600_000
CODE = "20260101"


def peppered(key_id, octets):
    return hmac.digest(b"pepper" + bytes([key_id]), octets, "sha256")


def kept(uses=3):
    return emergency.kept_code(peppered, 7, b"salt", CODE, uses)


@given(st.lists(st.sampled_from([CODE, "00000000", ""]), max_size=12), st.integers(1, 5))
def test_never_more_uses_than_given_and_never_after_the_ceiling(tries, uses):
    record, state, now = kept(uses), OtpState(), NOW
    approved = wrong = 0
    for code in tries:
        used = emergency.use(peppered, record, state, code, now)
        record, state = used.record, used.verdict.state
        approved += used.verdict.result is OtpResult.APPROVED
        wrong += used.verdict.result is OtpResult.WRONG
        now = max(now, state.next_try_ms)
    assert approved <= uses
    assert record.uses_left == uses - approved


def test_six_wrong_codes_end_it():
    record, state, now, wrong = kept(), OtpState(), NOW, 0
    while state.locked_until_ms != LOCKED_FOR_EVER_MS:
        used = emergency.use(peppered, record, state, "00000000", now)
        wrong += used.verdict.result is OtpResult.WRONG
        state = used.verdict.state
        now = max(now, state.next_try_ms, min(state.locked_until_ms, LOCKED_FOR_EVER_MS - 1))
    assert wrong == 6
    last = emergency.use(peppered, record, state, CODE, now)
    assert (last.verdict.result, last.record) == (OtpResult.LOCKED, record)


def test_a_right_code_clears_its_failures():
    used = emergency.use(peppered, kept(), OtpState(failures=2), CODE, NOW)
    assert (used.verdict.state.failures, used.record.uses_left) == (0, 2)


def test_used_up_it_is_wrong():
    used = emergency.use(peppered, kept(0), OtpState(), CODE, NOW)
    assert used.verdict.result is OtpResult.WRONG


@pytest.mark.parametrize(
    ("random", "code"),
    [(bytes(8), "00000000"), (b"\xff" * 8, "09551615"), (b"\0" * 7 + b"*", "00000042")],
)
def test_codes_are_drawn_whole(random, code):
    assert emergency.draw_code(random) == code


def test_nothing_of_it_is_printed():
    assert repr(kept()) == "EmergencyCode(uses_left=3)"
