"""Verifications decided on a glance: what that overlooks is found before anything is answered."""

from __future__ import annotations

import msgspec
import pytest

from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.query import CancelSerialRequest
from tigertally_protocol.messages.token import TokenRequest
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.administration import PutTokenType
from tigertally_testing.bank import Bank, memory_installation
from tigertally_testing.memory_store import MemoryTransaction


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    return Bank(store, context, clock, entropy)


@pytest.fixture
def loads(monkeypatch):
    """What each transaction asked for."""
    asked = []
    load = MemoryTransaction.load

    async def noting(self, needs):
        asked.append(needs)
        return await load(self, needs)

    monkeypatch.setattr(MemoryTransaction, "load", noting)
    return asked


def test_a_glance_suffices(bank, clock, loads):
    held = bank.customer_with_token(1)
    loads.clear()
    assert bank.verify(held, held.code(clock.now_ms())).code is C.APPROVED
    (needs,) = loads
    assert needs.glanced
    assert not needs.epoch
    assert not needs.serials


def test_a_repetition_without_the_flag_is_found_when_it_is_written(bank, clock, loads):
    held = bank.customer_with_token(1)
    request = bank.verification(held, held.code(clock.now_ms()))
    first = bank.run(request)
    loads.clear()
    assert bank.run(request) == first
    assert [bool(needs.serials) for needs in loads] == [False, True]
    assert bank.unit.conflicts == 1


def test_a_flagged_retry_is_looked_up_at_once(bank, clock, loads):
    held = bank.customer_with_token(1)
    request = bank.verification(held, held.code(clock.now_ms()))
    first = bank.run(request)
    loads.clear()
    assert bank.run(msgspec.structs.replace(request, retry=True)) == first
    assert [bool(needs.serials) for needs in loads] == [True]


def test_a_cancelled_serial_is_not_executed(bank, clock):
    held = bank.customer_with_token(1)
    bank.ask(Transaction.CANCEL_SERIAL, CancelSerialRequest(serial=900))
    assert bank.verify(held, held.code(clock.now_ms()), 900).code is C.SERIAL_CANCELLED
    assert bank.verify(held, held.code(clock.now_ms())).code is C.APPROVED


def test_another_customers_token_is_told_from_none(bank, clock):
    held, other = bank.customer_with_token(1), bank.customer_with_token(2)
    request = bank.verification(held, "123456", named=True)
    message = msgspec.structs.replace(request.message, token=other.serial)
    assert bank.ask(Transaction.VERIFY_OTP, message).code is C.TOKEN_NOT_BOUND
    message = msgspec.structs.replace(request.message, token="NONE")
    assert bank.ask(Transaction.VERIFY_OTP, message).code is C.TOKEN_UNKNOWN


def test_what_is_not_recorded_was_looked_for(bank, clock, loads):
    """A serial that was executed is not said to be malformed when its content changes."""
    held = bank.customer_with_token(1)
    assert bank.verify(held, held.code(clock.now_ms()), 901).code is C.APPROVED
    loads.clear()
    blank = bank.request(Transaction.VERIFY_OTP, bank.verification(held, "").message, 901)
    assert bank.run(blank)[0].code is C.SERIAL_CONFLICT
    assert [bool(needs.serials) for needs in loads] == [False, True]


def test_a_token_that_changes_meanwhile_is_decided_again(bank, clock, monkeypatch):
    """Disabled between the glance and the write."""
    held = bank.customer_with_token(1)
    other = Bank(bank.store, bank.context, clock, bank.entropy)
    other.channel = bank.channel
    save, done = MemoryTransaction.save, list[bool]()
    lock = bank.store.lock

    async def save_after_another(self, writes):
        if not done:
            done.append(True)
            lock.release()
            message = TokenRequest(customer=held.customer, token=held.serial)
            assert other.ask(Transaction.DISABLE_TOKEN, message, 77_001).code is C.CHANGED
            lock.acquire()
        return await save(self, writes)

    monkeypatch.setattr(MemoryTransaction, "save", save_after_another)
    assert bank.verify(held, held.code(clock.now_ms())).code is C.TOKEN_DISABLED
    assert bank.unit.conflicts == 1


def test_a_configuration_that_changes_is_in_force_at_once(bank, clock):
    """The epoch comes back with the write, and the decision under the old one is thrown away."""
    held = bank.customer_with_token(1)
    bank.operate(PutTokenType("totp-6", '{"algorithm": "totp", "digits": 8}'))
    assert bank.verify(held, held.code(clock.now_ms())).code is C.WRONG_CODE
    assert bank.unit.conflicts == 1
