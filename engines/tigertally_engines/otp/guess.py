"""How likely an attacker guesses a code under given parameters: figures for those who set them.

Not used when deciding. The model, with its two simplifications on the safe side:

* One try hits one of v candidates, v = 2 * window + 1 (time-based) or look_ahead + 1 (HOTP); for
  OCRA the product of those that its suite has, or 1. Each candidate shows the tried code with
  probability at most p. Because the code is an n-bit number reduced modulo 10^d, low values come
  up more often: p = ceil(2^n / 10^d) / 2^n, n = 32 for the GM forms and 31 for the others. With 10
  digits p is near 2^-31, not 10^-10. An OCRA answer that is a whole HMAC is one of all of them.
  One try: q = min(1, v * p) (union bound: two candidates may show the same code).
* Tries are independent: 1 - (1 - q)^k for k of them. Cleverly chosen tries against an unmoved
  HOTP window reach at most k * q, which differs by less than k * k * q * q / 2.

This is the term s * v / 10^d of RFC 4226 appendix A.4, made exact for the bias.
"""

from __future__ import annotations

import hashlib
from math import expm1, log1p
from typing import Final

from tigertally_engines.otp import questions
from tigertally_engines.otp.forms import BY_CELL, BY_COUNTER, FORMS
from tigertally_engines.otp.kernel import CELL_BITS
from tigertally_engines.otp.ocra_suite import FULL_LENGTH
from tigertally_engines.otp.parameters import OtpAlgorithm, OtpParameters
from tigertally_engines.otp.penalty import PenaltyRules, after_failure
from tigertally_engines.otp.state import LOCKED_FOR_EVER_MS, OtpState

_OCRA_BITS: Final = 31
_AT_ONCE: Final = OtpState()


def candidates(parameters: OtpParameters) -> int:
    """How many codes a try is compared with for acceptance."""
    if questions.is_ocra(parameters):
        counters = parameters.look_ahead + 1 if questions.has_counter(parameters) else 1
        return counters * (2 * parameters.window + 1 if questions.step_s(parameters) else 1)
    if parameters.algorithm is OtpAlgorithm.CARD_MATRIX:
        return 1
    if FORMS[parameters.algorithm].movement in (BY_COUNTER, BY_CELL):
        return parameters.look_ahead + 1
    return 2 * parameters.window + 1


def code_probability(parameters: OtpParameters) -> float:
    """Probability of the likeliest value of one code."""
    if parameters.algorithm is OtpAlgorithm.CARD_MATRIX:
        return _likeliest(CELL_BITS, parameters.cell_digits) ** parameters.cells_asked
    if questions.is_ocra(parameters):
        if parameters.suite.digits == FULL_LENGTH:
            return 2.0 ** (-8 * hashlib.new(parameters.hash).digest_size)
        bits = _OCRA_BITS
    else:
        bits = FORMS[parameters.algorithm].value_bits
    return _likeliest(bits, parameters.digits)


def _likeliest(bits: int, digits: int) -> float:
    values, codes = 1 << bits, 10**digits
    return float(-(-values // codes) / values)


def once_probability(parameters: OtpParameters) -> float:
    """Probability that one try is approved."""
    return min(1.0, candidates(parameters) * code_probability(parameters))


def guess_probability(parameters: OtpParameters, tries: int) -> float:
    """Probability that at least one of so many tries is approved."""
    return repeated(once_probability(parameters), tries)


def repeated(once: float, tries: int) -> float:
    """Probability that at least one of so many tries succeeds, each with probability `once`."""
    if tries < 0:
        raise ValueError("the number of tries must not be negative")
    if once >= 1.0:
        return 1.0 if tries else 0.0
    return -expm1(tries * log1p(-once))  # keeps its digits where 1 - (1 - q)^k would not


def tries_within(parameters: PenaltyRules, period_s: int) -> int:
    """How many failures in a row fit into a period if each comes as early as it is looked at.

    Starts with a fresh one; ends at the ceiling at the latest. For any method with these rules.
    """
    state, now_ms, tries = _AT_ONCE, 0, 0
    while now_ms < period_s * 1000 and state.locked_until_ms != LOCKED_FOR_EVER_MS:
        state = after_failure(parameters, state, now_ms, parameters.throttle_after)
        now_ms = max(now_ms, state.locked_until_ms, state.next_try_ms)
        tries += 1
    return tries


def lifetime_guess_probability(parameters: OtpParameters) -> float:
    """Probability of a success before the ceiling locks the token for ever."""
    return guess_probability(parameters, parameters.failure_ceiling)
