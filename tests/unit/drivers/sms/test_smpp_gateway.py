"""The SMPP driver against an SMSC that is slow, dead, hasty, forgetful or out of its mind. Time is
a mock: nothing here waits.
"""

from __future__ import annotations

import pytest
import trio

from tigertally_drivers.errors import Misbehaved, Rejected, TimedOut, Unavailable
from tigertally_drivers.sms.port import DeliveryState, SmsMessage, SubmitResult, Surroundings
from tigertally_drivers.sms.smpp.gateway import SmppGateway, open_smpp_gateway
from tigertally_drivers.sms.smpp.pdu import (
    BindTransceiverResp,
    DeliverSm,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Malformed,
    Pdu,
    SubmitSm,
    Unbind,
    UnbindResp,
    encode,
)
from tigertally_drivers.sms.smpp.settings import SmppSettings
from tigertally_drivers.sms.smpp.status import Status
from tigertally_testing.smsc import DELAY_S, Act, Arrived, Smsc, acknowledged

NUMBER = "+8613800138000"


class Bench:
    """A driver, an SMSC, a wire between them."""

    def __init__(self, nursery, smsc, gateway):
        self.nursery, self.smsc, self.gateway = nursery, smsc, gateway
        self.reports = []
        self.sink_problem = None
        self.running = trio.CancelScope()
        self.stopped = trio.Event()

    async def take(self, report):
        if self.sink_problem is not None:
            raise self.sink_problem
        self.reports.append(report)

    async def run(self):
        with self.running:
            await self.gateway.run(self.take)
        self.stopped.set()

    async def send(self, text="code 314159"):
        return await self.gateway.submit(SmsMessage(b"\1" * 16, NUMBER, text, 300))

    async def bound(self):
        await self.smsc.until(lambda: self.smsc.open)

    async def lost(self):
        await self.smsc.until(lambda: not self.smsc.open)

    def seen(self, kind):
        return [pdu for pdu in self.smsc.pdus if isinstance(pdu.body, kind)]


@pytest.fixture
async def make(nursery, clock, entropy, tmp_path):
    def build(password="tally", run=True, **settings):
        smsc = Smsc()
        gateway = SmppGateway(
            SmppSettings(system_id="tiger", **settings),
            password,
            Surroundings(clock, entropy, tmp_path),
            (smsc.in_memory(nursery),),
        )
        bench = Bench(nursery, smsc, gateway)
        if run:
            nursery.start_soon(bench.run)
        return bench

    return build


async def test_a_message_arrives_and_is_named(make, autojump_clock):
    bench = make()
    assert await bench.send() == SubmitResult("m1", DeliveryState.ACCEPTED)
    assert bench.smsc.messages == [Arrived(NUMBER, "code 314159", "000000000500000R")]


async def test_a_message_waits_for_the_first_connection(make, autojump_clock):
    bench = make(run=False)
    with trio.testing.assert_checkpoints():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(bench.send)
            await trio.testing.wait_all_tasks_blocked()
            bench.nursery.start_soon(bench.run)
    assert len(bench.smsc.messages) == 1


async def test_long_and_chinese_texts_arrive_whole(make, autojump_clock):
    bench = make()
    text = "您向张三付款人民币100.00元，验证码 314159。" * 6
    assert (await bench.send(text)).gateway_id
    assert bench.smsc.messages[0].text == text
    assert len(bench.seen(SubmitSm)) == 3


