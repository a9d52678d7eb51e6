"""Peers that don't read, don't speak, or speak one byte at a time; and very many that only sit
there.
"""

from __future__ import annotations

import resource
import socket
from collections import Counter

import pytest
import trio

from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.user import QueryUserRequest
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.peer import (
    Closed,
    Peer,
    inform,
    join,
    new_serial,
    now_ms,
    today,
    verification,
)
from tigertally_testing.processes import spawner, until

IDLE = 2_000
TIMES = {
    "half_open_s": 1.0,
    "idle_s": 1.5,
    "heartbeat_s": 1,
    "slow_reader_s": 1.0,
    "outbox_bytes": 65_536,
}
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def hasty(own_house):
    """A server that loses patience quickly."""
    with spawner(own_house) as spawn:
        yield spawn("hasty", limits=TIMES)


async def deaf(address, line):
    """Signed on, with a receive buffer that is full at once."""
    sock = trio.socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await sock.connect(address)
    return await Peer.sign_on(address, line, trio.SocketStream(sock))


@pytest.fixture(scope="module")
def line(own_house):
    return own_house.add_channel(connections=IDLE + 100)


async def test_a_peer_that_never_reads_is_ended_and_costs_little(hasty, own_house, line):
    query = QueryUserRequest(institution=INSTITUTION, customer="NOBODY")
    reason = {"reason": "does not take its answers"}
    before = hasty.metric("tigertally_closed_connections_total", **reason)
    peer = await _deaf_peer(hasty, line)
    resident = hasty.resident_bytes()
    async with peer:
        with trio.fail_after(30), pytest.raises(trio.BrokenResourceError):
            await _flood(peer, query)
    assert hasty.metric("tigertally_closed_connections_total", **reason) == before + 1
    assert hasty.resident_bytes() - resident < 24 * MEGABYTE
    assert hasty.faults() == []


async def _flood(peer, query):
    """Blocks as soon as the server reads no more; broken when it has had enough."""
    while True:
        await peer.stream.send_all(b"".join(peer.build(query) for _ in range(200)))


async def _deaf_peer(server, line):
    await inform(server)
    return await deaf(server.address, line)


async def test_others_are_served_while_one_does_not_read(hasty, own_house, line):
    (held,) = own_house.holders(1, "hotp-6")
    query = QueryUserRequest(institution=INSTITUTION, customer=held.customer)
    async with await _deaf_peer(hasty, line) as deaf_one, await join(hasty, line) as peer:
        stuck = trio.Event()

        async def flood():
            try:
                while True:
                    frames = b"".join(deaf_one.build(query) for _ in range(200))
                    with trio.move_on_after(0.2) as waited:
                        await deaf_one.stream.send_all(frames)
                    if waited.cancelled_caught:
                        return
            except trio.BrokenResourceError:
                return
            finally:
                stuck.set()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(flood)
            for counter in range(20):
                answer = await peer.verify(held, held.counter_code(counter))
                assert answer.code is C.APPROVED
            await stuck.wait()
            assert (await peer.verify(held, held.counter_code(20))).code is C.APPROVED


async def test_a_peer_that_reads_slowly_but_steadily_is_not_ended(hasty, own_house, line):
    """Its buffer is never empty for longer than slow_reader_s, and yet it takes everything."""
    query = QueryUserRequest(institution=INSTITUTION, customer="NOBODY")
    async with await _deaf_peer(hasty, line) as peer:
        serials = []
        done = trio.Event()

        async def ask():
            end = trio.current_time() + 3 * TIMES["slow_reader_s"]
            while trio.current_time() < end:
                own = [new_serial() for _ in range(50)]
                serials.extend(own)
                for serial in own:
                    await peer.send(peer.build(query, serial=serial))
            done.set()

        async def read():
            while not done.is_set() or len(peer.answers) < len(serials):
                if peer.ended:
                    raise Closed("ended although it reads")
                await peer.read()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask)
            nursery.start_soon(read)
        codes = Counter(answer.code for answer in peer.answers.values())
        assert set(codes) <= {C.USER_UNKNOWN, C.ANSWERED, C.BUSY, C.DENIED}, codes


