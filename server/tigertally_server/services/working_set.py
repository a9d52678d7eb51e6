"""The rows of one batch in memory: what was loaded and locked, and what the decisions so far have
made of it.

A later request of the batch sees what an earlier one changed. `rev` rises by one per batch and row,
however often the row changes, because the store's guard compares with what was loaded.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tigertally_server.domain.account import Account, UserKey
from tigertally_server.domain.administration import PutKey
from tigertally_server.domain.entry import StoredEntry
from tigertally_server.domain.token import Token
from tigertally_server.services.method_rows import MethodRows
from tigertally_server.services.request import Decision, Outcome
from tigertally_server.store.port import (
    Loaded,
    QueriedEntry,
    ReferenceKey,
    SerialKey,
    TokenKey,
)


class LookCloser(Exception):
    """What a glance has shown does not suffice: load everything and decide again."""


class WorkingSet(MethodRows):
    """Rows by the keys that services ask for, and the changes to them. `glance`: named tokens were
    not looked for beyond those of the customers loaded.
    """

    def __init__(self, loaded: Loaded, *, glance: bool = False) -> None:
        super().__init__(loaded)
        self._glance = glance
        self._stored = loaded.stored
        self._queried = loaded.queried
        self._referenced = loaded.referenced
        self._accounts: dict[UserKey, Account] = {a.key: a for a in loaded.accounts}
        self._tokens: dict[int, Token] = {t.id: t for t in loaded.tokens}
        self._by_serial: dict[TokenKey, int] = {
            (t.institution, t.serial): t.id for t in loaded.tokens
        }
        self._owned: dict[int, list[int]] = {}
        for token in loaded.tokens:
            if token.owner_id:
                self._owned.setdefault(token.owner_id, []).append(token.id)
        self._account_revs = {a.key: a.rev for a in loaded.accounts}
        self._token_revs = {t.id: t.rev for t in loaded.tokens}
        self._free_account_ids = list(loaded.account_ids)
        self._free_key_ids = list(loaded.key_ids)
        self._touched: set[int] = set()
        self._last_entries: dict[int, tuple[int, int]] = {}
        self._rebound: set[int] = set()
        self._changed_accounts: set[UserKey] = set()
        self._new_accounts: set[UserKey] = set()
        self.decoys = 0
        self.changed_keys: set[tuple[str, str, str, str]] = set()
        self.decided: dict[SerialKey, tuple[bytes, Outcome]] = {}

    # What services ask.

    def account(self, key: UserKey) -> Account | None:
        return self._accounts.get(key)

    def token(self, key: TokenKey) -> Token | None:
        """Raises LookCloser where a glance can't tell that there is none."""
        token_id = self._by_serial.get(key)
        if token_id is not None:
            return self._tokens[token_id]
        if self._glance:
            raise LookCloser
        return None

    def tokens_of(self, account: Account) -> list[Token]:
        return [self._tokens[token_id] for token_id in self._owned.get(account.id, ())]

    def stored(self, key: SerialKey) -> Sequence[StoredEntry]:
        return self._stored.get(key, ())

    def queried(self, key: SerialKey) -> Sequence[QueriedEntry]:
        return self._queried.get(key, ())

    def referenced(self, key: ReferenceKey) -> Sequence[QueriedEntry]:
        return self._referenced.get(key, ())

    def new_account_id(self) -> int:
        return self._free_account_ids.pop()

    def new_key_id(self) -> int:
        return self._free_key_ids.pop()

    # What the unit of work tells.

    def apply(self, decision: Decision) -> None:
        for account in decision.new_accounts:
            self._accounts[account.key] = account
            self._new_accounts.add(account.key)
        for account in decision.accounts:
            self._accounts[account.key] = account
            if account.key not in self._new_accounts:
                self._changed_accounts.add(account.key)
        for token in decision.tokens:
            self._tokens[token.id] = token
            self._touched.add(token.id)
        for token in decision.rebound_tokens:
            self._rebind(self._tokens[token.id].owner_id, token)
        self.decoys += decision.decoys
        for write in decision.admin:
            if isinstance(write, PutKey):
                self.changed_keys.add(write.after.place)
        self.apply_methods(decision)

    def _rebind(self, old_owner: int, token: Token) -> None:
        self._tokens[token.id] = token
        self._rebound.add(token.id)
        if old_owner != token.owner_id:
            if old_owner:
                self._owned[old_owner].remove(token.id)
            if token.owner_id:
                self._owned.setdefault(token.owner_id, []).append(token.id)

    def point_to_entry(self, token_id: int, shard: int, seq: int) -> tuple[int, int]:
        """Makes the entry the token's last one; returns where the previous one stands."""
        token = self._tokens[token_id]
        previous = self._last_entries.get(token_id, (token.last_shard, token.last_seq))
        self._last_entries[token_id] = (shard, seq)
        self._touched.add(token_id)
        return previous

    def token_changes(self) -> tuple[list[Token], list[Token]]:
        """(only verification state changed, owner or state changed, too)."""
        return (
            [self._raised(token_id) for token_id in self._touched - self._rebound],
            [self._raised(token_id) for token_id in self._rebound],
        )

    def _raised(self, token_id: int) -> Token:
        token = self._tokens[token_id]
        shard, seq = self._last_entries.get(token_id, (token.last_shard, token.last_seq))
        rev = self._token_revs[token_id] + 1
        return msgspec.structs.replace(token, last_shard=shard, last_seq=seq, rev=rev)

    def account_changes(self) -> tuple[list[Account], list[Account]]:
        """(new, changed)."""
        changed = [
            msgspec.structs.replace(self._accounts[key], rev=self._account_revs[key] + 1)
            for key in self._changed_accounts
        ]
        return [self._accounts[key] for key in self._new_accounts], changed
