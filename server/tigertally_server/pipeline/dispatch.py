"""Messages leave the house: what is due in the outbox is handed to the gateway, and what became of
it is written down.

No transaction is open while a gateway is asked. A message is handed over again only when the
gateway certainly did not take it, with growing pauses, until it would come too late; when nobody
knows whether it was taken, that is its outcome, and the customer asks for another. While the
gateway does not answer at all, little is taken, so that the queue waits in the database and not
here. A gateway that reports twice, or before its answer was written down, does no harm.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final, Protocol, TypeVar

import structlog
import trio

from tigertally_drivers.errors import DriverError, Misbehaved, Rejected, TimedOut, Unavailable
from tigertally_drivers.ports import Clock
from tigertally_drivers.sms.port import (
    DeliveryReport,
    DeliveryState,
    SmsGateway,
    SmsMessage,
    SubmitResult,
)
from tigertally_engines.sms.sealing import NONCE_BYTES
from tigertally_server.domain.challenge import Challenge
from tigertally_server.domain.credential import Credential
from tigertally_server.domain.message import MessageState, OutgoingMessage
from tigertally_server.metrics import Metrics
from tigertally_server.services.context import Context
from tigertally_server.services.keyring import KeyMissing
from tigertally_server.services.sms.delivery import (
    SUPERSEDED,
    Around,
    Handed,
    handed_over,
    record_of,
)
from tigertally_server.store.outbox import Reported, Settled
from tigertally_server.store.port import StoreUnavailable

T = TypeVar("T")

POLL_S: Final = 0.2
BREATH_S: Final = 0.02
"""Between takings while more is due, and before outcomes are written down: places free up and
answers come one by one, and each trip to the database costs the same for one as for many.
"""
LEASE_MS: Final = 120_000
"""Longer than any driver waits for its gateway."""
RETRY_FIRST_MS: Final = 1_000
RETRY_MOST_MS: Final = 60_000
REST_FIRST_S: Final = 0.25
REST_MOST_S: Final = 5.0
STORE_REST_S: Final = 0.5
REPORT_WAITS_S: Final = (0.25, 0.5, 1.0, 2.0)
"""A report may come before the answer it belongs to is written down."""

_OUTCOMES: Final = {
    DeliveryState.ACCEPTED: MessageState.SENT,
    DeliveryState.UNKNOWN: MessageState.SENT,
    DeliveryState.DELIVERED: MessageState.DELIVERED,
    DeliveryState.EXPIRED: MessageState.EXPIRED,
    DeliveryState.FAILED: MessageState.FAILED,
}
_REPORTS: Final = {
    state: outcome for state, outcome in _OUTCOMES.items() if outcome is not MessageState.SENT
}
_WORDS: Final[dict[type[DriverError], str]] = {
    Rejected: "rejected",
    TimedOut: "timed out",
    Misbehaved: "misbehaved",
    Unavailable: "unavailable",
}


class Outbox(Protocol):
    """See `store.outbox`. Synchronous; called one at a time, from a worker thread."""

    def take(self, now_ms: int, lease_ms: int, at_most: int) -> list[OutgoingMessage]: ...
    def around(
        self, challenge_ids: Iterable[bytes], owner_ids: Iterable[int]
    ) -> tuple[list[Challenge], list[Credential]]: ...
    def settle(self, settled: Sequence[Settled]) -> None: ...
    def report(
        self, gateway: str, gateway_id: str, state: MessageState, reason: str
    ) -> Reported: ...
    def close(self) -> None: ...


Hop = Callable[[Callable[[], Any]], Awaitable[Any]]
"""How a call of the outbox gets its thread; tests run it inline."""


async def hop_to_thread(work: Callable[[], Any]) -> Any:
    """One worker thread; not abandoned on cancellation."""
    return await trio.to_thread.run_sync(work)


class Dispatcher:
    """One per process. `run` it, `drain` it, then `close`."""

    def __init__(
        self,
        name: str,
        gateway: SmsGateway,
        outbox: Outbox,
        context: Context,
        clock: Clock,
        metrics: Metrics,
        *,
        at_once: int = 32,
        hop: Hop = hop_to_thread,
    ) -> None:
        self._name, self._gateway, self._outbox = name, gateway, outbox
        self._context, self._clock, self._metrics = context, clock, metrics
        self._at_once, self._hop = at_once, hop
        self._one = trio.Lock()
        self._taking = False
        self._flying = 0
        self._done: list[Settled] = []
        self._finished = trio.Event()
        self._failures = 0
        self._stopping = False
        self._log = structlog.get_logger("sms")
        metrics.sms_gateway_up.set(1)

    async def run(self) -> None:
        """Until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._gateway.run, self.report)
            nursery.start_soon(self._settle)
            await self._take(nursery)

    async def drain(self, within_s: float) -> None:
        """Nothing more is taken; what is on its way is waited for and written down."""
        self._stopping = True
        with trio.move_on_after(within_s):
            while self._taking or self._flying or self._done:
                await trio.sleep(POLL_S / 4)

    def close(self) -> None:
        self._outbox.close()

    # ------------------------------------------------------------------ taking

    async def _take(self, nursery: trio.Nursery) -> None:
        while not self._stopping:
            free = self._at_once - self._flying
            found = 0
            if free > 0:
                self._taking = True
                try:
                    found = await self._take_some(nursery, 1 if self._failures else free)
                except StoreUnavailable:
                    await trio.sleep(STORE_REST_S)
                finally:
                    self._taking = False
            await trio.sleep(self._rest(found >= free > 0))

    def _rest(self, more: bool) -> float:
        if self._failures:
            return float(min(REST_FIRST_S * 2 ** min(self._failures, 10), REST_MOST_S))
        return BREATH_S if more else POLL_S

    async def _take_some(self, nursery: trio.Nursery, at_most: int) -> int:
        now_ms = self._clock.now_ms()
        taken = await self._in_thread(lambda: self._outbox.take(now_ms, LEASE_MS, at_most))
        for message in taken:
            if message.state is not MessageState.SENDING:
                self._count(message.state)
                self._log.warning("message not sent", message=message.id.hex(), why=message.reason)
        sending = [message for message in taken if message.state is MessageState.SENDING]
        if sending:
            await self._hand_over(nursery, sending)
        return len(taken)

    async def _hand_over(self, nursery: trio.Nursery, messages: list[OutgoingMessage]) -> None:
        records = {}
        for message in messages:
            try:
                records[message.id] = record_of(self._context, message)
            except KeyMissing:
                self._settled(Settled(message.id, MessageState.FAILED, reason="unreadable"))
        ids = [record.challenge for record in records.values() if record.challenge]
        owners = [m.account_id for m in messages if m.id in records and records[m.id].challenge]
        try:
            challenges, credentials = (
                await self._in_thread(lambda: self._outbox.around(ids, owners)) if ids else ([], [])
            )
        except StoreUnavailable:
            # Certainly not sent: back into the queue, as soon as that can be written.
            for message in messages:
                if message.id in records:
                    self._settled(Settled(message.id, MessageState.QUEUED, self._clock.now_ms()))
            raise
        by_id = {challenge.id: challenge for challenge in challenges}
        for message in messages:
            record = records.get(message.id)
            if record is None:
                continue
            own = tuple(c for c in credentials if c.owner_id == message.account_id)
            around = Around(by_id.get(record.challenge), own)
            nonce = self._context.keyring.random_bytes(NONCE_BYTES)
            try:
                handed = handed_over(self._context, record, around, nonce, self._clock.now_ms())
            except KeyMissing:
                self._settled(Settled(message.id, MessageState.FAILED, reason="unreadable"))
                continue
            if handed is None:
                self._settled(Settled(message.id, MessageState.EXPIRED, reason=SUPERSEDED))
                continue
            self._flying += 1
            nursery.start_soon(self._send, message, handed)

    # ------------------------------------------------------------------ sending

    async def _send(self, message: OutgoingMessage, handed: Handed) -> None:
        left_s = max(1, (message.expires_at_ms - self._clock.now_ms()) // 1000)
        sms = SmsMessage(message.id, handed.number, handed.text, left_s)
        try:
            result = await self._gateway.submit(sms)
        except Unavailable:
            self._settled(self._again(message))
        except DriverError as problem:
            self._answered()
            self._settled(self._not_sent(message, problem))
        except Exception as problem:  # noqa: BLE001 - the edge of a message
            self._log.error("message: a fault", message=message.id.hex(), exc_info=problem)
            self._settled(Settled(message.id, MessageState.UNKNOWN, reason="fault"))
        else:
            self._answered()
            self._settled(self._sent(message, result))
        finally:
            self._flying -= 1

    def _again(self, message: OutgoingMessage) -> Settled:
        """The gateway certainly did not take it."""
        self._failures += 1
        if self._failures == 1:
            self._metrics.sms_gateway_up.set(0)
            self._log.error("SMS gateway does not answer; messages wait", gateway=self._name)
        now_ms = self._clock.now_ms()
        pause_ms = min(RETRY_FIRST_MS << min(message.attempts - 1, 10), RETRY_MOST_MS)
        if now_ms + pause_ms >= message.expires_at_ms:
            return Settled(message.id, MessageState.EXPIRED, gateway=self._name, reason="too late")
        return Settled(
            message.id, MessageState.QUEUED, now_ms + pause_ms, reason=_WORDS[Unavailable]
        )

    def _not_sent(self, message: OutgoingMessage, problem: DriverError) -> Settled:
        refused = isinstance(problem, Rejected)
        state = MessageState.FAILED if refused else MessageState.UNKNOWN
        word = _WORDS.get(type(problem), "unknown")
        self._log.warning("message not sent", message=message.id.hex(), why=word)
        return Settled(message.id, state, gateway=self._name, reason=word)

    def _sent(self, message: OutgoingMessage, result: SubmitResult) -> Settled:
        seconds = (self._clock.now_ms() - message.created_at_ms) / 1000
        self._metrics.sms_seconds.observe(max(0.0, seconds))
        return Settled(
            message.id,
            _OUTCOMES[result.state],
            gateway=self._name,
            gateway_id=result.gateway_id,
        )

    def _answered(self) -> None:
        if self._failures:
            self._failures = 0
            self._metrics.sms_gateway_up.set(1)
            self._log.info("SMS gateway answers again", gateway=self._name)

    # ------------------------------------------------------------------ writing down

    def _settled(self, settled: Settled) -> None:
        self._done.append(settled)
        self._finished.set()

    async def _settle(self) -> None:
        while True:
            await self._finished.wait()
            await trio.sleep(BREATH_S)
            self._finished = trio.Event()
            batch = list(self._done)
            if not batch:
                continue
            try:
                await self._in_thread(partial(self._outbox.settle, batch))
            except StoreUnavailable:
                await trio.sleep(STORE_REST_S)
                self._finished.set()
                continue
            del self._done[: len(batch)]
            for item in batch:
                self._count(item.state)
            if self._done:
                self._finished.set()

    async def report(self, report: DeliveryReport) -> None:
        """The gateway tells later what became of a message. Raises the drivers' Unavailable where
        it can't be noted now.
        """
        state = _REPORTS.get(report.state)
        if state is None:
            return
        for wait_s in (*REPORT_WAITS_S, None):
            try:
                outcome = await self._in_thread(
                    lambda: self._outbox.report(self._name, report.gateway_id, state, report.reason)
                )
            except StoreUnavailable:
                raise Unavailable("the database does not answer") from None
            if outcome is not Reported.STRANGE or wait_s is None:
                self._metrics.sms_reports.labels(outcome.value).inc()
                return
            await trio.sleep(wait_s)

    def _count(self, state: MessageState) -> None:
        self._metrics.sms_messages.labels(state.name.lower()).inc()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        async with self._one:
            result: T = await self._hop(work)
            return result
