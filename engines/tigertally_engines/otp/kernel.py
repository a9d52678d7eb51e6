"""The code-making functions of RFC 4226 and RFC 6238, and the choice of an SM3. Nothing else.

Pure and without state; knows neither windows nor tokens. `hotp_codes` makes a run of codes at once
because a decision always needs a whole window.

SM3 is not in every OpenSSL that a Python was linked with, so the provider is chosen once, at
import: hashlib if it has SM3 and gets the published sample right, else `cryptography`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from struct import Struct
from typing import Final, NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from tigertally_engines.otp.seeds import Seed, keyed

Digest = Callable[[bytes], bytes]
Mac = Callable[[bytes, bytes], bytes]

_PACK_FACTOR: Final = Struct(">Q").pack

# GB/T 32905-2016 annex A.1
_SM3_SAMPLE: Final = bytes.fromhex(
    "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
)
# Both providers agree on it; it catches a keyed form that was built wrong.
_HMAC_SM3_SAMPLE: Final = bytes.fromhex(
    "28e63256e7c5a087b1f073265dc53092163f7b82729735d06f28f10af9d52393"
)


CELL_BITS: Final = 63
"""Width of the number that a card's cell is reduced from."""
_PACK_CELL: Final = Struct(">I").pack
_CELL_LABEL: Final = b"tigertally card cell\0"


class Sm3Provider(NamedTuple):
    """One source of SM3 and HMAC-SM3."""

    name: str
    digest: Digest
    mac: Mac


def _hashlib_sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def _hashlib_hmac_sm3(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sm3")


def _cryptography_sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def _cryptography_hmac_sm3(key: bytes, data: bytes) -> bytes:
    mac = HMAC(key, hashes.SM3())
    mac.update(data)
    return mac.finalize()


SM3_PROVIDERS: Final = (
    Sm3Provider("hashlib", _hashlib_sm3, _hashlib_hmac_sm3),
    Sm3Provider("cryptography", _cryptography_sm3, _cryptography_hmac_sm3),
)


def choose_sm3(providers: Iterable[Sm3Provider] = SM3_PROVIDERS) -> Sm3Provider:
    """The first provider that gets the samples right; RuntimeError if none does."""
    for provider in providers:
        if _is_right(provider):
            return provider
    raise RuntimeError("no library here computes SM3 correctly")


def _is_right(provider: Sm3Provider) -> bool:
    try:
        return (
            provider.digest(b"abc") == _SM3_SAMPLE
            and provider.mac(b"key", b"abc") == _HMAC_SM3_SAMPLE
        )
    except (ValueError, UnsupportedAlgorithm):
        return False


SM3: Final = choose_sm3()


def hotp(seed: Seed, counter: int, digits: int, hash: str = "sha1") -> str:  # noqa: A002
    """One code of RFC 4226; with a time step for a counter, of RFC 6238."""
    return hotp_codes(seed, (counter,), digits, hash)[0]


def totp_step(now_ms: int, step_s: int) -> int:
    """The RFC 6238 time step of an instant in ms since 1970 (T0 = 0)."""
    return now_ms // (step_s * 1000)


def hotp_codes(seed: Seed, factors: Iterable[int], digits: int, hash_name: str) -> list[str]:
    """The codes for each counter or time step, in order (RFC 4226 section 5.3).

    The key is set up once and copied: two thirds of what `hmac.digest` costs for three codes, which
    also lets go of the interpreter at every call.
    """
    modulus = 10**digits
    codes = []
    begun = keyed(seed, hash_name)
    for factor in factors:
        one = begun.copy()
        one.update(_PACK_FACTOR(factor))
        mac = one.finalize()
        offset = mac[-1] & 15
        value = int.from_bytes(mac[offset : offset + 4]) & 0x7FFF_FFFF
        codes.append(str(value % modulus).zfill(digits))
    return codes


def cell_codes(seed: Seed, cells: Iterable[int], digits: int) -> list[str]:
    """What stands in these cells of a scratch card, a definition of our own: the first 8 bytes of
    HMAC-SHA-256(seed, "tigertally card cell" ‖ 00 ‖ cell as u32), without their top bit, modulo
    10^digits.
    """
    begun, modulus, codes = keyed(seed, "sha256"), 10**digits, []
    begun.update(_CELL_LABEL)
    for cell in cells:
        one = begun.copy()
        one.update(_PACK_CELL(cell))
        value = int.from_bytes(one.finalize()[:8]) & ((1 << CELL_BITS) - 1)
        codes.append(str(value % modulus).zfill(digits))
    return codes
