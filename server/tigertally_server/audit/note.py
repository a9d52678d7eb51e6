"""C2SP signed notes: a text, and the Ed25519 signatures under it.

Format: https://c2sp.org/signed-note. A note is its text (lines, each ended by a newline), an empty
line, then one or more lines ``— <key name> <base64(key id ‖ signature)>``. The key id is the first
four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key). Signatures of unknown keys (a witness, a
new key) are passed over; one of the known key that doesn't verify condemns the note.

Knows keys and texts, not what a text means (``audit.checkpoint``). Reading is strict: base64 is
accepted in its canonical form only, so that no note has two spellings.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE_MARK: Final = "— "
ED25519: Final = b"\x01"
MAX_SIGNATURES: Final = 64
PUBLIC_KEY_SIZE: Final = 32
SEED_SIZE: Final = 32


class NoteError(ValueError):
    """A text that is no signed note, or a note that the expected key didn't sign."""


class SignatureError(NoteError):
    """A well-formed note without a good signature of the expected key."""


class VerifierKey(msgspec.Struct, frozen=True):
    """A public key with the name it signs under; its text form is signed-note's verifier key."""

    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that name this key in a signature line."""
        material = self.name.encode() + b"\n" + ED25519 + self.public_key
        return hashlib.sha256(material).digest()[:4]

    def text(self) -> str:
        """Return ``<name>+<key id in hex>+<base64(0x01 ‖ public key)>``."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(ED25519 + self.public_key)}"


class NoteSigner:
    """An Ed25519 private key. ``repr`` shows no key."""

    __slots__ = ("_key", "public_key")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_SIZE:
            raise NoteError(f"an Ed25519 private key has {SEED_SIZE} bytes")
        self._key: Final = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key: Final = self._key.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return "NoteSigner(«secret»)"

    def verifier(self, name: str) -> VerifierKey:
        """Return the public half under a key name."""
        return VerifierKey(name, self.public_key)

    def sign(self, name: str, text: str) -> str:
        """Return the signed note of ``text`` under the key name. About 50 µs."""
        _check_text(text)
        check_key_name(name)
        signature = self._key.sign(text.encode())
        line = encode_base64(self.verifier(name).key_id + signature)
        return f"{text}\n{SIGNATURE_MARK}{name} {line}\n"


def encode_base64(data: bytes) -> str:
    """Return standard base64 with padding (RFC 4648 §4)."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Read canonical base64. Raises NoteError for any other spelling of the same bytes."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise NoteError("not base64") from None
    if encode_base64(data) != text:
        raise NoteError("not canonical base64")
    return data


def check_key_name(name: str) -> None:
    """Raise NoteError unless ``name`` may stand in a signature line."""
    if not name or "+" in name or any(c.isspace() or c < " " for c in name):
        raise NoteError("a key name is not empty and has no space, plus or control character")


def _check_text(text: str) -> None:
    if not text.endswith("\n") or len(text) < 2:
        raise NoteError("a note's text ends with a newline")
    if any(c < " " and c != "\n" for c in text):
        raise NoteError("a note has no control characters")


def split_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return a note's text and its (key name, key id ‖ signature) pairs, unverified.

    Raises:
        NoteError: not the form of a signed note.
    """
    head, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise NoteError("no signature lines")
    text = head + "\n"
    _check_text(text)
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(f"more than {MAX_SIGNATURES} signatures")
    signatures = []
    for line in lines:
        name, space, encoded = line.removeprefix(SIGNATURE_MARK).partition(" ")
        if not line.startswith(SIGNATURE_MARK) or not space:
            raise NoteError("a signature line is malformed")
        check_key_name(name)
        signature = decode_base64(encoded)
        if len(signature) < 5:
            raise NoteError("a signature line is malformed")
        signatures.append((name, signature))
    return text, signatures


def open_note(note: str, key: VerifierKey) -> str:
    """Return the note's text after its signature by ``key`` was verified. About 120 µs.

    Raises:
        SignatureError: not signed by that key, or its signature is bad.
        NoteError: not the form of a signed note.
    """
    text, signatures = split_note(note)
    key_id = key.key_id
    found = False
    for name, signature in signatures:
        if name != key.name or signature[:4] != key_id:
            continue
        found = True
        try:
            Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature[4:], text.encode())
        except (InvalidSignature, ValueError):
            raise SignatureError("the signature doesn't fit the text") from None
    if not found:
        raise SignatureError("not signed by the expected key")
    return text
