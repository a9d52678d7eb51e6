"""Short messages over SMPP 3.4: a bound link kept alive, made again when it is lost, and slowed
down when the SMSC says so.

A submission is made once. It is tried again only after an answer that says nothing was taken
(throttling, full queue), and only within the caller's patience. After a lost connection the
outcome is unknown and stays so, unless a receipt tells.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

import structlog
import trio

from tigertally_drivers.errors import DriverError, Misbehaved, Rejected, Unavailable
from tigertally_drivers.sms.backoff import Backoff
from tigertally_drivers.sms.connecting import Connector, connect, verifying_context
from tigertally_drivers.sms.port import (
    DeliveryReport,
    ReportSink,
    SmsMessage,
    SubmitResult,
    Surroundings,
)
from tigertally_drivers.sms.settings import read_secret, read_settings
from tigertally_drivers.sms.smpp.compose import Part, compose
from tigertally_drivers.sms.smpp.fields import FieldError
from tigertally_drivers.sms.smpp.link import Link, LinkLimits
from tigertally_drivers.sms.smpp.pdu import (
    BindTransceiver,
    GenericNack,
    Pdu,
    SubmitSm,
    SubmitSmResp,
    encode,
)
from tigertally_drivers.sms.smpp.receipt import read_receipt
from tigertally_drivers.sms.smpp.settings import SmppSettings
from tigertally_drivers.sms.smpp.status import NOT_NOW, SLOW_DOWN, Status, describe

_PARTS_REMEMBERED: Final = 10_000
_SLOWEST_S: Final = 10.0


class SmppGateway:
    """One account at one SMSC, one connection at a time."""

    def __init__(
        self,
        settings: SmppSettings,
        password: str,
        surroundings: Surroundings,
        connectors: tuple[Connector, ...],
    ) -> None:
        self._settings, self._clock = settings, surroundings.clock
        self._connectors, self._turn = connectors, 0
        self._bind = BindTransceiver(settings.system_id, password, settings.system_type)
        first_s = settings.back_off_first_s
        self._returning = Backoff(first_s, settings.back_off_most_s, surroundings.entropy)
        self._slowing = Backoff(0.1, _SLOWEST_S, surroundings.entropy)
        self._not_before = 0.0
        self._window = trio.Semaphore(settings.window)
        self._link: Link | None = None
        self._linked = trio.Event()
        self._reference = surroundings.entropy.integer63()
        self._parts: OrderedDict[str, str] = OrderedDict()
        self._log = structlog.get_logger("smpp")

    async def submit(self, message: SmsMessage) -> SubmitResult:
        self._reference += 1
        parts = compose(message, self._settings, self._reference)
        first = await self._hand_over(parts[0])
        if len(parts) == 1:
            return SubmitResult(first)
        try:
            others = [await self._hand_over(part) for part in parts[1:]]
        except (Unavailable, Rejected) as problem:
            raise Misbehaved(f"only some of the message's parts were taken: {problem}") from None
        for earlier in (first, *others[:-1]):
            self._remember(earlier, others[-1])
        return SubmitResult(others[-1])

    async def _hand_over(self, part: Part) -> str:
        """The SMSC's identifier for one part."""
        deadline = trio.current_time() + self._settings.patience_s
        while True:
            with trio.move_on_at(deadline) as patience:
                link = await self._turn_comes()
            if patience.cancelled_caught:
                raise Unavailable("no connection to the gateway, or it takes no more messages")
            try:
                answer = await link.request(part.body, part.options)
            except Unavailable:
                continue  # it was not sent: the next connection may
            finally:
                self._window.release()
            if answer.status in SLOW_DOWN:
                self._slow_down()
                continue
            self._slowing.succeeded()
            if answer.status == Status.RINVBNDSTS:
                link.end("the gateway has forgotten our bind")
            return self._own_id(_accepted(answer))

    async def _turn_comes(self) -> Link:
        """Holds a place in the window when it returns."""
        while True:
            await trio.sleep_until(self._not_before)
            await self._linked.wait()
            await self._window.acquire()
            if self._link is not None and trio.current_time() >= self._not_before:
                return self._link
            self._window.release()

    def _slow_down(self) -> None:
        """All messages wait; those that were refused together count once."""
        now = trio.current_time()
        if now >= self._not_before:
            self._not_before = now + self._slowing.delay_s()

    def _own_id(self, message_id: str) -> str:
        if self._settings.receipt_ids == "decimal":
            try:
                return str(int(message_id, 16))
            except ValueError:
                return message_id
        return message_id

    def _remember(self, part: str, message: str) -> None:
        self._parts[part] = message
        while len(self._parts) > _PARTS_REMEMBERED:
            self._parts.popitem(last=False)

    async def run(self, reports: ReportSink) -> None:
        while True:
            reason = await self._one_connection(reports)
            delay_s = self._returning.delay_s()
            self._log.warning("gateway lost", reason=reason, again_in_s=round(delay_s, 1))
            await trio.sleep(delay_s)

    async def _one_connection(self, reports: ReportSink) -> str:
        connector = self._connectors[self._turn % len(self._connectors)]
        self._turn += 1
        try:
            stream = await connector()
        except Unavailable as problem:
            return str(problem)
        limits = LinkLimits(self._settings.answer_s, self._settings.enquire_s)

        async def deliver(pdu: Pdu) -> Status:
            return await self._delivered(pdu, reports)

        link = Link(stream, limits, deliver)

        def bound() -> None:
            self._link = link
            self._linked.set()
            self._log.info("gateway bound")

        def ended() -> None:
            self._link = None
            if self._linked.is_set():  # else somebody waits on this one
                self._linked = trio.Event()

        started = trio.current_time()
        await link.run(self._bind, bound, ended)
        if trio.current_time() - started >= self._settings.back_off_most_s:
            self._returning.succeeded()
        return link.reason

    async def _delivered(self, pdu: Pdu, reports: ReportSink) -> Status:
        receipt = read_receipt(pdu)
        if receipt is None:
            return Status.ROK  # a customer's answer, or nothing we know: it is not for us
        own = self._parts.get(receipt.message_id, receipt.message_id)
        report = DeliveryReport(own, receipt.state, self._clock.now_ms(), receipt.reason)
        try:
            await reports(report)
        except DriverError:
            return Status.RX_T_APPN
        return Status.ROK


