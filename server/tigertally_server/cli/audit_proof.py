"""An entry's proof out of the stored log, for `audit prove` and `audit report`."""

from __future__ import annotations

from collections.abc import Iterator

from tigertally_drivers.postgres.settings import AUDITOR
from tigertally_server.audit.checkpoint import parse_checkpoint
from tigertally_server.audit.leaf import EncodingError
from tigertally_server.audit.merkle import subtree_of
from tigertally_server.audit.note import NoteError
from tigertally_server.audit.prove import Proof, ProofError, encode_proof, prove
from tigertally_server.audit.tile_folder import TileFolder
from tigertally_server.audit.tiles import TileError, subtree_of_tiles
from tigertally_server.cli import audit_log
from tigertally_server.cli.audit_evidence import trust_of
from tigertally_server.cli.house import House
from tigertally_server.cli.output import CommandError
from tigertally_server.domain.entry import Entry
from tigertally_server.store import reading
from tigertally_server.store.reading import LogReader


def make_proof(house: House, place: audit_log.Place) -> tuple[Proof, bytes]:
    """The proof of an entry, live or archived, and its document. Raises CommandError."""
    with house.reading(AUDITOR) as conn:
        reading.snapshot(conn)
        entry = audit_log.entry_anywhere(house, conn, place)
        note = reading.covering_note(conn, place.shard, place.seq)
        if note is None:
            raise CommandError(
                f"no signed checkpoint covers entry {place} yet; a running server signs one each "
                "second: try again in a moment"
            )
        reader = LogReader(conn, reading.business_days(conn))

        def leaves(start: int, stop: int) -> Iterator[bytes]:
            return reader.leaves(place.shard, start, stop)

        key = trust_of(house, conn)[0].key_of(place.shard, parse_checkpoint(note).size)
        try:
            proof = _out_of_tiles(house, entry, note, key)
            if proof is None:
                proof = prove(entry, note, subtree_of(leaves), key)
        except (ProofError, EncodingError, NoteError) as problem:
            raise CommandError(f"entry {place} can't be proven: {problem}") from None
    return proof, encode_proof(proof)


def _out_of_tiles(house: House, entry: Entry, note: str, key: bytes) -> Proof | None:
    """Out of the published tiles: milliseconds, whatever the size. None where they don't reach so
    far, or don't give the signed root: the rows are asked then.
    """
    folder = TileFolder(house.config.log_dir / str(entry.shard))
    try:
        published = folder.checkpoint()
        size = 0 if published is None else parse_checkpoint(published).size
        if size < parse_checkpoint(note).size:
            return None
        return prove(entry, note, subtree_of_tiles(size, folder.read), key)
    except (TileError, ProofError, NoteError, OSError):
        return None