@pytest.mark.parametrize(
    ("act", "error", "arrived"),
    [
        (Act.REFUSE, Rejected, 0),
        (Act.NACK, Rejected, 0),
        (Act.BROKEN, Unavailable, 0),
        (Act.FORGOTTEN, Unavailable, 0),
        (Act.SILENT, TimedOut, 1),
        (Act.CLOSE, TimedOut, 1),
        (Act.CUT, TimedOut, 0),
        (Act.GARBAGE, TimedOut, 0),
        (Act.MALFORMED, Misbehaved, 0),
        (Act.WRONG, Misbehaved, 0),
    ],
)
async def test_every_bad_answer_is_told_and_the_next_message_passes(
    make, autojump_clock, act, error, arrived
):
    bench = make(back_off_first_s=0.5)
    bench.smsc.script(act)
    with pytest.raises(error) as caught:
        await bench.send()
    for secret in ("314159", "13800138000"):
        assert secret not in str(caught.value)
    assert len(bench.smsc.messages) == arrived  # what isn't known may well have arrived
    assert (await bench.send("next")).gateway_id
    assert bench.smsc.messages[-1].text == "next"
    assert len(bench.seen(SubmitSm)) == 2  # never repeated


async def test_an_answer_that_comes_twice_counts_once(make, autojump_clock):
    bench = make()
    bench.smsc.script(Act.TWICE)
    assert (await bench.send()).gateway_id == "m1"
    assert (await bench.send("next")).gateway_id == "m2"
    assert [m.text for m in bench.smsc.messages] == ["code 314159", "next"]


async def test_a_late_answer_is_nobody_elses(make, autojump_clock):
    bench = make(answer_s=DELAY_S / 2)
    bench.smsc.script(Act.LATE)
    with pytest.raises(TimedOut):
        await bench.send()
    await trio.sleep(DELAY_S)
    assert (await bench.send("next")).gateway_id == "m2"


async def test_a_message_without_a_name_is_taken(make, autojump_clock):
    bench = make()
    bench.smsc.script(Act.NAMELESS)
    assert await bench.send() == SubmitResult("")


async def test_the_window_is_kept(make, autojump_clock):
    bench = make(window=4, patience_s=100.0)
    bench.smsc.script(*[Act.LATE] * 20)
    async with trio.open_nursery() as nursery:
        for number in range(20):
            nursery.start_soon(bench.send, f"message {number}")
    assert bench.smsc.most_unanswered == 4
    assert len(bench.smsc.messages) == 20


async def test_who_does_not_come_to_turn_was_not_sent(make, autojump_clock):
    bench = make(window=1, patience_s=1.0)
    bench.smsc.script(Act.LATE)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.send)
        await bench.smsc.until(lambda: bench.seen(SubmitSm))
        with pytest.raises(Unavailable):
            await bench.send("second")
    assert [m.text for m in bench.smsc.messages] == ["code 314159"]


@pytest.mark.parametrize("act", [Act.THROTTLE, Act.FULL])
async def test_throttled_messages_are_taken_later_and_slower(make, autojump_clock, act):
    bench = make(patience_s=60.0)
    bench.smsc.script(*[act] * 5)
    started = trio.current_time()
    await bench.send()
    assert len(bench.seen(SubmitSm)) == 6
    assert len(bench.smsc.messages) == 1
    assert trio.current_time() - started >= 0.5 * (0.1 + 0.2 + 0.4 + 0.8 + 1.6)


async def test_throttling_beyond_patience_says_that_nothing_was_sent(make, autojump_clock):
    bench = make(patience_s=2.0)
    bench.smsc.script(*[Act.THROTTLE] * 100)
    with pytest.raises(Unavailable):
        await bench.send()
    assert bench.smsc.messages == []
    assert len(bench.seen(SubmitSm)) < 10


async def test_many_throttled_together_slow_down_once(make, autojump_clock):
    bench = make(patience_s=60.0)
    bench.smsc.script(*[Act.THROTTLE] * 10)
    started = trio.current_time()
    async with trio.open_nursery() as nursery:
        for _ in range(10):
            nursery.start_soon(bench.send)
    assert len(bench.smsc.messages) == 10
    assert trio.current_time() - started <= 0.2


async def test_no_connection_is_unavailable_within_patience(make, autojump_clock):
    bench = make(patience_s=3.0)
    bench.smsc.reachable = False
    with pytest.raises(Unavailable):
        await bench.send()


