"""The Python client as a front-end uses it, while servers die, drain and come back: each call has
one answer and one entry, and the caller notices nothing.
"""

from __future__ import annotations

from collections import Counter

import pytest
import trio

from tigertally_client.client import Client
from tigertally_client.errors import NoAnswer, OutcomeUnknown
from tigertally_client.settings import ClientSettings
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.transactions import QueryState
from tigertally_testing.credentials import credentials
from tigertally_testing.peer import inform
from tigertally_testing.processes import until

CUSTOMERS = 12
ROUNDS = 25
SETTINGS = ClientSettings(connections=3, timeout_s=30.0, attempt_timeout_s=1.0)


class Customers:
    """Each presents one right code after another, and counts what comes back."""

    def __init__(self, client, held):
        self._client, self._held = client, held
        self.codes: Counter[C] = Counter()
        self.tries = 0

    async def run(self):
        async with trio.open_nursery() as nursery:
            for item in self._held:
                nursery.start_soon(self._present, item)

    async def _present(self, item):
        for counter in range(ROUNDS):
            result = await self._client.verify_otp(item.customer, item.counter_code(counter))
            self.codes[result.receipt.code] += 1
            self.tries += result.receipt.tries

    async def answered(self, number):
        await until(lambda: self.codes.total() >= number, f"{number} answers", 60)


def check(house, line, held):
    """One approval per token and code, nothing else about these tokens."""
    tokens = {int(item.serial[1:]) for item in held}
    mine = [e for e in house.all_entries() if e.channel_id == line.channel_id]
    asked = Counter((e.token_id, e.result) for e in mine if e.token_id in tokens and e.phase == 0)
    binding = Counter({(token, C.CHANGED): 1 for token in tokens})
    assert asked - binding == Counter({(token, C.APPROVED): ROUNDS for token in tokens})
    assert house.verify_log().ok


@pytest.mark.parametrize("how", ["killed", "drained"])
async def test_a_front_end_notices_neither_deaths_nor_drains(own_house, own, how):
    line = own_house.add_channel(suite=2, field_cipher=1)
    held = own_house.holders(CUSTOMERS, "hotp-6")
    first, second = own("node-a"), own("node-b")
    await inform(first)
    await inform(second)
    async with Client(credentials(line, first, second), settings=SETTINGS) as client:
        customers = Customers(client, held)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(customers.run)
            await customers.answered(CUSTOMERS * ROUNDS // 4)
            if how == "killed":
                first.kill()
            else:
                assert await trio.to_thread.run_sync(first.stop) == 0
    assert customers.codes == {C.APPROVED: CUSTOMERS * ROUNDS}
    check(own_house, line, held)
    assert second.faults() == []


async def test_an_outcome_that_nobody_knows_is_resolved_by_cancelling_it(own_house, own):
    line = own_house.add_channel()
    (held,) = own_house.holders(1, "hotp-6")
    server = own()
    await inform(server)
    settings = ClientSettings(connections=1, timeout_s=1.0, attempt_timeout_s=0.5)
    async with Client(credentials(line, server), settings=settings) as client:
        assert (await client.verify_otp(held.customer, held.counter_code(0))).approved
        server.kill()
        ticket = client.new_ticket()
        with pytest.raises((OutcomeUnknown, NoAnswer)):
            await client.verify_otp(held.customer, held.counter_code(1), ticket=ticket)
    server.start()
    async with Client(credentials(line, server), settings=SETTINGS) as client:
        cancelled = await client.cancel_serial(ticket.serial, ticket.business_day)
        assert cancelled.state is QueryState.CANCELLED
        late = await client.verify_otp(held.customer, held.counter_code(1), ticket=ticket)
        assert late.receipt.code is C.SERIAL_CANCELLED
        assert (await client.verify_otp(held.customer, held.counter_code(1))).approved
