"""C2SP signed notes: a text, and the signatures under it.

Format: https://c2sp.org/signed-note. A note is its text (lines, each ended by a newline), an empty
line, then one or more lines ``— <key name> <base64(key id ‖ signature)>``. The key id is the first
four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key). Signatures of unknown keys (a witness, a
new key) are passed over; one of the known key that doesn't verify condemns the note.

Two algorithms sign, told apart by the size of the public key: Ed25519 (32 bytes; type 0x01, every
foreign tool) and SM2 with SM3 (65 bytes, 04 ‖ x ‖ y; type 0xFF ‖ ``sm2-with-sm3``, as the format
wants it for what has no number of its own; identity 1234567812345678, signature r ‖ s).

Knows keys and texts, not what a text means (``audit.checkpoint``). Reading is strict: base64 is
accepted in its canonical form only, so that no note has two spellings.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final, Protocol

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tigertally_drivers.errors import DriverError
from tigertally_drivers.gm.opening import open_sm2
from tigertally_drivers.gm.port import POINT_BYTES, Sm2PublicKey

SIGNATURE_MARK: Final = "— "
MAX_SIGNATURES: Final = 64
PUBLIC_KEY_SIZE: Final = 32
SEED_SIZE: Final = 32


class NoteError(ValueError):
    """A text that is no signed note, or a note that the expected key didn't sign."""


class SignatureError(NoteError):
    """A well-formed note without a good signature of the expected key."""


class Algorithm(StrEnum):
    """What signs a note. The values stand in configuration and database: they are for ever."""

    ED25519 = "ed25519"
    SM2 = "sm2"


_TYPES: Final[Mapping[Algorithm, bytes]] = {
    Algorithm.ED25519: b"\x01",
    Algorithm.SM2: b"\xffsm2-with-sm3",
}
_SIZES: Final = {PUBLIC_KEY_SIZE: Algorithm.ED25519, POINT_BYTES: Algorithm.SM2}


def algorithm_of(public_key: bytes) -> Algorithm:
    """Return whose public key this is, by its size. Raises NoteError."""
    try:
        return _SIZES[len(public_key)]
    except KeyError:
        raise NoteError("neither an Ed25519 nor an SM2 public key") from None


class VerifierKey(msgspec.Struct, frozen=True):
    """A public key with the name it signs under; its text form is signed-note's verifier key."""

    name: str
    public_key: bytes

    @property
    def material(self) -> bytes:
        """Type ‖ public key."""
        return _TYPES[algorithm_of(self.public_key)] + self.public_key

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that name this key in a signature line."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.material).digest()[:4]

    def text(self) -> str:
        """Return ``<name>+<key id in hex>+<base64(type ‖ public key)>``."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(self.material)}"


def parse_verifier_key(text: str) -> VerifierKey:
    """Read a verifier key. Raises NoteError for any but its one spelling."""
    name, plus, rest = text.partition("+")
    _, second, encoded = rest.partition("+")
    if not plus or not second:
        raise NoteError("a verifier key is NAME+ID+KEY")
    check_key_name(name)
    material = decode_base64(encoded)
    for prefix in _TYPES.values():
        key = VerifierKey(name, material.removeprefix(prefix))
        if material.startswith(prefix) and len(key.public_key) in _SIZES and key.text() == text:
            return key
    raise NoteError("not an Ed25519 or SM2 verifier key, or its id is wrong")


class SigningKey(Protocol):
    """A private key, wherever it lies. ``sign`` raises drivers' DriverError where it can't be
    reached.
    """

    @property
    def public_key(self) -> bytes:
        """Ed25519: 32 bytes; SM2: 04 ‖ x ‖ y."""
        ...

    def sign(self, data: bytes) -> bytes:
        """64 bytes."""
        ...


class Ed25519Key:
    """A private key in memory. ``repr`` shows no key."""

    __slots__ = ("_key", "public_key")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_SIZE:
            raise NoteError(f"an Ed25519 private key has {SEED_SIZE} bytes")
        self._key: Final = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key: Final = self._key.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return "Ed25519Key(«secret»)"

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data)


class NoteSigner:
    """Signs notes with one key. ``repr`` shows no key."""

    __slots__ = ("_key", "public_key")

    def __init__(self, key: bytes | SigningKey) -> None:
        self._key: Final[SigningKey] = Ed25519Key(key) if isinstance(key, bytes) else key
        self.public_key: Final = self._key.public_key

    def __repr__(self) -> str:
        return "NoteSigner(«secret»)"

    def verifier(self, name: str) -> VerifierKey:
        """Return the public half under a key name."""
        return VerifierKey(name, self.public_key)

    def sign(self, name: str, text: str) -> str:
        """Return the signed note of ``text`` under the key name. About 50 µs (SM2: 0.5 ms)."""
        _check_text(text)
        check_key_name(name)
        return f"{text}\n{self.signature_line(name, text)}"

    def signature_line(self, name: str, text: str) -> str:
        """Return the one signature line, newline included."""
        signature = self._key.sign(text.encode())
        line = encode_base64(self.verifier(name).key_id + signature)
        return f"{SIGNATURE_MARK}{name} {line}\n"


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
    """Return the note's text after its signature by ``key`` was verified: 120 µs (SM2: 0.5 ms).

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
        if not verifies(key.public_key, text.encode(), signature[4:]):
            raise SignatureError("the signature doesn't fit the text")
    if not found:
        raise SignatureError("not signed by the expected key")
    return text


def verifies(public_key: bytes, data: bytes, signature: bytes) -> bool:
    """Say whether the signature is this key's. Ed25519: RFC 8032; SM2: GB/T 32918.2."""
    return _VERIFIERS[algorithm_of(public_key)](public_key, data, signature)


def _verifies_ed25519(public_key: bytes, data: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=16)
def _sm2_key(public_key: bytes) -> Sm2PublicKey:
    return open_sm2().sm2.public_key(public_key)


def _verifies_sm2(public_key: bytes, data: bytes, signature: bytes) -> bool:
    try:
        return _sm2_key(public_key).verify(data, signature)
    except DriverError:
        return False


_VERIFIERS: Final[Mapping[Algorithm, Callable[[bytes, bytes, bytes], bool]]] = {
    Algorithm.ED25519: _verifies_ed25519,
    Algorithm.SM2: _verifies_sm2,
}
