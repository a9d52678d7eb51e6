"""How a connection is read: all at once where it is short, a piece a turn where a peer is ahead."""

from __future__ import annotations

import socket

import trio
import trio.testing

from tigertally_server.access.transport import AHEAD_BYTES, RECEIVE_BYTES, SocketTransport

FLOOD = 3 * AHEAD_BYTES


class Pipe:
    """A socket without a network: what waits in it, and how often it was asked."""

    def __init__(self, waiting: int) -> None:
        self.waiting = waiting
        self.asked: list[int] = []

    def recv(self, most: int) -> bytes:
        self.asked.append(most)
        if not self.waiting:
            raise BlockingIOError
        count = min(most, self.waiting)
        self.waiting -= count
        return bytes(count)


class Turns(trio.abc.Instrument):
    """Turns of the loop."""

    def __init__(self) -> None:
        self.count = 0

    def after_io_wait(self, timeout: float) -> None:
        self.count += 1


def counted() -> Turns:
    """From now on."""
    counter = Turns()
    trio.lowlevel.add_instrument(counter)
    return counter


def transport_of(waiting: int) -> tuple[Pipe, SocketTransport]:
    pipe = Pipe(waiting)
    return pipe, SocketTransport(pipe, "peer")  # type: ignore[arg-type]


async def test_what_is_short_is_read_in_one_go():
    _, transport = transport_of(1_000)
    turns = counted()
    assert len(await transport.receive()) == 1_000
    assert turns.count == 0


async def test_a_peer_that_is_ahead_is_read_in_larger_pieces_and_one_a_turn():
    turns = counted()
    pipe, transport = transport_of(FLOOD)
    assert len(await transport.receive()) == RECEIVE_BYTES
    for number in (1, 2):
        assert len(await transport.receive()) == AHEAD_BYTES
        assert turns.count >= number
    assert len(await transport.receive()) == AHEAD_BYTES - RECEIVE_BYTES
    assert pipe.asked == [RECEIVE_BYTES, *[AHEAD_BYTES] * 3]


async def test_peers_that_are_ahead_share_the_turns():
    turns = counted()
    seen: list[tuple[str, int]] = []

    async def read(name):
        _, transport = transport_of(FLOOD)
        await transport.receive()
        for _ in range(3):
            await transport.receive()
            seen.append((name, turns.count))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read, "one")
        nursery.start_soon(read, "other")
    at = [turn for _, turn in seen]
    assert len(set(at)) == len(at)
    assert {name for name, _ in seen[:2]} == {"one", "other"}


async def test_after_a_short_reading_the_socket_is_not_asked_in_vain():
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        transport = SocketTransport(near, "peer")
        far.send(b"first")
        assert await transport.receive() == b"first"
        async with trio.open_nursery() as nursery:

            async def later():
                await trio.testing.wait_all_tasks_blocked()
                far.send(b"second")

            nursery.start_soon(later)
            assert await transport.receive() == b"second"
        far.close()
        assert await transport.receive() == b""
