"""The queue before the units of work, under a mock clock: batches, deadlines, store faults."""

from __future__ import annotations

import pytest
import structlog
import trio

from tigertally_protocol.codes import ResponseCode
from tigertally_server.metrics import Metrics
from tigertally_server.pipeline.runner import OVERLAP_MIN, Pending, Runner
from tigertally_server.store.port import StoreUnavailable
from tigertally_testing.bank import Bank, memory_installation

C = ResponseCode


class TrioClock:
    """Both readings move with trio's (mock) clock."""

    def now_ms(self) -> int:
        return 1_767_225_600_000 + self.monotonic_ms()

    def monotonic_ms(self) -> int:
        return round(trio.current_time() * 1000)


class Receiver:
    def __init__(self) -> None:
        self.outcomes: dict[int, ResponseCode] = {}
        self.flushes = 0
        self.faults: list[Exception] = []
        self.fault: Exception | None = None

    def complete(self, pending, outcome):
        if self.fault is not None:
            raise self.fault
        self.outcomes[pending.request.serial] = outcome.code

    def flush(self):
        self.flushes += 1

    def fail(self, problem):
        self.faults.append(problem)


async def inline(work, requests):
    await trio.lowlevel.checkpoint()
    return await work(requests)


@pytest.fixture
def bank(entropy):
    store, context = memory_installation(entropy)
    return Bank(store, context, TrioClock(), entropy)


@pytest.fixture
def receiver():
    return Receiver()


def runner_of(bank, **options):
    return Runner([bank.unit], bank.clock, Metrics(), way=inline, **options)


async def test_what_waits_becomes_one_batch(bank, receiver, autojump_clock):
    held = [bank.customer_with_token(n) for n in range(1, 6)]
    runner = runner_of(bank)
    commits = bank.store.commits
    for h in held:
        assert runner.submit(Pending(bank.verification(h, h.code(bank.clock.now_ms())), receiver))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(runner.run)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert list(receiver.outcomes.values()) == [C.APPROVED] * 5
    assert bank.store.commits == commits + 1
    assert receiver.flushes == 1
    assert runner.waiting == 0


async def test_expired_requests_never_run(bank, receiver, autojump_clock):
    held = bank.customer_with_token(1)
    runner = runner_of(bank)
    late = bank.verification(held, held.code(bank.clock.now_ms()))
    runner.submit(Pending(late, receiver))
    await trio.sleep(4)  # its budget is 3 s
    async with trio.open_nursery() as nursery:
        nursery.start_soon(runner.run)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert receiver.outcomes == {late.serial: C.DEADLINE_EXPIRED}
    assert bank.run(late)[0].code is C.APPROVED, "it had not been executed"


async def test_full_queue_takes_nothing(bank, receiver, autojump_clock):
    held = bank.customer_with_token(1)
    runner = runner_of(bank, queue_max=2)
    taken = [runner.submit(Pending(bank.verification(held, "000000"), receiver)) for _ in range(3)]
    assert taken == [True, True, False]


async def test_requests_wait_for_the_store_up_to_their_deadline(bank, receiver, autojump_clock):
    held = bank.customer_with_token(1)
    runner = runner_of(bank)
    gone = [True]
    bank.store.faults.append(
        lambda step: StoreUnavailable("gone") if gone[0] and step == "begin" else None
    )
    first = bank.verification(held, held.code(bank.clock.now_ms()))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(runner.run)
        runner.submit(Pending(first, receiver))
        await trio.sleep(2.9)
        assert not receiver.outcomes
        assert not runner.available
        await trio.sleep(0.3)
        assert receiver.outcomes == {first.serial: C.UNAVAILABLE}
        second = bank.verification(held, held.code(bank.clock.now_ms()))
        runner.submit(Pending(second, receiver))
        await trio.sleep(1)
        gone[0] = False
        await trio.sleep(1)
        assert receiver.outcomes[second.serial] is C.APPROVED
        assert runner.available
        nursery.cancel_scope.cancel()


