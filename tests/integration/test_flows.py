"""Flows on real servers and a real PostgreSQL: over several channels and processes, with steps that
come at once, and through the Python client.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
import trio

from tigertally_client.client import Client
from tigertally_client.settings import ClientSettings
from tigertally_engines.otp import kernel
from tigertally_protocol import enclosure
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.flow import (
    BeginOwnFlowRequest,
    CancelFlowRequest,
    FlowStepRequest,
    QueryFlowRequest,
)
from tigertally_protocol.messages.token import BindTokenRequest, TokenRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.registry import MESSAGES
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import FlowState, Kind, Transaction
from tigertally_server.domain.administration import PutFlowPolicy
from tigertally_server.domain.flow_policy import FlowPolicy
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.credentials import credentials
from tigertally_testing.peer import Peer, inform, join, new_serial, now_ms

TASKS = 24
OTP_BODY = MESSAGES[Transaction.VERIFY_OTP, Kind.REQUEST, 1]
SETTINGS = ClientSettings(connections=1, timeout_s=30.0, attempt_timeout_s=10.0)


@pytest.fixture(scope="module")
def line(house):
    return house.add_channel(suite=2, field_cipher=1)


@pytest.fixture(scope="module")
def other(house):
    return house.add_channel()


def whose(held):
    return {"institution": INSTITUTION, "customer": held.customer}


async def begin(peer, held, expression="otp", **fields):
    message = BeginOwnFlowRequest(**whose(held), expression=expression, **fields)
    answer = await peer.ask(message)
    assert answer.code is C.CHANGED
    return answer.message.flow


def step(held, flow, code, token=""):
    own = VerifyOtpRequest(token=token, otp=SecretText(code))
    body = enclosure.enclosed(OTP_BODY, own, "utf-8")
    return FlowStepRequest(**whose(held), flow=flow, factor="otp", factor_body=body)


def results(house, line, *transactions):
    return Counter(e.result for e in house.entries(line) if e.transaction in transactions)


async def at_once(asks):
    """Each `ask` waits on its own connection until all are ready; the answers, in their order."""
    answers, start, ready = {}, trio.Event(), []

    async def one(number, node, line, message):
        async with await Peer.sign_on(node.address, line) as peer:
            ready.append(number)
            if len(ready) == len(asks):
                start.set()
            await start.wait()
            answers[number] = await peer.ask(message)

    async with trio.open_nursery() as nursery:
        for number, ask in enumerate(asks):
            nursery.start_soon(one, number, *ask)
    return [answers[number] for number in range(len(asks))]


async def test_right_steps_at_once_on_two_processes_end_a_flow_once(server, second, house):
    """Two tokens, both codes right, two channels, two processes: whoever comes second finds the
    flow ended, and his code unused.
    """
    one, two = house.add_channel(), house.add_channel()
    (held,) = house.holders(1, "hotp-6")
    (spare,) = house.holders(1, "hotp-6")
    await inform(server)
    await inform(second)
    async with await Peer.sign_on(server.address, one) as peer:
        flow = await begin(peer, held, channel_1=two.channel_id)
    spare = replace(spare, customer=held.customer)
    bound = rebind(house, spare)
    asks = []
    for number in range(TASKS):
        token = (held, bound)[number % 2]
        node, line = ((server, one), (second, two))[number // 2 % 2]
        message = step(held, flow, token.counter_code(0), token.serial)
        asks.append((node, line, message))
    answers = await at_once(asks)
    assert Counter(a.code for a in answers) == {C.APPROVED: 1, C.FLOW_ENDED: TASKS - 1}
    assert {a.message.flow_state for a in answers} == {FlowState.SATISFIED}
    recorded = results(house, one, Transaction.FLOW_STEP) + results(
        house, two, Transaction.FLOW_STEP
    )
    assert recorded == {C.APPROVED: 1, C.FLOW_ENDED: TASKS - 1}
    # The token whose code came too late was not looked at: the code is still good.
    winner = next(a for a in answers if a.code is C.APPROVED).message.token
    loser = bound if winner == held.serial else held
    async with await Peer.sign_on(server.address, one) as peer:
        later = await begin(peer, held)
        answer = await peer.ask(step(held, later, loser.counter_code(0), loser.serial))
        assert answer.code is C.APPROVED


def rebind(house, held):
    """Another customer's token, given to this one."""
    bank = house.bank
    owner = f"C{int(held.serial[1:]):06d}"
    taken = TokenRequest(institution=INSTITUTION, customer=owner, token=held.serial)
    given = BindTokenRequest(institution=INSTITUTION, customer=held.customer, token=held.serial)
    outcomes = bank.run(
        bank.request(Transaction.UNBIND_TOKEN, taken), bank.request(Transaction.BIND_TOKEN, given)
    )
    assert [outcome.code for outcome in outcomes] == [C.CHANGED, C.CHANGED]
    return held


