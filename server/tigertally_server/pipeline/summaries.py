"""The house's own notes on their way into the log — the tally's counts, one per channel and minute,
and alarms of spraying — kept until they stand there.

A note that got no answer, or the wrong one, is handed in again under the serial it had, so that it
is written once however often its commit's answer was lost. A database that is away for hours costs
memory for one small record per channel and minute, and no count.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tigertally_drivers.ports import Clock, Entropy
from tigertally_protocol.codes import CODES
from tigertally_server.domain.calendar import BusinessCalendar
from tigertally_server.domain.channel import HOUSE
from tigertally_server.pipeline.runner import Pending, Runner
from tigertally_server.pipeline.spraying import SprayAlarms
from tigertally_server.pipeline.tally import Tally
from tigertally_server.services.context import Context
from tigertally_server.services.request import Outcome, Phase, Request
from tigertally_server.services.table import SPRAYING_NOTE, SUMMARY_NOTE

BUDGET_MS: Final = 60_000


class Summaries:
    """`submit` it every few seconds. It is the receiver of its own notes' outcomes."""

    def __init__(
        self,
        tally: Tally,
        runner: Runner,
        context: Context,
        clock: Clock,
        entropy: Entropy,
        calendar: BusinessCalendar,
        alarms: SprayAlarms | None = None,
    ) -> None:
        self._alarms = alarms
        self._tally, self._runner, self._context = tally, runner, context
        self._clock, self._entropy, self._calendar = clock, entropy, calendar
        self._kept: list[Request] = []

    def submit(self, *, everything: bool = False) -> None:
        """Queues the notes of minutes that are over, or of `everything`, and those left over."""
        now_ms = self._clock.now_ms()
        due: list[tuple[int, int, Any]] = [
            (channel, SUMMARY_NOTE, summary)
            for channel, summary in self._tally.due(now_ms, everything=everything)
        ]
        if self._alarms is not None:
            due += [(channel, SPRAYING_NOTE, alarm) for channel, alarm in self._alarms.due(now_ms)]
        requests = [*self._kept, *(self._note(*one, now_ms) for one in due)]
        self._kept.clear()
        deadline = self._clock.monotonic_ms() + BUDGET_MS
        for request in requests:
            fresh = msgspec.structs.replace(request, deadline_ms=deadline)
            if not self._runner.submit(Pending(fresh, self)):
                self._kept.append(request)

    def _note(self, channel_id: int, transaction: int, message: Any, now_ms: int) -> Request:
        return Request(
            channel=self._context.snapshot.channels.get(channel_id, HOUSE),
            message=message,
            transaction=transaction,
            serial=self._entropy.integer63(),
            business_day=self._calendar.today(now_ms),
            received_ms=now_ms,
            deadline_ms=0,
            phase=Phase.SUMMARY,
        )

    def complete(self, pending: Pending, outcome: Outcome) -> None:
        if CODES[outcome.code].transient:
            self._kept.append(pending.request)

    def flush(self) -> None:
        """Nothing was written."""

    def fail(self, problem: Exception) -> None:
        raise problem
