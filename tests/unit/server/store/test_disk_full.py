"""SQLSTATE 53100 from a fake: the store says so, requests wait up to their deadline, nothing of
them is done, and service goes on when there is space again.
"""

from __future__ import annotations

from types import SimpleNamespace

import psycopg
import pytest
import trio

from tigertally_protocol.codes import ResponseCode as C
from tigertally_server.metrics import Metrics
from tigertally_server.pipeline.runner import Pending, Runner
from tigertally_server.store.port import StoreUnavailable
from tigertally_server.store.postgres import translated_errors
from tigertally_testing.bank import Bank, memory_installation

AT = ("load", "save", "commit")


class FullDisk:
    """The in-memory store, whose transactions fail at one step as PostgreSQL does without space."""

    def __init__(self, store, step):
        self._store, self._step = store, step
        self.full = False
        self.failures = 0

    async def begin(self):
        return _Transaction(self, await self._store.begin())

    def check(self, step):
        if self.full and step == self._step:
            self.failures += 1
            with translated_errors():
                raise psycopg.errors.DiskFull("could not extend file: No space left on device")

    def close(self):
        self._store.close()


class _Transaction:
    def __init__(self, disk, inner):
        self._disk, self._inner = disk, inner
        self.configuration, self.rollback = inner.configuration, inner.rollback

    async def load(self, needs):
        self._disk.check("load")
        return await self._inner.load(needs)

    async def save(self, writes):
        epoch = await self._inner.save(writes)
        self._disk.check("save")
        return epoch

    async def commit(self):
        self._disk.check("commit")
        await self._inner.commit()


class SteppedClock:
    """Both clocks follow trio's, which a test moves."""

    def monotonic_ms(self):
        return round(trio.current_time() * 1000)

    def now_ms(self):
        return 1_767_225_600_000 + self.monotonic_ms()


class Receiver:
    def __init__(self):
        self.outcomes = []
        self.done = trio.Event()

    def complete(self, pending, outcome):
        self.outcomes.append(outcome)
        self.done.set()

    def flush(self):
        pass

    def fail(self, problem):
        raise problem


async def inline(work, requests):
    return await work(requests)


@pytest.fixture(params=AT)
def full(request, clock, entropy):
    store, context = memory_installation(entropy)
    disk = FullDisk(store, request.param)
    bank = Bank(disk, context, clock, entropy)
    bank.add_channel()
    return SimpleNamespace(
        disk=disk, bank=bank, held=bank.customer_with_token(1, "hotp-6"), tables=store.tables
    )


def test_a_unit_of_work_says_that_the_store_is_not_available_and_changes_nothing(full):
    before = dict(full.tables.heads)
    full.disk.full = True
    with pytest.raises(StoreUnavailable, match="53100") as raised:
        full.bank.verify(full.held, full.held.counter_code(0))
    assert not raised.value.maybe_committed
    assert full.tables.heads == before
    full.disk.full = False
    assert full.bank.verify(full.held, full.held.counter_code(0)).code is C.APPROVED


def test_no_part_of_a_batch_is_blamed(full):
    """A full disk is nobody's fault: the batch must not be halved until one request is INTERNAL."""
    full.disk.full = True
    requests = [full.bank.verification(full.held, "000000") for _ in range(8)]
    with pytest.raises(StoreUnavailable):
        full.bank.run(*requests)
    assert full.disk.failures == 1


async def test_requests_wait_and_are_answered_unavailable_at_their_deadline(full, autojump_clock):
    clock = SteppedClock()
    runner = Runner([full.bank.unit], clock, Metrics(), way=inline)
    full.disk.full = True
    receiver, later = Receiver(), Receiver()

    def request(serial):
        return full.bank.request(
            0x0301,
            full.bank.verification(full.held, full.held.counter_code(0)).message,
            serial,
            deadline_ms=clock.monotonic_ms() + 1_000,
        )

    async with trio.open_nursery() as nursery:
        nursery.start_soon(runner.run)
        assert runner.submit(Pending(request(71), receiver))
        await receiver.done.wait()
        assert [outcome.code for outcome in receiver.outcomes] == [C.UNAVAILABLE]
        full.disk.full = False
        assert runner.submit(Pending(request(71), later))
        await later.done.wait()
        assert [outcome.code for outcome in later.outcomes] == [C.APPROVED]
        assert await available(runner)
        nursery.cancel_scope.cancel()


async def test_readiness_comes_back_without_any_request(full, autojump_clock):
    clock, receiver = SteppedClock(), Receiver()
    runner = Runner([full.bank.unit], clock, Metrics(), way=inline)
    full.disk.full = True
    request = full.bank.request(
        0x0301,
        full.bank.verification(full.held, "000000").message,
        deadline_ms=clock.monotonic_ms() + 1_000,
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(runner.run)
        runner.submit(Pending(request, receiver))
        await receiver.done.wait()
        full.disk.full = False
        assert await available(runner)
        nursery.cancel_scope.cancel()


async def available(runner):
    with trio.fail_after(5):
        while not runner.available:
            await trio.sleep(0.1)
    return runner.available
