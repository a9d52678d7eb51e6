"""Who asks what: the same users, seeds and codes for every product, 97 % right and 3 % wrong.

A code is used once: users come in the mixed order of the load generator's walk, none twice in a
30-second step. What a server must answer is known before it is asked.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tigertally_load.codes import step_at, totp, wrong_code
from tigertally_load.population import Population
from tigertally_load.walk import TokenWalk

WRONG_SHARE: Final = 0.03
MIX: Final = "approve=97,wrong=3"
"""The same, in the words of our own load generator."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A user, the code typed, and whether it is the right one."""

    user: str
    code: str
    right: bool

    def __repr__(self) -> str:
        return f"<Attempt of {self.user}>"


def now_ms() -> int:
    return int(time.time() * 1000)


class Workload:
    """Attempts without end. Thread-safe."""

    def __init__(
        self, population: Population, seed: int = 1, clock_ms: Callable[[], int] = now_ms
    ) -> None:
        self.population = population
        self._walk = TokenWalk(population.count, population.walk_key)
        self._random = random.Random(seed)
        self._clock_ms = clock_ms
        self._mutex = threading.Lock()

    def take(self, *, right: bool | None = None) -> Attempt:
        """The next. Raises TokensExhausted."""
        with self._mutex:
            wrong = self._random.random() < WRONG_SHARE if right is None else not right
            step = step_at(self._clock_ms())
            token = self._walk.take(step, wrong=wrong)
        seed = self.population.seed(token)
        code = wrong_code(seed, step) if wrong else totp(seed, step)
        return Attempt(self.population.customer(token), code, not wrong)
