"""A bank's published log, from outside: keys and their changes, each shard's tiles, the rounds over
all shards, witnesses' notes, time stamps. Formats: docs/AUDIT.md.

Nothing is believed but the first checkpoint key, the witnesses' keys and the authority's
certificate, which the verifier brings along.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from cryptography.x509 import Certificate

from tigertally_client.verification import stamps, tiles
from tigertally_client.verification.notes import (
    ED25519,
    SM2,
    Checkpoint,
    Key,
    NotGenuine,
    checkpoint_of,
    decode_base64,
    parse_key,
    split,
    verify,
)
from tigertally_client.verification.tree import EMPTY_ROOT, leaf_hash, root_of

_HEX: Final = re.compile(r"(?:[0-9a-f]{2}){32}|(?:[0-9a-f]{2}){65}", re.ASCII)
_COSIGNATURE: Final = 8 + 64
"""Bytes of time and signature."""
_SHARD: Final = re.compile(r"shard (\d+) (\d+) (\S+)")


def notes_of(text: str) -> Iterator[str]:
    """Yield the notes of a file: text, empty line, signatures, empty line. A text that a crash cut
    off, and another text follows, is left out.
    """
    held = ""
    for part in text.split("\n\n"):
        if part.startswith("— ") and held:
            yield f"{held}\n\n{part}".removesuffix("\n") + "\n"
            held = ""
        else:
            held = part.lstrip("\n")


def _is_cosigned(note: str) -> bool:
    """Whether it ends with something of a cosignature's size; what a crash cut off does not."""
    try:
        return len(split(note)[1][-1].value) == _COSIGNATURE
    except NotGenuine:
        return False


class KeyHistory:
    """The keys that may sign: the first one, given, and what follows from changes."""

    def __init__(self, first: str) -> None:
        """Raises NotGenuine."""
        self._first = _given(first)
        self._changes: list[tuple[Key, dict[str, int]]] = []

    def follow(self, text: str) -> None:
        """The published file ``keys``: each change verified by both keys. Raises NotGenuine."""
        for generation, note in enumerate(notes_of(text), start=2):
            body, _ = split(note)
            lines = body.split("\n")
            old, new = (parse_key(lines[at].partition(" ")[2]) for at in (3, 4))
            current = self._changes[-1][0] if self._changes else self._first
            if lines[1] != f"change {generation}" or old != current.under(old.name):
                raise NotGenuine(
                    f"the change to checkpoint key {generation} follows no earlier key"
                )
            if len({key for key, _ in verify(note, (old, new))}) != 2:
                raise NotGenuine(f"the change to checkpoint key {generation} lacks a signature")
            stem = lines[0].removesuffix("keys")
            sizes = {f"{stem}rounds": int(lines[5].partition(" ")[2])}
            for line in lines[6:-1]:
                _, shard, size = line.split(" ")
                sizes[f"{stem}{shard}"] = int(size)
            self._changes.append((new, sizes))

    def of(self, origin: str, size: int) -> Key:
        """The key that signs this log at this size."""
        key = self._first
        for changed, sizes in self._changes:
            if size > sizes.get(origin, 0):
                key = changed
        return key.under(origin)

    def verified(self, note: str) -> Checkpoint:
        """The note's checkpoint, its signature verified. Raises NotGenuine."""
        found = checkpoint_of(note)
        verify(note, [self.of(found.origin, found.size)])
        return found

    def verified_by_anyone(self, note: str, witnesses: Sequence[Key]) -> Checkpoint:
        """As `verified`; a witness's word is as good as the log's. Raises NotGenuine."""
        found = checkpoint_of(note)
        verify(note, [self.of(found.origin, found.size), *witnesses])
        return found


def _given(text: str) -> Key:
    if _HEX.fullmatch(text):
        data = bytes.fromhex(text)
    elif "+" in text and "/" in text.partition("+")[0]:
        return parse_key(text)
    else:
        data = decode_base64(text)
    kinds = {32: ED25519, 65: SM2}
    if len(data) not in kinds:
        raise NotGenuine("the key given is neither an Ed25519 nor an SM2 key")
    return Key("", kinds[len(data)], data)


