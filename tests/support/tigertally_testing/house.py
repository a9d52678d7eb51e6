"""A real installation for tests: an embedded PostgreSQL, the system installed in it, channels and
customers put in through the real services while real servers run.

    with House(folder) as house:
        line = house.add_channel()                 # what a client needs to sign on
        held, = house.holders(1, "hotp-6")         # customers with one active token each
        house.verify_log()                         # the whole audit log, outside file included

The house keeps its database running when the last server has gone. Its own requests carry serials
from 2**62 on, so that tests may count theirs from 1. `messenger` is a channel that every server of
the house knows from its start (see `peer.inform`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from tigertally_engines.otp.state import OtpState
from tigertally_protocol.messages.token import BindTokenRequest
from tigertally_protocol.messages.user import RegisterUserRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.suites import SUITES
from tigertally_protocol.transactions import Transaction
from tigertally_server import config as configuration
from tigertally_server.app.environment import Environment, open_databases, open_environment
from tigertally_server.audit.anchors import Trust
from tigertally_server.audit.checkpoint import CheckpointFile
from tigertally_server.audit.report import Report
from tigertally_server.audit.verify import ShardLog, verify_log
from tigertally_server.config import Config
from tigertally_server.domain.administration import InsertTokens, PutChannelKey, UpdateChannel
from tigertally_server.domain.channel import FOR_EVER_MS, Channel, ChannelKey, ChannelKeyState
from tigertally_server.domain.entry import Entry
from tigertally_server.domain.token import Token
from tigertally_server.services.keyring import Purpose, channel_key_identity, seed_identity
from tigertally_server.services.request import Outcome
from tigertally_server.store import reading
from tigertally_server.store.installation import Connection
from tigertally_testing.bank import INSTITUTION, Bank, HeldToken

FIRST_SERIAL_OF_THE_HOUSE = 2**62
FIRST_TOKEN_OF_THE_HOUSE = 1_000_000_001
"""Far from what commands draw from the sequence."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a client knows of its channel."""

    channel_id: int
    master_key: bytes
    version: int
    suite: int
    field_cipher: int
    charset: str
    name: str


def database_section(state_dir: Path) -> dict[str, Any]:
    """Of the configuration of everything that shares this installation."""
    return {"state_dir": str(state_dir), "shared_buffers_mb": 32}


