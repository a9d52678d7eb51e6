"""What must become of one token, entry by entry: an independent model of codes, failures, locks,
binding, states, and of who counts as a stranger.

Written from the laws, not from the engine: it reads the factors that a code stands
for off the device, and computes windows, replay, throttle and lock anew. Whose failures lock whom
is `docs/decisions/0007-strangers-have-a-ledger-of-their-own.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tigertally_engines.otp.parameters import OtpParameters
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.transactions import Transaction
from tigertally_sim.auditor import Call
from tigertally_sim.devices import Device

C, T = ResponseCode, Transaction
FOR_EVER_MS = 253_402_300_799_999
STOCK, ACTIVE, DISABLED = "in stock", "active", "disabled"


Place = tuple[int, str]
"""(channel id, end user's address)."""


@dataclass(slots=True)
class Ledger:
    """Failures, and what they cost so far."""

    failures: int = 0
    locked_until: int = 0
    next_try: int = 0

    def fail(self, p: OtpParameters, at_ms: int, throttle_from: int) -> None:
        self.failures += 1
        if self.failures >= p.failure_ceiling:
            self.locked_until = FOR_EVER_MS
        elif self.failures % p.max_failures == 0:
            doubled = p.lock_s * 2 ** (self.failures // p.max_failures - 1)
            self.locked_until = at_ms + min(doubled, p.lock_cap_s) * 1000
        if self.failures >= throttle_from and p.throttle_base_ms:
            doubled = p.throttle_base_ms * 2 ** max(0, self.failures - p.throttle_after)
            self.next_try = at_ms + min(doubled, p.throttle_cap_ms)


@dataclass(slots=True)
class TokenModel:
    """`next_factor`: the smallest that may still be accepted. `familiar`: where a code of it was
    approved, oldest first. `strange_in_a_row`: strangers' failures since anybody succeeded.
    `asked_from`: where the last try came from that was looked at.
    """

    device: Device
    owner: str
    state: str = ACTIVE
    next_factor: int = 0
    drift: int = 0
    own: Ledger = field(default_factory=Ledger)
    strangers: Ledger = field(default_factory=Ledger)
    strange_in_a_row: int = 0
    familiar: list[Place] = field(default_factory=list)
    asked_from: Place | None = None

    @property
    def parameters(self) -> OtpParameters:
        return self.device.parameters

    def expect(self, call: Call, at_ms: int, result: ResponseCode) -> ResponseCode:
        """The result that the entry must have; moves the model on. What the token alone can't tell
        (is the customer closed?) is taken from `result`.
        """
        self.asked_from = None
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
                self._unlock()
                self.familiar.clear()
            case T.DISABLE_TOKEN if self.state == ACTIVE:
                self.state = DISABLED
            case T.DISABLE_TOKEN:
                return C.TOKEN_DISABLED
            case T.ENABLE_TOKEN if self.state == DISABLED:
                self.state = ACTIVE
            case T.UNLOCK_TOKEN:
                self._unlock()
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
        if call.message.end_user_address:
            self.asked_from = (call.channel_id, call.message.end_user_address)
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
            self._failed(at_ms, p.throttle_after)
            return C.WRONG_CODE
        if found[0] < self.next_factor:
            return C.REPLAYED_CODE
        if self.device.by_time:
            reach = max(p.drift_max, abs(self.drift))
            ahead = found[0] - self._step(at_ms)
            self.drift = max(-reach, min(reach, ahead))
        self.next_factor = found[0] + 1
        self._succeeded(at_ms)
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
            self._failed(at_ms, 1)
            return C.RESYNC_FAILED
        self.next_factor = pairs[0] + 2
        if self.device.by_time:
            self.drift = pairs[0] + 1 - self._step(at_ms)
        self._succeeded(at_ms)
        return C.CHANGED

    # Whose failures they are.

    @property
    def _by_stranger(self) -> bool:
        known = bool(self.parameters.familiar_origins and self.familiar)
        return self.asked_from is not None and known and self.asked_from not in self.familiar

    @property
    def _ledger(self) -> Ledger:
        return self.strangers if self._by_stranger else self.own

    @property
    def _in_a_row(self) -> int:
        return self.own.failures + self.strange_in_a_row

    def _held(self, at_ms: int) -> ResponseCode | None:
        if at_ms < self._ledger.locked_until or self.own.locked_until == FOR_EVER_MS:
            return C.TOKEN_LOCKED
        return C.TOKEN_THROTTLED if at_ms < self._ledger.next_try else None

    def _failed(self, at_ms: int, throttle_from: int) -> None:
        self._ledger.fail(self.parameters, at_ms, throttle_from)
        self.strange_in_a_row += self._by_stranger
        if self._in_a_row >= self.parameters.failure_ceiling:
            self.own.locked_until = FOR_EVER_MS

    def _succeeded(self, at_ms: int) -> None:
        p, most = self.parameters, self.parameters.familiar_origins
        self.strange_in_a_row = 0
        if self._by_stranger:
            self.strangers = Ledger()
        else:
            self.own = Ledger()
            if self.strangers.locked_until == FOR_EVER_MS:
                self.strangers.locked_until = at_ms + p.lock_cap_s * 1000
                self.strangers.failures = p.failure_ceiling - p.max_failures
        if most and self.asked_from is not None and self.asked_from not in self.familiar:
            self.familiar = [*self.familiar, self.asked_from][-most:]

    def _unlock(self) -> None:
        self.own, self.strangers, self.strange_in_a_row = Ledger(), Ledger(), 0

    def _step(self, at_ms: int) -> int:
        return at_ms // (self.parameters.step_s * 1000)

    def _centre(self, at_ms: int) -> int:
        return self._step(at_ms) + self.drift

    def shown(self, at_ms: int) -> tuple[int, int]:
        """(remaining tries, locked until) as an answer shows them now, to whoever asked last."""
        p, ledger = self.parameters, self._ledger
        if self.own.locked_until == FOR_EVER_MS:
            ledger = self.own
        if at_ms < ledger.locked_until:
            return 0, ledger.locked_until
        before_lock = p.max_failures - ledger.failures % p.max_failures
        before_end = p.failure_ceiling - max(self._in_a_row, ledger.failures)
        return max(0, min(before_lock, before_end)), 0
