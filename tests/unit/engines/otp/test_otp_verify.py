"""Every rule of the decision about one code, as tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from tigertally_engines.otp.decide import OtpResult, Verdict, remaining_tries, unlock, verify
from tigertally_engines.otp.forms import FORMS
from tigertally_engines.otp.gm import gm_sm3
from tigertally_engines.otp.kernel import hotp
from tigertally_engines.otp.parameters import OtpAlgorithm, OtpParameters
from tigertally_engines.otp.seeds import Seed
from tigertally_engines.otp.state import LOCKED_FOR_EVER_MS, OtpState

SEED = b"12345678901234567890"
STEP = 56_666_666
NOW = STEP * 30_000 + 12_345  # inside the step
TOTP = OtpParameters().validated()
HOTP = TOTP.merge({"algorithm": "hotp"})
FREE = {"throttle_base_ms": 0, "throttle_cap_ms": 0}  # no throttle in the way of a rule
WRONG = "no such code"


def code(factor: int, parameters: OtpParameters = TOTP) -> str:
    form = FORMS[parameters.algorithm]
    return form.codes(parameters, SEED, [factor])[0]


def try_code(
    given: str, state: OtpState, now_ms: int = NOW, parameters: OtpParameters = TOTP
) -> Verdict:
    return verify(parameters, SEED, state, given, now_ms)


def changed(state: OtpState, **changes: Any) -> OtpState:
    return msgspec.structs.replace(state, **changes)


# ---- which codes are accepted


@pytest.mark.parametrize(
    ("window", "drift", "offset", "result"),
    [
        (0, 0, 0, "approved"),
        (0, 0, 1, "wrong"),
        (0, 0, -1, "wrong"),
        (1, 0, -1, "approved"),
        (1, 0, 1, "approved"),
        (1, 0, 2, "wrong"),
        (1, 0, -2, "wrong"),
        (3, 0, -3, "approved"),
        (3, 0, 4, "wrong"),
        (1, 5, 5, "approved"),
        (1, 5, 4, "approved"),
        (1, 5, 6, "approved"),
        (1, 5, 0, "wrong"),
        (1, -5, -6, "approved"),
        (1, -5, -3, "wrong"),
    ],
)
def test_window_around_the_drift(window: int, drift: int, offset: int, result: str) -> None:
    parameters = TOTP.merge({"window": window})
    verdict = try_code(code(STEP + offset), OtpState(drift=drift), parameters=parameters)
    assert verdict.result == result
    assert verdict.matched == (STEP + offset if result == "approved" else None)
    if result == "approved":
        assert verdict.state == OtpState(moving=STEP + offset, drift=offset)


@pytest.mark.parametrize("algorithm", FORMS)
@pytest.mark.parametrize("digits", range(6, 11))
def test_every_form_and_length(algorithm: OtpAlgorithm, digits: int) -> None:
    parameters = TOTP.merge({"algorithm": algorithm, "digits": digits})
    first = 7 if algorithm in (OtpAlgorithm.HOTP, OtpAlgorithm.CARD_LIST) else STEP
    good = code(first, parameters)
    assert len(good) == digits
    verdict = try_code(good, OtpState(moving=7), parameters=parameters)
    assert verdict.result is OtpResult.APPROVED
    assert verdict.matched == first


def test_codes_are_those_of_the_kernel() -> None:
    assert try_code(hotp(SEED, STEP, 6), OtpState()).result == "approved"
    parameters = TOTP.merge({"algorithm": "gm-sm3"})
    given = gm_sm3(SEED, STEP, None, None, 6)
    assert try_code(given, OtpState(), parameters=parameters).result == "approved"


@pytest.mark.parametrize(
    ("moving", "look_ahead", "factor", "result"),
    [
        (-1, 10, 0, "approved"),
        (0, 10, 0, "approved"),
        (0, 0, 0, "approved"),
        (0, 0, 1, "wrong"),
        (5, 10, 5, "approved"),
        (5, 10, 15, "approved"),
        (5, 10, 16, "wrong"),
        (5, 10, 4, "replayed"),
        (5, 100, 105, "approved"),
        (2**63 - 3, 10, 2**63 - 2, "approved"),
        (2**63 - 1, 10, 2**63 - 1, "wrong"),  # the counter is used up
    ],
)
def test_hotp_look_ahead(moving: int, look_ahead: int, factor: int, result: str) -> None:
    parameters = HOTP.merge({"look_ahead": look_ahead})
    verdict = try_code(code(factor, HOTP), OtpState(moving=moving), parameters=parameters)
    assert verdict.result == result
    if result == "approved":
        assert verdict.state == OtpState(moving=factor + 1)


@pytest.mark.parametrize(
    "given",
    [
        "", "0", code(STEP)[:5], code(STEP) + "0", "0" + code(STEP), " " + code(STEP)[1:],
        code(STEP)[:5] + "x", "-12345", "12 456", "1２3456", "１２３４５６", "²²²²²²", "\0" * 6,
        "é" * 6, "9" * 100_000,
    ],
    ids=lambda given: f"{len(given)}-long",
)  # fmt: skip
def test_malformed_codes_are_failures(given: str) -> None:
    verdict = try_code(given, OtpState(moving=STEP - 1))
    assert verdict.result is OtpResult.WRONG
    assert verdict.state.failures == 1
    assert verdict.state.moving == STEP - 1


# ---- used once


def test_the_same_code_again_is_replayed_and_no_failure() -> None:
    first = try_code(code(STEP), OtpState(failures=2))
    again = try_code(code(STEP), first.state)
    assert again.result is OtpResult.REPLAYED
    assert again.state is first.state
    assert again.matched == STEP
    assert again.remaining == TOTP.max_failures


@pytest.mark.parametrize(
    ("behind", "look_behind", "later_steps", "result"),
    [
        (0, 10, 0, "replayed"),
        (0, 0, 0, "replayed"),  # in the window anyway
        (1, 0, 0, "replayed"),
        (2, 0, 0, "wrong"),
        (0, 0, 2, "wrong"),
        (0, 1, 1000, "replayed"),  # counted from the last accepted step, not from now
        (9, 10, 1000, "replayed"),
        (10, 10, 1000, "wrong"),
    ],
)
def test_look_behind(behind: int, look_behind: int, later_steps: int, result: str) -> None:
    parameters = TOTP.merge({"look_behind": look_behind})
    state = OtpState(moving=STEP)
    now_ms = NOW + later_steps * 30_000
    verdict = try_code(code(STEP - behind), state, now_ms, parameters)
    assert verdict.result == result
    assert verdict.state.failures == (result == "wrong")


@pytest.mark.parametrize(("behind", "result"), [(1, "replayed"), (10, "replayed"), (11, "wrong")])
def test_look_behind_hotp(behind: int, result: str) -> None:
    verdict = try_code(code(500 - behind, HOTP), OtpState(moving=500), parameters=HOTP)
    assert verdict.result == result


def test_a_skipped_step_below_the_accepted_one_is_gone() -> None:
    first = try_code(code(STEP + 1), OtpState())
    assert first.result is OtpResult.APPROVED
    for offset in (0, -1):
        assert try_code(code(STEP + offset), first.state).result is OtpResult.REPLAYED


def test_nothing_is_replayed_on_a_fresh_token() -> None:
    assert try_code(code(STEP - 2), OtpState()).result is OtpResult.WRONG
    fresh = try_code(code(11, HOTP), OtpState(), parameters=HOTP)
    assert fresh.result is OtpResult.WRONG


def test_a_used_code_wins_over_an_unused_step_with_the_same_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def always_the_same(_: OtpParameters, _seed: Seed, factors: Iterable[int]) -> list[str]:
        return ["123456" for _ in factors]

    totp = FORMS[OtpAlgorithm.TOTP]
    monkeypatch.setitem(FORMS, OtpAlgorithm.TOTP, totp._replace(codes=always_the_same))
    assert try_code("123456", OtpState(moving=STEP)).result is OtpResult.REPLAYED
    assert try_code("123456", OtpState(moving=STEP - 2)).result is OtpResult.APPROVED


def test_first_steps_of_time() -> None:
    assert try_code(code(0), OtpState(), now_ms=0).result is OtpResult.APPROVED
    assert try_code(code(0), OtpState(drift=-5), now_ms=0).result is OtpResult.WRONG


# ---- drift


@pytest.mark.parametrize(
    ("drift", "drift_max", "seen", "after"),
    [
        (0, 10, 1, 1),
        (9, 10, 10, 10),
        (10, 10, 11, 10),  # clamped
        (-10, 10, -11, -10),
        (10, 10, 9, 9),
        (0, 0, 1, 0),
        (60, 10, 60, 60),  # set by a resync: kept
        (60, 10, 61, 60),
        (60, 10, 59, 59),  # may come back
        (-60, 10, -61, -60),
    ],
)
def test_drift_is_tracked_and_clamped(drift: int, drift_max: int, seen: int, after: int) -> None:
    parameters = TOTP.merge({"drift_max": drift_max})
    verdict = try_code(code(STEP + seen), OtpState(drift=drift), parameters=parameters)
    assert verdict.result is OtpResult.APPROVED
    assert verdict.state.drift == after


def test_a_slow_clock_is_followed_up_to_the_limit() -> None:
    state, last = OtpState(), 0
    for lag in range(1, 20):
        verdict = try_code(code(STEP + lag * 50 - lag), state, NOW + lag * 50 * 30_000)
        if verdict.result is not OtpResult.APPROVED:
            break
        state, last = verdict.state, lag
    assert last == TOTP.drift_max + TOTP.window
    assert state.drift == -TOTP.drift_max


# ---- failures, throttle, locks


def test_a_wrong_code_is_one_failure_and_nothing_else() -> None:
    state = OtpState(moving=STEP - 3, drift=1, failures=1)
    verdict = try_code(WRONG, state)
    assert verdict == Verdict(OtpResult.WRONG, changed(state, failures=2), 3, 0, None)


def test_success_clears_failures_and_old_locks() -> None:
    state = OtpState(failures=7, locked_until_ms=NOW, next_try_ms=NOW)
    assert try_code(code(STEP), state).state == OtpState(moving=STEP)


@pytest.mark.parametrize(
    ("failures_before", "delay_ms"),
    [(0, 0), (1, 0), (2, 1000), (3, 2000), (5, 8000), (7, 32_000), (8, 60_000), (12, 60_000)],
)
def test_throttle_doubles_up_to_its_cap(failures_before: int, delay_ms: int) -> None:
    verdict = try_code(WRONG, OtpState(failures=failures_before))
    assert verdict.state.next_try_ms == (NOW + delay_ms if delay_ms else 0)


def test_throttle_can_be_off() -> None:
    verdict = try_code(WRONG, OtpState(failures=3), parameters=TOTP.merge(FREE))
    assert verdict.state.next_try_ms == 0


@pytest.mark.parametrize(("early_ms", "result"), [(1, "throttled"), (0, "approved")])
def test_throttled_until_the_instant(early_ms: int, result: str) -> None:
    state = OtpState(failures=3, next_try_ms=NOW + early_ms)
    verdict = try_code(code(STEP), state)
    assert verdict.result == result
    if early_ms:
        assert verdict.state is state
        assert (verdict.remaining, verdict.locked_until_ms) == (2, 0)


@pytest.mark.parametrize(
    ("failures_after", "lock_s"),
    [
        (1, 0), (4, 0), (5, 900), (6, 0), (9, 0), (10, 1800), (15, 3600), (20, 7200),
        (35, 57_600), (40, 86_400), (45, 86_400), (95, 86_400), (99, 0),
    ],
)  # fmt: skip
def test_lock_doubles_up_to_its_cap(failures_after: int, lock_s: int) -> None:
    verdict = try_code(WRONG, OtpState(failures=failures_after - 1))
    assert verdict.state.failures == failures_after
    assert verdict.locked_until_ms == (NOW + lock_s * 1000 if lock_s else 0)
    assert verdict.state.locked_until_ms == verdict.locked_until_ms
    assert (verdict.remaining == 0) == bool(lock_s)


def test_ceiling_locks_for_ever() -> None:
    verdict = try_code(WRONG, OtpState(failures=99))
    assert verdict.locked_until_ms == LOCKED_FOR_EVER_MS
    assert verdict.remaining == 0
    late = try_code(code(STEP), verdict.state, LOCKED_FOR_EVER_MS - 1)
    assert late.result is OtpResult.LOCKED


def test_ceiling_between_locks() -> None:
    parameters = TOTP.merge({"failure_ceiling": 7})
    assert try_code(WRONG, OtpState(failures=5), parameters=parameters).remaining == 1
    verdict = try_code(WRONG, OtpState(failures=6), parameters=parameters)
    assert verdict.locked_until_ms == LOCKED_FOR_EVER_MS


@pytest.mark.parametrize("given", [code(STEP), WRONG, "000000", ""])
def test_a_locked_try_changes_nothing(given: str) -> None:
    state = OtpState(failures=5, locked_until_ms=NOW + 1, next_try_ms=NOW + 500)
    verdict = try_code(given, state)
    assert verdict == Verdict(OtpResult.LOCKED, state, 0, NOW + 1, None)
    assert verdict.state is state


def test_lock_runs_out_and_keeps_the_failures() -> None:
    state = OtpState(failures=5, locked_until_ms=NOW, next_try_ms=NOW - 1)
    assert try_code(code(STEP), state).result is OtpResult.APPROVED
    wrong = try_code(WRONG, state)
    assert wrong.state.failures == 6
    assert (wrong.remaining, wrong.locked_until_ms) == (4, 0)


def test_wrong_codes_until_the_second_lock() -> None:
    parameters = TOTP.merge(FREE)
    state, now_ms, remaining = OtpState(), NOW, []
    for _ in range(10):
        verdict = try_code(WRONG, state, now_ms, parameters)
        assert verdict.result is OtpResult.WRONG
        state, now_ms = verdict.state, max(now_ms, verdict.locked_until_ms)
        remaining.append(verdict.remaining)
    assert remaining == [4, 3, 2, 1, 0, 4, 3, 2, 1, 0]
    assert state.locked_until_ms == NOW + (900 + 1800) * 1000


def test_a_clock_stepping_back_opens_nothing() -> None:
    first = try_code(code(STEP), OtpState())
    for back in (1, 2, 50):
        earlier = NOW - back * 30_000
        again = try_code(code(STEP - back), first.state, earlier)
        assert again.result is OtpResult.REPLAYED
        assert again.state is first.state
    locked = try_code(WRONG, OtpState(failures=4))
    assert try_code(code(STEP), locked.state, NOW - 3_600_000).result is OtpResult.LOCKED
    throttled = try_code(WRONG, OtpState(failures=2))
    assert try_code(code(STEP), throttled.state, NOW - 3_600_000).result is OtpResult.THROTTLED


def test_replay_is_looked_for_only_when_not_held() -> None:
    state = OtpState(moving=STEP, failures=5, locked_until_ms=NOW + 1)
    assert try_code(code(STEP), state).result is OtpResult.LOCKED


# ---- helpers of the services


def test_unlock_keeps_used_codes_and_drift() -> None:
    state = OtpState(STEP, 3, 100, LOCKED_FOR_EVER_MS, NOW + 1)
    assert unlock(state) == OtpState(moving=STEP, drift=3)


@pytest.mark.parametrize(
    ("failures", "locked_until_ms", "now_ms", "remaining"),
    [
        (0, 0, NOW, 5),
        (4, 0, NOW, 1),
        (5, NOW + 1, NOW, 0),
        (5, NOW, NOW, 5),
        (5, NOW, 0, 0),  # without a time, a lock counts as standing
        (97, 0, NOW, 3),
        (98, 0, NOW, 2),
        (100, LOCKED_FOR_EVER_MS, NOW, 0),
        (100, 0, NOW, 0),
    ],
)
def test_remaining_tries(failures: int, locked_until_ms: int, now_ms: int, remaining: int) -> None:
    state = OtpState(failures=failures, locked_until_ms=locked_until_ms)
    assert remaining_tries(TOTP, state, now_ms) == remaining


def test_results_have_the_agreed_names() -> None:
    assert [str(result) for result in OtpResult] == [
        "approved", "wrong", "replayed", "locked", "throttled", "resynced", "resync_failed",
    ]  # fmt: skip
