"""The database dies, is stopped, or stands still under load: requests wait as long as they may,
then learn the truth; service returns by itself; nothing acknowledged is lost.
"""

from __future__ import annotations

import os
import select
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio

from tigertally_drivers.postgres.settings import AUDITOR, OWNER
from tigertally_protocol.codes import ResponseCode as C
from tigertally_testing.peer import join, verification
from tigertally_testing.pressure import Books
from tigertally_testing.processes import until

HOLDERS = 30


@pytest.fixture
def books(own_house):
    line = own_house.add_channel()
    return Books(line, own_house.holders(HOLDERS, "hotp-6"), budget_ms=10_000)


@pytest.fixture
def database(own_house):
    """The house's PostgreSQL, running again when the test is over."""
    yield own_house.cluster
    own_house.cluster.ensure_running()
    own_house.store.close()  # opened again when it is needed


def dsns(house):
    """The configuration of a bank that runs PostgreSQL itself: nobody but the test restarts it."""
    cluster = house.cluster
    return {
        "dsn": cluster.dsn(),
        "owner_dsn": cluster.dsn(OWNER),
        "auditor_dsn": cluster.dsn(AUDITOR),
    }


def end(database, number):
    """Ends the postmaster, whoever started it, and waits until it is dead."""
    pid = database.pid
    descriptor = os.pidfd_open(pid)
    try:
        os.kill(pid, number)
        assert select.select([descriptor], [], [], 30)[0], "PostgreSQL does not end"
    finally:
        os.close(descriptor)


def processes_of(database):
    """The postmaster and its children."""
    postmaster = database.pid
    children = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
        except OSError:
            continue
        if int(fields[1]) == postmaster:
            children.append(int(stat.parent.name))
    return [postmaster, *children]


@contextmanager
def frozen(database):
    """Every process of it stands still, as on a host whose disk hangs."""
    pids = processes_of(database)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


ENDINGS = {"killed": signal.SIGKILL, "stopped": signal.SIGINT}


@pytest.mark.parametrize("how", ENDINGS)
async def test_the_embedded_database_is_started_again_under_load(
    own, own_house, database, books, how
):
    server = own()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(books.press, server)
        await books.acknowledge(100)
        end(database, ENDINGS[how])
        await books.acknowledge(200)
        books.stopping = True
    assert database.is_alive()
    await until(server.ready, "readiness")
    await books.settle(server)
    books.check(own_house)
    # It came back before anybody's deadline.
    assert books.put_off == {}
    assert server.faults() == []


@pytest.mark.parametrize("how", ENDINGS)
async def test_requests_wait_for_a_lost_database_up_to_their_deadline(
    own, own_house, database, how
):
    line = own_house.add_channel()
    books = Books(line, own_house.holders(HOLDERS, "hotp-6"), budget_ms=400)
    server = own(database=dsns(own_house))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(books.press, server)
        await books.acknowledge(100)
        end(database, ENDINGS[how])
        await books.put_offs(2 * HOLDERS)
        assert set(books.put_off) <= {C.UNAVAILABLE, C.OUTCOME_UNKNOWN}
        assert server.get("/readyz")[0] == 503
        assert server.get("/healthz")[0] == 200
        assert server.metric("tigertally_database_up") == 0
        database.ensure_running()
        await books.acknowledge(200)
        books.stopping = True
    await until(server.ready, "readiness")
    await books.settle(server)
    books.check(own_house)
    assert server.metric("tigertally_database_up") == 1
    assert server.faults() == []


async def test_readiness_follows_the_database_without_any_request(own, own_house, database):
    server = own(database=dsns(own_house))
    assert server.ready()
    end(database, signal.SIGINT)
    await until(lambda: not server.ready(), "unreadiness")
    assert server.get("/readyz") == (503, "not ready: the database does not answer\n")
    database.ensure_running()
    await until(server.ready, "readiness")


async def test_an_idle_server_starts_its_dead_database_again(own, own_house, database):
    server = own()
    before = database.pid
    end(database, signal.SIGKILL)
    await until(lambda: database.pid not in (None, before), "another postmaster", 30)
    await until(server.ready, "readiness")


@pytest.mark.parametrize("embedded", [True, False], ids=["embedded", "by DSN"])
async def test_a_database_that_stands_still_is_told_apart_from_a_denial(
    own, own_house, database, embedded
):
    line = own_house.add_channel()
    books = Books(line, own_house.holders(HOLDERS, "hotp-6"), budget_ms=400)
    server = own() if embedded else own(database=dsns(own_house))
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
    assert server.faults() == []


async def test_without_a_database_nobody_signs_on_and_those_who_did_keep_their_connection(
    own, own_house, database
):
    line = own_house.add_channel()
    (held,) = own_house.holders(1, "hotp-6")
    server = own(database=dsns(own_house), limits={"half_open_s": 1.0})
    async with await join(server, line) as peer:
        end(database, signal.SIGINT)
        answer = await peer.ask(verification(held, held.counter_code(0)), budget_ms=300)
        assert answer.code is C.UNAVAILABLE
        with pytest.raises(AssertionError, match="SIGN_ON"):
            await join(server, line)
        database.ensure_running()
        answer = await peer.ask(verification(held, held.counter_code(0)))
        assert answer.code is C.APPROVED
        await peer.sign_off()
