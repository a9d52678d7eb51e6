"""A witness's word under a checkpoint: https://c2sp.org/tlog-cosignature, version 1 (Ed25519).

The signature line's bytes are key id ‖ u64 POSIX time ‖ 64 bytes, over ``cosignature/v1``, a line
``time <seconds>`` and the checkpoint's whole text. It says: as of then, this was the largest tree I
had seen of this log, and it began with every smaller one.

Knows texts and public keys; the witness itself is a program of its own, without this code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec

from tigertally_server.audit.note import (
    PUBLIC_KEY_SIZE,
    NoteError,
    SignatureError,
    check_key_name,
    decode_base64,
    encode_base64,
    split_note,
    verifies,
)

_TYPE: Final = b"\x04"
_TIME: Final = 8
_SIZE: Final = 4 + _TIME + 64


class WitnessKey(msgspec.Struct, frozen=True):
    """A witness's name and Ed25519 public key."""

    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that name this key in a signature line."""
        material = self.name.encode() + b"\n" + _TYPE + self.public_key
        return hashlib.sha256(material).digest()[:4]

    def text(self) -> str:
        """Return ``<name>+<key id in hex>+<base64(0x04 ‖ public key)>``."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(_TYPE + self.public_key)}"


def parse_witness_key(text: str) -> WitnessKey:
    """Read a witness's verifier key. Raises NoteError."""
    name, _, rest = text.partition("+")
    check_key_name(name)
    material = decode_base64(rest.partition("+")[2])
    key = WitnessKey(name, material[1:])
    if len(material) != 1 + PUBLIC_KEY_SIZE or key.text() != text:
        raise NoteError("not a witness's verifier key (C2SP tlog-cosignature, type 4)")
    return key


def signed_by_witness(text: str, seconds: int) -> bytes:
    """Return the bytes that a witness signs over a checkpoint's text."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def verify_cosignature(note: str, key: WitnessKey) -> int:
    """Return when the witness signed, seconds since 1970-01-01 UTC.

    Raises:
        SignatureError: it didn't, or its signature is bad.
        NoteError: not the form of a signed note.
    """
    text, signatures = split_note(note)
    for name, signature in signatures:
        if name != key.name or signature[:4] != key.key_id:
            continue
        seconds = int.from_bytes(signature[4 : 4 + _TIME])
        data = signed_by_witness(text, seconds)
        if len(signature) != _SIZE or not verifies(key.public_key, data, signature[4 + _TIME :]):
            raise SignatureError("the witness's signature doesn't fit the text")
        return seconds
    raise SignatureError("not signed by the witness")


def cosigned_by(note: str, keys: Iterable[WitnessKey]) -> WitnessKey:
    """Return the first of these witnesses that co-signed the note. Raises SignatureError for none,
    or for a signature that is bad.
    """
    for key in keys:
        if any(name == key.name and raw[:4] == key.key_id for name, raw in split_note(note)[1]):
            verify_cosignature(note, key)
            return key
    raise SignatureError("no trusted witness signed it")


def is_cosigned(note: str) -> bool:
    """Whether a note ends with something of a cosignature's size, genuine or not; what a crash cut
    off in the file of co-signed notes does not, and is nobody's word.
    """
    try:
        return len(split_note(note)[1][-1][1]) == _SIZE
    except NoteError:
        return False
