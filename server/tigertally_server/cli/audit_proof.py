"""An entry's proof out of the stored log, for `audit prove` and `audit report`."""

from __future__ import annotations

from collections.abc import Iterator

from tigertally_drivers.postgres.settings import AUDITOR
from tigertally_server.audit.leaf import EncodingError
from tigertally_server.audit.merkle import subtree_of
from tigertally_server.audit.prove import Proof, ProofError, encode_proof, prove
from tigertally_server.cli import audit_log
from tigertally_server.cli.house import House
from tigertally_server.cli.output import CommandError
from tigertally_server.store import reading
from tigertally_server.store.reading import LogReader


def make_proof(house: House, place: audit_log.Place) -> tuple[Proof, bytes]:
    """The proof of an entry, live or archived, and its document. Raises CommandError."""
    installation = house.environment.installation
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

        try:
            proof = prove(entry, note, subtree_of(leaves), installation.checkpoint_public_key)
        except (ProofError, EncodingError) as problem:
            raise CommandError(f"entry {place} can't be proven: {problem}") from None
    return proof, encode_proof(proof)
