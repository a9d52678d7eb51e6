"""What a batch of transactions asks of a store: one transaction, loaded once, saved once, committed
once.

Two implementations pass the same contract suite: PostgreSQL (`store.postgres`) and the in-memory
one of the simulation. The store knows rows, not rules.

Laws: `load` locks the rows that may change, in id order: accounts, tokens, credentials, challenges;
`save` writes guarded (a row whose `rev` moved, a head whose size moved, a serial that exists:
`Conflict`), leaves nothing half-written, and says the configuration epoch it saw if it wrote an
entry; nothing is visible to others before `commit` returned; after any exception only `rollback` is
allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import msgspec

from tigertally_server.domain.account import Account, UserKey
from tigertally_server.domain.administration import AdminWrite
from tigertally_server.domain.challenge import Challenge, OpenChallengesKey
from tigertally_server.domain.channel import Channel, ChannelKey
from tigertally_server.domain.credential import Credential, CredentialKey
from tigertally_server.domain.entry import Entry, ShardHead, StoredEntry
from tigertally_server.domain.flow_policy import FlowPolicy
from tigertally_server.domain.key import KeyRecord
from tigertally_server.domain.message import OutgoingMessage
from tigertally_server.domain.send_count import CounterKey, SendCount
from tigertally_server.domain.token import Token

T = TypeVar("T")

SerialKey = tuple[int, int, int]
"""(business day, channel id, serial)."""

ReferenceKey = tuple[int, int, str]
"""(business day, channel id, the bank's own reference)."""

TokenKey = tuple[str, str]
"""(institution, token serial)."""


def inline(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine over a store that never suspends: commands, the simulation, tests."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    coroutine.close()
    raise AssertionError("this store was to answer without waiting")


class Conflict(Exception):
    """Somebody else was faster: roll back and decide again on what is there now."""


class BadData(Exception):
    """The database refuses a value of this batch; the batch is run again in halves until the
    culprit stands alone.
    """


class StoreUnavailable(Exception):
    """No database, or no answer from it. `maybe_committed`: the failure came after COMMIT had been
    sent.
    """

    def __init__(self, reason: str, *, maybe_committed: bool = False) -> None:
        super().__init__(reason)
        self.maybe_committed = maybe_committed


class QueriedEntry(msgspec.Struct, frozen=True, gc=False):
    """An entry that somebody asks about, with the customer it concerns (empty: none)."""

    entry: Entry
    institution: str
    customer: str


def _no_digest(_counted: str) -> bytes:
    raise AssertionError("these needs were made without keys")


@dataclass(slots=True)
class Needs:
    """Everything a batch touches, gathered before the transaction begins. `digest_of` gives what
    stands for an address or a customer in a counter's key.
    """

    shard: int
    serials: set[SerialKey] = field(default_factory=set)
    queried: set[SerialKey] = field(default_factory=set)
    references: set[ReferenceKey] = field(default_factory=set)
    users: set[UserKey] = field(default_factory=set)
    locked_users: set[UserKey] = field(default_factory=set)
    tokens: set[TokenKey] = field(default_factory=set)
    credentials: set[CredentialKey] = field(default_factory=set)
    challenges: set[bytes] = field(default_factory=set)
    open_challenges: set[OpenChallengesKey] = field(default_factory=set)
    messages: set[bytes] = field(default_factory=set)
    counters: set[CounterKey] = field(default_factory=set)
    tagged_counters: set[CredentialKey] = field(default_factory=set)
    account_ids: int = 0
    token_ids: int = 0
    credential_ids: int = 0
    key_ids: int = 0
    head: bool = False
    digest_of: Callable[[str], bytes] = _no_digest
    glanced: set[UserKey] = field(default_factory=set)
    """Customers read with their tokens in one look, without a lock: whoever decides on them relies
    on the guards of `save` alone.
    """
    epoch: bool = True
    """Whether to load it; after a mere glance `save` tells it in time."""


@dataclass(slots=True, frozen=True)
class Loaded:
    """The answer to `Needs`. `tokens`: all tokens of the users named, and those named themselves,
    locked; so are `credentials` and `challenges`. `messages` and `counts` are only read; a window
    of a counter comes once, added up over all shards. `tagged_counters` asks for the counters that
    these credentials' tags stand for. `epoch` is None where it was not asked for.
    """

    epoch: int | None
    stored: Mapping[SerialKey, Sequence[StoredEntry]]
    queried: Mapping[SerialKey, Sequence[QueriedEntry]]
    referenced: Mapping[ReferenceKey, Sequence[QueriedEntry]]
    accounts: Sequence[Account]
    tokens: Sequence[Token]
    account_ids: Sequence[int]
    token_ids: Sequence[int]
    head: ShardHead | None
    credentials: Sequence[Credential] = ()
    challenges: Sequence[Challenge] = ()
    messages: Sequence[OutgoingMessage] = ()
    counts: Sequence[SendCount] = ()
    credential_ids: Sequence[int] = ()
    key_ids: Sequence[int] = ()


@dataclass(slots=True)
class Writes:
    """The merged changes of a batch. `accounts`, `tokens` (only verification state changed),
    `rebound_tokens` (owner, state or `extra` changed, too), `credentials` and `challenges` carry
    the new row with `rev` = the old one + 1. `counts` says by how much each window rises.
    `decoy_tokens` rows more are part of the statement that updates `tokens`, and match none; so are
    `decoy_credentials`.
    """

    head_size: int
    head: ShardHead
    entries: Sequence[StoredEntry]
    new_accounts: Sequence[Account] = ()
    accounts: Sequence[Account] = ()
    tokens: Sequence[Token] = ()
    rebound_tokens: Sequence[Token] = ()
    admin: Sequence[AdminWrite] = ()
    new_credentials: Sequence[Credential] = ()
    credentials: Sequence[Credential] = ()
    new_challenges: Sequence[Challenge] = ()
    challenges: Sequence[Challenge] = ()
    messages: Sequence[OutgoingMessage] = ()
    counts: Sequence[SendCount] = ()
    decoy_tokens: int = 0
    decoy_credentials: int = 0


class Transaction(Protocol):
    """One batch, as the laws above have it."""

    async def load(self, needs: Needs) -> Loaded: ...
    async def configuration(self) -> Configuration: ...
    async def save(self, writes: Writes) -> int | None: ...
    async def commit(self) -> None: ...
    async def rollback(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Configuration:
    """What all processes share and reload when the epoch moves."""

    epoch: int
    channels: Sequence[Channel]
    channel_keys: Sequence[ChannelKey]
    token_types: Mapping[str, str]
    flow_policies: Sequence[FlowPolicy] = ()
    password_policies: Mapping[str, str] = field(default_factory=dict)
    keys: Sequence[KeyRecord] = ()


class Store(Protocol):
    """Raises StoreUnavailable where no transaction can be begun."""

    async def begin(self) -> Transaction: ...
    def close(self) -> None: ...
