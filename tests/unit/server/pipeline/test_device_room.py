"""Requests that wait for the HSM: what it fails with is what the channel is told, and nothing is
decided or recorded meanwhile.
"""

from __future__ import annotations

import hmac
import json
from typing import Any

import msgspec
import pytest
import trio

from tigertally_drivers.errors import Misbehaved, TimedOut, Unavailable
from tigertally_drivers.hsm.port import Busy, DoesNotOpen, MacHash, NoSuchKey, PinRefused
from tigertally_engines.otp.kernel import hotp
from tigertally_engines.otp.state import OtpState
from tigertally_protocol.codes import CODES
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.token import BindTokenRequest
from tigertally_protocol.messages.user import RegisterUserRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.administration import InsertTokens, PutTokenType
from tigertally_server.domain.channel import FOR_EVER_MS
from tigertally_server.domain.token import Token
from tigertally_server.metrics import Metrics
from tigertally_server.pipeline.device_room import ROUNDS_MAX, DeviceRoom
from tigertally_server.pipeline.runner import Pending, Runner
from tigertally_server.services.device_seeds import EnclosedSeed, stored_record
from tigertally_server.services.keyring import Purpose, seed_identity
from tigertally_testing.bank import INSTITUTION, Bank, memory_installation

SEED = b"12345678901234567890"
PLAIN = {"algorithm": "hotp", "throttle_base_ms": 0, "protection": "device"}
HELD = stored_record(EnclosedSeed("seeds", MacHash.SHA1, b"blob"))


class FakeHsm:
    """Computes, or fails as told; `gate` holds it up."""

    def __init__(self):
        self.failure = None
        self.gate = None
        self.asked = 0

    async def enclosed_macs(self, label, hash_name, blob, messages):
        self.asked += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        assert (label, blob) == ("seeds", b"blob")
        return [hmac.digest(SEED, message, hash_name) for message in messages]


class Answers:
    def __init__(self):
        self.outcomes = {}
        self.event = trio.Event()

    def complete(self, pending, outcome):
        self.outcomes[pending.header] = outcome
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


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    bank = Bank(store, context, clock, entropy)
    bank.operate(PutTokenType("hotp-hsm", json.dumps(PLAIN)))
    bank.reload()
    bank.ask(Transaction.REGISTER_USER, RegisterUserRequest(customer="C1"))
    key_id, sealed = context.keyring.seal(Purpose.SEED, HELD, seed_identity(INSTITUTION, "T1"))
    token = Token(
        id=1,
        institution=INSTITUTION,
        serial="T1",
        type_name="hotp-hsm",
        seed_key_id=key_id,
        sealed_seed=sealed,
        otp=OtpState(moving=0),
        valid_from_ms=0,
        valid_to_ms=FOR_EVER_MS,
    )
    bank.operate(InsertTokens((token,), "test", clock.now_ms()))
    bound = bank.ask(Transaction.BIND_TOKEN, BindTokenRequest(customer="C1", token="T1"))
    assert bound.code is C.CHANGED
    return bank


def request(bank, code=None):
    text = hotp(SEED, 0, 6) if code is None else code
    message = VerifyOtpRequest(customer="C1", token="T1", otp=SecretText(text))
    return bank.request(Transaction.VERIFY_OTP, message)


def runner_of(bank, hsm, **options):
    room = DeviceRoom(hsm, bank.clock, Metrics(), **options)
    return Runner([bank.unit], bank.clock, Metrics(), way=inline, device_room=room)


async def inline(work, requests):
    await trio.lowlevel.checkpoint()
    return await work(requests)


