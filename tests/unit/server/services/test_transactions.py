"""Transactions verified over the text their customers read: by SMS, by a token's answer, by
customer service; through the real services and the in-memory store.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tigertally_engines.otp import questions
from tigertally_engines.otp.ocra import Inputs, Moment
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.sms import SendSmsCodeRequest, VerifySmsCodeRequest
from tigertally_protocol.messages.transaction_verification import (
    BeginTransactionRequest,
    CompleteTransactionRequest,
    ConfirmByServiceRequest,
    QueryTransactionRequest,
)
from tigertally_protocol.messages.user import CloseUserRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_protocol.transactions import VerificationState as State
from tigertally_server.domain.administration import PutTokenType
from tigertally_server.services.keyring import customer_identity
from tigertally_server.services.recording import open_personal_part
from tigertally_testing.bank import Bank, HeldToken, memory_installation
from tigertally_testing.handset import CODE, NO_LIMITS, Handset, sending

T = Transaction
CUSTOMER = "C000001"
PAYMENT_A = {
    "act": "transfer",
    "sum": "1234.5",
    "currency": "CNY",
    "payee": "6222020200012345",
    "payee_name": "张三",
    "bank": "中国工商银行",
    "purpose": "房租",
}
PAYMENT_B = PAYMENT_A | {"sum": "9234.50"}
TEXT_A = (
    "转账人民币1,234.50元，收款人「张三」，账号6222****2345，开户行「中国工商银行」，"
    "2026-01-01 08:00，附言「房租」"
)


class Desk:
    """Who asks, and what the customer holds."""

    def __init__(self, bank: Bank, held: HeldToken) -> None:
        self.bank, self.held = bank, held
        self.phone = Handset(bank, CUSTOMER)
        self.by: dict[str, Any] = {}
        """Changes of the request: another channel."""

    def begin(self, method: str, fields=PAYMENT_A, **more):
        message = BeginTransactionRequest(
            **{"customer": CUSTOMER, "method": method, **fields, **more}
        )
        return self.bank.ask(T.BEGIN_TRANSACTION_VERIFICATION, message, **self.by)

    def complete(self, begun, method: str, proof: str = "", fields=PAYMENT_A, **more):
        named = {"customer": CUSTOMER, "verification": begun.body.verification, "method": method}
        message = CompleteTransactionRequest(
            **{**named, **fields, "proof": SecretText(proof), **more}
        )
        return self.bank.ask(T.COMPLETE_TRANSACTION_VERIFICATION, message, **self.by)

    def confirm(self, begun, verdict: str = "confirm", **more):
        message = ConfirmByServiceRequest(
            **{
                "customer": CUSTOMER,
                "verification": begun.body.verification,
                "text_digest": begun.body.text_digest,
                "operator": "service-7",
                "verdict": verdict,
                "reason": "called back",
                **more,
            }
        )
        return self.bank.ask(T.CONFIRM_BY_SERVICE, message, **self.by)

    def query(self, begun, customer: str = CUSTOMER):
        message = QueryTransactionRequest(customer=customer, verification=begun.body.verification)
        return self.bank.ask(T.QUERY_TRANSACTION_VERIFICATION, message, **self.by)


@pytest.fixture
def desk(clock, entropy):
    store, context = memory_installation(entropy)
    bank = Bank(store, context, clock, entropy)
    values = {"algorithm": "ocra", "ocra_suite": "OCRA-1:HOTP-SHA256-8:QN08"}
    bank.operate(PutTokenType("signing", json.dumps({**values, "throttle_base_ms": 0})))
    bank.reload()
    held = bank.customer_with_token(1, "signing")
    assert held.customer == CUSTOMER
    sending(bank, limits=NO_LIMITS)
    desk = Desk(bank, held)
    assert desk.phone.bind().code is C.CHANGED
    return desk


def codes(desk: Desk) -> list[str]:
    found = (CODE.search(text) for _, text in desk.phone.texts())
    return [match[1] or match[2] for match in found if match]


def answer(desk: Desk, begun) -> str:
    parameters = desk.bank.context.snapshot.token_types["signing"]
    inputs = Inputs(begun.body.question, b"", b"")
    return questions.codes(parameters, desk.held.seed, inputs, [Moment(0, None)])[0]


def proof_of(desk: Desk, method: str, begun) -> str:
    if method == "service":
        assert desk.confirm(begun).code is C.CHANGED
        return ""
    return codes(desk)[-1] if method == "sms" else answer(desk, begun)


METHODS = ("sms", "ocra", "service")
methods = pytest.mark.parametrize("method", METHODS)


@methods
def test_confirmed_once_over_the_text_the_server_composed(desk, method, clock):
    begun = desk.begin(method)
    assert begun.code is C.CHANGED
    assert begun.body.text.reveal() == TEXT_A
    proof = proof_of(desk, method, begun)
    clock.advance(60_000)
    done = desk.complete(begun, method, proof)
    assert (done.code, done.body.verification_state) == (C.APPROVED, State.APPROVED)
    assert done.body.text_digest == begun.body.text_digest
    again = desk.complete(begun, method, proof)
    assert again.code is C.VERIFICATION_ENDED
    assert again.body.text_digest == bytes(32)


@methods
def test_a_proof_for_payment_a_is_refused_for_payment_b(desk, method):
    first = desk.begin(method, PAYMENT_A)
    proof = proof_of(desk, method, first)
    desk.bank.clock.advance(61_000)
    second = desk.begin(method, PAYMENT_B)
    crossed = desk.complete(second, method, proof, PAYMENT_B)
    wrong = C.NOT_CONFIRMED_YET if method == "service" else C.WRONG_CODE
    assert crossed.code is wrong
    swapped = desk.complete(first, method, proof, PAYMENT_B)
    assert swapped.code is C.TEXT_DIFFERS


@methods
@pytest.mark.parametrize(
    "change",
    [
        {"sum": "1234.51"},
        {"currency": "USD"},
        {"payee": "6222999900012345"},  # the same in the text: only its ends are shown
        {"payee_name": "李四"},
        {"bank": ""},
        {"purpose": "房租2"},
        {"act": "payment"},
        {"ordered_at": 1},
        {"language": "en"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_one_changed_field_is_refused_and_costs_no_try(desk, method, change):
    begun = desk.begin(method)
    proof = proof_of(desk, method, begun)
    changed = desk.complete(begun, method, proof, **change)
    assert changed.code is C.TEXT_DIFFERS
    assert changed.body.text_digest == bytes(32)
    assert desk.complete(begun, method, proof).code is C.APPROVED


def test_what_is_only_spelled_otherwise_is_the_same_transaction(desk):
    begun = desk.begin("service")
    desk.confirm(begun)
    spelled = desk.complete(begun, "service", sum="1234.50", purpose=" 房租 ", language="zh")
    assert spelled.code is C.APPROVED


def test_the_message_shows_the_text_whole_and_the_code(desk):
    begun = desk.begin("sms", PAYMENT_A | {"payee_name": "某" * 32, "bank": "行" * 24})
    _, text = desk.phone.texts()[-1]
    assert begun.body.text.reveal() in text
    assert begun.body.server_code in text
    assert CODE.search(text)


def test_in_english(desk):
    begun = desk.begin("sms", language="en", payee_name="Zhang San", bank="ICBC", purpose="rent")
    assert begun.body.text.reveal() == (
        'Transfer CNY 1,234.50 to "Zhang San", account 6222****2345, bank "ICBC", '
        '2026-01-01 08:00, note "rent"'
    )
    assert begun.body.text.reveal() in desk.phone.texts()[-1][1]


def test_the_question_follows_from_the_text(desk):
    begun = desk.begin("ocra")
    assert re.fullmatch(r"\d{8}", begun.body.question)
    assert begun.body.token == desk.held.serial


def test_wrong_codes_end_the_verification_with_the_code(desk):
    begun = desk.begin("sms")
    right = codes(desk)[-1]
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(20):
        tried = desk.complete(begun, "sms", wrong)
        if tried.code is not C.WRONG_CODE:
            desk.bank.clock.advance(30_000)
        if tried.body.verification_state == State.FAILED:
            break
    assert tried.body.verification_state == State.FAILED
    assert desk.complete(begun, "sms", right).code is C.VERIFICATION_ENDED


@methods
def test_it_lapses(desk, method, clock):
    begun = desk.begin(method, lasts_s=60)
    proof = proof_of(desk, method, begun)
    clock.advance(60_000)
    lapsed = desk.complete(begun, method, proof)
    assert (lapsed.code, lapsed.body.verification_state) == (C.VERIFICATION_EXPIRED, State.EXPIRED)


@methods
def test_service_can_stop_any_transaction(desk, method):
    begun = desk.begin(method)
    proof = proof_of(desk, method, begun)
    stopped = desk.confirm(begun, "refuse", operator="service-8", reason="he says it isn't him")
    assert (stopped.code, stopped.body.verification_state) == (C.CHANGED, State.REFUSED)
    assert desk.complete(begun, method, proof).code is C.CONFIRMATION_REFUSED
    told = desk.query(begun).body
    assert (told.confirmed_by, told.reason) == ("service-8", "he says it isn't him")


def test_who_entered_it_may_not_confirm_it(desk):
    begun = desk.begin("service", operator="teller-1")
    assert desk.confirm(begun, operator="teller-1").code is C.SAME_OPERATOR
    assert desk.complete(begun, "service").code is C.NOT_CONFIRMED_YET
    assert desk.confirm(begun, operator="service-7").code is C.CHANGED
    assert desk.confirm(begun, operator="service-8").code is C.CONFIRMATION_NOT_WANTED
    assert desk.complete(begun, "service").code is C.APPROVED


def test_service_confirms_the_text_it_read_out_and_only_where_it_is_asked(desk):
    begun = desk.begin("service")
    assert desk.confirm(begun, text_digest=bytes(32)).code is C.TEXT_DIFFERS
    assert desk.confirm(begun, verdict="maybe").code is C.BAD_FIELD
    assert desk.confirm(desk.begin("sms")).code is C.CONFIRMATION_NOT_WANTED


@methods
def test_asking_tells_how_when_and_over_which_text(desk, method, clock):
    begun = desk.begin(method, operator="teller-1", reference="pay-77")
    at_ms = clock.now_ms()
    waiting = desk.query(begun)
    assert (waiting.code, waiting.body.verification_state) == (C.ANSWERED, State.WAITING)
    proof = proof_of(desk, method, begun)
    clock.advance(5_000)
    desk.complete(begun, method, proof)
    told = desk.query(begun).body
    assert told.verification_state == State.APPROVED
    assert (told.method, told.act, told.reference) == (method, "transfer", "pay-77")
    assert (told.operator, told.began_channel) == ("teller-1", desk.bank.channel.id)
    assert (told.began_at, told.ended_at) == (at_ms, at_ms + 5_000)
    assert (told.text.reveal(), told.text_version) == (TEXT_A, 1)
    assert told.text_digest == begun.body.text_digest
    assert told.confirmed_by == ("service-7" if method == "service" else "")


def test_another_customer_or_no_such_verification(desk):
    begun = desk.begin("service")
    other = desk.bank.customer_with_token(2, "signing").customer
    assert desk.query(begun, customer=other).code is C.VERIFICATION_UNKNOWN
    assert desk.complete(begun, "service", customer=other).code is C.VERIFICATION_UNKNOWN
    assert desk.confirm(begun, customer=other).code is C.VERIFICATION_UNKNOWN
    for name in ("00" * 16, "zz", "AB" * 16, "00"):
        lost = desk.complete(begun, "service", verification=name)
        assert lost.code is C.VERIFICATION_UNKNOWN


def test_another_channel_asks_confirms_and_does_not_complete(desk):
    begun = desk.begin("service")
    desk.by = {"channel": replace(desk.bank.channel, id=2, name="call centre")}
    assert desk.confirm(begun).code is C.CHANGED
    assert desk.query(begun).body.text.reveal() == TEXT_A
    assert desk.complete(begun, "service").code is C.VERIFICATION_UNKNOWN
    desk.by = {}
    assert desk.complete(begun, "service").code is C.APPROVED


def test_a_closed_customer_confirms_nothing(desk):
    begun = [desk.begin(method) for method in METHODS]
    proofs = [proof_of(desk, method, one) for method, one in zip(METHODS, begun, strict=True)]
    desk.bank.ask(T.CLOSE_USER, CloseUserRequest(customer=CUSTOMER))
    for method, one, proof in zip(METHODS, begun, proofs, strict=True):
        assert desk.complete(one, method, proof).code is C.USER_CLOSED
    assert desk.begin("service").code is C.USER_CLOSED


@pytest.mark.parametrize("method", ["ocra", "service"])
def test_where_reasons_are_hidden_anybody_may_begin_and_nobody_completes(desk, method):
    desk.by = {"channel": replace(desk.bank.channel, disclose=False)}
    known, stranger = desk.begin(method), desk.begin(method, customer="C777777")
    assert known.code is stranger.code is C.CHANGED
    assert known.body.text.reveal() == stranger.body.text.reveal() == TEXT_A
    proof = "" if method == "service" else "00000000"
    one = desk.complete(known, method, proof)
    other = desk.complete(stranger, method, proof, customer="C777777")
    told = (one.body.verification_state, other.body.verification_state)
    assert told == (State.WAITING, State.WAITING)
    if method == "service":
        assert one.code is other.code is C.NOT_CONFIRMED_YET
        assert desk.confirm(stranger, customer="C777777").code is C.USER_UNKNOWN


@methods
def test_the_entry_holds_the_text_for_ever_under_the_customers_key(desk, method):
    begun = desk.begin(method)
    done = desk.complete(begun, method, proof_of(desk, method, begun))
    bank = desk.bank
    tables = bank.store.tables
    account = next(a for a in tables.accounts.values() if a.customer == CUSTOMER)
    key = bank.context.keyring.open(
        account.key_id, account.data_key, customer_identity(account.institution, CUSTOMER)
    )
    entry = next(
        stored.entry
        for stored in tables.entries.values()
        if (stored.entry.shard, stored.entry.seq) == (done.shard, done.seq)
    )
    assert open_personal_part(AESGCM(key), entry).text == TEXT_A
    assert TEXT_A.encode() not in entry.personal + entry.outcome


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"method": "pigeon"}, "method"),
        ({"lasts_s": 86_401}, "lasts_s"),
        ({"act": "gift"}, "act"),
        ({"language": "fr"}, "language"),
        ({"sum": "1e3"}, "sum"),
        ({"sum": "1.234"}, "sum"),
        ({"sum": "0"}, "sum"),
        ({"sum": ""}, "sum"),
        ({"sum": "100.5", "currency": "JPY"}, "sum"),
        ({"currency": "XXX"}, "currency"),
        ({"payee": ""}, "payee"),
        ({"payee_name": "张」三"}, "payee_name"),
        ({"payee_name": "\u202eabc"}, "payee_name"),
        ({"purpose": "a\u200bb"}, "purpose"),
        ({"purpose": "x" * 33}, "purpose"),
        ({"bank": "א"}, "bank"),
    ],
)
def test_bad_fields_are_named_and_nothing_is_sent(desk, change, field):
    sent = len(desk.phone.messages)
    refused = desk.begin(**{"method": "sms", **change})
    assert (refused.code, refused.body.detail) == (C.BAD_FIELD, field)
    assert len(desk.phone.messages) == sent


def test_the_limits_of_messages_hold(desk):
    assert desk.begin("sms").code is C.CHANGED
    again = desk.begin("sms")
    assert again.code is C.SMS_TOO_SOON
    assert again.body.verification == ""
    assert again.body.text.reveal() == ""


def test_no_channel_hands_in_a_text_or_uses_the_inner_code(desk):
    """A code over a text belongs to its verification alone."""
    message = SendSmsCodeRequest(customer=CUSTOMER, scene="transaction", purpose="x")
    assert desk.bank.ask(T.SEND_SMS_CODE, message).code is C.BAD_FIELD
    begun = desk.begin("sms")
    direct = VerifySmsCodeRequest(
        customer=CUSTOMER,
        challenge=begun.body.verification,
        scene="transaction",
        otp=SecretText(codes(desk)[-1]),
    )
    assert desk.bank.ask(T.VERIFY_SMS_CODE, direct).code is C.SMS_CODE_UNKNOWN


def test_another_method_is_no_way_around(desk):
    begun = desk.begin("sms")
    assert desk.complete(begun, "service").code is C.BAD_FIELD
    assert desk.complete(begun, "ocra", "12345678").code is C.BAD_FIELD
