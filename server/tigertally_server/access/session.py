"""One connection of a channel: bytes through the sans-I/O protocol into requests, outcomes back
into frames.

Knows the wire and the pipeline, not the services. Per request it does no waiting, opens no task and
writes no log line.
"""

from __future__ import annotations

from typing import Any, Final

import structlog
import trio

from tigertally_protocol.codes import CODES, ResponseCode
from tigertally_protocol.connection import ServerConnection
from tigertally_protocol.constants import FLAG_RETRY
from tigertally_protocol.errors import SignOnRefused
from tigertally_protocol.events import (
    BadRequest,
    HeartbeatReceived,
    KeyChangeReceived,
    PutOff,
    Rejected,
    RequestReceived,
    SignOffReceived,
    SignOnReceived,
)
from tigertally_protocol.states import ServerState
from tigertally_protocol.transactions import Transaction
from tigertally_server.access import sign_on
from tigertally_server.access.patience import Patience
from tigertally_server.access.process import Pipeline
from tigertally_server.access.transport import Transport
from tigertally_server.domain.channel import HOUSE_CHANNEL, Channel
from tigertally_server.pipeline.admission import RETRY_FULL_MS, Asked, refuse
from tigertally_server.pipeline.limits import ChannelLoad
from tigertally_server.pipeline.respond import answer_of
from tigertally_server.pipeline.runner import Pending
from tigertally_server.services.request import Outcome, Phase, Request
from tigertally_server.services.sessions import SignedOff, SignedOn

RETRY_QUEUE_MS: Final = 100
SIGN_ON_BUDGET_MS: Final = 5_000
SIGN_OFF_BUDGET_MS: Final = 3_600_000
"""Nobody waits for the entry of a log-out, so it may outlast an outage."""


_NAMES: Final = {int(transaction): transaction.name for transaction in Transaction}


