"""Scratch cards (刮刮卡): a sheet of codes under a cover, each good for one use.

Two forms. A *list* has numbered cells; each holds a whole code, used in order (`forms.py` has its
movement). A *matrix* has rows and columns; the customer is asked for some cells by coordinate and
types what stands in them, one after another.

Cells follow from the card's seed (`kernel.cell_codes`). So nothing but the seed is stored, and the
printer's file is all there is of the codes.

Laws of the matrix: a cell is used up by a right answer, together with the others that were asked
for, and is never asked for again; until then every question is for the *same* cells, so that
nobody asks until those come up that he has seen; a wrong answer is a failure like any other.

Pure: which cells are drawn depends on random bytes that the caller gives. A card's used cells are a
bitmap, cell 0 the lowest bit of the first byte.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from typing import Final

from tigertally_engines.otp.decide import OtpResult, Verdict, fail, held, verdict_of
from tigertally_engines.otp.kernel import cell_codes
from tigertally_engines.otp.parameters import OtpAlgorithm, OtpParameters
from tigertally_engines.otp.seeds import Seed
from tigertally_engines.otp.state import OtpState

_DRAW_BYTES: Final = 8
_NO_ANSWER: Final = ""


def is_matrix(parameters: OtpParameters) -> bool:
    """Whether such a card is asked for cells by coordinate."""
    return parameters.algorithm is OtpAlgorithm.CARD_MATRIX


def is_card(parameters: OtpParameters) -> bool:
    """Whether such a token is a card of either form."""
    return parameters.algorithm in (OtpAlgorithm.CARD_MATRIX, OtpAlgorithm.CARD_LIST)


def cell_digits(parameters: OtpParameters) -> int:
    """Digits in one cell."""
    return parameters.cell_digits if is_matrix(parameters) else parameters.digits


def cell_count(parameters: OtpParameters) -> int:
    """Cells on one card."""
    return parameters.card_rows * parameters.card_columns


def cell_name(parameters: OtpParameters, cell: int) -> str:
    """As it is printed: "B7" (row, column) on a matrix, "17" on a list."""
    if not is_matrix(parameters):
        return str(cell + 1)
    row, column = divmod(cell, parameters.card_columns)
    return f"{chr(ord('A') + row)}{column + 1}"


def used_cells(used: bytes) -> int:
    """How many cells of a bitmap are used up."""
    return int.from_bytes(used, "little").bit_count()


def is_used(used: bytes, cell: int) -> bool:
    """Whether a cell of a bitmap is used up."""
    octet, bit = divmod(cell, 8)
    return octet < len(used) and bool(used[octet] >> bit & 1)


def with_used(used: bytes, cells: Iterable[int]) -> bytes:
    """The bitmap with these cells used up."""
    value = int.from_bytes(used, "little")
    for cell in cells:
        value |= 1 << cell
    return value.to_bytes((value.bit_length() + 7) // 8, "little")


def cells_left(parameters: OtpParameters, state: OtpState, used: bytes) -> int:
    """Cells that may still be used."""
    gone = used_cells(used) if is_matrix(parameters) else max(state.moving, 0)
    return max(0, cell_count(parameters) - gone)


def is_exhausted(parameters: OtpParameters, left: int) -> bool:
    """Whether so few cells make no more answer."""
    return left < (parameters.cells_asked if is_matrix(parameters) else 1)


def is_low(parameters: OtpParameters, left: int) -> bool:
    """Whether it is time for a new card."""
    return left <= parameters.card_warning


def draw_length(parameters: OtpParameters) -> int:
    """Random bytes that `draw_cells` wants."""
    return _DRAW_BYTES * parameters.cells_asked


def draw_cells(parameters: OtpParameters, used: bytes, random: bytes) -> tuple[int, ...]:
    """Different unused cells, each as likely as any other, in the order of the draw; empty where
    too few are left. `random` has `draw_length` bytes; 64 bits a draw leave no bias that counts.
    """
    free = [cell for cell in range(cell_count(parameters)) if not is_used(used, cell)]
    if len(free) < parameters.cells_asked:
        return ()
    drawn = []
    for nth in range(parameters.cells_asked):
        octets = random[nth * _DRAW_BYTES : (nth + 1) * _DRAW_BYTES]
        drawn.append(free.pop(int.from_bytes(octets) % len(free)))
    return tuple(drawn)


def verify_cells(
    parameters: OtpParameters,
    seed: Seed,
    state: OtpState,
    cells: Sequence[int],
    answer: str,
    now_ms: int,
) -> Verdict:
    """Decide about the answer for these cells, received at `now_ms` (UTC, ms).

    The cells are computed and compared whole, whatever the try's standing, so that the time taken
    says neither how much of it was right nor that it was not looked at.
    """
    expected = "".join(cell_codes(seed, cells, parameters.cell_digits))
    stopped = held(state, now_ms)
    given = answer if answer.isascii() and answer.isdigit() else _NO_ANSWER
    right = hmac.compare_digest(expected, given)
    if stopped is not None:
        return verdict_of(stopped, parameters, state, now_ms)
    if not right:
        return fail(parameters, state, now_ms)
    return verdict_of(OtpResult.APPROVED, parameters, OtpState(state.moving), now_ms)