async def test_it_returns_by_itself_and_ever_more_slowly(make, autojump_clock):
    bench = make(patience_s=1_000.0, back_off_first_s=1.0, back_off_most_s=8.0)
    bench.smsc.reachable = False
    started = trio.current_time()

    async def recover():
        await trio.sleep(100)
        bench.smsc.reachable = True

    bench.nursery.start_soon(recover)
    await bench.send()
    assert trio.current_time() - started <= 108
    assert bench.smsc.binds == 1


async def test_a_wrong_password_never_binds(make, autojump_clock):
    bench = make(password="wrong", patience_s=30.0)
    with pytest.raises(Unavailable):
        await bench.send()
    assert bench.smsc.binds == 0


async def test_an_unanswered_bind_ends_the_connection(make, autojump_clock):
    bench = make(patience_s=30.0, answer_s=2.0)
    bench.smsc.answers_binds = False
    await trio.sleep(20)
    bench.smsc.answers_binds = True
    await bench.bound()


async def test_silence_is_tried_and_a_dead_link_replaced(make, autojump_clock):
    bench = make(enquire_s=30.0, answer_s=10.0)
    await bench.bound()
    await trio.sleep(100)
    assert len(bench.seen(EnquireLink)) == 3
    assert bench.smsc.binds == 1
    bench.smsc.answers_enquiries = False
    await bench.lost()
    bench.smsc.answers_enquiries = True
    await bench.bound()
    assert bench.smsc.binds == 2


async def test_enquiries_are_answered(make, autojump_clock):
    bench = make()
    await bench.bound()
    answer = await bench.smsc.open[0].ask(EnquireLink())
    assert answer.body == EnquireLinkResp()


async def test_an_unbind_is_answered_and_the_link_made_again(make, autojump_clock):
    bench = make()
    await bench.bound()
    answer = await bench.smsc.open[0].ask(Unbind())
    assert answer.body == UnbindResp()
    await bench.lost()
    await bench.bound()
    await bench.send()


async def test_stopping_says_good_bye(make, autojump_clock):
    bench = make()
    await bench.bound()
    bench.running.cancel()
    await bench.stopped.wait()
    assert len(bench.seen(Unbind)) == 1
    with pytest.raises(Unavailable):
        await bench.send()


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (encode(Pdu(9, BindTransceiverResp("x"))), None),  # an answer to nothing
        (bytes.fromhex("00000010000000210000000000000009"), Status.RINVCMDID),
        (bytes.fromhex("00000011000000050000000000000009ff"), Status.RINVCMDLEN),
        (encode(Pdu(9, SubmitSm())), Status.RINVCMDID),
    ],
)
async def test_nonsense_from_the_smsc_is_refused_and_the_link_lives(
    make, autojump_clock, octets, status
):
    bench = make()
    await bench.bound()
    await bench.smsc.open[0].send_octets(octets)
    await bench.send()
    nacks = bench.seen(GenericNack)
    assert [pdu.status for pdu in nacks] == ([] if status is None else [status])
    assert all(pdu.sequence == 9 for pdu in nacks)
    assert bench.smsc.binds == 1
    assert bench.seen(Malformed) == []


S = DeliveryState


async def test_receipts_are_reported_and_acknowledged(make, autojump_clock, clock):
    bench = make()
    name = (await bench.send()).gateway_id
    assert await bench.smsc.receipt(name, "DELIVRD") == 0
    assert await bench.smsc.receipt_by_options(name, 3) == 0
    assert [(r.gateway_id, r.state, r.reason) for r in bench.reports] == [
        (name, S.DELIVERED, "000"),
        (name, S.EXPIRED, ""),
    ]
    assert {r.at_ms for r in bench.reports} == {clock.now_ms()}


