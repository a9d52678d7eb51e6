"""Single scenes in the simulated house, where a seed would seldom get to."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from tigertally_protocol.connection import ClientConnection, Greeted, SignedOn
from tigertally_sim.logs import Logs
from tigertally_sim.options import SimOptions
from tigertally_sim.scheduler import run_seeded
from tigertally_sim.trace import Trace
from tigertally_sim.world import House


class Peer:
    """A client that does as it is told, on a wire without network. The server's writes wait until
    it reads.
    """

    def __init__(self, house, node):
        channel = house.context.snapshot.channels[11]
        self.house = house
        self.stream, server_end = trio.testing.lockstep_stream_pair()
        node.accept(server_end, "10.1.2.3")
        self.conn = ClientConnection(
            channel.id,
            house.master_keys[channel.id],
            1,
            channel.suite,
            channel.field_cipher,
            channel.charset,
            "front-end",
            bytes(16),
        )

    async def hear(self, kind):
        while True:
            while (event := self.conn.next_event()) is not None:
                if isinstance(event, kind):
                    return event
            self.conn.feed(bytes(await self.stream.receive_some(65_536)))

    async def sign_on(self):
        await self.hear(Greeted)
        now_ms = self.house.clock.now_ms()
        await self.stream.send_all(self.conn.sign_on(now_ms, 410_000_000_001, 20_454))
        return await self.hear(SignedOn)


@pytest.fixture
def scene():
    """Runs a scene in a house with one running node; returns the log's incidents."""

    def run(play):
        trace = Trace()
        logs = Logs(trace)

        async def main():
            house = House(SimOptions(seed=3), trace)
            node = house.nodes[0]
            async with trio.open_nursery() as nursery:
                nursery.start_soon(node.run)
                await trio.sleep(0.1)
                with trio.fail_after(100):
                    await play(house, node)
                node.closing = True
                node.drain()
                await trio.sleep(20)
                assert [life.left_over() for life in node.lives] == [[]] * len(node.lives)

        with logs.captured():
            run_seeded(3, main)
        return logs.incidents

    return run


def test_drain_while_a_broken_connection_still_owes_bytes(scene):
    """Its protocol is closed and its reject unread: it can't be told of the drain."""

    async def play(house, node):
        peer = Peer(house, node)
        await peer.sign_on()
        await peer.stream.send_all(b"no frame at all" * 9)
        await trio.sleep(1.5)
        node.drain()
        await trio.sleep(8)
        assert node.lives[0].finished

    assert scene(play) == []


def test_keys_fall_due_while_a_broken_connection_still_owes_bytes(scene):
    async def play(house, node):
        peer = Peer(house, node)
        await peer.sign_on()
        await trio.sleep(node.life.pipeline.limits.key_life_s - 1.5)
        await peer.stream.send_all(b"no frame at all" * 9)
        await trio.sleep(6)
        assert not node.lives[0].finished

    assert scene(play) == []