async def test_each_reason_of_an_outage_is_logged_once(bank, receiver, autojump_clock):
    """What keeps the work from being done may be another thing than what began it."""
    why = ["gone"]
    bank.store.faults.append(lambda step: StoreUnavailable(why[0]) if why else None)
    with structlog.testing.capture_logs() as logs:
        runner = runner_of(bank)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(runner.run)
            for reason in ("gone", "too many conflicts", "gone"):
                why[:] = [reason]
                await trio.sleep(2)
            why.clear()
            await trio.sleep(2)
            why[:] = ["gone"]
            await trio.sleep(2)
            nursery.cancel_scope.cancel()
    told = [line.get("reason", line["event"]) for line in logs]
    assert told == ["gone", "too many conflicts", "database is back", "gone"]


async def test_commit_without_an_answer_is_unknown_and_resolved_by_retry(
    bank, receiver, autojump_clock
):
    held = bank.customer_with_token(1)
    runner = runner_of(bank)
    request = bank.verification(held, held.code(bank.clock.now_ms()))
    bank.store.fail_next("committed", StoreUnavailable("cut", maybe_committed=True))
    gone = [False]
    bank.store.faults.append(
        lambda step: StoreUnavailable("gone") if gone[0] and step == "begin" else None
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(runner.run)
        runner.submit(Pending(request, receiver))
        await trio.sleep(0.01)
        gone[0] = True
        await trio.sleep(4)
        assert receiver.outcomes == {request.serial: C.OUTCOME_UNKNOWN}
        gone[0] = False
        await trio.sleep(1)
        runner.submit(
            Pending(bank.request(request.transaction, request.message, request.serial), receiver)
        )
        await trio.sleep(1)
        assert receiver.outcomes == {request.serial: C.APPROVED}
        nursery.cancel_scope.cancel()


async def test_fault_of_one_receiver_costs_no_other_answer(bank, autojump_clock):
    held = [bank.customer_with_token(n) for n in (1, 2)]
    runner, bad, good = runner_of(bank), Receiver(), Receiver()
    bad.fault = RuntimeError("broken")
    for h, receiver in zip(held, (bad, good), strict=True):
        runner.submit(Pending(bank.verification(h, h.code(bank.clock.now_ms())), receiver))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(runner.run)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert list(good.outcomes.values()) == [C.APPROVED]
    assert bad.faults == [bad.fault]


async def test_second_unit_begins_only_when_enough_waits(bank, receiver, autojump_clock):
    held = [bank.customer_with_token(n) for n in range(1, OVERLAP_MIN + 3)]
    gate, begun = trio.Event(), []

    async def way(work, requests):
        begun.append(len(requests))
        await gate.wait()
        return await work(requests)

    runner = Runner([bank.unit, bank.unit], bank.clock, Metrics(), way=way)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(runner.run)
        await trio.sleep(0.01)
        for count, h in enumerate(held, start=1):
            runner.submit(Pending(bank.verification(h, h.code(bank.clock.now_ms())), receiver))
            if count == 1:
                await trio.sleep(0.01)
            if count == OVERLAP_MIN:
                await trio.sleep(0.01)
                assert begun == [1]
        await trio.sleep(0.01)
        assert begun == [1, OVERLAP_MIN + 1]
        gate.set()
        await trio.sleep(0.5)
        nursery.cancel_scope.cancel()
    assert len(receiver.outcomes) == OVERLAP_MIN + 2
    assert set(receiver.outcomes.values()) == {C.APPROVED}


async def test_what_would_wait_too_long_is_not_taken(bank, receiver, autojump_clock):
    """Once it is seen how slow work is; and the door opens again when it has caught up."""

    async def slow(work, requests):
        await trio.sleep(1)
        return await work(requests)

    held = bank.customer_with_token(1)
    runner = Runner(
        [bank.unit],
        bank.clock,
        Metrics(),
        way=slow,
        queue_max=5_000,
        queue_wait_ms=1_000,
        batch_max=100,
    )

    def crowd(number):
        return sum(
            runner.submit(Pending(bank.verification(held, "000000"), receiver))
            for _ in range(number)
        )

    async with trio.open_nursery() as nursery:
        nursery.start_soon(runner.run)
        assert crowd(2_000) == 2_000
        await trio.sleep(2.5)
        assert crowd(100) == 0
        assert not runner.has_room(bank.channel.id)
        await trio.sleep(20)
        assert runner.has_room(bank.channel.id)
        assert crowd(100) == 100
        nursery.cancel_scope.cancel()
