"""Codes by SMS on real servers and a real PostgreSQL: from the text in the gateway's file to the
approval, over two processes at once, and what no log may hold.
"""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
import trio

from tigertally_client.client import Client
from tigertally_client.settings import ClientSettings
from tigertally_client.sms_operations import Payment
from tigertally_engines.otp import chap
from tigertally_engines.sms.sealing import AppKey, open_code
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.sms import (
    PhoneRequest,
    SendSmsCodeRequest,
    SendSmsWarningRequest,
    VerifySmsCodeRequest,
)
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import MessageState, PhoneState, Transaction
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.credentials import credentials
from tigertally_testing.peer import join, new_serial

SETTINGS = ClientSettings(connections=1, timeout_s=30.0, attempt_timeout_s=10.0)
PAYMENT = Payment(
    amount=12_345,
    currency="CNY",
    payee="6222020200012345",
    payee_name="王小明",
    free={"invoice": "17"},
)
TASKS = 24
CODE = re.compile(r"验证码(\d+)")
NO_LIMITS = dict.fromkeys(
    [
        "number_hour",
        "number_day",
        "user_hour",
        "user_day",
        "address_hour",
        "address_day",
        "channel_hour",
        "range_hour",
        "home_hour",
        "country_hour",
        "total_hour",
        "notices_day",
    ],
    0,
)


class Mailbox:
    """What the file gateway of a server wrote."""

    def __init__(self, path):
        self.path = path

    def lines(self):
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def sms_servers(house, shared):
    """Two processes that send, each into a file of its own."""
    found = []
    for number in (1, 2):
        name = f"sms-{number}.jsonl"
        section = {
            "gateway": "file",
            "file": {"path": name},
            "limits": NO_LIMITS | {"user_hour": 8},
            "codes": {"resend_s": 0, "throttle_base_ms": 0},
        }
        server = shared(f"sms-{number}", sms=section)
        found.append((server, Mailbox(house.state_dir / name)))
    return found


@pytest.fixture(scope="module")
def line(house):
    return house.add_channel(suite=2, field_cipher=1)


def client_of(line, *servers):
    return Client(credentials(line, *servers), settings=SETTINGS)


def number_of(held):
    return f"138{int(held.customer[1:]):08d}"


async def bound(client, held):
    result = await client.bind_phone(held.customer, number_of(held))
    assert result.code is C.CHANGED
    return held.customer


async def sent(client, mailboxes, customer, payment=PAYMENT, **fields):
    """(what the server answered, the code that arrived)."""
    answer = await client.send_sms_code(customer, payment, **fields)
    assert answer.code is C.CHANGED, answer
    text = await text_in(mailboxes, answer.message_id)
    assert answer.server_code in text
    found = CODE.search(text)
    return answer, found[1] if found else text[text.index("TT1.") :]


async def text_in(mailboxes, message_id):
    """Whichever process took it from the outbox."""
    with trio.fail_after(20):
        while True:
            for mailbox in mailboxes:
                for found in mailbox.lines():
                    if found["id"] == message_id:
                        return found["text"]
            await trio.sleep(0.02)


async def test_a_payment_is_confirmed_by_its_text_and_no_other_is(house, sms_servers, line):
    (server, _), _ = sms_servers
    mailboxes = [mailbox for _, mailbox in sms_servers]
    (held,) = house.holders(1)
    async with await join(server, line), client_of(line, server) as client:
        customer = await bound(client, held)
        answer, code = await sent(client, mailboxes, customer)
        other = Payment(amount=99_999, currency="CNY", payee=PAYMENT.payee, payee_name="王小明")
        swapped = await client.verify_sms_code(customer, answer.challenge, code, other)
        assert (swapped.code, swapped.approved) == (C.TRANSACTION_DIFFERS, False)
        done = await client.verify_sms_code(customer, answer.challenge, code, PAYMENT)
        assert done.approved
        assert done.entry is not None
        again = await client.verify_sms_code(customer, answer.challenge, code, PAYMENT)
        assert again.code is C.REPLAYED_CODE
        with trio.fail_after(20):
            while True:
                delivery = await client.query_sms(customer, answer.message_id)
                if delivery.message_state is MessageState.DELIVERED:
                    break
        assert (delivery.attempts, delivery.purpose) == (1, "payment")