async def test_a_half_open_connection_is_ended(hasty, line):
    async with await Peer.greet(hasty.address, line) as peer:
        assert (await peer.next_reject()).code is C.SIGN_ON_TIMEOUT
        await peer.until_closed()


async def test_a_sign_on_in_single_bytes_that_takes_too_long_is_ended(hasty, line):
    async with await Peer.greet(hasty.address, line) as peer:
        frame = peer.conn.sign_on(now_ms(), new_serial(), today())

        async def drip():
            try:
                for byte in frame:
                    await peer.stream.send_all(bytes([byte]))
                    await trio.sleep(0.1)
            except trio.BrokenResourceError:
                return

        async with trio.open_nursery() as nursery:
            nursery.start_soon(drip)
            assert (await peer.next_reject()).code is C.SIGN_ON_TIMEOUT
            await peer.until_closed()
            nursery.cancel_scope.cancel()


async def test_a_silent_connection_is_ended_and_one_with_heartbeats_is_not(hasty, line):
    async with await join(hasty, line) as silent, await join(hasty, line) as alive:

        async def beat():
            while True:
                frame = alive.conn.heartbeat(new_serial(), business_day=today(), now_ms=now_ms())
                await alive.send(frame)
                await alive.next_notice()
                await trio.sleep(0.2)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(beat)
            assert (await silent.next_reject()).code is C.IDLE
            await silent.until_closed()
            nursery.cancel_scope.cancel()
        await alive.sign_off()


async def test_single_bytes_of_a_frame_that_never_ends_do_not_keep_a_connection_alive(
    hasty, own_house, line
):
    (held,) = own_house.holders(1)
    async with await join(hasty, line) as peer:
        frame = peer.build(verification(held, "000000"))

        async def drip():
            try:
                for byte in frame[:-1]:
                    await peer.stream.send_all(bytes([byte]))
                    await trio.sleep(0.1)
            except trio.BrokenResourceError:
                return

        async with trio.open_nursery() as nursery:
            nursery.start_soon(drip)
            assert (await peer.next_reject()).code is C.IDLE
            await peer.until_closed()
            nursery.cancel_scope.cancel()


async def test_connections_that_break_off_leave_nothing_behind(hasty, line):
    def open_connections():
        return sum(
            hasty.metric("tigertally_connections", state=state)
            for state in ("signed on", "half open")
        )

    await until(lambda: open_connections() == 0, "the connections of other tests to end")
    for _ in range(50):
        peer = await Peer.greet(hasty.address, line)
        sock = peer.stream.socket
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        await peer.aclose()  # by a reset
    await until(lambda: open_connections() == 0, "50 resets to be noticed")
    assert hasty.faults() == []


async def test_2000_idle_connections(own_house, own, line, figure):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * IDLE + 500
    if hard < wanted:
        pytest.skip(f"this machine allows {hard} open files; the test needs {wanted}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    server = own("crowded")
    (held,) = own_house.holders(1, "hotp-6")
    await inform(server)
    alone = server.resident_bytes()
    peers: list[Peer] = []
    room = trio.CapacityLimiter(40)

    async def sign_on():
        async with room:
            peers.append(await Peer.sign_on(server.address, line))

    try:
        async with trio.open_nursery() as nursery:
            for _ in range(IDLE):
                nursery.start_soon(sign_on)
        assert len(peers) == IDLE
        await until(
            lambda: server.metric("tigertally_connections", state="signed on") == IDLE,
            "all to be counted",
        )
        crowded = server.resident_bytes()
        figure("resident, alone", f"{alone // MEGABYTE} MB")
        figure(f"resident, {IDLE} connections signed on", f"{crowded // MEGABYTE} MB")
        assert crowded < 300 * MEGABYTE
        for counter, peer in enumerate(peers[:: IDLE // 10]):
            answer = await peer.verify(held, held.counter_code(counter))
            assert answer.code is C.APPROVED
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for peer in peers:
            await peer.aclose()
    assert server.faults() == []
