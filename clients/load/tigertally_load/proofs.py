"""What tokens and peers answer beside TOTP: HOTP (RFC 4226), OCRA with a numeric question
(RFC 6287), MS-CHAPv2 (RFC 2759).

Independent of the server's engine on purpose: the load test is one more witness of it.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import ECB

_MASK: Final = 0xFFFFFFFF
_QUESTION_NIBBLES: Final = 256
_MD4_ROUNDS: Final = (
    (0x00000000, tuple(range(16)), (3, 7, 11, 19)),
    (0x5A827999, (0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), (3, 5, 9, 13)),
    (0x6ED9EBA1, (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15)),
)


def hotp(seed: bytes, counter: int) -> str:
    """Six digits, by RFC 4226 §5.3."""
    return _truncated(hmac.digest(seed, counter.to_bytes(8, "big"), "sha1"))


def ocra(seed: bytes, suite: str, question: str) -> str:
    """The answer to a numeric question under a suite of the form OCRA-1:HOTP-SHA1-6:QN<nn>."""
    octets = bytes.fromhex(f"{int(question):x}".ljust(_QUESTION_NIBBLES, "0"))
    return _truncated(hmac.digest(seed, suite.encode() + b"\0" + octets, "sha1"))


def nt_response(user: str, authenticator: bytes, peer: bytes, password: str) -> bytes:
    """GenerateNTResponse of RFC 2759 §8.1."""
    challenge = hashlib.sha1(peer + authenticator + user.encode(), usedforsecurity=False).digest()
    key = md4(password.encode("utf-16-le")).ljust(21, b"\0")
    return b"".join(_des(key[i : i + 7], challenge[:8]) for i in (0, 7, 14))


def md4(message: bytes) -> bytes:
    """RFC 1320, for messages shorter than one block."""
    padded = message + b"\x80" + bytes(55 - len(message)) + struct.pack("<Q", 8 * len(message))
    words = struct.unpack("<16I", padded)
    state = start = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
    for number, (constant, order, shifts) in enumerate(_MD4_ROUNDS):
        for step, word in enumerate(order):
            a, b, c, d = state
            total = a + _mixed(number, b, c, d) + words[word] + constant & _MASK
            shift = shifts[step % 4]
            state = d, (total << shift | total >> 32 - shift) & _MASK, b, c
    return struct.pack("<4I", *(x + y & _MASK for x, y in zip(state, start, strict=True)))


def _mixed(number: int, b: int, c: int, d: int) -> int:
    if number == 0:
        return (b & c) | (~b & d & _MASK)
    if number == 1:
        return (b & c) | (b & d) | (c & d)
    return b ^ c ^ d


def _des(key: bytes, block: bytes) -> bytes:
    """Single DES: the triple form under one key. `key`: 56 bits, spread over eight octets."""
    bits = int.from_bytes(key)
    spread = bytes((bits >> 49 - 7 * n & 0x7F) << 1 for n in range(8))
    encryptor = Cipher(TripleDES(spread * 3), ECB()).encryptor()  # noqa: S305 - RFC 2759 has it so
    return encryptor.update(block)


def _truncated(digest: bytes) -> str:
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
