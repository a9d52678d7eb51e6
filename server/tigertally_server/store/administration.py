"""The SQL behind each operator's act. One function per kind of row, found in one table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, LiteralString

import psycopg

from tigertally_server.domain.administration import (
    AdminWrite,
    DecideApproval,
    DestroyKey,
    EraseCustomer,
    InsertAccounts,
    InsertChannel,
    InsertCredentials,
    InsertTokens,
    MoveStagedTokens,
    PutChannelKey,
    PutFlowPolicy,
    PutKey,
    PutPasswordPolicy,
    PutTokenType,
    ReplaceMaster,
    RequestApproval,
    ReseedToken,
    SetDualControl,
    UpdateChannel,
    UseApproval,
)
from tigertally_server.domain.import_job import ImportState
from tigertally_server.domain.token import TokenState
from tigertally_server.store import imports, method_statements, rows
from tigertally_server.store.arrays import ByteaArray, Int2Array, Int4Array, Int8Array, TextArray
from tigertally_server.store.key_guards import destroy_key, need_keys, put_key, replace_master
from tigertally_server.store.port import Conflict

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

_MARKS_17 = ", ".join(["%s"] * 17)
_INSERT_CHANNEL = f"INSERT INTO tigertally.channel ({rows.CHANNEL_COLUMNS}) VALUES ({_MARKS_17})"
_UPDATE_CHANNEL = (
    f"UPDATE tigertally.channel SET ({rows.CHANNEL_COLUMNS}) = ({_MARKS_17}) WHERE id = %s"
)
_PUT_KEY = (
    f"INSERT INTO tigertally.channel_key ({rows.CHANNEL_KEY_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (channel_id, version) DO UPDATE SET state = excluded.state"
)
_PUT_TYPE = (
    "INSERT INTO tigertally.token_type (name, parameters) VALUES (%s, %s::jsonb) "
    "ON CONFLICT (name) DO UPDATE SET parameters = excluded.parameters"
)
_PUT_PASSWORD_POLICY = (
    "INSERT INTO tigertally.password_policy (name, parameters) VALUES (%s, %s::jsonb) "
    "ON CONFLICT (name) DO UPDATE SET parameters = excluded.parameters"
)
_PUT_POLICY = (
    f"INSERT INTO tigertally.flow_policy ({rows.FLOW_POLICY_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (institution, name) DO UPDATE SET expression = excluded.expression, "
    "deadline_s = excluded.deadline_s, tries = excluded.tries, removed = excluded.removed"
)
_INSERT_TOKENS = (
    "INSERT INTO tigertally.token (id, institution, serial, type_name, overrides, issuer, imported_at, key_id, seed) "
    "SELECT id, i, s, t, o, %b, %b, k, d FROM unnest(%b, %b, %b, %b, %b, %b, %b) AS v (id, i, s, t, o, k, d)"
)
_INSERT_STATES = (
    "INSERT INTO tigertally.token_state (id, owner_id, moving, locked_until, next_try, valid_from, valid_to, last_seq, rev, "
    "static_rev, drift, failures, last_shard, owner_state, state) SELECT id, o, m, l, n, f, t, -1, 1, 1, 0, 0, -1, os, st "
    "FROM unnest(%b, %b, %b, %b, %b, %b, %b, %b, %b) AS v (id, o, m, l, n, f, t, os, st)"
)
_RESEED = "UPDATE tigertally.token SET static_rev = %s, key_id = %s, seed = %s WHERE id = %s AND static_rev = %s"
_RAISE_STATIC_REV = (
    "UPDATE tigertally.token_state SET static_rev = %s WHERE id = %s AND static_rev = %s"
)
_INSERT_ACCOUNTS = f"INSERT INTO tigertally.account ({rows.ACCOUNT_COLUMNS}) SELECT * FROM unnest(%b, %b, %b, %b, %b, %b, %b, %b, %b)"


async def _insert_channel(conn: Connection, write: InsertChannel) -> None:
    await conn.execute(_INSERT_CHANNEL, rows.channel_row(write.channel))


async def _update_channel(conn: Connection, write: UpdateChannel) -> None:
    cursor = await conn.execute(
        _UPDATE_CHANNEL, (*rows.channel_row(write.channel), write.channel.id)
    )
    if cursor.rowcount != 1:
        raise Conflict


async def _put_channel_key(conn: Connection, write: PutChannelKey) -> None:
    key = write.key
    await need_keys(conn, [key.key_id])
    await conn.execute(
        _PUT_KEY,
        (
            key.channel_id,
            key.version,
            key.state.value,
            key.key_id,
            key.sealed,
            key.check_value,
            key.created_at_ms,
        ),
    )


async def _put_token_type(conn: Connection, write: PutTokenType) -> None:
    await conn.execute(_PUT_TYPE, (write.name, write.parameters))


async def _put_password_policy(conn: Connection, write: PutPasswordPolicy) -> None:
    await conn.execute(_PUT_PASSWORD_POLICY, (write.name, write.parameters))


async def _put_flow_policy(conn: Connection, write: PutFlowPolicy) -> None:
    await conn.execute(_PUT_POLICY, rows.flow_policy_row(write.policy))


async def _insert_tokens(conn: Connection, write: InsertTokens) -> None:
    tokens = write.tokens
    await need_keys(conn, (t.seed_key_id for t in tokens if t.sealed_seed))
    ids = Int8Array([t.id for t in tokens])
    await conn.execute(
        _INSERT_TOKENS,
        (
            write.issuer,
            write.imported_at_ms,
            ids,
            TextArray([t.institution for t in tokens]),
            TextArray([t.serial for t in tokens]),
            TextArray([t.type_name for t in tokens]),
            TextArray([t.overrides for t in tokens]),
            Int4Array([t.seed_key_id for t in tokens]),
            ByteaArray([t.sealed_seed for t in tokens]),
        ),
    )
    await conn.execute(
        _INSERT_STATES,
        (
            ids,
            Int8Array([t.owner_id for t in tokens]),
            Int8Array([t.otp.moving for t in tokens]),
            Int8Array([t.otp.locked_until_ms for t in tokens]),
            Int8Array([t.otp.next_try_ms for t in tokens]),
            Int8Array([t.valid_from_ms for t in tokens]),
            Int8Array([t.valid_to_ms for t in tokens]),
            Int2Array([t.owner_state for t in tokens]),
            Int2Array([t.state for t in tokens]),
        ),
    )


async def _reseed_token(conn: Connection, write: ReseedToken) -> None:
    token = write.token
    if token.sealed_seed:
        await need_keys(conn, [token.seed_key_id])
    row = (token.static_rev, token.seed_key_id, token.sealed_seed, token.id, token.static_rev - 1)
    cursor = await conn.execute(_RESEED, row)
    raised = await conn.execute(
        _RAISE_STATIC_REV, (token.static_rev, token.id, token.static_rev - 1)
    )
    if cursor.rowcount != 1 or raised.rowcount != 1:
        raise Conflict


async def _insert_accounts(conn: Connection, write: InsertAccounts) -> None:
    accounts = write.accounts
    await need_keys(conn, (a.key_id for a in accounts))
    await conn.execute(
        _INSERT_ACCOUNTS,
        (
            Int8Array([a.id for a in accounts]),
            TextArray([a.institution for a in accounts]),
            TextArray([a.customer for a in accounts]),
            Int2Array([a.state for a in accounts]),
            Int8Array([a.registered_at_ms for a in accounts]),
            Int4Array([a.rev for a in accounts]),
            Int4Array([a.key_id for a in accounts]),
            ByteaArray([a.data_key for a in accounts]),
            ByteaArray([a.personal for a in accounts]),
        ),
    )


async def _move_staged_tokens(conn: Connection, write: MoveStagedTokens) -> None:
    fresh = write.tokens - len(write.there)
    values = {
        "job": write.job,
        "chunk": write.chunk,
        "institution": write.institution,
        "there": list(write.there),
        "now": write.now_ms,
        "state": TokenState.IN_STOCK.value,
        "writing": ImportState.WRITING.value,
        "done": ImportState.DONE.value,
        "fresh": fresh,
        "known": len(write.there),
    }
    expected = ((imports.CLAIM, 1), (imports.MOVE, fresh), (imports.ADVANCE, 1))
    for statement, count in expected:
        if (await conn.execute(statement, values)).rowcount != count:
            raise Conflict


async def _insert_credentials(conn: Connection, write: InsertCredentials) -> None:
    await need_keys(conn, (c.key_id for c in write.credentials))
    statement, params, _ = method_statements.insert_credentials(write.credentials)
    await conn.execute(statement.encode(), params)


_APPROVALS: Final[dict[type, tuple[LiteralString, str]]] = {
    RequestApproval: (
        "SELECT tigertally.request_approval(%s, %s, %s, %s, %s, %s)",
        "id verb subject os_user key_id sealed",
    ),
    DecideApproval: ("SELECT tigertally.decide_approval(%s, %s, %s)", "id approve os_user"),
    UseApproval: ("SELECT tigertally.use_approval(%s, %s, %s)", "id verb subject"),
    SetDualControl: (
        "SELECT tigertally.set_dual_control(%s, %s, %s, %s)",
        "approval verb needed valid_s",
    ),
    EraseCustomer: ("SELECT tigertally.erase_customer(%s, %s)", "approval account_id"),
}
"""Each is a function of the database, which refuses what is not approved; and its arguments."""


async def _call(conn: Connection, write: AdminWrite) -> None:
    statement, names = _APPROVALS[type(write)]
    await conn.execute(statement, [getattr(write, name) for name in names.split()])


_APPLY: dict[type, Callable[[Connection, Any], Awaitable[None]]] = {
    InsertChannel: _insert_channel,
    UpdateChannel: _update_channel,
    PutChannelKey: _put_channel_key,
    PutKey: put_key,
    DestroyKey: destroy_key,
    ReplaceMaster: replace_master,
    PutTokenType: _put_token_type,
    PutPasswordPolicy: _put_password_policy,
    PutFlowPolicy: _put_flow_policy,
    InsertTokens: _insert_tokens,
    MoveStagedTokens: _move_staged_tokens,
    ReseedToken: _reseed_token,
    InsertAccounts: _insert_accounts,
    InsertCredentials: _insert_credentials,
    **dict.fromkeys(_APPROVALS, _call),
}


async def apply(conn: Connection, write: AdminWrite) -> None:
    """Raises psycopg.Error and Conflict."""
    await _APPLY[type(write)](conn, write)
