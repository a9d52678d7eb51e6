"""A bounded run of every fuzzing target; `make fuzz` takes hours where it is given them."""

from __future__ import annotations

from itertools import islice

import pytest

from tigertally_fuzz.mutate import inputs
from tigertally_fuzz.targets import TARGETS

EACH = 300


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_nothing_but_what_is_documented_is_raised(target, seed):
    for data in islice(inputs(target.seeds, seed), EACH):
        target(data)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_seeds_get_past_the_first_check(target):
    """A target whose seeds are all refused at the door tests the door only."""
    assert target.seeds
    if target.name not in ("time-stamp", "entry", "key-block"):
        good = 0
        for data in target.seeds:
            try:
                target.run(data)
                good += 1
            except target.expected:
                continue
        assert good
