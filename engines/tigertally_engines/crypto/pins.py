"""Whether a PIN is the right one, by what a bank keeps in place of it.

* VISA PVV: four digits, over 11 digits of the account number, a key index and four of the PIN.
* IBM 3624: the *offset* between the PIN and the natural one that follows from the account number.
* Keyed verifier, this product's own: HMAC over account number and whole PIN, 32 bytes. Nothing of
  it can be searched without the key, and no other PIN fits: a PVV is shared by one in 10⁴.

Constant-time comparisons; nothing here keeps or prints a PIN. Limits on tries are the caller's.
"""

from __future__ import annotations

import hmac
from enum import IntEnum
from typing import Final

from cryptography.hazmat.primitives.hmac import HMAC

from tigertally_engines.crypto.ciphers import KEY_ALGORITHMS, BlockCipher, NotOfKey
from tigertally_engines.crypto.pin_blocks import ClearPin

PVV_DIGITS: Final = 4
_PVV_ACCOUNT: Final = 11
_OFFSET_ACCOUNT: Final = 16
_DES_BLOCK: Final = 8
_LABEL: Final = b"tigertally pin verifier 1\0"
_PAD: Final = "f"


class PinMethod(IntEnum):
    """Numbers of the wire."""

    PVV = 1
    OFFSET = 2
    VERIFIER = 3


def pvv(cipher: BlockCipher, pin: ClearPin, account: str, index: int) -> str:
    """Four digits (VISA; ISO 9564's PVV method). `index`: of the key, 0 to 9. Raises NotOfKey
    unless the key is triple DES.
    """
    _check_des(cipher)
    digits = pin.reveal()[:PVV_DIGITS]
    parameter = account[:-1][-_PVV_ACCOUNT:] + str(index) + digits
    text = cipher.encrypt(bytes.fromhex(parameter)).hex()
    found = [nibble for nibble in text if nibble.isdigit()]
    found += [chr(ord(nibble) - ord("a") + ord("0")) for nibble in text if not nibble.isdigit()]
    return "".join(found[:PVV_DIGITS])


def offset(cipher: BlockCipher, pin: ClearPin, account: str, table: str) -> str:
    """As many digits as the PIN has (IBM 3624). `table`: the decimalisation. Raises as `pvv`."""
    _check_des(cipher)
    digits = pin.reveal()
    validation = account[-_OFFSET_ACCOUNT:].ljust(_OFFSET_ACCOUNT, _PAD)
    text = cipher.encrypt(bytes.fromhex(validation)).hex()
    natural = [int(table[int(nibble, 16)]) for nibble in text]
    return "".join(
        str((int(digit) - number) % 10) for digit, number in zip(digits, natural, strict=False)
    )


class Verifier:
    """An HMAC key made ready. Raises NotOfKey for another one."""

    __slots__ = ("_keyed",)

    def __init__(self, key_algorithm: str, key: bytes) -> None:
        made = KEY_ALGORITHMS[key_algorithm].hash_
        if made is None:
            raise NotOfKey(f"{key_algorithm} is no HMAC key")
        self._keyed = HMAC(key, made())

    def of(self, pin: ClearPin, account: str) -> str:
        """64 hexadecimal digits."""
        one = self._keyed.copy()
        one.update(_LABEL + account.encode() + b"\0" + pin.reveal().encode())
        return one.finalize().hex()


def same(computed: str, kept: str) -> bool:
    """In constant time; False where lengths differ."""
    return hmac.compare_digest(computed.encode(), kept.encode())


def _check_des(cipher: BlockCipher) -> None:
    if cipher.block_bytes != _DES_BLOCK:
        raise NotOfKey("PVV and offset are made with triple DES")
