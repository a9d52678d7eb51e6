"""A text as the octets of one or more short messages.

GSM 7 bit default alphabet with its extension table (3GPP TS 23.038 §6.2.1), one septet an octet as
SMPP carries it, when every character is in it; otherwise UCS-2 as everybody sends it, UTF-16
big-endian. Long texts are cut into parts with a concatenation header (3GPP TS 23.040 §9.2.3.24.1),
never inside an escape pair or a surrogate pair.
"""

from __future__ import annotations

import enum
from typing import Final

import msgspec

_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = {
    "\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F,
    "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65,
}  # fmt: skip
_ESCAPE: Final = 0x1B
_SEPTETS: Final[dict[str, bytes]] = {
    character: bytes((code,)) for code, character in enumerate(_BASIC) if code != _ESCAPE
} | {character: bytes((_ESCAPE, code)) for character, code in _EXTENDED.items()}
_CHARACTERS: Final = {octets: character for character, octets in _SEPTETS.items()}


class Coding(enum.IntEnum):
    """`data_coding`, §5.2.19."""

    GSM = 0x00
    UCS2 = 0x08


SINGLE: Final = {Coding.GSM: 160, Coding.UCS2: 140}
"""Most octets of a message that is not cut: septets of GSM, octets of UCS-2."""
PART: Final = {Coding.GSM: 153, Coding.UCS2: 134}
"""Most octets of a part, beside its header of six."""
PARTS_MAX: Final = 255


class Encoded(msgspec.Struct, frozen=True, gc=False):
    """A text's coding and its characters' octets, one element a character."""

    coding: Coding
    characters: tuple[bytes, ...]

    def __repr__(self) -> str:
        return f"<Encoded {self.coding.name}>"

    @property
    def octets(self) -> bytes:
        return b"".join(self.characters)


def encode_text(text: str) -> Encoded:
    """Raises UnicodeEncodeError for half a surrogate pair."""
    try:
        return Encoded(Coding.GSM, tuple(_SEPTETS[character] for character in text))
    except KeyError:
        return Encoded(Coding.UCS2, tuple(character.encode("utf-16-be") for character in text))


def decode_text(coding: int, octets: bytes) -> str:
    """The other way, for receipts and for the simulator. What can't be read becomes U+FFFD."""
    if coding == Coding.UCS2:
        return octets.decode("utf-16-be", "replace")
    found: list[str] = []
    at = 0
    while at < len(octets):
        size = 2 if octets[at] == _ESCAPE else 1
        found.append(_CHARACTERS.get(octets[at : at + size], "�"))
        at += size
    return "".join(found)


def cut(encoded: Encoded) -> tuple[bytes, ...]:
    """The octets of each message: one when all fit, else parts without their headers."""
    if len(encoded.octets) <= SINGLE[encoded.coding]:
        return (encoded.octets,)
    most = PART[encoded.coding]
    parts: list[bytearray] = [bytearray()]
    for character in encoded.characters:
        if len(parts[-1]) + len(character) > most:
            parts.append(bytearray())
        parts[-1] += character
    return tuple(bytes(part) for part in parts)


def concatenation_header(reference: int, total: int, number: int) -> bytes:
    """Part `number`, from 1, of `total`; `reference` modulo 256 is the same in all of them."""
    return bytes((5, 0, 3, reference & 0xFF, total, number))
