"""kill -9 of a server under load: what was acknowledged stands, what was not is settled by asking
again.
"""

from __future__ import annotations

from collections import Counter

import trio

from tigertally_testing.pressure import Books

HOLDERS = 30


async def test_nothing_acknowledged_is_lost_and_nothing_counts_twice(own_house, own):
    line = own_house.add_channel()
    books = Books(line, own_house.holders(HOLDERS, "hotp-6"))
    server = own("killed")
    unknown = 0
    for _ in range(3):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(books.press, server)
            await books.acknowledge(200)
            server.kill()
        server.start()
        unknown += await books.settle(server)
    assert unknown > 0, "the kills came when nothing was open: no test of anything"
    books.check(own_house)
    assert server.stop() == 0
    assert server.faults() == []
    report = own_house.verify_log()
    assert report.ok, report.findings


async def test_the_other_process_takes_over_what_the_killed_one_left(own_house, own):
    line = own_house.add_channel()
    books = Books(line, own_house.holders(HOLDERS, "hotp-6"))
    first, second = own("node-a"), own("node-b")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(books.press, first)
        await books.acknowledge(100)
        first.kill()
    await books.settle(second)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(books.press, second)
        await books.acknowledge(200)
        books.stopping = True
    await books.settle(second)
    books.check(own_house)
    places = Counter(entry.shard for entry in own_house.entries(line))
    assert places.total() == len(books.acknowledged)


async def test_a_killed_server_leaves_its_database_running_for_the_next(own_house, own):
    server = own("node-a")
    postmaster = own_house.cluster.pid
    server.kill()
    assert own_house.cluster.pid == postmaster
    server.start()
    assert own_house.cluster.pid == postmaster
    assert server.ready()
