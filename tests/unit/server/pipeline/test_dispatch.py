"""Messages leave: once, in time, through a gateway that is dead, slow, refuses, or answers twice;
and the process that dies over one leaves no doubt open.

The store is in memory, the clock trio's; hops run inline.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
import trio
import trio.testing
from structlog.testing import capture_logs

from tigertally_drivers.errors import Misbehaved, Rejected, TimedOut, Unavailable
from tigertally_drivers.sms.port import DeliveryReport, DeliveryState, SubmitResult
from tigertally_protocol import registry
from tigertally_protocol.messages.sms import QuerySmsRequest, SendSmsWarningRequest
from tigertally_protocol.transactions import Kind, Transaction
from tigertally_server.domain.message import MessageState
from tigertally_server.metrics import Metrics
from tigertally_server.pipeline.dispatch import LEASE_MS, Dispatcher
from tigertally_server.store.outbox import Reported
from tigertally_server.store.port import StoreUnavailable
from tigertally_testing.bank import Bank, memory_installation
from tigertally_testing.handset import NO_LIMITS, Handset, sending

replace = msgspec.structs.replace
S = MessageState


TAKEN = SubmitResult("", DeliveryState.ACCEPTED)


class MemoryOutbox:
    """As `PostgresOutbox`, over the tables of a store in memory."""

    def __init__(self, tables):
        self.tables = tables
        self.away = 0
        self.forgetful = 0
        self.slow_s = 0.0

    async def hop(self, work):
        """Inline; what was done is known a while later."""
        await trio.lowlevel.checkpoint()
        result = work()
        if self.slow_s:
            await trio.sleep(self.slow_s)
        return result

    def _there(self):
        if self.away:
            self.away -= 1
            raise StoreUnavailable("away")

    def take(self, now_ms, lease_ms, at_most):
        self._there()
        due = [
            m
            for m in self.tables.messages.values()
            if m.state in (S.QUEUED, S.SENDING) and m.next_attempt_ms <= now_ms
        ]
        taken = [self._taken(m, now_ms, lease_ms) for m in due[:at_most]]
        self.tables.messages.update({m.id: m for m in taken})
        return taken

    def _taken(self, m, now_ms, lease_ms):
        m = replace(m, next_attempt_ms=now_ms + lease_ms, rev=m.rev + 1)
        if m.state is S.SENDING:
            return replace(m, state=S.UNKNOWN, reason="process died", sealed=b"")
        if m.expires_at_ms <= now_ms:
            return replace(m, state=S.EXPIRED, reason="too late", sealed=b"")
        return replace(m, state=S.SENDING, attempts=m.attempts + 1)

    def around(self, challenge_ids, owner_ids):
        self._there()
        if self.forgetful:
            self.forgetful -= 1
            raise StoreUnavailable("away")
        owners, ids = set(owner_ids), set(challenge_ids)
        return (
            [c for key, c in self.tables.challenges.items() if key in ids],
            [c for c in self.tables.credentials.values() if c.owner_id in owners],
        )

    def settle(self, settled):
        self._there()
        for item in settled:
            m = self.tables.messages[item.id]
            if m.state is S.SENDING or (m.state is S.UNKNOWN and item.state is not S.QUEUED):
                self.tables.messages[item.id] = replace(
                    m,
                    state=item.state,
                    next_attempt_ms=item.next_attempt_ms,
                    gateway=item.gateway,
                    gateway_id=item.gateway_id,
                    reason=item.reason,
                    sealed=m.sealed if item.state is S.QUEUED else b"",
                )

    def report(self, gateway, gateway_id, state, reason):
        self._there()
        for m in self.tables.messages.values():
            if (m.gateway, m.gateway_id) == (gateway, gateway_id) and gateway_id:
                if m.state not in (S.SENT, S.UNKNOWN):
                    return Reported.AGAIN
                self.tables.messages[m.id] = replace(m, state=state, reason=reason)
                return Reported.APPLIED
        return Reported.STRANGE

    def close(self):
        pass


@dataclass
class Gateway:
    """Does with each message what `mood` says: a result, an error, or an event to wait for."""

    mood: Any = TAKEN
    sent: list[Any] = field(default_factory=list)
    flying: int = 0
    most: int = 0
    reports: Any = None

    async def submit(self, message):
        self.flying += 1
        self.most = max(self.most, self.flying)
        try:
            mood = self.mood
            if isinstance(mood, trio.Event):
                await mood.wait()
                mood = TAKEN
            if isinstance(mood, Exception):
                raise mood
            self.sent.append(message)
            return SubmitResult(f"g{len(self.sent)}", mood.state)
        finally:
            self.flying -= 1

    async def run(self, reports):
        self.reports = reports
        await trio.sleep_forever()


class TrioClock:
    """The wall clock moves with trio's."""

    def __init__(self, start_ms):
        self.start_ms = start_ms

    def now_ms(self):
        return self.start_ms + round(1000 * trio.current_time())

    def monotonic_ms(self):
        return round(1000 * trio.current_time())