class House:
    """See the module's text. `state_dir` must be reachable for PostgreSQL's account."""

    def __init__(self, state_dir: Path, **sections: dict[str, Any]) -> None:
        self.state_dir = state_dir
        values = {"database": database_section(state_dir), **sections}
        self.config = configuration.checked(msgspec.convert(values, Config))
        self._tokens = count(FIRST_TOKEN_OF_THE_HOUSE)
        self.serials = count(1)

    def __enter__(self) -> Self:
        self.databases = open_databases(self.config)
        self.environment: Environment = open_environment(
            self.config, self.databases, tell=lambda text: None
        )
        conn = self.databases.connect("tigertally_app")
        try:
            self.environment.ensure_partitions(conn)
        finally:
            conn.close()
        self.store = self.databases.store()
        env = self.environment
        self.bank = Bank(self.store, env.context, env.clock, env.entropy)
        self.bank._serial = FIRST_SERIAL_OF_THE_HOUSE
        self.messenger = self.add_channel(name="messenger")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.store.close()
        self.databases.close()

    @property
    def cluster(self) -> Any:
        """The embedded PostgreSQL."""
        cluster = self.databases.cluster
        assert cluster is not None
        return cluster

    def connect(self, role: str = "tigertally_app") -> Connection:
        return self.databases.connect(role)

    def now_ms(self) -> int:
        return self.environment.clock.now_ms()

    def today(self) -> int:
        return self.environment.calendar.today(self.now_ms())

    # ------------------------------------------------------------------ putting things in

    def add_channel(self, **changes: Any) -> Line:
        """A channel with its first master key; `changes` are fields of `Channel`."""
        # Commands may have added some meanwhile.
        self.bank.reload()
        channel_id = max(self.bank.context.snapshot.channels, default=0) + 1
        suite = SUITES[changes.get("suite", 1)]
        key = self.environment.entropy.token_bytes(suite.master_key_bytes)
        self.bank.add_channel(channel_id, master_key=key, **changes)
        channel = self.channel(channel_id)
        return Line(
            channel_id, key, 1, channel.suite, channel.field_cipher, channel.charset, channel.name
        )

    def channel(self, channel_id: int) -> Channel:
        return self.bank.context.snapshot.channels[channel_id]

    def change_channel(self, channel_id: int, **changes: Any) -> None:
        """As an operator on this host would; servers hear of it through the database."""
        self.bank.reload()
        self.bank.operate(UpdateChannel(replace(self.channel(channel_id), **changes)))
        self.bank.reload()

    def put_channel_key(self, line: Line, version: int, state: ChannelKeyState) -> Line:
        """A further version, or another state of a known one (its key then stays)."""
        keyring, entropy = self.bank.context.keyring, self.environment.entropy
        key = (
            line.master_key
            if version == line.version
            else entropy.token_bytes(SUITES[line.suite].master_key_bytes)
        )
        key_id, sealed = keyring.seal(
            Purpose.CHANNEL, key, channel_key_identity(line.channel_id, version)
        )
        row = ChannelKey(
            channel_id=line.channel_id,
            version=version,
            state=state,
            key_id=key_id,
            sealed=sealed,
            check_value=b"\0\0\0",
            created_at_ms=self.now_ms(),
        )
        outcome = self.bank.operate(PutChannelKey(row))
        assert outcome.code.name == "CHANGED", outcome
        self.bank.reload()
        return replace(line, master_key=key, version=version)

    def holders(
        self,
        number: int,
        type_name: str = "totp-6",
        *,
        overrides: str = "",
        name: str = "张三",
        keep: Callable[[bytes], bytes] = bytes,
    ) -> list[HeldToken]:
        """New customers, each with one token bound and active. `keep`: what is kept of a seed."""
        held = [
            HeldToken(
                f"C{token_id:06d}",
                f"T{token_id:06d}",
                self.environment.entropy.token_bytes(20),
                type_name,
            )
            for token_id in (next(self._tokens) for _ in range(number))
        ]
        for part in _slices(held, 200):
            self._put_tokens(part, overrides, keep)
            self._demand(self._register(part, name))
            self._demand(self._bind(part))
        return held

    def _put_tokens(
        self, held: Sequence[HeldToken], overrides: str, keep: Callable[[bytes], bytes]
    ) -> None:
        tokens = tuple(self._token(item, overrides, keep(item.seed)) for item in held)
        self._demand([self.bank.operate(InsertTokens(tokens, "test", self.now_ms()))])

    def _token(self, held: HeldToken, overrides: str, kept: bytes) -> Token:
        key_id, sealed = self.bank.context.keyring.seal(
            Purpose.SEED, kept, seed_identity(INSTITUTION, held.serial)
        )
        return Token(
            id=int(held.serial[1:]),
            institution=INSTITUTION,
            serial=held.serial,
            type_name=held.type_name,
            overrides=overrides,
            seed_key_id=key_id,
            sealed_seed=sealed,
            otp=OtpState(
                moving=0 if held.type_name.startswith("hotp") else -1,
                drift=0,
                failures=0,
                locked_until_ms=0,
                next_try_ms=0,
            ),
            valid_from_ms=0,
            valid_to_ms=FOR_EVER_MS,
        )

    def _register(self, held: Sequence[HeldToken], name: str) -> list[Outcome]:
        return self.bank.run(
            *(
                self.bank.request(
                    Transaction.REGISTER_USER,
                    RegisterUserRequest(
                        institution=INSTITUTION,
                        customer=item.customer,
                        name=SecretText(name),
                    ),
                )
                for item in held
            )
        )

    def _bind(self, held: Sequence[HeldToken]) -> list[Outcome]:
        return self.bank.run(
            *(
                self.bank.request(
                    Transaction.BIND_TOKEN,
                    BindTokenRequest(
                        institution=INSTITUTION, customer=item.customer, token=item.serial
                    ),
                )
                for item in held
            )
        )

    @staticmethod
    def _demand(outcomes: Sequence[Outcome]) -> None:
        assert {outcome.code.name for outcome in outcomes} == {"CHANGED"}, outcomes

    # ------------------------------------------------------------------ looking

    def notes(self, line: Line) -> list[Entry]:
        """The house's own entries about the channel, by place in the log."""
        with self._reading() as conn:
            found = [entry for entry, _ in self._log(conn)]
        return [e for e in found if e.channel_id == line.channel_id and e.phase != 0]

    def entries(self, line: Line) -> list[Entry]:
        """What is recorded of the channel's own requests, by place in the log."""
        with self._reading() as conn:
            return [
                entry
                for entry, _ in self._log(conn)
                if entry.channel_id == line.channel_id
                and entry.phase == 0
                and entry.serial < FIRST_SERIAL_OF_THE_HOUSE
            ]

    def all_entries(self) -> list[Entry]:
        with self._reading() as conn:
            return [entry for entry, _ in self._log(conn)]

    def _log(self, conn: Connection) -> Iterator[tuple[Entry, bytes]]:
        reader = reading.LogReader(conn, reading.business_days(conn))
        for shard in range(self.environment.installation.shards):
            for entry, leaf in reader.entries(shard, 0, None):
                assert isinstance(entry, Entry), "no test of a running server archives"
                yield entry, leaf

    def verify_log(self) -> Report:
        """As `tigertally audit verify` does."""
        path = self.config.checkpoint_file
        file = CheckpointFile.at(path) if path.exists() else None
        installation = self.environment.installation
        trust = Trust(
            installation.installation_id,
            installation.checkpoint_public_key,
            self.environment.keyring.head_mac_key(),
            older_audit_keys=self.environment.keyring.head_mac_keys()[1:],
        )
        with self._reading() as conn:
            reader = reading.LogReader(conn, reading.business_days(conn))
            heads = reading.heads(conn)
            logs = [
                ShardLog(
                    shard,
                    partial(reader.entries, shard),
                    heads.get(shard),
                    reading.checkpoint_notes(conn, shard),
                )
                for shard in range(installation.shards)
            ]
            return verify_log(logs, trust, outside=file)

    def _reading(self) -> _Snapshot:
        return _Snapshot(self)


class _Snapshot:
    def __init__(self, house: House) -> None:
        self._house = house

    def __enter__(self) -> Connection:
        self._conn = self._house.databases.connect("tigertally_app", patient=True)
        reading.snapshot(self._conn)
        return self._conn

    def __exit__(self, *_: object) -> None:
        self._conn.close()


def _slices(items: list[HeldToken], size: int) -> Iterator[list[HeldToken]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
