"""Where the last run ended in the walk over a population, kept beside the population file.

A run that began at the front again would use codes that the last one used up within the same
30-second step, and get replays for approvals. So the walk goes on where it ended, and `fresh_at`
says from which step on the tokens suffice. Losing the file costs no more than some such errors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from tigertally_load.population import Population

_SUFFIX: Final = ".position"


class _File(msgspec.Struct, frozen=True):
    """`used` tokens were used up to and in `step`, beginning in a step before it or in it."""

    count: int = 0
    walk_key: int = 0
    position: int = 0
    step: int = 0
    used: int = 0


class WalkPosition:
    """The position of `population`'s walk, in the file `path` + ".position"."""

    def __init__(self, path: Path, population: Population) -> None:
        self._path = path.with_name(path.name + _SUFFIX)
        self._count = population.count
        self._walk_key = population.walk_key
        self._last = self._read()
        self.position = self._last.position if self._is_ours() else 0

    def fresh_at(self, step: int, needed: int) -> int:
        """The first step, from `step` on, in which `needed` tokens can be used."""
        if step > self._last.step:
            return step
        if self._is_ours() and self._last.used + needed <= self._count:
            return step
        return self._last.step + 1

    def write(self, position: int, first_step: int, last_step: int) -> None:
        """A run that lasted from `first_step` to `last_step` ended at `position`."""
        used = position - self.position
        if first_step <= self._last.step:
            used += self._last.used
        last = _File(self._count, self._walk_key, position, last_step, used)
        self._path.write_bytes(msgspec.json.encode(last) + b"\n")

    def _read(self) -> _File:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_File)
        except (OSError, msgspec.DecodeError):
            return _File()

    def _is_ours(self) -> bool:
        return (self._last.count, self._last.walk_key) == (self._count, self._walk_key)
