"""Scratch cards: cells, coordinates, the bitmap, the draw, and the decision about an answer."""

from __future__ import annotations

import hmac
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_engines.otp import card, decide
from tigertally_engines.otp.decide import OtpResult
from tigertally_engines.otp.guess import code_probability, guess_probability
from tigertally_engines.otp.kernel import cell_codes
from tigertally_engines.otp.parameters import OtpAlgorithm, OtpParameters, ParameterError
from tigertally_engines.otp.state import OtpState

SEED = bytes(range(32))
NOW = 1_767_225_600_000
MATRIX = OtpParameters(algorithm=OtpAlgorithm.CARD_MATRIX, throttle_base_ms=0).validated()
LIST = OtpParameters(
    algorithm=OtpAlgorithm.CARD_LIST, card_rows=5, card_columns=4, look_ahead=3, throttle_base_ms=0
).validated()


def by_the_book(cell: int, digits: int) -> str:
    """The definition once more, by another library."""
    mac = hmac.digest(SEED, b"tigertally card cell\0" + cell.to_bytes(4, "big"), "sha256")
    return f"{int.from_bytes(mac[:8], 'big') % 2**63 % 10**digits:0{digits}d}"


@given(st.lists(st.integers(0, 1039), max_size=20), st.integers(1, 10))
def test_cells_follow_from_the_seed(cells, digits):
    assert cell_codes(SEED, cells, digits) == [by_the_book(cell, digits) for cell in cells]


@pytest.mark.parametrize(
    ("cell", "name"), [(0, "A1"), (9, "A10"), (10, "B1"), (99, "J10"), (16, "B7")]
)
def test_coordinates(cell, name):
    assert card.cell_name(MATRIX, cell) == name


def test_a_list_is_numbered_from_one():
    assert [card.cell_name(LIST, cell) for cell in (0, 16)] == ["1", "17"]


@given(st.sets(st.integers(0, 1039)), st.sets(st.integers(0, 1039)))
def test_the_bitmap_is_a_set_that_only_grows(first, second):
    used = card.with_used(card.with_used(b"", first), second)
    assert card.used_cells(used) == len(first | second)
    assert {cell for cell in range(1040) if card.is_used(used, cell)} == first | second


@given(st.sets(st.integers(0, 99)), st.binary(min_size=16, max_size=16))
def test_only_unused_cells_are_drawn_and_none_twice(gone, random):
    used = card.with_used(b"", gone)
    cells = card.draw_cells(MATRIX, used, random)
    if 100 - len(gone) < MATRIX.cells_asked:
        assert cells == ()
        return
    assert len(set(cells)) == MATRIX.cells_asked
    assert not set(cells) & gone
    assert set(cells) <= set(range(100))


def test_every_cell_is_drawn_about_equally_often(entropy):
    drawn: Counter[int] = Counter()
    for _ in range(20_000):
        drawn.update(card.draw_cells(MATRIX, b"", entropy.token_bytes(16)))
    assert set(drawn) == set(range(100))
    assert 300 < min(drawn.values()) <= max(drawn.values()) < 500  # 400 ± 5 sigma


def test_a_right_answer_and_a_wrong_one():
    cells = (16, 3)
    answer = by_the_book(16, 3) + by_the_book(3, 3)
    state = OtpState(failures=2)
    right = card.verify_cells(MATRIX, SEED, state, cells, answer, NOW)
    assert (right.result, right.state.failures) == (OtpResult.APPROVED, 0)
    for wrong in (answer[::-1], answer[:3], "", answer + "0", "４２１０２３", "abcdef"):
        verdict = card.verify_cells(MATRIX, SEED, state, cells, wrong, NOW)
        assert (verdict.result, verdict.state.failures) == (OtpResult.WRONG, 3)


def test_locks_and_throttles_are_those_of_every_token():
    parameters = OtpParameters(algorithm=OtpAlgorithm.CARD_MATRIX).validated()
    state = OtpState()
    for _ in range(parameters.max_failures):
        state = card.verify_cells(
            parameters, SEED, state, (1, 2), "000000", max(NOW, state.next_try_ms)
        ).state
    answer = by_the_book(1, 3) + by_the_book(2, 3)
    locked = card.verify_cells(parameters, SEED, state, (1, 2), answer, NOW)
    assert locked.result is OtpResult.LOCKED
    assert locked.state is state


def test_a_list_is_used_in_order_and_ends():
    state = OtpState()
    for cell in range(20):
        code = by_the_book(cell, 6)
        verdict = decide.verify(LIST, SEED, state, code, NOW)
        assert verdict.result is OtpResult.APPROVED
        state = verdict.state
        assert card.cells_left(LIST, state, b"") == 19 - cell
        assert decide.verify(LIST, SEED, state, code, NOW).result is OtpResult.REPLAYED
    assert card.is_exhausted(LIST, 0)
    after_the_end = decide.verify(LIST, SEED, state, by_the_book(20, 6), NOW)
    assert after_the_end.result is OtpResult.WRONG


def test_cells_that_were_skipped_are_gone():
    verdict = decide.verify(LIST, SEED, OtpState(), by_the_book(3, 6), NOW)
    assert verdict.result is OtpResult.APPROVED
    assert decide.verify(LIST, SEED, OtpState(), by_the_book(4, 6), NOW).result is OtpResult.WRONG
    skipped = decide.verify(LIST, SEED, verdict.state, by_the_book(1, 6), NOW)
    assert skipped.result is OtpResult.REPLAYED


def test_warning_and_end():
    assert [card.is_low(MATRIX, left) for left in (11, 10, 0)] == [False, True, True]
    assert [card.is_exhausted(MATRIX, left) for left in (2, 1, 0)] == [False, True, True]
    used = card.with_used(b"", range(97))
    assert card.cells_left(MATRIX, OtpState(), used) == 3


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"cell_digits": 2, "cells_asked": 2}, "cells_asked"),
        ({"cell_digits": 8, "cells_asked": 3}, "cells_asked"),
        ({"card_rows": 1, "card_columns": 1, "cell_digits": 3}, "cells_asked"),
        ({"card_rows": 27}, "card_rows"),
        ({"card_columns": 0}, "card_columns"),
    ],
)
def test_a_card_that_makes_no_sense_is_refused(changes, name):
    with pytest.raises(ParameterError) as caught:
        MATRIX.merge(changes)
    assert caught.value.name == name


def test_how_likely_a_guess_is():
    assert code_probability(MATRIX) == pytest.approx(1e-6, rel=1e-12)
    assert guess_probability(MATRIX, 5) == pytest.approx(5e-6, rel=1e-4)
    assert guess_probability(LIST, 1) == pytest.approx(4e-6, rel=1e-4)
