"""The outbox as the dispatcher sees it: take what is due, settle what was handed over, note what the
gateway reports later. Outside the units of work, on a connection of its own.

Any number of processes take at once and none waits for another (SKIP LOCKED). Taking is committed
before anything is sent, with a lease: a row that is still *sending* when it ends belonged to a
process that died over it, and its outcome is unknown for good, since it may have been sent. Number
and text are forgotten as soon as a row needs no further try.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeVar

import psycopg

from tigertally_server.domain.challenge import Challenge
from tigertally_server.domain.credential import Credential, CredentialKind
from tigertally_server.domain.message import MessageState, OutgoingMessage
from tigertally_server.store.method_statements import (
    CHALLENGE_COLUMNS,
    CREDENTIAL_COLUMNS,
    MESSAGE_COLUMNS,
    challenge_of,
    credential_of,
    message_of,
)
from tigertally_server.store.postgres import translated_errors

Connection = psycopg.Connection[tuple[Any, ...]]
T = TypeVar("T")

_S = MessageState
_COLUMNS = ", ".join(f"m.{name}" for name in MESSAGE_COLUMNS.split(", "))
_TAKE = (
    "WITH due AS (SELECT id FROM tigertally.message WHERE state IN (1, 2) AND next_attempt <= %(now)s "
    "ORDER BY next_attempt, id LIMIT %(n)s FOR UPDATE SKIP LOCKED) "
    "UPDATE tigertally.message m SET next_attempt = %(now)s + %(lease)s, rev = m.rev + 1, "
    f"state = CASE WHEN m.state = 2 THEN {_S.UNKNOWN:d} WHEN m.expires_at <= %(now)s THEN {_S.EXPIRED:d} ELSE {_S.SENDING:d} END, "
    "attempts = m.attempts + (m.state = 1 AND m.expires_at > %(now)s)::integer, "
    "sealed = CASE WHEN m.state = 1 AND m.expires_at > %(now)s THEN m.sealed ELSE '' END, "
    "reason = CASE WHEN m.state = 2 THEN 'process died' WHEN m.expires_at <= %(now)s THEN 'too late' ELSE m.reason END "
    f"FROM due WHERE m.id = due.id RETURNING {_COLUMNS}"
)
_CHALLENGES = f"SELECT {CHALLENGE_COLUMNS} FROM tigertally.challenge WHERE id = ANY (%s)"
_CREDENTIALS = f"SELECT {CREDENTIAL_COLUMNS} FROM tigertally.credential WHERE owner_id = ANY (%s) AND kind = ANY (%s)"
_SETTLE = (
    "UPDATE tigertally.message m SET state = v.state, next_attempt = v.next_attempt, gateway = v.gateway, "
    "gateway_id = v.gateway_id, reason = v.reason, rev = m.rev + 1, "
    f"sealed = CASE WHEN v.state = {_S.QUEUED:d} THEN m.sealed ELSE '' END "
    "FROM unnest(%s::bytea[], %s::smallint[], %s::bigint[], %s::text[], %s::text[], %s::text[]) "
    "AS v (id, state, next_attempt, gateway, gateway_id, reason) WHERE m.id = v.id "
    # A lease that lapsed before the answer came: what the answer says is better than unknown.
    f"AND (m.state = {_S.SENDING:d} OR m.state = {_S.UNKNOWN:d} AND v.state <> {_S.QUEUED:d})"
)
_REPORT = (
    "UPDATE tigertally.message SET state = %s, reason = %s, rev = rev + 1 WHERE gateway = %s AND gateway_id = %s "
    f"AND gateway_id <> '' AND state IN ({_S.SENT:d}, {_S.UNKNOWN:d})"
)
_REPORTED = (
    "SELECT 1 FROM tigertally.message WHERE gateway = %s AND gateway_id = %s AND gateway_id <> ''"
)
_COUNT = "SELECT state, count(*) FROM tigertally.message WHERE state IN (1, 2) GROUP BY state"
_LISTED = (
    f"SELECT {MESSAGE_COLUMNS} FROM tigertally.message WHERE state = ANY (%s) "
    "ORDER BY created_at DESC, id LIMIT %s"
)
_CODE_KINDS: Final = [int(CredentialKind.SMS), int(CredentialKind.APP_KEY)]


class Settled(NamedTuple):
    """What came of one handing over. `next_attempt_ms` counts where it is queued again."""

    id: bytes
    state: MessageState
    next_attempt_ms: int = 0
    gateway: str = ""
    gateway_id: str = ""
    reason: str = ""


class Reported(StrEnum):
    """What came of a report."""

    APPLIED = "applied"
    AGAIN = "again"
    """The message has its final state already."""
    STRANGE = "strange"
    """No message of that name (yet)."""


class PostgresOutbox:
    """One connection, made when needed. Not thread-safe. Raises StoreUnavailable."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._conn: Connection | None = None

    def take(self, now_ms: int, lease_ms: int, at_most: int) -> list[OutgoingMessage]:
        """What is due, now *sending* and ours until the lease ends; and, in their final state, rows
        that came too late or whose process died.
        """
        params = {"now": now_ms, "lease": lease_ms, "n": at_most}
        return self._run(lambda conn: [message_of(row) for row in conn.execute(_TAKE, params)])

    def around(
        self, challenge_ids: Iterable[bytes], owner_ids: Iterable[int]
    ) -> tuple[list[Challenge], list[Credential]]:
        """What codes are computed from: challenges, and phones and apps of their owners."""
        ids, owners = sorted(set(challenge_ids)), sorted(set(owner_ids))

        def read(conn: Connection) -> tuple[list[Challenge], list[Credential]]:
            challenges = conn.execute(_CHALLENGES, (ids,)).fetchall()
            credentials = conn.execute(_CREDENTIALS, (owners, _CODE_KINDS)).fetchall()
            return [challenge_of(row) for row in challenges], [
                credential_of(row) for row in credentials
            ]

        return self._run(read)

    def settle(self, settled: Sequence[Settled]) -> None:
        """Writes them down; what is no longer ours is left alone."""
        ordered = sorted(settled)
        columns = [list(column) for column in zip(*ordered, strict=True)]
        columns[1] = [int(state) for state in columns[1]]
        self._run(lambda conn: conn.execute(_SETTLE, columns))

    def report(self, gateway: str, gateway_id: str, state: MessageState, reason: str) -> Reported:
        """Notes a final state. The same report again changes nothing."""

        def write(conn: Connection) -> Reported:
            done = conn.execute(_REPORT, (int(state), reason, gateway, gateway_id))
            if done.rowcount:
                return Reported.APPLIED
            known = conn.execute(_REPORTED, (gateway, gateway_id)).fetchone()
            return Reported.STRANGE if known is None else Reported.AGAIN

        return self._run(write)

    def waiting(self) -> dict[MessageState, int]:
        """How many are queued and how many are being sent."""
        return self._run(lambda conn: {MessageState(state): n for state, n in conn.execute(_COUNT)})

    def listed(self, states: Iterable[MessageState], at_most: int) -> list[OutgoingMessage]:
        """The newest messages in these states."""
        numbers = [int(state) for state in states]
        return self._run(
            lambda conn: [message_of(row) for row in conn.execute(_LISTED, (numbers, at_most))]
        )

    def close(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    def _run(self, work: Callable[[Connection], T]) -> T:
        with translated_errors():
            if self._conn is None or self._conn.closed:
                self._conn = self._connect()
            try:
                result = work(self._conn)
                self._conn.commit()
            except BaseException:
                # A broken transaction goes with its connection.
                self._conn.close()
                raise
            return result
