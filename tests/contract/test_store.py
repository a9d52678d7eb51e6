"""The store's contract: the in-memory store of the simulation and PostgreSQL pass the
same suite.
"""

from __future__ import annotations

import contextlib
import threading

import msgspec
import pytest

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.query import (
    CancelSerialRequest,
    QueryReferenceRequest,
    QuerySerialRequest,
)
from tigertally_protocol.messages.token import BindTokenRequest, ResyncTokenRequest, TokenRequest
from tigertally_protocol.messages.user import (
    CloseUserRequest,
    QueryUserRequest,
    RegisterUserRequest,
)
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import QueryState, Transaction, UserState
from tigertally_server.audit import merkle
from tigertally_server.domain.administration import ReseedToken
from tigertally_server.domain.token import Token, TokenState
from tigertally_server.services.keyring import Purpose, seed_identity
from tigertally_server.services.unit_of_work import UnitOfWork
from tigertally_server.store.port import Conflict, Needs, Writes, inline
from tigertally_testing.bank import INSTITUTION, HeldToken

T = Transaction
C = ResponseCode


def head(bank, shard=0):
    transaction = inline(bank.store.begin())
    try:
        return inline(transaction.load(Needs(shard, head=True))).head
    finally:
        inline(transaction.rollback())


def test_log_grows_gap_free_and_head_matches(bank, clock):
    held = bank.customer_with_token(1)
    before = head(bank).size
    outcomes = [bank.verify(held, held.code(clock.now_ms())) for _ in range(3)]
    assert [o.seq for o in outcomes] == [before, before + 1, before + 2]
    assert [o.shard for o in outcomes] == [0, 0, 0]
    after = head(bank)
    assert after.size == before + 3
    assert merkle.root(merkle.decode_frontier(after.frontier)) == after.root


def test_channel_change_is_seen_by_the_next_batch(bank):
    bank.add_channel(7, rate_per_s=5)
    assert bank.context.snapshot.channels[7].rate_per_s == 5
    assert bank.context.snapshot.keys[7, 1].version == 1


def test_user_life(bank, clock):
    held = bank.customer_with_token(1)
    register = RegisterUserRequest(customer=held.customer, name=SecretText("李四"))
    assert bank.ask(T.REGISTER_USER, register).code is C.USER_EXISTS
    shown = bank.ask(T.QUERY_USER, QueryUserRequest(customer=held.customer))
    assert shown.code is C.ANSWERED
    assert (shown.body.name.reveal(), shown.body.token_count, shown.body.token_1) == (
        "张三",
        1,
        held.serial,
    )
    assert bank.ask(T.CLOSE_USER, CloseUserRequest(customer=held.customer)).code is C.CHANGED
    assert bank.verify(held, held.code(clock.now_ms())).code is C.USER_CLOSED
    assert bank.ask(T.CLOSE_USER, CloseUserRequest(customer=held.customer)).code is C.USER_CLOSED
    reopened = bank.ask(T.REGISTER_USER, register)
    assert (reopened.code, reopened.body.user_state) == (C.CHANGED, UserState.ACTIVE)
    shown = bank.ask(T.QUERY_USER, QueryUserRequest(customer=held.customer))
    assert shown.body.name.reveal() == "李四"
    assert bank.verify(held, held.code(clock.now_ms())).code is C.APPROVED
    assert bank.ask(T.QUERY_USER, QueryUserRequest(customer="nobody")).code is C.USER_UNKNOWN


def test_token_life(bank, clock):
    held = bank.customer_with_token(1)
    named = TokenRequest(customer=held.customer, token=held.serial)
    steps = [
        (T.ENABLE_TOKEN, C.ILLEGAL_TRANSITION, TokenState.ACTIVE),
        (T.DISABLE_TOKEN, C.CHANGED, TokenState.DISABLED),
        (T.DISABLE_TOKEN, C.TOKEN_DISABLED, TokenState.DISABLED),
        (T.VERIFY_OTP, C.TOKEN_DISABLED, TokenState.DISABLED),
        (T.ENABLE_TOKEN, C.CHANGED, TokenState.ACTIVE),
        (T.UNLOCK_TOKEN, C.CHANGED, TokenState.ACTIVE),
        (T.UNBIND_TOKEN, C.CHANGED, TokenState.IN_STOCK),
        (T.UNBIND_TOKEN, C.TOKEN_NOT_BOUND, TokenState.IN_STOCK),
    ]
    for transaction, code, state in steps:
        if transaction is T.VERIFY_OTP:
            outcome = bank.verify(held, held.code(clock.now_ms()))
        else:
            outcome = bank.ask(transaction, named)
        assert (outcome.code, outcome.body.token_state) == (code, state), transaction
    assert bank.verify(held, "123456").code is C.NO_TOKEN
    other = bank.customer_with_token(2)
    bind = BindTokenRequest(customer=other.customer, token=held.serial, otp=SecretText("000000"))
    assert bank.ask(T.BIND_TOKEN, bind).code is C.WRONG_CODE
    good = msgspec.structs.replace(bind, otp=SecretText(held.code(clock.now_ms())))
    assert bank.ask(T.BIND_TOKEN, good).code is C.CHANGED
    assert bank.verify(other, other.code(clock.now_ms())).code is C.AMBIGUOUS_TOKEN
    stolen = BindTokenRequest(customer=held.customer, token=held.serial)
    assert bank.ask(T.BIND_TOKEN, stolen).code is C.TOKEN_BOUND_ELSEWHERE
    assert (
        bank.ask(T.BIND_TOKEN, BindTokenRequest(customer="C000001", token="none")).code
        is C.TOKEN_UNKNOWN
    )
    elsewhere = TokenRequest(customer=held.customer, token=held.serial)
    assert bank.ask(T.DISABLE_TOKEN, elsewhere).code is C.TOKEN_NOT_BOUND


