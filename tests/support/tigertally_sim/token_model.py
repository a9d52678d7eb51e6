"""What must become of one token, entry by entry: an independent model of codes, failures, locks,
binding and states.

Written from the laws, not from the engine: it reads the factors that a code stands
for off the device, and computes windows, replay, throttle and lock anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from tigertally_engines.otp.parameters import OtpParameters
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.transactions import Transaction
from tigertally_sim.auditor import Call
from tigertally_sim.devices import Device

C, T = ResponseCode, Transaction
FOR_EVER_MS = 253_402_300_799_999
STOCK, ACTIVE, DISABLED = "in stock", "active", "disabled"


@dataclass(slots=True)
class TokenModel:
    """`next_factor`: the smallest that may still be accepted."""

    device: Device
    owner: str
    state: str = ACTIVE
    next_factor: int = 0
    drift: int = 0
    failures: int = 0
    locked_until: int = 0
    next_try: int = 0

    @property
    def parameters(self) -> OtpParameters:
        return self.device.parameters

    def expect(self, call: Call, at_ms: int, result: ResponseCode) -> ResponseCode:
        """The result that the entry must have; moves the model on. What the token alone can't tell
        (is the customer closed?) is taken from `result`.
        """
        if call.transaction is T.BIND_TOKEN:
            return self._bind(call, at_ms, result)
        if self.owner != call.customer:
            return C.TOKEN_NOT_BOUND
        match call.transaction:
            case T.VERIFY_OTP:
                return self._verify(call, at_ms)
            case T.RESYNC_TOKEN:
                return self._resync(call, at_ms) if self.state == ACTIVE else C.TOKEN_DISABLED
            case T.UNBIND_TOKEN:
                self.owner, self.state = "", STOCK
                self._forgive()
            case T.DISABLE_TOKEN if self.state == ACTIVE:
                self.state = DISABLED
            case T.DISABLE_TOKEN:
                return C.TOKEN_DISABLED
            case T.ENABLE_TOKEN if self.state == DISABLED:
                self.state = ACTIVE
            case T.UNLOCK_TOKEN:
                self._forgive()
            case _:
                return C.ILLEGAL_TRANSITION
        return C.CHANGED

    def _bind(self, call: Call, at_ms: int, result: ResponseCode) -> ResponseCode:
        if result in (C.USER_UNKNOWN, C.USER_CLOSED):
            return result
        if self.owner:
            return C.ILLEGAL_TRANSITION if self.owner == call.customer else C.TOKEN_BOUND_ELSEWHERE
        if call.codes and (judged := self._judge(call.codes[0], at_ms)) is not C.APPROVED:
            return judged
        self.owner, self.state = call.customer, ACTIVE
        return C.CHANGED

    def _verify(self, call: Call, at_ms: int) -> ResponseCode:
        if self.state == DISABLED:
            return C.TOKEN_DISABLED
        return self._judge(call.codes[0], at_ms)

    def _judge(self, code: str, at_ms: int) -> ResponseCode:
        if (held := self._held(at_ms)) is not None:
            return held
        p, factors = self.parameters, self.device.factors.get(code, [])
        first = self._centre(at_ms) - p.window if self.device.by_time else self.next_factor
        last = first + (2 * p.window if self.device.by_time else p.look_ahead)
        inside = [f for f in factors if first <= f <= last]
        behind = [f for f in factors if self.next_factor - p.look_behind <= f < self.next_factor]
        found = inside or behind
        if not found:
            self._fail(at_ms, p.throttle_after)
            return C.WRONG_CODE
        if found[0] < self.next_factor:
            return C.REPLAYED_CODE
        if self.device.by_time:
            reach = max(p.drift_max, abs(self.drift))
            ahead = found[0] - self._step(at_ms)
            self.drift = max(-reach, min(reach, ahead))
        self.next_factor = found[0] + 1
        self._forgive()
        return C.APPROVED

    def _resync(self, call: Call, at_ms: int) -> ResponseCode:
        if (held := self._held(at_ms)) is not None:
            return held
        p, table = self.parameters, self.device.factors
        first, last = self.next_factor, self.next_factor + p.resync_window
        if self.device.by_time:
            first = max(first, self._step(at_ms) - p.resync_window)
            last = self._step(at_ms) + p.resync_window
        code_1, code_2 = call.codes
        pairs = [
            factor
            for factor in table.get(code_1, [])
            if factor + 1 in table.get(code_2, []) and first <= factor and factor + 1 <= last
        ]
        if not pairs:
            self._fail(at_ms, 1)
            return C.RESYNC_FAILED
        self.next_factor = pairs[0] + 2
        if self.device.by_time:
            self.drift = pairs[0] + 1 - self._step(at_ms)
        self._forgive()
        return C.CHANGED

    def _held(self, at_ms: int) -> ResponseCode | None:
        if at_ms < self.locked_until:
            return C.TOKEN_LOCKED
        return C.TOKEN_THROTTLED if at_ms < self.next_try else None

    def _step(self, at_ms: int) -> int:
        return at_ms // (self.parameters.step_s * 1000)

    def _centre(self, at_ms: int) -> int:
        return self._step(at_ms) + self.drift

    def _forgive(self) -> None:
        self.failures = self.locked_until = self.next_try = 0

    def _fail(self, at_ms: int, throttle_from: int) -> None:
        p = self.parameters
        self.failures += 1
        if self.failures >= p.failure_ceiling:
            self.locked_until = FOR_EVER_MS
        elif self.failures % p.max_failures == 0:
            doubled = p.lock_s * 2 ** (self.failures // p.max_failures - 1)
            self.locked_until = at_ms + min(doubled, p.lock_cap_s) * 1000
        if self.failures >= throttle_from and p.throttle_base_ms:
            doubled = p.throttle_base_ms * 2 ** max(0, self.failures - p.throttle_after)
            self.next_try = at_ms + min(doubled, p.throttle_cap_ms)

    def shown(self, at_ms: int) -> tuple[int, int]:
        """(remaining tries, locked until) as an answer shows them now."""
        p, locked = self.parameters, at_ms < self.locked_until
        if locked or self.failures >= p.failure_ceiling:
            return 0, self.locked_until if locked else 0
        left = p.max_failures - self.failures % p.max_failures
        return min(left, p.failure_ceiling - self.failures), 0
