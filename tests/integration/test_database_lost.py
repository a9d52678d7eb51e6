"""The embedded database dies, is stopped, or stands still under load: the server starts it again,
nobody is told an untruth, and nothing acknowledged is lost.
"""

from __future__ import annotations

import signal

import pytest
import trio

from tigertally_protocol.codes import ResponseCode as C
from tigertally_testing.faults import ENDINGS, end, frozen
from tigertally_testing.pressure import Books
from tigertally_testing.processes import spawner, until

HOLDERS = 30


@pytest.fixture(scope="module")
def server(own_house):
    """One for all tests: it has to come through them."""
    with spawner(own_house) as spawn:
        yield spawn("embedded")


@pytest.fixture
def database(own_house, server):
    """The house's PostgreSQL."""
    yield own_house.cluster
    own_house.store.close()  # opened again when it is needed
    assert server.faults() == []


@pytest.mark.parametrize("how", ENDINGS)
async def test_a_lost_database_is_started_again_under_load(server, own_house, database, how):
    books = Books(own_house.add_channel(), own_house.holders(HOLDERS, "hotp-6"), budget_ms=20_000)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(books.press, server)
        await books.acknowledge(100)
        end(database, ENDINGS[how])
        await books.acknowledge(200)
        books.stopping = True
    assert database.is_alive()
    await until(server.ready, "readiness")
    # It came back before anybody's deadline: they have waited, and that was all.
    assert books.put_off == {}
    await books.settle(server)
    books.check(own_house)


async def test_a_lost_database_is_started_again_without_any_request(server, database):
    before = database.pid
    end(database, signal.SIGKILL)
    await until(lambda: database.pid not in (None, before), "another postmaster", 30)
    await until(server.ready, "readiness")


async def test_a_database_that_stands_still_is_told_apart_from_a_denial(
    server, own_house, database
):
    books = Books(own_house.add_channel(), own_house.holders(HOLDERS, "hotp-6"), budget_ms=400)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(books.press, server)
        await books.acknowledge(100)
        with frozen(database):
            # Longer than any deadline: each request is answered all the same.
            await books.put_offs(2 * HOLDERS)
            assert set(books.put_off) <= {C.UNAVAILABLE, C.OUTCOME_UNKNOWN, C.DEADLINE_EXPIRED}
            await until(lambda: not server.ready(), "unreadiness")
        await books.acknowledge(200)
        books.stopping = True
    await until(server.ready, "readiness")
    await books.settle(server)
    books.check(own_house)
