"""Signed notes, checkpoints and witnesses' cosignatures, for whoever verifies a log without any of
the server's code (https://c2sp.org/signed-note, /tlog-checkpoint, /tlog-cosignature).

Strict: base64 in one spelling, a signature of a known key that is bad condemns the note, lines of
unknown keys are passed over. Ed25519 (type 1), Ed25519 cosignatures (type 4), SM2 with SM3 (type
255 ‖ ``sm2-with-sm3``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tigertally_client.verification import sm2

MARK: Final = "— "
ED25519: Final = b"\x01"
COSIGNATURE: Final = b"\x04"
SM2: Final = b"\xffsm2-with-sm3"
MAX_LINES: Final = 64
_SIZES: Final = {ED25519: 32, COSIGNATURE: 32, SM2: 65}
_NUMBER: Final = re.compile(r"0|[1-9]\d{0,18}", re.ASCII)


class NotGenuine(ValueError):
    """What is wrong with a note, key or signature, in a sentence."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key that signs under a name; ``kind`` is its type's bytes."""

    name: str
    kind: bytes
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """What stands in front of its signatures: 4 bytes."""
        material = self.name.encode() + b"\n" + self.kind + self.public_key
        return hashlib.sha256(material).digest()[:4]

    def text(self) -> str:
        """Return ``<name>+<id>+<base64 of type and key>``."""
        encoded = base64.b64encode(self.kind + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def under(self, name: str) -> Key:
        """Return the same key under another name."""
        return Key(name, self.kind, self.public_key)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    value: bytes
    line: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The first three lines of a checkpoint, and its whole text."""

    origin: str
    size: int
    root: bytes
    text: str


def decode_base64(text: str) -> bytes:
    """Read canonical base64. Raises NotGenuine."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise NotGenuine("not base64") from None
    if base64.b64encode(data).decode() != text:
        raise NotGenuine("base64 in another spelling")
    return data


def parse_key(text: str) -> Key:
    """Read a verifier key. Raises NotGenuine."""
    name, _, rest = text.strip().partition("+")
    material = decode_base64(rest.partition("+")[2])
    for kind, size in _SIZES.items():
        key = Key(name, kind, material.removeprefix(kind))
        if material.startswith(kind) and len(key.public_key) == size and key.text() == text.strip():
            return key
    raise NotGenuine("not a verifier key of a known type, or its id is wrong")


def split(note: str) -> tuple[str, list[Signature]]:
    """Return a note's text and signature lines, unverified. Raises NotGenuine."""
    head, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n") or any(c < " " and c != "\n" for c in note):
        raise NotGenuine("not a signed note")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_LINES:
        raise NotGenuine("too many signatures")
    return head + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(MARK).partition(" ")
    if not line.startswith(MARK) or not space or not name:
        raise NotGenuine("a signature line is malformed")
    value = decode_base64(encoded)
    if len(value) < 5:
        raise NotGenuine("a signature line is malformed")
    return Signature(name, value[:4], value[4:], line)


def verify(note: str, keys: Sequence[Key]) -> list[tuple[Key, Signature]]:
    """Return each of these keys that signed the note. Raises NotGenuine for none, or a bad one."""
    text, signatures = split(note)
    found = []
    for signature in signatures:
        for key in keys:
            if (key.name, key.key_id) == (signature.name, signature.key_id):
                _check(key, text, signature.value)
                found.append((key, signature))
    if not found:
        raise NotGenuine("not signed by a trusted key")
    return found


def _check(key: Key, text: str, value: bytes) -> None:
    data = text.encode()
    if key.kind == SM2:
        good = sm2.verify(key.public_key, data, value)
    else:
        if key.kind == COSIGNATURE:
            data, value = cosigned(text, cosigned_at(value)), value[8:]
        good = _ed25519(key.public_key, data, value)
    if not good:
        raise NotGenuine(f"the signature of {key.name} doesn't fit the text")


def _ed25519(public_key: bytes, data: bytes, value: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(value, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def cosigned(text: str, seconds: int) -> bytes:
    """Return the bytes that a witness signs (cosignature/v1)."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def cosigned_at(value: bytes) -> int:
    """Return a cosignature's time, seconds since 1970-01-01 UTC."""
    return int.from_bytes(value[:8])


def cosign(private: Ed25519PrivateKey, key: Key, text: str, seconds: int) -> str:
    """Return a witness's signature line, newline included."""
    value = private.sign(cosigned(text, seconds))
    encoded = base64.b64encode(key.key_id + seconds.to_bytes(8) + value).decode()
    return f"{MARK}{key.name} {encoded}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's text, whoever's. Raises NotGenuine."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]) or not _NUMBER.fullmatch(lines[1]):
        raise NotGenuine("the note's text is no checkpoint")
    root = decode_base64(lines[2])
    if len(root) != 32:
        raise NotGenuine("a checkpoint's root has 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root, text)


def checkpoint_of(note: str) -> Checkpoint:
    """Read a note's checkpoint, unverified. Raises NotGenuine."""
    return parse_checkpoint(split(note)[0])
