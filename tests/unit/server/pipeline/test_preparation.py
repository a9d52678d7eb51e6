"""Slow passwords beside the queue: nobody waits for them, and none runs late."""

from __future__ import annotations

import json

import pytest
import trio

from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.password import SetPasswordRequest, VerifyPasswordRequest
from tigertally_protocol.messages.user import RegisterUserRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import PasswordKind, Transaction
from tigertally_server.domain.administration import PutPasswordPolicy
from tigertally_server.metrics import Metrics
from tigertally_server.pipeline.preparation import Preparation
from tigertally_server.pipeline.runner import Pending, Runner
from tigertally_server.services.prepared import Prepared
from tigertally_testing.bank import Bank, memory_installation

GOOD = "kX7#mw9Q"


class Answers:
    def __init__(self):
        self.outcomes = {}
        self.event = trio.Event()

    def complete(self, pending, outcome):
        self.outcomes[pending.header] = outcome.code
        self.event.set()
        self.event = trio.Event()

    def flush(self):
        pass

    def fail(self, problem):
        raise problem

    async def until(self, count):
        with trio.fail_after(20):
            while len(self.outcomes) < count:
                await self.event.wait()


class Slow:
    """Stands in for the threads: works only when told to."""

    def __init__(self):
        self.gate = trio.Event()
        self.begun = 0
        self.at_once = 0

    async def __call__(self, work):
        self.begun += 1
        self.at_once = max(self.at_once, self.begun)
        await self.gate.wait()
        self.begun -= 1
        return work()


async def inline(work, requests):
    await trio.lowlevel.checkpoint()
    return await work(requests)


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    bank = Bank(store, context, clock, entropy)
    bank.operate(PutPasswordPolicy("password", json.dumps({"throttle_base_ms": 0})))
    bank.reload()
    bank.ask(Transaction.REGISTER_USER, RegisterUserRequest(customer="C1"))
    for kind, text in ((PasswordKind.PASSWORD, GOOD), (PasswordKind.PIN, "392714")):
        message = SetPasswordRequest(
            customer="C1", kind=kind, operator="clerk", password=SecretText(text)
        )
        assert bank.ask(Transaction.SET_PASSWORD, message).code is C.CHANGED
    return bank


def request(bank, text=GOOD, kind=PasswordKind.PASSWORD):
    message = VerifyPasswordRequest(customer="C1", kind=kind, password=SecretText(text))
    return bank.request(Transaction.VERIFY_PASSWORD, message)


def runner_of(bank, slow, **options):
    preparation = Preparation(bank.context, bank.clock, run_slow=slow, **options)
    return Runner([bank.unit], bank.clock, Metrics(), way=inline, preparation=preparation)


async def test_what_is_quick_passes_what_is_slow(bank, nursery):
    slow, answers = Slow(), Answers()
    runner = runner_of(bank, slow, threads=2)
    nursery.start_soon(runner.run)
    for number in range(5):
        assert runner.submit(Pending(request(bank), answers, number))
    assert runner.submit(Pending(request(bank, "392714", PasswordKind.PIN), answers, "pin"))
    await answers.until(1)
    assert answers.outcomes == {"pin": C.APPROVED}
    assert runner.waiting == 5
    slow.gate.set()
    await answers.until(6)
    assert {answers.outcomes[number] for number in range(5)} == {C.APPROVED}
    assert slow.at_once == 2
    assert runner.waiting == 0
    nursery.cancel_scope.cancel()


async def test_too_many_are_told_so(bank, nursery):
    slow, answers = Slow(), Answers()
    runner = runner_of(bank, slow, threads=1, waiting_max=3)
    taken = [runner.submit(Pending(request(bank), answers, number)) for number in range(5)]
    assert taken == [True] * 3 + [False] * 2
    nursery.start_soon(runner.run)
    slow.gate.set()
    await answers.until(3)
    nursery.cancel_scope.cancel()


async def test_one_that_comes_too_late_is_not_prepared(bank, nursery, clock):
    slow, answers = Slow(), Answers()
    runner = runner_of(bank, slow)
    assert runner.submit(Pending(request(bank), answers, "late"))
    clock.advance(60_000)
    nursery.start_soon(runner.run)
    await answers.until(1)
    assert answers.outcomes == {"late": C.DEADLINE_EXPIRED}
    assert slow.begun == 0
    nursery.cancel_scope.cancel()


async def test_a_fault_in_the_slow_part_is_answered_where_it_is_decided(bank, nursery):
    calls = []

    async def broken(work):
        calls.append(work)
        raise RuntimeError("no memory")

    answers = Answers()
    runner = runner_of(bank, broken)
    nursery.start_soon(runner.run)
    runner.submit(Pending(request(bank), answers, 1))
    await answers.until(1)
    assert answers.outcomes == {1: C.APPROVED}
    assert len(calls) == 1
    nursery.cancel_scope.cancel()


async def test_prepared_in_a_real_thread(bank, nursery):
    answers = Answers()
    preparation = Preparation(bank.context, bank.clock)
    runner = Runner([bank.unit], bank.clock, Metrics(), way=inline, preparation=preparation)
    nursery.start_soon(runner.run)
    pendings = [Pending(request(bank, text), answers, text) for text in (GOOD, "wrong-7-one")]
    for pending in pendings:
        runner.submit(pending)
    await answers.until(2)
    assert answers.outcomes == {GOOD: C.APPROVED, "wrong-7-one": C.WRONG_PASSWORD}
    assert all(isinstance(pending.request.prepared, Prepared) for pending in pendings)
    assert GOOD not in repr(pendings[0].request)
    nursery.cancel_scope.cancel()
