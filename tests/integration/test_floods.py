"""Floods against a real server: what is refused costs little memory, frees its place, and leaves
others served. No times are asserted; `make bench ARGS="overload"` measures them.
"""

from __future__ import annotations

import resource

import pytest
import trio

from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.constants import MAX_REJECTS
from tigertally_protocol.messages.user import QueryUserRequest
from tigertally_protocol.suites import SuiteId
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.peer import Closed, Peer, join, new_serial, verification
from tigertally_testing.processes import until

MEGABYTE = 1 << 20
PLACES = 40


def query():
    return QueryUserRequest(institution=INSTITUTION, customer="NOBODY")


async def burst(peer, number):
    serials = [new_serial() for _ in range(number)]
    await peer.send(b"".join(peer.build(query(), serial=serial) for serial in serials))
    return await peer.collect(serials)


async def test_a_flood_over_a_channel_s_rate_costs_no_memory_and_no_neighbour(house, spawn):
    server = spawn()
    limited, other = house.add_channel(rate_per_s=50), house.add_channel()
    (held,) = house.holders(1, "hotp-6")
    async with await join(server, limited) as flood, await join(server, other) as victim:
        await burst(flood, 1_000)
        before = server.resident_bytes()
        for counter in range(15):
            answers = await burst(flood, 1_000)
            assert {answer.code for answer in answers} <= {C.BUSY, C.USER_UNKNOWN, C.ANSWERED}
            assert sum(answer.code is C.BUSY for answer in answers) > 500
            answer = await victim.verify(held, held.counter_code(counter))
            assert answer.code is C.APPROVED
        assert server.resident_bytes() - before < 8 * MEGABYTE
    assert server.faults() == []


async def test_what_is_refused_unread_has_the_form_of_its_own_answer(server, house):
    """Refused before it is opened, a request is still answered as its transaction wants."""
    line = house.add_channel(rate_per_s=1)
    (held,) = house.holders(1, "hotp-6")
    async with await join(server, line) as peer:
        await burst(peer, 5)
        serials = [new_serial() for _ in range(20)]
        frames = [
            peer.build(verification(held, held.counter_code(0)), serial=serial)
            for serial in serials
        ]
        await peer.send(b"".join(frames))
        refused = [answer for answer in await peer.collect(serials) if answer.code is C.BUSY]
        assert len(refused) >= 18
        for answer in refused:
            assert answer.retry_after_ms > 0
            assert answer.message.entry_shard == 0xFFFF
            assert (answer.message.token, answer.message.remaining_tries) == ("", 255)


async def test_a_channel_that_fills_the_queue_leaves_room_for_another(house, spawn):
    server = spawn(server={"queue_max": 100})
    greedy, modest = house.add_channel(), house.add_channel()
    (held,) = house.holders(1, "hotp-6")
    async with await join(server, greedy) as flood, await join(server, modest) as victim:
        stop = trio.Event()

        async def press():
            while not stop.is_set():
                answers = await burst(flood, 500)
                assert any(answer.code is C.BUSY for answer in answers)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(press)
            for counter in range(20):
                answer = await victim.verify(held, held.counter_code(counter))
                assert answer.code is C.APPROVED
            stop.set()
    assert server.faults() == []


async def test_a_half_open_flood_gives_its_places_back(house, spawn):
    server = spawn(server={"connections_max": PLACES}, limits={"half_open_s": 1.0})
    line = house.add_channel()
    async with await join(server, line) as early:
        silent = [await trio.open_tcp_stream(*server.address) for _ in range(3 * PLACES)]
        try:
            # Whoever was in before is served while all places are taken.
            assert (await early.ask(query())).code in (C.USER_UNKNOWN, C.ANSWERED)
            with trio.fail_after(20):
                while True:
                    try:
                        late = await Peer.sign_on(server.address, line)
                        break
                    except (Closed, OSError):
                        continue
            async with late:
                assert (await late.ask(query())).code in (C.USER_UNKNOWN, C.ANSWERED)
        finally:
            for stream in silent:
                await trio.aclose_forcefully(stream)
    assert server.faults() == []


@pytest.mark.parametrize("suite", [SuiteId.INTL_CMAC, SuiteId.INTL_HMAC], ids=lambda s: s.name)
async def test_forged_frames_end_their_connection_only(server, house, suite):
    forger, honest = house.add_channel(suite=int(suite)), house.add_channel()
    (held,) = house.holders(1, "hotp-6")

    def ended():
        reason = {"reason": "rejected: BAD_MAC"}
        return server.metric("tigertally_closed_connections_total", **reason)

    before, rejected = ended(), server.metric("tigertally_rejects_total", code="BAD_MAC")
    async with await join(server, honest) as peer:
        for counter in range(5):
            async with await join(server, forger) as bad:
                frames = [bytearray(bad.build(query())) for _ in range(200)]
                for frame in frames:
                    frame[-1] ^= 1
                await bad.stream.send_all(b"".join(frames))
                await bad.until_closed()
                assert {reject.code for reject in bad.rejects} <= {C.BAD_MAC}
                assert len(bad.rejects) <= MAX_REJECTS
            answer = await peer.verify(held, held.counter_code(counter))
            assert answer.code is C.APPROVED
    await until(lambda: ended() == before + 5, "all forgers to be cut")
    assert server.metric("tigertally_rejects_total", code="BAD_MAC") == rejected + 5 * MAX_REJECTS


async def test_the_limit_on_open_files_follows_the_connections(house, spawn):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 3_000:
        pytest.skip(f"this machine allows {hard} open files; the test needs 3000")
    resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, hard))
    try:
        server = spawn(server={"connections_max": 2_500})
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert resource.prlimit(server.pid, resource.RLIMIT_NOFILE)[0] >= 2_500
