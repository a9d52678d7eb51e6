"""Where a channel's policy hides reasons, codes by SMS tell nobody anything: a sending to an
unknown customer, to one without a phone and to a locked one looks like any other and runs the same
statements, and so do their verifications. Both stores; statements where there are some.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from tigertally_engines.sms.parameters import SmsParameters
from tigertally_protocol import registry
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.sms import SendSmsCodeRequest, VerifySmsCodeRequest
from tigertally_protocol.messages.user import CloseUserRequest, RegisterUserRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Kind, Transaction
from tigertally_server.domain.message import MessageState
from tigertally_server.pipeline.respond import answer_of
from tigertally_server.store.port import Needs, inline
from tigertally_testing.handset import Handset, sending
from tigertally_testing.postgres_bank import statements_of

MINUTE_MS = 60_000
RULES = SmsParameters(throttle_base_ms=0, code_tries=10)


@pytest.fixture
def statements(monkeypatch):
    """What the last batch asked of PostgreSQL."""
    return statements_of(monkeypatch)


@pytest.fixture
def hiding(bank):
    """A bank whose channel learns no reasons, with two customers whose phones are bound."""
    bank.add_channel(disclose=False)
    sending(bank, parameters=RULES)
    for number in (1, 2):
        bank.customer_with_token(number)
        Handset(bank, f"C{number:06d}", f"+861380013800{number}").bind()
    bank.clock.advance(MINUTE_MS)
    return bank


def ask(bank, transaction, message, statements):
    """(what the channel gets but for ids and times, statements, the outcome)."""
    statements.clear()
    outcome = bank.ask(transaction, message)
    answer = answer_of(bank.channel, transaction, outcome)
    layout = registry.message_type(transaction, Kind.RESPONSE, 1)
    assert layout is not None
    blank = {
        name: ""
        for name in ("challenge", "message_id", "server_code")
        if getattr(answer.body, name, "")
    }
    body = msgspec.structs.replace(answer.body, entry_shard=0, entry_seq=0, **blank)
    shown = registry.encode_body(layout, body, "utf-8")
    return (answer.code, sorted(blank), shown), tuple(statements), outcome


def send(bank, customer, statements):
    return ask(bank, Transaction.SEND_SMS_CODE, SendSmsCodeRequest(customer=customer), statements)


def verify(bank, customer, challenge, statements, code="000000"):
    message = VerifySmsCodeRequest(
        customer=customer, challenge=challenge, otp=SecretText(code), purpose=""
    )
    return ask(bank, Transaction.VERIFY_SMS_CODE, message, statements)


def unknown(bank, statements):
    return "C999999"


def without_a_phone(bank, statements):
    bank.ask(Transaction.REGISTER_USER, RegisterUserRequest(customer="C777777"))
    return "C777777"


def closed(bank, statements):
    bank.ask(Transaction.CLOSE_USER, CloseUserRequest(customer="C000002"))
    return "C000002"


def locked(bank, statements):
    outcome = send(bank, "C000002", statements)[2]
    for _ in range(5):
        verify(bank, "C000002", outcome.body.challenge, statements)
    bank.clock.advance(5 * MINUTE_MS)
    return "C000002"


CASES = (unknown, without_a_phone, closed, locked)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_nobody_outside_can_tell(hiding, statements, case):
    bank = hiding
    other = case(bank, statements)
    for _ in range(2):
        sent, asked, outcome = send(bank, "C000001", statements)
        as_if, other_asked, other_outcome = send(bank, other, statements)
        assert sent[0] is C.CHANGED
        assert as_if == sent
        assert other_asked == asked
        soon, asked, _ = send(bank, "C000001", statements)
        as_soon, other_asked, _ = send(bank, other, statements)
        assert soon[0] is C.DENIED
        assert as_soon == soon
        assert other_asked == asked
        wrong = verify(bank, "C000001", outcome.body.challenge, statements)
        as_wrong = verify(bank, other, other_outcome.body.challenge, statements)
        assert wrong[0][0] is C.DENIED
        assert as_wrong[0] == wrong[0]
        assert as_wrong[1] == wrong[1]
        bank.clock.advance(6 * MINUTE_MS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_nothing_is_sent_in_nobodys_name(hiding, statements, case):
    bank = hiding
    other = case(bank, statements)
    outcome = send(bank, other, statements)[2]
    transaction = inline(bank.store.begin())
    try:
        needs = Needs(0, messages={bytes.fromhex(outcome.body.message_id)})
        (message,) = inline(transaction.load(needs)).messages
    finally:
        inline(transaction.rollback())
    assert message.state is MessageState.EXPIRED


def test_a_channel_that_may_know_is_told(hiding, statements):
    bank = hiding
    bank.channel = replace(bank.channel, disclose=True)
    assert send(bank, "C999999", statements)[0][0] is C.USER_UNKNOWN
    assert send(bank, without_a_phone(bank, statements), statements)[0][0] is C.NO_PHONE
