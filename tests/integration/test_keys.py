"""Working keys over a real socket: changed in the middle of traffic, asked for when they are due,
and the old ones worth nothing afterwards.
"""

from __future__ import annotations

import pytest

from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.events import KeyChangeDueReceived, KeysChanged
from tigertally_protocol.messages.user import QueryUserRequest
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.peer import join, new_serial, now_ms, today
from tigertally_testing.processes import spawner

QUERY = QueryUserRequest(institution=INSTITUTION, customer="NOBODY")
SUITES = {
    "HMAC-SHA256": {"suite": 1},
    "AES-CMAC and GCM": {"suite": 2, "field_cipher": 1},
    "HMAC-SM3 and SM4-CBC": {"suite": 3, "field_cipher": 4},
    "SM4-CMAC and GCM": {"suite": 4, "field_cipher": 3},
    "X9.19": {"suite": 5},
}


def key_change(peer):
    return peer.conn.key_change(new_serial(), business_day=today(), now_ms=now_ms())


async def changed(peer):
    while not isinstance(notice := await peer.next_notice(), KeysChanged):
        pass
    return notice.generation


@pytest.fixture(scope="module")
def changing(house):
    """A server that wants new keys after a second."""
    with spawner(house) as spawn:
        yield spawn("changing", limits={"key_life_s": 1, "key_overlap_s": 1.0})


@pytest.mark.parametrize("name", SUITES)
async def test_keys_change_in_the_middle_of_traffic(server, house, name):
    line = house.add_channel(**SUITES[name])
    async with await join(server, line) as peer:
        for generation in range(2, 5):
            serials = [new_serial() for _ in range(60)]
            # Requests before and behind the change in one piece, all under the old keys.
            before = [peer.build(QUERY, serial=serial) for serial in serials[:30]]
            change = key_change(peer)
            behind = [peer.build(QUERY, serial=serial) for serial in serials[30:]]
            await peer.send(b"".join([*before, change, *behind]))
            answers = await peer.collect(serials)
            assert {answer.code for answer in answers} <= {C.ANSWERED, C.USER_UNKNOWN}
            assert await changed(peer) == generation
            assert (await peer.ask(QUERY)).header.key_generation == generation
        await peer.sign_off()


async def test_frames_under_the_old_keys_end_with_the_first_under_the_new(server, house):
    line = house.add_channel()
    async with await join(server, line) as peer:
        await peer.send(key_change(peer))
        assert await changed(peer) == 2
        await peer.ask(QUERY)
        await peer.send(peer.forge(peer.build(QUERY), key_generation=1))
        assert (await peer.next_reject()).code is C.UNKNOWN_GENERATION


async def test_two_changes_at_once_are_one(server, house):
    """The second finds the first under way: not executed, and nobody is thrown out."""
    line = house.add_channel()
    async with await join(server, line) as peer:
        first = key_change(peer)
        second = peer.forge(first, serial=(serial := new_serial()), sequence=3)
        await peer.send(first + second)
        assert await changed(peer) == 2
        (answer,) = await peer.collect([serial])
        assert (answer.code, answer.header.key_generation) == (C.IN_PROGRESS, 2)


async def test_the_server_asks_for_new_keys_when_they_are_due(changing, house):
    line = house.add_channel()
    async with await join(changing, line) as peer:
        for generation in (2, 3):
            notice = await peer.next_notice()
            assert isinstance(notice, KeyChangeDueReceived)
            assert notice.grace_ms == 1_000
            await peer.send(key_change(peer))
            assert await changed(peer) == generation
        await peer.sign_off()


async def test_the_old_keys_expire_even_where_the_new_are_not_used(changing, house):
    line = house.add_channel()
    async with await join(changing, line) as peer:
        old = peer.conn._outgoing.generation
        assert isinstance(await peer.next_notice(), KeyChangeDueReceived)
        await peer.send(key_change(peer))
        assert await changed(peer) == 2
        new, peer.conn._outgoing.generation = peer.conn._outgoing.generation, old
        # Told once more that keys are due: the tick that says so has ended the overlap as well.
        assert isinstance(await peer.next_notice(), KeyChangeDueReceived)
        await peer.send(peer.build(QUERY))
        assert (await peer.next_reject()).code is C.UNKNOWN_GENERATION
        peer.conn._outgoing.generation = new
        assert (await peer.ask(QUERY)).header.key_generation == 2
