"""Two server processes on one database: neither may believe something the other has made untrue."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial

import msgspec
import pytest
import trio

from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.token import TokenRequest
from tigertally_protocol.transactions import TokenState, Transaction
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.peer import Peer, inform, join, new_serial, now_ms, verification

TASKS = 50


@pytest.fixture(scope="module")
def line(house):
    return house.add_channel()


@pytest.fixture
async def nodes(server, second, line):
    """A connection to each process."""
    async with await join(server, line) as here, await join(second, line) as there:
        yield here, there


def code_of(held):
    return held.counter_code(0) if held.type_name == "hotp-6" else held.code(now_ms())


@pytest.mark.parametrize("type_name", ["totp-6", "hotp-6"])
async def test_one_code_from_50_tasks_on_two_processes_is_approved_once(
    server, second, house, line, type_name
):
    (held,) = house.holders(1, type_name)
    code, answers, start = code_of(held), [], trio.Event()
    await inform(server)
    await inform(second)

    async def present(node, ready):
        async with await Peer.sign_on(node.address, line) as peer:
            ready()
            await start.wait()
            answers.append(await peer.verify(held, code))

    async with trio.open_nursery() as nursery:
        waiting = set(range(TASKS))

        def ready(number):
            waiting.discard(number)
            if not waiting:
                start.set()

        for number in range(TASKS):
            node = (server, second)[number % 2]
            nursery.start_soon(present, node, partial(ready, number))
    assert Counter(answer.code for answer in answers) == {C.APPROVED: 1, C.REPLAYED_CODE: 49}
    places = {(answer.message.entry_shard, answer.message.entry_seq) for answer in answers}
    assert len(places) == TASKS
    recorded = Counter(
        entry.result for entry in house.entries(line) if entry.token_id == token(held)
    )
    assert recorded == {C.APPROVED: 1, C.REPLAYED_CODE: 49}


def token(held):
    return int(held.serial[1:])


async def test_one_serial_sent_to_both_processes_at_once_has_one_answer(nodes, house, line):
    held = house.holders(20)
    serials = [new_serial() for _ in held]
    codes = [item.code(now_ms()) for item in held]
    answers = {}

    async def ask(peer):
        for serial, item, code in zip(serials, held, codes, strict=True):
            await peer.send(peer.build(verification(item, code), serial=serial))
        answers[id(peer)] = await peer.collect(serials)

    async with trio.open_nursery() as nursery:
        for peer in nodes:
            nursery.start_soon(ask, peer)
    here, there = (answers[id(peer)] for peer in nodes)
    for first, second in zip(here, there, strict=True):
        assert first.code is second.code is C.APPROVED
        assert msgspec.structs.asdict(first.message) == msgspec.structs.asdict(second.message)
    recorded = Counter(entry.serial for entry in house.entries(line))
    assert {recorded[serial] for serial in serials} == {1}


async def test_wrong_codes_lock_the_token_on_every_process(nodes, house):
    here, there = nodes
    (held,) = house.holders(1, "hotp-6", overrides='{"max_failures": 4, "throttle_after": 9}')
    tries = []
    for number in range(4):
        answer = await nodes[number % 2].verify(held, "000000")
        assert answer.code is C.WRONG_CODE
        tries.append(answer.message.remaining_tries)
    assert tries == [3, 2, 1, 0]
    assert answer.message.token_state == TokenState.LOCKED
    assert answer.message.locked_until > now_ms()
    for peer in nodes:
        locked = await peer.verify(held, held.counter_code(0))
        assert locked.code is C.TOKEN_LOCKED
        assert locked.message.locked_until == answer.message.locked_until
    unlock = TokenRequest(institution=INSTITUTION, customer=held.customer, token=held.serial)
    unlocked = await there.ask(unlock, transaction=Transaction.UNLOCK_TOKEN)
    assert (unlocked.code, unlocked.message.token_state) == (C.CHANGED, TokenState.ACTIVE)
    assert (await here.verify(held, held.counter_code(0))).code is C.APPROVED


async def test_a_token_disabled_on_one_process_is_refused_on_the_other(nodes, house):
    here, there = nodes
    (held,) = house.holders(1, "hotp-6")
    ask = TokenRequest(institution=INSTITUTION, customer=held.customer, token=held.serial)
    assert (await here.ask(ask, transaction=Transaction.DISABLE_TOKEN)).code is C.CHANGED
    assert (await there.verify(held, held.counter_code(0))).code is C.TOKEN_DISABLED
    assert (await there.ask(ask, transaction=Transaction.ENABLE_TOKEN)).code is C.CHANGED
    assert (await here.verify(held, held.counter_code(0))).code is C.APPROVED


async def test_wrong_codes_from_many_tasks_lock_at_exactly_the_limit(nodes, house):
    (held,) = house.holders(1, "hotp-6", overrides='{"max_failures": 5, "throttle_after": 99}')
    serials = [[new_serial() for _ in range(20)] for _ in nodes]
    codes: Counter[C] = Counter()

    async def guess(peer, own):
        frames = [peer.build(verification(held, "000000"), serial=serial) for serial in own]
        await peer.send(b"".join(frames))
        codes.update(answer.code for answer in await peer.collect(own))

    async with trio.open_nursery() as nursery:
        for peer, own in zip(nodes, serials, strict=True):
            nursery.start_soon(guess, peer, own)
    assert codes == {C.WRONG_CODE: 5, C.TOKEN_LOCKED: 35}


async def test_a_retry_after_a_lost_answer_on_the_other_process_gets_the_same_answer(
    server, second, house, line
):
    (held,) = house.holders(1)
    code, serial = held.code(now_ms()), new_serial()
    async with await join(server, line) as peer:
        await peer.send(peer.build(verification(held, code), serial=serial))
        # Gone without reading: the answer is lost, the request perhaps, too.
    async with await join(second, line) as peer:
        first = await peer.verify(held, code, serial=serial, retry=True)
        assert first.code is C.APPROVED
    async with await join(server, line) as peer:
        again = await peer.verify(held, code, serial=serial, retry=True)
    assert (again.code, again.message) == (first.code, first.message)
    entries = [entry for entry in house.entries(line) if entry.serial == serial]
    assert [(e.shard, e.seq) for e in entries] == [
        (first.message.entry_shard, first.message.entry_seq)
    ]


async def test_a_retry_is_the_same_request_however_it_is_enciphered(server, second, house):
    """The seal's nonce depends on the connection; the digest is over the deciphered fields."""
    sealed = house.add_channel(suite=2, field_cipher=2)
    (held,) = house.holders(1)
    code, serial, answers = held.code(now_ms()), new_serial(), []
    for node in (server, second):
        async with await join(node, sealed) as peer:
            answers.append(await peer.verify(held, code, serial=serial))
    assert [answer.code for answer in answers] == [C.APPROVED, C.APPROVED]
    assert answers[0].message == answers[1].message


async def test_both_processes_write_logs_that_hold(nodes, house):
    held = house.holders(40)
    for peer in nodes:
        serials = [new_serial() for _ in held]
        frames = [
            peer.build(verification(item, "000000"), serial=serial)
            for serial, item in zip(serials, held, strict=True)
        ]
        await peer.send(b"".join(frames))
        await peer.collect(serials)
    report = house.verify_log()
    assert report.ok, report.findings


async def test_a_channel_is_known_by_its_own_key_only(server, house, line):
    other = house.add_channel()
    await inform(server)
    with pytest.raises(AssertionError, match="SIGN_ON_REFUSED"):
        await Peer.sign_on(server.address, replace(other, master_key=line.master_key))