@dataclass
class World:
    bank: Bank
    phone: Handset
    gateway: Gateway
    outbox: MemoryOutbox
    metrics: Metrics
    dispatcher: Dispatcher

    def state(self, place=-1):
        return self.phone.messages[place].state

    async def until(self, done):
        with trio.fail_after(3_600):
            while not done():
                await trio.sleep(0.05)

    def counted(self, name, **labels):
        return self.metrics.registry.get_sample_value(name, labels) or 0


@pytest.fixture
async def world(entropy, nursery):
    clock = TrioClock(1_767_225_600_000)
    store, context = memory_installation(entropy)
    bank = Bank(store, context, clock, entropy)
    bank.customer_with_token(1)
    bank.add_channel()
    sending(bank, limits=NO_LIMITS, silent=frozenset({"notice_phone_bound"}))
    phone = Handset(bank)
    phone.bind()
    gateway, outbox, metrics = Gateway(), MemoryOutbox(store.tables), Metrics()
    dispatcher = Dispatcher(
        "fake", gateway, outbox, bank.context, clock, metrics, at_once=4, hop=outbox.hop
    )
    nursery.start_soon(dispatcher.run)
    await trio.testing.wait_all_tasks_blocked()
    return World(bank, phone, gateway, outbox, metrics, dispatcher)


def warn(world, words="x"):
    message = SendSmsWarningRequest(customer="C000001", words=words)
    outcome = world.bank.ask(Transaction.SEND_SMS_WARNING, message)
    assert outcome.code.name == "CHANGED"


async def test_a_code_leaves_and_is_the_one_that_is_verified(world, autojump_clock):
    body = world.phone.send().body
    code = world.phone.code()
    await world.until(lambda: world.state() is S.SENT)
    (message,) = world.gateway.sent
    assert message.number == world.phone.number
    assert code in message.text
    assert body.server_code in message.text
    assert 290 <= message.valid_for_s <= 300
    assert world.phone.verify(body.challenge, code).code.name == "APPROVED"
    assert world.counted("tigertally_sms_messages_total", state="sent") == 1


async def test_what_was_sent_is_forgotten(world, autojump_clock):
    world.phone.send()
    assert world.phone.messages[-1].sealed
    await world.until(lambda: world.state() is S.SENT)
    assert world.phone.messages[-1].sealed == b""


async def test_a_report_is_noted_once_however_often_it_comes(world, autojump_clock):
    world.phone.send()
    await world.until(lambda: world.state() is S.SENT)
    report = DeliveryReport("g1", DeliveryState.DELIVERED, 0)
    for _ in range(3):
        await world.gateway.reports(report)
    assert world.state() is S.DELIVERED
    await world.gateway.reports(DeliveryReport("g1", DeliveryState.FAILED, 0, "late"))
    assert world.state() is S.DELIVERED
    assert world.counted("tigertally_sms_reports_total", outcome="applied") == 1
    assert world.counted("tigertally_sms_reports_total", outcome="again") == 3


