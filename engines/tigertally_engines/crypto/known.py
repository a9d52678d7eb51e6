"""Known answers of the crypto engine, asked at the start: an engine that gets one wrong must not
serve. Published values; where each is from stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tigertally_engines.crypto.ciphers import block_cipher
from tigertally_engines.crypto.digests import DigestAlgorithm, digest
from tigertally_engines.crypto.fields import DoesNotOpen, Mode, decipher, encipher
from tigertally_engines.crypto.mac import MacAlgorithm, MacKey
from tigertally_engines.crypto.pin_blocks import BlockRefused, ClearPin, PinFormat, open_block
from tigertally_engines.crypto.pins import pvv

_DES: Final = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
_AES: Final = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C")
_BLOCK: Final = bytes.fromhex("6BC1BEE22E409F96E93D7E117393172A")
_ISO_TEXT: Final = b"Now is the time for all "


def _retail_mac() -> bool:
    """ISO/IEC 9797-1 annex B, algorithm 3, padding 1."""
    made = MacKey(MacAlgorithm.RETAIL, "3des-112", _DES).mac(_ISO_TEXT, 1, 8)
    return made == bytes.fromhex("A1C72E74EA3FA9B6")


def _cmac() -> bool:
    """NIST SP 800-38B example 2; RFC 4493."""
    made = MacKey(MacAlgorithm.CMAC, "aes-128", _AES).mac(_BLOCK, 0, 16)
    return made == bytes.fromhex("070A16B46B4D4144F79BDD9DD04A287C")


def _sm4() -> bool:
    """GB/T 32907 annex A."""
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    made = block_cipher("sm4", key).encrypt(key)
    return made == bytes.fromhex("681EDF34D206965E86B3E94F536E4246")


def _sm3() -> bool:
    """GB/T 32905 annex A."""
    return digest(DigestAlgorithm.SM3, b"abc") == bytes.fromhex(
        "66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0"
    )


def _pvv() -> bool:
    """PVV of PIN 1234, account 4321000000001234, key index 1."""
    made = pvv(block_cipher("3des-112", _DES), ClearPin("1234"), "4321000000001234", 1)
    return made == "6629"


def _fields() -> bool:
    """There and back, and no further once a bit is changed."""
    cipher = block_cipher("aes-128", _AES)
    made = encipher(cipher, Mode.GCM, b"field", b"place", bytes(12))
    if decipher(cipher, Mode.GCM, made, b"place") != b"field":
        return False
    try:
        decipher(cipher, Mode.GCM, made[:-1] + bytes((made[-1] ^ 1,)), b"place")
    except DoesNotOpen:
        return True
    return False


def _pin_blocks() -> bool:
    """A block of zeros holds no PIN."""
    try:
        open_block(block_cipher("aes-128", _AES), PinFormat.ISO_4, bytes(16), "4321000000001234")
    except BlockRefused:
        return True
    return False


_QUESTIONS: Final[dict[str, Callable[[], bool]]] = {
    "retail MAC": _retail_mac,
    "CMAC": _cmac,
    "SM4": _sm4,
    "SM3": _sm3,
    "PVV": _pvv,
    "field encryption": _fields,
    "PIN blocks": _pin_blocks,
}


def wrong_answers() -> list[str]:
    """Names of what was answered wrongly; none where all is well. ≈1 ms."""
    return [name for name, question in _QUESTIONS.items() if not question()]
