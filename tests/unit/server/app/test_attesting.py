"""Stamps and cosignatures, with a crash before each effect: on disk, at the witness, at the
authority. Whatever was torn, nothing that is found is bad, and the next turn makes it whole.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import warnings
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tigertally_client.verification.notes import COSIGNATURE, ED25519, Key
from tigertally_client.verification.published import notes_of
from tigertally_client.verification.stamps import load_authorities
from tigertally_drivers.tlog.posting import Posted, Poster
from tigertally_server.app import evidence
from tigertally_server.app.attesting import REPLY_KIND, TimeStamps, Witnesses
from tigertally_server.audit.checkpoint import NO_PREVIOUS, Checkpoint, CheckpointFile, origin_of
from tigertally_server.audit.cosignature import (
    cosigned_by,
    is_cosigned,
    parse_witness_key,
    verify_cosignature,
)
from tigertally_server.audit.note import NoteSigner
from tigertally_server.audit.rounds import RoundsCheckpoint, rounds_origin
from tigertally_server.audit.tile_folder import TileFolder
from tigertally_server.audit.tiles import Edge
from tigertally_server.config import TimeStampSection, WitnessSection
from tigertally_testing.time_authority import TimeAuthority
from tigertally_witness.state import WitnessState
from tigertally_witness.witness import Witness

BANK = "bank-1"
LOGS = {"rounds": rounds_origin(BANK), "0": origin_of(BANK, 0)}
SIGNER = NoteSigner(bytes(range(32)))
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
KEY = Key("witness.example/w1", COSIGNATURE, PRIVATE.public_key().public_bytes_raw())
TORN = (1, 2, 40, 95, 96, 97, 150, 230, 236, 237, 238, 239, 240, 241, 260, 300)


class Crash(BaseException):
    """The process died here."""


class Published:
    """A folder with a log of rounds and one shard's, which grow together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._edges = {name: Edge() for name in LOGS}
        self.size = 0
        self.grow()

    def grow(self) -> None:
        self.size += 1
        for name, origin in LOGS.items():
            edge, folder = self._edges[name], TileFolder(self.folder / name)
            folder.write(edge.append([hashlib.sha256(f"{name} {self.size}".encode()).digest()]))
            what = (origin, self.size, edge.root(), 1, NO_PREVIOUS)
            found = RoundsCheckpoint(*what) if name == "rounds" else Checkpoint(*what)
            folder.write_checkpoint(SIGNER.sign(origin, found.text()))


class Steps:
    """Counts what reaches disk or somebody else, and dies before the n-th; what was being written
    and not flushed is torn at one place or another.
    """

    def __init__(self, patch: pytest.MonkeyPatch, die_at: int) -> None:
        self.done, self.die_at = 0, die_at
        for place, name in ((os, "write"), (os, "open"), (Path, "replace"), (Path, "mkdir")):
            patch.setattr(place, name, self.counted(getattr(place, name)))
        for other, name in ((Poster, "post"), (WitnessState, "keep")):
            patch.setattr(other, name, self.counted(self.counted_after(getattr(other, name))))
        patch.setattr(os, "fsync", self.fsync)

    def counted(self, real):
        def step(*arguments, **options):
            self.step()
            return real(*arguments, **options)

        return step

    def counted_after(self, real):
        def step(*arguments, **options):
            answer = real(*arguments, **options)
            self.step()
            return answer

        return step

    def step(self) -> None:
        self.done += 1
        if self.done == self.die_at:
            raise Crash

    def fsync(self, fd: int) -> None:
        try:
            self.step()
        except Crash:
            tear(fd, self.die_at)
            raise


def tear(fd: int, number: int) -> None:
    """Power was cut while this file was written; a folder knows no such thing."""
    found = os.fstat(fd)
    if stat.S_ISREG(found.st_mode):
        os.truncate(fd, max(0, found.st_size - TORN[number % len(TORN)]))


