"""Passwords and PINs through the real services and the in-memory store."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import msgspec
import pytest

from tigertally_drivers.keys.software import MasterKey
from tigertally_engines.password import schemes
from tigertally_engines.password.record import PasswordRecord
from tigertally_engines.password.rules import RULES
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.password import (
    ChangePasswordRequest,
    PasswordRequest,
    ResetPasswordRequest,
    SetPasswordRequest,
    VerifyPasswordRequest,
)
from tigertally_protocol.messages.user import CloseUserRequest, RegisterUserRequest
from tigertally_protocol.registry import MESSAGES
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Kind, PasswordKind, PasswordState, Transaction
from tigertally_server.domain.administration import PutPasswordPolicy
from tigertally_server.domain.key import KeyLevel, KeyRecord, KeyState
from tigertally_server.services.context import Context
from tigertally_server.services.keyring import Keyring, Purpose
from tigertally_server.services.sealed_records import open_record
from tigertally_testing.bank import Bank, memory_installation

GOOD, BETTER, BEST = "kX7#mw9Q", "wolke-7-Ueber#Berg", "tr0ck€n gelaufen"
PIN, OTHER_PIN = "392714", "804175"
DAY_MS = 86_400_000


@pytest.fixture
def store_and_context(entropy):
    return memory_installation(entropy)


@pytest.fixture
def bank(store_and_context, clock, entropy):
    store, context = store_and_context
    bank = Bank(store, context, clock, entropy)
    for name in ("password", "pin"):
        put_policy(bank, name, throttle_base_ms=0, scheme="keyed")
    bank.ask(
        Transaction.REGISTER_USER,
        RegisterUserRequest(
            customer="C1", name=SecretText("Zhang Xiaoming"), mobile=SecretText("13891236571")
        ),
    )
    return bank


def put_policy(bank, name, **parameters):
    bank.operate(PutPasswordPolicy(name, json.dumps(parameters)))
    bank.reload()


def say(bank, transaction, message, **fields):
    fields = {
        name: SecretText(value) if name in ("password", "new_password", "known", "otp") else value
        for name, value in fields.items()
    }
    return bank.ask(transaction, message(**{"customer": "C1", **fields}))


def put(bank, password=GOOD, operator="clerk", **fields):
    return say(
        bank,
        Transaction.SET_PASSWORD,
        SetPasswordRequest,
        password=password,
        operator=operator,
        **fields,
    )


def verify(bank, password=GOOD, **fields):
    return say(
        bank, Transaction.VERIFY_PASSWORD, VerifyPasswordRequest, password=password, **fields
    )


def change(bank, old, new, **fields):
    return say(
        bank,
        Transaction.CHANGE_PASSWORD,
        ChangePasswordRequest,
        password=old,
        new_password=new,
        **fields,
    )


def reset(bank, password="", operator="clerk", **fields):
    return say(
        bank,
        Transaction.RESET_PASSWORD,
        ResetPasswordRequest,
        password=password,
        operator=operator,
        **fields,
    )


def query(bank, **fields):
    return say(bank, Transaction.QUERY_PASSWORD, PasswordRequest, **fields)


def operate(bank, transaction, **fields):
    return say(bank, transaction, PasswordRequest, **fields)


@pytest.mark.parametrize(("kind", "text"), [(PasswordKind.PASSWORD, GOOD), (PasswordKind.PIN, PIN)])
def test_set_verify_and_wrong(bank, kind, text):
    assert query(bank, kind=kind).body.password_state == PasswordState.NOT_SET
    assert verify(bank, text, kind=kind).code is C.PASSWORD_NOT_SET
    first = put(bank, text, kind=kind)
    assert (first.code, first.body.password_state) == (C.CHANGED, PasswordState.ACTIVE)
    assert put(bank, text, kind=kind).code is C.PASSWORD_EXISTS
    assert verify(bank, text, kind=kind).code is C.APPROVED
    wrong = verify(bank, text[::-1], kind=kind)
    assert (wrong.code, wrong.body.remaining_tries) == (C.WRONG_PASSWORD, 4)
    assert verify(bank, text, kind=kind).body.remaining_tries == 5


def test_password_and_pin_and_slots_are_apart(bank):
    put_policy(bank, "pin/pay", scheme="keyed")
    put(bank)
    put(bank, PIN, kind=PasswordKind.PIN)
    put(bank, OTHER_PIN, kind=PasswordKind.PIN, slot="pay")
    assert verify(bank, PIN, kind=PasswordKind.PIN).code is C.APPROVED
    assert verify(bank, PIN, kind=PasswordKind.PIN, slot="pay").code is C.WRONG_PASSWORD
    assert verify(bank, OTHER_PIN, kind=PasswordKind.PIN, slot="pay").code is C.APPROVED
    for _ in range(5):
        verify(bank, "000000", kind=PasswordKind.PIN)
    assert verify(bank, PIN, kind=PasswordKind.PIN).code is C.PASSWORD_LOCKED
    assert verify(bank).code is C.APPROVED
    assert verify(bank, OTHER_PIN, kind=PasswordKind.PIN, slot="pay").code is C.APPROVED


TRANSACTIONS = {
    put: Transaction.SET_PASSWORD,
    verify: Transaction.VERIFY_PASSWORD,
    reset: Transaction.RESET_PASSWORD,
    query: Transaction.QUERY_PASSWORD,
}


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"kind": 0}, "kind"), ({"kind": 3}, "kind"), ({"slot": "nowhere"}, "slot")],
)
def test_a_kind_or_slot_that_there_is_not(bank, fields, name):
    for ask in (put, verify, reset, query):
        outcome = ask(bank, **fields)
        assert (outcome.code, outcome.body.detail, outcome.seq) == (C.BAD_FIELD, name, -1)
        row = MESSAGES[TRANSACTIONS[ask], Kind.RESPONSE, 1]
        assert type(outcome.body) is row.cls, "of the layout that it will be sent in"


def test_somebody_must_answer_for_a_first_password(bank):
    outcome = put(bank, operator="")
    assert (outcome.code, outcome.body.detail) == (C.BAD_FIELD, "otp")
    assert query(bank).body.password_state == PasswordState.NOT_SET
    outcome = reset(bank, operator="")
    assert (outcome.code, outcome.body.detail) == (C.BAD_FIELD, "operator")


def test_a_one_time_code_proves_and_is_used_up(bank, clock):
    held = bank.customer_with_token(7)
    code = held.code(clock.now_ms())
    wrong = put(bank, customer=held.customer, operator="", otp=f"{(int(code) + 1) % 10**6:06d}")
    assert wrong.code is C.WRONG_CODE
    assert query(bank, customer=held.customer).body.password_state == PasswordState.NOT_SET
    weak = put(bank, "monkey99", customer=held.customer, operator="", otp=code)
    assert weak.code is C.PASSWORD_TOO_WEAK
    assert put(bank, customer=held.customer, operator="", otp=code).code is C.REPLAYED_CODE
    clock.advance(60_000)
    good = put(bank, customer=held.customer, operator="", otp=held.code(clock.now_ms()))
    assert good.code is C.CHANGED
    assert verify(bank, customer=held.customer).code is C.APPROVED


def test_a_code_that_proves_nothing_tells_nothing(bank, clock):
    held = bank.customer_with_token(7)
    put(bank, customer=held.customer)
    outcome = put(bank, "x", customer=held.customer, operator="", otp="000000")
    assert outcome.code is C.WRONG_CODE


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("short7#", "too_short"),
        ("P@ssw0rd2026", "common"),
        ("98xiaoming#K", "personal"),
        ("wd912365kf", "personal"),
        ("my19800131!", "personal"),
        ("C1-is-mee-7", ""),
    ],
)
def test_rules_are_told_by_name_and_personal_data_count(bank, text, rule):
    outcome = put(bank, text, known="19800131 6222021001")
    assert (outcome.code, outcome.body.detail) == (
        (C.PASSWORD_TOO_WEAK, rule) if rule else (C.CHANGED, "")
    )
    assert rule == "" or rule in {name for rows in RULES.values() for name, _ in rows}


def test_change_needs_the_old_one_and_remembers_the_former(bank):
    put(bank)
    assert change(bank, "wrong-7-one", BETTER).code is C.WRONG_PASSWORD
    assert change(bank, GOOD, GOOD).code is C.PASSWORD_REUSED
    assert change(bank, GOOD, "monkey99").code is C.PASSWORD_TOO_WEAK
    assert verify(bank).code is C.APPROVED
    assert change(bank, GOOD, BETTER).code is C.CHANGED
    assert verify(bank).code is C.WRONG_PASSWORD
    assert change(bank, BETTER, GOOD).code is C.PASSWORD_REUSED
    assert change(bank, BETTER, BEST).code is C.CHANGED
    assert verify(bank, BEST).code is C.APPROVED
    put_policy(bank, "password", throttle_base_ms=0, scheme="keyed", history=0)
    assert change(bank, BEST, GOOD).code is C.CHANGED


def test_a_wrong_old_one_says_nothing_of_the_new_one(bank):
    put(bank)
    for new in (GOOD, "monkey99", BETTER):
        outcome = change(bank, "wrong-7-one", new)
        assert (outcome.code, outcome.body.detail) == (C.WRONG_PASSWORD, "")


def test_an_operators_reset_must_be_changed_before_it_approves(bank, clock):
    put(bank)
    for _ in range(5):
        verify(bank, "wrong-7-one")
    assert verify(bank).code is C.PASSWORD_LOCKED
    outcome = reset(bank)
    made = outcome.body.new_password.reveal()
    assert (outcome.code, len(made)) == (C.CHANGED, 12)
    assert outcome.body.password_state == PasswordState.MUST_CHANGE
    assert outcome.body.expires_at == clock.now_ms() + 3 * DAY_MS
    assert verify(bank).code is C.WRONG_PASSWORD
    assert verify(bank, made).code is C.PASSWORD_MUST_CHANGE
    assert change(bank, made, GOOD).code is C.PASSWORD_REUSED
    assert change(bank, made, BETTER).code is C.CHANGED
    assert verify(bank, BETTER).code is C.APPROVED


def test_an_initial_password_ends(bank, clock):
    put(bank)
    assert reset(bank, BEST).body.new_password == ""
    clock.advance(3 * DAY_MS)
    assert verify(bank, BEST).code is C.INITIAL_PASSWORD_EXPIRED
    assert change(bank, BEST, BETTER).code is C.INITIAL_PASSWORD_EXPIRED
    assert verify(bank, "wrong-7-one").code is C.WRONG_PASSWORD


def test_the_same_serial_gets_the_same_password(bank):
    put(bank)
    request = bank.request(
        Transaction.RESET_PASSWORD, ResetPasswordRequest(customer="C1", operator="clerk")
    )
    (first,), (again,) = bank.run(request), bank.run(request)
    assert first.body.new_password.reveal() == again.body.new_password.reveal() != ""


def test_age(bank, clock):
    put_policy(
        bank, "password", throttle_base_ms=0, scheme="keyed", max_age_s=90 * 86_400, min_age_s=3600
    )
    put(bank)
    assert change(bank, GOOD, BETTER).code is C.PASSWORD_TOO_YOUNG
    clock.advance(3_600_000)
    assert change(bank, GOOD, BETTER).code is C.CHANGED
    clock.advance(90 * DAY_MS)
    assert query(bank).body.password_state == PasswordState.EXPIRED
    assert verify(bank, BETTER).code is C.PASSWORD_EXPIRED
    assert verify(bank, "wrong-7-one").code is C.WRONG_PASSWORD
    assert change(bank, BETTER, BEST).code is C.CHANGED
    assert verify(bank, BEST).code is C.APPROVED


def test_lock_delay_and_unlock(bank, clock):
    put_policy(bank, "pin", throttle_base_ms=1000, throttle_after=2, max_failures=3, lock_s=3600)
    put(bank, PIN, kind=PasswordKind.PIN)
    codes = [verify(bank, "804175", kind=PasswordKind.PIN).code for _ in range(3)]
    assert codes == [C.WRONG_PASSWORD, C.WRONG_PASSWORD, C.PASSWORD_THROTTLED]
    assert verify(bank, PIN, kind=PasswordKind.PIN).code is C.PASSWORD_THROTTLED
    clock.advance(1_000)
    third = verify(bank, "804175", kind=PasswordKind.PIN)
    assert (third.code, third.body.password_state) == (C.WRONG_PASSWORD, PasswordState.LOCKED)
    assert third.body.locked_until == clock.now_ms() + 3_600_000
    assert change(bank, PIN, OTHER_PIN, kind=PasswordKind.PIN).code is C.PASSWORD_LOCKED
    unlocked = operate(bank, Transaction.UNLOCK_PASSWORD, kind=PasswordKind.PIN)
    assert (unlocked.code, unlocked.body.password_state) == (C.CHANGED, PasswordState.ACTIVE)
    assert verify(bank, PIN, kind=PasswordKind.PIN).code is C.APPROVED


def test_disable_and_enable(bank):
    assert operate(bank, Transaction.DISABLE_PASSWORD).code is C.PASSWORD_NOT_SET
    put(bank)
    assert operate(bank, Transaction.ENABLE_PASSWORD).code is C.PASSWORD_NOT_DISABLED
    disabled = operate(bank, Transaction.DISABLE_PASSWORD)
    assert (disabled.code, disabled.body.password_state) == (C.CHANGED, PasswordState.DISABLED)
    assert operate(bank, Transaction.DISABLE_PASSWORD).code is C.PASSWORD_DISABLED
    for outcome in (verify(bank), verify(bank, "wrong"), change(bank, GOOD, BETTER), reset(bank)):
        assert outcome.code is C.PASSWORD_DISABLED
    assert put(bank, BETTER).code is C.PASSWORD_EXISTS
    assert operate(bank, Transaction.ENABLE_PASSWORD).code is C.CHANGED
    assert verify(bank).code is C.APPROVED


def test_a_closed_customers_password_approves_nothing(bank):
    put(bank)
    bank.ask(Transaction.CLOSE_USER, CloseUserRequest(customer="C1"))
    for outcome in (verify(bank), change(bank, GOOD, BETTER), reset(bank), query(bank)):
        assert outcome.code is C.USER_CLOSED
    for ask in (verify, reset, query, put):
        assert ask(bank, customer="C404").code is C.USER_UNKNOWN


def test_twins_in_one_batch(bank):
    put_policy(bank, "pin", throttle_base_ms=0, max_failures=5)
    put(bank, PIN, kind=PasswordKind.PIN)
    tries = [
        bank.request(
            Transaction.VERIFY_PASSWORD,
            VerifyPasswordRequest(
                customer="C1", kind=PasswordKind.PIN, password=SecretText(f"80417{number % 10}")
            ),
        )
        for number in range(50)
    ]
    codes = [outcome.code for outcome in bank.run(*tries)]
    assert codes == [C.WRONG_PASSWORD] * 5 + [C.PASSWORD_LOCKED] * 45


def test_two_first_passwords_in_one_batch(bank):
    first, second = (
        bank.request(
            Transaction.SET_PASSWORD,
            SetPasswordRequest(customer="C1", operator="clerk", password=SecretText(text)),
        )
        for text in (GOOD, BETTER)
    )
    assert [o.code for o in bank.run(first, second)] == [C.CHANGED, C.PASSWORD_EXISTS]
    assert verify(bank).code is C.APPROVED


# ---------------------------------------------------------------- schemes and peppers


def record_of(bank, row):
    return open_record(bank.context, row, PasswordRecord)


def rows(bank):
    return list(bank.store.tables.credentials.values())


def test_the_next_right_password_is_stored_as_of_today(bank):
    put(bank)
    put_policy(bank, "password", throttle_base_ms=0, scheme="argon2id-8", old_schemes=["keyed"])
    assert verify(bank, "wrong-7-one").code is C.WRONG_PASSWORD
    (row,) = rows(bank)
    assert record_of(bank, row).verifier.scheme == "keyed"
    assert verify(bank).code is C.APPROVED
    (row,) = rows(bank)
    assert record_of(bank, row).verifier.scheme == "argon2id-8"
    assert verify(bank).code is C.APPROVED
    assert verify(bank, "wrong-7-one").code is C.WRONG_PASSWORD
    assert change(bank, GOOD, BETTER).code is C.CHANGED
    assert change(bank, BETTER, GOOD).code is C.PASSWORD_REUSED


def with_new_pepper(context, entropy):
    """The same keyring after its pepper was replaced."""
    master = MasterKey(entropy.token_bytes(32), entropy)
    old = context.keyring.pepper_id
    keys = {key.id: (key.purpose, key._raw) for key in context.keyring._keys.values()}
    keys[max(keys) + 1] = (Purpose.PEPPER, entropy.token_bytes(32))
    sealed = []
    for number, (purpose, raw) in keys.items():
        state = KeyState.OLD if number == old else KeyState.CURRENT
        bare = KeyRecord(id=number, level=KeyLevel.DATA, purpose=purpose, state=state)
        sealed.append(replace(bare, sealed=master.seal(raw, bare.identity)))
    return Context(Keyring(master, sealed, entropy), context.directory, context.zone)


def test_a_new_pepper_takes_over_password_by_password(bank, clock, entropy):
    put(bank)
    put(bank, PIN, kind=PasswordKind.PIN)
    first = bank.context.keyring.pepper_id
    after = Bank(bank.store, with_new_pepper(bank.context, entropy), clock, entropy)
    after._serial = 1_000
    assert after.context.keyring.pepper_id != first
    assert verify(after, "wrong-7-one").code is C.WRONG_PASSWORD
    assert verify(after).code is C.APPROVED
    peppers = {row.kind.name: record_of(after, row).verifier.pepper_id for row in rows(after)}
    assert peppers == {"PASSWORD": after.context.keyring.pepper_id, "PIN": first}
    assert verify(after).code is C.APPROVED
    assert change(after, GOOD, BETTER).code is C.CHANGED
    assert change(after, BETTER, GOOD).code is C.PASSWORD_REUSED
    assert verify(after, PIN, kind=PasswordKind.PIN).code is C.APPROVED
    assert verify(bank, BETTER).code is C.INTERNAL, "a key that this process doesn't have"


# ---------------------------------------------------------------- nothing leaks


def test_nothing_of_a_password_is_stored_or_printed(bank):
    put(bank, known="19800131")
    change(bank, GOOD, BETTER)
    made = reset(bank).body.new_password.reveal()
    put(bank, PIN, kind=PasswordKind.PIN)
    tables = bank.store.tables
    stored = [row.sealed for row in rows(bank)]
    stored += [
        part for s in tables.entries.values() for part in (s.entry.outcome, s.entry.personal)
    ]
    seen = b"".join(stored) + repr(tables).encode()
    for secret in (GOOD, BETTER, made, PIN, "19800131"):
        assert secret.encode() not in seen
    # Opened, a row holds no text either.
    for row in rows(bank):
        opened = msgspec.msgpack.encode(record_of(bank, row))
        for secret in (GOOD, BETTER, made, PIN):
            assert secret.encode() not in opened


class Counting:
    """The keyring's operations while a request runs."""

    def __init__(self, monkeypatch, keyring):
        self.calls: list[str] = []
        for name in ("open", "peppered", "unique_salt"):
            original = getattr(keyring, name)

            def counted(*arguments, original=original, name=name):
                self.calls.append(name)
                return original(*arguments)

            monkeypatch.setattr(keyring, name, counted)


