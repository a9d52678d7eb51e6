"""What others say about the published log: witnesses' cosignatures and an authority's time stamps,
asked for at times and kept outside the database, beside the tiles.

    <folder>/witnessed.notes             every co-signed note, an empty line after each
    <folder>/<log>/checkpoint.witnessed  the newest one of a log
    <folder>/stamps/<rounds>.note        what was stamped: a signed checkpoint of the log of rounds
    <folder>/stamps/<rounds>.tsq, .tsr   question and answer (RFC 3161), as `openssl ts` reads them

A stamp is kept only when the independent verifier accepts it. Runs in a worker thread of the
process that checkpoints, needs no database, and never holds a checkpoint up: a witness or an
authority that is away is an alarm, not an outage. A crash between any two files leaves an
unfinished stamp, which is no stamp, or a co-signed note that is asked for again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.x509 import Certificate

from tigertally_client.verification import stamps
from tigertally_client.verification.notes import NotGenuine
from tigertally_drivers.errors import DriverError, Misbehaved, Unavailable
from tigertally_drivers.ports import Entropy
from tigertally_drivers.tlog.posting import Poster
from tigertally_drivers.tlog.witness import Refused, WitnessClient
from tigertally_server.audit import merkle
from tigertally_server.audit.cosignature import WitnessKey, parse_witness_key, verify_cosignature
from tigertally_server.audit.note import NoteError
from tigertally_server.audit.outside import append_notes, open_outside
from tigertally_server.audit.tile_folder import TileFolder
from tigertally_server.audit.tiles import TileError, subtree_of_tiles
from tigertally_server.config import AuditSection, TimeStampSection, WitnessSection

QUERY_KIND: Final = "application/timestamp-query"
REPLY_KIND: Final = "application/timestamp-reply"
ROUNDS: Final = "rounds"


@dataclass(frozen=True, slots=True)
class Told:
    """What a turn brought: notes co-signed, and what went wrong; `refused` are alarms."""

    cosigned: int
    problems: tuple[str, ...]
    refused: tuple[str, ...]


class Witnesses:
    """Asks each witness about each log that grew. Raises OSError where the folder takes nothing."""

    def __init__(self, folder: Path, shards: int, sections: Sequence[WitnessSection]) -> None:
        """Raises NoteError for a key that is none, drivers' errors for an address."""
        self._folder = folder
        self._logs = (ROUNDS, *map(str, range(shards)))
        self._witnesses = [
            (parse_witness_key(each.key), WitnessClient(Poster(each.url, ca_file=each.ca_file)))
            for each in sections
        ]
        self._done: dict[tuple[str, str], str] = {}

    def ask(self) -> Told:
        """One turn."""
        problems: list[str] = []
        refused: list[str] = []
        notes: list[str] = []
        for key, client in self._witnesses:
            try:
                for name, note in self._published():
                    if self._done.get((key.name, name)) != note:
                        notes.append(self._one(key, client, name, note))
            except Refused as problem:
                refused.append(str(problem))
            except (DriverError, NoteError, TileError) as problem:
                problems.append(str(problem))
        return Told(len(notes), tuple(problems), tuple(refused))

    def _published(self) -> Iterator[tuple[str, str]]:
        for name in self._logs:
            note = TileFolder(self._folder / name).checkpoint()
            if note is not None:
                yield name, note

    def _one(self, key: WitnessKey, client: WitnessClient, name: str, note: str) -> str:
        origin, size = note.split("\n", 2)[:2]
        subtree = subtree_of_tiles(int(size), TileFolder(self._folder / name).read)

        def proof(old: int) -> list[bytes]:
            return merkle.consistency_proof(subtree, old, int(size))

        whole = note + client.add(origin, int(size), note, proof)
        try:
            verify_cosignature(whole, key)
        except NoteError as problem:
            raise Misbehaved(f"{client.host}: {problem}") from None
        self._keep(name, whole)
        self._done[key.name, name] = note
        return whole

    def _keep(self, name: str, note: str) -> None:
        fd = open_outside(self._folder / "witnessed.notes")
        try:
            append_notes(fd, [note])
        finally:
            os.close(fd)
        _put(self._folder / name / "checkpoint.witnessed", note.encode())


class TimeStamps:
    """Asks the authority about the log of rounds."""

    def __init__(self, folder: Path, section: TimeStampSection, entropy: Entropy) -> None:
        """Raises drivers' errors for an address."""
        self._rounds = TileFolder(folder / ROUNDS)
        self._folder = folder / "stamps"
        self._section, self._entropy = section, entropy
        self._poster = Poster(section.url, ca_file=section.tls_ca_file)
        self._size = -1

    def ask(self) -> bool:
        """Whether a stamp was needed and is kept. Raises drivers' errors, NotGenuine where the
        answer is no good stamp, OSError.
        """
        note = self._rounds.checkpoint()
        size = -1 if note is None else int(note.split("\n", 2)[1])
        if note is None or size == self._size:
            return False
        place = self._folder / str(size)
        if place.with_suffix(".tsr").exists():
            self._size = size
            return False
        question = stamps.request(note.encode(), self._entropy.integer63(), self._section.policy)
        answer = self._poster.post("", question, {"Content-Type": QUERY_KIND})
        if answer.status != 200 or answer.kind.split(";")[0] != REPLY_KIND:
            raise Unavailable(f"{self._poster.host} answers {answer.status}, {answer.kind}")
        stamps.verify(answer.body, note.encode(), self._authorities(), question)
        self._folder.mkdir(parents=True, exist_ok=True)
        for suffix, data in ((".note", note.encode()), (".tsq", question), (".tsr", answer.body)):
            _put(place.with_suffix(suffix), data)
        self._size = size
        return True

    def _authorities(self) -> list[Certificate]:
        try:
            return stamps.load_authorities(Path(self._section.ca_file).read_bytes())
        except OSError as problem:
            raise Unavailable(f"{self._section.ca_file}: {problem.strerror}") from None


def witnesses_of(folder: Path, shards: int, section: AuditSection) -> Witnesses | None:
    """None where none is configured. Raises NoteError, drivers' errors."""
    return Witnesses(folder, shards, section.witnesses) if section.witnesses else None


def time_stamps_of(folder: Path, section: TimeStampSection, entropy: Entropy) -> TimeStamps | None:
    """None where no authority is configured. Raises drivers' errors."""
    return TimeStamps(folder, section, entropy) if section.url else None


PROBLEMS: Final = (DriverError, NotGenuine, NoteError, OSError)
"""What asking may raise."""


def _put(path: Path, data: bytes) -> None:
    """On disk when this returns, in one step."""
    fresh = path.with_name(path.name + ".new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(fd)
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