async def test_a_report_may_come_before_its_answer(world, autojump_clock, nursery):
    world.gateway.mood = trio.Event()
    world.phone.send()
    await world.until(lambda: world.gateway.flying == 1)
    nursery.start_soon(
        world.gateway.reports, DeliveryReport("g1", DeliveryState.FAILED, 0, "absent")
    )
    await trio.sleep(0.1)
    world.gateway.mood.set()
    await world.until(lambda: world.state() is S.FAILED)
    assert world.phone.messages[-1].reason == "absent"


async def test_a_report_for_nobody_is_let_go(world, autojump_clock):
    await world.gateway.reports(DeliveryReport("stranger", DeliveryState.DELIVERED, 0))
    await world.gateway.reports(DeliveryReport("", DeliveryState.DELIVERED, 0))
    await world.gateway.reports(DeliveryReport("g1", DeliveryState.ACCEPTED, 0))
    assert world.counted("tigertally_sms_reports_total", outcome="strange") == 2


async def test_a_report_without_a_database_is_asked_for_again(world, autojump_clock):
    world.outbox.away = 1_000
    with pytest.raises(Unavailable):
        await world.gateway.reports(DeliveryReport("g1", DeliveryState.DELIVERED, 0))


async def test_a_dead_gateway_is_tried_again_until_it_lives(world, autojump_clock):
    world.gateway.mood = Unavailable("dead")
    body = world.phone.send().body
    code = world.phone.code()
    await world.until(lambda: world.phone.messages[-1].attempts >= 3)
    assert world.counted("tigertally_sms_gateway_up") == 0
    assert world.state() in (S.QUEUED, S.SENDING)
    world.gateway.mood = SubmitResult("", DeliveryState.DELIVERED)
    await world.until(lambda: world.state() is S.DELIVERED)
    assert world.counted("tigertally_sms_gateway_up") == 1
    assert len(world.gateway.sent) == 1
    assert world.phone.verify(body.challenge, code).code.name == "APPROVED"


async def test_what_would_come_too_late_is_not_sent(world, autojump_clock):
    world.gateway.mood = Unavailable("dead")
    world.phone.send()
    await world.until(lambda: world.state() is S.EXPIRED)
    world.gateway.mood = TAKEN
    await trio.sleep(300)
    assert world.gateway.sent == []


async def test_a_dead_gateway_is_not_hammered(world, autojump_clock):
    world.gateway.mood = Unavailable("dead")
    for number in range(20):
        warn(world, str(number))
    await trio.sleep(60)
    assert sum(m.attempts for m in world.phone.messages) <= 40


@pytest.mark.parametrize(
    ("mood", "state"),
    [
        (Rejected("no"), S.FAILED),
        (TimedOut("late"), S.UNKNOWN),
        (Misbehaved("what"), S.UNKNOWN),
        (RuntimeError("a fault"), S.UNKNOWN),
        (SubmitResult("", DeliveryState.FAILED), S.FAILED),
        (SubmitResult("", DeliveryState.EXPIRED), S.EXPIRED),
    ],
)
async def test_what_may_have_been_sent_is_never_sent_again(world, autojump_clock, mood, state):
    world.gateway.mood = mood
    world.phone.send()
    await world.until(lambda: world.state() is state)
    message = QuerySmsRequest(customer="C000001", message_id=world.phone.messages[-1].id.hex())
    found = world.bank.ask(Transaction.QUERY_SMS, message).body
    assert (found.message_state, found.delivery_reason) == (state, world.phone.messages[-1].reason)
    layout = registry.message_type(Transaction.QUERY_SMS, Kind.RESPONSE, 1)
    assert layout is not None
    assert registry.encode_body(layout, found, "utf-8"), "every reason fits the wire"
    await trio.sleep(LEASE_MS / 500)
    assert world.phone.messages[-1].attempts == 1


