"""What a load consists of: kinds of requests and their shares, in a seeded order."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """A planned request, named by what it does; `workload` says which answer each must get."""

    APPROVE = "approve"
    WRONG = "wrong"
    REPLAY = "replay"
    RETRY = "retry"
    HEARTBEAT = "heartbeat"


KINDS: Final = tuple(Kind)
DEFAULT_MIX: Final = "approve=95,wrong=2,replay=1,retry=1,heartbeat=1"
# Kinds that use up a token for the current step; a replay or retry may have to stand in as one.
_USES_TOKEN: Final = frozenset({Kind.APPROVE, Kind.WRONG, Kind.REPLAY, Kind.RETRY})


@dataclass(frozen=True, slots=True)
class Mix:
    """Weights in the order of `KINDS`; only their proportions matter."""

    weights: tuple[float, ...]

    @classmethod
    def parse(cls, text: str) -> Mix:
        """`approve=95,wrong=5`; kinds not named have no share.

        Raises:
            ValueError: says what is wrong with the text.
        """
        weights = dict.fromkeys(KINDS, 0.0)
        for part in text.split(","):
            name, _, share = part.partition("=")
            try:
                kind, weight = Kind(name.strip()), float(share)
            except ValueError:
                known = ", ".join(KINDS)
                raise ValueError(f"{part.strip()!r}: write kind=share; kinds: {known}") from None
            if not 0 <= weight < float("inf"):
                raise ValueError(f"{part.strip()!r}: a share is 0 or more")
            weights[kind] = weight
        if sum(weights.values()) <= 0:
            raise ValueError("all shares are 0")
        return cls(tuple(weights.values()))

    def share(self, kind: Kind) -> float:
        """The kind's share, 0 to 1."""
        return self.weights[KINDS.index(kind)] / sum(self.weights)

    @property
    def token_share(self) -> float:
        """How many of the requests may use up a token, 0 to 1."""
        return sum(self.share(kind) for kind in _USES_TOKEN)

    def sequence(self, count: int, seed: int) -> bytes:
        """`count` indices into `KINDS`, the same for the same seed."""
        choices = random.Random(seed).choices(range(len(KINDS)), self.weights, k=count)
        return bytes(choices)

    def __str__(self) -> str:
        return ", ".join(
            f"{kind} {weight:g}" for kind, weight in zip(KINDS, self.weights, strict=True) if weight
        )
