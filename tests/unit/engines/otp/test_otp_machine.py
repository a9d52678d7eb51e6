"""Whatever the order of times and codes: nothing is approved twice and failures are exact.

The model keeps its own books in words of the rules (a set of spent factors, a count, instants) and
never reads the engine's state to predict the next verdict.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tigertally_engines.otp.decide import OtpResult, Verdict, resync, unlock, verify
from tigertally_engines.otp.forms import FORMS
from tigertally_engines.otp.parameters import OtpAlgorithm, OtpParameters
from tigertally_engines.otp.state import LOCKED_FOR_EVER_MS, OtpState

EPOCH_STEP = 50_000_000


class OneToken(RuleBasedStateMachine):
    """One token, its holder, an attacker, an operator and a clock that nobody can trust."""

    @initialize(
        algorithm=st.sampled_from(sorted(FORMS)),
        seed=st.binary(min_size=16, max_size=32),
        window=st.integers(0, 3),
        look_ahead=st.integers(0, 6),
        look_behind=st.integers(0, 6),
        resync_window=st.integers(1, 12),
        drift_max=st.integers(0, 4),
        max_failures=st.integers(1, 4),
        spare=st.integers(0, 8),
        throttled=st.booleans(),
    )
    def begin(
        self, algorithm: OtpAlgorithm, seed: bytes, spare: int, throttled: bool, **chosen: int
    ) -> None:
        self.parameters = OtpParameters().merge(
            {
                **chosen,
                "algorithm": algorithm,
                "failure_ceiling": chosen["max_failures"] + spare,
                "lock_s": 60,
                "lock_cap_s": 150,
                "throttle_after": 2,
                "throttle_base_ms": 20_000 if throttled else 0,
                "throttle_cap_ms": 50_000,
                "card_rows": 26,
                "card_columns": 40,
            }
        )
        self.by_counter = algorithm in (OtpAlgorithm.HOTP, OtpAlgorithm.CARD_LIST)
        self.seed = seed
        self.now_ms = EPOCH_STEP * 30_000
        self.device_counter = 0
        self.state = OtpState()
        self.spent: set[int] = set()  # factors of approved and resynchronising codes
        self.failures = 0
        self.locked_until_ms = 0
        self.next_try_ms = 0
        self.reach = self.parameters.resync_window + 1

    # ---- the world moves

    @rule(seconds=st.integers(-90, 200))
    def clock(self, seconds: int) -> None:
        self.now_ms += seconds * 1000

    @rule(times=st.integers(1, 5))
    def button(self, times: int) -> None:
        self.device_counter += times

    @rule()
    def operator_unlocks(self) -> None:
        before = self.state
        self.state = unlock(self.state)
        assert (self.state.moving, self.state.drift) == (before.moving, before.drift)
        self.failures = self.locked_until_ms = self.next_try_ms = 0

    # ---- codes are tried

    @rule(offset=st.integers(-8, 8))
    def true_code(self, offset: int) -> None:
        factor = max(0, self.factor_now() + offset)
        self.settle(self.verify(self.code(factor)), factor=factor)

    @rule(index=st.integers(0))
    def spent_code(self, index: int) -> None:
        if self.spent:
            factor = sorted(self.spent)[index % len(self.spent)]
            verdict = self.verify(self.code(factor))
            assert verdict.matched is None or verdict.matched in self.used_or_below()
            self.settle(verdict, factor=factor)

    @rule(given=st.text(st.sampled_from("0123456789x"), max_size=7))
    def guess(self, given: str) -> None:
        self.settle(self.verify(given), given=given)

    @rule(offset=st.integers(-14, 14), gap=st.sampled_from((1, 1, 1, 0, 2, -1)))
    def two_codes(self, offset: int, gap: int) -> None:
        first = max(1, self.factor_now() + offset)
        second = first + gap
        before = self.state
        verdict = resync(
            self.parameters, self.seed, before, self.code(first), self.code(second), self.now_ms
        )
        if self.held() is None:
            fresh = first > max(self.spent, default=-1)
            if verdict.result is OtpResult.RESYNCED:
                assert gap == 1
                assert fresh
                self.spend(first)
                self.spend(second)
            else:
                assert verdict.result is OtpResult.RESYNC_FAILED
                self.fail(throttle_from=1)
                if self.by_counter:
                    expected = max(self.spent, default=-1) + 1
                    near = expected <= first and second <= expected + self.reach - 1
                else:
                    step = self.factor_now()
                    near = step - self.reach < first and second < step + self.reach
                assert not (gap == 1 and fresh and near)
        else:
            assert verdict.result is self.held()
            assert verdict.state is before
        self.state = verdict.state

    # ---- the model

    def factor_now(self) -> int:
        return self.device_counter if self.by_counter else self.now_ms // 30_000

    def code(self, factor: int) -> str:
        form = FORMS[self.parameters.algorithm]
        codes = form.codes(self.parameters, self.seed, [factor])
        return codes[0]

    def verify(self, given: str) -> Verdict:
        return verify(self.parameters, self.seed, self.state, given, self.now_ms)

    def used_or_below(self) -> range:
        return range(max(self.spent, default=-1) + 1)

    def held(self) -> OtpResult | None:
        if self.now_ms < self.locked_until_ms:
            return OtpResult.LOCKED
        return OtpResult.THROTTLED if self.now_ms < self.next_try_ms else None

    def settle(self, verdict: Verdict, factor: int | None = None, given: str = "") -> None:
        """Check one verdict of `verify` against the books, then write it into them."""
        held = self.held()
        if held is not None:
            assert verdict.result is held
            assert verdict.state is self.state
        elif verdict.result is OtpResult.APPROVED:
            assert verdict.matched is not None
            shown = given if factor is None else self.code(factor)
            assert self.code(verdict.matched) == shown
            assert verdict.matched not in self.used_or_below()
            self.spend(verdict.matched)
        elif verdict.result is OtpResult.REPLAYED:
            assert verdict.matched in self.used_or_below()
            assert verdict.state is self.state
        else:
            assert verdict.result is OtpResult.WRONG
            assert factor is None or not self.must_match(factor)
            self.fail(throttle_from=self.parameters.throttle_after)
        self.state = verdict.state
        assert verdict.locked_until_ms == (
            self.locked_until_ms if self.now_ms < self.locked_until_ms else 0
        )
        assert (verdict.remaining == 0) == (verdict.locked_until_ms > 0)

    def must_match(self, factor: int) -> bool:
        """Whether a code of this factor is inside what the rules promise to recognise."""
        last = max(self.spent, default=-1)
        if factor <= last and factor > last - self.parameters.look_behind:
            return True
        if self.by_counter:
            return last < factor <= last + 1 + self.parameters.look_ahead
        centre = self.factor_now() + self.state.drift
        return abs(factor - centre) <= self.parameters.window

    def spend(self, factor: int) -> None:
        assert factor not in self.spent, "approved twice"
        assert factor > max(self.spent, default=-1), "below an accepted one"
        self.spent.add(factor)
        self.failures = self.locked_until_ms = self.next_try_ms = 0

    def fail(self, throttle_from: int) -> None:
        self.failures += 1
        if self.failures >= throttle_from and self.parameters.throttle_base_ms:
            doubled = self.parameters.throttle_base_ms * 2 ** max(0, self.failures - 2)
            self.next_try_ms = self.now_ms + min(doubled, self.parameters.throttle_cap_ms)
        if self.failures >= self.parameters.failure_ceiling:
            self.locked_until_ms = LOCKED_FOR_EVER_MS
        elif self.failures % self.parameters.max_failures == 0:
            nth = self.failures // self.parameters.max_failures
            self.locked_until_ms = self.now_ms + min(60 * 2 ** (nth - 1), 150) * 1000

    @invariant()
    def books_agree(self) -> None:
        if not hasattr(self, "state"):
            return
        last = max(self.spent, default=-1)
        assert self.state.moving == (last + 1 if self.by_counter and self.spent else last)
        assert self.state.failures == self.failures
        assert self.state.locked_until_ms == self.locked_until_ms
        assert self.state.next_try_ms == self.next_try_ms
        assert abs(self.state.drift) <= max(
            self.parameters.drift_max, self.parameters.resync_window
        )


TestOneToken = OneToken.TestCase
TestOneToken.settings = settings(
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