class Published:
    """The folder. ``told``: what was found to hold, a line each."""

    def __init__(self, folder: Path, keys: KeyHistory, witnesses: Sequence[Key] = ()) -> None:
        """Raises NotGenuine, OSError."""
        self._folder, self.keys, self.witnesses = folder, keys, witnesses
        self.told: list[str] = []
        self._broken: set[str] = set()
        changes = folder / "keys"
        if changes.exists():
            keys.follow(changes.read_text(encoding="utf-8"))

    def check(self) -> list[str]:
        """What is wrong with it, a sentence each."""
        problems: list[str] = []
        shards: dict[int, Checkpoint] = {}
        for path in sorted(self._folder.glob("[0-9]*"), key=lambda path: int(path.name)):
            found = self._log(path, problems)
            if found is not None:
                shards[int(path.name)] = found
        rounds = self._log(self._folder / "rounds", problems)
        if rounds is not None:
            try:
                problems += self._rounds(rounds, shards)
            except NotGenuine as problem:
                problems.append(str(problem))
        witnessed = self._folder / "witnessed.notes"
        if self.witnesses and witnessed.exists():
            text = witnessed.read_text(encoding="utf-8", errors="replace")
            notes = [note for note in notes_of(text) if _is_cosigned(note)]
            for note in notes:
                problems += self._cosigned(note)
            self.told.append(f"{len(notes)} co-signed notes were held against the tiles")
        return problems

    def contradiction(self, kept: Checkpoint) -> list[str]:
        """What is wrong when a checkpoint kept from elsewhere is held against the tiles."""
        folder = self._folder / kept.origin.rpartition("/")[2]
        try:
            now = self.keys.verified((folder / "checkpoint").read_text(encoding="utf-8"))
        except OSError:
            return [f"{kept.origin} had {kept.size} entries, and is not published any more"]
        if now.origin != kept.origin:
            return [f"{kept.origin} is published no more; {now.origin} stands in its place"]
        if now.size < kept.size:
            return [f"{kept.origin} had {kept.size} entries, and has {now.size} now: it was cut"]
        if folder.name in self._broken:
            return []  # named already; nothing more can be told
        before = tiles.root_at(now.size, kept.size, tiles.from_folder(folder))
        if before != kept.root:
            return [
                f"{kept.origin} had another root at size {kept.size}: its past was written anew"
            ]
        return []

    def check_stamps(self, authorities: Sequence[Certificate]) -> list[str]:
        """What is wrong with the time stamps, where authorities are given."""
        problems: list[str] = []
        good = 0
        for answer in sorted((self._folder / "stamps").glob("*.tsr")) if authorities else ():
            try:
                note = answer.with_suffix(".note").read_bytes()
                stamp = stamps.verify(answer.read_bytes(), note, authorities)
                found = self.contradiction(self.keys.verified(note.decode()))
            except (NotGenuine, OSError, UnicodeDecodeError) as problem:
                problems.append(f"time stamp {answer.name}: {problem}")
                continue
            problems += [f"stamped at {stamp.at.isoformat()}: {text}" for text in found]
            good += not found
        self.told.append(f"{good} time stamps hold")
        return problems

    def _log(self, folder: Path, problems: list[str]) -> Checkpoint | None:
        try:
            found = self.keys.verified((folder / "checkpoint").read_text(encoding="utf-8"))
        except FileNotFoundError:
            problems.append(f"{folder}: the checkpoint is missing")
            return None
        except (NotGenuine, UnicodeDecodeError) as problem:
            problems.append(f"{folder}/checkpoint: {problem}")
            return None
        wrong = tiles.check(found.size, found.root, tiles.from_folder(folder))
        problems += [f"{folder}: {problem}" for problem in wrong]
        if wrong:
            self._broken.add(folder.name)
        else:
            self.told.append(f"{found.origin}: {found.size} entries, every tile as it was signed")
        return found

    def _cosigned(self, note: str) -> list[str]:
        try:
            verify(note, self.witnesses)
            return self.contradiction(checkpoint_of(note))
        except NotGenuine as problem:
            return [f"a co-signed note: {problem}"]

    def _rounds(self, rounds: Checkpoint, shards: dict[int, Checkpoint]) -> list[str]:
        """Every round's record: its leaf, its super-root, and each shard at its size."""
        problems: list[str] = []
        records = list(self._records(rounds.size))
        if root_of([leaf_hash(record) for record in records]) != rounds.root:
            return ["the records of the rounds are not those that were signed"]
        last: dict[int, tuple[int, bytes]] = {}
        for number, record in enumerate(records):
            try:
                told = _read_record(record, number)
            except (NotGenuine, ValueError, IndexError):
                problems.append(f"round {number} is malformed or its super-root is wrong")
                continue
            for shard, state in told.items():
                if state != last.get(shard):
                    problems += self._in_shard(number, shard, state, shards.get(shard))
            last = told
        self.told.append(f"{rounds.origin}: {rounds.size} rounds, each told what the shards are")
        return problems

    def _in_shard(
        self, number: int, shard: int, state: tuple[int, bytes], now: Checkpoint | None
    ) -> list[str]:
        size, root = state
        if not size:
            return [] if root == EMPTY_ROOT else [f"round {number} tells shard {shard} wrongly"]
        if now is None or now.size < size:
            return [f"round {number} tells {size} entries of shard {shard}, which are not there"]
        if str(shard) in self._broken:
            return []  # named already; nothing more can be told
        read = tiles.from_folder(self._folder / str(shard))
        if tiles.root_at(now.size, size, read) != root:
            return [f"round {number} tells another root of shard {shard} at size {size}"]
        return []

    def _records(self, size: int) -> Iterator[bytes]:
        """Raises NotGenuine where an entry bundle is missing or cut."""
        for index, width in tiles.spans(size):
            name = tiles.tile_name("entries", index, width)
            try:
                data = (self._folder / "rounds/tile" / name).read_bytes()
            except OSError:
                raise NotGenuine(f"rounds: {name} is missing") from None
            at = 0
            for _ in range(width):
                length = int.from_bytes(data[at : at + 2])
                record = data[at + 2 : at + 2 + length]
                at += 2 + length
                if len(record) != length:
                    raise NotGenuine(f"rounds: {name} is cut")
                yield record


def _read_record(record: bytes, number: int) -> dict[int, tuple[int, bytes]]:
    """Shard → (size, root). Raises NotGenuine, ValueError, IndexError."""
    lines = record.decode().split("\n")
    shards = lines[4:-1]
    matches = [_SHARD.fullmatch(line) for line in shards]
    super_root = root_of([leaf_hash(f"{line}\n".encode()) for line in shards])
    if lines[1] != f"round {number}" or decode_base64(lines[3].partition(" ")[2]) != super_root:
        raise NotGenuine("not the record of this round")
    told = {int(match[1]): (int(match[2]), decode_base64(match[3])) for match in matches if match}
    if sorted(told) != list(range(len(shards))):
        raise NotGenuine("not every shard once")
    return told
