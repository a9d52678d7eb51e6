"""The store on PostgreSQL: one batch is three round trips (load, save, commit), whatever its size.

How it waits is the connection's business (`drivers.postgres.stepping`). Every statement is an
array statement over the whole batch, prepared once per connection. Lock order: accounts by id,
tokens by id, credentials and challenges by id, counters by key (`store.method_statements`), serials
in key order, the shard head last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final, LiteralString, NamedTuple

import psycopg
from psycopg.adapt import Transformer
from psycopg.pq.abc import PGresult

from tigertally_drivers.errors import DriverError
from tigertally_drivers.postgres import connection as pg
from tigertally_drivers.postgres.exchange import Command, Exchange
from tigertally_drivers.postgres.settings import APP, AUDITOR, SECURITY, SYSTEM
from tigertally_drivers.postgres.stepping import BLOCKING, SteppedConnection, Waiting, stepped
from tigertally_engines.otp.state import OtpState
from tigertally_server.domain.account import Account
from tigertally_server.domain.entry import StoredEntry
from tigertally_server.domain.token import Token
from tigertally_server.store import administration, arrays, method_statements, rows, statements
from tigertally_server.store.arrays import (
    ByteaArray,
    Int2Array,
    Int4Array,
    Int8Array,
    TextArray,
    packed,
)
from tigertally_server.store.keys import record_of
from tigertally_server.store.port import (
    BadData,
    Configuration,
    Conflict,
    Loaded,
    Needs,
    QueriedEntry,
    ReferenceKey,
    SerialKey,
    StoreUnavailable,
    Writes,
)

Connection = psycopg.Connection[tuple[Any, ...]]
"""As opened, and for reading outside of batches."""

_NOBODYS = Token(
    id=-1,
    institution="",
    serial="",
    type_name="",
    seed_key_id=0,
    sealed_seed=b"",
    otp=OtpState(),
    valid_from_ms=0,
    valid_to_ms=0,
)
"""What `Writes.decoy_tokens` counts: an id that no row has."""


class Rights(NamedTuple):
    """The statements that depend on what the connection's role may do."""

    configuration: tuple[LiteralString, ...]
    append: str
    advance: str


THE_SERVERS: Final = Rights(
    statements.CONFIGURATION, statements.INSERT_ENTRIES, statements.UPDATE_HEAD
)
AN_OPERATORS: Final = THE_SERVERS._replace(
    append=statements.APPEND_ENTRIES, advance=statements.ADVANCE_HEAD
)
RIGHTS: Final[dict[str, Rights]] = {
    SECURITY: AN_OPERATORS,
    SYSTEM: AN_OPERATORS._replace(configuration=statements.CONFIGURATION_WITHOUT_KEYS),
    AUDITOR: AN_OPERATORS._replace(configuration=statements.CONFIGURATION_WITHOUT_KEYS),
}
"""Of the operators' roles; any other has the server's."""


class _Line:
    """A connection, and the round trips of batches on it."""

    def __init__(self, conn: SteppedConnection) -> None:
        self.conn = conn
        self._exchange = Exchange(conn)
        self._transformer = Transformer(conn)

    async def ask(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> list[PGresult]:
        """Statements are constants of the store, composed of constants: nothing of a request is
        ever part of one.
        """
        commands = [Command(text, *packed(params)) for text, params in statements]
        return await self.conn.wait(self._exchange.round_trip(commands))

    def rows(self, result: PGresult) -> list[rows.Row]:
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)


class PostgresTransaction:
    """See `port.Transaction`. One object per batch; not thread-safe, like its connection."""

    def __init__(self, line: _Line, rights: Rights = THE_SERVERS) -> None:
        self._line, self._conn, self._rights = line, line.conn, rights
        self._commit_sent = False

    async def load(self, needs: Needs) -> Loaded:
        """One pipelined round trip."""
        asked = _LoadPlan(needs)
        with translated_errors(self):
            answers = [self._line.rows(result) for result in await self._line.ask(asked.statements)]
        return asked.loaded(answers)

    async def configuration(self) -> Configuration:
        with translated_errors(self):
            answers = [
                await (await self._conn.execute(statement)).fetchall()
                for statement in self._rights.configuration
            ]
        return _configuration_of(answers)

    async def save(self, writes: Writes) -> int | None:
        """One pipelined round trip; raises Conflict where a guard did not hold."""
        with translated_errors(self):
            for admin in writes.admin:
                await administration.apply(self._conn, admin)
            plan = _save_plan(writes, self._rights)
            results = await self._line.ask([(sql, params) for sql, params, _ in plan])
            for result, (_, _, count) in zip(results, plan, strict=True):
                if result.command_tuples != count:
                    raise Conflict
            # The head is always the last.
            return int(self._line.rows(results[-1])[0][0]) if writes.entries else None

    async def commit(self) -> None:
        self._commit_sent = True
        with translated_errors(self):
            await self._conn.commit()

    async def rollback(self) -> None:
        """Never raises: a connection that can't roll back is closed, which rolls back."""
        try:
            await self._conn.rollback()
        except psycopg.Error:
            await self._conn.close()

    @property
    def commit_sent(self) -> bool:
        return self._commit_sent


