"""A proof that one entry stands in the log: a document that needs nothing but itself to be checked.

It holds the entry's canonical bytes, the path of hashes to the root, the signed checkpoint with
that root, and the public key. ``tigertally_client.proof`` checks it without any code of the
server; this module is tested against that one. The readable fields are there for people; the
verifier compares them with the bytes, so they can't say anything else.

Invariant: a proof that was handed out verifies; what doesn't fit raises :class:`ProofError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from tigertally_server.audit import merkle
from tigertally_server.audit.checkpoint import parse_checkpoint, verify_checkpoint
from tigertally_server.audit.leaf import encode_entry, leaf_hash_of
from tigertally_server.audit.note import NoteError, VerifierKey
from tigertally_server.domain.entry import Entry

FORMAT: Final = "tigertally-proof-1"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class ProofError(ValueError):
    """The entry can't be proven: it, its leaves or the checkpoint don't fit one another."""


class ProofFields(msgspec.Struct, frozen=True):
    """The entry's public fields, readable. ``business_day`` ISO 8601; ``at`` ISO 8601 UTC, ms."""

    version: int
    shard: int
    seq: int
    business_day: str
    channel_id: int
    serial: int
    phase: int
    transaction: int
    result: int
    at: str
    reference: str
    user_id: int
    token_id: int
    previous_shard: int
    previous_seq: int
    digest: str


class Proof(msgspec.Struct, frozen=True):
    """The document. Hashes and bytes are lower-case hex; ``path`` goes from the leaf upwards."""

    format: str
    fields: ProofFields
    entry: str
    leaf_index: int
    tree_size: int
    path: list[str]
    checkpoint: str
    public_key: str


def _moment(at_ms: int) -> str:
    try:
        moment = _EPOCH + timedelta(milliseconds=at_ms)
    except OverflowError:
        return f"{at_ms} ms"
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def readable_fields(entry: Entry) -> ProofFields:
    """Return the entry's public fields for people to read."""
    return ProofFields(
        version=entry.version,
        shard=entry.shard,
        seq=entry.seq,
        business_day=(_EPOCH + timedelta(days=entry.business_day)).date().isoformat(),
        channel_id=entry.channel_id,
        serial=entry.serial,
        phase=entry.phase,
        transaction=entry.transaction,
        result=entry.result,
        at=_moment(entry.at_ms),
        reference=entry.reference,
        user_id=entry.user_id,
        token_id=entry.token_id,
        previous_shard=entry.previous_shard,
        previous_seq=entry.previous_seq,
        digest=entry.digest.hex(),
    )


def build_proof(entry: Entry, note: str, path: Sequence[bytes], public_key: bytes) -> Proof:
    """Return the proof of ``entry`` under the checkpoint ``note``, after checking it.

    Args:
        entry: the row as stored.
        note: a checkpoint of its shard that covers it, best the smallest
            (``checkpoint.smallest_covering``).
        path: ``merkle.inclusion_proof`` of ``entry.seq`` at the checkpoint's size.
        public_key: the checkpoint key, 32 bytes.

    Raises:
        ProofError: the checkpoint is not genuine or of another shard, or the entry isn't under it.
        EncodingError: the entry has values no entry can have: the row was altered.
    """
    canonical = encode_entry(entry)
    try:
        origin = parse_checkpoint(note).origin
        checkpoint = verify_checkpoint(note, public_key, origin)
    except NoteError as error:
        raise ProofError(f"the checkpoint is not genuine: {error}") from None
    if origin.rpartition("/")[2] != str(entry.shard):
        raise ProofError("the checkpoint is of another shard than the entry")
    leaf = leaf_hash_of(canonical)
    if not merkle.verify_inclusion(leaf, entry.seq, checkpoint.size, path, checkpoint.root):
        raise ProofError(
            f"entry {entry.seq} of shard {entry.shard} is not what the checkpoint of size "
            f"{checkpoint.size} committed to: run the verification of the whole log"
        )
    return Proof(
        format=FORMAT,
        fields=readable_fields(entry),
        entry=canonical.hex(),
        leaf_index=entry.seq,
        tree_size=checkpoint.size,
        path=[node.hex() for node in path],
        checkpoint=note,
        public_key=VerifierKey(origin, public_key).text(),
    )


def prove(entry: Entry, note: str, subtree: merkle.Subtree, public_key: bytes) -> Proof:
    """Return the proof of ``entry``, its path computed from the shard's stored leaves.

    Reads all leaves below the checkpoint's size once (``merkle.subtree_of``): about 1 s per
    million. Raises as :func:`build_proof`, and ProofError when the checkpoint doesn't cover it.
    """
    try:
        size = parse_checkpoint(note).size
        path = merkle.inclusion_proof(subtree, entry.seq, size)
    except (NoteError, merkle.MerkleError) as error:
        raise ProofError(str(error)) from None
    return build_proof(entry, note, path, public_key)


def encode_proof(proof: Proof) -> bytes:
    """Return the document as indented JSON, UTF-8."""
    return msgspec.json.format(msgspec.json.encode(proof), indent=2) + b"\n"