async def test_a_receipt_that_cannot_be_stored_is_asked_for_again(make, autojump_clock):
    bench = make()
    name = (await bench.send()).gateway_id
    bench.sink_problem = Unavailable("the database is away")
    assert await bench.smsc.receipt(name, "DELIVRD") == Status.RX_T_APPN
    bench.sink_problem = None
    assert await bench.smsc.receipt(name, "DELIVRD") == 0
    assert len(bench.reports) == 1


async def test_the_failure_of_one_part_is_the_failure_of_its_message(make, autojump_clock):
    bench = make()
    name = (await bench.send("付" * 150)).gateway_id
    assert name == "m3"
    await bench.smsc.receipt("m1", "UNDELIV", "027")
    assert [(r.gateway_id, r.state, r.reason) for r in bench.reports] == [("m3", S.FAILED, "027")]


async def test_part_of_a_message_taken_is_neither_sent_nor_unsent(make, autojump_clock):
    bench = make()
    bench.smsc.script(Act.TAKE, Act.REFUSE)
    with pytest.raises(Misbehaved):
        await bench.send("付" * 100)


async def test_hexadecimal_names_and_decimal_receipts_meet(make, autojump_clock):
    bench = make(receipt_ids="decimal")
    bench.smsc.names = iter(["5F2A91", "no-hex"])
    assert (await bench.send()).gateway_id == str(0x5F2A91)
    assert (await bench.send()).gateway_id == "no-hex"
    await bench.smsc.receipt(str(0x5F2A91), "DELIVRD")
    assert bench.reports[0].gateway_id == str(0x5F2A91)


async def test_a_customers_answer_is_acknowledged_and_dropped(make, autojump_clock):
    bench = make()
    await bench.bound()
    answer = await bench.smsc.open[0].ask(DeliverSm(short_message=b"STOP"))
    assert acknowledged(answer)
    assert bench.reports == []


async def test_a_flood_of_receipts_is_held_back_not_kept(make, autojump_clock):
    bench = make()
    await bench.bound()
    gate = trio.Event()

    async def slow(report):
        await gate.wait()
        bench.reports.append(report)

    bench.take = slow
    bench.running.cancel()
    await bench.stopped.wait()
    bench.running, bench.stopped = trio.CancelScope(), trio.Event()
    bench.nursery.start_soon(bench.run)
    await bench.bound()
    answers = []

    async def one(number):
        answers.append(await bench.smsc.receipt(f"r{number}", "DELIVRD"))

    async with trio.open_nursery() as nursery:
        for number in range(300):
            nursery.start_soon(one, number)
        await bench.smsc.until(lambda: len(answers) >= 40)
        gate.set()
    assert answers.count(0) == len(bench.reports)
    assert answers.count(Status.RMSGQFUL) + answers.count(0) == 300
    assert answers.count(Status.RMSGQFUL) >= 40


SECTION = {"addresses": ["127.0.0.1:2775"], "system_id": "tiger"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"addresses": []}, "addresses"),
        ({"addresses": ["here"]}, "HOST:PORT"),
        ({"addresses": ["here:0"]}, "HOST:PORT"),
        ({"system_id": "x" * 16}, "system_id"),
        ({"source": "虎符"}, "source_addr"),
        ({"window": 0}, "window"),
        ({"colour": "red"}, "colour"),
        ({"password_file": "none"}, "No such file"),
        ({"password_file": "long"}, "password"),
        ({"password_file": "open"}, "chmod 600"),
        ({"tls": True, "ca_file": "none.pem"}, "ca_file"),
    ],
)
def test_wrong_settings_are_named(wrong, said, clock, entropy, tmp_path):
    for name, text, mode in (("long", "a-long-password\n", 0o600), ("open", "tally\n", 0o644)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(mode)
    with pytest.raises(Rejected, match=said) as caught:
        open_smpp_gateway(SECTION | wrong, Surroundings(clock, entropy, tmp_path))
    assert "a-long-password" not in str(caught.value)
    open_smpp_gateway(SECTION, Surroundings(clock, entropy, tmp_path))
