"""The outbox on PostgreSQL: each message is taken by one process, none is lost with a process that
dies over it, and what is finished stays finished.
"""

from __future__ import annotations

import threading
from typing import Any

import msgspec
import pytest

from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import APP
from tigertally_server.domain.credential import CredentialKind
from tigertally_server.domain.message import MessageState, OutgoingMessage
from tigertally_server.store.method_statements import MESSAGE_COLUMNS
from tigertally_server.store.outbox import PostgresOutbox, Reported, Settled
from tigertally_server.store.port import StoreUnavailable

S = MessageState
NOW, LEASE = 1_000_000, 60_000
replace = msgspec.structs.replace


def message(number, **changes):
    fields = {
        "id": number.to_bytes(16),
        "account_id": number,
        "channel_id": 1,
        "purpose": "login",
        "key_id": 1,
        "sealed": b"sealed",
        "created_at_ms": NOW,
        "expires_at_ms": NOW + 300_000,
        "next_attempt_ms": NOW,
    }
    return OutgoingMessage(**(fields | changes))


@pytest.fixture
def conn(database):
    with connect(database.dsn(APP)) as conn:
        yield conn


@pytest.fixture
def put(conn):
    def put(*messages):
        marks = ", ".join(["%s"] * 15)
        for m in messages:
            values = (
                m.id, m.account_id, m.channel_id, m.purpose, int(m.state), m.key_id, m.sealed,
                m.created_at_ms, m.expires_at_ms, m.attempts, m.next_attempt_ms, m.gateway,
                m.gateway_id, m.reason, m.rev,
            )  # fmt: skip
            conn.execute(
                f"INSERT INTO tigertally.message ({MESSAGE_COLUMNS}) VALUES ({marks})", values
            )
        conn.commit()

    return put


@pytest.fixture
def opened(database):
    made = []

    def opened():
        made.append(PostgresOutbox(lambda: connect(database.dsn(APP))))
        return made[-1]

    yield opened
    for outbox in made:
        outbox.close()


@pytest.fixture
def outbox(opened):
    return opened()


def states(outbox):
    return {int.from_bytes(m.id): (m.state, m.reason) for m in outbox.listed(S, 1000)}


def test_what_is_due_is_taken_oldest_first_and_not_twice(outbox, put):
    put(
        message(1, next_attempt_ms=NOW - 1),
        message(2, next_attempt_ms=NOW - 2),
        message(3, next_attempt_ms=NOW + 1),
        message(4, state=S.SENT),
    )
    assert [m.id for m in outbox.take(NOW, LEASE, 1)] == [message(2).id]
    (taken,) = outbox.take(NOW, LEASE, 10)
    assert taken == replace(
        message(1), state=S.SENDING, attempts=1, next_attempt_ms=NOW + LEASE, rev=2
    )
    assert outbox.take(NOW, LEASE, 10) == []
    assert outbox.waiting() == {S.QUEUED: 1, S.SENDING: 2}


def test_many_processes_share_the_work(opened, put):
    put(*(message(n) for n in range(1, 201)))
    taken, gate = list[Any](), threading.Barrier(4)

    def process():
        outbox = opened()
        gate.wait()
        while found := outbox.take(NOW, LEASE, 7):
            taken.extend(m.id for m in found)

    threads = [threading.Thread(target=process) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [message(n).id for n in range(1, 201)]


def test_too_late_is_never_sent_and_forgotten(outbox, put):
    put(message(1, expires_at_ms=NOW))
    (row,) = outbox.take(NOW, LEASE, 10)
    assert (row.state, row.attempts, row.sealed) == (S.EXPIRED, 0, b"")


def test_a_lease_that_lapsed_is_unknown_for_good(outbox, put):
    put(message(1))
    outbox.take(NOW, LEASE, 10)
    (row,) = outbox.take(NOW + LEASE, LEASE, 10)
    assert (row.state, row.attempts, row.sealed) == (S.UNKNOWN, 1, b"")
    assert outbox.take(NOW + 10 * LEASE, LEASE, 10) == []
    outbox.settle([Settled(row.id, S.QUEUED, NOW)])
    assert states(outbox) == {1: (S.UNKNOWN, "process died")}
    outbox.settle([Settled(row.id, S.SENT, 0, "smpp", "g1")])
    assert states(outbox)[1][0] is S.SENT


def test_settling_forgets_what_needs_no_further_try(outbox, put):
    put(*(message(n) for n in (1, 2, 3)))
    outbox.take(NOW, LEASE, 10)
    outbox.settle(
        [
            Settled(message(2).id, S.FAILED, 0, "smpp", "", "rejected"),
            Settled(message(1).id, S.QUEUED, NOW + 5, reason="unavailable"),
        ]
    )
    rows = {int.from_bytes(m.id): m for m in outbox.listed(S, 10)}
    assert (rows[1].state, rows[1].sealed, rows[1].next_attempt_ms) == (
        S.QUEUED,
        b"sealed",
        NOW + 5,
    )
    assert (rows[2].state, rows[2].sealed, rows[2].reason) == (S.FAILED, b"", "rejected")
    assert rows[3].state is S.SENDING


def test_reports_are_noted_once(outbox, put):
    put(message(1, state=S.SENT, gateway="smpp", gateway_id="g1"))
    assert outbox.report("http", "g1", S.DELIVERED, "") is Reported.STRANGE
    assert outbox.report("smpp", "g2", S.DELIVERED, "") is Reported.STRANGE
    assert outbox.report("smpp", "", S.DELIVERED, "") is Reported.STRANGE
    assert outbox.report("smpp", "g1", S.DELIVERED, "000") is Reported.APPLIED
    assert outbox.report("smpp", "g1", S.FAILED, "x") is Reported.AGAIN
    assert states(outbox) == {1: (S.DELIVERED, "000")}


def test_the_rows_around_a_code(outbox, conn):
    conn.execute(
        "INSERT INTO tigertally.credential (id, owner_id, kind, slot, state, key_id, sealed, "
        "moving, drift, failures, locked_until, next_try, changed_at, valid_from, valid_to, "
        "last_shard, last_seq, rev) SELECT n, n, k, '', 1, 1, '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 "
        "FROM (VALUES (1, 4), (2, 1), (3, 8)) AS v (n, k)"
    )
    conn.execute(
        "INSERT INTO tigertally.challenge (id, kind, owner_id, channel_id, state, issued_at, "
        "expires_at, failures, key_id, sealed, rev) VALUES (%s, 1, 1, 1, 1, 0, 0, 0, 1, '', 1)",
        (bytes(16),),
    )
    conn.commit()
    challenges, credentials = outbox.around([bytes(16), b"?" * 16], [1, 2, 3])
    assert [c.id for c in challenges] == [bytes(16)]
    assert {c.kind for c in credentials} == {CredentialKind.SMS, CredentialKind.APP_KEY}


def test_a_database_that_is_away_is_said_and_comes_back(outbox, put, conn):
    put(message(1))
    outbox.waiting()
    conn.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND datname = current_database()"
    )
    conn.commit()
    with pytest.raises(StoreUnavailable):
        outbox.waiting()
    assert outbox.waiting() == {S.QUEUED: 1}