class translated_errors:  # noqa: N801 - used like a function
    """Translates psycopg's errors into the port's; psycopg's texts may quote row values, so they
    are not passed on.
    """

    def __init__(self, transaction: PostgresTransaction | None = None) -> None:
        self._transaction = transaction

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, _: object
    ) -> None:
        if isinstance(exc, DriverError):
            raise StoreUnavailable(str(exc)) from None
        if not isinstance(exc, psycopg.Error):
            return
        if pg.is_unique_violation(exc) or pg.is_retryable(exc):
            raise Conflict from None
        reason = f"{pg.classify(exc) or type(exc).__name__} (SQLSTATE {exc.sqlstate or 'none'})"
        if pg.classify(exc) is pg.ErrorClass.DATA or isinstance(exc, psycopg.DataError):
            raise BadData(reason) from None
        sent = self._transaction is not None and self._transaction.commit_sent
        raise StoreUnavailable(reason, maybe_committed=sent) from None


class _LoadPlan:
    """The statements of a load and how their answers become `Loaded`."""

    def __init__(self, needs: Needs) -> None:
        self.statements: list[tuple[str, Sequence[Any]]] = []
        self._takers: list[tuple[str, Callable[[rows.Row], Any]]] = []
        if needs.epoch:
            self._ask("epoch", statements.EPOCH, (), _first)
        if needs.glanced:
            self._ask("glanced", statements.GLANCE, _pairs(needs.glanced), rows.glanced_of)
        self._ask_subjects(needs)
        for query in method_statements.queries(needs):
            self._ask(*query)
        # After the locks: what was committed while we waited for them must be seen.
        if needs.serials:
            days, channels, serials = zip(*needs.serials, strict=True)
            params = (Int4Array(days), Int4Array(channels), Int8Array(serials))
            self._ask("stored", statements.ENTRIES_BY_SERIAL, params, rows.entry_of)
        if needs.queried:
            days, channels, serials = zip(*needs.queried, strict=True)
            queried = (Int4Array(days), Int4Array(channels), Int8Array(serials))
            self._ask("queried", statements.QUERIED_BY_SERIAL, queried, rows.queried_of)
        if needs.references:
            days, channels, references = zip(*needs.references, strict=True)
            by_reference = (Int4Array(days), Int4Array(channels), TextArray(references))
            self._ask("referenced", statements.QUERIED_BY_REFERENCE, by_reference, rows.queried_of)
        if needs.head:
            self._ask("head", statements.HEAD, (needs.shard,), rows.head_of)

    def _ask_subjects(self, needs: Needs) -> None:
        if needs.account_ids:
            self._ask("account_ids", statements.ACCOUNT_IDS, (needs.account_ids,), _first)
        if needs.token_ids:
            self._ask("token_ids", statements.NEXT_TOKEN_IDS, (needs.token_ids,), _first)
        if needs.locked_users:
            self._ask(
                "accounts", statements.ACCOUNTS_LOCKED, _pairs(needs.locked_users), rows.account_of
            )
        if others := needs.users - needs.locked_users:
            self._ask("accounts", statements.ACCOUNTS, _pairs(others), rows.account_of)
        if users := needs.users | needs.locked_users:
            if needs.tokens:
                self._ask(
                    "tokens",
                    statements.TOKENS_ALSO_BY_SERIAL,
                    _pairs(users) + _pairs(needs.tokens),
                    rows.token_of,
                )
            else:
                self._ask("tokens", statements.TOKENS, _pairs(users), rows.token_of)
        elif needs.tokens:
            self._ask(
                "tokens",
                statements.TOKENS_ALSO_BY_SERIAL,
                _pairs(()) + _pairs(needs.tokens),
                rows.token_of,
            )

    def _ask(
        self, name: str, sql: str, params: Sequence[Any], take: Callable[[rows.Row], Any]
    ) -> None:
        self.statements.append((sql, params))
        self._takers.append((name, take))

    def loaded(self, answers: Sequence[Sequence[rows.Row]]) -> Loaded:
        found: dict[str, list[Any]] = defaultdict(list)
        for (name, take), answer in zip(self._takers, answers, strict=True):
            found[name].extend(map(take, answer))
        stored: dict[SerialKey, list[StoredEntry]] = {}
        for item in found["stored"]:
            entry = item.entry
            stored.setdefault((entry.business_day, entry.channel_id, entry.serial), []).append(item)
        queried: dict[SerialKey, list[QueriedEntry]] = {}
        for asked in found["queried"]:
            entry = asked.entry
            queried.setdefault((entry.business_day, entry.channel_id, entry.serial), []).append(
                asked
            )
        referenced: dict[ReferenceKey, list[QueriedEntry]] = {}
        for asked in found["referenced"]:
            entry = asked.entry
            referenced.setdefault(
                (entry.business_day, entry.channel_id, entry.reference), []
            ).append(asked)
        # Before what was locked, which is newer.
        tokens = [token for _, token in found["glanced"] if token is not None]
        return Loaded(
            epoch=found["epoch"][0] if found["epoch"] else None,
            stored=stored,
            queried=queried,
            referenced=referenced,
            accounts=[account for account, _ in found["glanced"]] + found["accounts"],
            tokens=tokens + found["tokens"],
            account_ids=found["account_ids"],
            token_ids=found["token_ids"],
            head=found["head"][0] if found["head"] else None,
            credentials=found["credentials"],
            challenges=found["challenges"],
            messages=found["messages"],
            counts=found["counts"],
            credential_ids=found["credential_ids"],
            key_ids=found["key_ids"],
        )


