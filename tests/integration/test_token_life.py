"""A token's life, scratch cards, mobile activation and emergency codes on real servers and a real
PostgreSQL: through the Python client, and at once on two processes.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import count

import pytest
import trio

from tigertally_client.client import Client
from tigertally_client.mobile import seed_of
from tigertally_client.settings import ClientSettings
from tigertally_engines.otp.kernel import cell_codes, hotp
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.transactions import TokenState
from tigertally_server.domain.administration import PutTokenType
from tigertally_testing.credentials import credentials
from tigertally_testing.peer import inform

SETTINGS = ClientSettings(connections=2, timeout_s=30.0, attempt_timeout_s=10.0)
MATRIX = {
    "algorithm": "card-matrix",
    "card_rows": 2,
    "card_columns": 3,
    "cells_asked": 2,
    "card_warning": 2,
    "throttle_base_ms": 0,
}
S = TokenState
_ids = count(970_001)


@pytest.fixture(scope="module")
def line(house):
    house.bank.operate(PutTokenType("card-of-six", json.dumps(MATRIX)))
    house.bank.reload()
    return house.add_channel(suite=2, field_cipher=1, charset="gb18030")


def in_stock(house, **changes):
    """(serial, seed) of a new token that nobody holds."""
    token_id = next(_ids)
    serial = f"L{token_id}"
    return serial, house.bank.add_token(serial, token_id=token_id, **changes)


def code(seed, now_ms):
    return hotp(seed, now_ms // 30_000, 6)


async def test_from_the_stock_to_the_end(house, server, line):
    (held,) = house.holders(1)
    spare, seed = in_stock(house, overrides='{"window": 2}')
    await inform(server)
    async with Client(credentials(line, server), settings=SETTINGS) as client:
        lost = await client.report_loss(held.customer, held.serial, reason="公共汽车")
        assert (lost.code, lost.token_state) == (C.CHANGED, S.LOST)
        tried = await client.verify_otp(held.customer, held.code(house.now_ms()))
        assert tried.code is C.TOKEN_LOST
        assert (await client.report_loss(held.customer, held.serial)).code is C.TOKEN_LOST
        found = await client.withdraw_loss(held.customer, held.serial)
        assert found.token_state is S.ACTIVE
        assert (await client.withdraw_loss(held.customer, held.serial)).code is (
            C.NOTHING_TO_WITHDRAW
        )
        replaced = await client.replace_token(held.customer, held.serial, spare, assign=True)
        assert (replaced.token_state, replaced.new_token_state) == (S.REPLACED, S.ASSIGNED)
        active = await client.activate_token(held.customer, spare, code(seed, house.now_ms()))
        assert active.token_state is S.ACTIVE
        shown = await client.query_token(held.customer, held.serial)
        assert (shown.token_state, shown.replaced_by) == (S.REPLACED, spare)
        assert (await client.void_token(held.customer, held.serial)).token_state is S.VOID
        restored = await client.restore_token(held.customer, held.serial)
        assert restored.token_state is S.IN_STOCK
        assert (await client.query_token("", held.serial)).token_state is S.IN_STOCK
    assert house.verify_log().ok


async def test_a_telephone_is_activated(house, server, line):
    (held,) = house.holders(1)
    serial, _ = in_stock(house, seed=b"", overrides='{"window": 2}')
    await inform(server)
    async with Client(credentials(line, server), settings=SETTINGS) as client:
        await client.assign_token(held.customer, serial)
        uri = (await client.start_activation(held.customer, serial)).uri.reveal()
        second = await client.issue_activation_code(held.customer, serial)
        seed = seed_of(uri, second.activation_code.reveal())
        otp = code(seed, house.now_ms())
        answer = await client.activate_token(held.customer, serial, otp, activation_code="A" * 16)
        assert answer.code is C.WRONG_CODE
        answer = await client.activate_token(
            held.customer, serial, otp, activation_code=second.activation_code.reveal()
        )
        assert (answer.code, answer.token_state) == (C.CHANGED, S.ACTIVE)
        again = await client.verify_otp(held.customer, otp, token=serial)
        assert again.code is C.REPLAYED_CODE
        await client.unbind_token(held.customer, serial)
        assert (await client.bind_token(held.customer, serial)).code is C.TOKEN_NOT_ACTIVATED


async def test_a_card_is_used_up(house, server, line):
    (held,) = house.holders(1, "card-of-six")
    await inform(server)
    async with Client(credentials(line, server), settings=SETTINGS) as client:
        left = []
        for _ in range(3):
            asked = await client.ask_card(held.customer)
            answer = await client.verify_card(held.customer, asked.challenge, read(held, asked))
            assert answer.approved
            left.append((answer.cells_left, answer.low))
        assert left == [(4, False), (2, True), (0, True)]
        assert (await client.ask_card(held.customer)).code is C.CARD_EXHAUSTED


def read(held, asked):
    cells = [(ord(name[0]) - ord("A")) * 3 + int(name[1:]) - 1 for name in asked.cells]
    return "".join(cell_codes(held.seed, cells, asked.cell_digits))


async def test_one_answer_and_one_last_use_on_two_servers(house, server, second, line):
    card, loser = house.holders(1, "card-of-six") + house.holders(1)
    await inform(server)
    await inform(second)
    answers: Counter[C] = Counter()
    async with (
        Client(credentials(line, server), settings=SETTINGS) as one,
        Client(credentials(line, second), settings=SETTINGS) as other,
    ):
        asked = await one.ask_card(card.customer)
        await one.report_loss(loser.customer, loser.serial)
        issued = await one.issue_emergency_code(loser.customer, loser.serial, uses=3)

        async def present(client):
            answer = await client.verify_card(card.customer, asked.challenge, read(card, asked))
            answers[answer.code] += 1
            used = await client.verify_emergency_code(
                loser.customer, issued.emergency_code.reveal()
            )
            answers[used.code] += 1

        async with trio.open_nursery() as nursery:
            for client in (one, other) * 12:
                nursery.start_soon(present, client)
        gone = await one.query_token(loser.customer, loser.serial)
        assert gone.emergency_until_ms == issued.expires_at_ms
    assert answers == {
        C.APPROVED: 1 + 3,
        C.CHALLENGE_USED: 23,
        C.NO_EMERGENCY_CODE: 21,
    }
