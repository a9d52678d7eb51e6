"""Statements and their results, one round trip for as many as there are.

psycopg's cursors do much for a statement that a program writes once and asks thousands of times a
second: its text is parsed, its parameters' types are guessed, its pieces are sent one by one. Here
every statement is prepared once under its text, takes parameters that are packed already, and all
of a round trip leave in one piece. Built on `psycopg.pq`, libpq itself.

A round trip is a generator that says what it waits for, as psycopg's are, so that how to wait stays
the connection's business (`stepping`). A transaction begins with the first statement of one and is
ended by the connection's own `commit` or `rollback`.

psycopg must prepare nothing itself on such a connection: once it has, it answers each ROLLBACK with
DEALLOCATE ALL, and that takes ours along. `Exchange` sees to it; should a statement be gone all the
same (somebody's pooler), the round trip fails with 26000 and the next one prepares again.

Invariants: on a connection that lives, a round trip has taken all that was answered before it
returns or raises, so that the next one and psycopg find the connection in order; a statement whose
preparation failed or was never reached is prepared again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import pq
from psycopg.abc import PQGen
from psycopg.errors import error_from_result
from psycopg.waiting import WAIT_R, WAIT_RW

_BINARY: Final = int(pq.Format.BINARY)
_FAILED: Final = pq.ExecStatus.FATAL_ERROR
_SYNC: Final = pq.ExecStatus.PIPELINE_SYNC
_IDLE: Final = pq.TransactionStatus.IDLE
_READABLE: Final = int(psycopg.waiting.READY_R)
_PLACE: Final = re.compile("%b")


class Command(NamedTuple):
    """One statement of a round trip.

    Attributes:
        text: with `%b` for each parameter; a constant of the program, which prepares it once.
        values: the parameters in PostgreSQL's binary format.
        types: their oids, the same whenever this text is asked.
    """

    text: str
    values: Sequence[bytes] = ()
    types: Sequence[int] = ()


BEGIN: Final = Command("BEGIN")


class Exchange:
    """The round trips of one connection."""

    def __init__(self, conn: psycopg.BaseConnection[Any]) -> None:
        conn.prepare_threshold = None
        self._pgconn = conn.pgconn
        self._names: dict[str, bytes] = {}
        self._named = 0

    def round_trip(self, commands: Sequence[Command]) -> PQGen[list[pq.abc.PGresult]]:
        """The commands in their order, within a transaction; a result for each.

        Raises:
            psycopg.Error: of the first one that failed, or the connection is lost. None after it
                was executed.
        """
        conn = self._pgconn
        begins = conn.transaction_status == _IDLE
        conn.enter_pipeline_mode()
        asked = self._send([BEGIN, *commands] if begins else commands)
        while conn.flush():
            if (yield WAIT_RW) & _READABLE:
                conn.consume_input()
        results: list[pq.abc.PGresult] = []
        failed: pq.abc.PGresult | None = None
        try:
            for prepared in asked:
                result = yield from _next_result(conn)
                status = result.status
                if status == _SYNC:
                    break
                if status == _FAILED and failed is None:
                    failed = result
                if prepared is None:
                    results.append(result)
                elif status == pq.ExecStatus.COMMAND_OK:
                    self._names[prepared[0]] = prepared[1]
                conn.get_result()  # what ends each command's results
        except psycopg.OperationalError:
            if failed is None:
                raise
            # Why it went stands in what came before it went.
            raise error_from_result(failed) from None
        conn.exit_pipeline_mode()
        if failed is not None:
            raise self._problem(failed)
        return results[1:] if begins else results

    def _problem(self, failed: pq.abc.PGresult) -> psycopg.Error:
        # Not in the frame that raises it: error and frame would keep each other, and all results.
        problem = error_from_result(failed)
        if isinstance(problem, psycopg.errors.InvalidSqlStatementName):
            self._names.clear()
        return problem

    def _send(self, commands: Sequence[Command]) -> list[tuple[str, bytes] | None]:
        """What was sent, in order: (text, name) to be prepared, None for a statement; the last is
        the end of the round trip.
        """
        conn, asked = self._pgconn, list[tuple[str, bytes] | None]()
        fresh: dict[str, bytes] = {}
        for text, values, types in commands:
            name = self._names.get(text) or fresh.get(text)
            if name is None:
                self._named += 1
                name = fresh[text] = b"tigertally_%d" % self._named
                conn.send_prepare(name, _numbered(text), types)
                asked.append((text, name))
            conn.send_query_prepared(name, values, [_BINARY] * len(values), _BINARY)
            asked.append(None)
        conn.pipeline_sync()
        asked.append(None)
        return asked


def _next_result(conn: pq.abc.PGconn) -> PQGen[pq.abc.PGresult]:
    while conn.is_busy():
        yield WAIT_R
        conn.consume_input()
    result = conn.get_result()
    if result is None:
        raise psycopg.OperationalError("the connection is lost")
    return result


def _numbered(text: str) -> bytes:
    """With $1, $2… in place of the marks."""
    first, *rest = _PLACE.split(text)
    return (first + "".join(f"${n}{part}" for n, part in enumerate(rest, 1))).encode()
