"""Wires between clients and nodes that do what networks and attackers do: delay, split, join, cut
in the middle of a frame, send old frames again (here or elsewhere), reflect, forge, put in garbage.

A wire knows where frames begin and end but not what is in them. The server's end blocks until its
bytes are taken, so that a stalled wire is a slow reader.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from typing import Final

import trio
import trio.testing

from tigertally_sim.options import NetworkOptions
from tigertally_sim.trace import Trace, fingerprint

HEADER: Final = 64
MAC: Final = 16
KEPT: Final = 24
"""Old frames that an attacker has at hand, per direction."""

UP, DOWN = "up", "down"


class Cut(Exception):
    """The wire broke."""


@dataclass(slots=True)
class Wire:
    """One connection. `up` is what the client sends."""

    name: str
    client: trio.abc.Stream
    server: trio.abc.Stream
    frames: dict[str, deque[bytes]] = field(
        default_factory=lambda: {UP: deque(maxlen=KEPT), DOWN: deque(maxlen=KEPT)}
    )


class Network:
    """All wires of a world. `options` may be changed at any time."""

    def __init__(self, seed: int, trace: Trace, nursery: trio.Nursery) -> None:
        self.options = NetworkOptions()
        self.open: dict[str, Wire] = {}
        self._random = random.Random(f"network {seed}")
        self._trace, self._nursery = trace, nursery
        self._old: dict[str, deque[bytes]] = {UP: deque(maxlen=KEPT), DOWN: deque(maxlen=KEPT)}
        self._made = 0

    def connect(self) -> tuple[str, trio.abc.Stream, trio.abc.Stream]:
        """A new wire: its name, the client's end, the server's end. Nobody need take either."""
        self._made += 1
        name = f"wire-{self._made}"
        client_end, client_side = trio.testing.memory_stream_pair()
        server_end, server_side = trio.testing.lockstep_stream_pair()
        wire = Wire(name, client_side, server_side)
        self.open[name] = wire
        self._nursery.start_soon(self._run, wire)
        return name, client_end, server_end

    async def _run(self, wire: Wire) -> None:
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._pump, wire, UP, nursery.cancel_scope)
                nursery.start_soon(self._pump, wire, DOWN, nursery.cancel_scope)
        finally:
            with trio.CancelScope(shield=True):
                await trio.aclose_forcefully(wire.client)
                await trio.aclose_forcefully(wire.server)
            del self.open[wire.name]

    async def _pump(self, wire: Wire, direction: str, scope: trio.CancelScope) -> None:
        source, target = (
            (wire.client, wire.server) if direction == UP else (wire.server, wire.client)
        )
        unfinished = b""
        try:
            while data := await source.receive_some(65_536):
                await self._wait()
                frames, unfinished = _frames(unfinished + bytes(data))
                await self._carry(wire, direction, target, frames)
        except Cut:
            self._trace.event(wire.name, "cut", direction)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        # What the other direction still carries arrives before the end is seen.
        await trio.sleep(self._random.uniform(0, 0.02))
        scope.cancel()

    async def _wait(self) -> None:
        o, r = self.options, self._random
        delay = r.uniform(*o.latency_ms)
        if r.random() < o.slow:
            delay += r.uniform(*o.slow_ms)
        if r.random() < o.stall:
            delay += r.uniform(*o.stall_ms)
        if delay:
            await trio.sleep(delay / 1000)

    async def _carry(
        self, wire: Wire, direction: str, target: trio.abc.Stream, frames: list[bytes]
    ) -> None:
        held = b""
        for frame in frames:
            for piece in (*self._injected(wire, direction, frame), frame):
                held += piece
            wire.frames[direction].append(frame)
            self._old[direction].append(frame)
            if self._random.random() < self.options.cut:
                keep = self._random.randrange(len(held))
                await self._send(target, held[:keep])
                raise Cut
            if self._random.random() >= self.options.coalesce:
                await self._send(target, held)
                held = b""
        if held:
            await self._send(target, held)

    async def _send(self, target: trio.abc.Stream, data: bytes) -> None:
        r = self._random
        while data and r.random() < self.options.split:
            at = r.randrange(1, len(data) + 1)
            await target.send_all(data[:at])
            data = data[at:]
            await self._wait()
        if data:
            await target.send_all(data)

    def _injected(self, wire: Wire, direction: str, frame: bytes) -> list[bytes]:
        """What an attacker puts before a frame."""
        o, r = self.options, self._random
        other = DOWN if direction == UP else UP
        extra: list[tuple[str, bytes]] = []
        if r.random() < o.replay_here and wire.frames[direction]:
            extra.append(("replay here", r.choice(wire.frames[direction])))
        if r.random() < o.replay_elsewhere and self._old[direction]:
            extra.append(("replay elsewhere", r.choice(self._old[direction])))
        if r.random() < o.reflect and wire.frames[other]:
            extra.append(("reflect", r.choice(wire.frames[other])))
        if r.random() < o.forge:
            extra.append(("forge", self._forged(frame)))
        if r.random() < o.garbage:
            extra.append(("garbage", r.randbytes(r.randrange(1, 200))))
        for what, data in extra:
            self._trace.event(wire.name, what, f"{direction} {fingerprint(data)}")
        return [data for _, data in extra]

    def _forged(self, frame: bytes) -> bytes:
        """One byte of the frame changed where it means something, or a MAC of one's own."""
        r = self._random
        places = [*range(10, 63), *range(HEADER, len(frame))]
        at = r.choice(places)
        changed = bytearray(frame)
        changed[at] ^= r.randrange(1, 256)
        if r.random() < 0.3:
            changed[-MAC:] = r.randbytes(MAC)
        return bytes(changed)


def _frames(data: bytes) -> tuple[list[bytes], bytes]:
    """Whole frames, and what is left. Both ends are honest here: trouble is put in afterwards."""
    frames, start = [], 0
    while len(data) - start >= HEADER:
        end = start + int.from_bytes(data[start + 4 : start + 8], "big")
        if len(data) < end:
            break
        frames.append(data[start:end])
        start = end
    return frames, data[start:]
