"""Abuse against a real server: passwords sprayed over many customers, and a stranger who tries to
lock a customer out. The first is heard, the second comes to nothing, and nobody is locked for it.
"""

from __future__ import annotations

import msgspec
import pytest

from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_server.services.recording import open_outcome, open_personal_part
from tigertally_server.services.sessions import SprayingSuspected
from tigertally_server.services.table import SPRAYING_NOTE
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.peer import join
from tigertally_testing.processes import until

CUSTOMERS = 8
HOME, ELSEWHERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture
def watchful(spawn):
    return spawn("watchful", abuse={"spray_customers": CUSTOMERS, "spray_address_customers": 5})


def asked(customer, code, address=ELSEWHERE):
    return VerifyOtpRequest(
        institution=INSTITUTION,
        customer=customer,
        otp=SecretText(code),
        end_user_address=address,
    )


async def test_spraying_is_heard_and_locks_nobody(watchful, house):
    line = house.add_channel(disclose=False)
    held = house.holders(CUSTOMERS, "hotp-6")
    async with await join(watchful, line) as peer:
        for one in held:
            assert (await peer.ask(asked(one.customer, "000000"))).code is C.DENIED
        assert (await peer.ask(asked("NOBODY", "000000"))).code is C.DENIED
        labels = {"channel": str(line.channel_id)}
        name = "tigertally_spraying_alarms_total"
        await until(lambda: watchful.metric(name, **labels) == 2, "two alarms", 20)
        for one in held:
            right = asked(one.customer, one.counter_code(0))
            assert (await peer.ask(right)).code is C.APPROVED
    heard = [event for event in watchful.events() if "spraying" in event["event"]]
    assert {(event["channel"], event["from_one_address"]) for event in heard} == {
        (line.channel_id, False),
        (line.channel_id, True),
    }
    assert ELSEWHERE not in watchful.log()
    notes = [entry for entry in house.notes(line) if entry.transaction == SPRAYING_NOTE]
    assert len(notes) == 2
    context, addresses = house.environment.context, set()
    for entry in notes:
        told = msgspec.json.decode(open_outcome(context, entry).note, type=SprayingSuspected)
        assert 5 <= told.customers <= told.denied <= told.tries <= CUSTOMERS + 1
        aead = context.keyring.outcome_aead(entry.personal_key_id, entry.business_day)
        addresses.add(open_personal_part(aead, entry).end_user_address)
    assert addresses == {"", ELSEWHERE}


async def test_a_stranger_locks_no_customer_out(server, house):
    line = house.add_channel()
    (held,) = house.holders(1, "hotp-6")
    async with await join(server, line) as peer:
        first = await peer.ask(asked(held.customer, held.counter_code(0), HOME))
        assert first.code is C.APPROVED
        codes = [(await peer.ask(asked(held.customer, "000000"))).code for _ in range(6)]
        assert codes[:3] == [C.WRONG_CODE] * 3
        assert codes[-1] is C.TOKEN_THROTTLED
        again = await peer.ask(asked(held.customer, held.counter_code(1), HOME))
        assert again.code is C.APPROVED