class Session:
    """One connection from accept to close."""

    def __init__(
        self, pipeline: Pipeline, transport: Transport, certificate_name: str | None = None
    ) -> None:
        self._pipeline, self._transport = pipeline, transport
        self._certificate_name = certificate_name
        self.session_id = pipeline.entropy.integer63()
        self._conn = ServerConnection(
            self.session_id, pipeline.entropy.token_bytes(16), pipeline.node
        )
        self._channel_id = 0
        self._load: ChannelLoad | None = None
        self._in_flight = 0
        self._signed_on = False
        self._judged: Channel | None = None
        self._admitted = True
        self._ending = ""
        self._leaving: Any = None
        self._scope = trio.CancelScope()
        self._reading = trio.CancelScope()
        now = pipeline.clock.monotonic_ms()
        self._opened_ms = self._heard_ms = self._understood_ms = now
        self._patience = Patience(now)
        self._written = 0
        self._keys_ms = now
        self._old_keys_until_ms = 0
        self._asked_for_keys = False
        self._drain_until_ms = 0
        self._log = structlog.get_logger("session")
        self._answered = pipeline.metrics.answers

    # The life of the connection.

    async def serve(self) -> None:
        """Until the peer leaves, misbehaves or is told to. Raises nothing of the peer's making."""
        pipeline = self._pipeline
        pipeline.sessions.add(self)
        try:
            with self._scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._transport.run_writer)
                    self._transport.write(self._conn.greeting(pipeline.clock.now_ms()))
                    self._transport.flush()
                    with self._reading:
                        await self._read()
                    with trio.move_on_after(pipeline.limits.slow_reader_s):
                        await self._transport.drained()
                    nursery.cancel_scope.cancel()
        finally:
            # Also where a drain has cut us off: the sign-off belongs into the log.
            with trio.CancelScope(shield=True):
                await self._close()

    async def _read(self) -> None:
        transport, limits = self._transport, self._pipeline.limits
        while not self._ending:
            try:
                data = await transport.receive()
            except (OSError, trio.BrokenResourceError, trio.ClosedResourceError):
                self._ending = "connection broken"
                return
            if not data:
                self._ending = "closed by peer"
                return
            self._received(data)
            transport.flush()
            if transport.pending > limits.outbox_max:
                # A peer that doesn't take its answers gets no more work done; `tick` ends it if it
                # never does.
                await transport.drained()

    async def _close(self) -> None:
        pipeline = self._pipeline
        pipeline.sessions.discard(self)
        # Else the two would hold each other until the collector comes.
        self._conn.puts_off = None
        reason = self._ending or "ended"
        # Before the peer can see the end: it may look at the figures, or come again, at once.
        pipeline.metrics.closed.labels(reason=reason).inc()
        if self._load is not None:
            self._load.count_connections(-1)
        await self._transport.aclose()
        if self._load is not None:
            self._note(Transaction.SIGN_OFF, SignedOff(reason), Phase.SIGN_OFF)
            self._log.info(
                "signed off", channel=self._channel_id, peer=self._transport.peer, reason=reason
            )

    def tick(self, now_ms: int) -> None:
        """Called every second: the limits on half-open, idle and slow connections, and the life of
        keys.
        """
        limits = self._pipeline.limits
        if not self._signed_on:
            if now_ms - self._opened_ms > limits.half_open_s * 1000:
                self.end("not signed on in time", ResponseCode.SIGN_ON_TIMEOUT)
            return
        owed_ms = self._patience.owed_for_ms(now_ms, self._written, self._transport.pending)
        if owed_ms > limits.slow_reader_s * 1000:
            self.end("does not take its answers", ResponseCode.SLOW_READER)
            return
        if self._ending:
            # The last bytes are being taken, and nothing more can be said.
            return
        if not owed_ms and now_ms - self._understood_ms > limits.idle_s * 1000:
            # A peer that owes us a look at its answers may be one that we have ceased to read.
            self.end("idle", ResponseCode.IDLE)
        elif self._drain_until_ms and (now_ms > self._drain_until_ms):
            self.end("drained")
        else:
            self._tend_keys(now_ms)

    def _tend_keys(self, now_ms: int) -> None:
        limits = self._pipeline.limits
        if self._old_keys_until_ms and now_ms > self._old_keys_until_ms:
            self._conn.expire_old_generation()
            self._old_keys_until_ms = 0
        due = self._conn.key_change_needed or now_ms - self._keys_ms > limits.key_life_s * 1000
        if due and not self._asked_for_keys:
            self._asked_for_keys = True
            grace = int(limits.key_overlap_s * 1000)
            self._write(self._conn.key_change_due(grace, self._pipeline.clock.now_ms()))
            self.flush()

    def drain(self, now_ms: int) -> None:
        """Tells the peer to go elsewhere; what is in flight is answered, then the
        connection ends.
        """
        if self._ending:
            return
        if not self._signed_on:
            self.end("drained")
            return
        grace = self._pipeline.limits.drain_grace_ms
        self._drain_until_ms = now_ms + grace
        self._write(self._conn.drain(grace, self._pipeline.clock.now_ms()))
        self.flush()

    @property
    def signed_on(self) -> bool:
        return self._signed_on

    @property
    def told_to_leave(self) -> bool:
        return self._drain_until_ms > 0

    @property
    def quiet(self) -> bool:
        """Nothing in flight and nothing unsent."""
        return self._in_flight == 0 and not self._transport.pending

    def end(self, reason: str, code: ResponseCode | None = None) -> None:
        """Closes now. With a code, the peer is told by a reject."""
        already_ending = self._ending
        self._ending = already_ending or reason
        if code is not None and not already_ending:
            self._write(self._conn.refuse(None, code, self._pipeline.clock.now_ms()))
            self.flush()
        self._scope.cancel()

    # Bytes in.

    def _received(self, data: bytes) -> None:
        self._heard_ms = self._pipeline.clock.monotonic_ms()
        conn = self._conn
        conn.feed(data, self._pipeline.clock.now_ms())
        while (event := conn.next_event()) is not None:
            # Bytes that never become a frame don't keep a connection alive.
            self._understood_ms = self._heard_ms
            if type(event) is RequestReceived:
                self._request(event)
            elif type(event) is PutOff:
                self._put_off(event)
            elif type(event) is Rejected:
                self._rejected(event)
            else:
                self._other(event)
            if self._ending:
                return

    def _other(self, event: Any) -> None:
        now_ms = self._pipeline.clock.now_ms()
        match event:
            case HeartbeatReceived(header):
                self._write(self._conn.heartbeat_reply(header, now_ms))
            case BadRequest(header, field_name, code):
                self._answer(header, self._channel(), Outcome(code, detail=field_name))
            case SignOnReceived(header, message):
                self._sign_on(header, message)
            case SignOffReceived(header):
                self._leaving = header
                self._leave_when_answered()
            case KeyChangeReceived(header):
                self._change_keys(header)
            case _:
                raise AssertionError(f"unknown event {type(event).__name__}")

    def _put_off(self, event: PutOff) -> None:
        header, now_ms = event.header, self._pipeline.clock.now_ms()
        self._count(header, ResponseCode.BUSY, now_ms)
        self._write(
            self._conn.respond(header, ResponseCode.BUSY, None, now_ms, event.retry_after_ms)
        )

    def _rejected(self, event: Rejected) -> None:
        name = event.code.name
        self._pipeline.metrics.rejects.count(name)
        self._write(event.frame)
        if event.fatal:
            self._ending = f"rejected: {name}"

    def _request(self, event: RequestReceived) -> None:
        pipeline, header, message = self._pipeline, event.header, event.message
        channel, load = self._channel(), self._load
        assert load is not None
        now_ms, monotonic_ms = pipeline.clock.now_ms(), self._heard_ms
        asked = Asked(
            header.transaction,
            header.serial,
            header.business_day,
            getattr(message, "institution", ""),
            pipeline.calendar.today(now_ms),
            now_ms,
            monotonic_ms,
            self._in_flight,
            self._conn.in_flight_limit,
            pipeline.draining,
            self._address_admitted(channel),
        )
        refusal = refuse(channel, load, asked)
        if refusal is not None or channel is None:
            self._answer(header, channel, refusal or Outcome(ResponseCode.CHANNEL_DISABLED))
            return
        budget = min(
            header.budget_ms or pipeline.limits.budget_default_ms, pipeline.limits.budget_max_ms
        )
        keyring = pipeline.context.keyring
        request = Request(
            channel=channel,
            message=message,
            transaction=header.transaction,
            serial=header.serial,
            business_day=header.business_day,
            received_ms=now_ms,
            deadline_ms=monotonic_ms + budget,
            digest=keyring.digest(event.canonical),
            other_digests=(
                keyring.other_digests(event.canonical) if keyring.digest_was_rotated else ()
            ),
            peer=self._transport.peer,
            retry=header.flags & FLAG_RETRY != 0,
        )
        if not pipeline.runner.submit(Pending(request, self, header)):
            self._answer(header, channel, Outcome(ResponseCode.BUSY, retry_after_ms=RETRY_QUEUE_MS))
            return
        self._in_flight += 1
        load.count_in_flight(1)

    def _put_off_ms(self) -> int:
        """What can be refused without looking into a request; see `ServerConnection.puts_off`."""
        load = self._load
        assert load is not None
        if self._in_flight >= self._conn.in_flight_limit:
            return RETRY_FULL_MS
        if not self._pipeline.runner.has_room(self._channel_id):
            return RETRY_QUEUE_MS
        return load.rate.wait_ms(self._heard_ms)

    def _address_admitted(self, channel: Channel | None) -> bool:
        """Judged once per version of the channel's row, not per request."""
        if channel is not self._judged and channel is not None:
            self._judged, self._admitted = channel, channel.admits_address(self._transport.peer)
        return self._admitted

    def _leave_when_answered(self) -> None:
        """Sign-off promises that no request follows, not that none is open."""
        if self._in_flight == 0:
            self._write(self._conn.sign_off_reply(self._leaving, self._pipeline.clock.now_ms()))
            self._ending = self._ending or "signed off"
            self._reading.cancel()

    # Outcomes out.

    def complete(self, pending: Pending, outcome: Outcome) -> None:
        request = pending.request
        if request.phase is not Phase.FINAL:
            if request.phase is Phase.SIGN_ON:
                self._signed_on_recorded(pending, outcome)
            return
        self._pipeline.spraying.note(request, outcome.code, request.received_ms)
        # Also where the connection has ended meanwhile: until then its work still counts.
        if self._load is not None:
            self._in_flight -= 1
            self._load.count_in_flight(-1)
        if self._conn.state is ServerState.CLOSED:
            # The stream broke off behind this request; the peer asks again for what was decided.
            return
        self._answer(pending.header, request.channel, outcome)
        self._answered.duration(self._pipeline.clock.now_ms() - request.received_ms)
        if self._leaving is not None:
            self._leave_when_answered()

    def _answer(self, header: Any, channel: Channel | None, outcome: Outcome) -> None:
        now_ms = self._pipeline.clock.now_ms()
        answer = answer_of(channel, header.transaction, outcome)
        self._count(header, outcome.code, now_ms)
        self._write(
            self._conn.respond(header, answer.code, answer.body, now_ms, answer.retry_after_ms)
        )

    def _count(self, header: Any, code: ResponseCode, now_ms: int) -> None:
        if not CODES[code].recorded:
            self._pipeline.tally.count(self._channel_id, code, now_ms)
        self._answered.count(_NAMES[header.transaction], code.name)

    def fail(self, problem: Exception) -> None:
        self._log.error("connection ended by a fault", channel=self._channel_id, exc_info=problem)
        self.end("fault")

    def _write(self, frame: bytes) -> None:
        self._written += len(frame)
        self._transport.write(frame)

    def flush(self) -> None:
        self._transport.flush()

    # Sign-on and keys.

    def _channel(self) -> Channel | None:
        return self._pipeline.context.snapshot.channels.get(self._channel_id)

    def _sign_on(self, header: Any, message: Any) -> None:
        pipeline, now_ms = self._pipeline, self._pipeline.clock.now_ms()
        snapshot = pipeline.context.snapshot
        channel = snapshot.channels.get(header.channel_id)
        refusal = sign_on.refusal(
            channel, pipeline, self._transport.peer, self._certificate_name, now_ms
        )
        master = None
        if refusal is None:
            master = snapshot.master_key(
                pipeline.context.keyring, header.channel_id, header.key_generation
            )
        if master is None or channel is None:
            code, why = refusal or (ResponseCode.SIGN_ON_REFUSED, "no such version of the key")
            self._refuse_sign_on(header, code, why)
            return
        limits = pipeline.limits
        wanted = message.wanted_in_flight or limits.in_flight_max
        try:
            frame = self._conn.accept_sign_on(
                header,
                message,
                master_key=master,
                suite=channel.suite,
                field_cipher=channel.field_cipher,
                charset=channel.charset,
                working=sign_on.new_working_keys(channel, pipeline.entropy),
                in_flight_limit=min(wanted, limits.in_flight_max),
                heartbeat_s=limits.heartbeat_s,
                idle_s=int(limits.idle_s),
                key_life_s=limits.key_life_s,
                now_ms=now_ms,
            )
        except SignOnRefused as problem:
            self._refuse_sign_on(header, ResponseCode.SIGN_ON_REFUSED, str(problem))
            return
        pipeline.metrics.sender_skew_seconds.observe(abs(now_ms - header.sender_time) / 1000)
        self._channel_id = channel.id
        self._load = pipeline.loads.of(channel.id, channel.rate_per_s)
        self._load.count_connections(1)
        self._conn.puts_off = self._put_off_ms
        note = SignedOn(message.client_name, header.key_generation, pipeline.node)
        if not self._note(Transaction.SIGN_ON, note, Phase.SIGN_ON, frame):
            self.end("too busy to sign on", ResponseCode.TOO_MANY_CONNECTIONS)

    def _refuse_sign_on(self, header: Any, code: ResponseCode, why: str) -> None:
        """The peer learns only the code; the log says why."""
        pipeline = self._pipeline
        pipeline.metrics.rejects.count(code.name)
        known = header.channel_id in pipeline.context.snapshot.channels
        channel_id = header.channel_id if known else HOUSE_CHANNEL
        pipeline.tally.count(channel_id, code, pipeline.clock.now_ms())
        self._log.warning(
            "sign-on refused",
            channel=header.channel_id,
            peer=self._transport.peer,
            code=code.name,
            why=why,
        )
        self._write(self._conn.refuse(header, code, pipeline.clock.now_ms()))
        self._ending = "sign-on refused"

    def _note(self, transaction: int, message: Any, phase: Phase, header: Any = None) -> bool:
        pipeline = self._pipeline
        channel = self._channel()
        if channel is None:
            return False
        now_ms = pipeline.clock.now_ms()
        budget_ms = SIGN_ON_BUDGET_MS if phase is Phase.SIGN_ON else SIGN_OFF_BUDGET_MS
        request = Request(
            channel=channel,
            message=message,
            transaction=transaction,
            serial=self.session_id,
            business_day=pipeline.calendar.today(now_ms),
            received_ms=now_ms,
            deadline_ms=pipeline.clock.monotonic_ms() + budget_ms,
            peer=self._transport.peer,
            phase=phase,
        )
        return pipeline.runner.submit(Pending(request, self, header))

    def _signed_on_recorded(self, pending: Pending, outcome: Outcome) -> None:
        if self._ending:
            return
        if outcome.code is not ResponseCode.SIGNED_ON:
            self.end("sign-on could not be recorded", ResponseCode.SIGN_ON_REFUSED)
            return
        self._signed_on = True
        self._log.info("signed on", channel=self._channel_id, peer=self._transport.peer)
        self._write(pending.header)

    def _change_keys(self, header: Any) -> None:
        pipeline = self._pipeline
        channel = self._channel()
        if channel is None:
            self._ending = "channel removed"
            return
        self._write(
            self._conn.change_keys(
                header, sign_on.new_working_keys(channel, pipeline.entropy), pipeline.clock.now_ms()
            )
        )
        now = pipeline.clock.monotonic_ms()
        self._keys_ms, self._asked_for_keys = now, False
        self._old_keys_until_ms = now + int(pipeline.limits.key_overlap_s * 1000)