def test_resync(bank, clock):
    held = bank.customer_with_token(1, "hotp-6")
    far = [held.counter_code(60), held.counter_code(61)]
    assert bank.verify(held, far[0]).code is C.WRONG_CODE
    pair = ResyncTokenRequest(
        customer=held.customer,
        token=held.serial,
        otp_1=SecretText(far[0]),
        otp_2=SecretText(far[1]),
    )
    assert bank.ask(T.RESYNC_TOKEN, pair).code is C.CHANGED
    assert bank.verify(held, held.counter_code(62)).code is C.APPROVED
    assert bank.verify(held, held.counter_code(61)).code is C.REPLAYED_CODE


def test_queries_and_reference(bank, clock):
    held = bank.customer_with_token(1)
    message = VerifyOtpRequest(
        customer=held.customer,
        otp=SecretText(held.code(clock.now_ms())),
        reference="PAY-2026-000000001",
    )
    done = bank.ask(T.VERIFY_OTP, message, 4711)
    assert done.code is C.APPROVED
    by_serial = bank.ask(T.QUERY_SERIAL, QuerySerialRequest(serial=4711))
    by_reference = bank.ask(
        T.QUERY_REFERENCE, QueryReferenceRequest(reference="PAY-2026-000000001")
    )
    assert by_serial.body == by_reference.body
    body = by_serial.body
    assert (by_serial.code, body.of_state, body.of_result) == (
        C.ANSWERED,
        QueryState.RECORDED,
        C.APPROVED,
    )
    assert (body.of_serial, body.token, body.customer) == (4711, held.serial, held.customer)
    assert (body.of_shard, body.of_seq, body.of_time) == (done.shard, done.seq, clock.now_ms())
    unseen = bank.ask(T.QUERY_SERIAL, QuerySerialRequest(serial=4712))
    assert (unseen.code, unseen.body.of_state) == (C.NOT_SEEN_YET, QueryState.NOT_SEEN)


def test_cancel_claims_an_unseen_serial(bank, clock):
    held = bank.customer_with_token(1)
    cancelled = bank.ask(T.CANCEL_SERIAL, CancelSerialRequest(serial=900))
    assert (cancelled.code, cancelled.body.of_state) == (C.CHANGED, QueryState.CANCELLED)
    late = bank.verify(held, held.code(clock.now_ms()), 900)
    assert late.code is C.SERIAL_CANCELLED
    assert bank.verify(held, held.code(clock.now_ms()), 901).code is C.APPROVED
    too_late = bank.ask(T.CANCEL_SERIAL, CancelSerialRequest(serial=901))
    assert (too_late.code, too_late.body.of_result) == (C.SERIAL_ALREADY_EXECUTED, C.APPROVED)
    query = bank.ask(T.QUERY_SERIAL, QuerySerialRequest(serial=900))
    assert query.body.of_state == QueryState.CANCELLED
    again = bank.ask(T.CANCEL_SERIAL, CancelSerialRequest(serial=900))
    assert (again.code, again.body.of_state) == (C.CHANGED, QueryState.CANCELLED)


def test_stale_rows_conflict(bank, clock):
    held = bank.customer_with_token(1)
    transaction = inline(bank.store.begin())
    loaded = inline(transaction.load(Needs(0, users={("0001", held.customer)}, head=True)))
    token, at = loaded.tokens[0], loaded.head
    stale = msgspec.structs.replace(token, rev=token.rev)  # as if another had raised it since
    with pytest.raises(Conflict):
        inline(transaction.save(Writes(head_size=at.size, head=at, entries=(), tokens=(stale,))))
    inline(transaction.rollback())
    assert bank.verify(held, held.code(clock.now_ms())).code is C.APPROVED


