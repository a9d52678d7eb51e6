"""Who is told to be a slow reader, and who isn't."""

from __future__ import annotations

from tigertally_server.access.patience import Patience


def test_a_peer_that_takes_everything_owes_nothing():
    patience = Patience(0)
    assert [patience.owed_for_ms(second * 1000, second * 500, 0) for second in range(30)] == [
        0
    ] * 30


def test_a_peer_that_takes_nothing_owes_since_the_last_time_it_was_even():
    patience = Patience(0)
    assert patience.owed_for_ms(1_000, 100, 0) == 0
    assert patience.owed_for_ms(2_000, 300, 200) == 0  # what was written before is taken
    assert patience.owed_for_ms(3_000, 300, 200) == 1_000
    assert patience.owed_for_ms(4_000, 900, 800) == 2_000


def test_a_peer_that_is_always_behind_but_takes_all_in_turn_owes_little():
    patience, worst = Patience(0), 0
    for second in range(1, 100):
        worst = max(worst, patience.owed_for_ms(second * 1000, 10_000 * second, 15_000))
    assert worst <= 1_000


def test_a_byte_now_and_then_gains_nothing():
    patience = Patience(0)
    patience.owed_for_ms(0, 50_000, 50_000)
    owed = [patience.owed_for_ms(second * 1000, 50_000, 50_000 - second) for second in range(1, 12)]
    assert owed[-1] == 11_000
