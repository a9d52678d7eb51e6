"""Peers that mean ill, for `overload.py`: they sit, dribble, forge. Each runs until cancelled."""

from __future__ import annotations

import json
from pathlib import Path

import trio

from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.suites import FieldCipherId, SuiteId
from tigertally_testing.house import Line
from tigertally_testing.peer import Closed, Peer, Refused, new_serial, now_ms, today

AT_ONCE = 40
BAD_FRAMES = 7
"""On one connection; the eighth reject ends it."""


def line_of(credentials: Path) -> Line:
    """What the peers of the tests sign on with."""
    held = json.loads(credentials.read_text())
    return Line(
        held["channel"],
        bytes.fromhex(held["master_key_hex"]),
        held["key_version"],
        int(SuiteId[held["suite"]]),
        int(FieldCipherId[held["field_cipher"]]),
        held["charset"],
        held["name"],
    )


async def signed_on(address: tuple[str, int], line: Line, number: int) -> list[Peer]:
    """So many connections."""
    peers: list[Peer] = []
    room = trio.CapacityLimiter(AT_ONCE)

    async def one() -> None:
        async with room:
            peers.append(await Peer.sign_on(address, line))

    async with trio.open_nursery() as nursery:
        for _ in range(number):
            nursery.start_soon(one)
    return peers


async def part(peers: list[Peer]) -> None:
    for peer in peers:
        await peer.aclose()


def forged(peer: Peer, number: int) -> bytes:
    """Whole requests in one piece, each with one bit of its MAC turned."""
    message = VerifyOtpRequest(customer="LC00000001", reference="R", otp=SecretText("123456"))
    frames = []
    for _ in range(number):
        frame = bytearray(peer.build(message))
        frame[-1] ^= 1
        frames.append(bytes(frame))
    return b"".join(frames)


async def half_open(address: tuple[str, int], per_s: int) -> None:
    """Connects and says nothing; a new one comes whenever one was cut."""
    gap = 1 / per_s
    async with trio.open_nursery() as nursery:
        while True:
            nursery.start_soon(_sit, address)
            await trio.sleep(gap)


async def _sit(address: tuple[str, int]) -> None:
    try:
        stream = await trio.open_tcp_stream(*address)
        async with stream:
            while await stream.receive_some(4096):
                pass
    except (OSError, trio.BrokenResourceError):
        return


async def loris(address: tuple[str, int], line: Line, number: int, pause_s: float = 0.25) -> None:
    """So many at a time, each sending its sign-on byte by byte, for ever anew."""
    async with trio.open_nursery() as nursery:
        for _ in range(number):
            nursery.start_soon(_dribble, address, line, pause_s)


async def _dribble(address: tuple[str, int], line: Line, pause_s: float) -> None:
    while True:
        try:
            async with await Peer.greet(address, line) as peer:
                frame = peer.conn.sign_on(now_ms(), new_serial(), today())
                for octet in frame[:-1]:
                    await peer.stream.send_all(bytes([octet]))
                    await trio.sleep(pause_s)
        except (Closed, OSError, trio.BrokenResourceError):
            await trio.sleep(pause_s)


async def forgers(address: tuple[str, int], line: Line, number: int) -> None:
    """So many at a time: sign on, forge until cut, come again."""

    async def one() -> None:
        while True:
            try:
                async with await Peer.sign_on(address, line) as peer:
                    await peer.stream.send_all(forged(peer, 100))
                    await peer.until_closed()
            except (Closed, Refused, OSError, trio.BrokenResourceError, trio.TooSlowError):
                await trio.sleep(0.05)

    async with trio.open_nursery() as nursery:
        for _ in range(number):
            nursery.start_soon(one)


def on_cpu_s(pids: list[int]) -> float:
    """Of all threads of these processes, by the scheduler's account in nanoseconds."""
    total = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9
