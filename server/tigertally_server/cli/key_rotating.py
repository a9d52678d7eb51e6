"""Rotations, step by step. Each step is one unit of work with its entry, complete in itself; a
rotation that was interrupted is gone on with by the same command.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tigertally_drivers.errors import DriverError
from tigertally_drivers.keys.software import write_master_key_file
from tigertally_server.app.master_key import (
    SALT_BYTES,
    Master,
    load_next,
    master_files,
    next_files,
    promote_next,
)
from tigertally_server.cli.house import House
from tigertally_server.cli.key_house import follow, pause
from tigertally_server.cli.output import CommandError, Progress
from tigertally_server.domain.administration import PutKey
from tigertally_server.domain.key import KeyLevel, KeyRecord, KeyState
from tigertally_server.services.installation import InstallationError
from tigertally_server.services.key_checks import ALGORITHMS
from tigertally_server.services.key_rotation import (
    NotRotated,
    activation,
    current_of,
    moved,
    new_master,
    successor,
    successor_with,
    waiting_of,
)
from tigertally_server.services.rewrapping import PARTS, Rewrapper
from tigertally_server.store import rewrap
from tigertally_server.store.installation import Connection
from tigertally_server.store.keys import next_ids

_PATIENCE: Final = 100


@dataclass(frozen=True, slots=True)
class Rotation:
    """`wait_s`: between the two steps of a new generation; `raw`: bytes of a working key that come
    from elsewhere.
    """

    house: House
    conn: Connection
    wait_s: float
    raw: bytes | None = None

    @property
    def now_ms(self) -> int:
        return self.house.environment.clock.now_ms()

    def rotate(self, place: Sequence[str]) -> KeyRecord:
        """A new generation of a key-encryption, data or working key; returns it, in force. Raises
        CommandError.
        """
        try:
            before = current_of(self._keyring, place)
        except NotRotated as why:
            raise CommandError(str(why)) from None
        fresh = waiting_of(self._keyring, place) or self._make(before)
        pause(self.wait_s)
        writes = activation(self._keyring, fresh, self.now_ms)
        self._act("key activate", fresh, writes, replaces=before.id)
        return writes[-1].after

    def _make(self, before: KeyRecord) -> KeyRecord:
        key_id = self._next_id()
        fresh = self._drawn(key_id, before)
        self._act("key new generation", fresh, [PutKey(fresh)])
        return fresh

    def _drawn(self, key_id: int, before: KeyRecord) -> KeyRecord:
        environment = self.house.environment
        if before.level is not KeyLevel.WORKING:
            return successor(self._keyring, key_id, before, self.now_ms, environment.entropy)
        raw = self.raw
        if raw is None:
            raw = environment.entropy.token_bytes(max(ALGORITHMS[before.algorithm].lengths))
        return successor_with(self._keyring, key_id, before, self.now_ms, raw)

    def compromised(self, record: KeyRecord, reason: str) -> KeyRecord:
        """Says that a key is known to others; a current one gets its successor first."""
        if record.state is KeyState.CURRENT:
            self.rotate(record.place)
            record = self._keyring.record(record.id)
        write = moved(record, KeyState.COMPROMISED, self.now_ms)
        self._act("key compromised", write.after, [write], reason=reason)
        return write.after

    def rotate_master(self, raw: bytes | None) -> Master:
        """Another master key: prepared beside the old one, then in force by one unit of work, then
        moved into its place. `raw`: from custodians; None: drawn, or what waits there already.
        Raises CommandError.
        """
        environment = self.house.environment
        config, keyring = environment.config, self._keyring
        files = master_files(config)
        self._prepare_next(raw)
        passphrase = bool(config.keys.master_passphrase_file)
        salt = environment.entropy.token_bytes(SALT_BYTES) if passphrase else b""
        try:
            in_force = bytes.fromhex(keyring.hierarchy.master.check_value)
            fresh = load_next(config, salt, in_force, environment.device)
            writes = new_master(keyring, self._next_id(), fresh.key, salt, self.now_ms)
        except (DriverError, InstallationError, NotRotated) as why:
            raise CommandError(str(why)) from None
        details = {
            "check_value": fresh.key.check_value.upper(),
            "keys sealed anew": len(writes) - 3,
        }
        self.house.act("key rotate master", details, writes)
        keyring.hierarchy.master = fresh.key
        self._follow()
        try:
            promote_next(files)
        except OSError as problem:
            raise CommandError(
                "the new master key is in force and lies in "
                f"{', '.join(map(str, next_files(files)))}; moving it into place failed "
                f"({problem.strerror}): the next start tries again"
            ) from None
        return fresh

    def _prepare_next(self, raw: bytes | None) -> None:
        """A key file we make ourselves; passphrases and components are their owners' to bring."""
        environment = self.house.environment
        keys = environment.config.keys
        if keys.master_hsm_label:
            if raw is not None:
                raise CommandError("the HSM makes its master key itself: rotate without components")
            return
        path = next_files(master_files(environment.config))[0]
        if keys.master_passphrase_file or keys.master_component_files:
            return
        if path.exists():
            if raw is not None:
                raise CommandError(f"{path} waits there already: rotate with it, or remove it")
            return
        drawn = environment.entropy.token_bytes(32) if raw is None else raw
        write_master_key_file(path, drawn, environment.entropy)

    @property
    def _keyring(self) -> Any:
        return self.house.environment.keyring

    def _next_id(self) -> int:
        found = next_ids(self.conn, 1)[0]
        self.conn.rollback()
        return found

    def _act(self, act: str, key: KeyRecord, writes: Sequence[PutKey], **more: Any) -> None:
        self.house.act(act, {**told(key), **more}, writes)
        self._follow()

    def _follow(self) -> None:
        follow(self.house, self.conn)


def told(key: KeyRecord) -> dict[str, Any]:
    """What an entry says of a key."""
    return {
        "key": key.id,
        "level": key.level.value,
        "purpose": key.purpose,
        **({"owner": key.owner, "name": key.name} if key.owner else {}),
        "generation": key.generation,
        "check_value": key.check_value.hex().upper(),
    }


def seal_anew(
    house: House, conn: Connection, parts: Sequence[str], *, page: int, quiet: bool
) -> list[rewrap.Progress]:
    """Everything that stands under older generations, with progress; may be interrupted and gone
    on with at any time. Returns the last word on each part that had something to do.
    """
    environment = house.environment
    rewrapper = Rewrapper(environment.keyring, environment.clock, page)
    last: list[rewrap.Progress] = []
    for part in (p for p in PARTS if p in parts and p in rewrapper.due()):
        with house.reading(house.acting.role) as own:
            shown = Progress(f"sealing {part} anew", rewrap.about(own, part), quiet=quiet)
            progress = _whole(rewrapper, own, part, shown.at)
            shown.end()
        if progress is not None:
            last.append(progress)
        follow(house, conn)
    if last:
        done = {p.part: f"{p.sealed_anew} sealed anew, {p.failed} don't open" for p in last}
        house.act("key rewrap", done)
    return last


def _whole(
    rewrapper: Rewrapper, conn: Connection, part: str, at: Callable[[int], None]
) -> rewrap.Progress | None:
    for _ in range(_PATIENCE):
        while (progress := rewrapper.step(conn, part)) is not None:
            at(progress.seen)
            if progress.finished:
                return progress
        pause(0.1)  # a server does the same beside its traffic, page by page: taken in turns
    return rewrap.read_progress(conn).get(part)
