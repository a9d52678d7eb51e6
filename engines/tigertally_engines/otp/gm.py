"""The dynamic passwords of GM/T 0021 (GB/T 38556): SM3 and SM4 form, with counter and question.

Pure and without state; knows neither windows nor tokens. The identity is time step (8 bytes), then
counter (4 bytes) and question (ASCII) where given, filled with zeros to whole blocks of 16 bytes.

* SM3 form: the sum of the eight words of SM3(seed ‖ identity).
* SM4 form: for each block, output = SM4(key = output + key block, output + identity block), sums
  modulo 2¹²⁸, the output being zero before; the code is the sum of the last output's four words.

The editions differ where seed and identity have different numbers of blocks: the sample program of
the edition of 2012 goes on with the shorter one's last block (or, if it has only one, with what
that became); GB/T 38556-2020, which the edition of 2023 follows, fills the shorter one with zeros.
A seed of 16 bytes with a question of up to four characters, as in all published samples, gives the
same code in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from struct import Struct
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import ECB

from tigertally_engines.otp.kernel import SM3

SHORTEST_QUESTION: Final = 4
LONGEST_QUESTION: Final = 64
_BLOCK: Final = 16
_PACK_STEP: Final = Struct(">Q").pack
_PACK_COUNTER: Final = Struct(">I").pack
_EIGHT_WORDS: Final = Struct(">8I").unpack
_FOUR_WORDS: Final = Struct(">4I").unpack
_MASK: Final = (1 << 128) - 1


class Edition(IntEnum):
    """Edition of GM/T 0021 that a token was built to."""

    OF_2012 = 2012
    OF_2023 = 2023


def gm_sm3(seed: bytes, step: int, counter: int | None, question: str | None, digits: int) -> str:
    """One code of the SM3 form."""
    identity = _identity(step, counter, question).ljust(_BLOCK, b"\0")
    return _reduced(_EIGHT_WORDS(SM3.digest(seed + identity)), digits)


def gm_sm4(
    seed: bytes,
    step: int,
    counter: int | None,
    question: str | None,
    digits: int,
    edition: Edition = Edition.OF_2023,
) -> str:
    """One code of the SM4 form."""
    keys, texts = _blocks(seed), _blocks(_identity(step, counter, question))
    count = max(len(keys), len(texts))
    if edition is Edition.OF_2023:
        keys += [0] * (count - len(keys))
        texts += [0] * (count - len(texts))
    key, text = keys[0], texts[0]
    for number in range(1, count + 1):
        output = _sm4(key, text)
        # The sample program works in place, so a single block is no longer what it was.
        keys[0], texts[0] = key, text
        key = output + keys[min(number, len(keys) - 1)] & _MASK
        text = output + texts[min(number, len(texts) - 1)] & _MASK
    return _reduced(_FOUR_WORDS(output.to_bytes(_BLOCK)), digits)


def gm_sm3_codes(
    seed: bytes, steps: Iterable[int], digits: int, question: str | None = None
) -> list[str]:
    """The codes of the SM3 form for each time step, in order, without counter."""
    return [gm_sm3(seed, step, None, question, digits) for step in steps]


def gm_sm4_codes(
    seed: bytes,
    steps: Iterable[int],
    digits: int,
    question: str | None = None,
    edition: Edition = Edition.OF_2023,
) -> list[str]:
    """The codes of the SM4 form for each time step, in order, without counter."""
    return [gm_sm4(seed, step, None, question, digits, edition) for step in steps]


def _identity(step: int, counter: int | None, question: str | None) -> bytes:
    identity = _PACK_STEP(step)
    if counter is not None:
        identity += _PACK_COUNTER(counter)
    if question is not None:
        identity += question.encode("ascii")
    return identity


def _blocks(octets: bytes) -> list[int]:
    """Blocks of 128 bits, the last one filled with zeros."""
    whole = octets + bytes(-len(octets) % _BLOCK)
    return [int.from_bytes(whole[i : i + _BLOCK]) for i in range(0, len(whole), _BLOCK)]


def _sm4(key: int, text: int) -> int:
    # ECB over a single block is the bare block cipher that the standard chains itself.
    encryptor = Cipher(SM4(key.to_bytes(_BLOCK)), ECB()).encryptor()  # noqa: S305
    return int.from_bytes(encryptor.update(text.to_bytes(_BLOCK)))


def _reduced(words: tuple[int, ...], digits: int) -> str:
    return str((sum(words) & 0xFFFF_FFFF) % 10**digits).zfill(digits)
