"""Seeds that never leave the HSM, through real servers: every verification works, and whatever the
device does, nothing is approved without it and service returns by itself.
"""

from __future__ import annotations

import hashlib
import json

import pytest
import trio

from tigertally_drivers.hsm.port import MacHash
from tigertally_engines.otp import chap, ocra
from tigertally_engines.otp.kernel import hotp
from tigertally_engines.otp.ocra import Inputs, Moment
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.ocra import VerifyOcraRequest
from tigertally_protocol.messages.proof import VerifyChapRequest, VerifyMschapv2Request
from tigertally_protocol.messages.token import ResyncTokenRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.administration import PutTokenType
from tigertally_testing import softhsm
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.hsm_ends import ENDS
from tigertally_testing.peer import join, verification
from tigertally_testing.pressure import Books
from tigertally_testing.processes import spawner, until

SUITE = "OCRA-1:HOTP-SHA1-6:C-QN08"
TYPES = {
    "hotp-hsm": {"algorithm": "hotp", "throttle_base_ms": 0},
    "totp-hsm": {"algorithm": "totp", "throttle_base_ms": 0},
    "ocra-hsm": {"algorithm": "ocra", "ocra_suite": SUITE, "throttle_base_ms": 0},
}
HSM_CODES = {C.HSM_UNAVAILABLE, C.HSM_BUSY, C.HSM_TIMED_OUT}


@pytest.fixture(scope="module", params=list(ENDS))
def end(request, house, tmp_path_factory):
    if request.param == "softhsm" and not softhsm.is_here():
        pytest.skip(softhsm.MISSING)
    for name, values in TYPES.items():
        text = json.dumps({**values, "protection": "device"})
        house.bank.operate(PutTokenType(name, text))
    house.bank.reload()
    with ENDS[request.param](tmp_path_factory.mktemp("hsm")) as end:
        yield end


@pytest.fixture(scope="module")
def shared_server(house, end):
    with spawner(house) as spawn:
        yield spawn("by-hsm", hsm={**end.section, "required": True})


@pytest.fixture
def server(shared_server, end):
    yield shared_server
    end.bring_back()
    assert shared_server.running
    assert shared_server.faults() == []


def holders(house, end, number, type_name="hotp-hsm", hash_name=MacHash.SHA1):
    held = house.holders(number, type_name, keep=end.keep(hash_name))
    end.close_device()
    return held


async def ready(server):
    await until(server.ready, "readiness")


async def test_codes_are_verified_in_the_device(server, house, end):
    (held,) = holders(house, end, 1)
    await ready(server)
    async with await join(server, house.add_channel()) as peer:
        wrong = await peer.ask(verification(held, "000000"))
        assert wrong.code is C.WRONG_CODE
        right = await peer.ask(verification(held, held.counter_code(2)))
        assert right.code is C.APPROVED
        assert right.message.remaining_tries == 5
        again = await peer.ask(verification(held, held.counter_code(2)))
        assert again.code is C.REPLAYED_CODE
        resync = ResyncTokenRequest(
            institution=INSTITUTION,
            customer=held.customer,
            token=held.serial,
            otp_1=SecretText(held.counter_code(60)),
            otp_2=SecretText(held.counter_code(61)),
        )
        found = await peer.ask(resync, transaction=Transaction.RESYNC_TOKEN)
        assert found.code is C.CHANGED
        after = await peer.ask(verification(held, held.counter_code(62)))
        assert after.code is C.APPROVED
    assert server.metric("tigertally_hsm_seconds_count") >= 5


