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
    HOTP = "hotp"
    OCRA = "ocra"
    SMS = "sms"
    PIN_OTP = "pin-otp"
    MSCHAPV2 = "mschapv2"
    # What a turn of two requests is made of; no kinds of a mix themselves.
    OCRA_ISSUE = "ocra-issue"
    OCRA_VERIFY = "ocra-verify"
    SMS_ISSUE = "sms-issue"
    SMS_VERIFY = "sms-verify"


_HALVES: Final = (Kind.OCRA_ISSUE, Kind.OCRA_VERIFY, Kind.SMS_ISSUE, Kind.SMS_VERIFY)
KINDS: Final = tuple(kind for kind in Kind if kind not in _HALVES)
METHOD_KINDS: Final = frozenset({Kind.HOTP, Kind.OCRA, Kind.SMS, Kind.PIN_OTP, Kind.MSCHAPV2})
DEFAULT_MIX: Final = "approve=95,wrong=2,replay=1,retry=1,heartbeat=1"
NAMED_MIXES: Final = {
    "codes": DEFAULT_MIX,
    "methods": "approve=40,hotp=20,ocra=15,sms=15,pin-otp=5,mschapv2=5",
}
"""In `methods`, an OCRA or SMS request asks for a question or code, or answers one: half and half.
"""
# Kinds that use up a token for the current step; a replay or retry may have to stand in as one.
_USES_TOKEN: Final = METHOD_KINDS | {Kind.APPROVE, Kind.WRONG, Kind.REPLAY, Kind.RETRY}


@dataclass(frozen=True, slots=True)
class Mix:
    """Weights in the order of `KINDS`; only their proportions matter."""

    weights: tuple[float, ...]

    @classmethod
    def parse(cls, text: str) -> Mix:
        """`approve=95,wrong=5`, or the name of a mix; kinds not named have no share.

        Raises:
            ValueError: says what is wrong with the text.
        """
        weights: dict[Kind, float] = dict.fromkeys(KINDS, 0.0)
        for part in NAMED_MIXES.get(text.strip(), text).split(","):
            name, _, share = part.partition("=")
            try:
                kind, weight = Kind(name.strip()), float(share)
                weights[kind] += 0.0
            except (ValueError, KeyError):
                known = ", ".join((*KINDS, *NAMED_MIXES))
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
    def has_methods(self) -> bool:
        """Whether it needs a population with more than TOTP."""
        return any(self.share(kind) for kind in METHOD_KINDS)

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
