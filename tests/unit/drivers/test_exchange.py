"""Round trips on libpq's pipeline: order, transactions, errors, lost connections."""

from __future__ import annotations

import gc
import struct
from contextlib import suppress

import psycopg
import pytest
import trio
from psycopg.adapt import Transformer

from tigertally_drivers.postgres.connection import ErrorClass, classify, connect
from tigertally_drivers.postgres.exchange import Command, Exchange
from tigertally_drivers.postgres.settings import APP
from tigertally_drivers.postgres.stepping import BLOCKING, IN_TRIO, stepped
from tigertally_server.store.port import inline

BIGINT, TEXT = 20, 25
BIG = 3_000_000
"""More than a socket takes at once, each way."""


def number(value):
    return Command("SELECT %b", [struct.pack(">q", value)], [BIGINT])


def divided_by(value):
    return Command("SELECT 1 / %b", [struct.pack(">q", value)], [BIGINT])


class Line:
    def __init__(self, cluster, how=BLOCKING):
        self.conn = stepped(connect(cluster.dsn(APP)), how)
        self._exchange = Exchange(self.conn)
        self._transformer = Transformer(self.conn)

    async def ask(self, *commands):
        results = await self.conn.wait(self._exchange.round_trip(commands))
        return [self._rows(result) for result in results]

    def _rows(self, result):
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    async def prepared(self):
        """Texts of what this connection has prepared here."""
        cursor = await self.conn.execute(
            "SELECT statement FROM pg_prepared_statements WHERE name LIKE 'tigertally%' ORDER BY 1"
        )
        return [text for (text,) in await cursor.fetchall()]


async def asked_until_refused(line):
    while True:
        await line.ask(number(1))


@pytest.fixture(params=[BLOCKING, IN_TRIO], ids=["blocking", "in trio"])
def run(request, cluster):
    """Runs a test's body with a line."""

    def runs(body):
        async def main():
            line = Line(cluster, request.param)
            try:
                await body(line)
            finally:
                await line.conn.close()

        trio.run(main)

    return runs


def test_results_come_in_order_and_within_one_transaction(run):
    async def body(line):
        first, second = await line.ask(number(1), number(2))
        assert (first, second) == ([(1,)], [(2,)])
        ((begun,),) = (await line.ask(Command("SELECT now()")))[0]
        assert await line.ask(Command("SELECT now()")) == [[(begun,)]]
        await line.conn.rollback()
        assert await line.ask(Command("SELECT now()")) != [[(begun,)]]
        assert await line.ask() == []

    run(body)


def test_each_text_is_prepared_once(run):
    async def body(line):
        for value in (1, 2):
            assert await line.ask(number(value), number(value + 1)) == [[(value,)], [(value + 1,)]]
            await line.conn.commit()
        assert await line.prepared() == ["BEGIN", "SELECT $1"]

    run(body)


def test_more_than_a_socket_takes(run):
    async def body(line):
        command = Command("SELECT %b::text", [b"x" * BIG], [TEXT])
        assert await line.ask(command, command, number(1)) == [[("x" * BIG,)]] * 2 + [[(1,)]]

    run(body)


def test_the_first_error_counts_and_nothing_after_it_is_done(run):
    async def body(line):
        # Such a lock outlives its transaction.
        lock = Command("SELECT pg_advisory_lock(%b)", [struct.pack(">q", 1)], [BIGINT])
        with pytest.raises(psycopg.errors.DivisionByZero):
            await line.ask(number(1), divided_by(0), Command("SELECT nothing"), lock)
        await line.conn.rollback()
        held = Command("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert await line.ask(held) == [[(0,)]]
        await line.ask(lock)
        assert await line.ask(held) == [[(1,)]]

    run(body)


def test_what_was_not_prepared_because_of_an_error_is_prepared_later(run):
    async def body(line):
        with pytest.raises(psycopg.errors.DivisionByZero):
            await line.ask(divided_by(0), number(1))
        await line.conn.rollback()
        assert await line.prepared() == ["BEGIN", "SELECT 1 / $1"]
        assert await line.ask(divided_by(1), number(1)) == [[(1,)], [(1,)]]

    run(body)


def test_an_error_leaves_nothing_to_collect(cluster):
    """The server doesn't collect garbage while it serves."""
    line = Line(cluster)

    async def fails():
        with suppress(psycopg.errors.DivisionByZero):
            await line.ask(number(1), divided_by(0))
        await line.conn.rollback()

    inline(fails())
    gc.collect()
    gc.disable()
    try:
        for _ in range(10):
            inline(fails())
        assert gc.collect() == 0
    finally:
        gc.enable()
        line.conn.pgconn.finish()


def test_a_text_that_is_wrong(run):
    async def body(line):
        with pytest.raises(psycopg.errors.UndefinedTable) as caught:
            await line.ask(number(1), Command("SELECT * FROM nowhere"))
        assert classify(caught.value) is ErrorClass.REFUSED
        await line.conn.rollback()
        assert await line.ask(number(2)) == [[(2,)]]

    run(body)


def test_psycopg_goes_on_with_the_connection(run):
    async def body(line):
        await line.ask(number(1))
        async with line.conn.pipeline():
            cursor = await line.conn.execute("SELECT 2")
        assert await cursor.fetchall() == [(2,)]
        with pytest.raises(psycopg.errors.DivisionByZero):
            await line.ask(divided_by(0))
        await line.conn.rollback()
        assert await (await line.conn.execute("SELECT 3")).fetchall() == [(3,)]

    run(body)


def test_no_rollback_takes_what_is_prepared(run):
    """As psycopg's does once it has prepared something of its own."""

    async def body(line):
        await line.ask(number(1))
        for _ in range(10):
            await line.conn.execute("SELECT 2", prepare=True)
        await line.conn.rollback()
        await line.conn.execute("SELECT 3")
        assert await line.ask(number(1)) == [[(1,)]]
        assert await line.prepared() == ["BEGIN", "SELECT $1"]

    run(body)


def test_what_somebody_deallocated_is_prepared_again(run):
    async def body(line):
        await line.ask(number(1))
        await line.conn.execute("DEALLOCATE ALL")
        with pytest.raises(psycopg.errors.InvalidSqlStatementName) as caught:
            await line.ask(number(1))
        assert classify(caught.value) is ErrorClass.RETRYABLE
        await line.conn.rollback()
        assert await line.ask(number(1)) == [[(1,)]]

    run(body)


def test_a_lost_connection_says_why(run):
    async def body(line):
        with pytest.raises(psycopg.OperationalError) as caught:
            await line.ask(Command("SELECT pg_terminate_backend(pg_backend_pid())"), number(1))
        assert classify(caught.value) is ErrorClass.CONNECTION_LOST
        assert caught.value.sqlstate == "57P01"
        assert line.conn.closed

    run(body)


def test_a_connection_that_was_cut_between_round_trips(run, cluster):
    async def body(line):
        await line.ask(number(1))
        with connect(cluster.dsn(APP)) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (line.conn.info.backend_pid,))
        with pytest.raises(psycopg.OperationalError) as caught:
            await asked_until_refused(line)
        assert classify(caught.value) is ErrorClass.CONNECTION_LOST
        assert line.conn.closed

    run(body)


def test_cancelled_in_the_middle_it_is_closed(cluster):
    """Nobody knows what it would have answered."""

    async def main():
        line = Line(cluster, IN_TRIO)
        with trio.move_on_after(0.05) as scope:
            await line.ask(Command("SELECT pg_sleep(30)"))
        assert scope.cancelled_caught
        assert line.conn.closed

    trio.run(main)