async def test_a_step_and_a_cancellation_at_once_leave_one_outcome(server, second, house):
    line = house.add_channel()
    held = house.holders(8, "hotp-6")
    await inform(server)
    await inform(second)
    flows = {}
    async with await Peer.sign_on(server.address, line) as peer:
        for item in held:
            flows[item.customer] = await begin(peer, item)
    asks = []
    for item in held:
        flow = flows[item.customer]
        asks.append((server, line, step(item, flow, item.counter_code(0))))
        asks.append((second, line, CancelFlowRequest(**whose(item), flow=flow)))
    answers = await at_once(asks)
    async with await Peer.sign_on(second.address, line) as peer:
        for number, item in enumerate(held):
            stepped, cancelled = answers[2 * number], answers[2 * number + 1]
            asked = await peer.ask(QueryFlowRequest(**whose(item), flow=flows[item.customer]))
            state = asked.message.flow_state
            assert (stepped.code, cancelled.code, state) in {
                (C.APPROVED, C.FLOW_ENDED, FlowState.SATISFIED),
                (C.FLOW_ENDED, C.CHANGED, FlowState.CANCELLED),
            }


async def test_wrong_steps_at_once_lock_at_exactly_the_tokens_limit(server, second, house):
    line = house.add_channel()
    (held,) = house.holders(1, "hotp-6", overrides='{"max_failures": 3, "throttle_after": 99}')
    await inform(server)
    await inform(second)
    async with await Peer.sign_on(server.address, line) as peer:
        flow = await begin(peer, held)
    asks = [
        ((server, second)[number % 2], line, step(held, flow, "000000")) for number in range(10)
    ]
    answers = await at_once(asks)
    codes = Counter(a.code for a in answers)
    assert codes == {C.WRONG_CODE: 2, C.FLOW_FAILED: 1, C.FLOW_ENDED: 7}
    report = house.verify_log()
    assert report.ok, report.findings


async def test_a_flow_begun_by_one_channel_is_ended_by_another_and_asked_about_by_a_third(
    server, second, house, line, other
):
    (held,) = house.holders(1)
    async with await join(server, line) as peer:
        flow = await begin(peer, held, channel_1=other.channel_id, reference="PAY-1")
    async with await join(second, house.messenger) as stranger:
        refused = await stranger.ask(step(held, flow, held.code(now_ms())))
        assert refused.code is C.FLOW_UNKNOWN
    async with await join(second, other) as peer:
        serial, code = new_serial(), held.code(now_ms())
        first = await peer.ask(step(held, flow, code), serial=serial)
        again = await peer.ask(step(held, flow, code), serial=serial, retry=True)
        assert first.code is again.code is C.APPROVED
        assert first.message == again.message
    async with await join(server, house.messenger) as stranger:
        asked = await stranger.ask(QueryFlowRequest(**whose(held), flow=flow))
        assert (asked.code, asked.message.flow_state) == (C.ANSWERED, FlowState.SATISFIED)
        assert asked.message.reference == "PAY-1"


