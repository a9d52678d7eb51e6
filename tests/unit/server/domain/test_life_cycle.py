"""The token's life cycle, state by operation, and how a state is shown."""

from __future__ import annotations

import msgspec
import pytest

from tigertally_engines.otp.state import OtpState
from tigertally_server.domain.calendar import BusinessCalendar, business_day, day_name, day_number
from tigertally_server.domain.token import (
    TRANSITIONS,
    Token,
    TokenOperation,
    TokenState,
    next_state,
    shown_state,
)
from tigertally_testing.bank import ZONE

S = TokenState
STORED = (S.IN_STOCK, S.ACTIVE, S.DISABLED, S.VOID)
#              bind       unbind      enable    disable     unlock      resync    verify
EXPECTED = {
    S.IN_STOCK: (S.ACTIVE, None, None, None, None, None, None),
    S.ACTIVE: (None, S.IN_STOCK, None, S.DISABLED, S.ACTIVE, S.ACTIVE, S.ACTIVE),
    S.DISABLED: (None, S.IN_STOCK, S.ACTIVE, None, S.DISABLED, None, None),
    S.VOID: (None,) * 7,
}


@pytest.mark.parametrize("state", STORED, ids=lambda s: s.name)
def test_every_pair(state):
    assert tuple(next_state(state, operation) for operation in TokenOperation) == EXPECTED[state]


def test_table_speaks_of_stored_states_only():
    states = {state for state, _ in TRANSITIONS} | set(TRANSITIONS.values())
    assert states <= set(STORED)


TOKEN = Token(
    id=1,
    institution="0001",
    serial="T1",
    type_name="totp-6",
    seed_key_id=1,
    sealed_seed=b"secret",
    state=S.ACTIVE,
    otp=OtpState(),
    valid_from_ms=100,
    valid_to_ms=200,
)


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
