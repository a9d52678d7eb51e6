"""A key on its way between two parties: key blocks of ANSI X9.143 (TR-31), versions B and D, under
a transport key both have; what the key may be used for is bound to it.

    header (16 characters) ‖ optional blocks ‖ enciphered key, hexadecimal ‖ MAC, hexadecimal

Version D is under AES, B under triple DES. Under SM4, which the standard has no version for, the
same construction is version `1`; SM4 keys, HMAC-SM3 keys and pairs have algorithms of our own, too:
the standard leaves digits to its users.

The MAC (CMAC) covers header and clear key and is the enciphering's IV; both keys are derived from
the transport key, so that it can do nothing else. A block is refused whole, and nothing says why.
Uses that are narrower than ours (generate only, verify only …) are refused: taking such a key would
widen its use.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, modes
from cryptography.hazmat.primitives.cmac import CMAC

from tigertally_engines.crypto.ciphers import KEY_ALGORITHMS, block_cipher

LONGEST_BLOCK: Final = 512
FRESH_BYTES: Final = 16
"""Enough to fill any key up to whole blocks."""
_HEADER: Final = 16
_HASHED: Final = {"hmac-sha256": "21", "hmac-sm3": "99"}


class BlockDoesNotOpen(Exception):
    """Not made under this transport key, changed since, or for a use that there isn't here."""


@dataclass(frozen=True, slots=True)
class _Version:
    """A transport key's algorithm: version letter, its number and bits in the derivation."""

    letter: str
    number: int
    bits: int


_VERSIONS: Final = {
    "3des-112": _Version("B", 0x0000, 128),
    "3des-168": _Version("B", 0x0001, 192),
    "aes-128": _Version("D", 0x0002, 128),
    "aes-192": _Version("D", 0x0003, 192),
    "aes-256": _Version("D", 0x0004, 256),
    "sm4": _Version("1", 0x8001, 128),
}
TRANSPORT_ALGORITHMS: Final = tuple(_VERSIONS)

_ALGORITHMS: Final = {
    ("D", 8): "des",
    ("T", 16): "3des-112",
    ("T", 24): "3des-168",
    ("A", 16): "aes-128",
    ("A", 24): "aes-192",
    ("A", 32): "aes-256",
    ("4", 16): "sm4",
    ("2", 32): "aes-128-pair",
    ("3", 32): "sm4-pair",
}
_LETTERS: Final = {name: letter for (letter, _), name in _ALGORITHMS.items()}

_USES: Final = {
    "mac": (("M6", "M1", "M3", "M5", "M7"), "CN"),
    "field": (("D0",), "BN"),
    "pin-block": (("P0",), "BN"),
    "pin-pvv": (("V2",), "CVN"),
    "pin-offset": (("V1",), "CVN"),
    "pin-verifier": (("V0",), "CVN"),
    "transport": (("K1", "K0"), "BN"),
}
"""Purpose: (usages of the standard, the first for what goes out; modes of use, likewise)."""
PURPOSES: Final = tuple(_USES)


@dataclass(frozen=True, slots=True)
class CarriedKey:
    """What a block holds. Shows no key byte."""

    purpose: str
    algorithm: str
    key: bytes
    exportable: bool

    def __repr__(self) -> str:
        return f"CarriedKey({self.purpose}, {self.algorithm})"


def enclose(transport_algorithm: str, transport: bytes, carried: CarriedKey, fresh: bytes) -> str:
    """`fresh`: 16 unpredictable bytes."""
    version = _VERSIONS[transport_algorithm]
    cipher, keyed = _derived(transport_algorithm, transport)
    block = cipher.block_size // 8
    optional = _optional(carried.algorithm, block)
    payload = (8 * len(carried.key)).to_bytes(2) + carried.key
    payload += fresh[: -len(payload) % block]
    total = _HEADER + len(optional) + 2 * (len(payload) + block)
    count = len(optional) and 1 + (len(optional) > _HASH_BLOCK)
    head = (
        f"{version.letter}{total:04d}{_usage(carried)}{_letter(carried.algorithm)}"
        f"{_USES[carried.purpose][1][0]}00{'E' if carried.exportable else 'N'}{count:02d}00"
    ) + optional
    mac = _mac(keyed, head.encode() + payload)
    enciphered = Cipher(cipher, modes.CBC(mac)).encryptor().update(payload)
    return head + (enciphered + mac).hex().upper()


