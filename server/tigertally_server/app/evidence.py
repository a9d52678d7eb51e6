"""What stands outside the database, gathered for a verification: changes of the checkpoint key,
co-signed notes, time stamps, tiles.

Everything is verified before it is believed; what doesn't verify becomes a finding. Reads only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.x509 import Certificate

from tigertally_client.verification import stamps, tiles
from tigertally_client.verification.notes import NotGenuine
from tigertally_server.audit.anchors import Trust
from tigertally_server.audit.checkpoint import origin_of, parse_checkpoint, verify_checkpoint
from tigertally_server.audit.keychange import KeyChange, verify_changes
from tigertally_server.audit.note import NoteError
from tigertally_server.audit.report import NOWHERE, Finding, FindingKind
from tigertally_server.audit.rounds import (
    parse_rounds_checkpoint,
    rounds_origin,
    verify_rounds_checkpoint,
)
from tigertally_server.audit.rounds_check import Stamped
from tigertally_server.audit.tile_folder import TileFolder


def finding(kind: FindingKind, text: str, shard: int = NOWHERE) -> Finding:
    """One without a place in a shard."""
    return Finding(kind, shard, NOWHERE, NOWHERE, text)


def key_changes(
    installation_id: str, first_key: bytes, notes: Sequence[str]
) -> tuple[tuple[KeyChange, ...], list[Finding]]:
    """The changes of the checkpoint key that hold; a broken chain is believed up to the break."""
    for count in range(len(notes), -1, -1):
        try:
            good = verify_changes(installation_id, first_key, notes[:count])
        except NoteError as problem:
            broken = str(problem)
            continue
        if count == len(notes):
            return good, []
        return good, [finding(FindingKind.KEY_CHANGE_BAD, broken)]
    return (), []


def time_stamps(
    folder: Path, authorities: Sequence[Certificate]
) -> tuple[list[Stamped], list[Finding]]:
    """The good stamps by growing size, and what is wrong with the others. A stamp whose writing was
    interrupted is none.
    """
    good: list[Stamped] = []
    bad: list[Finding] = []
    for answer in sorted((folder / "stamps").glob("*.tsr")):
        try:
            note = answer.with_suffix(".note").read_bytes()
            question = answer.with_suffix(".tsq").read_bytes()
            stamp = stamps.verify(answer.read_bytes(), note, authorities, question)
            found = parse_rounds_checkpoint(note.decode())
        except (OSError, NotGenuine, NoteError, UnicodeDecodeError) as problem:
            text = f"the time stamp {answer.name} proves nothing: {problem}"
            bad.append(finding(FindingKind.STAMP_BAD, text))
            continue
        at_ms = round(stamp.at.timestamp() * 1000)
        good.append(Stamped(found.size, found.root, at_ms, f"{stamp.authority} ({answer.name})"))
    return sorted(good, key=lambda each: each.size), bad


def check_tiles(folder: Path, trust: Trust, shards: int) -> Iterator[Finding]:
    """What is wrong with the published tiles: each log's against its own signed checkpoint. (That
    the checkpoint is the database's, the pass over the rows tells by the same root.)
    """
    for shard in range(shards):
        yield from _check_log(folder / str(shard), trust, shard)
    yield from _check_log(folder / "rounds", trust, NOWHERE)


def _check_log(folder: Path, trust: Trust, shard: int) -> Iterator[Finding]:
    note = TileFolder(folder).checkpoint()
    if note is None:
        if folder.exists():
            text = f"{folder}: the published checkpoint is missing"
            yield finding(FindingKind.TILE_MISSING, text, shard)
        return
    try:
        size, root = _genuine(note, trust, shard)
    except NoteError as problem:
        text = f"{folder}: the published checkpoint is not genuine: {problem}"
        yield finding(FindingKind.TILE_ALTERED, text, shard)
        return
    for what in tiles.check(size, root, tiles.from_folder(folder)):
        missing = what.endswith("is missing")
        kind = FindingKind.TILE_MISSING if missing else FindingKind.TILE_ALTERED
        yield finding(kind, f"{folder}: {what}", shard)


def _genuine(note: str, trust: Trust, shard: int) -> tuple[int, bytes]:
    if shard == NOWHERE:
        size = parse_rounds_checkpoint(note).size
        origin = rounds_origin(trust.installation_id)
        found = verify_rounds_checkpoint(note, trust.rounds_key(size), origin)
        return found.size, found.root
    size = parse_checkpoint(note).size
    origin = origin_of(trust.installation_id, shard)
    checkpoint = verify_checkpoint(note, trust.key_of(shard, size), origin)
    return checkpoint.size, checkpoint.root