async def test_every_other_call_of_the_client(house, sms_servers, line):
    (server, _), _ = sms_servers
    mailboxes = [mailbox for _, mailbox in sms_servers]
    (held,) = house.holders(1)
    key = bytes(range(16))
    async with await join(server, line), client_of(line, server) as client:
        customer = await bound(client, held)
        app = await client.register_app_key(customer, "app-1", "sm4-gcm", key)
        assert app.app_count == 1
        answer, sealed = await sent(client, mailboxes, customer, app="app-1")
        code = open_code(AppKey("sm4-gcm", key), sealed, bytes.fromhex(answer.challenge))
        exchange = chap.Exchange(customer, bytes(16), bytes(range(16)))
        response = chap.nt_response(chap.challenge_hash(exchange), code)
        proven = await client.verify_sms_mschap(
            customer,
            answer.challenge,
            PAYMENT,
            user_name=customer,
            authenticator_challenge=exchange.challenge,
            peer_challenge=exchange.peer,
            nt_response=response,
        )
        assert proven.approved
        expected = chap.authenticator_response(exchange, code, response)
        assert proven.authenticator_response == expected
        assert (await client.remove_app_key(customer, "app-1")).app_count == 0
        warned = await client.send_sms_warning(customer, "境外交易提醒")
        assert "境外交易提醒" in await text_in(mailboxes, warned.message_id)
        changed = await client.change_phone(customer, "13900139000", language="en")
        assert changed.phone_state is PhoneState.COOLING_OFF
        assert (await client.send_sms_code(customer)).code is C.PHONE_COOLING_OFF
        assert (await client.cancel_phone_change(customer)).phone_state is PhoneState.BOUND
        assert (await client.unlock_sms(customer)).remaining_tries == 5
        assert (await client.query_phone(customer)).number_tail == number_of(held)[-4:]
        assert (await client.unbind_phone(customer)).phone_state is PhoneState.UNBOUND
        assert (await client.send_sms_code(customer)).code is C.NO_PHONE


async def all_at_once(peers, messages):
    """Each message over one of the peers in turn; the answers' codes."""
    shares = {number: messages[number :: len(peers)] for number in range(len(peers))}
    codes = list[C]()

    async def ask(peer, share):
        serials = [new_serial() for _ in share]
        frames = [
            peer.build(message, serial=serial, transaction=transaction)
            for serial, (transaction, message) in zip(serials, share, strict=True)
        ]
        await peer.send(b"".join(frames))
        codes.extend(answer.code for answer in await peer.collect(serials))

    async with trio.open_nursery() as nursery:
        for number, share in shares.items():
            nursery.start_soon(ask, peers[number], share)
    return codes


async def test_a_code_tried_many_times_at_once_on_two_processes_approves_once(
    house, sms_servers, line
):
    servers = [server for server, _ in sms_servers]
    mailboxes = [mailbox for _, mailbox in sms_servers]
    (held,) = house.holders(1)
    async with (
        await join(servers[0], line) as one,
        await join(servers[1], line) as two,
        client_of(line, servers[0]) as client,
    ):
        customer = await bound(client, held)
        answer, code = await sent(client, mailboxes, customer, Payment())
        message = VerifySmsCodeRequest(
            institution=INSTITUTION,
            customer=customer,
            challenge=answer.challenge,
            otp=SecretText(code),
        )
        codes = await all_at_once([one, two], [(Transaction.VERIFY_SMS_CODE, message)] * TASKS)
    assert Counter(codes) == {C.APPROVED: 1, C.REPLAYED_CODE: TASKS - 1}


