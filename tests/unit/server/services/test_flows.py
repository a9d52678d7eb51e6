"""Flows through the real services and the in-memory store."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from tigertally_protocol import enclosure
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.flow import (
    BeginFlowRequest,
    BeginOwnFlowRequest,
    CancelFlowRequest,
    FlowStepRequest,
    QueryFlowRequest,
)
from tigertally_protocol.messages.query import QuerySerialRequest
from tigertally_protocol.messages.token import BindTokenRequest, TokenRequest
from tigertally_protocol.messages.user import CloseUserRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.registry import MESSAGES
from tigertally_protocol.secret import SecretBytes, SecretText
from tigertally_protocol.transactions import FlowState, Kind, TokenState, Transaction
from tigertally_server.domain import challenge
from tigertally_server.domain.administration import PutFlowPolicy, UpdateChannel
from tigertally_server.domain.flow_policy import FlowPolicy
from tigertally_server.pipeline.respond import answer_of
from tigertally_server.services import flow_rows, recording
from tigertally_server.services.factors import FACTORS
from tigertally_server.services.request import Decision
from tigertally_testing.bank import Bank, memory_installation

T = Transaction
WRONG = "000000"
RIGHT = "111111"
OTP_BODY = MESSAGES[T.VERIFY_OTP, Kind.REQUEST, 1]


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    made = Bank(store, context, clock, entropy)
    made.add_channel(2)
    made.add_channel(3, institution="0002")
    made.add_channel(4)
    made.add_channel(1)
    return made


@pytest.fixture
def held(bank):
    return bank.customer_with_token(1, overrides='{"throttle_base_ms": 0}')


@pytest.fixture
def stand_ins(monkeypatch):
    """Factors beside `otp` that approve RIGHT, refuse anything else."""

    def decide(request, work, context):
        code = C.APPROVED if request.message.otp == RIGHT else C.WRONG_CODE
        account = work.account(
            (request.institution_of(request.message.institution), request.message.customer)
        )
        return Decision(code=C.USER_UNKNOWN if account is None else code, account=account)

    otp = FACTORS["otp"]
    made = otp._replace(decide=decide, lost=lambda facts: facts.deadline_ms < 0)
    for name in ("one", "two", "three"):
        monkeypatch.setitem(FACTORS, name, made._replace(proves=name))
    doomed = made._replace(proves="doomed", lost=lambda facts: facts.deadline_ms > 0)
    monkeypatch.setitem(FACTORS, "doomed", doomed)
    flow_rows.tree_of.cache_clear()
    yield
    flow_rows.tree_of.cache_clear()


def channel(bank, channel_id):
    return bank.context.snapshot.channels[channel_id]


def begin(bank, held, expression, **fields):
    message = BeginOwnFlowRequest(customer=held.customer, expression=expression, **fields)
    outcome = bank.ask(T.BEGIN_OWN_FLOW, message)
    assert outcome.code is C.CHANGED, outcome
    return outcome.body.flow


def step_request(bank, held, flow, factor, proof, **changes):
    via = changes.pop("via", 1)
    own = VerifyOtpRequest(otp=SecretText(proof), **changes)
    message = FlowStepRequest(
        customer=held.customer,
        flow=flow,
        factor=factor,
        factor_body=enclosure.enclosed(OTP_BODY, own, "utf-8"),
    )
    return bank.request(T.FLOW_STEP, message, channel=channel(bank, via))


def step(bank, held, flow, factor, proof, **changes):
    return bank.run(step_request(bank, held, flow, factor, proof, **changes))[0]


def query(bank, held, flow, via=1):
    message = QueryFlowRequest(customer=held.customer, flow=flow)
    return bank.ask(T.QUERY_FLOW, message, channel=channel(bank, via))


def cancel(bank, held, flow, **changes):
    return bank.ask(T.CANCEL_FLOW, CancelFlowRequest(customer=held.customer, flow=flow), **changes)


def code_of(bank, held):
    return held.code(bank.clock.now_ms())


# ---------------------------------------------------------------- the way through


def test_a_flow_of_one_factor(bank, held):
    flow = begin(bank, held, "otp", reference="PAY-1")
    outcome = step(bank, held, flow, "otp", code_of(bank, held))
    body = outcome.body
    assert outcome.code is C.APPROVED
    assert (body.flow, body.flow_state) == (flow, FlowState.SATISFIED)
    assert (body.factor, body.factor_result) == ("otp", C.APPROVED)
    assert body.factor_transaction == T.VERIFY_OTP
    assert (body.token, body.token_state) == (held.serial, TokenState.ACTIVE)
    assert (body.proven, body.wanted) == ("otp", "")


def test_only_the_last_factor_approves(bank, held, stand_ins):
    flow = begin(bank, held, "all(one, any(otp, two))")
    first = step(bank, held, flow, "otp", code_of(bank, held))
    assert (first.code, first.body.flow_state) == (C.CHANGED, FlowState.OPEN)
    assert (first.body.factor_result, first.body.proven) == (C.APPROVED, "otp")
    assert first.body.wanted == "one"
    last = step(bank, held, flow, "one", RIGHT)
    assert (last.code, last.body.flow_state) == (C.APPROVED, FlowState.SATISFIED)
    assert (last.body.proven, last.body.wanted) == ("one,otp", "")


def test_one_entry_names_both(bank, held):
    flow = begin(bank, held, "otp", reference="PAY-7")
    outcome = step(bank, held, flow, "otp", code_of(bank, held))
    entry = bank.store.log(outcome.shard)[outcome.seq].entry
    assert (entry.transaction, entry.result) == (T.FLOW_STEP, C.APPROVED)
    assert (entry.token_id, entry.reference) == (1, "PAY-7")
    body = recording.open_outcome(bank.context, entry).body
    assert (body.flow, body.factor, body.factor_transaction) == (flow, "otp", T.VERIFY_OTP)


def test_a_factor_out_of_turn_is_not_looked_at(bank, held, stand_ins):
    flow = begin(bank, held, "order(one, otp)")
    code = code_of(bank, held)
    early = step(bank, held, flow, "otp", code)
    assert (early.code, early.body.factor_result) == (C.FACTOR_NOT_WANTED, 0)
    assert early.body.wanted == "one"
    assert step(bank, held, flow, "one", RIGHT).code is C.CHANGED
    assert step(bank, held, flow, "otp", code).code is C.APPROVED


@pytest.mark.parametrize("factor", ["two", "otp", "nothing", "all"])
def test_a_factor_that_is_proven_or_not_asked_for_is_not_wanted(bank, held, stand_ins, factor):
    flow = begin(bank, held, "all(one, otp)")
    assert step(bank, held, flow, "otp", code_of(bank, held)).code is C.CHANGED
    bank.clock.advance(60_000)
    again = step(bank, held, flow, factor, code_of(bank, held))
    assert (again.code, again.body.factor_result) == (C.FACTOR_NOT_WANTED, 0)


def test_a_wrong_code_costs_a_try_of_the_token_as_outside(bank, held):
    flow = begin(bank, held, "otp")
    tries = [
        (outcome.code, outcome.body.remaining_tries, outcome.body.flow_state)
        for outcome in (step(bank, held, flow, "otp", WRONG) for _ in range(2))
    ]
    assert tries == [(C.WRONG_CODE, 4, FlowState.OPEN), (C.WRONG_CODE, 3, FlowState.OPEN)]
    assert bank.verify(held, WRONG).body.remaining_tries == 2


def test_a_code_used_outside_is_used_inside_and_the_other_way_round(bank, held):
    code = code_of(bank, held)
    flow = begin(bank, held, "otp")
    assert bank.verify(held, code).code is C.APPROVED
    assert step(bank, held, flow, "otp", code).code is C.REPLAYED_CODE
    bank.clock.advance(60_000)
    code = code_of(bank, held)
    assert step(bank, held, flow, "otp", code).code is C.APPROVED
    assert bank.verify(held, code).code is C.REPLAYED_CODE


def test_the_verification_query_names_the_factor(bank, held):
    flow = begin(bank, held, "otp")
    request = step_request(bank, held, flow, "otp", code_of(bank, held))
    bank.run(request)
    answer = bank.ask(T.QUERY_SERIAL, QuerySerialRequest(serial=request.serial))
    assert (answer.body.of_transaction, answer.body.of_result) == (T.FLOW_STEP, C.APPROVED)
    assert (answer.body.method, answer.body.token) == ("otp", held.serial)


# ---------------------------------------------------------------- ends


def test_a_locked_token_ends_a_flow_that_needs_it(bank, held, stand_ins):
    flow = begin(bank, held, "all(one, otp)")
    answers = [step(bank, held, flow, "otp", WRONG) for _ in range(5)]
    assert [a.code for a in answers] == [C.WRONG_CODE] * 4 + [C.FLOW_FAILED]
    last = answers[-1].body
    assert (last.factor_result, last.flow_state) == (C.WRONG_CODE, FlowState.FAILED)
    assert (last.token_state, last.remaining_tries) == (TokenState.LOCKED, 0)
    after = step(bank, held, flow, "one", RIGHT)
    assert (after.code, after.body.flow_state) == (C.FLOW_ENDED, FlowState.FAILED)
    assert after.body.factor_result == 0


def test_a_locked_token_leaves_the_other_way_open(bank, held, stand_ins):
    flow = begin(bank, held, "any(one, otp)")
    answers = [step(bank, held, flow, "otp", WRONG) for _ in range(5)]
    assert answers[-1].code is C.WRONG_CODE
    assert (answers[-1].body.flow_state, answers[-1].body.wanted) == (FlowState.OPEN, "one")
    assert step(bank, held, flow, "one", RIGHT).code is C.APPROVED


def test_a_lock_that_ends_in_time_is_no_end(bank):
    held = bank.customer_with_token(5, overrides='{"throttle_base_ms": 0, "lock_s": 60}')
    flow = begin(bank, held, "otp", deadline_s=300)
    answers = [step(bank, held, flow, "otp", WRONG) for _ in range(6)]
    assert [a.code for a in answers[-2:]] == [C.WRONG_CODE, C.TOKEN_LOCKED]
    bank.clock.advance(61_000)
    assert step(bank, held, flow, "otp", code_of(bank, held)).code is C.APPROVED


def test_another_token_of_the_customer_keeps_the_factor_alive(bank, held):
    bank.add_token("SPARE", token_id=77)
    bank.ask(T.BIND_TOKEN, BindTokenRequest(customer=held.customer, token="SPARE"))
    flow = begin(bank, held, "otp")
    for _ in range(5):
        outcome = step(bank, held, flow, "otp", WRONG, token=held.serial)
    assert (outcome.code, outcome.body.flow_state) == (C.WRONG_CODE, FlowState.OPEN)


def test_the_flows_own_tries_end_it(bank, held, stand_ins):
    bank.operate(PutFlowPolicy(FlowPolicy(name="two-tries", expression="all(one, two)", tries=2)))
    message = BeginFlowRequest(customer=held.customer, policy="two-tries")
    flow = bank.ask(T.BEGIN_FLOW, message).body.flow
    assert step(bank, held, flow, "one", WRONG).code is C.WRONG_CODE
    assert step(bank, held, flow, "one", RIGHT).code is C.CHANGED
    last = step(bank, held, flow, "two", WRONG)
    assert (last.code, last.body.flow_state) == (C.FLOW_FAILED, FlowState.FAILED)


def test_a_lost_factor_is_tried_no_more(bank, held, stand_ins):
    flow = begin(bank, held, "2 of (doomed, one, two)")
    first = step(bank, held, flow, "doomed", WRONG)
    assert (first.code, first.body.wanted) == (C.WRONG_CODE, "one,two")
    assert step(bank, held, flow, "doomed", RIGHT).code is C.FACTOR_NOT_WANTED


def test_after_the_deadline_nothing_counts(bank, held):
    flow = begin(bank, held, "otp", deadline_s=60)
    bank.clock.advance(60_000)
    late = step(bank, held, flow, "otp", code_of(bank, held))
    assert (late.code, late.body.flow_state) == (C.FLOW_EXPIRED, FlowState.EXPIRED)
    assert late.body.factor_result == 0
    assert bank.verify(held, code_of(bank, held)).code is C.APPROVED
    row = bank.store.tables.challenges[bytes.fromhex(flow)]
    assert row.state is challenge.ChallengeState.EXPIRED
    # A clock set back reopens nothing.
    bank.clock.advance(-30_000)
    again = step(bank, held, flow, "otp", code_of(bank, held))
    assert again.code is C.FLOW_EXPIRED


def test_the_last_millisecond_counts(bank, held):
    flow = begin(bank, held, "otp", deadline_s=60)
    bank.clock.advance(59_999)
    assert step(bank, held, flow, "otp", code_of(bank, held)).code is C.APPROVED


def test_cancelled_is_cancelled(bank, held):
    flow = begin(bank, held, "otp")
    first = cancel(bank, held, flow)
    assert (first.code, first.body.flow_state) == (C.CHANGED, FlowState.CANCELLED)
    assert step(bank, held, flow, "otp", code_of(bank, held)).code is C.FLOW_ENDED
    again = cancel(bank, held, flow)
    assert (again.code, again.body.flow_state) == (C.FLOW_ENDED, FlowState.CANCELLED)


def test_an_outcome_is_not_cancelled_away(bank, held):
    flow = begin(bank, held, "otp")
    assert step(bank, held, flow, "otp", code_of(bank, held)).code is C.APPROVED
    late = cancel(bank, held, flow)
    assert (late.code, late.body.flow_state) == (C.FLOW_ENDED, FlowState.SATISFIED)


def test_cancelling_too_late_says_expired(bank, held):
    flow = begin(bank, held, "otp", deadline_s=1)
    bank.clock.advance(1000)
    assert cancel(bank, held, flow).code is C.FLOW_EXPIRED


def test_a_customer_who_closed_can_prove_nothing(bank):
    customer = bank.customer_with_token(9)
    flow = begin(bank, customer, "otp")
    bank.ask(T.UNBIND_TOKEN, TokenRequest(customer=customer.customer, token=customer.serial))
    bank.ask(T.CLOSE_USER, CloseUserRequest(customer=customer.customer))
    outcome = step(bank, customer, flow, "otp", WRONG)
    assert (outcome.code, outcome.body.factor_result) == (C.FLOW_FAILED, C.USER_CLOSED)


# ---------------------------------------------------------------- at once, again


def test_two_right_steps_in_one_batch_end_it_once(bank, held, stand_ins):
    flow = begin(bank, held, "any(one, two)")
    outcomes = bank.run(
        step_request(bank, held, flow, "one", RIGHT),
        step_request(bank, held, flow, "two", RIGHT),
    )
    assert [o.code for o in outcomes] == [C.APPROVED, C.FLOW_ENDED]


def test_a_retry_gets_the_first_answer_and_costs_nothing(bank, held):
    flow = begin(bank, held, "otp")
    request = step_request(bank, held, flow, "otp", WRONG)
    first, again = bank.run(request)[0], bank.run(request)[0]
    assert first == again
    assert query(bank, held, flow).body.failures == 1


# ---------------------------------------------------------------- who may


def test_another_channel_steps_only_if_it_was_named(bank, held, stand_ins):
    flow = begin(bank, held, "all(one, two, three)", channel_1=2)
    assert step(bank, held, flow, "one", RIGHT).code is C.CHANGED
    assert step(bank, held, flow, "two", RIGHT, via=2).code is C.CHANGED
    stranger = step(bank, held, flow, "three", RIGHT, via=4)
    assert (stranger.code, stranger.body) == (C.FLOW_UNKNOWN, None)
    assert cancel(bank, held, flow, channel=channel(bank, 4)).code is C.FLOW_UNKNOWN
    assert step(bank, held, flow, "three", RIGHT, via=2).code is C.APPROVED


def test_a_channel_of_the_same_institution_may_ask(bank, held):
    flow = begin(bank, held, "otp", reference="PAY-2", deadline_s=90)
    step(bank, held, flow, "otp", code_of(bank, held))
    answer = query(bank, held, flow, via=4)
    body = answer.body
    assert answer.code is C.ANSWERED
    assert (body.flow_state, body.customer) == (FlowState.SATISFIED, held.customer)
    assert (body.expression, body.policy, body.reference) == ("otp", "", "PAY-2")
    assert (body.began_channel, body.expires_at - body.began_at) == (1, 90_000)
    assert body.ended_at == bank.clock.now_ms()


def test_a_channel_of_another_institution_sees_nothing(bank, held):
    flow = begin(bank, held, "otp")
    assert query(bank, held, flow, via=3).code is C.FLOW_UNKNOWN
    assert step(bank, held, flow, "otp", code_of(bank, held), via=3).code is C.FLOW_UNKNOWN


@pytest.mark.parametrize("number", ["channel_1", "channel_2", "channel_3", "channel_4"])
@pytest.mark.parametrize("channel_id", [3, 99])
def test_channels_of_nobody_or_elsewhere_are_refused_by_name(bank, held, number, channel_id):
    message = BeginOwnFlowRequest(customer=held.customer, expression="otp", **{number: channel_id})
    outcome = bank.ask(T.BEGIN_OWN_FLOW, message)
    assert (outcome.code, outcome.body.detail, outcome.seq) == (C.BAD_FIELD, number, -1)


def test_another_customer_steps_into_no_flow(bank, held):
    other = bank.customer_with_token(2)
    flow = begin(bank, held, "otp")
    outcome = step(bank, other, flow, "otp", code_of(bank, other))
    assert outcome.code is C.FLOW_UNKNOWN
    assert bank.verify(other, code_of(bank, other)).code is C.APPROVED


@pytest.mark.parametrize("flow", ["x", "0" * 32, "0" * 31 + "G", "A" * 32, "ab" * 15, "０" * 10])
def test_what_is_no_flow(bank, held, flow):
    if not flow.isascii():
        assert flow_rows.id_of(flow) is None
        return
    assert step(bank, held, flow, "otp", WRONG).code is C.FLOW_UNKNOWN
    assert query(bank, held, flow).code is C.FLOW_UNKNOWN
    assert cancel(bank, held, flow).code is C.FLOW_UNKNOWN


# ---------------------------------------------------------------- begin


def test_policies_by_name_the_institutions_own_first(bank, held, stand_ins):
    bank.operate(
        PutFlowPolicy(FlowPolicy(name="pay", expression="one")),
        PutFlowPolicy(
            FlowPolicy(name="pay", institution="0001", expression="all(one, two)", deadline_s=60)
        ),
        PutFlowPolicy(FlowPolicy(name="gone", expression="one", removed=True)),
    )
    begun = bank.ask(T.BEGIN_FLOW, BeginFlowRequest(customer=held.customer, policy="pay"))
    assert (begun.code, begun.body.wanted) == (C.CHANGED, "one,two")
    assert begun.body.expires_at == bank.clock.now_ms() + 60_000
    assert query(bank, held, begun.body.flow).body.policy == "pay"
    for name in ("gone", "none"):
        unknown = bank.ask(T.BEGIN_FLOW, BeginFlowRequest(customer=held.customer, policy=name))
        assert unknown.code is C.FLOW_POLICY_UNKNOWN


def test_a_policy_change_leaves_flows_under_way_alone(bank, held, stand_ins):
    bank.operate(PutFlowPolicy(FlowPolicy(name="pay", expression="all(one, two)")))
    begun = bank.ask(T.BEGIN_FLOW, BeginFlowRequest(customer=held.customer, policy="pay"))
    bank.operate(PutFlowPolicy(FlowPolicy(name="pay", expression="one")))
    assert step(bank, held, begun.body.flow, "one", RIGHT).code is C.CHANGED


def test_a_policy_that_can_not_be_read_costs_its_own_request_only(bank, held):
    bank.operate(PutFlowPolicy(FlowPolicy(name="odd", expression="all(otp, thumb)")))
    broken = bank.ask(T.BEGIN_FLOW, BeginFlowRequest(customer=held.customer, policy="odd"))
    assert broken.code is C.INTERNAL
    assert bank.verify(held, code_of(bank, held)).code is C.APPROVED


@pytest.mark.parametrize(
    ("transaction", "message", "field"),
    [
        (T.BEGIN_FLOW, BeginFlowRequest(policy="pay"), "customer"),
        (T.BEGIN_FLOW, BeginFlowRequest(customer="C000001"), "policy"),
        (T.BEGIN_OWN_FLOW, BeginOwnFlowRequest(customer="C000001"), "expression"),
        (T.FLOW_STEP, FlowStepRequest(customer="C000001", factor="otp"), "flow"),
        (T.FLOW_STEP, FlowStepRequest(customer="C000001", flow="0" * 32), "factor"),
        (T.QUERY_FLOW, QueryFlowRequest(customer="C000001"), "flow"),
        (T.CANCEL_FLOW, CancelFlowRequest(flow="0" * 32), "customer"),
    ],
)
def test_blank_where_a_value_is_needed(bank, transaction, message, field):
    outcome = bank.ask(transaction, message)
    assert (outcome.code, outcome.detail, outcome.seq) == (C.BAD_FIELD, field, -1)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"expression": "all(otp"}, "expression"),
        ({"expression": "thumb"}, "expression"),
        ({"expression": "all(otp, otp)"}, "expression"),
        ({"expression": "otp", "deadline_s": 86_401}, "deadline_s"),
        ({"expression": "otp", "deadline_s": 2**32 - 1}, "deadline_s"),
    ],
)
def test_what_can_not_be_begun(bank, held, fields, field):
    message = BeginOwnFlowRequest(customer=held.customer, **fields)
    outcome = bank.ask(T.BEGIN_OWN_FLOW, message)
    assert (outcome.code, outcome.body.detail, outcome.seq) == (C.BAD_FIELD, field, -1)
    assert not bank.store.tables.challenges


def test_a_deadline_beyond_the_policys_is_refused(bank, held):
    bank.operate(PutFlowPolicy(FlowPolicy(name="pay", expression="otp", deadline_s=60)))
    message = BeginFlowRequest(customer=held.customer, policy="pay", deadline_s=61)
    assert bank.ask(T.BEGIN_FLOW, message).code is C.BAD_FIELD


def test_a_step_without_its_proof_is_named_and_not_executed(bank, held):
    flow = begin(bank, held, "otp")
    outcome = step(bank, held, flow, "otp", "")
    assert (outcome.code, outcome.body.detail, outcome.seq) == (C.BAD_FIELD, "otp", -1)
    assert query(bank, held, flow).body.failures == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"customer": "C000002"}, "customer"),
        ({"institution": "0002"}, "institution"),
        ({"reference": "PAY-2"}, "reference"),
    ],
)
def test_an_enclosed_body_about_something_else_is_refused_by_name(bank, held, fields, field):
    flow = begin(bank, held, "otp", reference="PAY-1")
    code = code_of(bank, held)
    outcome = step(bank, held, flow, "otp", code, **fields)
    assert (outcome.code, outcome.body.detail, outcome.seq) == (C.BAD_FIELD, field, -1)
    same = {"customer": held.customer, "institution": "0001", "reference": "PAY-1"}
    assert step(bank, held, flow, "otp", code, **same).code is C.APPROVED


@pytest.mark.parametrize(
    ("body", "schema", "field"),
    [
        (b"", 2, "factor_schema"),
        (b"", 0, "factor_schema"),
        (b"", 1, "institution"),
        (b"\0" * 1007 + b"1", 1, "factor_body"),
        (b" " * 140 + b"12 4567890", 1, "otp"),
    ],
)
def test_an_enclosed_body_that_can_not_be_read_is_refused_by_name(bank, held, body, schema, field):
    flow = begin(bank, held, "otp")
    message = FlowStepRequest(
        customer=held.customer,
        flow=flow,
        factor="otp",
        factor_schema=schema,
        factor_body=SecretBytes(body.ljust(1008, b"\0")),
    )
    outcome = bank.ask(T.FLOW_STEP, message)
    assert (outcome.code, outcome.body.detail, outcome.seq) == (C.BAD_FIELD, field, -1)
    assert b"12 4567890" not in repr(message).encode()


def test_a_channel_steps_only_with_what_it_may_ask_by_itself(bank, held):
    flow = begin(bank, held, "otp")
    only = tuple(int(t) for t in (T.FLOW_STEP, T.BEGIN_FLOW))
    bank.operate(UpdateChannel(replace(channel(bank, 1), transactions=only)))
    bank.reload()
    outcome = step(bank, held, flow, "otp", code_of(bank, held))
    assert (outcome.code, outcome.seq) == (C.TRANSACTION_NOT_PERMITTED, -1)


# ---------------------------------------------------------------- channels that hide reasons


@pytest.fixture
def hiding(bank):
    bank.operate(UpdateChannel(replace(channel(bank, 1), disclose=False)))
    bank.reload()
    return bank


def shown(bank, transaction, outcome):
    answer = answer_of(channel(bank, 1), transaction, outcome)
    body = msgspec.structs.replace(answer.body, entry_shard=0, entry_seq=0)
    fields = msgspec.structs.asdict(body)
    fields.pop("flow")
    return answer.code, fields


def lives(bank, held, customer, steps, wait_ms):
    """All that a hiding channel sees of a flow of wrong codes."""
    held = replace(held, customer=customer)
    own = bank.context.snapshot.channels[1]
    message = BeginOwnFlowRequest(customer=customer, expression="order(otp, one)", deadline_s=600)
    begun = bank.ask(T.BEGIN_OWN_FLOW, message, channel=own)
    seen = [shown(bank, T.BEGIN_OWN_FLOW, begun)]
    flow = begun.body.flow
    seen.extend(shown(bank, T.FLOW_STEP, step(bank, held, flow, factor, WRONG)) for factor in steps)
    seen.append(shown(bank, T.QUERY_FLOW, query(bank, held, flow)))
    bank.clock.advance(wait_ms)
    seen.append(shown(bank, T.FLOW_STEP, step(bank, held, flow, "otp", WRONG)))
    seen.append(shown(bank, T.QUERY_FLOW, query(bank, held, flow)))
    seen.append(shown(bank, T.CANCEL_FLOW, cancel(bank, held, flow, channel=own)))
    bank.clock.advance(-wait_ms)
    for _, fields in seen:
        fields.pop("customer", None)
    return seen


@pytest.mark.parametrize("number", [0, 6])
@pytest.mark.parametrize("wait_ms", [0, 600_000])
def test_unknown_closed_locked_and_wrong_look_the_same(hiding, held, stand_ins, wait_ms, number):
    steps = ["otp"] * 6 + ["one"] + ["otp"] * number
    locked = hiding.customer_with_token(3)
    for _ in range(9):
        hiding.verify(locked, WRONG)
    closed = hiding.customer_with_token(4)
    hiding.ask(T.UNBIND_TOKEN, TokenRequest(customer=closed.customer, token=closed.serial))
    hiding.ask(T.CLOSE_USER, CloseUserRequest(customer=closed.customer))
    right = lives(hiding, held, held.customer, steps, wait_ms)
    assert right[0][0] is C.CHANGED
    assert {code for code, _ in right[1:-1]} == {C.DENIED, C.ANSWERED}
    for customer in ("NOBODY", locked.customer, closed.customer):
        assert lives(hiding, held, customer, steps, wait_ms) == right, customer


def test_a_flow_that_a_hiding_channel_may_join_tells_nobody_of_a_lock(bank, held):
    bank.operate(UpdateChannel(replace(channel(bank, 2), disclose=False)))
    bank.reload()
    flow = begin(bank, held, "otp", channel_1=2)
    answers = [step(bank, held, flow, "otp", WRONG) for _ in range(6)]
    assert [a.code for a in answers[-2:]] == [C.WRONG_CODE, C.TOKEN_LOCKED]
    assert query(bank, held, flow, via=2).body.flow_state == FlowState.OPEN


def test_a_hiding_channel_still_hears_of_success(hiding, held, stand_ins):
    flow = begin(hiding, held, "all(one, otp)")
    first = step(hiding, held, flow, "one", RIGHT)
    code, fields = shown(hiding, T.FLOW_STEP, first)
    assert (code, fields["flow_state"], fields["wanted"]) == (C.CHANGED, FlowState.OPEN, "otp")
    last = step(hiding, held, flow, "otp", code_of(hiding, held))
    code, fields = shown(hiding, T.FLOW_STEP, last)
    assert (code, fields["flow_state"]) == (C.APPROVED, FlowState.SATISFIED)


def test_a_disclosing_channel_is_told_who_is_unknown(bank):
    message = BeginOwnFlowRequest(customer="NOBODY", expression="otp")
    outcome = bank.ask(T.BEGIN_OWN_FLOW, message)
    assert (outcome.code, outcome.body) == (C.USER_UNKNOWN, None)
    assert not bank.store.tables.challenges
