"""Where the last run ended in the walk over a population, kept beside the population file.

A run that began at the front again within a minute would use codes that the last one used up, and
get replays for approvals. Losing the file costs no more than that.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from tigertally_load.population import Population

_SUFFIX: Final = ".position"


class _File(msgspec.Struct, frozen=True):
    count: int
    walk_key: int
    position: int


class WalkPosition:
    """The position of `population`'s walk, in the file `path` + ".position"."""

    def __init__(self, path: Path, population: Population) -> None:
        self._path = path.with_name(path.name + _SUFFIX)
        self._population = population

    def read(self) -> int:
        """0 when there is none, or it belongs to another population."""
        try:
            file = msgspec.json.decode(self._path.read_bytes(), type=_File)
        except (OSError, msgspec.DecodeError):
            return 0
        ours = (self._population.count, self._population.walk_key)
        return file.position if (file.count, file.walk_key) == ours else 0

    def write(self, position: int) -> None:
        file = _File(self._population.count, self._population.walk_key, position)
        self._path.write_bytes(msgspec.json.encode(file) + b"\n")