def crash_at_every_step(turn, after) -> int:
    """One more step each time, until a turn comes through; the number of crashes."""
    crashes = 0
    while True:
        with pytest.MonkeyPatch.context() as patch:
            steps = Steps(patch, crashes + 1)
            try:
                turn()
            except Crash:
                crashes += 1
            else:
                return crashes
            finally:
                patch.undo()
                after(steps)


# ---------------------------------------------------------------- cosignatures


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Published:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # only a torn file tells the difference
    return Published(tmp_path / "tlog")


@pytest.fixture
def ask(published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """One turn of a process that has just started; the witness goes on, or starts anew, too."""
    WitnessState.create(tmp_path / "memory")
    logs = {origin: [Key(origin, ED25519, SIGNER.public_key)] for origin in LOGS.values()}
    alarms: list[str] = []

    def post(_self, path, body, _headers):
        memory = WitnessState(tmp_path / "memory")
        it = Witness(PRIVATE, KEY, logs, memory, lambda: 1_767_225_600, alarms.append)
        answer = it.add_checkpoint(body)
        return Posted(answer.status, answer.kind, answer.body.encode())

    monkeypatch.setattr(Poster, "post", post)
    section = WitnessSection("http://witness.example", KEY.text())

    def turn():
        told = Witnesses(published.folder, 1, [section]).ask()
        assert (told.problems, told.refused, alarms) == ((), (), [])
        return told.cosigned

    return turn


def test_a_crash_at_every_step_of_a_cosigning_is_made_good(published, ask):
    def whole():
        for name in LOGS:
            note = TileFolder(published.folder / name).checkpoint()
            kept = (published.folder / name / "checkpoint.witnessed").read_text()
            assert kept.startswith(note)
            assert verify_cosignature(kept, key)

    def good():
        """What stands in the file is somebody's word, or torn; it is never a false one."""
        path = published.folder / "witnessed.notes"
        if not path.exists():
            return []
        notes = list(CheckpointFile.at(path).notes())
        for note in filter(is_cosigned, notes):
            cosigned_by(note, [key])
        theirs = list(notes_of(path.read_bytes().decode(errors="replace")))
        assert [n for n in theirs if is_cosigned(n)] == [n for n in notes if is_cosigned(n)]
        return notes

    key = parse_witness_key(KEY.text())
    turns = 0

    def after(_steps):
        nonlocal turns
        turns += 1
        good()
        if turns % 3:  # at times the next turn finds a log that grew meanwhile
            ask()
            whole()
            published.grow()

    assert crash_at_every_step(ask, after) > 25
    ask()
    whole()
    assert len(good()) >= turns
    assert ask() == len(LOGS)  # a new process knows nothing of it, and asks once more


# ---------------------------------------------------------------- stamps


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TimeAuthority:
    if shutil.which("openssl") is None:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            warnings.warn("WITHOUT openssl no time stamps", stacklevel=1)
        pytest.skip("WITHOUT openssl no time stamps: SKIPPED")
    return TimeAuthority.make(tmp_path_factory.mktemp("tsa"), key="P-256")


def test_a_crash_at_every_step_of_a_stamp_is_made_good(published, authority, entropy, monkeypatch):
    def post(_self, _path, body, _headers):
        return Posted(200, REPLY_KIND, authority.stamp(body))

    monkeypatch.setattr(Poster, "post", post)
    root = authority.folder / "ca.pem"
    section = TimeStampSection("http://authority.example", str(root))
    trusted = load_authorities(root.read_bytes())
    stamps = published.folder / "stamps"

    def ask():
        return TimeStamps(published.folder, section, entropy).ask()

    def after(_steps):
        good, bad = evidence.time_stamps(published.folder, trusted)
        assert bad == []
        assert {found.size for found in good} == {int(p.stem) for p in stamps.glob("*.tsr")}
        if good and good[-1].size == published.size:
            published.grow()  # that one is through: the next crash shall find one to ask for

    assert crash_at_every_step(ask, after) > 15
    published.grow()
    assert ask()
    assert not ask()
    assert (stamps / f"{published.size}.tsr").exists()
    good, bad = evidence.time_stamps(published.folder, trusted)
    assert bad == []
    assert published.size in {found.size for found in good}
