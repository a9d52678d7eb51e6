"""Questions, host codes, PINs, MS-CHAPv2 and CHAP on real servers and a real PostgreSQL: through
the Python client on a sealing channel, and at once on two processes.
"""

from __future__ import annotations

import json
from collections import Counter

import pytest
import trio

from tigertally_client.client import Client
from tigertally_client.settings import ClientSettings
from tigertally_engines.otp import chap, ocra, questions
from tigertally_engines.otp.ocra import Inputs, Moment
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.state import OtpState
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.ocra import IssueOcraChallengeRequest, VerifyOcraRequest
from tigertally_protocol.messages.proof import VerifyChapRequest, VerifyMschapv2Request
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.administration import PutTokenType
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.credentials import credentials
from tigertally_testing.peer import Peer, inform, now_ms

TASKS = 24
SETTINGS = ClientSettings(connections=1, timeout_s=30.0, attempt_timeout_s=10.0)
TYPES: dict[str, dict[str, object]] = {
    "ocra-bare": {"ocra_suite": "OCRA-1:HOTP-SHA1-6:QN08"},
    "ocra-signing": {"ocra_suite": "OCRA-1:HOTP-SHA512-8:C-QN08-PSHA1-T1M", "window": 2},
    "ocra-mutual": {
        "ocra_suite": "OCRA-1:HOTP-SHA256-8:QA08-S064",
        "ocra_host_suite": "OCRA-1:HOTP-SHA512-8:QA08-S064",
    },
    "gm-sm4-ask": {"algorithm": "gm-sm4", "gm_edition": 2012, "step_s": 60, "window": 2},
}
SESSION = "网银 2026-7"
DIGEST = bytes(range(32))


@pytest.fixture(scope="module")
def types(house):
    """Token types of this module, as an operator puts them in."""
    made = {}
    for name, own in TYPES.items():
        values = {"algorithm": "ocra", "throttle_base_ms": 0, **own}
        house.bank.operate(PutTokenType(name, json.dumps(values)))
        made[name] = OtpParameters().merge(values)
    house.bank.reload()
    return made


@pytest.fixture(scope="module")
def line(house):
    return house.add_channel(suite=4, field_cipher=3, charset="gb18030")


@pytest.fixture
async def client(server, line, types):
    await inform(server)
    async with Client(credentials(line, server), settings=SETTINGS) as client:
        yield client


