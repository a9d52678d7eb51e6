"""An entry's canonical bytes, and the leaf hash the Merkle log commits to.

The encoding is versioned and total: every field of the entry is in it, each at a fixed place or
behind its length, so that two different entries never share their bytes. It commits to ciphertext
(``outcome``, ``personal``), so that erasing a customer's key leaves every leaf valid.

Knows nothing of storage, keys or the tree. This is the hot path of every recorded transaction:
about 2 µs for the encoding and its hash.

Version 1, big-endian::

    magic "TTE", version u8
    shard u16, seq i64, business_day u16, channel_id u32, serial i64, phase u8, transaction u16,
    result u32, at_ms i64, user_id i64, token_id i64, previous_shard i16, previous_seq i64
    outcome_key_id u32, personal_key_id u32
    four times (length u16, bytes): reference as UTF-8, digest, outcome, personal
"""

from __future__ import annotations

import hashlib
import struct
from typing import Final

from tigertally_server.domain.entry import ENTRY_VERSION, Entry

LEAF_PREFIX: Final = b"\x00"
"""RFC 9162 §2.1.1: sets leaves apart from inner nodes."""

HASH_SIZE: Final = 32
MAGIC: Final = b"TTE"

_FIXED: Final = struct.Struct(">3sBHqHIqBHIqqqhqII")
_NUMBERS: Final = (
    "shard", "seq", "business_day", "channel_id", "serial", "phase", "transaction", "result",
    "at_ms", "user_id", "token_id", "previous_shard", "previous_seq",
)  # fmt: skip
_LENGTH: Final = struct.Struct(">H")
_LIMIT: Final = 0xFFFF
_LENGTHS: Final = tuple(_LENGTH.pack(n) for n in range(1024))
"""Packed lengths: nearly every part is short, and indexing is cheaper than packing."""

_sha256 = hashlib.sha256
_pack = _FIXED.pack


class EncodingError(ValueError):
    """An entry that has no canonical encoding, or bytes that are none. Carries no contents."""


def _length(part: bytes) -> bytes:
    n = len(part)
    if n < 1024:
        return _LENGTHS[n]
    if n > _LIMIT:
        raise EncodingError(f"a part of {n} bytes is longer than {_LIMIT}")
    return _LENGTH.pack(n)


def _fixed(entry: Entry) -> bytes:
    if entry.version != ENTRY_VERSION:
        raise EncodingError(f"entry version {entry.version} is not known")
    try:
        return _pack(
            MAGIC,
            entry.version,
            entry.shard,
            entry.seq,
            entry.business_day,
            entry.channel_id,
            entry.serial,
            entry.phase,
            entry.transaction,
            entry.result,
            entry.at_ms,
            entry.user_id,
            entry.token_id,
            entry.previous_shard,
            entry.previous_seq,
            entry.outcome_key_id,
            entry.personal_key_id,
        )
    except struct.error as error:
        raise EncodingError(f"a number of the entry is out of range: {error}") from None


def _reference(entry: Entry) -> bytes:
    try:
        return entry.reference.encode()
    except UnicodeEncodeError:
        raise EncodingError("the entry's reference is not encodable as UTF-8") from None


def encode_entry(entry: Entry) -> bytes:
    """Return the entry's canonical bytes.

    Raises:
        EncodingError: a number out of its range, a part over 65535 bytes, an unknown version.
    """
    reference = _reference(entry)
    digest, outcome, personal = entry.digest, entry.outcome, entry.personal
    try:
        lengths = (
            _LENGTHS[len(reference)],
            _LENGTHS[len(digest)],
            _LENGTHS[len(outcome)],
            _LENGTHS[len(personal)],
        )
    except IndexError:
        lengths = (_length(reference), _length(digest), _length(outcome), _length(personal))
    a, b, c, d = lengths
    return b"".join((_fixed(entry), a, reference, b, digest, c, outcome, d, personal))


def decode_entry(data: bytes) -> Entry:
    """Read canonical bytes back; the exact inverse of :func:`encode_entry`.

    Raises:
        EncodingError: not the canonical bytes of an entry (cut, too long, wrong magic or version).
    """
    if len(data) < _FIXED.size:
        raise EncodingError("cut inside the fixed part")
    magic, version, *numbers, outcome_key_id, personal_key_id = _FIXED.unpack_from(data)
    if magic != MAGIC:
        raise EncodingError("does not begin with the entry's magic")
    if version != ENTRY_VERSION:
        raise EncodingError(f"entry version {version} is not known")
    parts = []
    at = _FIXED.size
    for name in ("reference", "digest", "outcome", "personal"):
        start = at + _LENGTH.size
        if start > len(data):
            raise EncodingError(f"cut before the {name}")
        at = start + _LENGTH.unpack_from(data, start - _LENGTH.size)[0]
        if at > len(data):
            raise EncodingError(f"cut inside the {name}")
        parts.append(bytes(data[start:at]))
    if at != len(data):
        raise EncodingError("bytes after the end")
    reference, digest, outcome, personal = parts
    try:
        text = reference.decode()
    except UnicodeDecodeError:
        raise EncodingError("the reference is not UTF-8") from None
    return Entry(
        **dict(zip(_NUMBERS, numbers, strict=True)),
        reference=text,
        digest=digest,
        outcome_key_id=outcome_key_id,
        outcome=outcome,
        personal_key_id=personal_key_id,
        personal=personal,
        version=version,
    )


def leaf_hash_of(canonical: bytes) -> bytes:
    """Return the leaf hash of canonical bytes: SHA-256(0x00 ‖ bytes), 32 bytes (RFC 9162)."""
    return _sha256(LEAF_PREFIX + canonical).digest()


def leaf_hash(entry: Entry) -> bytes:
    """Return the entry's leaf hash, 32 bytes. Raises EncodingError as :func:`encode_entry`."""
    return _sha256(LEAF_PREFIX + encode_entry(entry)).digest()


def sealed_leaf_hash(whose: bytes, outcome: bytes, personal: bytes) -> bytes:
    """Return the leaf hash of an entry whose `identity` is at hand: that is how its canonical bytes
    begin. Raises EncodingError.
    """
    parts = (LEAF_PREFIX, whose, _length(outcome), outcome, _length(personal), personal)
    return _sha256(b"".join(parts)).digest()


def identity(entry: Entry) -> bytes:
    """Return the bytes that say which entry this is and what it recorded: all but the ciphertexts.

    Use it as associated data when the outcome is sealed: then an altered row whose leaf was
    computed anew is still found, by opening its outcome (``audit.verify``).

    Raises:
        EncodingError: as :func:`encode_entry`.
    """
    reference = _reference(entry)
    return b"".join(
        (_fixed(entry), _length(reference), reference, _length(entry.digest), entry.digest)
    )
