"""The store of the simulation: dictionaries behind the port that PostgreSQL implements, passing the
same contract suite.

A transaction holds one lock from its first load to its end, so it is serial where PostgreSQL locks
rows: stricter, never laxer. Faults are injected by `fail_next`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from tigertally_server.domain.account import Account, UserKey
from tigertally_server.domain.administration import (
    AdminWrite,
    DestroyKey,
    InsertAccounts,
    InsertChannel,
    InsertCredentials,
    InsertTokens,
    PutChannelKey,
    PutFlowPolicy,
    PutKey,
    PutPasswordPolicy,
    PutTokenType,
    ReseedToken,
    UpdateChannel,
)
from tigertally_server.domain.challenge import Challenge, ChallengeState
from tigertally_server.domain.channel import Channel, ChannelKey, ChannelKeyState
from tigertally_server.domain.credential import Credential
from tigertally_server.domain.entry import ShardHead, StoredEntry
from tigertally_server.domain.flow_policy import FlowPolicy, PolicyKey
from tigertally_server.domain.key import KeyRecord
from tigertally_server.domain.message import OutgoingMessage
from tigertally_server.domain.send_count import COUNT_DIGEST_BYTES, TAG_SCOPES, SendCount
from tigertally_server.domain.token import Token
from tigertally_server.store.port import (
    BadData,
    Configuration,
    Conflict,
    Loaded,
    Needs,
    QueriedEntry,
    Writes,
)

EntryKey = tuple[int, int, int, int]


@dataclass(slots=True)
class Tables:
    epoch: int = 1
    heads: dict[int, ShardHead] = field(default_factory=dict)
    accounts: dict[UserKey, Account] = field(default_factory=dict)
    tokens: dict[int, Token] = field(default_factory=dict)
    entries: dict[EntryKey, StoredEntry] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    channel_keys: dict[tuple[int, int], ChannelKey] = field(default_factory=dict)
    token_types: dict[str, str] = field(default_factory=dict)
    password_policies: dict[str, str] = field(default_factory=dict)
    flow_policies: dict[PolicyKey, FlowPolicy] = field(default_factory=dict)
    keys: dict[int, KeyRecord] = field(default_factory=dict)
    credentials: dict[int, Credential] = field(default_factory=dict)
    challenges: dict[bytes, Challenge] = field(default_factory=dict)
    messages: dict[bytes, OutgoingMessage] = field(default_factory=dict)
    counts: dict[tuple[int, bytes, int], int] = field(default_factory=dict)
    last_id: int = 0


class MemoryStore:
    def __init__(self) -> None:
        self.tables = Tables()
        self.lock = threading.Lock()
        self.faults: list[Callable[[str], Exception | None]] = []
        self.commits = 0

    async def begin(self) -> MemoryTransaction:
        self.fault("begin")
        return MemoryTransaction(self)

    def close(self) -> None:
        """Nothing is held."""

    def fault(self, step: str) -> None:
        """Raises what the first matching fault makes of a step (begin, load, save, commit,
        committed).
        """
        for fault in tuple(self.faults):
            if (problem := fault(step)) is not None:
                raise problem

    def fail_next(self, step: str, problem: Exception) -> None:
        """The next time a transaction comes to `step`, it fails there."""

        def fault(at: str) -> Exception | None:
            if at != step:
                return None
            self.faults.remove(fault)
            return problem

        self.faults.append(fault)

    def configuration(self) -> Configuration:
        t = self.tables
        keys = tuple(k for k in t.channel_keys.values() if k.state is not ChannelKeyState.RETIRED)
        policies = tuple(p for p in t.flow_policies.values() if not p.removed)
        return Configuration(
            t.epoch,
            tuple(t.channels.values()),
            keys,
            dict(t.token_types),
            policies,
            dict(t.password_policies),
            tuple(t.keys.values()),
        )

    def log(self, shard: int) -> list[StoredEntry]:
        """One shard's entries by position."""
        return sorted(
            (s for s in self.tables.entries.values() if s.entry.shard == shard),
            key=lambda s: s.entry.seq,
        )