def answer_of(held, parameters, question, *, counter=0, session="", pin=""):
    pin_hash = ocra.pin_hash(parameters.suite, pin) if pin else b""
    step_s = questions.step_s(parameters)
    moment = Moment(counter, now_ms() // (step_s * 1000) if step_s else None)
    inputs = Inputs(question, pin_hash, session.encode())
    return questions.codes(parameters, held.seed, inputs, [moment])[0]


async def test_challenge_and_response(client, house, types):
    (held,) = house.holders(1, "ocra-bare")
    asked = await client.issue_ocra_challenge(held.customer, reference="R1", text_digest=DIGEST)
    assert asked.succeeded
    assert (asked.token, len(asked.question)) == (held.serial, 8)
    answer = answer_of(held, types["ocra-bare"], asked.question)
    wrong = f"{(int(answer) + 1) % 10**6:06}"
    first = await client.verify_ocra(held.customer, wrong, challenge=asked.challenge)
    assert (first.code, first.remaining_tries, first.text_digest) == (C.WRONG_CODE, 4, None)
    second = await client.verify_ocra(held.customer, answer, challenge=asked.challenge)
    assert second.approved
    assert (second.question, second.text_digest) == (asked.question, DIGEST)
    third = await client.verify_ocra(held.customer, answer, challenge=asked.challenge)
    assert third.code is C.CHALLENGE_USED
    plain = await client.verify_otp(held.customer, answer)
    assert plain.code is C.METHOD_NOT_OF_TOKEN


async def test_a_signature_with_counter_pin_and_time(client, house, types):
    (held,) = house.holders(1, "ocra-signing")
    parameters = types["ocra-signing"]
    early = await client.verify_ocra(held.customer, "12345678", question="88001234")
    assert early.code is C.TOKEN_PIN_NOT_SET
    assert (await client.set_token_pin(held.customer, held.serial, "2580")).succeeded
    answer = answer_of(held, parameters, "88001234", counter=4, pin="2580")
    assert (await client.verify_ocra(held.customer, answer, question="88001235")).code is (
        C.WRONG_CODE
    )
    assert (await client.verify_ocra(held.customer, answer, question="88001234")).approved
    again = await client.verify_ocra(held.customer, answer, question="88001234")
    assert again.code is C.REPLAYED_CODE


async def test_the_server_proves_itself_and_is_answered(client, house, types):
    (held,) = house.holders(1, "ocra-mutual")
    parameters = types["ocra-mutual"]
    host = await client.host_code(held.customer, "CLI22220", session=SESSION)
    expected = questions.host_code(
        parameters,
        held.seed,
        OtpState(),
        Inputs(ocra.both("CLI22220", host.question), b"", SESSION.encode()),
        now_ms(),
    )
    assert host.host_code.reveal() == expected
    assert expected not in repr(host)
    both = ocra.both(host.question, "CLI22220")
    answer = answer_of(held, parameters, both, session=SESSION)
    assert (await client.verify_ocra(held.customer, answer, challenge=host.challenge)).approved


async def test_gm_sm4_with_a_question(client, house, types):
    (held,) = house.holders(1, "gm-sm4-ask")
    asked = await client.issue_ocra_challenge(held.customer)
    answer = answer_of(held, types["gm-sm4-ask"], asked.question)
    assert (await client.verify_ocra(held.customer, answer, challenge=asked.challenge)).approved


async def test_pin_and_code(client, house):
    (held,) = house.holders(1)
    await client.set_token_pin(held.customer, held.serial, "2580")
    code = held.code(now_ms())
    wrong = await client.verify_pin_otp(held.customer, "2581", code)
    assert (wrong.code, wrong.remaining_tries) == (C.WRONG_CODE, 4)
    assert (await client.verify_pin_otp(held.customer, "2580", code)).approved
    assert (await client.verify_otp(held.customer, code)).code is C.REPLAYED_CODE
    weak = await client.set_token_pin(held.customer, held.serial, "1111", pin="2580")
    assert weak.code is C.TOKEN_PIN_TOO_WEAK


async def test_access_protocols(client, house):
    one, other = house.holders(2)
    exchange = chap.Exchange("用户", bytes(range(1, 17)), bytes(range(16)))
    code = one.code(now_ms())
    response = chap.nt_response(chap.challenge_hash(exchange), code)
    asked = {"authenticator_challenge": exchange.challenge, "peer_challenge": exchange.peer}
    result = await client.verify_mschapv2(
        one.customer, nt_response=response, user_name=exchange.user, **asked
    )
    assert result.approved
    expected = chap.authenticator_response(exchange, code, response)
    assert result.authenticator_response == expected
    again = await client.verify_mschapv2(
        one.customer, nt_response=response, user_name=exchange.user, **asked
    )
    assert (again.code, again.authenticator_response) == (C.CHALLENGE_USED, "")
    proof = chap.chap_response(7, other.code(now_ms()), exchange.challenge)
    chapped = await client.verify_chap(
        other.customer,
        identifier=7,
        authenticator_challenge=exchange.challenge,
        chap_response=proof,
    )
    assert chapped.approved


# ---- at once, on two processes


async def at_once(nodes, lines, message):
    """The same message on many connections: each waits until all are ready."""
    answers, start, ready = [], trio.Event(), []

    async def one(number):
        node, line = nodes[number % 2], lines[number // 2 % 2]
        async with await Peer.sign_on(node.address, line) as peer:
            ready.append(number)
            if len(ready) == TASKS:
                start.set()
            await start.wait()
            answers.append(await peer.ask(message))

    async with trio.open_nursery() as nursery:
        for number in range(TASKS):
            nursery.start_soon(one, number)
    return Counter(answer.code for answer in answers)


def recorded(house, lines, transaction):
    return Counter(
        entry.result
        for line in lines
        for entry in house.entries(line)
        if entry.transaction == transaction
    )


async def test_one_answer_counts_once(server, second, house, types):
    lines = house.add_channel(), house.add_channel()
    await inform(server)
    await inform(second)
    (held,) = house.holders(1, "ocra-bare")
    async with await Peer.sign_on(server.address, lines[0]) as peer:
        asked = await peer.ask(
            IssueOcraChallengeRequest(institution=INSTITUTION, customer=held.customer)
        )
    question = asked.message
    message = VerifyOcraRequest(
        institution=INSTITUTION,
        customer=held.customer,
        challenge=question.challenge,
        answer=SecretText(answer_of(held, types["ocra-bare"], question.question)),
    )
    codes = await at_once((server, second), lines, message)
    assert codes == {C.APPROVED: 1, C.CHALLENGE_USED: TASKS - 1}
    assert recorded(house, lines, Transaction.VERIFY_OCRA) == codes


async def test_one_question_of_a_channel_counts_once(server, second, house, types):
    lines = house.add_channel(), house.add_channel()
    await inform(server)
    await inform(second)
    (held,) = house.holders(1, "gm-sm4-ask")
    message = VerifyOcraRequest(
        institution=INSTITUTION,
        customer=held.customer,
        question="88001234",
        answer=SecretText(answer_of(held, types["gm-sm4-ask"], "88001234")),
    )
    codes = await at_once((server, second), lines, message)
    assert codes == {C.APPROVED: 1, C.REPLAYED_CODE: TASKS - 1}


@pytest.mark.parametrize("protocol", ["mschapv2", "chap"])
async def test_one_access_challenge_counts_once(server, second, house, protocol):
    lines = house.add_channel(), house.add_channel()
    await inform(server)
    await inform(second)
    (held,) = house.holders(1)
    challenge, code = bytes(range(16, 32)), held.code(now_ms())
    asked = {
        "institution": INSTITUTION,
        "customer": held.customer,
        "authenticator_challenge": challenge,
    }
    exchange = chap.Exchange(held.customer, challenge, bytes(16))
    message = {
        "mschapv2": VerifyMschapv2Request(
            **asked, nt_response=chap.nt_response(chap.challenge_hash(exchange), code)
        ),
        "chap": VerifyChapRequest(**asked, chap_response=chap.chap_response(0, code, challenge)),
    }[protocol]
    codes = await at_once((server, second), lines, message)
    assert codes == {C.APPROVED: 1, C.CHALLENGE_USED: TASKS - 1}


async def test_the_log_stands(house):
    assert house.verify_log().ok
