"""A database that the bank runs itself goes away and comes back when it pleases: requests wait as
long as they may and then learn the truth, readiness says so, and service returns by itself.
"""

from __future__ import annotations

import signal

import pytest
import trio

from tigertally_drivers.postgres.settings import AUDITOR, OWNER
from tigertally_protocol.codes import ResponseCode as C
from tigertally_testing.faults import ENDINGS, end, frozen
from tigertally_testing.peer import Refused, join, verification
from tigertally_testing.pressure import Books
from tigertally_testing.processes import spawner, until

HOLDERS = 30


@pytest.fixture(scope="module")
def server(own_house):
    """One for all tests; it is told where its database is, so that only the test restarts that."""
    cluster = own_house.cluster
    dsns = {
        "dsn": cluster.dsn(),
        "owner_dsn": cluster.dsn(OWNER),
        "auditor_dsn": cluster.dsn(AUDITOR),
    }
    with spawner(own_house) as spawn:
        yield spawn("by-dsn", database=dsns, limits={"half_open_s": 1.0})


@pytest.fixture
def database(own_house, server):
    """The house's PostgreSQL, running again when the test is over."""
    yield own_house.cluster
    own_house.cluster.ensure_running()
    own_house.store.close()  # opened again when it is needed
    assert server.faults() == []


@pytest.fixture
def books(own_house):
    return Books(own_house.add_channel(), own_house.holders(HOLDERS, "hotp-6"), budget_ms=400)


@pytest.mark.parametrize("how", ENDINGS)
async def test_requests_wait_for_a_lost_database_up_to_their_deadline(
    server, own_house, database, books, how
):
    async with trio.open_nursery() as nursery:
        nursery.start_soon(books.press, server)
        await books.acknowledge(100)
        end(database, ENDINGS[how])
        await books.put_offs(2 * HOLDERS)
        assert set(books.put_off) <= {C.UNAVAILABLE, C.OUTCOME_UNKNOWN}
        assert server.get("/readyz") == (503, "not ready: the database does not answer\n")
        assert server.get("/healthz")[0] == 200
        assert server.metric("tigertally_database_up") == 0
        database.ensure_running()
        await books.acknowledge(200)
        books.stopping = True
    await until(server.ready, "readiness")
    await books.settle(server)
    books.check(own_house)
    assert server.metric("tigertally_database_up") == 1


async def test_readiness_follows_the_database_without_any_request(server, database):
    await until(server.ready, "readiness")
    end(database, signal.SIGINT)
    await until(lambda: not server.ready(), "unreadiness")
    database.ensure_running()
    await until(server.ready, "readiness")


async def test_a_database_that_stands_still_is_told_apart_from_a_denial(
    server, own_house, database, books
):
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


async def test_without_a_database_nobody_signs_on_and_those_who_did_keep_their_connection(
    server, own_house, database
):
    line = own_house.add_channel()
    (held,) = own_house.holders(1, "hotp-6")
    async with await join(server, line) as peer:
        end(database, signal.SIGINT)
        answer = await peer.ask(verification(held, held.counter_code(0)), budget_ms=300)
        assert answer.code is C.UNAVAILABLE
        with pytest.raises(Refused, match="SIGN_ON"):
            await join(server, line)
        database.ensure_running()
        answer = await peer.ask(verification(held, held.counter_code(0)))
        assert answer.code is C.APPROVED
        await peer.sign_off()
