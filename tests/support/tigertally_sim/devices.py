"""Customers and the tokens in their hands.

A device knows which factor (time step or counter) each of its codes stands for, so the auditor
needs not ask the engine. Codes of all factors that a run can reach are made beforehand.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field

from tigertally_engines.otp import gm, kernel
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_sim.clock import NodeClock

REACH = 130
"""Factors before and after the first that a device has codes for: more than windows and a run's
length together.
"""


@dataclass(frozen=True, slots=True)
class Customer:
    """`addresses`: where he sits when he uses his token."""

    number: str
    name: str
    mobile: str
    addresses: tuple[str, ...]


@dataclass(slots=True)
class Device:
    """`drift` in steps, as the device's own clock is ahead. `counter`: the next HOTP counter."""

    serial: str
    token_id: int
    type_name: str
    overrides: str
    parameters: OtpParameters
    seed: bytes = field(repr=False)
    clock: NodeClock
    drift: int = 0
    counter: int = 0
    factors: dict[str, list[int]] = field(default_factory=dict, repr=False)
    codes: dict[int, str] = field(default_factory=dict, repr=False)
    used: list[str] = field(default_factory=list, repr=False)

    @property
    def by_time(self) -> bool:
        return self.parameters.algorithm != "hotp"

    def prepare(self) -> None:
        """Makes the codes of all factors within reach."""
        now = self.step() if self.by_time else 0
        for factor in range(max(0, now - REACH), now + 3 * REACH):
            code = self._make(factor)
            self.codes[factor] = code
            self.factors.setdefault(code, []).append(factor)

    def _make(self, factor: int) -> str:
        p = self.parameters
        if p.algorithm == "gm-sm3":
            return gm.gm_sm3(self.seed, factor, None, None, p.digits)
        return kernel.hotp(self.seed, factor, p.digits, p.hash)

    def step(self) -> int:
        return self.clock.now_ms() // (self.parameters.step_s * 1000) + self.drift

    def next_factor(self, r: random.Random) -> int:
        """What the customer would read off now; somebody plays with the button now and then."""
        if self.by_time:
            return self.step() + r.choice((0, 0, 0, 0, -1, 1))
        skipped = r.choice((0, 0, 0, 0, 1, 2))
        factor = self.counter + skipped
        self.counter = factor + 1
        return factor

    def right(self, r: random.Random) -> str:
        code = self.codes[self.next_factor(r)]
        self.used.append(code)
        return code

    def pair(self, r: random.Random) -> tuple[str, str]:
        """Two codes in a row, for a resync."""
        first = self.next_factor(r)
        if not self.by_time:
            self.counter = first + 2
        codes = self.codes[first], self.codes[first + 1]
        self.used.extend(codes)
        return codes

    def wrong(self, r: random.Random) -> str:
        """A code of no factor within reach, now and then no code at all."""
        digits = self.parameters.digits
        if r.random() < 0.05:
            return str(r.randrange(10 ** (digits - 2), 10 ** (digits - 1)))
        while (code := str(r.randrange(10**digits)).zfill(digits)) in self.factors:
            pass
        return code


def make_parameters(r: random.Random, step_s: int) -> tuple[str, dict[str, object]]:
    """A token type, and overrides that let locks begin and end within a run."""
    failures = r.choice((2, 3, 5))
    overrides: dict[str, object] = {
        "window": r.choice((1, 1, 2)),
        "look_ahead": r.choice((3, 10)),
        "look_behind": r.choice((0, 4, 10)),
        "resync_window": 30,
        "drift_max": r.choice((2, 10)),
        "max_failures": failures,
        "lock_s": r.choice((3, 12)),
        "lock_cap_s": 40,
        "failure_ceiling": r.choice((failures + 1, failures * 3, 60)),
        "throttle_after": r.choice((1, 2, 3)),
        "throttle_base_ms": r.choice((0, 300, 1500)),
        "throttle_cap_ms": 4000,
        "familiar_origins": r.choice((0, 1, 2, 4, 4)),
    }
    name = r.choice(("totp-6", "totp-6", "totp-8", "hotp-6", "gm-sm3-6"))
    if name != "hotp-6":
        overrides["step_s"] = step_s
    return name, overrides


def overrides_text(overrides: dict[str, object]) -> str:
    return json.dumps(overrides, sort_keys=True)