async def test_access_protocols_over_codes_of_the_device(server, house, end):
    first, second = holders(house, end, 2)
    await ready(server)
    challenge, peer_challenge = hashlib.sha256(first.seed).digest()[:16], bytes(range(16))
    async with await join(server, house.add_channel()) as peer:
        exchange = chap.Exchange(first.customer, challenge, peer_challenge)
        code = hotp(first.seed, 0, 6)
        proof = chap.nt_response(chap.challenge_hash(exchange), code)
        answer = await peer.ask(
            VerifyMschapv2Request(
                institution=INSTITUTION,
                customer=first.customer,
                authenticator_challenge=challenge,
                peer_challenge=peer_challenge,
                nt_response=proof,
            ),
            transaction=Transaction.VERIFY_MSCHAPV2,
        )
        assert answer.code is C.APPROVED
        assert answer.message.authenticator_response == chap.authenticator_response(
            exchange, code, proof
        )
        answer = await peer.ask(
            VerifyChapRequest(
                institution=INSTITUTION,
                customer=second.customer,
                identifier=7,
                authenticator_challenge=challenge,
                chap_response=chap.chap_response(7, hotp(second.seed, 1, 6), challenge),
            ),
            transaction=Transaction.VERIFY_CHAP,
        )
        assert answer.code is C.APPROVED


async def test_ocra_in_the_device(server, house, end):
    (held,) = holders(house, end, 1, "ocra-hsm")
    await ready(server)
    suite = house.bank.context.snapshot.token_types["ocra-hsm"].suite
    inputs = Inputs("00001234")
    right = ocra.answers(suite, held.seed, inputs, [Moment(3, None)])[0]
    async with await join(server, house.add_channel()) as peer:
        message = VerifyOcraRequest(
            institution=INSTITUTION,
            customer=held.customer,
            question="00001234",
            answer=SecretText(right),
        )
        answer = await peer.ask(message, transaction=Transaction.VERIFY_OCRA)
        assert answer.code is C.APPROVED
        answer = await peer.ask(message, transaction=Transaction.VERIFY_OCRA)
        assert answer.code is C.REPLAYED_CODE


async def test_gone_under_load_and_back(server, house, end):
    books = Books(house.add_channel(), holders(house, end, 12), budget_ms=2_000)
    await ready(server)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(books.press, server)
        await books.acknowledge(60)
        end.take_away()
        await books.put_offs(24)
        assert set(books.put_off) <= HSM_CODES
        await until(lambda: not server.ready(), "unreadiness")
        assert server.get("/readyz") == (503, "not ready: no HSM is usable\n")
        end.bring_back()
        await books.acknowledge(60)
        books.stopping = True
    await ready(server)
    await books.settle(server)
    books.check(house)
    assert sum(
        server.metric("tigertally_hsm_failures_total", code=c.name.lower()) for c in HSM_CODES
    )


async def test_gone_at_the_start(house, end, spawn):
    (held,) = holders(house, end, 1)
    (fast,) = house.holders(1, "hotp-6")
    end.take_away()
    server = spawn("early", hsm={**end.section, "required": True})
    async with await join(server, house.add_channel()) as peer:
        answer = await peer.ask(verification(held, held.counter_code(0)))
        assert answer.code is C.HSM_UNAVAILABLE
        answer = await peer.ask(verification(fast, fast.counter_code(0)))
        assert answer.code is C.APPROVED, "seeds in memory don't need it"
        assert not server.ready()
        end.bring_back()
        await ready(server)
        answer = await peer.ask(verification(held, held.counter_code(0)))
        assert answer.code is C.APPROVED


async def test_one_of_two_devices_suffices(server, house, end):
    if not hasattr(end, "ports"):
        pytest.skip("one token is one device; host commands have two")
    books = Books(house.add_channel(), holders(house, end, 12), budget_ms=5_000)
    await ready(server)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(books.press, server)
        await books.acknowledge(40)
        end.stop(end.ports[0])
        await books.acknowledge(40)
        end.start(end.ports[0])
        end.stop(end.ports[1])
        await books.acknowledge(40)
        books.stopping = True
    await books.settle(server)
    books.check(house)
    assert set(books.put_off) <= {C.HSM_UNAVAILABLE}