def test_stale_head_is_decided_again(bank, clock):
    """Two units of work on one shard: the second one's remembered head is old, and it notices."""
    held = bank.customer_with_token(1)
    other = UnitOfWork(bank.second_store(), bank.context, 0)
    assert other.run([bank.verification(held, "000000")])[0].code is C.WRONG_CODE
    approved = bank.verify(held, held.code(clock.now_ms()))
    assert approved.code is C.APPROVED
    assert bank.unit.conflicts == 1
    assert (
        other.run([bank.verification(held, held.code(clock.now_ms()))])[0].seq == approved.seq + 1
    )


def test_one_code_from_many_threads_approves_once(bank, clock):
    held = bank.customer_with_token(1)
    code = held.code(clock.now_ms())
    requests = [bank.verification(held, code) for _ in range(24)]
    results, gate = [], threading.Barrier(2)

    def process(shard, share):
        unit = UnitOfWork(bank.second_store(), bank.context, shard)
        gate.wait()
        for request in share:
            results.extend(unit.run([request]))

    threads = [threading.Thread(target=process, args=(i, requests[i::2])) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = [result.code for result in results]
    assert codes.count(C.APPROVED) == 1
    assert codes.count(C.REPLAYED_CODE) == 23


def test_one_serial_in_two_processes_runs_once(bank, clock):
    held = bank.customer_with_token(1)
    requests = [bank.verification(held, held.code(clock.now_ms())) for _ in range(12)]
    answers, gate = {}, threading.Barrier(2)

    def process(shard):
        unit = UnitOfWork(bank.second_store(), bank.context, shard)
        gate.wait()
        answers[shard] = [unit.run([request])[0] for request in requests]

    threads = [threading.Thread(target=process, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers[0] == answers[1]
    assert [a.code for a in answers[0]].count(C.APPROVED) == 1


def test_bad_data_costs_only_its_own_request(bank, clock):
    held = bank.customer_with_token(1)
    good = bank.verification(held, held.code(clock.now_ms()))
    message = VerifyOtpRequest(customer=held.customer, otp=SecretText("000000"), reference="a\x00b")
    bad = msgspec.structs.replace(
        good, message=message, serial=bank.next_serial(), digest=b"\1" * 32
    )
    last = bank.verification(held, "111111")
    codes = [outcome.code for outcome in bank.run(good, bad, last)]
    assert codes == [C.APPROVED, C.INTERNAL, C.WRONG_CODE]


def test_a_token_gets_another_seed(bank, clock):
    held = bank.customer_with_token(1)
    assert bank.verify(held, held.code(clock.now_ms())).code is C.APPROVED
    token = load_token(bank.store, held)
    seed, given = another_seed(bank, token)
    assert bank.operate(ReseedToken(given)).code is C.CHANGED
    now = load_token(bank.store, held)
    assert (now.sealed_seed, now.static_rev) == (given.sealed_seed, token.static_rev + 1)
    clock.advance(60_000)
    assert bank.verify(held, held.code(clock.now_ms())).code is C.WRONG_CODE
    fresh = HeldToken(held.customer, held.serial, seed)
    assert bank.verify(fresh, fresh.code(clock.now_ms())).code is C.APPROVED


def test_who_waits_for_a_token_never_sees_a_seed_of_another_time(bank):
    """Its state is read under the lock that was waited for, its seed perhaps before."""
    held = bank.customer_with_token(1)
    token = load_token(bank.store, held)
    seeds = {token.static_rev: held.seed}
    seen: list[Token] = []
    store, gate = bank.second_store(), threading.Barrier(2)

    def look():
        gate.wait()
        while len(seen) < 60:
            with contextlib.suppress(Conflict):
                seen.append(load_token(store, held))

    reader = threading.Thread(target=look)
    reader.start()
    gate.wait()
    for _ in range(20):
        seed, token = another_seed(bank, token)
        seeds[token.static_rev] = seed
        assert bank.operate(ReseedToken(token)).code is C.CHANGED
    reader.join()
    keyring = bank.context.keyring
    for found in seen:
        identity = seed_identity(found.institution, found.serial)
        opened = keyring.open(found.seed_key_id, found.sealed_seed, identity)
        assert opened == seeds[found.static_rev]


def another_seed(bank, token):
    seed = bank.entropy.token_bytes(20)
    identity = seed_identity(token.institution, token.serial)
    key_id, sealed = bank.context.keyring.seal(Purpose.SEED, seed, identity)
    return seed, msgspec.structs.replace(
        token, seed_key_id=key_id, sealed_seed=sealed, static_rev=token.static_rev + 1
    )


def load_token(store, held):
    transaction = inline(store.begin())
    try:
        needs = Needs(0)
        needs.tokens.add((INSTITUTION, held.serial))
        return inline(transaction.load(needs)).tokens[0]
    finally:
        inline(transaction.rollback())
