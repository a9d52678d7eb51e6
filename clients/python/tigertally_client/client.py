"""`Client`: a bank front-end's door to Tigertally, for programs that run on trio.

    credentials = ChannelCredentials.load(Path("channel.json"))
    async with Client(credentials) as client:
        result = await client.verify_otp("C0001", "123456", reference="PAY-42")
        if result.approved: ...

One client serves any number of tasks; its connections are shared and pipelined. What is promised
about lost answers stands in `caller` and `errors`; the wire in `docs/PROTOCOL.md`.

Invariants: a method returns an authentic answer of the server or raises a `ClientError`; within
a channel and business day no serial is given out twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from types import TracebackType
from typing import Self, TypeVar, cast

import trio

from tigertally_client import results
from tigertally_client.caller import perform
from tigertally_client.calls import Call, Message
from tigertally_client.credentials import ChannelCredentials
from tigertally_client.dial import Dialer, TcpDialer
from tigertally_client.environment import Environment
from tigertally_client.errors import ClientClosed
from tigertally_client.operations import Operations
from tigertally_client.pool import Pool
from tigertally_client.serials import INSTANCES, SerialAllocator
from tigertally_client.servers import ServerAddress
from tigertally_client.settings import ClientSettings
from tigertally_client.statistics import Counters, StatisticsSnapshot
from tigertally_client.system import Clock, Entropy, SystemClock, SystemEntropy
from tigertally_client.ticket import Ticket
from tigertally_protocol.transactions import Transaction

M = TypeVar("M")
R = TypeVar("R")


class Client(Operations):
    """An asynchronous client; use it as a context manager. See the module's text.

    Args:
        credentials: the channel, its master key, its servers.
        settings: see `ClientSettings`.
        servers: `host:port` texts that replace the credentials' list.
        dialer: how streams are opened; `TcpDialer(context)` for TLS.
        clock: wall time.
        entropy: nonces and jitter.
    """

    def __init__(
        self,
        credentials: ChannelCredentials,
        *,
        settings: ClientSettings | None = None,
        servers: Sequence[str] = (),
        dialer: Dialer | None = None,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
    ) -> None:
        settings = settings or ClientSettings()
        clock = clock or SystemClock()
        entropy = entropy or SystemEntropy()
        instance = settings.instance
        if instance is None:
            instance = entropy.integer63() % INSTANCES
        self._env = Environment(
            credentials=credentials,
            settings=settings,
            clock=clock,
            entropy=entropy,
            serials=SerialAllocator(clock, instance=instance),
            counters=Counters(),
        )
        addresses = tuple(ServerAddress.parse(text) for text in servers or credentials.servers)
        self._pool = Pool(self._env, addresses, dialer or TcpDialer())
        self._nursery: AbstractAsyncContextManager[trio.Nursery] | None = None
        self._scope: trio.CancelScope | None = None
        self._under_way: set[Call] = set()

    async def __aenter__(self) -> Self:
        assert self._nursery is None, "a client is entered once"
        self._nursery = trio.open_nursery()
        nursery = await self._nursery.__aenter__()
        self._scope = nursery.cancel_scope
        nursery.start_soon(self._pool.run)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        assert self._nursery is not None
        assert self._scope is not None
        try:
            await self._pool.close()
            await self._tell_callers()
        finally:
            self._scope.cancel()
            # The body's own exception passes by the nursery, which would wrap it in a group; only
            # a cancellation may be the nursery's own and goes through it.
            if isinstance(problem, trio.Cancelled):
                swallow = await self._nursery.__aexit__(kind, problem, traceback)
            else:
                swallow = await self._nursery.__aexit__(None, None, None)
        return swallow if isinstance(problem, trio.Cancelled) else None

    async def _tell_callers(self) -> None:
        """Wake what still waits, so that each call of another task ends with what is known."""
        for call in self._under_way:
            call.wake.set()
        with trio.move_on_after(self._env.settings.sign_off_timeout_s):
            while self._under_way:
                await trio.lowlevel.checkpoint()

    # ------------------------------------------------------------------ state

    def statistics(self) -> StatisticsSnapshot:
        """The client's numbers at this moment."""
        return StatisticsSnapshot(
            **asdict(self._env.counters),
            waiting=self._pool.waiting,
            links=self._pool.snapshot(),
            last_problem=self._pool.last_problem,
        )

    def new_ticket(self) -> Ticket:
        """A fresh serial and today's business day in the bank's time zone."""
        return Ticket(self._env.serials.allocate(), self._env.business_day())

    async def wait_ready(self, timeout_s: float | None = None) -> bool:
        """Wait until one connection is signed on; False when `timeout_s` passes first."""
        limit = self._env.settings.connect_timeout_s if timeout_s is None else timeout_s
        return await self._pool.acquire(trio.current_time() + limit) is not None

    # ------------------------------------------------------------------ the one way out

    @property
    def institution(self) -> str:
        return self._env.credentials.institution

    @property
    def charset(self) -> str:
        return self._env.credentials.charset

    async def _call(
        self,
        transaction: Transaction,
        message: Message,
        build: Callable[[results.Receipt, M], R],
        *,
        timeout_s: float | None,
        ticket: Ticket | None,
    ) -> R:
        if self._pool.closing or self._nursery is None:
            raise ClientClosed("the client is not open; the request was not executed")
        limit = self._env.settings.timeout_s if timeout_s is None else timeout_s
        call = Call(
            message,
            transaction,
            ticket=ticket or self.new_ticket(),
            deadline=trio.current_time() + limit,
        )
        self._under_way.add(call)
        try:
            answer = await perform(call, self._pool, self._env)
        finally:
            self._under_way.discard(call)
        receipt = results.Receipt(
            code=answer.code,
            serial=call.serial,
            business_day=call.business_day,
            retry_after_ms=answer.retry_after_ms,
            tries=call.tries,
        )
        return build(receipt, cast("M", answer.message))