async def test_decided_once_the_device_has_computed(bank, nursery):
    hsm, answers = FakeHsm(), Answers()
    runner = runner_of(bank, hsm)
    nursery.start_soon(runner.run)
    for number, code in enumerate(("000000", None, None)):
        runner.submit(Pending(request(bank, code), answers, number))
        await answers.until(number + 1)
    found = [answers.outcomes[number].code for number in range(3)]
    assert found == [C.WRONG_CODE, C.APPROVED, C.REPLAYED_CODE]
    assert hsm.asked == 3
    assert runner.waiting == 0
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Unavailable("x"), C.HSM_UNAVAILABLE),
        (PinRefused("x"), C.HSM_UNAVAILABLE),
        (Misbehaved("x"), C.HSM_UNAVAILABLE),
        (Busy("x"), C.HSM_BUSY),
        (TimedOut("x"), C.HSM_TIMED_OUT),
        (DoesNotOpen("x"), C.HSM_REFUSED),
        (NoSuchKey("x"), C.HSM_REFUSED),
        (RuntimeError("x"), C.INTERNAL),
    ],
)
async def test_each_failure_has_its_answer_and_leaves_nothing(bank, nursery, failure, code):
    hsm, answers = FakeHsm(), Answers()
    hsm.failure = failure
    runner = runner_of(bank, hsm)
    nursery.start_soon(runner.run)
    pending = Pending(request(bank), answers, 1)
    runner.submit(pending)
    await answers.until(1)
    assert answers.outcomes[1].code is code
    assert not CODES[code].recorded
    assert answers.outcomes[1].seq == -1, "nothing was decided, nothing is recorded"
    hsm.failure = None
    again = Pending(msgspec.structs.replace(pending.request, retry=True), answers, 2)
    runner.submit(again)
    await answers.until(2)
    assert answers.outcomes[2].code is C.APPROVED, "the same serial, once the device is back"
    nursery.cancel_scope.cancel()


async def test_those_with_other_seeds_pass_while_the_device_hangs(bank, nursery):
    hsm, answers = FakeHsm(), Answers()
    hsm.gate = trio.Event()
    runner = runner_of(bank, hsm, at_once=2, waiting_max=3)
    nursery.start_soon(runner.run)
    for number in range(8):
        runner.submit(Pending(request(bank), answers, number))
        with trio.fail_after(20):
            while runner.waiting < number + 1 - len(answers.outcomes):
                await trio.lowlevel.checkpoint()
    other = bank.request(Transaction.REGISTER_USER, RegisterUserRequest(customer="C2"))
    runner.submit(Pending(other, answers, "other"))
    with trio.fail_after(20):
        while "other" not in answers.outcomes:
            await answers.event.wait()
    busy = [number for number, outcome in answers.outcomes.items() if outcome.code is C.HSM_BUSY]
    assert answers.outcomes["other"].code is C.CHANGED
    assert busy
    hsm.gate.set()
    await answers.until(9)
    codes = [outcome.code for outcome in answers.outcomes.values()]
    assert codes.count(C.APPROVED) == 1
    assert codes.count(C.REPLAYED_CODE) == 7 - len(busy)
    nursery.cancel_scope.cancel()


async def test_without_a_room_the_answer_is_clear(bank):
    assert bank.run(request(bank))[0].code is C.HSM_UNAVAILABLE


async def test_nobody_comes_back_for_ever(bank):
    room: Any = DeviceRoom(FakeHsm(), bank.clock, Metrics())  # type: ignore[arg-type]
    tired = msgspec.structs.replace(request(bank), rounds=ROUNDS_MAX)
    outcome = room.submit(Pending(tired, Answers(), 1), None)
    assert outcome is not None
    assert outcome.code is C.HSM_BUSY


async def test_a_record_for_another_hash_is_refused(bank, nursery):
    """The type's hash was changed under a token."""
    hsm, answers = FakeHsm(), Answers()
    bank.operate(PutTokenType("hotp-hsm", json.dumps({**PLAIN, "hash": "sha256"})))
    bank.reload()
    runner = runner_of(bank, hsm)
    nursery.start_soon(runner.run)
    runner.submit(Pending(request(bank), answers, 1))
    await answers.until(1)
    assert answers.outcomes[1].code is C.HSM_REFUSED
    assert hsm.asked == 0
    nursery.cancel_scope.cancel()


def test_nothing_secret_is_shown():
    seed = EnclosedSeed("seeds", MacHash.SHA1, b"blob")
    assert "blob" not in repr(seed)