def _first(row: rows.Row) -> Any:
    return row[0]


def _pairs(keys: Any) -> tuple[TextArray, TextArray]:
    ordered = sorted(keys)
    return TextArray([a for a, _ in ordered]), TextArray([b for _, b in ordered])


def _save_plan(writes: Writes, rights: Rights) -> list[tuple[str, Sequence[Any], int]]:
    plan: list[tuple[str, Sequence[Any], int]] = []
    if writes.new_accounts:
        plan.append(
            (
                statements.INSERT_ACCOUNTS,
                _account_columns(writes.new_accounts),
                len(writes.new_accounts),
            )
        )
    if writes.accounts:
        ordered = sorted(writes.accounts, key=lambda account: account.id)
        params = (
            Int8Array([a.id for a in ordered]),
            Int2Array([a.state for a in ordered]),
            ByteaArray([a.personal for a in ordered]),
            Int4Array([a.rev for a in ordered]),
        )
        plan.append((statements.UPDATE_ACCOUNTS, params, len(ordered)))
    if writes.tokens or writes.decoy_tokens:
        tokens = sorted(writes.tokens, key=lambda token: token.id)
        statement, columns, _ = _token_update([*tokens, *[_NOBODYS] * writes.decoy_tokens])
        plan.append((statement, columns, len(tokens)))
    if writes.rebound_tokens:
        plan.append(_rebinding_update(sorted(writes.rebound_tokens, key=lambda token: token.id)))
    plan.extend(method_statements.changes(writes))
    if writes.entries:
        plan.append((rights.append, _entry_columns(writes.entries), len(writes.entries)))
        head = writes.head
        params_head = (head.size, head.frontier, head.root, head.mac, head.shard, writes.head_size)
        plan.append((rights.advance, params_head, 1))
    return plan


def _account_columns(accounts: Sequence[Account]) -> Sequence[Any]:
    ordered = sorted(accounts, key=lambda account: account.key)
    return (
        Int8Array([a.id for a in ordered]),
        TextArray([a.institution for a in ordered]),
        TextArray([a.customer for a in ordered]),
        Int2Array([a.state for a in ordered]),
        Int8Array([a.registered_at_ms for a in ordered]),
        Int4Array([a.rev for a in ordered]),
        Int4Array([a.key_id for a in ordered]),
        ByteaArray([a.data_key for a in ordered]),
        ByteaArray([a.personal for a in ordered]),
    )


def _token_update(tokens: Sequence[Token]) -> tuple[str, Sequence[Any], int]:
    otps = [t.otp for t in tokens]
    moving = (
        Int8Array([o.moving for o in otps]),
        Int4Array([o.drift for o in otps]),
        Int4Array([o.failures for o in otps]),
        Int8Array([o.locked_until_ms for o in otps]),
        Int8Array([o.next_try_ms for o in otps]),
        Int2Array([t.last_shard for t in tokens]),
        Int8Array([t.last_seq for t in tokens]),
        Int4Array([t.rev for t in tokens]),
    )
    ids = Int8Array([t.id for t in tokens])
    return statements.UPDATE_TOKENS_HOT, (ids, *moving), len(tokens)


