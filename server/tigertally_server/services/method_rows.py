"""The batch's rows of methods beside tokens, in memory: credentials, challenges, outgoing messages
and counters. The half of the working set (which inherits it) that most batches leave empty.

As there: a later request sees what an earlier one changed; `rev` rises once per batch and row.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

import msgspec

from tigertally_server.domain.account import Account
from tigertally_server.domain.challenge import Challenge, ChallengeState
from tigertally_server.domain.credential import Credential
from tigertally_server.domain.message import OutgoingMessage
from tigertally_server.domain.send_count import SendCount
from tigertally_server.services.request import Decision
from tigertally_server.store.port import Loaded, Writes

K = TypeVar("K", bound=Hashable)
R = TypeVar("R", Credential, Challenge)


class _Guarded(Generic[K, R]):
    """Rows of one table by key; which of them are new, which changed."""

    __slots__ = ("_changed", "_key", "_new", "_revs", "rows")

    def __init__(self, loaded: Iterable[R], key: Callable[[R], K]) -> None:
        self._key: Callable[[R], K] = key
        self.rows: dict[K, R] = {key(row): row for row in loaded}
        self._revs = {k: row.rev for k, row in self.rows.items()}
        self._new: set[K] = set()
        self._changed: set[K] = set()

    def add(self, row: R) -> None:
        key = self._key(row)
        assert key not in self.rows, "a new row stands where one is already"
        self.rows[key] = row
        self._new.add(key)

    def put(self, row: R) -> None:
        key = self._key(row)
        self.rows[key] = row
        if key not in self._new:
            self._changed.add(key)

    def new(self) -> list[R]:
        return [self.rows[key] for key in self._new]

    def changed(self) -> list[R]:
        """With `rev` raised once."""
        return [
            msgspec.structs.replace(self.rows[key], rev=self._revs[key] + 1)
            for key in self._changed
        ]


def _credential_key(row: Credential) -> tuple[int, int, str]:
    return (row.owner_id, row.kind, row.slot)


def _challenge_key(row: Challenge) -> bytes:
    return row.id


class MethodRows:
    """What services ask about them, and what the unit of work tells."""

    def __init__(self, loaded: Loaded) -> None:
        self._credentials = _Guarded(loaded.credentials, _credential_key)
        self._challenges = _Guarded(loaded.challenges, _challenge_key)
        self._messages: dict[bytes, OutgoingMessage] = {m.id: m for m in loaded.messages}
        self._new_messages: list[OutgoingMessage] = []
        self._counters: dict[tuple[int, bytes], dict[int, int]] = {}
        self._counted: dict[tuple[int, bytes, int], int] = {}
        self._decoy_credentials = 0
        self._free_credential_ids = list(loaded.credential_ids)
        for count in loaded.counts:
            self._raise_counter(count)

    # What services ask.

    def credential(self, account: Account, kind: int, slot: str = "") -> Credential | None:
        return self._credentials.rows.get((account.id, kind, slot))

    def credentials(self, account: Account, kind: int) -> list[Credential]:
        """All of one kind, by slot."""
        wanted = (account.id, kind)
        rows = self._credentials.rows
        return [rows[key] for key in sorted(key for key in rows if key[:2] == wanted)]

    def new_credential_id(self) -> int:
        return self._free_credential_ids.pop()

    def challenge(self, challenge_id: bytes) -> Challenge | None:
        return self._challenges.rows.get(challenge_id)

    def open_challenges(self, account: Account, kind: int) -> list[Challenge]:
        """Those of the customer's that are still open in the table (some may have lapsed), oldest
        first.
        """
        found = [
            row
            for row in self._challenges.rows.values()
            if row.owner_id == account.id and row.kind == kind and row.state is ChallengeState.OPEN
        ]
        return sorted(found, key=lambda row: (row.issued_at_ms, row.id))

    def message(self, message_id: bytes) -> OutgoingMessage | None:
        return self._messages.get(message_id)

    def counters(self, scope: int, digest: bytes) -> list[tuple[int, int]]:
        """(start of the window in ms, count), oldest first."""
        return sorted(self._counters.get((scope, digest), {}).items())

    # What the unit of work tells.

    def apply_methods(self, decision: Decision) -> None:
        for credential in decision.new_credentials:
            self._credentials.add(credential)
        for credential in decision.credentials:
            self._credentials.put(credential)
        self._decoy_credentials += decision.decoy_credentials
        for challenge in decision.new_challenges:
            self._challenges.add(challenge)
        for challenge in decision.challenges:
            self._challenges.put(challenge)
        for message in decision.messages:
            self._messages[message.id] = message
            self._new_messages.append(message)
        for count in decision.counts:
            self._raise_counter(count)
            place = (count.scope, count.digest, count.window_start_ms)
            self._counted[place] = self._counted.get(place, 0) + count.count

    def _raise_counter(self, count: SendCount) -> None:
        windows = self._counters.setdefault((count.scope, count.digest), {})
        windows[count.window_start_ms] = windows.get(count.window_start_ms, 0) + count.count

    def point_credential_to_entry(
        self, credential: Credential, shard: int, seq: int
    ) -> tuple[int, int]:
        """Makes the entry the credential's last one; returns where the previous one stands."""
        now = self._credentials.rows[_credential_key(credential)]
        self._credentials.put(msgspec.structs.replace(now, last_shard=shard, last_seq=seq))
        return now.last_shard, now.last_seq

    def add_method_changes(self, writes: Writes) -> None:
        """Into what the batch writes."""
        writes.new_credentials = self._credentials.new()
        writes.credentials = self._credentials.changed()
        writes.decoy_credentials = self._decoy_credentials
        writes.new_challenges = self._challenges.new()
        writes.challenges = self._challenges.changed()
        writes.messages = self._new_messages
        writes.counts = [SendCount(*place, n) for place, n in self._counted.items()]