async def test_two_real_factors_over_two_channels_and_two_processes(
    server, second, house, line, other
):
    (held,) = house.holders(1)
    policy = FlowPolicy(name="payment", expression="order(password, any(otp, sms))")
    house.bank.operate(PutFlowPolicy(policy))
    await inform(server)
    await inform(second)
    async with (
        Client(credentials(line, server), settings=SETTINGS) as bank,
        Client(credentials(other, second), settings=SETTINGS) as phone,
    ):
        customer = held.customer
        known = await bank.set_password(customer, "wolke-7-Ueber#Berg", operator="clerk")
        assert known.succeeded
        begun = await bank.begin_flow(customer, "payment", channels=[other.channel_id])
        early = await phone.flow_step(customer, begun.flow, "otp", otp=code_of(held))
        assert (early.code, early.wanted) == (C.FACTOR_NOT_WANTED, ("password",))
        wrong = await bank.flow_step(customer, begun.flow, "password", password="wolke")
        assert wrong.factor_result is C.WRONG_PASSWORD
        assert (wrong.code, wrong.open) == (C.WRONG_PASSWORD, True)
        first = await bank.flow_step(
            customer, begun.flow, "password", password="wolke-7-Ueber#Berg"
        )
        assert (first.code, first.approved, first.wanted) == (C.CHANGED, False, ("otp", "sms"))
        last = await phone.flow_step(customer, begun.flow, "otp", otp=code_of(held))
        assert (last.code, last.approved) == (C.APPROVED, True)
        details = await bank.query_flow(customer, begun.flow)
        assert (details.proven, details.failures) == (("password", "otp"), 1)
    assert house.verify_log().ok


async def test_through_the_python_client_by_a_policy(server, second, house, line):
    (held,) = house.holders(1)
    policy = FlowPolicy(name="sign-in", expression="any(otp)", deadline_s=60)
    house.bank.operate(PutFlowPolicy(policy))
    await inform(server)
    await inform(second)
    async with Client(credentials(line, server, second), settings=SETTINGS) as client:
        begun = await client.begin_flow(held.customer, "sign-in", reference="PAY-3")
        assert begun.open
        assert begun.wanted == ("otp",)
        wrong = await client.flow_step(held.customer, begun.flow, "otp", otp="000000")
        assert (wrong.code, wrong.factor_result) == (C.WRONG_CODE, C.WRONG_CODE)
        assert not wrong.approved
        right = await client.flow_step(
            held.customer, begun.flow, "otp", otp=code_of(held), token=held.serial
        )
        assert right.approved
        assert (right.flow_state, right.proven) == (FlowState.SATISFIED, ("otp",))
        details = await client.query_flow(held.customer, begun.flow)
        assert details.satisfied
        assert (details.policy, details.failures) == ("sign-in", 1)
        late = await client.cancel_flow(held.customer, begun.flow, reason="too late")
        assert late.code is C.FLOW_ENDED
        unknown = await client.begin_flow(held.customer, "none")
        assert unknown.code is C.FLOW_POLICY_UNKNOWN
        own = await client.begin_own_flow(held.customer, "order(otp)", deadline_s=1)
        assert own.succeeded
        cancelled = await client.cancel_flow(held.customer, own.flow)
        assert cancelled.flow_state is FlowState.CANCELLED
        with pytest.raises(ValueError, match="no factor 'thumb'"):
            await client.flow_step(held.customer, own.flow, "thumb")
        with pytest.raises(ValueError, match="VERIFY_OTP has no field 'password'"):
            await client.flow_step(held.customer, own.flow, "otp", password="x")
        with pytest.raises(ValueError, match="at most 4"):
            await client.begin_own_flow(held.customer, "otp", channels=range(1, 6))


def code_of(held):
    return kernel.hotp(held.seed, now_ms() // 30_000, 6, "sha1")
