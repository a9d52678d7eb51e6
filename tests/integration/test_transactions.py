"""Transactions verified over their text on real servers, a real PostgreSQL and an SMSC: a code for
payment A is no code for payment B, whichever process is asked and whoever swaps them.
"""

from __future__ import annotations

import json
import socket
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import trio

from tigertally_client.client import Client
from tigertally_client.settings import ClientSettings
from tigertally_client.transaction_operations import TransactionFields
from tigertally_engines.otp import questions
from tigertally_engines.otp.ocra import Inputs, Moment
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.transactions import MessageState, Transaction
from tigertally_protocol.transactions import VerificationState as State
from tigertally_server.domain.administration import PutTokenType
from tigertally_testing.credentials import credentials
from tigertally_testing.handset import CODE
from tigertally_testing.house import House
from tigertally_testing.processes import reachable_folder, spawner
from tigertally_testing.smsc import Act, Smsc

SETTINGS = ClientSettings(connections=2, timeout_s=30.0, attempt_timeout_s=10.0)
SUITE = {"algorithm": "ocra", "ocra_suite": "OCRA-1:HOTP-SHA256-8:QN08", "throttle_base_ms": 0}
TASKS = 16
A = TransactionFields(
    "transfer",
    sum="1234.50",
    currency="CNY",
    payee="6222020200012345",
    payee_name="王小明有限公司",
    bank="中国工商银行北京分行",
    purpose="二〇二六年房租",
)
B = replace(A, payee="6222029999992345")
"""The same text as A's: only the middle of the account differs."""


