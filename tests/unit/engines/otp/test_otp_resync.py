"""Resynchronisation with two codes in a row: reach, order, freshness, price of a failure."""

from __future__ import annotations

import msgspec
import pytest

from tigertally_engines.otp.decide import OtpResult, Verdict, resync, verify
from tigertally_engines.otp.forms import FORMS
from tigertally_engines.otp.parameters import OtpAlgorithm, OtpParameters
from tigertally_engines.otp.state import LOCKED_FOR_EVER_MS, OtpState

SEED = b"12345678901234567890"
STEP = 56_666_666
NOW = STEP * 30_000 + 12_345
TOTP = OtpParameters().validated()
HOTP = TOTP.merge({"algorithm": "hotp"})


def code(factor: int, parameters: OtpParameters) -> str:
    form = FORMS[parameters.algorithm]
    return form.codes(parameters, SEED, [factor])[0]


def try_pair(
    first: int, second: int, state: OtpState, parameters: OtpParameters = TOTP, now_ms: int = NOW
) -> Verdict:
    pair = code(first, parameters), code(second, parameters)
    return resync(parameters, SEED, state, *pair, now_ms)


@pytest.mark.parametrize(
    ("first", "second", "result"),
    [
        (0, 1, "resynced"),
        (-1, 0, "resynced"),
        (60, 61, "resynced"),
        (-61, -60, "resynced"),
        (99, 100, "resynced"),
        (-100, -99, "resynced"),
        (100, 101, "resync_failed"),
        (-101, -100, "resync_failed"),
        (1, 0, "resync_failed"),  # wrong order
        (0, 0, "resync_failed"),  # the same twice
        (0, 2, "resync_failed"),  # not in a row
    ],
)
@pytest.mark.parametrize("algorithm", [OtpAlgorithm.TOTP, OtpAlgorithm.GM_SM3, OtpAlgorithm.GM_SM4])
@pytest.mark.parametrize("drift", [0, 60, -60])  # the search lies around the true time
def test_by_time(algorithm: OtpAlgorithm, drift: int, first: int, second: int, result: str) -> None:
    parameters = TOTP.merge({"algorithm": algorithm})
    state = OtpState(moving=STEP - 5000, drift=drift, failures=2)
    verdict = try_pair(STEP + first, STEP + second, state, parameters)
    assert verdict.result == result
    if result == "resynced":
        assert verdict.state == OtpState(moving=STEP + second, drift=second)
        assert verdict.matched == STEP + second
    else:
        assert verdict.state == msgspec.structs.replace(state, failures=3, next_try_ms=NOW + 1000)
        assert verdict.matched is None


@pytest.mark.parametrize(
    ("moving", "first", "result"),
    [
        (-1, 0, "resynced"),
        (500, 500, "resynced"),
        (500, 599, "resynced"),
        (500, 600, "resync_failed"),  # the second one is out of reach
        (500, 499, "resync_failed"),  # the first one is used
        (500, 498, "resync_failed"),
    ],
)
def test_by_counter(moving: int, first: int, result: str) -> None:
    verdict = try_pair(first, first + 1, OtpState(moving=moving), HOTP)
    assert verdict.result == result
    if result == "resynced":
        assert verdict.state == OtpState(moving=first + 2)


@pytest.mark.parametrize("first", [0, -1, -2, -50])
def test_used_steps_are_never_accepted(first: int) -> None:
    state = OtpState(moving=STEP)
    verdict = try_pair(STEP + first, STEP + first + 1, state)
    assert verdict.result is OtpResult.RESYNC_FAILED
    assert verdict.state.moving == STEP
    assert verdict.state.failures == 1


def test_the_step_after_the_used_one_is_the_first_to_resync() -> None:
    assert try_pair(STEP + 1, STEP + 2, OtpState(moving=STEP)).result is OtpResult.RESYNCED


@pytest.mark.parametrize("parameters", [TOTP, HOTP], ids=["totp", "hotp"])
def test_both_codes_are_used_up(parameters: OtpParameters) -> None:
    first = STEP if parameters is TOTP else 40
    done = try_pair(first, first + 1, OtpState(moving=30), parameters)
    for factor in (first, first + 1):
        again = verify(parameters, SEED, done.state, code(factor, parameters), NOW)
        assert again.result is OtpResult.REPLAYED
    assert try_pair(first, first + 1, done.state, parameters).result is OtpResult.RESYNC_FAILED
    after = verify(parameters, SEED, done.state, code(first + 2, parameters), NOW + 30_000)
    assert after.result is OtpResult.APPROVED


def test_verification_follows_a_drift_beyond_drift_max() -> None:
    state = try_pair(STEP + 70, STEP + 71, OtpState()).state
    for later in (1, 2, 500):
        good = code(STEP + 71 + later, TOTP)
        verdict = verify(TOTP, SEED, state, good, NOW + later * 30_000)
        assert verdict.result is OtpResult.APPROVED
        assert verdict.state.drift == 71
        state = verdict.state


@pytest.mark.parametrize(
    ("failures_before", "delay_ms"), [(0, 1000), (1, 1000), (2, 1000), (3, 2000), (5, 8000)]
)
def test_own_throttle_from_the_first_failure(failures_before: int, delay_ms: int) -> None:
    verdict = try_pair(1, 2, OtpState(failures=failures_before))
    assert verdict.state.failures == failures_before + 1
    assert verdict.state.next_try_ms == NOW + delay_ms
    held = try_pair(STEP, STEP + 1, verdict.state, now_ms=NOW + delay_ms - 1)
    assert held.result is OtpResult.THROTTLED
    assert held.state is verdict.state


def test_throttle_can_be_off() -> None:
    parameters = TOTP.merge({"throttle_base_ms": 0})
    assert try_pair(1, 2, OtpState(), parameters).state.next_try_ms == 0


def test_failed_resyncs_lock_like_wrong_codes() -> None:
    verdict = try_pair(1, 2, OtpState(failures=4))
    assert (verdict.remaining, verdict.locked_until_ms) == (0, NOW + 900_000)
    assert try_pair(STEP, STEP + 1, verdict.state).result is OtpResult.LOCKED
    assert try_pair(1, 2, OtpState(failures=99)).locked_until_ms == LOCKED_FOR_EVER_MS


@pytest.mark.parametrize("bad", ["", "12345", "1234567", "12345x", "１２３４５６"])
@pytest.mark.parametrize("place", [0, 1])
def test_malformed_codes_fail(bad: str, place: int) -> None:
    pair = [code(STEP, TOTP), code(STEP + 1, TOTP)]
    pair[place] = bad
    verdict = resync(TOTP, SEED, OtpState(), pair[0], pair[1], NOW)
    assert verdict.result is OtpResult.RESYNC_FAILED
    assert verdict.state.failures == 1


def test_success_clears_failures() -> None:
    state = OtpState(failures=7, locked_until_ms=NOW, next_try_ms=NOW)
    verdict = try_pair(STEP, STEP + 1, state)
    assert verdict.state == OtpState(moving=STEP + 1, drift=1)
    assert verdict.remaining == TOTP.max_failures


@pytest.mark.parametrize("moving", [STEP + 100, STEP + 99, STEP + 5000])
def test_nothing_left_to_search(moving: int) -> None:
    verdict = try_pair(STEP + 99, STEP + 100, OtpState(moving=moving))
    assert verdict.result is OtpResult.RESYNC_FAILED


def test_first_steps_of_time() -> None:
    assert try_pair(0, 1, OtpState(), now_ms=0).result is OtpResult.RESYNCED
