"""An installation with something under every key, and a look at all of it: what opens, to what.

    config = configuration_of(database, folder)
    with opened(config) as environment:
        fill(environment)
        before = plaintexts(environment)       # place -> digest of what is there in clear

Two looks that are equal say that nothing was lost and nothing became unreadable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tigertally_drivers.postgres.settings import APP
from tigertally_protocol.suites import SUITES
from tigertally_server import config as configuration
from tigertally_server.app.environment import Environment, open_databases, open_environment
from tigertally_server.audit import head as audit_head
from tigertally_server.config import Config
from tigertally_server.domain.credential import CredentialKind
from tigertally_server.domain.entry import Entry
from tigertally_server.services.keyring import (
    Purpose,
    challenge_identity,
    channel_key_identity,
    credential_identity,
    customer_identity,
    message_identity,
    seed_identity,
)
from tigertally_server.services.recording import open_outcome
from tigertally_server.store import reading
from tigertally_server.store.installation import Connection, read_heads
from tigertally_testing.bank import Bank, HeldToken

Place = tuple[Any, ...]


def configuration_of(database: Any, folder: Path, **sections: dict[str, Any]) -> Config:
    values = {"database": {"dsn": database.dsn(APP), "state_dir": str(folder)}, **sections}
    return configuration.checked(msgspec.convert(values, Config))


@contextmanager
def opened(config: Config) -> Iterator[Environment]:
    """As a process that starts now."""
    databases = open_databases(config)
    try:
        environment = open_environment(config, databases, tell=lambda text: None)
        conn = databases.connect(APP)
        environment.ensure_partitions(conn)
        conn.close()
        yield environment
    finally:
        databases.close()


def fill(environment: Environment, tokens: int = 5) -> list[HeldToken]:
    """Customers with tokens, a channel, credentials, challenges, messages, staged imports."""
    store = environment.databases.store()
    bank = Bank(store, environment.context, environment.clock, environment.entropy)
    bank.add_channel(1, master_key=environment.entropy.token_bytes(SUITES[1].master_key_bytes))
    held = [bank.customer_with_token(number, "hotp-6") for number in range(1, tokens + 1)]
    for item in held:
        bank.verify(item, "000000")
    store.close()
    conn = environment.databases.connect(APP)
    _fill_methods(environment, conn)
    _fill_staging(environment, conn)
    conn.commit()
    conn.close()
    return held


def _fill_methods(environment: Environment, conn: Connection) -> None:
    seal, kind = environment.keyring.seal, int(CredentialKind.PIN)
    for number in range(1, 4):
        key_id, sealed = seal(
            Purpose.CREDENTIAL, b"pin %d" % number, credential_identity(number, kind, "")
        )
        conn.execute(
            "INSERT INTO tigertally.credential VALUES "
            "(%s, %s, 0, 0, 0, 0, 0, 0, -1, 1, %s, 0, 0, -1, %s, 1, '', %s, '')",
            (number, number, key_id, kind, sealed),
        )
        row_id = bytes([number]) * 16
        key_id, sealed = seal(Purpose.CREDENTIAL, b"asked", challenge_identity(row_id))
        conn.execute(
            "INSERT INTO tigertally.challenge VALUES (%s, 1, 0, 1, 1, 0, %s, 1, 1, 1, %s)",
            (row_id, key_id, sealed),
        )
        key_id, sealed = seal(Purpose.CREDENTIAL, b"13800138000", message_identity(row_id))
        conn.execute(
            "INSERT INTO tigertally.message VALUES "
            "(%s, 1, 0, 1, 0, 1, %s, 0, 1, 1, 'p', '', '', '', %s)",
            (row_id, key_id, sealed),
        )


def _fill_staging(environment: Environment, conn: Connection) -> None:
    conn.execute(
        "INSERT INTO tigertally.import_job VALUES "
        "(1, '0001', 'f', '', 1, '{}', 'o', 0, 0, 3, 1, 0, 0, 0, 1, '{}')"
    )
    for line in range(1, 4):
        serial = f"S{line}"
        key_id, sealed = environment.keyring.seal(
            Purpose.SEED, b"staged", seed_identity("0001", serial)
        )
        conn.execute(
            "INSERT INTO tigertally.import_token VALUES "
            "(1, 1, %s, 0, 0, 0, %s, %s, 'hotp-6', '', '', %s)",
            (line, key_id, serial, sealed),
        )


_STAGED = (
    "SELECT j.institution, t.serial, t.key_id, t.seed FROM tigertally.import_token t "
    "JOIN tigertally.import_job j ON j.id = t.job"
)
_ROWS: dict[str, tuple[str, Callable[..., bytes]]] = {
    "token": ("SELECT institution, serial, key_id, seed FROM tigertally.token", seed_identity),
    "import_token": (_STAGED, seed_identity),
    "channel_key": (
        "SELECT channel_id, version, key_id, sealed FROM tigertally.channel_key",
        channel_key_identity,
    ),
    "account": (
        "SELECT institution, customer, key_id, data_key FROM tigertally.account",
        customer_identity,
    ),
    "credential": (
        "SELECT owner_id, kind, slot, key_id, sealed FROM tigertally.credential",
        credential_identity,
    ),
    "challenge": ("SELECT id, key_id, sealed FROM tigertally.challenge", challenge_identity),
    "message": ("SELECT id, key_id, sealed FROM tigertally.message", message_identity),
}


def plaintexts(environment: Environment) -> dict[Place, str]:
    """Everything that is sealed in the tables, opened. Raises KeyMissing where something doesn't,
    AssertionError where a shard's head is under no key of this installation.
    """
    keyring = environment.keyring
    found: dict[Place, str] = {}
    with environment.databases.connect(APP) as conn:
        for table, (statement, identity) in _ROWS.items():
            for *owner, key_id, sealed in conn.execute(statement.encode()).fetchall():
                plain = keyring.open(key_id, sealed, identity(*owner))
                found[table, *owner] = hashlib.sha256(plain).hexdigest()
        for head in read_heads(conn):
            assert any(
                audit_head.verify_head_mac(
                    key, head.shard, head.size, head.root, head.frontier, head.mac
                )
                for key in keyring.head_mac_keys()
            )
        reader = reading.LogReader(conn, reading.business_days(conn))
        for shard in range(environment.installation.shards):
            for entry, _ in reader.entries(shard, 0, None):
                assert isinstance(entry, Entry), "nothing is archived here"
                open_outcome(environment.context, entry)
    assert environment.signer is not None
    return found


def under(environment: Environment, table: str) -> set[int]:
    """The keys that rows of a table are sealed under."""
    with environment.databases.connect(APP) as conn:
        rows = conn.execute(f"SELECT DISTINCT key_id FROM tigertally.{table}".encode()).fetchall()
    return {key_id for (key_id,) in rows}
