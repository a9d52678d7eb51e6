"""What keeps a key's bytes from going while a row may still need them.

Whoever seals rows before his transaction begins (a command) may have done so under a key that is
destroyed meanwhile. So every act that brings sealed rows locks their keys' records against
destruction, and destruction counts the rows behind the same lock. Batches of the server need no
lock: they seal within their transaction and find at its end that the epoch moved.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, LiteralString

import psycopg

from tigertally_server.domain.administration import DestroyKey, PutKey, ReplaceMaster
from tigertally_server.store import key_uses, keys
from tigertally_server.store.port import BadData, Conflict

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

_HELD: Final[LiteralString] = "SELECT 1 FROM tigertally.key_record WHERE id = %s FOR UPDATE"
_REPLACE_MASTER: Final[LiteralString] = (
    "UPDATE tigertally.installation SET master_check = %s, master_salt = %s WHERE master_check = %s"
)


async def need_keys(conn: Connection, key_ids: Iterable[int]) -> None:
    """These keys, as far as they are ours, have their bytes until the transaction ends. Raises
    BadData.
    """
    wanted = {key_id for key_id in key_ids if key_id > 0}
    if not wanted:
        return
    alive = {
        key_id
        for (key_id,) in await (await conn.execute(key_uses.ALIVE, (list(wanted),))).fetchall()
    }
    if wanted - alive:
        raise BadData("a row is sealed under a key that is destroyed")


async def put_key(conn: Connection, write: PutKey) -> None:
    """Raises Conflict where the record is not as it was read, BadData where its parent is gone."""
    before, after = write.before, write.after
    if before is None or before.parent != after.parent:
        await need_keys(conn, [after.parent])
    statement, params = (
        (keys.INSERT, keys.row_of(after)) if before is None else keys.change_of(before, after)
    )
    if (await conn.execute(statement, params)).rowcount != 1:
        raise Conflict


async def destroy_key(conn: Connection, write: DestroyKey) -> None:
    """Raises BadData while a row needs it."""
    await conn.execute(_HELD, (write.before.id,))
    if statement := key_uses.count_statement(write.before):
        found = await (await conn.execute(statement, {"id": write.before.id})).fetchall()
        if any(count for _, count in found):
            raise BadData("rows still need this key")
    await put_key(conn, PutKey(write.after, write.before))


async def replace_master(conn: Connection, write: ReplaceMaster) -> None:
    """Raises Conflict where another master key is in force."""
    cursor = await conn.execute(_REPLACE_MASTER, (write.after, write.salt, write.before))
    if cursor.rowcount != 1:
        raise Conflict
