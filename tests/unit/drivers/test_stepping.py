"""psycopg's connection without asyncio: everything the store does, in a trio task and in place."""

from __future__ import annotations

import psycopg
import pytest
import trio

from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import APP
from tigertally_drivers.postgres.stepping import BLOCKING, IN_TRIO, stepped

BIG = 3_000_000
"""More than a socket takes at once, each way."""


async def pipelined_error(conn):
    async with conn.pipeline():
        await conn.execute("SELECT 1 / 0")
        await conn.execute("SELECT 2")


async def everything(dsn, how):
    conn = stepped(connect(dsn), how)
    try:
        async with conn.pipeline():
            first = await conn.execute("SELECT 1", prepare=True)
            second = await conn.execute("SELECT %s::text", ("x" * BIG,), prepare=True)
        assert await first.fetchall() == [(1,)]
        ((text,),) = await second.fetchall()
        assert len(text) == BIG
        await conn.commit()
        with pytest.raises(psycopg.errors.DivisionByZero):
            await conn.execute("SELECT 1 / 0")
        await conn.rollback()
        with pytest.raises(psycopg.errors.DivisionByZero):
            await pipelined_error(conn)
        await conn.rollback()
        cursor = await conn.execute("SELECT 3")
        assert await cursor.fetchall() == [(3,)]
        await conn.rollback()
    finally:
        await conn.close()
    assert conn.closed


def test_in_trio(cluster):
    trio.run(everything, cluster.dsn(APP), IN_TRIO)


def test_in_place_nothing_suspends(cluster):
    coroutine = everything(cluster.dsn(APP), BLOCKING)
    with pytest.raises(StopIteration):
        coroutine.send(None)


def test_other_tasks_run_meanwhile(cluster):
    async def main():
        conn = stepped(connect(cluster.dsn(APP)), IN_TRIO)
        ticked = trio.Event()

        async def tick():
            ticked.set()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(tick)
            await conn.execute("SELECT pg_sleep(0.05)")
            assert ticked.is_set()
        await conn.close()

    trio.run(main)


def test_cancelled_in_the_middle_it_is_closed(cluster):
    """Nobody knows what it would have answered."""

    async def main():
        conn = stepped(connect(cluster.dsn(APP)), IN_TRIO)
        with trio.move_on_after(0.05) as scope:
            await conn.execute("SELECT pg_sleep(30)")
        assert scope.cancelled_caught
        assert conn.closed

    trio.run(main)


def test_a_killed_backend_is_a_lost_connection(cluster):
    async def main():
        conn = stepped(connect(cluster.dsn(APP)), IN_TRIO)
        with pytest.raises(psycopg.OperationalError):
            await conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        assert conn.closed

    trio.run(main)
