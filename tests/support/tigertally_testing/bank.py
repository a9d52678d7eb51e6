"""A small bank for tests: an installed system over any store, customers and tokens put in through
the real services.

Everything is deterministic: clock and entropy are given. `Bank.verify` and friends build requests
as the pipeline does and run them through the real unit of work.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from tigertally_drivers.keys.software import MasterKey
from tigertally_drivers.ports import Clock, Entropy
from tigertally_engines.otp import kernel
from tigertally_engines.otp.state import OtpState
from tigertally_protocol import registry
from tigertally_protocol.messages.token import BindTokenRequest
from tigertally_protocol.messages.user import RegisterUserRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Kind, Transaction
from tigertally_server.audit import head as audit_head
from tigertally_server.audit import merkle
from tigertally_server.domain.administration import (
    AdminWrite,
    InsertChannel,
    InsertTokens,
    PutChannelKey,
    PutTokenType,
)
from tigertally_server.domain.calendar import business_day
from tigertally_server.domain.channel import FOR_EVER_MS, Channel, ChannelKey, ChannelKeyState
from tigertally_server.domain.key import KeyLevel, KeyRecord
from tigertally_server.domain.token import Token
from tigertally_server.services.context import Context
from tigertally_server.services.directory import Directory
from tigertally_server.services.installation import DEFAULT_TOKEN_TYPES
from tigertally_server.services.key_hierarchy import Hierarchy, Wrapping
from tigertally_server.services.key_making import (
    bare_key,
    drawn_data_key,
    drawn_encryption_key,
    master_record,
)
from tigertally_server.services.keyring import (
    Keyring,
    Purpose,
    channel_key_identity,
    seed_identity,
)
from tigertally_server.services.request import Outcome, Phase, Request
from tigertally_server.services.sessions import OperatorAct
from tigertally_server.services.table import OPERATOR_ACT
from tigertally_server.services.unit_of_work import UnitOfWork
from tigertally_server.store.port import Store, inline
from tigertally_testing.memory_store import MemoryStore, apply_admin

ZONE = ZoneInfo("Asia/Shanghai")
INSTITUTION = "0001"
HOUSE = Channel(id=0, name="house", institution=INSTITUTION, suite=0, field_cipher=0)


def make_keyring(entropy: Entropy) -> Keyring:
    """A keyring of fresh data keys under a fresh master key."""
    master = MasterKey(entropy.token_bytes(32), entropy)
    return Keyring(master, key_rows(master, entropy), entropy)


def key_rows(master: MasterKey, entropy: Entropy) -> list[KeyRecord]:
    """What a fresh installation has: master record, key-encryption keys, data keys."""
    ids, rows = count(1), []
    above = master_record(next(ids), master, 0)
    hierarchy = Hierarchy(master)
    for wrapping in Wrapping:
        bare = bare_key(next(ids), KeyLevel.ENCRYPTION, wrapping.value, 0, parent=above.id)
        rows.append(drawn_encryption_key(bare, master, entropy)[0])
    hierarchy.learn(rows, ask_master=True)
    for purpose in Purpose:
        bare = bare_key(next(ids), KeyLevel.DATA, purpose.value, 0)
        rows.append(drawn_data_key(bare, hierarchy, entropy))
    return [above, *rows]


def memory_installation(
    entropy: Entropy, shards: int = 2, store: MemoryStore | None = None
) -> tuple[MemoryStore, Context]:
    """An empty installed system in memory."""
    store, keyring = store or MemoryStore(), make_keyring(entropy)
    store.tables.keys = {record.id: record for record in keyring.records()}
    key = keyring.head_mac_key()
    for shard in range(shards):
        store.tables.heads[shard] = audit_head.make_head(key, shard, merkle.EMPTY)
    for name, parameters in DEFAULT_TOKEN_TYPES.items():
        apply_admin(store.tables, PutTokenType(name, json.dumps(parameters)))
    return store, Context(keyring, Directory(store.configuration()), ZONE)


@dataclass(frozen=True, slots=True)
class HeldToken:
    """A token as its owner holds it."""

    customer: str
    serial: str
    seed: bytes
    type_name: str = "totp-6"

    def code(self, now_ms: int, step_s: int = 30, digits: int = 6) -> str:
        return kernel.hotp(self.seed, now_ms // 1000 // step_s, digits, "sha1")

    def counter_code(self, counter: int) -> str:
        return kernel.hotp(self.seed, counter, 6, "sha1")


class Bank:
    """`unit` writes to shard 0; a second process is another UnitOfWork over the same store."""

    def __init__(
        self, store: Store, context: Context, clock: Clock, entropy: Entropy, shard: int = 0
    ) -> None:
        self.store, self.context, self.clock, self.entropy = store, context, clock, entropy
        self.unit = UnitOfWork(store, context, shard)
        self._serial = 0
        self.channel = HOUSE

    # Putting things in.

    def add_channel(
        self, channel_id: int = 1, *, master_key: bytes | None = None, **changes: Any
    ) -> bytes:
        """Returns the channel master key, version 1."""
        channel = Channel(
            id=channel_id,
            name=f"channel-{channel_id}",
            institution=INSTITUTION,
            suite=1,
            field_cipher=0,
        )
        channel = replace(channel, **changes)
        key = master_key or self.entropy.token_bytes(32)
        key_id, sealed = self.context.keyring.seal(
            Purpose.CHANNEL, key, channel_key_identity(channel_id, 1)
        )
        row = ChannelKey(
            channel_id=channel_id,
            version=1,
            state=ChannelKeyState.CURRENT,
            key_id=key_id,
            sealed=sealed,
            check_value=b"\0\0\0",
            created_at_ms=self.clock.now_ms(),
        )
        self.operate(InsertChannel(channel), PutChannelKey(row))
        self.reload()
        self.channel = self.context.snapshot.channels[channel_id]
        return key

    def reload(self) -> None:
        transaction = inline(self.store.begin())
        try:
            self.context.follow(inline(transaction.configuration()))
        finally:
            inline(transaction.rollback())

    def operate(self, *writes: AdminWrite) -> Outcome:
        request = self.request(OPERATOR_ACT, OperatorAct("test", {}, writes), phase=Phase.OPERATOR)
        return self.unit.run([request])[0]

    def add_token(
        self,
        serial: str,
        *,
        token_id: int,
        type_name: str = "totp-6",
        seed: bytes | None = None,
        overrides: str = "",
    ) -> bytes:
        """Into the stock; returns the seed. An empty one is to be made by an activation."""
        seed = self.entropy.token_bytes(20) if seed is None else seed
        key_id, sealed = self.context.keyring.seal(
            Purpose.SEED, seed, seed_identity(INSTITUTION, serial)
        )
        sealed = sealed if seed else b""
        moving = 0 if type_name.startswith("hotp") else -1
        token = Token(
            id=token_id,
            institution=INSTITUTION,
            serial=serial,
            type_name=type_name,
            overrides=overrides,
            seed_key_id=key_id,
            sealed_seed=sealed,
            otp=OtpState(moving),
            valid_from_ms=0,
            valid_to_ms=FOR_EVER_MS,
        )
        self.operate(InsertTokens((token,), "test", self.clock.now_ms()))
        return seed

    def customer_with_token(
        self, number: int, type_name: str = "totp-6", overrides: str = ""
    ) -> HeldToken:
        """Registered, with one token bound and active."""
        customer, serial = f"C{number:06d}", f"T{number:06d}"
        seed = self.add_token(serial, token_id=number, type_name=type_name, overrides=overrides)
        self.ask(
            Transaction.REGISTER_USER,
            RegisterUserRequest(customer=customer, name=SecretText("张三")),
        )
        self.ask(Transaction.BIND_TOKEN, BindTokenRequest(customer=customer, token=serial))
        return HeldToken(customer, serial, seed, type_name)

    # Asking.

    def next_serial(self) -> int:
        self._serial += 1
        return self._serial

    def request(
        self, transaction: int, message: Any, serial: int | None = None, **changes: Any
    ) -> Request:
        """As the pipeline makes one, digest included."""
        now_ms = self.clock.now_ms()
        fields: dict[str, Any] = {
            "channel": self.channel,
            "message": message,
            "transaction": transaction,
            "serial": self.next_serial() if serial is None else serial,
            "business_day": business_day(now_ms, ZONE),
            "received_ms": now_ms,
            "deadline_ms": self.clock.monotonic_ms() + 3000,
            "digest": self._digest(transaction, message),
            "peer": "127.0.0.1",
        }
        return Request(**(fields | changes))

    def _digest(self, transaction: int, message: Any) -> bytes:
        layout = registry.message_type(transaction, Kind.REQUEST, 1)
        if layout is None:
            return b""
        body = registry.encode_body(layout, message, "utf-8")
        return self.context.keyring.digest(registry.canonical_form(layout, message, body))

    def ask(
        self, transaction: int, message: Any, serial: int | None = None, **changes: Any
    ) -> Outcome:
        return self.unit.run([self.request(transaction, message, serial, **changes)])[0]

    def verification(
        self, held: HeldToken, code: str, serial: int | None = None, *, named: bool = False
    ) -> Request:
        message = VerifyOtpRequest(
            customer=held.customer,
            token=held.serial if named else "",
            otp=SecretText(code),
            reference="",
        )
        return self.request(Transaction.VERIFY_OTP, message, serial)

    def verify(self, held: HeldToken, code: str, serial: int | None = None) -> Outcome:
        return self.unit.run([self.verification(held, code, serial)])[0]

    def run(self, *requests: Request) -> list[Outcome]:
        return self.unit.run(requests)