class MemoryTransaction:
    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._held = False
        self._staged: list[Callable[[], None]] = []

    async def load(self, needs: Needs) -> Loaded:
        if not self._held:
            self._store.lock.acquire()
            self._held = True
        self._store.fault("load")
        t = self._store.tables
        counters = needs.counters | self._tagged(needs)
        users = needs.users | needs.locked_users | needs.glanced
        accounts = [t.accounts[key] for key in sorted(users) if key in t.accounts]
        owners = {account.id for account in accounts}
        tokens = [
            token
            for _, token in sorted(t.tokens.items())
            if (token.owner_id and token.owner_id in owners)
            or (token.institution, token.serial) in needs.tokens
        ]
        by_id = (
            {account.id: account for account in t.accounts.values()}
            if needs.queried or needs.references
            else {}
        )
        return Loaded(
            epoch=t.epoch if needs.epoch else None,
            stored={key: found for key in needs.serials if (found := self._stored(key))},
            queried={
                key: [_queried(s, by_id) for s in found]
                for key in needs.queried
                if (found := self._stored(key))
            },
            referenced={
                key: asked
                for key in needs.references
                if (
                    asked := [
                        _queried(s, by_id)
                        for s in t.entries.values()
                        if _reference(s) == key and key[2]
                    ]
                )
            },
            accounts=accounts,
            tokens=tokens,
            account_ids=self._ids(needs.account_ids),
            token_ids=self._ids(needs.token_ids),
            head=t.heads.get(needs.shard) if needs.head else None,
            credentials=self._credentials(needs),
            challenges=self._challenges(needs),
            messages=[t.messages[key] for key in sorted(needs.messages) if key in t.messages],
            counts=[
                SendCount(*key, count)
                for key, count in sorted(t.counts.items())
                if key[:2] in counters
            ],
            credential_ids=self._ids(needs.credential_ids),
            key_ids=self._ids(needs.key_ids),
        )

    def _owned_kinds(self, keys: set[tuple[str, str, int]]) -> set[tuple[int, int]]:
        accounts = self._store.tables.accounts
        return {
            (accounts[institution, customer].id, kind)
            for institution, customer, kind in keys
            if (institution, customer) in accounts
        }

    def _tagged(self, needs: Needs) -> set[tuple[int, bytes]]:
        owned = self._owned_kinds(needs.tagged_counters)
        return {
            (scope, row.tag[n * COUNT_DIGEST_BYTES : (n + 1) * COUNT_DIGEST_BYTES])
            for row in self._store.tables.credentials.values()
            if row.tag and (row.owner_id, row.kind) in owned
            for n, scope in enumerate(TAG_SCOPES)
        }

    def _credentials(self, needs: Needs) -> list[Credential]:
        owned = self._owned_kinds(needs.credentials)
        rows = self._store.tables.credentials
        return [row for _, row in sorted(rows.items()) if (row.owner_id, row.kind) in owned]

    def _challenges(self, needs: Needs) -> list[Challenge]:
        owned = self._owned_kinds(needs.open_challenges)
        return [
            row
            for key, row in sorted(self._store.tables.challenges.items())
            if key in needs.challenges
            or (row.state is ChallengeState.OPEN and (row.owner_id, row.kind) in owned)
        ]

    def _stored(self, key: tuple[int, int, int]) -> list[StoredEntry]:
        entries = self._store.tables.entries
        return [entries[(*key, phase)] for phase in range(8) if (*key, phase) in entries]

    def _ids(self, count: int) -> list[int]:
        t = self._store.tables
        t.last_id += count
        return list(range(t.last_id - count + 1, t.last_id + 1))

    async def configuration(self) -> Configuration:
        return self._store.configuration()

    async def save(self, writes: Writes) -> int | None:
        self._store.fault("save")
        t = self._store.tables
        for token in (*writes.tokens, *writes.rebound_tokens):
            if t.tokens[token.id].rev != token.rev - 1:
                raise Conflict
        for account in writes.accounts:
            if t.accounts[account.key].rev != account.rev - 1:
                raise Conflict
        if any(account.key in t.accounts for account in writes.new_accounts):
            raise Conflict
        self._check_methods(writes)
        for stored in writes.entries:
            if _key(stored) in t.entries:
                raise Conflict
            if "\x00" in stored.entry.reference:
                raise BadData("a text with NUL")
        if t.heads[writes.head.shard].size != writes.head_size:
            raise Conflict
        self._staged.append(lambda: self._apply(writes))
        return t.epoch if writes.entries else None

    def _check_methods(self, writes: Writes) -> None:
        t = self._store.tables
        for credential in writes.credentials:
            if t.credentials[credential.id].rev != credential.rev - 1:
                raise Conflict
        for challenge in writes.challenges:
            if t.challenges[challenge.id].rev != challenge.rev - 1:
                raise Conflict
        taken = {(c.owner_id, c.kind, c.slot) for c in t.credentials.values()}
        if any((c.owner_id, c.kind, c.slot) in taken for c in writes.new_credentials):
            raise Conflict
        if any(challenge.id in t.challenges for challenge in writes.new_challenges):
            raise Conflict
        if any(message.id in t.messages for message in writes.messages):
            raise Conflict

    def _apply_methods(self, writes: Writes) -> None:
        t = self._store.tables
        t.credentials.update({c.id: c for c in (*writes.new_credentials, *writes.credentials)})
        t.challenges.update({c.id: c for c in (*writes.new_challenges, *writes.challenges)})
        t.messages.update({message.id: message for message in writes.messages})
        for count in writes.counts:
            key = (count.scope, count.digest, count.window_start_ms)
            t.counts[key] = t.counts.get(key, 0) + count.count

    def _apply(self, writes: Writes) -> None:
        t = self._store.tables
        self._apply_methods(writes)
        t.tokens.update({token.id: token for token in (*writes.tokens, *writes.rebound_tokens)})
        t.accounts.update(
            {account.key: account for account in (*writes.accounts, *writes.new_accounts)}
        )
        t.entries.update({_key(stored): stored for stored in writes.entries})
        t.heads[writes.head.shard] = writes.head
        for write in writes.admin:
            apply_admin(t, write)

    async def commit(self) -> None:
        self._store.fault("commit")
        for change in self._staged:
            change()
        self._store.commits += 1
        self._end()
        self._store.fault("committed")

    async def rollback(self) -> None:
        self._end()

    def _end(self) -> None:
        self._staged.clear()
        if self._held:
            self._held = False
            self._store.lock.release()