def _rebinding_update(tokens: Sequence[Token]) -> tuple[str, Sequence[Any], int]:
    """As `_token_update`, with owner, state and `extra`: for the operations that change them."""
    _, params, count = _token_update(tokens)
    owners = (
        Int8Array([t.owner_id for t in tokens]),
        Int2Array([t.owner_state for t in tokens]),
        Int2Array([t.state for t in tokens]),
        ByteaArray([t.extra for t in tokens]),
    )
    return statements.UPDATE_TOKENS, (params[0], *owners, *params[1:]), count


def _entry_columns(entries: Sequence[StoredEntry]) -> Sequence[Any]:
    ordered = sorted(
        entries,
        key=lambda s: (s.entry.business_day, s.entry.channel_id, s.entry.serial, s.entry.phase),
    )
    es = [s.entry for s in ordered]
    return (
        Int2Array([e.shard for e in es]),
        Int8Array([e.seq for e in es]),
        Int4Array([e.business_day for e in es]),
        Int4Array([e.channel_id for e in es]),
        Int8Array([e.serial for e in es]),
        Int2Array([e.phase for e in es]),
        Int4Array([e.transaction for e in es]),
        Int4Array([e.result for e in es]),
        Int8Array([e.at_ms for e in es]),
        TextArray([e.reference for e in es]),
        Int8Array([e.user_id for e in es]),
        Int8Array([e.token_id for e in es]),
        Int2Array([e.previous_shard for e in es]),
        Int8Array([e.previous_seq for e in es]),
        ByteaArray([e.digest for e in es]),
        Int4Array([e.outcome_key_id for e in es]),
        ByteaArray([e.outcome for e in es]),
        Int4Array([e.personal_key_id for e in es]),
        ByteaArray([e.personal for e in es]),
        Int2Array([e.version for e in es]),
        ByteaArray([s.leaf for s in ordered]),
    )


def read_epoch(conn: Connection) -> int:
    """The configuration epoch now."""
    return int(_one(conn, statements.EPOCH)[0])


def read_configuration(conn: Connection, role: str = APP) -> Configuration:
    """All that processes share, now, as far as the role may know it."""
    statements_of = RIGHTS.get(role, THE_SERVERS).configuration
    return _configuration_of([conn.execute(statement).fetchall() for statement in statements_of])


def _configuration_of(answers: Sequence[Sequence[rows.Row]]) -> Configuration:
    # Operators without access to keys ask for everything but the last.
    epoch, channels, keys, types, passwords, policies, *key_records = answers
    return Configuration(
        epoch=int(epoch[0][0]),
        channels=tuple(map(rows.channel_of, channels)),
        channel_keys=tuple(map(rows.channel_key_of, keys)),
        token_types=dict(types),
        flow_policies=tuple(map(rows.flow_policy_of, policies)),
        password_policies=dict(passwords),
        keys=tuple(record_of(row) for answer in key_records for row in answer),
    )


def _one(conn: Connection, sql: LiteralString) -> tuple[Any, ...]:
    row = conn.execute(sql).fetchone()
    assert row is not None
    return row


class PostgresStore:
    """One connection, made when needed and made again after it was lost. `connect` returns a fresh
    connection of `role`, `how` says how the store waits for it and for answers.
    """

    def __init__(
        self, connect: Callable[[], Connection], how: Waiting = BLOCKING, role: str = APP
    ) -> None:
        self._connect, self._how = connect, how
        self._rights = RIGHTS.get(role, THE_SERVERS)
        self._line: _Line | None = None

    async def begin(self) -> PostgresTransaction:
        """Raises StoreUnavailable."""
        return PostgresTransaction(await self._live(), self._rights)

    async def connection(self) -> SteppedConnection:
        """The live connection; raises StoreUnavailable."""
        return (await self._live()).conn

    async def _live(self) -> _Line:
        if self._line is None or self._line.conn.closed:
            with translated_errors():
                conn = stepped(await self._how.call(self._connect), self._how)
                arrays.register(conn)
                await conn.execute(statements.PLANS)
                await conn.commit()
            self._line = _Line(conn)
        return self._line

    def close(self) -> None:
        if self._line is not None:
            self._line.conn.pgconn.finish()
            self._line = None