@pytest.fixture(scope="module")
def lobby():
    """Where the servers find the SMSC, whichever test plays it."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        listener.setblocking(False)
        yield listener


@pytest.fixture(scope="module")
def house():
    """An installation of this module's own: its servers take each other's messages from the
    outbox, and nobody else's.
    """
    with reachable_folder() as folder, House(folder / "state") as house:
        yield house


@pytest.fixture(scope="module")
def servers(house, lobby):
    secret = house.state_dir / "smpp.password"
    secret.write_text("tally")
    secret.chmod(0o600)
    section = {
        "gateway": "smpp",
        "smpp": {
            "addresses": [f"127.0.0.1:{lobby.getsockname()[1]}"],
            "system_id": "tiger",
            "password_file": "smpp.password",
            "back_off_first_s": 0.05,
            "back_off_most_s": 0.2,
        },
        "codes": {"resend_s": 0, "throttle_base_ms": 0},
        "limits": {"user_hour": 0, "user_day": 0, "range_hour": 0},
    }
    house.bank.operate(PutTokenType("tx-signing", json.dumps(SUITE)))
    house.bank.reload()
    with spawner(house) as spawn:
        yield [spawn(f"tx-{number}", sms=section) for number in (1, 2)]


@pytest.fixture(scope="module")
def line(house):
    return house.add_channel(suite=2, field_cipher=1)


@pytest.fixture(scope="module")
def call_centre(house):
    return house.add_channel()


@asynccontextmanager
async def smsc_at(lobby):
    """An SMSC for this test."""
    smsc = Smsc()
    listener = trio.SocketListener(trio.socket.from_stdlib_socket(lobby.dup()))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, smsc.serve, [listener])
        try:
            yield smsc
        finally:
            nursery.cancel_scope.cancel()


def client_of(line, *servers):
    return Client(credentials(line, *servers), settings=SETTINGS)


async def begun_with_code(client, smsc, customer, payment):
    """(the beginning, the code that arrived at the phone)."""
    before = len(smsc.messages)
    begun = await client.begin_transaction_verification(customer, payment, method="sms")
    assert begun.code is C.CHANGED, begun
    with trio.fail_after(20):
        await smsc.until(lambda: len(smsc.messages) > before)
    text = smsc.messages[-1].text
    assert begun.text.reveal() in text
    assert begun.server_code in text
    found = CODE.search(text)
    assert found is not None
    return begun, found[1]


async def test_a_code_for_payment_a_is_refused_for_payment_b(house, servers, line, lobby):
    (held,) = house.holders(1)
    customer = held.customer
    async with smsc_at(lobby) as smsc, client_of(line, *servers) as client:
        number = f"138{int(held.customer[1:]):08d}"
        assert (await client.bind_phone(customer, number)).code is C.CHANGED
        with trio.fail_after(20):
            await smsc.until(lambda: bool(smsc.messages))  # the notice of the binding
        first, code_a = await begun_with_code(client, smsc, customer, A)
        second, code_b = await begun_with_code(client, smsc, customer, B)
        assert first.text.reveal() == second.text.reveal()
        assert first.text_digest != second.text_digest

        async def complete(begun, payment, code):
            return await client.complete_transaction_verification(
                customer, begun.verification, payment, method="sms", proof=code
            )

        # The code of A for B; B executed under A's verification; one that is right.
        assert (await complete(second, B, code_a)).code is C.WRONG_CODE
        assert (await complete(first, B, code_a)).code is C.TEXT_DIFFERS
        done = await complete(first, A, code_a)
        assert done.approved
        assert done.text_digest == first.text_digest
        assert (await complete(second, B, code_b)).approved
        assert (await complete(first, A, code_a)).code is C.VERIFICATION_ENDED

        assert await smsc.receipt(smsc.messages[-1].name, "DELIVRD") == 0
        with trio.fail_after(20):
            while True:
                state = (await client.query_sms(customer, second.message_id)).message_state
                if state is MessageState.DELIVERED:
                    break
                await trio.sleep(0.02)


async def test_a_code_counts_once_on_two_processes(house, servers, line, lobby):
    (held,) = house.holders(1)
    async with (
        smsc_at(lobby) as smsc,
        client_of(line, servers[0]) as one,
        client_of(line, servers[1]) as other,
    ):
        number = f"139{int(held.customer[1:]):08d}"
        await one.bind_phone(held.customer, number)
        with trio.fail_after(20):
            await smsc.until(lambda: bool(smsc.messages))
        smsc.script(Act.TWICE)
        begun, code = await begun_with_code(one, smsc, held.customer, A)
        found: Counter[C] = Counter()

        async def complete(client):
            result = await client.complete_transaction_verification(
                held.customer, begun.verification, A, method="sms", proof=code
            )
            found[result.code] += 1

        async with trio.open_nursery() as nursery:
            for turn in range(TASKS):
                nursery.start_soon(complete, (one, other)[turn % 2])
        assert found == {C.APPROVED: 1, C.VERIFICATION_ENDED: TASKS - 1}


async def test_a_tokens_answer_belongs_to_its_payment(house, servers, line):
    (held,) = house.holders(1, type_name="tx-signing")
    parameters = OtpParameters().merge(SUITE)

    def answer(question):
        inputs = Inputs(question, b"", b"")
        return questions.codes(parameters, held.seed, inputs, [Moment(0, None)])[0]

    async with client_of(line, *servers) as client:
        first, second = [
            await client.begin_transaction_verification(held.customer, payment, method="ocra")
            for payment in (A, B)
        ]
        assert first.question != second.question

        async def complete(begun, payment, proof):
            return await client.complete_transaction_verification(
                held.customer, begun.verification, payment, method="ocra", proof=proof
            )

        crossed = await complete(second, B, answer(first.question))
        assert crossed.code is C.WRONG_CODE
        assert (await complete(first, B, answer(first.question))).code is C.TEXT_DIFFERS
        done = await complete(first, A, answer(first.question))
        assert (done.approved, done.token) == (True, held.serial)


async def test_customer_service_confirms_what_it_read_out(house, servers, line, call_centre):
    (held,) = house.holders(1)
    async with client_of(line, *servers) as client, client_of(call_centre, *servers) as service:
        begun = await client.begin_transaction_verification(
            held.customer, A, method="service", operator="teller-1", reference="PAY-9"
        )
        read = await service.query_transaction_verification(held.customer, begun.verification)
        assert read.text.reveal() == begun.text.reveal()
        assert read.verification_state is State.WAITING

        async def confirm(operator, digest=read.text_digest):
            return await service.confirm_by_service(
                held.customer, begun.verification, digest, operator=operator, reason="rang back"
            )

        async def complete(payment=A):
            return await client.complete_transaction_verification(
                held.customer, begun.verification, payment, method="service"
            )

        assert (await complete()).code is C.NOT_CONFIRMED_YET
        assert (await confirm("teller-1")).code is C.SAME_OPERATOR
        assert (await confirm("service-7", "00" * 32)).code is C.TEXT_DIFFERS
        assert (await confirm("service-7")).verification_state is State.CONFIRMED
        assert (await complete(B)).code is C.TEXT_DIFFERS
        assert (await complete()).approved
        told = await service.query_transaction_verification(held.customer, begun.verification)
        assert told.verification_state is State.APPROVED
        assert (told.confirmed_by, told.reason, told.method) == (
            "service-7",
            "rang back",
            "service",
        )
        assert (told.operator, told.reference) == ("teller-1", "PAY-9")
        assert told.began_channel == line.channel_id


def test_no_text_lies_open(house, servers):
    """Not in a row, not in a server's log: sealed at rest, told to nobody who doesn't ask."""
    secrets = [A.payee_name.encode(), A.purpose.encode(), A.payee.encode(), B.payee.encode()]
    with house.connect() as conn:
        rows = conn.execute("SELECT sealed FROM tigertally.challenge").fetchall()
        rows += conn.execute("SELECT sealed FROM tigertally.message").fetchall()
        rows += conn.execute("SELECT outcome || personal FROM tigertally.entry").fetchall()
    kept = b"".join(bytes(row[0]) for row in rows)
    logs = "".join(server.log() for server in servers).encode()
    for secret in secrets:
        assert secret not in kept
        assert secret not in logs


def test_every_outcome_is_in_the_log(house, line):
    """One entry per recorded answer, and the whole log holds together."""
    approved = [
        entry
        for entry in house.entries(line)
        if entry.transaction == Transaction.COMPLETE_TRANSACTION_VERIFICATION
        and entry.result == C.APPROVED
    ]
    assert len(approved) == 5  # A and B by SMS, once by two processes, by token, by service
    assert house.verify_log().ok
