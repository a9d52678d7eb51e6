"""The token's life cycle: every state by every operation, against a matrix written out by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_engines.otp.state import OtpState
from tigertally_protocol.codes import CODES
from tigertally_protocol.codes import ResponseCode as C
from tigertally_server.domain.calendar import BusinessCalendar, business_day, day_name, day_number
from tigertally_server.domain.life_cycle import (
    LOSABLE,
    STORED_AS,
    TRANSITIONS,
    Remembered,
    TokenOperation,
    moved,
    refusal,
)
from tigertally_server.domain.token import NO_OWNER, Token, TokenState, shown_state
from tigertally_server.domain.token_extra import NOTHING, TokenExtra, extra_of, stored_extra
from tigertally_testing.bank import ZONE
from tigertally_testing.life_cycle import MATRIX

S, Op = TokenState, TokenOperation
NOW = 150
TOKEN = Token(
    id=1,
    institution="0001",
    serial="T1",
    type_name="totp-6",
    seed_key_id=1,
    sealed_seed=b"secret",
    owner_id=7,
    owner_state=1,
    state=S.ACTIVE,
    otp=OtpState(),
    valid_from_ms=100,
    valid_to_ms=200,
)
SHOWN: dict[TokenState, dict[str, Any]] = {
    S.LOCKED: {"otp": OtpState(locked_until_ms=NOW + 1)},
    S.EXPIRED: {"valid_to_ms": NOW},
    S.NOT_YET_VALID: {"valid_from_ms": NOW + 1},
}


def token_in(state: TokenState) -> Token:
    """A token that is shown in this state at NOW."""
    changes: dict[str, Any] = SHOWN.get(state, {"state": state})
    if state is S.IN_STOCK:
        changes = changes | {"owner_id": NO_OWNER, "owner_state": 0}
    if state is S.LOST:
        changes = changes | {"extra": stored_extra(TokenExtra(state_before=S.DISABLED))}
    return msgspec.structs.replace(TOKEN, **changes)


PAIRS = [(state, operation) for state in S for operation in Op]


@pytest.mark.parametrize(("state", "operation"), PAIRS, ids=lambda x: x.name)
def test_every_state_by_every_operation(state, operation):
    before = token_in(state)
    assert shown_state(before, NOW) is state
    after, expected = moved(before, operation, NOW), MATRIX[state][operation]
    if isinstance(expected, C):
        assert after is expected
        assert refusal(state, operation) is expected
        return
    assert not isinstance(after, C)
    assert after.state is (S.DISABLED if expected is Remembered.STATE_BEFORE else expected)
    assert (after.owner_id == NO_OWNER) == (after.state is S.IN_STOCK or state is S.IN_STOCK)


def test_the_matrix_is_whole():
    assert set(MATRIX) == set(S)
    assert all(set(row) == set(Op) for row in MATRIX.values())
    legal = {(s, o) for s, row in MATRIX.items() for o, to in row.items() if not isinstance(to, C)}
    assert legal == set(TRANSITIONS)


@pytest.mark.parametrize(("state", "operation"), PAIRS, ids=lambda x: x.name)
def test_a_refusal_is_a_recorded_denial(state, operation):
    code = refusal(state, operation)
    if code is not None:
        assert CODES[code].recorded
        assert CODES[code].cls == "denied"


def test_nothing_but_an_active_token_verifies():
    assert {state for state, operation in TRANSITIONS if operation is Op.VERIFY} == {S.ACTIVE}


@pytest.mark.parametrize("before", LOSABLE, ids=lambda s: s.name)
def test_a_withdrawal_leads_back_to_where_the_report_came_from(before):
    """Or a report and its withdrawal would enable a disabled token, or activate one unproven."""
    lost = moved(token_in(before), Op.REPORT_LOSS, NOW)
    assert not isinstance(lost, C)
    assert lost.state is S.LOST
    back = moved(lost, Op.WITHDRAW_LOSS, NOW)
    assert back == token_in(before)


@pytest.mark.parametrize("operation", [Op.BIND, Op.ASSIGN, Op.ACTIVATE], ids=lambda o: o.name)
def test_an_expired_token_is_not_handed_out(operation):
    state = S.ASSIGNED if operation is Op.ACTIVATE else S.IN_STOCK
    assert moved(token_in(state), operation, TOKEN.valid_to_ms) is C.TOKEN_EXPIRED


@given(st.lists(st.sampled_from(list(Op)), max_size=30))
def test_whatever_is_done_the_invariants_hold(operations):
    """The table as a walk: owner and state agree, a report is remembered exactly while it stands,
    and a token that was void or replaced comes back only through the stock.
    """
    token = token_in(S.IN_STOCK)
    for operation in operations:
        after = moved(token, operation, NOW)
        if isinstance(after, C):
            continue
        if operation in (Op.BIND, Op.ASSIGN):
            after = msgspec.structs.replace(after, owner_id=7, owner_state=1)
        if token.state in (S.VOID, S.REPLACED):
            assert after.state in (S.VOID, S.IN_STOCK)
        if after.state is S.ACTIVE:
            assert token.state in (S.IN_STOCK, S.ASSIGNED, S.ACTIVE, S.DISABLED, S.LOST)
        token = after
        assert (token.owner_id == NO_OWNER) == (token.state is S.IN_STOCK) or token.state is S.VOID
        assert bool(extra_of(token.extra).state_before) == (token.state is S.LOST)
        assert token.state not in STORED_AS


@given(
    st.builds(
        TokenExtra,
        state_before=st.sampled_from([0, *LOSABLE]),
        replaced_by=st.text(max_size=24),
        used=st.binary(max_size=32),
        asked=st.lists(st.integers(0, 500), max_size=4).map(tuple),
        seeded=st.booleans(),
    )
)
def test_what_a_token_remembers_is_kept(extra):
    assert extra_of(stored_extra(extra)) == extra
    assert stored_extra(NOTHING) == b""


@pytest.mark.parametrize(
    ("changes", "now_ms", "shown"),
    [
        ({}, 99, S.NOT_YET_VALID),
        ({}, 100, S.ACTIVE),
        ({}, 199, S.ACTIVE),
        ({}, 200, S.EXPIRED),
        ({"otp": OtpState(locked_until_ms=151)}, 150, S.LOCKED),
        ({"otp": OtpState(locked_until_ms=150)}, 150, S.ACTIVE),
        ({"otp": OtpState(locked_until_ms=300)}, 250, S.EXPIRED),
        ({"state": S.DISABLED}, 250, S.DISABLED),
        ({"state": S.IN_STOCK}, 50, S.IN_STOCK),
        ({"state": S.LOST}, 250, S.LOST),
    ],
)
def test_shown_state(changes, now_ms, shown):
    assert shown_state(msgspec.structs.replace(TOKEN, **changes), now_ms) is shown


def test_token_shows_no_seed():
    assert "secret" not in repr(TOKEN)


def test_business_day_changes_at_midnight_of_the_bank():
    calendar = BusinessCalendar(ZONE)
    midnight = 1_767_196_800_000  # 2026-01-01 00:00 +08:00
    assert calendar.today(midnight) == calendar.today(midnight - 1) + 1
    assert day_name(calendar.today(midnight)) == "2026-01-01"
    assert day_number("2026-01-01") == business_day(midnight, ZONE)
    assert calendar.today(midnight - 1) == business_day(midnight - 1, ZONE)
