"""A bank on a real PostgreSQL: the schema migrated, the system installed, ready for `Bank`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import pytest

from tigertally_drivers.keys.software import MasterKey
from tigertally_drivers.ports import Clock, Entropy
from tigertally_drivers.postgres.exchange import Command, Exchange
from tigertally_server.domain.calendar import business_day
from tigertally_server.services import installation as installing
from tigertally_server.services.context import Context
from tigertally_server.services.directory import Directory
from tigertally_server.store.installation import ensure_partitions
from tigertally_server.store.postgres import PostgresStore, read_configuration
from tigertally_testing.bank import ZONE

Connect = Callable[[], psycopg.Connection[tuple[Any, ...]]]


def install_postgres(
    connect: Connect, clock: Clock, entropy: Entropy, shards: int = 2
) -> tuple[MasterKey, Context]:
    """`connect` opens connections of the app role to a freshly migrated database."""
    master = MasterKey(entropy.token_bytes(32), entropy)
    conn = connect()
    try:
        installing.install(conn, master, b"", shards, clock, entropy)
        today = business_day(clock.now_ms(), ZONE)
        ensure_partitions(conn, today - 2, today + 2)
        conn.commit()
        context = Context(
            installing.open_keyring(conn, master, entropy),
            Directory(read_configuration(conn)),
            ZONE,
        )
        conn.rollback()
    finally:
        conn.close()
    return master, context


def open_context(connect: Connect, master: MasterKey, entropy: Entropy) -> Context:
    """What a second process opens."""
    conn = connect()
    try:
        return Context(
            installing.open_keyring(conn, master, entropy),
            Directory(read_configuration(conn)),
            ZONE,
        )
    finally:
        conn.close()


def statements_of(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What batches ask of PostgreSQL from now on, in this order."""
    said: list[str] = []
    round_trip = Exchange.round_trip

    def noted(exchange: Exchange, commands: Sequence[Command]) -> Any:
        said.extend(command.text for command in commands)
        return round_trip(exchange, commands)

    monkeypatch.setattr(Exchange, "round_trip", noted)
    return said


def open_store(connect: Connect) -> PostgresStore:
    return PostgresStore(connect)