async def test_a_slow_gateway_holds_up_no_more_than_its_share(world, autojump_clock):
    world.gateway.mood = trio.Event()
    for number in range(10):
        warn(world, str(number))
    await trio.sleep(10)
    assert (world.gateway.flying, world.gateway.most) == (4, 4)
    world.gateway.mood.set()
    await world.until(lambda: len(world.gateway.sent) == 10)
    assert world.gateway.most == 4


async def test_a_code_that_was_replaced_or_used_is_not_sent_late(world, autojump_clock):
    world.gateway.mood = Unavailable("dead")
    world.phone.send()
    await trio.sleep(61)
    world.phone.send()
    await trio.sleep(61)
    world.gateway.mood = TAKEN
    await world.until(lambda: world.state() is S.SENT)
    await world.until(lambda: world.state(0) is S.EXPIRED)
    assert world.phone.messages[0].reason == "superseded"
    assert len(world.gateway.sent) == 1


async def test_a_database_that_is_away_loses_no_outcome(world, autojump_clock):
    world.gateway.mood = trio.Event()
    world.phone.send()
    await world.until(lambda: world.gateway.flying == 1)
    world.outbox.away = 5
    world.gateway.mood.set()
    await world.until(lambda: world.state() is S.SENT)
    assert len(world.gateway.sent) == 1


async def test_a_process_that_died_over_a_message_leaves_it_unknown(world, autojump_clock):
    world.phone.send()
    (row,) = world.phone.messages
    tables = world.bank.store.tables
    tables.messages[row.id] = replace(
        row, state=S.SENDING, next_attempt_ms=row.created_at_ms + LEASE_MS
    )
    await world.until(lambda: world.state() is S.UNKNOWN)
    assert world.gateway.sent == []


async def test_an_altered_row_is_given_up(world, autojump_clock):
    world.phone.send()
    (row,) = world.phone.messages
    world.bank.store.tables.messages[row.id] = replace(row, sealed=row.sealed[:-1] + b"?")
    await world.until(lambda: world.state() is S.FAILED)
    assert world.phone.messages[-1].reason == "unreadable"


async def test_draining_waits_for_what_is_on_its_way(world, autojump_clock, nursery):
    world.gateway.mood = trio.Event()
    world.phone.send()
    await world.until(lambda: world.gateway.flying == 1)
    drained = trio.Event()

    async def drain():
        await world.dispatcher.drain(60)
        drained.set()

    nursery.start_soon(drain)
    await trio.sleep(1)
    assert not drained.is_set()
    warn(world)
    world.gateway.mood.set()
    await drained.wait()
    assert world.state(0) is S.SENT
    assert world.state() is S.QUEUED


async def test_draining_waits_for_what_is_being_taken(world, autojump_clock, nursery):
    """Taken is committed: nobody else would send it."""
    world.outbox.slow_s = 1
    world.phone.send()
    await world.until(lambda: world.state() is S.SENDING)
    assert not world.gateway.sent
    await world.dispatcher.drain(60)
    assert world.state() is S.SENT


async def test_a_code_whose_challenge_could_not_be_read_is_sent_later(world, autojump_clock):
    world.outbox.forgetful = 2
    world.phone.send()
    await world.until(lambda: world.state() is S.SENT)
    assert len(world.gateway.sent) == 1
    assert world.outbox.forgetful == 0


async def test_logs_name_neither_number_nor_text(world, autojump_clock):
    with capture_logs() as said:
        for mood in (Unavailable("dead"), Rejected("no"), RuntimeError("a fault")):
            world.gateway.mood = mood
            warn(world, "secret words")
            await trio.sleep(5)
    assert {line["log_level"] for line in said} >= {"error", "warning"}
    assert world.phone.number[1:] not in str(said)
    assert "secret words" not in str(said)
