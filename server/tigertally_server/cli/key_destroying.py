"""Destroying a key: only when nothing needs it any more, and nobody can still write what would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tigertally_server.cli.approvals import permission
from tigertally_server.cli.house import House
from tigertally_server.cli.key_house import follow, pause
from tigertally_server.cli.key_rotating import told
from tigertally_server.cli.output import CommandError
from tigertally_server.domain.administration import AdminWrite, DestroyKey, UseApproval
from tigertally_server.domain.key import (
    IllegalKeyTransition,
    KeyLevel,
    KeyRecord,
    KeyState,
)
from tigertally_server.services.key_hierarchy import Wrapping
from tigertally_server.services.key_making import DAY_MS
from tigertally_server.services.key_rotation import moved
from tigertally_server.services.keyring import Purpose
from tigertally_server.services.rewrapping import Rewrapper
from tigertally_server.store import key_uses
from tigertally_server.store.installation import Connection

VERB: Final = "key destroy"
DIGEST_DAYS: Final = 4
"""A serial may be sent again for two business days."""
_OLDER_S: Final = 60


@dataclass(frozen=True, slots=True)
class Destruction:
    """`no_file_needs_it`: the operator's word about files on hosts that we don't see."""

    house: House
    conn: Connection
    no_file_needs_it: bool = False

    def check(self, record: KeyRecord) -> None:
        """Raises CommandError where the key may not go, or not yet."""
        if record.level is KeyLevel.MASTER:
            raise CommandError(
                "the bytes of a master key are not in the database: destroy its file "
                "(master.key.old-…), its components or its object in the device"
            )
        state = (
            KeyState.DESTROYED_COMPROMISED
            if record.state is KeyState.COMPROMISED
            else KeyState.DESTROYED
        )
        try:
            moved(record, state, 0)
        except IllegalKeyTransition as why:
            raise CommandError(f"{why}; rotate it first") from None
        self._lasting(record)
        self._settled()
        if needed := self.needs(record):
            rows = ", ".join(f"{count:,} of {table}" for table, count in needed.items())
            raise CommandError(
                f"key {record.id} is still needed: {rows}. `tigertally key rewrap` seals anew "
                "what can be; entries of the log stay under the key they were sealed under"
            )

    def needs(self, record: KeyRecord) -> dict[str, int]:
        """Table → rows that are under it."""
        found = key_uses.count_uses(self.conn, record) if record.readable else {}
        if record.purpose == Purpose.HEAD and record.state is not KeyState.CURRENT:
            heads = self._heads()
            found |= {"shard_head": heads} if heads else {}
        self.conn.rollback()
        return found

    def leave(self, record: KeyRecord, reason: str) -> tuple[AdminWrite, ...]:
        """What the act must write of its approval, where operators are separated. Raises Waiting,
        CommandError.
        """
        if not self.house.acting.separated:
            return ()
        subject = str(record.id)
        allowed = permission(self.house, VERB, subject, reason)
        return (*allowed.prelude, UseApproval(allowed.number, VERB, subject))

    def carry_out(self, record: KeyRecord, approved: tuple[AdminWrite, ...] = ()) -> KeyRecord:
        """One unit of work; what is needed is counted once more in it."""
        state = (
            KeyState.DESTROYED_COMPROMISED
            if record.state is KeyState.COMPROMISED
            else KeyState.DESTROYED
        )
        write = moved(record, state, self.house.environment.clock.now_ms())
        assert write.before is not None
        writes = [*approved, DestroyKey(write.after, write.before)]
        self.house.act(VERB, told(record), writes)
        follow(self.house, self.conn)
        return write.after

    def _lasting(self, record: KeyRecord) -> None:
        if record.level is KeyLevel.DATA and record.purpose == Purpose.PEPPER:
            raise CommandError(
                f"key {record.id} is a pepper: passwords and PINs of customers who did not come "
                "since are under it, and only their own next right password moves "
                "them; it stays readable"
            )
        siblings = [r for r in self.house.environment.keyring.records() if r.place == record.place]
        first = min(r.id for r in siblings)
        if record.purpose == Purpose.DIGEST and record.id == first:
            raise CommandError(
                f"key {record.id} is the first digest key: counters are named by it, and must "
                "keep their names"
            )
        now_ms = self.house.environment.clock.now_ms()
        young = now_ms < record.changed_at_ms + DIGEST_DAYS * DAY_MS
        if record.purpose == Purpose.DIGEST and record.state is KeyState.OLD and young:
            raise CommandError(
                f"key {record.id} recognises requests that are sent again: it may go {DIGEST_DAYS} "
                "days after it was replaced"
            )
        files = record.level is KeyLevel.ENCRYPTION and record.purpose == Wrapping.FILES
        if files and not self.no_file_needs_it:
            raise CommandError(
                "a file on some host may be sealed under it (the checkpoint key): start the "
                "servers there once, then say --no-file-needs-it"
            )

    def _settled(self) -> None:
        """Waits until every transaction has ended that might have begun before the successor."""
        last = key_uses.transaction_now(self.conn)
        for _ in range(_OLDER_S * 10):
            if key_uses.wait_for_older(self.conn, last):
                return
            pause(0.1)
        raise CommandError(
            f"a transaction has been open for more than {_OLDER_S} s, and may still write under "
            "this key: look at pg_stat_activity, then try again"
        )

    def _heads(self) -> int:
        """Heads under any older audit key: which one, only trying tells, and all shall be under
        today's before one goes.
        """
        environment = self.house.environment
        rewrapper = Rewrapper(environment.keyring, environment.clock)
        return rewrapper.left(self.conn, "shard_head")
