"""Password spraying raises an alarm and locks nobody; customers who merely mistype raise none."""

from __future__ import annotations

from typing import Any

import pytest
import structlog

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.calendar import BusinessCalendar
from tigertally_server.metrics import Metrics
from tigertally_server.pipeline import spraying
from tigertally_server.pipeline.spraying import SprayAlarms, SprayLimits, SprayWatch
from tigertally_server.pipeline.summaries import Summaries
from tigertally_server.pipeline.tally import Tally
from tigertally_server.services.recording import open_outcome, open_personal_part
from tigertally_server.services.request import Phase
from tigertally_server.services.table import SPRAYING_NOTE
from tigertally_testing.bank import ZONE, Bank, memory_installation

C = ResponseCode
LIMITS = SprayLimits(window_ms=600_000, customers=10, address_customers=5, percent=30)


class Channel:
    """Outcomes as a channel's session sees them."""

    def __init__(self, clock, bank, limits=LIMITS):
        self.clock, self.bank = clock, bank
        self.watch = SprayWatch(limits)

    def outcome(self, customer, code=C.WRONG_CODE, address=""):
        message = VerifyOtpRequest(
            customer=customer, otp=SecretText("000000"), end_user_address=address
        )
        request = self.bank.request(Transaction.VERIFY_OTP, message)
        self.watch.note(request, code, self.clock.now_ms())

    def due(self):
        return self.watch.due(self.clock.now_ms())


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    return Bank(store, context, clock, entropy)


@pytest.fixture
def channel(clock, bank):
    return Channel(clock, bank)


def test_one_wrong_code_at_each_of_many_customers_is_an_alarm(channel):
    for n in range(9):
        channel.outcome(f"C{n}")
    assert channel.due() == []
    channel.outcome("C9", C.USER_UNKNOWN)
    (alarm,) = channel.due()
    assert (alarm.address, alarm.customers, alarm.tries, alarm.denied) == ("", 10, 10, 10)


def test_one_customer_s_many_wrong_codes_are_none(channel):
    for _ in range(100):
        channel.outcome("C1")
    assert channel.due() == []


def test_mistyping_customers_among_many_others_are_none(channel):
    for n in range(20):
        channel.outcome(f"C{n}")
    for n in range(47):
        channel.outcome(f"D{n}", C.APPROVED)
    assert channel.due() == []
    channel.outcome("C20")
    assert len(channel.due()) == 1


def test_an_address_is_seen_where_the_channel_s_traffic_hides_it(channel):
    for n in range(1000):
        channel.outcome(f"D{n}", C.APPROVED, address=f"198.51.100.{n % 200}")
    for n in range(5):
        channel.outcome(f"C{n}", address="203.0.113.7")
    (alarm,) = channel.due()
    assert (alarm.address, alarm.customers, alarm.denied) == ("203.0.113.7", 5, 5)


def test_an_address_that_many_share_is_judged_by_its_share(channel):
    channel.outcome("C0", address="203.0.113.7")
    for n in range(20):
        channel.outcome(f"D{n}", C.APPROVED, address="203.0.113.7")
    for n in range(1, 6):
        channel.outcome(f"C{n}", address="203.0.113.7")
    assert channel.due() == []


def test_the_window_slides(channel, clock):
    for n in range(9):
        channel.outcome(f"C{n}")
    clock.advance(LIMITS.window_ms + 60_000)
    channel.outcome("C9")
    assert channel.due() == []


def test_an_alarm_comes_once_per_window_and_again_if_it_goes_on(channel, clock):
    for _ in range(3):
        for n in range(10):
            channel.outcome(f"C{n}")
        assert len(channel.due()) == 1
        channel.outcome("C10")
        assert channel.due() == []
        clock.advance(LIMITS.window_ms)


@pytest.mark.parametrize("code", [C.BUSY, C.ILLEGAL_TRANSITION, C.INTERNAL, C.CHANGED])
def test_what_is_no_verification_counts_for_nothing(channel, code):
    for n in range(50):
        channel.outcome(f"C{n}", code)
    assert channel.due() == []


def test_memory_is_bounded(channel, monkeypatch):
    monkeypatch.setattr(spraying, "PLACES_MAX", 10)
    monkeypatch.setattr(spraying, "CUSTOMERS_MAX", 20)
    for n in range(1000):
        channel.outcome(f"C{n}", address=f"2001:db8::{n:x}")
    assert len(channel.watch._addresses) == 10
    (alarm,) = channel.due()
    assert (alarm.customers, alarm.tries) == (20, 1000)


def test_the_alarm_is_heard_in_log_metric_and_audit_log_and_locks_nobody(bank, clock, entropy):
    bank.add_channel(7)
    held = [bank.customer_with_token(n + 1) for n in range(10)]
    watch, metrics, notes = SprayWatch(LIMITS), Metrics(), []
    calendar = BusinessCalendar(ZONE)

    class Door:
        def submit(self, pending):
            notes.append(pending.request)
            return True

    alarms = SprayAlarms(watch, metrics)
    door: Any = Door()
    summaries = Summaries(Tally(), door, bank.context, clock, entropy, calendar, alarms)
    for one in held:
        message = VerifyOtpRequest(
            customer=one.customer, otp=SecretText("000000"), end_user_address="203.0.113.7"
        )
        request = bank.request(Transaction.VERIFY_OTP, message)
        watch.note(request, bank.run(request)[0].code, clock.now_ms())
    with structlog.testing.capture_logs() as logs:
        summaries.submit()
    assert [(log["channel"], log["customers"]) for log in logs] == [(7, 10), (7, 10)]
    assert "203.0.113.7" not in str(logs)
    assert metrics.spraying_alarms.labels(channel="7")._value.get() == 2
    assert {(note.transaction, note.phase) for note in notes} == {(SPRAYING_NOTE, Phase.SUMMARY)}
    outcomes = bank.run(*notes)
    entry = bank.store.log(outcomes[1].shard)[outcomes[1].seq].entry
    note = open_outcome(bank.context, entry).note
    assert b'"customers":10' in note
    assert b"203.0.113.7" not in note
    aead = bank.context.keyring.outcome_aead(entry.personal_key_id, entry.business_day)
    assert open_personal_part(aead, entry).end_user_address == "203.0.113.7"
    for one in held:
        assert bank.verify(one, one.code(clock.now_ms())).code is C.APPROVED
