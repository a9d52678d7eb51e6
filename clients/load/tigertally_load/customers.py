"""The customers of one method, in the order in which they are used; and how far each method's order
has gone.
"""

from __future__ import annotations

from collections.abc import Mapping

from tigertally_load.methods import Method
from tigertally_load.population import Population
from tigertally_load.walk import TokenWalk


class Customers:
    """Those of `population` who have `method`, walked from `position` on."""

    def __init__(self, population: Population, method: Method, position: int = 0) -> None:
        self._population, self._method = population, method
        self.count = population.count_of(method)
        self._walk = TokenWalk(max(1, self.count), population.walk_key, position)

    @property
    def position(self) -> int:
        return self._walk.position

    def take(self, step: int, *, wrong: bool = False) -> int:
        """Number of the next customer. Raises TokensExhausted."""
        return self._population.place_of(self._method, self._walk.take(step, wrong=wrong))

    @property
    def round(self) -> int:
        """How often each customer was taken before the one that `take` gives next."""
        return self._walk.position // max(1, self.count)


def all_customers(population: Population, positions: Mapping[str, int]) -> dict[Method, Customers]:
    """By method, each from its own position."""
    methods = Method if population.methods else (Method.TOTP,)
    return {method: Customers(population, method, positions.get(method, 0)) for method in methods}
