"""What differs between the forms of one-time password, as one table row per form.

The decision (`decide.py`) is the same for all: which factors may match now, which of them are
still unused, what the state is after a match. A *factor* is a time step or a counter, whichever
moves. A new form is a new row in `FORMS`; nothing else asks which algorithm a token has. Algorithms
without a row have no plain codes: their tokens only answer questions (`answer.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from tigertally_engines.otp.gm import Edition, gm_sm3_codes, gm_sm4_codes
from tigertally_engines.otp.kernel import CELL_BITS, cell_codes, hotp_codes, totp_step
from tigertally_engines.otp.parameters import OtpAlgorithm, OtpParameters
from tigertally_engines.otp.seeds import Seed, octets
from tigertally_engines.otp.state import OtpState

# A factor is packed into 8 bytes, and the state's `moving` into a signed 64-bit column.
LAST_FACTOR: Final = 2**63 - 2


class Movement(NamedTuple):
    """How a factor moves.

    unused(state)                      the smallest factor that may still be accepted
    window(parameters, state, now_ms)  factors that a code may stand for, ascending
    resync(parameters, state, now_ms)  factors in which two codes in a row are searched, ascending;
                                       all of them unused
    accept(parameters, state, factor, now_ms)  (moving, drift) after that factor was accepted
    adopt(parameters, factor, now_ms)  (moving, drift) after a resync ended on that factor
    """

    unused: Callable[[OtpState], int]
    window: Callable[[OtpParameters, OtpState, int], range]
    resync: Callable[[OtpParameters, OtpState, int], range]
    accept: Callable[[OtpParameters, OtpState, int, int], tuple[int, int]]
    adopt: Callable[[OtpParameters, int, int], tuple[int, int]]


class Form(NamedTuple):
    """One form of one-time password: how its codes are made and how its factor moves.

    codes(parameters, seed, factors)  the codes of these factors, in order
    value_bits  width of the number that is reduced to decimal digits
    """

    codes: Callable[[OtpParameters, Seed, Iterable[int]], list[str]]
    movement: Movement
    value_bits: int


def _hotp(parameters: OtpParameters, seed: Seed, factors: Iterable[int]) -> list[str]:
    return hotp_codes(seed, factors, parameters.digits, parameters.hash)


def _gm_sm3(parameters: OtpParameters, seed: Seed, factors: Iterable[int]) -> list[str]:
    return gm_sm3_codes(octets(seed), factors, parameters.digits)


def _gm_sm4(parameters: OtpParameters, seed: Seed, factors: Iterable[int]) -> list[str]:
    edition = Edition(parameters.gm_edition)
    return gm_sm4_codes(octets(seed), factors, parameters.digits, edition=edition)


def _card_list(parameters: OtpParameters, seed: Seed, factors: Iterable[int]) -> list[str]:
    return cell_codes(seed, factors, parameters.digits)


def _span(first: int, last: int) -> range:
    """first..last, both included, cut to what a factor can be."""
    return range(max(first, 0), min(last, LAST_FACTOR) + 1)


def _time_unused(state: OtpState) -> int:
    return state.moving + 1


def _time_window(parameters: OtpParameters, state: OtpState, now_ms: int) -> range:
    centre = totp_step(now_ms, parameters.step_s) + state.drift
    return _span(centre - parameters.window, centre + parameters.window)


def _time_resync(parameters: OtpParameters, state: OtpState, now_ms: int) -> range:
    # Around the true time, not around the remembered drift: so drift never exceeds this window.
    step = totp_step(now_ms, parameters.step_s)
    first = max(step - parameters.resync_window, _time_unused(state))
    return _span(first, step + parameters.resync_window)


def _time_accept(
    parameters: OtpParameters, state: OtpState, factor: int, now_ms: int
) -> tuple[int, int]:
    # Plain codes may carry the drift as far as drift_max. Beyond that only a resync may set it,
    # and what a resync has set must not be pulled back, or the next code would miss the window.
    reach = max(parameters.drift_max, abs(state.drift))
    seen = factor - totp_step(now_ms, parameters.step_s)
    return factor, max(-reach, min(reach, seen))


def _time_adopt(parameters: OtpParameters, factor: int, now_ms: int) -> tuple[int, int]:
    return factor, factor - totp_step(now_ms, parameters.step_s)


def _counter_unused(state: OtpState) -> int:
    return max(state.moving, 0)


def _counter_window(parameters: OtpParameters, state: OtpState, _now_ms: int) -> range:
    first = _counter_unused(state)
    return _span(first, first + parameters.look_ahead)


def _counter_resync(parameters: OtpParameters, state: OtpState, _now_ms: int) -> range:
    first = _counter_unused(state)
    return _span(first, first + parameters.resync_window)


def _counter_accept(
    _parameters: OtpParameters, _state: OtpState, factor: int, _now_ms: int
) -> tuple[int, int]:
    return factor + 1, 0


def _counter_adopt(_parameters: OtpParameters, factor: int, _now_ms: int) -> tuple[int, int]:
    return factor + 1, 0


def _cells(parameters: OtpParameters) -> int:
    return parameters.card_rows * parameters.card_columns


def _cell_window(parameters: OtpParameters, state: OtpState, _now_ms: int) -> range:
    first = _counter_unused(state)
    return range(first, min(first + parameters.look_ahead + 1, _cells(parameters)))


def _cell_resync(parameters: OtpParameters, state: OtpState, _now_ms: int) -> range:
    first = _counter_unused(state)
    return range(first, min(first + parameters.resync_window + 1, _cells(parameters)))


BY_TIME: Final = Movement(_time_unused, _time_window, _time_resync, _time_accept, _time_adopt)
BY_COUNTER: Final = Movement(
    _counter_unused, _counter_window, _counter_resync, _counter_accept, _counter_adopt
)
# A list's cells are counters that end with the card.
BY_CELL: Final = Movement(
    _counter_unused, _cell_window, _cell_resync, _counter_accept, _counter_adopt
)

FORMS: Final[dict[OtpAlgorithm, Form]] = {
    OtpAlgorithm.HOTP: Form(_hotp, BY_COUNTER, 31),
    OtpAlgorithm.TOTP: Form(_hotp, BY_TIME, 31),
    OtpAlgorithm.GM_SM3: Form(_gm_sm3, BY_TIME, 32),
    OtpAlgorithm.GM_SM4: Form(_gm_sm4, BY_TIME, 32),
    OtpAlgorithm.CARD_LIST: Form(_card_list, BY_CELL, CELL_BITS),
}


def has_plain_codes(parameters: OtpParameters) -> bool:
    """Whether such a token shows codes without having been asked a question."""
    return parameters.algorithm in FORMS
