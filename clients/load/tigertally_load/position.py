"""Where the last run ended in the walk over a population, kept beside the population file.

A run that began at the front again would use codes that the last one used up within the same
30-second step, and get replays for approvals. So the walk goes on where it ended, and `fresh_at`
says from which step on the tokens suffice. Losing the file costs no more than some such errors;
counters of HOTP tokens are lost with it, since they follow from the position.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from tigertally_load.methods import Method
from tigertally_load.population import Population

_SUFFIX: Final = ".position"
_AHEAD: Final = 5


class _File(msgspec.Struct, frozen=True):
    """`used` tokens were used up to and in `step`, beginning in a step before it or in it."""

    count: int = 0
    walk_key: int = 0
    position: int = 0
    step: int = 0
    used: int = 0
    methods: dict[str, int] = {}


class WalkPosition:
    """The position of `population`'s walk, in the file `path` + ".position"."""

    def __init__(self, path: Path, population: Population) -> None:
        self._path = path.with_name(path.name + _SUFFIX)
        self._count = population.count
        self._population = population
        self._totp = population.count_of(Method.TOTP)
        self._walk_key = population.walk_key
        self._last = self._read()
        self.position = self._last.position if self._is_ours() else 0

    @property
    def positions(self) -> dict[str, int]:
        """By method, where customers have several."""
        return dict(self._last.methods) if self._is_ours() else {}

    def begin(self) -> None:
        """Before a run: should its end never be written, HOTP's next one begins some counters ahead
        of its tokens, which their look-ahead covers.
        """
        if not self._population.methods:
            return
        count = self._population.count_of(Method.HOTP)
        round_ = -(-self.positions.get(Method.HOTP, 0) // count) + _AHEAD
        methods = {**self.positions, Method.HOTP: round_ * count}
        mark = msgspec.structs.replace(
            self._last, count=self._count, walk_key=self._walk_key, methods=methods
        )
        self._path.write_bytes(msgspec.json.encode(mark) + b"\n")

    def fresh_at(self, step: int, needed: int) -> int:
        """The first step, from `step` on, in which `needed` tokens can be used."""
        if step > self._last.step:
            return step
        if self._is_ours() and self._last.used + self._of_totp(needed) <= self._totp:
            return step
        return self._last.step + 1

    def _of_totp(self, needed: int) -> int:
        """How many of so many tokens are TOTP's."""
        return -(-needed * self._totp // self._count)

    def write(
        self,
        position: int,
        first_step: int,
        last_step: int,
        methods: Mapping[str, int] | None = None,
    ) -> None:
        """A run that lasted from `first_step` to `last_step` ended at `position`, and the walks of
        `methods` at theirs.
        """
        used = position - self.position
        if first_step <= self._last.step:
            used += self._last.used
        last = _File(self._count, self._walk_key, position, last_step, used, dict(methods or {}))
        self._path.write_bytes(msgspec.json.encode(last) + b"\n")

    def _read(self) -> _File:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_File)
        except (OSError, msgspec.DecodeError):
            return _File()

    def _is_ours(self) -> bool:
        return (self._last.count, self._last.walk_key) == (self._count, self._walk_key)
