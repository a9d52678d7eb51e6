"""SIGTERM: nothing acknowledged is lost, nothing is left hanging, and the process ends in order."""

from __future__ import annotations

import os
import signal
from collections import Counter

import pytest
import trio

from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.events import DrainReceived
from tigertally_server.services.request import Phase
from tigertally_testing.peer import Peer, join, new_serial, verification
from tigertally_testing.pressure import Books

HOLDERS = 30


async def stopped(server, within_s=20.0):
    """Its exit status, without holding up the loop that serves the test's own connections."""
    descriptor = os.pidfd_open(server.pid)
    try:
        server.signal(signal.SIGTERM)
        with trio.fail_after(within_s):
            await trio.lowlevel.wait_readable(descriptor)
    finally:
        os.close(descriptor)
    return server.wait()


async def test_under_load_every_request_is_answered_or_settled_on_the_other_node(own_house, own):
    line = own_house.add_channel()
    books = Books(line, own_house.holders(HOLDERS, "hotp-6"))
    first, second = own("node-a"), own("node-b")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(books.press, first)
        await books.acknowledge(200)
        assert await stopped(first) == 0
    assert set(books.put_off) <= {C.DRAINING}
    await books.settle(second)
    books.check(own_house)
    assert first.faults() == []
    (drained,) = [event for event in first.events() if event["event"] == "drained"]
    assert drained["unanswered"] == 0


async def test_each_session_s_end_stands_in_the_log(own_house, own):
    line = own_house.add_channel()
    server = own(limits={"drain_grace_ms": 300})
    peers = [await join(server, line) for _ in range(3)]
    ids = {peer.conn.session_id for peer in peers}
    assert await stopped(server) == 0
    for peer in peers:
        await peer.until_closed()
        assert isinstance(peer.notices[0], DrainReceived)
        await peer.aclose()
    phases = Counter(
        (entry.serial, entry.phase) for entry in own_house.all_entries() if entry.serial in ids
    )
    assert phases == Counter(
        {(number, phase): 1 for number in ids for phase in (Phase.SIGN_ON, Phase.SIGN_OFF)}
    )


async def test_requests_and_connections_after_the_drain_notice_are_sent_elsewhere(own_house, own):
    line = own_house.add_channel()
    (held,) = own_house.holders(1, "hotp-6")
    server = own()
    async with await join(server, line) as peer:
        server.signal(signal.SIGTERM)
        notice = await peer.next_notice()
        assert isinstance(notice, DrainReceived)
        answer = await peer.ask(verification(held, held.counter_code(0)))
        assert answer.code is C.DRAINING
        assert server.get("/readyz") == (503, "not ready: draining\n")
        with pytest.raises(OSError, match=r"(?i)connect"):
            await Peer.greet(server.address, line)
        await peer.sign_off()
    assert server.wait() == 0


async def test_silent_peers_do_not_hold_up_the_end(own_house, own):
    line = own_house.add_channel()
    server = own(limits={"drain_grace_ms": 500})
    async with await join(server, line), await Peer.greet(server.address, line):
        assert await stopped(server) == 0


async def test_a_peer_that_does_not_read_does_not_hold_up_the_end(own_house, own):
    line = own_house.add_channel()
    (held,) = own_house.holders(1, "hotp-6")
    server = own(server={"drain_s": 2.0})
    async with await join(server, line) as peer:
        frames = [
            peer.build(verification(held, "000000"), serial=new_serial()) for _ in range(1000)
        ]
        await peer.send(b"".join(frames))
        assert await stopped(server) == 0


async def test_with_the_database_away_it_ends_all_the_same(own_house, own):
    line = own_house.add_channel()
    (held,) = own_house.holders(1, "hotp-6")
    cluster = own_house.cluster
    server = own(database={"dsn": cluster.dsn()}, server={"drain_s": 2.0})
    async with await join(server, line) as peer:
        descriptor = os.pidfd_open(cluster.pid)
        os.kill(cluster.pid, signal.SIGINT)
        await trio.lowlevel.wait_readable(descriptor)
        os.close(descriptor)
        await peer.send(peer.build(verification(held, held.counter_code(0))))
        status = await stopped(server)
    cluster.ensure_running()
    own_house.store.close()
    assert status == 0
