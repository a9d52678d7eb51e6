"""Seeds of mobile tokens, made of two halves that travel on two ways (两步激活).

The server's half goes into an otpauth:// URI, mostly shown as a QR code; the activation code is
sent by another way and typed. Only both together give the seed:

    seed = HKDF-SHA-256 (RFC 5869): salt = the server's half (32 bytes), input = the activation code
           (16 letters and digits, without hyphens), info = "tigertally two-step seed" ‖ 00 ‖ serial

Neither half tells anything about it: the one is 256 random bits, the other 75, more than anybody
can search who also sees the token's codes. The URI says `twostep=hkdf-sha256`; an app that doesn't
know the word shows codes that activate nothing.

An activation code is 15 random characters of the base32 alphabet (RFC 4648) and a check character,
so that a slip of the finger is told from a guess. Pure: random bytes and the keyed function for
the digest are arguments.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, urlencode

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tigertally_engines.otp.parameters import OtpAlgorithm, OtpParameters, Protection

HALF_BYTES: Final = 32
CODE_BYTES: Final = 10
SALT_BYTES: Final = 16
CODE_LENGTH: Final = 16
MAX_TRIES: Final = 5
METHOD: Final = "hkdf-sha256"
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_RANDOM: Final = CODE_LENGTH - 1
_INFO: Final = b"tigertally two-step seed\0"
_DIGEST: Final = b"tigertally activation code 1\0"
_SEED_BYTES: Final = {"sha1": 20, "sha256": 32, "sha512": 64}
_KINDS: Final = {OtpAlgorithm.TOTP: "totp", OtpAlgorithm.HOTP: "hotp"}

Peppered = Callable[[int, bytes], bytes]
"""The keyed function: (id of the pepper, octets) → 32 bytes."""


class Activation(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What is kept of a pending activation.

    half    the server's half; empty once the activation ended
    pepper  id of the key of the digest
    salt    random
    digest  keyed, of salt and activation code; empty until a code was made
    """

    half: bytes
    pepper: int = 0
    salt: bytes = b""
    digest: bytes = b""

    def __repr__(self) -> str:
        return "Activation(«secret»)"


def has_uri(parameters: OtpParameters) -> bool:
    """Whether apps have a form for such tokens: HOTP and TOTP over SHA, not the Chinese ones; nor
    those whose seed lies in a device, because this one is put together in memory.
    """
    if parameters.protection is Protection.DEVICE:
        return False
    return parameters.algorithm in _KINDS and parameters.hash in _SEED_BYTES


def draw_code(random: bytes) -> str:
    """An activation code of `CODE_BYTES` random bytes."""
    value = int.from_bytes(random)
    letters = "".join(_ALPHABET[value >> 5 * place & 31] for place in range(_RANDOM))
    return letters + _check(letters)


def typed_code(text: str) -> str:
    """The code in what somebody typed: hyphens, blanks and case don't count, and the digits 0, 1
    and 8, which are in no code, stand for the letters they look like. Empty where it is none.
    """
    dense = "".join(text.split()).replace("-", "").upper()
    dense = dense.replace("0", "O").replace("1", "I").replace("8", "B")
    if len(dense) != CODE_LENGTH or any(letter not in _ALPHABET for letter in dense):
        return ""
    return dense if _check(dense[:_RANDOM]) == dense[_RANDOM] else ""


def _check(letters: str) -> str:
    """Luhn's sum, to base 32: finds a wrong character and most swapped neighbours."""
    total = 0
    for place, letter in enumerate(reversed(letters)):
        value = _ALPHABET.index(letter) * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return _ALPHABET[-total % 32]


def with_code(peppered: Peppered, pepper: int, salt: bytes, half: bytes, code: str) -> Activation:
    """The record once the code was made."""
    return Activation(half, pepper, salt, peppered(pepper, _octets(salt, code)))


def is_right(peppered: Peppered, kept: Activation, text: str) -> bool:
    """Whether this is the activation code. Costs the same whatever was typed."""
    digest = peppered(kept.pepper, _octets(kept.salt, typed_code(text)))
    return bool(kept.digest) and hmac.compare_digest(digest, kept.digest)


def _octets(salt: bytes, code: str) -> bytes:
    return _DIGEST + salt + code.encode()


def combined_seed(parameters: OtpParameters, half: bytes, code: str, serial: str) -> bytes:
    """The seed of both halves, as long as the token's hash is (RFC 4226 R6)."""
    length = _SEED_BYTES[parameters.hash]
    info = _INFO + serial.encode()
    return HKDF(hashes.SHA256(), length, salt=half, info=info).derive(code.encode())


def uri(parameters: OtpParameters, half: bytes, serial: str, issuer: str) -> str:
    """The otpauth:// URI with the server's half: as secret as half a seed."""
    kind = _KINDS[parameters.algorithm]
    moving = ("period", parameters.step_s) if kind == "totp" else ("counter", 0)
    fields = (
        ("secret", base64.b32encode(half).decode().rstrip("=")),
        ("issuer", issuer),
        ("algorithm", parameters.hash.upper()),
        ("digits", parameters.digits),
        moving,
        ("twostep", METHOD),
    )
    label = f"{quote(issuer, safe='')}:{quote(serial, safe='')}"
    return f"otpauth://{kind}/{label}?{urlencode(fields, quote_via=quote)}"
