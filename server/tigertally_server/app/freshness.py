"""Whether the log is signed and on disk outside as it should be; where it isn't for too long, this
process approves nothing any more.

Every entry must be under a signature outside within `limit_ms` of being recorded. Each process
compares what all processes recorded with what the one on duty published; so a full disk outside, a
folder gone read-only, a lost signing key or a dead checkpointing process ends approvals everywhere,
and they begin again by themselves when the signatures go on.

Knows numbers only. `observe` may be called from a worker thread; `reason` costs a comparison and is
asked once per unit of work, not per request. No observation at all counts as no signature.
"""

from __future__ import annotations

from tigertally_drivers.ports import Clock


class Freshness:
    """`limit_ms` 0: never stops anything."""

    def __init__(self, clock: Clock, limit_ms: int) -> None:
        self._clock, self._limit_ms = clock, limit_ms
        self._wanted = 0
        self._wanted_since = self._fresh_at = clock.monotonic_ms()
        self._problem = ""

    def observe(self, recorded: int, published: int) -> None:
        """Entries recorded in all shards together, and published."""
        now = self._clock.monotonic_ms()
        if published >= recorded:
            self._fresh_at = now
        elif published >= self._wanted:
            # All that stood when it was looked at last is published by now.
            self._fresh_at = max(self._fresh_at, self._wanted_since)
        else:
            return
        self._wanted, self._wanted_since = recorded, now
        self._problem = ""

    def trouble(self, problem: str) -> None:
        """Why this process could not sign, for the log and for readiness."""
        self._problem = problem

    def database_away(self) -> None:
        """Without a database nothing is recorded, so nothing waits for a signature."""
        self._fresh_at = self._wanted_since = self._clock.monotonic_ms()

    @property
    def age_ms(self) -> int:
        """How long the oldest entry may have waited for its signature."""
        return self._clock.monotonic_ms() - self._fresh_at

    def reason(self) -> str:
        """Why nothing is approved; empty: nothing is in the way."""
        if not self._limit_ms or self.age_ms <= self._limit_ms:
            return ""
        why = self._problem or "no checkpoint was published"
        return f"the audit log is not signed outside the database: {why}"
