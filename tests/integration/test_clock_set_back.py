"""Somebody sets the wall clock back, or forward, while the pipeline runs on the real database: no
code approves twice, and deadlines, which go by the monotonic clock, don't notice.
"""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest
import trio

from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import APP
from tigertally_protocol.codes import ResponseCode as C
from tigertally_server.metrics import Metrics
from tigertally_server.pipeline.limits import RateLimit
from tigertally_server.pipeline.runner import Pending, Runner
from tigertally_server.services.unit_of_work import UnitOfWork
from tigertally_testing.bank import Bank
from tigertally_testing.postgres_bank import install_postgres, open_store

STEPS = [-30_000, -60_000, -3_600_000, -7 * 86_400_000, +3_600_000]
STEP_S = 30
LENIENT = '{"throttle_after": 99, "max_failures": 100}'


class Receiver:
    def __init__(self):
        self.outcome = None
        self.done = trio.Event()

    def complete(self, pending, outcome):
        self.outcome = outcome
        self.done.set()

    def flush(self):
        pass

    def fail(self, problem):
        raise problem


@pytest.fixture
def opener(database):
    return lambda: connect(database.dsn(APP))


@pytest.fixture
def bank(opener, clock, entropy):
    _, context = install_postgres(opener, clock, entropy)
    conn = opener()
    # The days that the clock will be set to.
    today = clock.now_ms() // 86_400_000
    conn.execute("SELECT tigertally.ensure_partitions(%s, %s)", (today - 10, today + 3))
    conn.commit()
    conn.close()
    store = open_store(opener)
    bank = Bank(store, context, clock, entropy)
    bank.add_channel()
    yield bank
    store.close()


@asynccontextmanager
async def running(bank, opener, clock):
    """A runner with two units of work, as a server has, on a clock that the test moves."""
    stores = [open_store(opener) for _ in range(2)]
    units = [UnitOfWork(store, bank.context, shard) for shard, store in enumerate(stores)]
    runner = Runner(units, clock, Metrics())

    async def ask(held, code, **changes):
        receiver = Receiver()
        request = bank.verification(held, code)
        request = bank.request(request.transaction, request.message, **changes)
        assert runner.submit(Pending(request, receiver))
        with trio.fail_after(20):
            await receiver.done.wait()
        return receiver.outcome

    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(runner.run)
            yield ask
            nursery.cancel_scope.cancel()
    finally:
        for store in stores:
            store.close()


async def test_a_code_approved_before_the_step_is_not_approved_after_it(bank, opener, clock):
    async with running(bank, opener, clock) as ask:
        for number, step_ms in enumerate(STEPS):
            held = bank.customer_with_token(number)
            used = held.code(clock.now_ms())
            assert (await ask(held, used)).code is C.APPROVED
            clock.step(step_ms)
            again = await ask(held, used)
            assert again.code in (C.REPLAYED_CODE, C.WRONG_CODE)
            # Nor are the codes of times that have passed already once.
            if step_ms < 0:
                for back in range(0, 3 * STEP_S, STEP_S):
                    old = held.code(clock.now_ms() - back * 1000)
                    assert (await ask(held, old)).code is not C.APPROVED
            clock.step(-step_ms)


async def test_codes_of_a_repeated_hour_stay_used(bank, opener, clock):
    held = bank.customer_with_token(1, overrides=LENIENT)
    approved = []
    async with running(bank, opener, clock) as ask:
        for minute in range(10):
            clock.advance(60_000)
            code = held.code(clock.now_ms())
            assert (await ask(held, code)).code is C.APPROVED, minute
            approved.append(code)
        clock.step(-600_000)
        for _ in range(10):
            clock.advance(60_000)
            for code in {held.code(clock.now_ms()), *approved[-4:]}:
                outcome = await ask(held, code)
                assert outcome.code is not C.APPROVED
        clock.advance(60_000)
        assert (await ask(held, held.code(clock.now_ms()))).code is C.APPROVED


async def test_counter_based_tokens_do_not_notice(bank, opener, clock):
    held = bank.customer_with_token(1, "hotp-6")
    async with running(bank, opener, clock) as ask:
        for counter, step_ms in enumerate(STEPS):
            code = held.counter_code(counter)
            assert (await ask(held, code)).code is C.APPROVED
            clock.step(step_ms)
            assert (await ask(held, code)).code is C.REPLAYED_CODE


async def test_deadlines_go_by_the_monotonic_clock(bank, opener, clock):
    async with running(bank, opener, clock) as ask:
        for number, step_ms in enumerate(STEPS):
            held = bank.customer_with_token(number, "hotp-6")
            deadline = clock.monotonic_ms() + 1_000
            clock.step(step_ms)
            answered = await ask(held, held.counter_code(0), deadline_ms=deadline)
            assert answered.code is C.APPROVED
            clock.step(-step_ms)
            clock.advance(1_001)
            late = await ask(held, held.counter_code(1), deadline_ms=deadline)
            assert late.code is C.DEADLINE_EXPIRED


async def test_a_lock_is_not_shortened_for_long_by_a_clock_set_forward_and_back(
    bank, opener, clock
):
    """A lock ends by the wall clock. Setting it forward ends it, as it must be; setting it back
    again brings it back.
    """
    held = bank.customer_with_token(
        1, "hotp-6", overrides='{"max_failures": 2, "throttle_after": 99, "lock_s": 900}'
    )
    async with running(bank, opener, clock) as ask:
        for _ in range(2):
            assert (await ask(held, "000000")).code is C.WRONG_CODE
        assert (await ask(held, held.counter_code(0))).code is C.TOKEN_LOCKED
        clock.step(-3_600_000)
        assert (await ask(held, held.counter_code(0))).code is C.TOKEN_LOCKED
        clock.step(+3_600_000)
        clock.advance(900_000)
        assert (await ask(held, held.counter_code(0))).code is C.APPROVED


def test_rates_go_by_the_monotonic_clock():
    rate = RateLimit(10)
    assert [rate.take(1_000) for _ in range(10)] == [0] * 10
    assert rate.take(1_000) > 0
    assert rate.take(1_100) == 0
