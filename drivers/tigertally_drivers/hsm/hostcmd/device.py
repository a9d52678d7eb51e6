"""One device behind several connections, each made again when it is lost.

A device is *up* while at least one connection is, its diagnostics answer, and its master key (LMK)
is the one expected: a device with another one would take our blobs for garbage, and a fail-over to
it must not happen. Knows no key and no other device.
"""

from __future__ import annotations

from collections.abc import Callable

import trio

from tigertally_drivers.errors import DriverError, Misbehaved, TimedOut, Unavailable
from tigertally_drivers.hsm.hostcmd.link import Connect, Link
from tigertally_drivers.hsm.hostcmd.settings import HostCommandSettings
from tigertally_drivers.hsm.hostcmd.wire import Command, fields
from tigertally_drivers.hsm.port import DeviceState, DeviceStatus
from tigertally_drivers.hsm.telling import device_log
from tigertally_drivers.ports import Clock, Entropy
from tigertally_drivers.sms.backoff import Backoff

ExpectLmk = Callable[[str], bool]
"""Whether an LMK's check value is the expected one."""


class Device:
    """`run` it."""

    def __init__(
        self,
        name: str,
        connect: Connect,
        settings: HostCommandSettings,
        expect_lmk: ExpectLmk,
        clock: Clock,
        entropy: Entropy,
        *,
        quiet: bool = False,
    ) -> None:
        self.name = name
        self._connect, self._settings, self._expect_lmk = connect, settings, expect_lmk
        self._clock, self._entropy = clock, entropy
        self._links: list[Link] = []
        self._state, self._detail = DeviceState.STARTING, "not asked yet"
        self._latency_ms = -1.0
        self._log = device_log(quiet=quiet)

    @property
    def up(self) -> bool:
        return bool(self._links)

    @property
    def waiting(self) -> int:
        """Commands without an answer."""
        return sum(link.waiting for link in self._links)

    def status(self) -> DeviceStatus:
        """As last seen."""
        return DeviceStatus(self.name, self._state, self._detail, self.waiting, self._latency_ms)

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Until cancelled; started once the first connection was tried."""
        first = trio.Event()
        async with trio.open_nursery() as nursery:
            for _ in range(self._settings.connections):
                nursery.start_soon(self._keep_connected, first)
            await first.wait()
            task_status.started()

    async def _keep_connected(self, tried: trio.Event) -> None:
        settings = self._settings
        backoff = Backoff(settings.back_off_first_s, settings.back_off_most_s, self._entropy)
        while True:
            try:
                stream = await self._connect()
            except Unavailable as problem:
                self._went(str(problem))
            else:
                await self._use(stream, backoff, tried)
            tried.set()
            await trio.sleep(backoff.delay_s())

    async def _use(self, stream: trio.abc.Stream, backoff: Backoff, tried: trio.Event) -> None:
        link = Link(stream, self._settings.in_flight, self._settings.answer_s)
        try:
            await self._use_link(link, backoff, tried)
        finally:
            if link in self._links:
                self._went("the device closed the connection", link)

    async def _use_link(self, link: Link, backoff: Backoff, tried: trio.Event) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._read, link, nursery.cancel_scope)
            try:
                while True:
                    detail = await self._diagnose(link)
                    if link not in self._links:
                        self._links.append(link)
                    backoff.succeeded()
                    self._became(DeviceState.UP, detail)
                    tried.set()
                    link.doubted = trio.Event()
                    with trio.move_on_after(self._settings.check_s):
                        await link.doubted.wait()
            except DriverError as problem:
                self._went(str(problem), link)
            nursery.cancel_scope.cancel()

    async def _read(self, link: Link, over: trio.CancelScope) -> None:
        await link.run()
        over.cancel()

    async def _diagnose(self, link: Link) -> str:
        began = self._clock.monotonic_ms()
        lmk, firmware = fields(await link.ask(Command.DIAGNOSTICS, b""), 2)
        self._latency_ms = float(self._clock.monotonic_ms() - began)
        if not self._expect_lmk(lmk.decode("ascii", "replace")):
            raise Misbehaved("holds another LMK than the other devices or the configuration")
        return f"firmware {firmware.decode('ascii', 'replace')[:32]}"

    def _went(self, why: str, link: Link | None = None) -> None:
        if link in self._links:
            self._links.remove(link)
        if not self._links:
            self._became(DeviceState.DOWN, why)

    def _became(self, state: DeviceState, detail: str) -> None:
        if (state, detail) != (self._state, self._detail):
            self._state, self._detail = state, detail
            level = self._log.info if state is DeviceState.UP else self._log.error
            level("hsm", device=self.name, state=state.value, detail=detail)

    async def ask(self, command: Command, body: bytes) -> bytes:
        """On the connection with the least to do. Raises DriverError."""
        if not self._links:
            raise Unavailable(f"{self.name}: {self._detail}")
        link = min(self._links, key=lambda each: each.waiting)
        began = self._clock.monotonic_ms()
        try:
            body = await link.ask(command, body)
        except TimedOut:
            # It may hang altogether: it must prove otherwise before it is asked again.
            self._went("does not answer", link)
            link.doubted.set()
            raise
        self._latency_ms = float(self._clock.monotonic_ms() - began)
        return body