async def test_failures_are_counted_exactly_whatever_comes_at_once(house, sms_servers, line):
    """Many wrong tries of many codes on two processes: five are looked at, then none."""
    servers = [server for server, _ in sms_servers]
    mailboxes = [mailbox for _, mailbox in sms_servers]
    (held,) = house.holders(1)
    async with (
        await join(servers[0], line) as one,
        await join(servers[1], line) as two,
        client_of(line, servers[0]) as client,
    ):
        customer = await bound(client, held)
        messages = []
        for purpose in ("a", "b", "c"):
            payment = Payment(purpose=purpose)
            answer, code = await sent(client, mailboxes, customer, payment)
            wrong = f"{(int(code) + 1) % 10**6:06d}"
            message = VerifySmsCodeRequest(
                institution=INSTITUTION,
                customer=customer,
                challenge=answer.challenge,
                purpose=purpose,
                otp=SecretText(wrong),
            )
            messages += [(Transaction.VERIFY_SMS_CODE, message)] * 8
        codes = Counter(await all_at_once([one, two], messages))
    assert codes[C.WRONG_CODE] == 5
    assert codes[C.WRONG_CODE] + codes[C.SMS_LOCKED] + codes[C.SMS_CODE_CANCELLED] == 24


async def test_a_users_limit_is_exact_on_two_processes(house, sms_servers, line):
    servers = [server for server, _ in sms_servers]
    (held,) = house.holders(1)
    async with (
        await join(servers[0], line) as one,
        await join(servers[1], line) as two,
        client_of(line, servers[0]) as client,
    ):
        customer = await bound(client, held)
        message = SendSmsCodeRequest(institution=INSTITUTION, customer=customer)
        codes = await all_at_once([one, two], [(Transaction.SEND_SMS_CODE, message)] * TASKS)
    counted = {code.name: n for code, n in Counter(codes).items()}
    assert counted == {"CHANGED": 8, "SMS_LIMIT_REACHED": TASKS - 8}


async def test_two_dispatchers_send_each_message_once(house, sms_servers, line):
    servers = [server for server, _ in sms_servers]
    mailboxes = [mailbox for _, mailbox in sms_servers]
    held = house.holders(40)
    async with (
        await join(servers[0], line) as one,
        await join(servers[1], line) as two,
        client_of(line, servers[0]) as client,
    ):
        bindings = [
            (
                Transaction.BIND_PHONE,
                PhoneRequest(
                    institution=INSTITUTION,
                    customer=item.customer,
                    mobile=SecretText(number_of(item)),
                ),
            )
            for item in held
        ]
        assert set(await all_at_once([one, two], bindings)) == {C.CHANGED}
        before = sum(len(mailbox.lines()) for mailbox in mailboxes)
        warnings = [
            (
                Transaction.SEND_SMS_WARNING,
                SendSmsWarningRequest(
                    institution=INSTITUTION, customer=item.customer, words=f"提醒{number}"
                ),
            )
            for item in held
            for number in range(4)
        ]
        assert set(await all_at_once([one, two], warnings)) == {C.CHANGED}
        last = await client.send_sms_warning(held[0].customer, "最后")
        await text_in(mailboxes, last.message_id)
        with trio.fail_after(20):
            while sum(len(mailbox.lines()) for mailbox in mailboxes) < before + 161:
                await trio.sleep(0.02)
    ids = Counter(line["id"] for mailbox in mailboxes for line in mailbox.lines())
    assert set(ids.values()) == {1}


async def test_a_server_without_a_gateway_says_so(house, server, line):
    (held,) = house.holders(1)
    async with await join(server, line), client_of(line, server) as client:
        assert (await client.bind_phone(held.customer, number_of(held))).code is C.CHANGED
        refused = await client.send_sms_code(held.customer)
        assert refused.code is C.SMS_NOT_CONFIGURED
        warned = await client.send_sms_warning(held.customer, "x")
        assert (warned.code, warned.message_id) == (C.SMS_NOT_CONFIGURED, "")


def test_no_log_holds_a_number_or_a_code_and_the_audit_log_is_whole(house, sms_servers):
    """Runs last: everything above is in the logs."""
    logs = "".join(server.log() for server, _ in sms_servers)
    lines = [line for _, mailbox in sms_servers for line in mailbox.lines()]
    assert lines
    for line in lines:
        assert line["number"][3:] not in logs
        found = CODE.search(line["text"])
        assert found is None or found[1] not in logs
    report = house.verify_log()
    assert report.ok, report
