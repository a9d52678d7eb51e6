"""PIN blocks of ISO 9564-1:2017, formats 0, 3 and 4: a PIN bound to an account number and
enciphered.

| format | PIN field | bound to the account number by | cipher |
|---|---|---|---|
| 0 | 0 ‖ length ‖ PIN ‖ F… | XOR before enciphering | DES |
| 3 | 3 ‖ length ‖ PIN ‖ random A–F | XOR before enciphering | DES |
| 4 | 4 ‖ length ‖ PIN ‖ A… ‖ 8 random bytes | XOR between two encipherings | AES, SM4 |

Format 4 is the standard's for AES; that it is used alike with SM4, whose blocks are as long, is a
choice of this product. Account number as in the standard: formats 0 and 3 take the 12 rightmost
digits before the check digit, format 4 up to 19 with it.

A block that doesn't open to a PIN under this key and account number is refused, and nothing says
why. Formats 0 and 3 can't tell every wrong account number: a wrong digit above a digit of the PIN
changes that digit, and the PIN is then simply wrong; in format 3 one above the random letters may
go unseen. Format 4 tells all. The clear PIN is a `ClearPin`: nothing prints
it, and no error holds one.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from tigertally_engines.crypto.ciphers import BlockCipher, NotOfKey

SHORTEST_PIN: Final = 4
LONGEST_PIN: Final = 12
FRESH_BYTES: Final = 8
"""Random bytes that one block takes."""
_DES_BLOCK: Final = 8
_SHORTEST_ACCOUNT: Final = 13
_LONGEST_ACCOUNT: Final = 19
_FILL_A: Final = "a"
_FILL_F: Final = "f"


class PinFormat(IntEnum):
    """Numbers of the standard and of the wire."""

    ISO_0 = 0
    ISO_3 = 3
    ISO_4 = 4


class BlockRefused(Exception):
    """No PIN in it, under this key and account number. Says no more, on purpose."""


class ClearPin:
    """A PIN in the clear, within the boundary. Never printed, compared or kept; not a string, so
    that nothing takes it for one by mistake.
    """

    __slots__ = ("_digits",)

    def __init__(self, digits: str) -> None:
        """Raises BlockRefused for anything but 4 to 12 digits."""
        if not (
            SHORTEST_PIN <= len(digits) <= LONGEST_PIN and digits.isascii() and digits.isdigit()
        ):
            raise BlockRefused
        self._digits = digits

    def __repr__(self) -> str:
        return "ClearPin(«secret»)"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a PIN is not copied or pickled")

    def reveal(self) -> str:
        """For a computation of this engine."""
        return self._digits


def is_account(account: str) -> bool:
    """Whether a PIN can be bound to it: 13 to 19 digits with the check digit."""
    return (
        _SHORTEST_ACCOUNT <= len(account) <= _LONGEST_ACCOUNT
        and account.isascii()
        and account.isdigit()
    )


def block_bytes(pin_format: PinFormat) -> int:
    """Of a block of this format: 8 or 16."""
    return 16 if pin_format is PinFormat.ISO_4 else _DES_BLOCK


def open_block(cipher: BlockCipher, pin_format: PinFormat, block: bytes, account: str) -> ClearPin:
    """Raises BlockRefused, NotOfKey where the key's cipher isn't the format's."""
    _check_cipher(cipher, pin_format)
    if len(block) != block_bytes(pin_format) or not is_account(account):
        raise BlockRefused
    if pin_format is PinFormat.ISO_4:
        mixed = cipher.decrypt(block)
        field = cipher.decrypt(_xor(mixed, _account_of_4(account)))
    else:
        field = _xor(cipher.decrypt(block), _account_of_0(account))
    return _pin_of(field, pin_format)


def make_block(
    cipher: BlockCipher, pin_format: PinFormat, pin: ClearPin, account: str, fresh: bytes
) -> bytes:
    """`fresh`: 8 unpredictable bytes. Raises as `open_block`."""
    _check_cipher(cipher, pin_format)
    if not is_account(account):
        raise BlockRefused
    digits = pin.reveal()
    head = f"{pin_format.value:x}{len(digits):x}{digits}"
    if pin_format is PinFormat.ISO_4:
        field = bytes.fromhex(head.ljust(16, _FILL_A)) + fresh
        return cipher.encrypt(_xor(cipher.encrypt(field), _account_of_4(account)))
    filler = _FILL_F * 14 if pin_format is PinFormat.ISO_0 else _letters(fresh)
    field = bytes.fromhex((head + filler)[:16])
    return cipher.encrypt(_xor(field, _account_of_0(account)))


def _check_cipher(cipher: BlockCipher, pin_format: PinFormat) -> None:
    if cipher.block_bytes != block_bytes(pin_format):
        raise NotOfKey(f"PIN block format {pin_format.value} needs another cipher")


def _pin_of(field: bytes, pin_format: PinFormat) -> ClearPin:
    """The PIN of a clear field; every part is looked at before anything is said."""
    text = field.hex()
    length = int(text[1], 16)
    within = SHORTEST_PIN <= length <= LONGEST_PIN
    length = length if within else SHORTEST_PIN
    digits, filler = text[2 : 2 + length], text[2 + length : 16]
    fills = {
        PinFormat.ISO_0: filler == _FILL_F * len(filler),
        PinFormat.ISO_3: all(nibble in "abcdef" for nibble in filler),
        PinFormat.ISO_4: filler == _FILL_A * len(filler),
    }
    sound = (text[0] == f"{pin_format.value:x}") & within & fills[pin_format] & digits.isdigit()
    if not sound:
        raise BlockRefused
    return ClearPin(digits)


def _letters(fresh: bytes) -> str:
    """Fourteen random nibbles A to F: of 64 bits, base 6, so that each is as good as even."""
    number, letters = int.from_bytes(fresh), ""
    for _ in range(14):
        number, rest = divmod(number, 6)
        letters += "abcdef"[rest]
    return letters


def _account_of_0(account: str) -> bytes:
    return bytes.fromhex("0000" + account[:-1][-12:])


def _account_of_4(account: str) -> bytes:
    return bytes.fromhex(f"{len(account) - 12}{account}".ljust(32, "0"))


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left) ^ int.from_bytes(right)).to_bytes(len(left))
