"""The code itself: computed from the customer's key, a nonce and the transaction's digest, never
stored; and its check.

code = HMAC(key, label ‖ nonce ‖ digest), its first eight bytes as a number modulo 10^digits. With
another key, nonce or transaction it is another code, so a code for payment A says nothing about
payment B. Eight bytes make the modulo's bias less than 10^-9.

The server identification code (服务器识别码) is cut from the same key and nonce under another
label. It is no secret: the customer compares what the page shows with what the text says.

Pure: nonce and key are arguments. Knows no state: locks, tries and expiry were judged before.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from enum import StrEnum
from typing import Final

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from tigertally_engines.sms.transaction import DIGEST_BYTES

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 16
_CODE_LABEL: Final = b"tigertally sms code 1\0"
_SERVER_LABEL: Final = b"tigertally sms server code 1\0"
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sm3": hashes.SM3(),
}
_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without those that are taken for others
SERVER_CODE_LENGTH: Final = 4


Check = Callable[[str], bool]
"""Whether what the peer sent is right, given the code."""


class SmsResult(StrEnum):
    """What became of a try."""

    APPROVED = "approved"
    WRONG = "wrong"
    TRANSACTION_DIFFERS = "transaction differs"


class Issued(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What is kept of an issued code: everything but the customer's key, and never the code.

    `app`: the app that the code was sealed for, "" = none.
    """

    nonce: bytes
    digest: bytes
    digits: int
    hash: str
    scene: str
    app: str = ""

    def __repr__(self) -> str:
        return f"Issued(scene={self.scene!r})"


def code_of(key: bytes, issued: Issued) -> str:
    """The code that the customer is sent."""
    mac = _mac(key, issued.hash, _CODE_LABEL + issued.nonce + issued.digest)
    return str(int.from_bytes(mac[:8]) % 10**issued.digits).zfill(issued.digits)


def server_code(key: bytes, nonce: bytes) -> str:
    """What page and text both show."""
    mac = _mac(key, "sha256", _SERVER_LABEL + nonce)
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in mac[:SERVER_CODE_LENGTH])


def verify(key: bytes, issued: Issued, digest: bytes, is_right: Check) -> tuple[SmsResult, str]:
    """One try: (what became of it, the right code where it was given). Everything is computed
    whatever differs, so the work tells nothing; a transaction that differs goes before the code.
    """
    assert len(digest) == DIGEST_BYTES
    same = hmac.compare_digest(issued.digest, digest)
    code = code_of(key, issued)
    right = is_right(code)
    if not same:
        return SmsResult.TRANSACTION_DIFFERS, ""
    return (SmsResult.APPROVED, code) if right else (SmsResult.WRONG, "")


def typed(text: str) -> Check:
    """The check of a code that the customer typed."""
    octets = text.encode()
    return lambda code: hmac.compare_digest(code.encode(), octets)


def _mac(key: bytes, hash_name: str, data: bytes) -> bytes:
    keyed = HMAC(key, _HASHES[hash_name])
    keyed.update(data)
    return keyed.finalize()
