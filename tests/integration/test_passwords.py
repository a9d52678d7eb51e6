"""Passwords, PINs and greetings on real servers and a real PostgreSQL, through the Python client:
first password to reset, tries that come at once on two processes, policies that change while
servers run, and no secret left in the clear.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from itertools import count

import psycopg
import pytest
import trio

from tigertally_client.client import Client
from tigertally_client.settings import ClientSettings
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.password import VerifyPasswordRequest
from tigertally_protocol.messages.user import RegisterUserRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import PasswordKind, PasswordState, Transaction
from tigertally_server.domain.administration import PutPasswordPolicy
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.credentials import credentials
from tigertally_testing.house import House
from tigertally_testing.peer import Peer, inform, join
from tigertally_testing.processes import reachable_folder, spawner

GOOD, BETTER, BEST = "kX7#mw9Q-quelle", "wolke-7-Ueber#Berg", "tr0cken gelaufen über Nacht"
GREETING = "门前的老槐树还在"
PIN, OTHER_PIN = "392714", "804175"
TASKS = 50
SETTINGS = ClientSettings(connections=1, timeout_s=30.0, attempt_timeout_s=10.0)
_numbers = count(1)


@pytest.fixture(scope="module")
def line(house):
    return house.add_channel(suite=2, field_cipher=1)


@pytest.fixture(scope="module")
def silent(house):
    return house.add_channel(disclose=False)


@pytest.fixture
def customer(house):
    number = f"PW{next(_numbers):06d}"
    message = RegisterUserRequest(
        institution=INSTITUTION,
        customer=number,
        name=SecretText("Zhang Xiaoming"),
        mobile=SecretText("13891236571"),
    )
    assert house.bank.ask(Transaction.REGISTER_USER, message).code is C.CHANGED
    return number


def client_of(line, *servers):
    return Client(credentials(line, *servers), settings=SETTINGS)


def put_policy(house, name, **parameters):
    house.bank.reload()
    outcome = house.bank.operate(PutPasswordPolicy(name, json.dumps(parameters)))
    assert outcome.code is C.CHANGED
    house.bank.reload()


async def test_the_life_of_a_password(server, house, line, customer):
    await inform(server)
    async with client_of(line, server) as client:
        assert (await client.query_password(customer)).password_state is PasswordState.NOT_SET
        weak = await client.set_password(customer, "98xiaoming#K", operator="clerk")
        assert (weak.code, weak.detail) == (C.PASSWORD_TOO_WEAK, "personal")
        known = await client.set_password(
            customer, "my6222021001x", operator="clerk", known="19800131 6222021001"
        )
        assert (known.code, known.detail) == (C.PASSWORD_TOO_WEAK, "personal")
        assert (await client.set_password(customer, GOOD, operator="clerk")).code is C.CHANGED
        assert (await client.verify_password(customer, GOOD)).approved
        wrong = await client.verify_password(customer, BETTER)
        assert (wrong.code, wrong.remaining_tries) == (C.WRONG_PASSWORD, 4)
        assert (await client.change_password(customer, GOOD, BETTER)).succeeded
        assert (await client.change_password(customer, BETTER, GOOD)).code is C.PASSWORD_REUSED
        reset = await client.reset_password(customer, operator="clerk", reason="forgotten")
        made = reset.new_password.reveal()
        assert reset.password_state is PasswordState.MUST_CHANGE
        assert (await client.verify_password(customer, made)).code is C.PASSWORD_MUST_CHANGE
        assert (await client.change_password(customer, made, BEST)).succeeded
        assert (await client.verify_password(customer, BEST)).approved
        assert (await client.disable_password(customer)).succeeded
        assert (await client.verify_password(customer, BEST)).code is C.PASSWORD_DISABLED
        assert (await client.enable_password(customer)).succeeded
        assert (await client.verify_password(customer, BEST)).approved


async def test_bad_kinds_and_strangers_are_answered_in_every_layout(server, house, line):
    async with client_of(line, server) as client:
        for call in (
            client.query_password,
            client.unlock_password,
            partial(client.verify_password, password=GOOD),
            partial(client.set_password, password=GOOD, operator="clerk"),
            partial(client.change_password, password=GOOD, new_password=BETTER),
            partial(client.reset_password, operator="clerk"),
        ):
            bad = await call("NOBODY", kind=9)
            assert (bad.code, bad.detail) == (C.BAD_FIELD, "kind")
            assert (await call("NOBODY")).code is C.USER_UNKNOWN
        assert (await client.reset_password("C", operator="")).detail == "operator"


async def test_a_query_tells_password_from_pin(server, house, line, customer):
    async with client_of(line, server) as client:
        for kind, text in ((PasswordKind.PASSWORD, GOOD), (PasswordKind.PIN, PIN)):
            await client.set_password(customer, text, kind=kind, operator="clerk")
            seen = await client.verify_password(customer, text, kind=kind)
            asked = await client.query_serial(seen.serial, seen.business_day)
            assert (asked.method, asked.of_result) == (kind.name.lower(), C.APPROVED)


async def test_a_one_time_code_proves_a_first_pin(server, house, line):
    (held,) = house.holders(1, "hotp-6")
    async with client_of(line, server) as client:
        refused = await client.set_password(held.customer, PIN, kind=PasswordKind.PIN)
        assert (refused.code, refused.detail) == (C.BAD_FIELD, "otp")
        code = held.counter_code(0)
        first = await client.set_password(held.customer, PIN, kind=PasswordKind.PIN, otp=code)
        assert first.code is C.CHANGED
        assert (await client.verify_otp(held.customer, code)).code is C.REPLAYED_CODE
        assert (await client.verify_password(held.customer, PIN, kind=PasswordKind.PIN)).approved


@pytest.mark.parametrize("kind", list(PasswordKind), ids=lambda kind: kind.name)
async def test_50_tasks_on_two_processes_have_exactly_so_many_tries(
    server, second, house, line, kind
):
    slot = f"s{next(_numbers)}"
    name = "pin" if kind is PasswordKind.PIN else "password"
    put_policy(house, f"{name}/{slot}", max_failures=7, throttle_base_ms=0)
    customer = f"PX{next(_numbers):06d}"
    house.bank.ask(
        Transaction.REGISTER_USER, RegisterUserRequest(institution=INSTITUTION, customer=customer)
    )
    text = PIN if kind is PasswordKind.PIN else GOOD
    answers, start, waiting = [], trio.Event(), set(range(TASKS))
    await inform(second)
    async with client_of(line, server) as client:
        await inform(server)
        first = await client.set_password(customer, text, kind=kind, slot=slot, operator="clerk")
        assert first.code is C.CHANGED

        async def guess(node, number):
            message = VerifyPasswordRequest(
                institution=INSTITUTION,
                customer=customer,
                kind=kind,
                slot=slot,
                password=SecretText(OTHER_PIN if number % 5 else f"80417{number // 5 % 5}"),
            )
            async with await Peer.sign_on(node.address, line) as peer:
                waiting.discard(number)
                if not waiting:
                    start.set()
                await start.wait()
                answers.append((await peer.ask(message)).code)

        async with trio.open_nursery() as nursery:
            for number in range(TASKS):
                nursery.start_soon(partial(guess, (server, second)[number % 2], number))
        assert Counter(answers) == {C.WRONG_PASSWORD: 7, C.PASSWORD_LOCKED: 43}
        right = await client.verify_password(customer, text, kind=kind, slot=slot)
        assert right.code is C.PASSWORD_LOCKED
        assert (await client.unlock_password(customer, kind=kind, slot=slot)).succeeded
        assert (await client.verify_password(customer, text, kind=kind, slot=slot)).approved


async def test_slow_passwords_dont_hold_up_quick_requests(server, line, house, customer):
    """Behind forty passwords, a PIN is answered before the last of them."""
    async with client_of(line, server) as client:
        await client.set_password(customer, GOOD, operator="clerk")
        await client.set_password(customer, PIN, kind=PasswordKind.PIN, operator="clerk")
    order: list[int] = []
    message = VerifyPasswordRequest(
        institution=INSTITUTION, customer=customer, password=SecretText(GOOD)
    )
    pin = VerifyPasswordRequest(
        institution=INSTITUTION, customer=customer, kind=PasswordKind.PIN, password=SecretText(PIN)
    )
    async with await join(server, line) as peer:
        frames = [peer.build(message) for _ in range(40)] + [peer.build(pin)]
        serials = [int.from_bytes(frame[16:24], "big") for frame in frames]
        await peer.send(b"".join(frames))
        with trio.fail_after(30):
            while len(order) < 41:
                await peer.read()
                order += [serial for serial in peer.answers if serial not in order]
        assert {answer.code for answer in peer.answers.values()} == {C.APPROVED}
    assert order.index(serials[-1]) < 40


async def test_a_policy_set_while_servers_run_acts_on_both(server, second, house, line, customer):
    slot = f"s{next(_numbers)}"
    async with client_of(line, server) as client:
        unknown = await client.set_password(customer, GOOD, slot=slot, operator="clerk")
        assert (unknown.code, unknown.detail) == (C.BAD_FIELD, "slot")
        put_policy(house, f"password/{slot}", scheme="pbkdf2-sm3", min_length=10)
        await inform(server)
        await inform(second)
        weak = await client.set_password(customer, "kX7#mw9Q", slot=slot, operator="clerk")
        assert (weak.code, weak.detail) == (C.PASSWORD_TOO_WEAK, "too_short")
        first = await client.set_password(customer, GOOD, slot=slot, operator="clerk")
        assert first.code is C.CHANGED
    put_policy(house, f"password/{slot}", scheme="argon2id-8", old_schemes=["pbkdf2-sm3"])
    await inform(second)
    async with client_of(line, second) as client:
        assert (await client.verify_password(customer, GOOD, slot=slot)).approved
        assert (await client.verify_password(customer, GOOD, slot=slot)).approved


async def test_a_silent_channel_learns_nothing_but_yes(server, house, line, silent, customer):
    async with client_of(line, server) as client:
        await client.set_password(customer, PIN, kind=PasswordKind.PIN, operator="clerk")
    answers = []
    async with client_of(silent, server) as client:
        for number in (customer, "NOBODY"):
            for _ in range(7):
                answer = await client.verify_password(number, OTHER_PIN, kind=PasswordKind.PIN)
                answers.append(
                    (
                        answer.code,
                        answer.detail,
                        answer.password_state,
                        answer.remaining_tries,
                        answer.locked_until_ms,
                        answer.changed_at_ms,
                        answer.expires_at_ms,
                    )
                )
    assert set(answers) == {(C.DENIED, "", None, None, None, None, None)}


async def test_greetings(server, house, line, silent, customer):
    async with client_of(line, server) as client, client_of(silent, server) as quiet:
        before = (await client.get_greeting(customer)).greeting.reveal()
        assert (await client.set_greeting(customer, "卡号6222021001")).detail == "number"
        assert (await client.set_greeting(customer, GREETING)).code is C.CHANGED
        for asking in (client, quiet):
            shown = await asking.get_greeting(customer)
            assert (shown.code, shown.greeting.reveal()) == (C.ANSWERED, GREETING)
            strange = await asking.get_greeting("NOBODY")
            assert strange.code is C.ANSWERED
            assert strange.greeting.reveal() not in ("", GREETING, before)
        assert (await client.set_greeting(customer, "")).code is C.CHANGED
        assert (await client.get_greeting(customer)).greeting.reveal() == before


async def test_who_may_not_read_greetings_is_refused(server, house, customer):
    line = house.add_channel(transactions=(Transaction.VERIFY_PASSWORD,))
    await inform(server)
    async with client_of(line, server) as client:
        answer = await client.get_greeting(customer)
        assert answer.code is C.TRANSACTION_NOT_PERMITTED
        assert not answer.greeting


async def test_no_password_is_left_in_the_clear(tmp_path):
    with reachable_folder() as folder, House(folder / "state") as house, spawner(house) as spawn:
        server = spawn("talkative", log={"level": "debug", "format": "json"})
        line = house.add_channel()
        await inform(server)
        house.bank.ask(
            Transaction.REGISTER_USER, RegisterUserRequest(institution=INSTITUTION, customer="C1")
        )
        pin, other = "3927140586", "8041752936"  # longer than by chance in a file
        put_policy(house, "pin", min_length=6, max_length=10, generated_length=10)
        await inform(server)
        async with client_of(line, server) as client:
            await client.set_password("C1", GOOD, operator="clerk", known="KNOWN-6222021001")
            await client.verify_password("C1", BETTER, reference="CONTROL-5e1f")
            await client.change_password("C1", GOOD, BEST)
            made = (await client.reset_password("C1", operator="clerk")).new_password.reveal()
            await client.set_password("C1", pin, kind=PasswordKind.PIN, operator="clerk")
            await client.verify_password("C1", other, kind=PasswordKind.PIN)
            await client.set_greeting("C1", GREETING)
            await client.get_greeting("C1")
        with psycopg.connect(house.cluster.superuser_dsn("tigertally"), autocommit=True) as conn:
            conn.execute("CHECKPOINT")
        metrics = server.get("/metrics")[1].encode()
        assert server.stop() == 0
        places = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        places += [server.log_file.read_bytes(), metrics]
        assert any(b"CONTROL-5e1f" in data for data in places), "nothing is searched"
        secrets = (GOOD, BETTER, BEST, made, pin, other, GREETING, "KNOWN-6222021001")
        leaks = [text for text in secrets for data in places if text.encode() in data]
        assert leaks == []