def disclose(transport_algorithm: str, transport: bytes, text: str) -> CarriedKey:
    """The inverse. Raises BlockDoesNotOpen."""
    cipher, keyed = _derived(transport_algorithm, transport)
    block = cipher.block_size // 8
    head, body = _split(text, _VERSIONS[transport_algorithm].letter)
    if len(body) < 2 * block or len(body) % block:
        raise BlockDoesNotOpen
    enciphered, mac = body[:-block], body[-block:]
    payload = Cipher(cipher, modes.CBC(mac)).decryptor().update(enciphered)
    if not hmac.compare_digest(_mac(keyed, head.encode() + payload), mac):
        raise BlockDoesNotOpen
    return _carried(head, payload)


def _split(text: str, letter: str) -> tuple[str, bytes]:
    """(header with optional blocks, what follows)."""
    if not (text.isascii() and text[1:5].isdigit()) or text[:1] != letter:
        raise BlockDoesNotOpen
    if not _HEADER <= len(text) <= LONGEST_BLOCK or int(text[1:5]) != len(text):
        raise BlockDoesNotOpen
    end = _HEADER
    try:
        for _ in range(int(text[12:14])):
            size = int(text[end + 2 : end + 4], 16)
            if size < 4:
                raise BlockDoesNotOpen
            end += size
        return text[:end], bytes.fromhex(text[end:])
    except ValueError:
        raise BlockDoesNotOpen from None


def _carried(head: str, payload: bytes) -> CarriedKey:
    """What an authentic block says."""
    bits = int.from_bytes(payload[:2])
    key = payload[2 : 2 + bits // 8]
    usage, letter, mode, exportability = head[5:7], head[7], head[8], head[11]
    purpose = next(
        (name for name, (usages, modes_) in _USES.items() if usage in usages and mode in modes_), ""
    )
    algorithm = _hash_algorithm(head) if letter == "H" else _ALGORITHMS.get((letter, len(key)), "")
    known = KEY_ALGORITHMS.get(algorithm)
    if bits % 8 or 8 * len(key) != bits or not purpose or known is None:
        raise BlockDoesNotOpen
    if len(key) not in known.lengths:
        raise BlockDoesNotOpen
    return CarriedKey(purpose, algorithm, key, exportability == "E")


_HASH_BLOCK: Final = 6
"""Characters of the optional block that names an HMAC key's hash."""


def _optional(algorithm: str, block: int) -> str:
    """The hash of an HMAC key, filled up to whole cipher blocks."""
    if algorithm not in _HASHED:
        return ""
    text = f"HM06{_HASHED[algorithm]}"
    missing = -len(text) % block
    missing += block if missing and missing < 4 else 0
    return text + (f"PB{missing:02X}".ljust(missing, "0") if missing else "")


def _hash_algorithm(head: str) -> str:
    named = {number: name for name, number in _HASHED.items()}
    place = head.find("HM06", _HEADER)
    return named.get(head[place + 4 : place + 6], "") if place >= 0 else ""


def _usage(carried: CarriedKey) -> str:
    usages = _USES[carried.purpose][0]
    if carried.purpose == "mac" and KEY_ALGORITHMS[carried.algorithm].hash_ is not None:
        return "M7"
    if carried.purpose == "mac" and KEY_ALGORITHMS[carried.algorithm].half:
        return "M3"
    return usages[0]


def _letter(algorithm: str) -> str:
    return "H" if algorithm in _HASHED else _LETTERS[algorithm]


def _derived(algorithm: str, transport: bytes) -> tuple[BlockCipherAlgorithm, BlockCipherAlgorithm]:
    """(enciphering key, MAC key): CMAC of a counter under the transport key."""
    version = _VERSIONS[algorithm]
    whole = block_cipher(algorithm, transport)
    made = []
    for use in (0, 1):
        octets = b""
        for counter in range(1, -(-version.bits // (8 * whole.block_bytes)) + 1):
            label = bytes((counter,)) + use.to_bytes(2) + b"\0" + version.number.to_bytes(2)
            octets += _mac(whole.algorithm, label + version.bits.to_bytes(2))
        made.append(block_cipher(algorithm, octets[: version.bits // 8]).algorithm)
    return made[0], made[1]


def _mac(cipher: BlockCipherAlgorithm, data: bytes) -> bytes:
    keyed = CMAC(cipher)
    keyed.update(data)
    return keyed.finalize()