def _accepted(answer: Pdu) -> str:
    """The identifier; raises what the answer means otherwise."""
    if answer.status in NOT_NOW:
        raise Unavailable(f"the gateway answers {describe(answer.status)}")
    if answer.status or isinstance(answer.body, GenericNack):
        raise Rejected(f"the gateway answers {describe(answer.status)}")
    if not isinstance(answer.body, SubmitSmResp):
        raise Misbehaved("the gateway's answer can't be understood")
    return answer.body.message_id


def open_smpp_gateway(section: Mapping[str, object], surroundings: Surroundings) -> SmppGateway:
    """The entry point `smpp`."""
    settings = read_settings(section, SmppSettings)
    password = read_secret(settings.password_file, surroundings.state_dir)
    _check(settings, password)
    tls = verifying_context(settings.ca_file, surroundings.state_dir) if settings.tls else None

    def connector(host: str, port: int) -> Connector:
        return lambda: connect(host, port, tls, settings.connect_s)

    connectors = tuple(connector(*_address(text)) for text in settings.addresses)
    return SmppGateway(settings, password, surroundings, connectors)


def _check(settings: SmppSettings, password: str) -> None:
    if not settings.addresses:
        raise Rejected("addresses: names no gateway")
    try:
        encode(Pdu(1, BindTransceiver(settings.system_id, password, settings.system_type)))
        encode(Pdu(1, SubmitSm(settings.service_type, source_addr=settings.source)))
    except FieldError as problem:
        raise Rejected(f"{problem.field}: too long for SMPP, or not printable ASCII") from None


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) <= 65_535:
        raise Rejected(f"addresses: {text!r} is no HOST:PORT")
    return host.removeprefix("[").removesuffix("]"), int(port)
