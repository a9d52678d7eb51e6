"""Strangers can't lock a customer out, and gain no more tries than one attacker had before."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_engines.otp import origins
from tigertally_engines.otp.decide import OtpResult, verify
from tigertally_engines.otp.kernel import hotp
from tigertally_engines.otp.origins import Origins
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.state import LOCKED_FOR_EVER_MS, OtpState

SEED = b"12345678901234567890"
NOW = 1_767_225_600_000
HOME, WORK, CAFE, BUS, TRAIN = (bytes([n]) * 8 for n in range(1, 6))
EVIL = b"\xee" * 8
SUCCESS = (OtpResult.APPROVED, OtpResult.RESYNCED)


class Token:
    """One token and its two ledgers, as a server keeps them."""

    def __init__(self, **parameters):
        self.parameters = msgspec.structs.replace(OtpParameters(), **parameters).validated()
        self.state, self.origins, self.now = OtpState(), Origins(), NOW
        self.looked_at = 0

    def code(self):
        return hotp(SEED, self.now // 30_000, 6)

    def try_code(self, origin, code):
        p = self.parameters
        before = origins.state_for(p, self.state, self.origins, origin)
        verdict = verify(p, SEED, before, code, self.now)
        if verdict.state is before:
            return verdict.result
        self.looked_at += 1
        settle = origins.after_success if verdict.result in SUCCESS else origins.after_failure
        extra = (self.now,) if verdict.result in SUCCESS else ()
        self.state, self.origins = settle(
            p, self.state, self.origins, origin, verdict.state, *extra
        )
        return verdict.result

    def good(self, origin):
        self.now += 60_000
        return self.try_code(origin, self.code())

    def bad(self, origin):
        wrong = f"{(int(self.code()) + 500_000) % 1_000_000:06d}"
        return self.try_code(origin, wrong)

    def attack(self, origin, tries, patience_ms=120_000):
        for _ in range(tries):
            self.now += patience_ms
            self.bad(origin)


@pytest.fixture
def token():
    token = Token()
    assert token.good(HOME) is OtpResult.APPROVED
    return token


def test_a_stranger_locks_strangers_only(token):
    token.attack(EVIL, 5)
    assert token.bad(EVIL) is OtpResult.LOCKED
    assert token.bad(CAFE) is OtpResult.LOCKED
    assert token.good(HOME) is OtpResult.APPROVED
    assert token.bad(EVIL) is OtpResult.LOCKED


def test_all_strangers_share_one_ledger(token):
    for n in range(5):
        token.now += 120_000
        token.bad(bytes([100 + n]) * 8)
    assert token.bad(b"\xaa" * 8) is OtpResult.LOCKED
    assert token.origins.failures == 5


def test_a_customer_somewhere_new_becomes_familiar_there(token):
    assert token.good(CAFE) is OtpResult.APPROVED
    token.attack(EVIL, 5)
    assert token.good(CAFE) is OtpResult.APPROVED
    assert token.good(HOME) is OtpResult.APPROVED


def test_the_customer_s_own_mistakes_lock_as_ever(token):
    token.attack(HOME, 5)
    assert token.good(HOME) is OtpResult.LOCKED


def test_before_any_success_and_without_an_address_there_is_one_ledger():
    fresh = Token()
    fresh.attack(EVIL, 5)
    assert fresh.good(HOME) is OtpResult.LOCKED
    silent = Token()
    assert silent.good(b"") is OtpResult.APPROVED
    assert silent.origins == Origins()
    silent.attack(b"", 5)
    assert silent.good(b"") is OtpResult.LOCKED


def test_a_code_is_used_up_for_everybody(token):
    code = token.code()
    assert token.try_code(CAFE, code) is OtpResult.REPLAYED
    assert token.good(CAFE) is OtpResult.APPROVED
    assert token.try_code(HOME, token.code()) is OtpResult.REPLAYED


def test_a_lock_for_ever_holds_everybody(token):
    token.state = msgspec.structs.replace(token.state, locked_until_ms=LOCKED_FOR_EVER_MS)
    for origin in (HOME, EVIL, b""):
        assert token.good(origin) is OtpResult.LOCKED


def test_failures_in_a_row_end_at_the_ceiling_for_everybody(token):
    token.parameters = msgspec.structs.replace(token.parameters, failure_ceiling=20)
    token.attack(HOME, 2)
    token.attack(EVIL, 40, patience_ms=2 * 86_400_000)
    assert token.state.failures + token.origins.in_a_row == 20
    assert token.good(HOME) is OtpResult.LOCKED
    assert token.state.locked_until_ms == LOCKED_FOR_EVER_MS


def test_who_verifies_daily_is_never_locked_for_ever(token):
    day = 86_400_000
    for _ in range(200):
        token.attack(EVIL, 1, patience_ms=day)
        assert token.good(HOME) is OtpResult.APPROVED
    assert token.bad(EVIL) in (OtpResult.LOCKED, OtpResult.WRONG)
    assert token.looked_at <= 402


def test_a_success_at_home_pardons_no_stranger(token):
    token.attack(EVIL, 4)
    token.good(HOME)
    token.attack(EVIL, 1)
    assert token.bad(EVIL) is OtpResult.LOCKED


def test_the_oldest_of_too_many_origins_is_forgotten(token):
    for origin in (WORK, CAFE, BUS, TRAIN):
        token.good(origin)
    assert token.origins.familiar == (WORK, CAFE, BUS, TRAIN)
    token.attack(EVIL, 5)
    assert token.good(HOME) is OtpResult.LOCKED


def test_a_type_may_make_no_difference():
    plain = Token(familiar_origins=0)
    plain.good(HOME)
    plain.attack(EVIL, 5)
    assert plain.good(HOME) is OtpResult.LOCKED
    assert plain.origins == Origins()


def test_an_operator_s_pardon_keeps_what_is_familiar(token):
    token.attack(EVIL, 5)
    token.origins = origins.pardoned(token.origins)
    assert token.bad(EVIL) is OtpResult.WRONG
    assert token.good(HOME) is OtpResult.APPROVED


TRIES = st.lists(
    st.tuples(
        st.sampled_from([HOME, WORK, EVIL, b"\xdd" * 8, b""]),
        st.booleans(),
        st.sampled_from([0, 1_000, 60_000, 3_600_000, 86_400_000]),
    ),
    max_size=60,
)


@given(tries=TRIES)
def test_no_order_of_tries_gets_more_than_two_ledgers_allow(tries):
    token = Token(max_failures=3, failure_ceiling=12, throttle_base_ms=0)
    in_a_row = 0
    for origin, right, pause in tries:
        token.now += pause
        locked = token.state.locked_until_ms == LOCKED_FOR_EVER_MS
        result = token.good(origin) if right else token.bad(origin)
        if locked:
            assert result is OtpResult.LOCKED
        if result is OtpResult.WRONG:
            in_a_row += 1
        if result is OtpResult.APPROVED:
            in_a_row = 0
        assert in_a_row <= token.parameters.failure_ceiling
        assert len(token.origins.familiar) <= token.parameters.familiar_origins
