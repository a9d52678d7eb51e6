"""The client's connections: keeps the wanted number open over the server list, and finds the one
that the next request goes out on.

Each slot is a task that dials, signs on, runs a link and starts again. A slot whose link drains
dials anew at once, elsewhere, while the old link still brings its answers.

Invariants: a request gets the ready link with the fewest in flight, of equals the one asked longest
ago, so that a lone caller asks all servers in turn; when none has room the caller waits in order,
and each freed place wakes one waiter.

Knows nothing of calls and their repetition.
"""

from __future__ import annotations

import ssl
from collections.abc import Container

import trio

from tigertally_client.dial import Dialer
from tigertally_client.environment import Environment
from tigertally_client.link import Link, LinkLost
from tigertally_client.servers import ServerAddress, ServerList
from tigertally_client.statistics import LinkSnapshot
from tigertally_protocol.connection import ClientConnection


class Pool:
    """See the module's text.

    Args:
        environment: shared with every link.
        servers: at least one.
        dialer: opens the streams.
    """

    def __init__(
        self, environment: Environment, servers: tuple[ServerAddress, ...], dialer: Dialer
    ) -> None:
        self._env = environment
        self._servers = ServerList(servers, environment.settings.reconnect)
        self._dialer = dialer
        self._links: list[Link] = []
        self._closing = False
        self._room = trio.lowlevel.ParkingLot()
        self.last_problem = ""

    # ------------------------------------------------------------------ what callers use

    async def acquire(self, deadline: float) -> Link | None:
        """A link with room, as soon as there is one; None when `deadline` comes first.

        Nothing else runs between this and the caller's `send`, so the room can't be lost.
        """
        while True:
            now = trio.current_time()
            if self._closing or now >= deadline:
                return None
            link = self.ready(now)
            if link is not None:
                if link.room > 1:
                    self._wake_one()  # there is more room than for this caller
                return link
            with trio.move_on_at(min(deadline, self._next_pause_end(now))):
                await self._room.park()

    def ready(self, now: float, *, besides: Container[object] = ()) -> Link | None:
        """The next link in turn among those with room, or None."""
        able = [link for link in self._links if link not in besides and link.can_take(now)]
        return min(able, key=lambda link: (link.in_flight, link.last_turn), default=None)

    @property
    def waiting(self) -> int:
        return len(self._room)

    @property
    def closing(self) -> bool:
        return self._closing

    def snapshot(self) -> tuple[LinkSnapshot, ...]:
        return tuple(link.snapshot() for link in self._links)

    # ------------------------------------------------------------------ life

    async def run(self) -> None:
        """Keep the links up until cancelled."""
        async with trio.open_nursery() as nursery:
            for slot in range(self._env.settings.connections):
                nursery.start_soon(self._keep_slot, slot, nursery)

    async def close(self) -> None:
        """Take no new requests, sign off everywhere, and wait for that within its bound."""
        self._closing = True
        self._room.unpark_all()
        with trio.move_on_after(2 * self._env.settings.sign_off_timeout_s):
            for link in self._links:
                link.leave(self._env.settings.sign_off_timeout_s)
            while self._links:
                await self._room.park()

    async def _keep_slot(self, slot: int, nursery: trio.Nursery) -> None:
        while not self._closing:
            address, wait_s = self._servers.choose(slot, trio.current_time())
            if wait_s > 0:
                await trio.sleep(wait_s)
                continue
            link = await self._open(address)
            if link is None:
                self._note_failure(address)
                continue
            nursery.start_soon(self._run_link, link)
            await link.retired.wait()
            self._note_retirement(link)

    async def _open(self, address: ServerAddress) -> Link | None:
        """Dial and sign on within the time for both; None when that failed."""
        problem = "no connection in time"
        with trio.move_on_after(self._env.settings.connect_timeout_s):
            try:
                stream = await self._dialer(address)
            except (OSError, ssl.CertificateError, trio.BrokenResourceError) as trouble:
                problem = _describe(trouble)
            else:
                link = Link(self._connection(), stream, address, self._env, self._wake_one)
                problem = await self._sign_on(link)
                if not problem:
                    self._env.counters.connects += 1
                    return link
        self.last_problem = f"{address}: {problem}"
        return None

    async def _sign_on(self, link: Link) -> str:
        """What went wrong, "" when nothing did."""
        signed_on = False
        try:
            await link.sign_on()
            signed_on = True
        except LinkLost as trouble:
            return str(trouble)
        finally:
            if not signed_on:
                await link.abandon()
        return ""

    async def _run_link(self, link: Link) -> None:
        self._links.append(link)
        self._room.unpark_all()
        try:
            await link.run()
        finally:
            self._links.remove(link)
            self._room.unpark_all()

    def _connection(self) -> ClientConnection:
        credentials, settings = self._env.credentials, self._env.settings
        return ClientConnection(
            channel_id=credentials.channel,
            master_key=credentials.master_key.reveal(),
            master_key_version=credentials.key_version,
            suite=credentials.suite,
            field_cipher=credentials.field_cipher,
            charset=credentials.charset,
            client_name=settings.client_name,
            client_nonce=self._env.entropy.token_bytes(16),
            wanted_in_flight=settings.wanted_in_flight,
        )

    def _wake_one(self) -> None:
        self._room.unpark()

    # ------------------------------------------------------------------ server health

    def _note_failure(self, address: ServerAddress) -> None:
        self._env.counters.connect_failures += 1
        self._servers.failed(address, trio.current_time(), self._env.entropy.integer63())

    def _note_retirement(self, link: Link) -> None:
        now = trio.current_time()
        if link.proven:
            self._servers.succeeded(link.address)
        if link.draining:
            self._servers.draining(link.address, now + self._env.settings.drain_away_s)
        elif not self._closing:
            self._env.counters.connections_lost += 1
            self.last_problem = f"{link.address}: {link.end_reason}"
            self._servers.failed(link.address, now, self._env.entropy.integer63())

    def _next_pause_end(self, now: float) -> float:
        """When the first link that was put off (BUSY) may be asked again."""
        ends = (link.paused_until for link in self._links if link.paused_until > now)
        return min(ends, default=float("inf"))


def _describe(trouble: BaseException) -> str:
    """A failure to dial, in words that name no more than the kind of trouble."""
    for problem in (trouble, trouble.__cause__):
        if isinstance(problem, OSError) and problem.strerror:
            return problem.strerror
    return "cannot connect"
