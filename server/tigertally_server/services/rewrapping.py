"""Sealing rows anew (重新包裹) under the keys of today: what a rotation leaves to be done, while
the bank is at work.

What is done: seeds (stock and staged imports), channel master keys, customers' own keys,
credentials, challenges, messages; data and working keys under an older key-encryption key; shard
heads under an older audit key. What is not: entries. They are append-only, and their leaves commit
to the ciphertext, so they keep their key's id and their key stays readable (docs/decisions).

One `step` is one short transaction. Plaintexts exist for the length of one page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from tigertally_drivers.ports import Clock
from tigertally_server.audit import head as audit_head
from tigertally_server.domain.key import KeyLevel, KeyRecord, KeyState
from tigertally_server.services.key_hierarchy import WRAPPED_BY, KeyMissing
from tigertally_server.services.keyring import (
    Keyring,
    Purpose,
    approval_identity,
    challenge_identity,
    channel_key_identity,
    credential_identity,
    customer_identity,
    message_identity,
    seed_identity,
)
from tigertally_server.store import arrays, rewrap
from tigertally_server.store.installation import Connection, put_head_mac, read_heads
from tigertally_server.store.keys import change_key, read_keys
from tigertally_server.store.rewrap import Page, Progress, Table

PAGE: Final = 500
KEYS: Final = "key_record"
HEADS: Final = "shard_head"

_PARTS: Final[Mapping[str, tuple[Purpose, Callable[..., bytes]]]] = {
    "token": (Purpose.SEED, seed_identity),
    "import_token": (Purpose.SEED, seed_identity),
    "channel_key": (Purpose.CHANNEL, channel_key_identity),
    "account": (Purpose.CUSTOMER, customer_identity),
    "credential": (Purpose.CREDENTIAL, credential_identity),
    "challenge": (Purpose.CREDENTIAL, challenge_identity),
    "message": (Purpose.CREDENTIAL, message_identity),
    "approval": (Purpose.CREDENTIAL, approval_identity),
}
PARTS: Final = (KEYS, *_PARTS, HEADS)


class Rewrapper:
    """Works with one keyring; hand it a connection of its own for each `step`."""

    def __init__(self, keyring: Keyring, clock: Clock, page: int = PAGE) -> None:
        self._keyring, self._clock, self._page = keyring, clock, page

    def due(self) -> list[str]:
        """The parts that have keys of an older generation, so that there may be something to do."""
        found = [part for part, (purpose, _) in _PARTS.items() if self._old(purpose)]
        if any(self._displaced(self._keyring.records())):
            found.insert(0, KEYS)
        if self._old(Purpose.HEAD):
            found.append(HEADS)
        return found

    def unfinished(self, conn: Connection) -> list[str]:
        """The parts that were not gone through since their key was replaced."""
        due = self.due()
        if not due:
            return []
        known = rewrap.read_progress(conn)
        conn.rollback()
        return [
            part
            for part in due
            if (p := known.get(part)) is None or p.target != self._target(part) or not p.finished
        ]

    def step(self, conn: Connection, part: str) -> Progress | None:
        """One page of a part; returns how far it is then, None where another process is at it or
        its key was replaced meanwhile. Raises psycopg's errors, after which nothing was written.
        """
        target = self._target(part)
        try:
            if not rewrap.begin_step(conn, target):
                conn.rollback()
                return None
            now_ms = self._clock.now_ms()
            before = rewrap.read_progress(conn).get(part)
            if before is None or before.target != target or before.finished:
                before = self._fresh(conn, part, target, now_ms)
            after = replace(self._work(conn, part, before), changed_at_ms=now_ms)
            rewrap.put_progress(conn, after)
            conn.commit()
        except BaseException:
            conn.rollback()
            raise
        return after

    def left(self, conn: Connection, part: str) -> int:
        """Rows still under an older key; counted, so it takes its time on large tables."""
        if part == KEYS:
            return len(list(self._displaced(read_keys(conn))))
        if part == HEADS:
            return len(self._older_heads(conn))
        return rewrap.count_left(conn, rewrap.TABLES[part], self._old(_PARTS[part][0]))

    def _fresh(self, conn: Connection, part: str, target: int, now_ms: int) -> Progress:
        total = rewrap.about(conn, part)
        return Progress(part, target, total=total, started_at_ms=now_ms)

    def _target(self, part: str) -> int:
        if part == KEYS:
            return self._keyring.hierarchy.current(WRAPPED_BY[KeyLevel.DATA])
        purpose = Purpose.HEAD if part == HEADS else _PARTS[part][0]
        return self._keyring.current(purpose).id

    def _old(self, purpose: Purpose) -> list[int]:
        """Readable generations that nothing should be under any more."""
        return [
            record.id
            for record in self._keyring.records()
            if record.level is KeyLevel.DATA
            and record.purpose == purpose
            and record.state in {KeyState.OLD, KeyState.COMPROMISED}
        ]

    def _work(self, conn: Connection, part: str, before: Progress) -> Progress:
        if part == KEYS:
            return self._keys(conn, before)
        if part == HEADS:
            return self._heads(conn, before)
        purpose, identity = _PARTS[part]
        table = rewrap.TABLES[part]
        page = rewrap.read_page(conn, table, before.position, self._old(purpose), self._page)
        return self._sealed_anew(conn, table, page, identity, before)

    def _sealed_anew(
        self,
        conn: Connection,
        table: Table,
        page: Page,
        identity: Callable[..., bytes],
        before: Progress,
    ) -> Progress:
        key = self._keyring.by_id(before.target)
        places, was, fresh, failed = [], [], [], 0
        nonces = iter(self._keyring.nonces(len(page.places)))
        for place, key_id, sealed, owner in zip(
            page.places, page.key_ids, page.sealed, page.owners, strict=True
        ):
            if sealed is None:
                continue
            whose = identity(*owner)
            try:
                # A row without a secret (a token that waits for its seed) has nothing to open.
                plain = self._keyring.open(key_id, sealed, whose) if sealed else b""
            except KeyMissing:
                failed += 1
                continue
            places.append(place)
            was.append((key_id, sealed))
            fresh.append(key.seal(plain, whose, next(nonces)) if sealed else b"")
        arrays.register(conn)
        written = rewrap.write_page(conn, table, places, was, before.target, fresh)
        done = len(page.places) < self._page
        return replace(
            before,
            position=rewrap.place_text(page.places[-1]) if page.places else before.position,
            seen=before.seen + len(page.places),
            sealed_anew=before.sealed_anew + written,
            failed=before.failed + failed,
            finished_at_ms=self._clock.now_ms() if done else 0,
        )

    def _displaced(self, records: Iterable[KeyRecord]) -> Iterator[KeyRecord]:
        """Data and working keys under another key-encryption key than today's."""
        hierarchy = self._keyring.hierarchy
        for record in records:
            above = WRAPPED_BY.get(record.level)
            if above is None or not record.readable or not hierarchy.can_open(record):
                continue
            if record.parent != hierarchy.current(above):
                yield record

    def _keys(self, conn: Connection, before: Progress) -> Progress:
        after = int(before.position or 0)
        displaced = [r for r in self._displaced(read_keys(conn)) if r.id > after]
        page, written, failed = displaced[: self._page], 0, 0
        now_ms = self._clock.now_ms()
        for record in page:
            try:
                fresh = self._keyring.under_todays_parent(record)
            except KeyMissing:
                failed += 1
                continue
            written += change_key(conn, record, replace(fresh, changed_at_ms=now_ms))
        return replace(
            before,
            position=str(page[-1].id) if page else before.position,
            seen=before.seen + len(page),
            sealed_anew=before.sealed_anew + written,
            failed=before.failed + failed,
            finished_at_ms=now_ms if len(page) == len(displaced) else 0,
        )

    def _older_heads(self, conn: Connection) -> list[Any]:
        current, *older = self._keyring.head_mac_keys()
        return [
            head
            for head in read_heads(conn)
            if any(_fits(key, head) for key in older) and not _fits(current, head)
        ]

    def _heads(self, conn: Connection, before: Progress) -> Progress:
        key, written = self._keyring.head_mac_key(), 0
        older = self._older_heads(conn)
        for head in older:
            mac = audit_head.head_mac(key, head.shard, head.size, head.root, head.frontier)
            written += put_head_mac(conn, head, mac)
        return replace(
            before,
            seen=before.seen + len(older),
            sealed_anew=before.sealed_anew + written,
            finished_at_ms=self._clock.now_ms() if written == len(older) else 0,
        )


def _fits(key: bytes, head: Any) -> bool:
    return audit_head.verify_head_mac(
        key, head.shard, head.size, head.root, head.frontier, head.mac
    )
