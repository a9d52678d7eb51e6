"""The rows of import jobs: staged by COPY, checked by joins, moved into the stock by one statement a
chunk. On a connection of the app role; the caller commits.

A job's advisory lock goes with the connection, so a killed process holds it only until the database
notices.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import psycopg

from tigertally_server.domain.import_job import (
    UNFINISHED,
    ImportJob,
    ImportOrder,
    ImportReport,
    ImportState,
    Namesake,
    StagedChunk,
    StagedToken,
    Twin,
)
from tigertally_server.store.key_uses import need_keys

Connection = psycopg.Connection[tuple[Any, ...]]

_LOCK: Final = 7118
LOCK_PATIENCE: Final = "20s"
_JOB_COLUMNS: Final = (
    "id, institution, file, sha256, size, orders, operator, created_at, changed_at, staged, chunks, moved, imported, "
    "there, state, report"
)
_COPY: Final = (
    "COPY tigertally.import_token (job, chunk, line, moving, valid_from, valid_to, key_id, serial, type_name, overrides, "
    "issuer, seed) FROM STDIN (FORMAT BINARY)"
)
_COPY_HEAD: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_TAIL: Final = b"\xff\xff"
_NUMBERS: Final = struct.Struct(">hiqiiiqiqiqiqii")
_LENGTH: Final = struct.Struct(">i").pack

# Rows were just put there and nobody counted them yet: plans must go by key, as they should in any case. A process that
# is killed holds its job's lock no longer than the database needs to notice, even in the middle of a statement.
_SETTINGS: Final = (
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; "
    "SET client_connection_check_interval = '1s'"
)
_TWINS: Final = (
    "SELECT serial, min(line), max(line), count(*) OVER () FROM tigertally.import_token WHERE job = %s GROUP BY serial "
    "HAVING count(*) > 1 ORDER BY max(line) LIMIT %s"
)
# OFFSET 0: each serial number is looked up by itself. As a plain join, while the statistics know nothing of the
# institution, the planner reads all its tokens for each line: ten thousand times ten thousand.
NAMESAKES: Final = (
    "SELECT s.serial, s.line, s.key_id, s.seed, t.key_id, t.seed FROM tigertally.import_token s CROSS JOIN LATERAL "
    "(SELECT key_id, seed FROM tigertally.token WHERE institution = %s AND serial = s.serial OFFSET 0) t "
    "WHERE s.job = %s AND s.chunk = %s ORDER BY s.line"
)
MOVE: Final = (
    "WITH moved AS (DELETE FROM tigertally.import_token WHERE job = %(job)s AND chunk = %(chunk)s RETURNING *), "
    "fresh AS MATERIALIZED (SELECT nextval('tigertally.token_id') AS id, m.* FROM moved m "
    "WHERE m.serial <> ALL (%(there)s::text[])), "
    "stock AS (INSERT INTO tigertally.token (id, institution, serial, type_name, overrides, issuer, imported_at, key_id, "
    "seed) SELECT id, %(institution)s, serial, type_name, overrides, issuer, %(now)s, key_id, seed FROM fresh) "
    "INSERT INTO tigertally.token_state (id, owner_id, moving, locked_until, next_try, valid_from, valid_to, last_seq, rev, "
    "static_rev, drift, failures, last_shard, owner_state, state) SELECT id, 0, moving, 0, 0, valid_from, valid_to, -1, 1, "
    "1, 0, 0, -1, 0, %(state)s FROM fresh"
)
CLAIM: Final = "UPDATE tigertally.import_chunk SET moved = true WHERE job = %(job)s AND chunk = %(chunk)s AND NOT moved"
# Last in its transaction: chunks move side by side, and this row is all that they share.
ADVANCE: Final = (
    "UPDATE tigertally.import_job SET moved = moved + 1, imported = imported + %(fresh)s, there = there + %(known)s, "
    "changed_at = %(now)s, state = CASE WHEN moved + 1 = chunks THEN %(done)s ELSE state END "
    "WHERE id = %(job)s AND state = %(writing)s"
)


def lock(conn: Connection, job_id: int) -> bool:
    """Before the transaction writes anything. False where another process still works on the job
    after `LOCK_PATIENCE`; the transaction is then rolled back.
    """
    try:
        conn.execute(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE}'")
        conn.execute("SELECT pg_advisory_lock(%s, %s)", (_LOCK, job_id))
    except psycopg.errors.LockNotAvailable:
        conn.rollback()
        return False
    return True


def insert(conn: Connection, job: ImportJob) -> ImportJob | None:
    """The job with its number; None where the file has an unfinished one."""
    row = conn.execute("SELECT nextval('tigertally.import_job_id')").fetchone()
    assert row is not None
    numbered = msgspec.structs.replace(job, id=row[0])
    marks = ", ".join(["%s"] * 16)
    cursor = conn.execute(
        f"INSERT INTO tigertally.import_job ({_JOB_COLUMNS}) VALUES ({marks}) "
        "ON CONFLICT (institution, sha256) WHERE state IN (1, 2) DO NOTHING",
        _row(numbered),
    )
    return numbered if cursor.rowcount else None


def update(conn: Connection, job: ImportJob) -> None:
    """What changes outside of moves."""
    conn.execute(
        "UPDATE tigertally.import_job SET staged = %s, chunks = %s, state = %s, report = %s, changed_at = %s WHERE id = %s",
        (job.staged, job.chunks, job.state, _json(job.report), job.changed_at_ms, job.id),
    )


def job_by_id(conn: Connection, job_id: int) -> ImportJob | None:
    """None where there is none of that number."""
    return _first(conn, "id = %s", "id", job_id)


def job_of_file(conn: Connection, institution: str, sha256: bytes) -> ImportJob | None:
    """The unfinished job of a file, or else the last that was done."""
    condition = "institution = %s AND sha256 = %s AND state <= %s"
    return _first(conn, condition, "state, id DESC", institution, sha256, ImportState.DONE)


def last_unfinished(conn: Connection) -> ImportJob | None:
    """None where all are finished."""
    return _first(conn, "state = ANY (%s)", "id DESC", list(UNFINISHED))


def jobs(conn: Connection, limit: int) -> list[ImportJob]:
    """The last ones, newest first."""
    found = conn.execute(
        f"SELECT {_JOB_COLUMNS} FROM tigertally.import_job ORDER BY id DESC LIMIT %s", (limit,)
    )
    return [_job(row) for row in found]


def stage(conn: Connection, job_id: int, chunk: StagedChunk, tokens: Sequence[StagedToken]) -> None:
    """One chunk by one COPY. Raises BadData where a key it is sealed under is destroyed."""
    need_keys(conn, {token.key_id for token in tokens})
    parts = [_COPY_HEAD]
    for token in tokens:
        parts.append(
            _NUMBERS.pack(
                12, 8, job_id, 4, chunk.number, 8, token.line, 8, token.moving,
                8, token.valid_from_ms, 8, token.valid_to_ms, 4, token.key_id,
            )
        )  # fmt: skip
        for text in (token.serial, token.type_name, token.overrides, token.issuer):
            data = text.encode()
            parts += (_LENGTH(len(data)), data)
        parts += (_LENGTH(len(token.sealed_seed)), token.sealed_seed)
    parts.append(_COPY_TAIL)
    with conn.cursor().copy(_COPY) as copy:
        copy.write(b"".join(parts))
    conn.execute(
        "INSERT INTO tigertally.import_chunk (job, chunk, tokens, first, last, sha256) VALUES (%s, %s, %s, %s, %s, %s)",
        (job_id, chunk.number, chunk.tokens, chunk.first, chunk.last, chunk.sha256),
    )


def unstage(conn: Connection, job_id: int) -> None:
    """Forgets what was staged and not moved."""
    conn.execute("DELETE FROM tigertally.import_token WHERE job = %s", (job_id,))


def unmoved_chunks(conn: Connection, job_id: int) -> list[StagedChunk]:
    """What is staged and not in the stock, in the order of the file."""
    found = conn.execute(
        "SELECT chunk, tokens, first, last, sha256 FROM tigertally.import_chunk WHERE job = %s AND NOT moved "
        "ORDER BY chunk",
        (job_id,),
    )
    return [StagedChunk(*row) for row in found]


def twins(conn: Connection, job_id: int, limit: int) -> tuple[list[Twin], int]:
    """The first serial numbers that come twice, by line, and how many there are."""
    found = conn.execute(_TWINS, (job_id, limit)).fetchall()
    return [Twin(*row[:3]) for row in found], found[0][3] if found else 0


def namesakes(conn: Connection, institution: str, job_id: int, chunk: int) -> list[Namesake]:
    """The tokens of a staged chunk that the stock has."""
    found = conn.execute(NAMESAKES, (institution, job_id, chunk), prepare=True)
    return [Namesake(*row) for row in found]


def types(conn: Connection, job_id: int) -> dict[str, int]:
    """How many staged tokens there are of each type."""
    found = conn.execute(
        "SELECT type_name, count(*) FROM tigertally.import_token WHERE job = %s GROUP BY 1 ORDER BY 1",
        (job_id,),
    )
    return dict(found.fetchall())


def prepare(conn: Connection) -> None:
    """For this connection, until it closes."""
    conn.execute(_SETTINGS)


def _first(conn: Connection, condition: str, order: str, *values: Any) -> ImportJob | None:
    row = conn.execute(
        f"SELECT {_JOB_COLUMNS} FROM tigertally.import_job WHERE {condition} ORDER BY {order} LIMIT 1",
        values,
    ).fetchone()
    return None if row is None else _job(row)


def _row(job: ImportJob) -> tuple[Any, ...]:
    return (
        job.id, job.institution, job.file, job.sha256, job.size, _json(job.order), job.operator,
        job.created_at_ms, job.changed_at_ms, job.staged, job.chunks, job.moved, job.imported,
        job.there, job.state, _json(job.report),
    )  # fmt: skip


def _job(row: tuple[Any, ...]) -> ImportJob:
    return ImportJob(
        id=row[0],
        institution=row[1],
        file=row[2],
        sha256=row[3],
        size=row[4],
        order=msgspec.json.decode(row[5], type=ImportOrder),
        operator=row[6],
        created_at_ms=row[7],
        changed_at_ms=row[8],
        staged=row[9],
        chunks=row[10],
        moved=row[11],
        imported=row[12],
        there=row[13],
        state=ImportState(row[14]),
        report=msgspec.json.decode(row[15], type=ImportReport),
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