def apply_admin(t: Tables, write: AdminWrite) -> None:
    match write:
        case InsertChannel(channel) | UpdateChannel(channel):
            t.channels[channel.id] = channel
        case PutChannelKey(key):
            t.channel_keys[key.channel_id, key.version] = key
        case PutKey(after) | DestroyKey(after):
            t.keys[after.id] = after
        case PutTokenType(name, parameters):
            t.token_types[name] = parameters
        case PutPasswordPolicy(name, parameters):
            t.password_policies[name] = parameters
        case PutFlowPolicy(policy):
            t.flow_policies[policy.key] = policy
        case InsertTokens(tokens):
            t.tokens.update({token.id: token for token in tokens})
            return
        case ReseedToken(token):
            t.tokens[token.id] = msgspec.structs.replace(
                t.tokens[token.id],
                seed_key_id=token.seed_key_id,
                sealed_seed=token.sealed_seed,
                static_rev=token.static_rev,
            )
            return
        case InsertCredentials(credentials):
            t.credentials.update({credential.id: credential for credential in credentials})
            return
        case InsertAccounts(accounts):
            t.accounts.update({account.key: account for account in accounts})
            return
    t.epoch += 1


def _key(stored: StoredEntry) -> EntryKey:
    entry = stored.entry
    return (entry.business_day, entry.channel_id, entry.serial, entry.phase)


def _reference(stored: StoredEntry) -> tuple[int, int, str]:
    entry = stored.entry
    return (entry.business_day, entry.channel_id, entry.reference)


def _queried(stored: StoredEntry, accounts: dict[int, Account]) -> QueriedEntry:
    account = accounts.get(stored.entry.user_id)
    if account is None:
        return QueriedEntry(stored.entry, "", "")
    return QueriedEntry(stored.entry, account.institution, account.customer)