def test_unknown_locked_unset_and_wrong_cost_the_same(bank, monkeypatch):
    put_policy(bank, "password", throttle_base_ms=0, scheme="argon2id-8")
    for number in range(2, 6):
        bank.ask(Transaction.REGISTER_USER, RegisterUserRequest(customer=f"C{number}"))
    for customer in ("C1", "C2", "C3"):
        put(bank, customer=customer)
    for _ in range(5):
        verify(bank, "wrong-7-one", customer="C2")
    operate(bank, Transaction.DISABLE_PASSWORD, customer="C3")
    stretched = []

    def stretch(secret, salt):
        stretched.append(salt)
        return hashlib.sha256(secret + salt).digest()

    monkeypatch.setitem(schemes.SCHEMES, "argon2id-8", schemes.Scheme(stretch, "sha256"))
    counting = Counting(monkeypatch, bank.context.keyring)
    costs = {}
    for customer in ("C1", "C2", "C3", "C4", "C404"):
        counting.calls.clear()
        stretched.clear()
        code = verify(bank, "wrong-7-one", customer=customer).code
        costs[code] = (sorted(counting.calls), len(stretched))
    assert set(costs) == {
        C.WRONG_PASSWORD,
        C.PASSWORD_LOCKED,
        C.PASSWORD_DISABLED,
        C.PASSWORD_NOT_SET,
        C.USER_UNKNOWN,
    }
    assert len({(tuple(calls), count) for calls, count in costs.values()}) == 1, costs
    assert costs[C.USER_UNKNOWN][1] == 1
