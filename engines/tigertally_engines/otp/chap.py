"""CHAP (RFC 1994) and MS-CHAPv2 (RFC 2759): what a peer that knows a password would answer.

Pure; knows neither codes nor windows: a caller computes the answer of every candidate code and
compares. Neither protocol is safe on its own (MD5, MD4 and single DES): they serve old access
devices, inside this platform's authenticated channel. OpenSSL 3 has no MD4 any more, so the one
here is our own, for passwords of one block (at most 27 characters).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from struct import Struct
from typing import Final, NamedTuple

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import ECB

CHALLENGE_BYTES: Final = 16
CHAP_RESPONSE_BYTES: Final = 16
NT_RESPONSE_BYTES: Final = 24
LONGEST_PASSWORD: Final = 27  # characters whose UTF-16 form fits into one block of MD4

# RFC 2759 section 8.7
_MAGIC_1: Final = b"Magic server to client signing constant"
_MAGIC_2: Final = b"Pad to make it do more than one iteration"

_WORDS: Final = Struct("<16I").unpack
_FOUR_WORDS: Final = Struct("<4I").pack
_LENGTH: Final = Struct("<Q").pack
_MASK: Final = 0xFFFF_FFFF
_LANE: Final = 64
_START: Final = (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476)
_BITS: Final = 0xFE  # the seven upper bits of an octet of a DES key; the lowest is parity


# RFC 1320 section 3.4: which words each round takes, by what it rotates, and its constant.
_ROUND_1: Final = tuple(zip(range(16), (3, 7, 11, 19) * 4, strict=True))
_ROUND_2: Final = tuple(
    zip((0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), (3, 5, 9, 13) * 4, strict=True)
)
_ROUND_3: Final = tuple(
    zip((0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15) * 4, strict=True)
)
_SQRT_2: Final = 0x5A82_7999
_SQRT_3: Final = 0x6ED9_EBA1


class Exchange(NamedTuple):
    """One MS-CHAPv2 exchange as both sides know it.

    user         the name that the peer hashed, without domain
    challenge    the authenticator's, 16 bytes
    peer         the peer's own, 16 bytes
    """

    user: str
    challenge: bytes
    peer: bytes


def chap_response(identifier: int, password: str, challenge: bytes) -> bytes:
    """RFC 1994 section 4.1: MD5(identifier ‖ password ‖ challenge)."""
    octets = bytes((identifier,)) + password.encode() + challenge
    return hashlib.md5(octets, usedforsecurity=False).digest()


def challenge_hash(exchange: Exchange) -> bytes:
    """RFC 2759 section 8.2: the eight octets that are enciphered."""
    octets = exchange.peer + exchange.challenge + exchange.user.encode()
    return hashlib.sha1(octets, usedforsecurity=False).digest()[:8]


def nt_response(hashed_challenge: bytes, password: str) -> bytes:
    """RFC 2759 sections 8.1, 8.3, 8.5. `hashed_challenge`: of `challenge_hash`."""
    key = md4(password.encode("utf-16-le")).ljust(21, b"\0")
    return b"".join(_des(key[i : i + 7], hashed_challenge) for i in (0, 7, 14))


def recognised(hashed_challenge: bytes, candidates: Sequence[str], response: bytes) -> list[bool]:
    """Which of these passwords the peer's `nt_response` was made with.

    Each candidate is told by the first third of its answer, so that going through many costs one
    DES each. One answer is then made whole, whether there was a right one or not.
    """
    keys = md4_of_all([password.encode("utf-16-le") for password in candidates])
    first, rest = response[:8], response[8:]
    found = [hmac.compare_digest(_des(key[:7], hashed_challenge), first) for key in keys]
    chosen = found.index(True) if True in found else 0
    for key in keys[chosen : chosen + 1]:
        longer = key.ljust(21, b"\0")
        thirds = [_des(longer[i : i + 7], hashed_challenge) for i in (7, 14)]
        found[chosen] &= hmac.compare_digest(b"".join(thirds), rest)
    return found


def authenticator_response(exchange: Exchange, password: str, response: bytes) -> str:
    """RFC 2759 section 8.7: "S=" and 40 hexadecimal digits, by which the server proves that it
    knows the password, too.
    """
    twice = md4(md4(password.encode("utf-16-le")))
    first = hashlib.sha1(twice + response + _MAGIC_1, usedforsecurity=False).digest()
    octets = first + challenge_hash(exchange) + _MAGIC_2
    return "S=" + hashlib.sha1(octets, usedforsecurity=False).hexdigest().upper()


def md4(message: bytes) -> bytes:
    """RFC 1320, for messages of one block. Raises ValueError for more than 55 bytes."""
    return md4_of_all([message])[0]


def md4_of_all(messages: Sequence[bytes]) -> list[bytes]:
    """As `md4`, of several messages at little more than the price of one: each has a lane of 64
    bits in every number, wide enough for what sums and rotations carry over.
    """
    count = len(messages)
    ones = sum(1 << _LANE * n for n in range(count))
    mask, second, third = _MASK * ones, _SQRT_2 * ones, _SQRT_3 * ones
    words = _words(messages)
    a, b, c, d = start = tuple(x * ones for x in _START)
    for place, shift in _ROUND_1:
        value = a + (d ^ b & (c ^ d)) + words[place] & mask
        a, b, c, d = d, (value << shift | value >> 32 - shift) & mask, b, c
    for place, shift in _ROUND_2:
        value = a + (b & c | d & (b | c)) + words[place] + second & mask
        a, b, c, d = d, (value << shift | value >> 32 - shift) & mask, b, c
    for place, shift in _ROUND_3:
        value = a + (b ^ c ^ d) + words[place] + third & mask
        a, b, c, d = d, (value << shift | value >> 32 - shift) & mask, b, c
    sums = [x + y & mask for x, y in zip((a, b, c, d), start, strict=True)]
    return [_FOUR_WORDS(*(x >> _LANE * n & _MASK for x in sums)) for n in range(count)]


def _words(messages: Sequence[bytes]) -> list[int]:
    """The sixteen words of the padded messages, a lane each."""
    words = [0] * 16
    for n, message in enumerate(messages):
        if len(message) > 2 * LONGEST_PASSWORD + 1:
            raise ValueError("more than one block of MD4")
        padded = message + b"\x80" + bytes(55 - len(message)) + _LENGTH(8 * len(message))
        for place, word in enumerate(_WORDS(padded)):
            words[place] |= word << _LANE * n
    return words


def _des(key: bytes, block: bytes) -> bytes:
    """Single DES under a 56-bit key, by the triple form with one key three times."""
    bits = int.from_bytes(key)
    octets = bytes(bits >> shift & _BITS for shift in (48, 41, 34, 27, 20, 13, 6))
    octets += bytes((bits << 1 & _BITS,))
    encryptor = Cipher(TripleDES(octets * 3), ECB()).encryptor()  # noqa: S305
    return encryptor.update(block)
