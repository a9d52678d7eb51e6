"""One connection to a device: many commands on their way at once, each answer joined to its
question by the header.

Knows no key and no choice between devices. Invariants: a command is sent once; when the connection
ends, every command without an answer fails with `LinkLost`; an answer that nobody waits for any
more is counted and dropped.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import trio

from tigertally_drivers.errors import Misbehaved, TimedOut, Unavailable
from tigertally_drivers.hsm.hostcmd.wire import Answer, Answers, Command, checked_body, frame

_CHUNK: Final = 65_536


class LinkLost(Unavailable):
    """The connection ended before the answer came. The command changed nothing: ask again."""


class Link:
    """Connected. `run` reads until the connection ends."""

    def __init__(self, stream: trio.abc.Stream, in_flight: int, answer_s: float) -> None:
        self._stream, self._answer_s = stream, answer_s
        self._places = trio.Semaphore(in_flight)
        self._sending = trio.Lock()
        self._waiting: dict[bytes, _Question] = {}
        self._last = 0
        self._ended = False
        self.late = 0
        self.doubted = trio.Event()
        """Set by whoever wants it looked after now."""

    @property
    def waiting(self) -> int:
        """Commands without an answer."""
        return len(self._waiting)

    async def run(self) -> None:
        """Returns when the connection has ended. Raises nothing but cancellation."""
        answers = Answers()
        try:
            while octets := await self._stream.receive_some(_CHUNK):
                for answer in answers.feed(bytes(octets)):
                    self._take(answer)
        except (trio.BrokenResourceError, trio.ClosedResourceError, Misbehaved):
            # Whatever it was, the next connection begins in order.
            return
        finally:
            self._ended = True
            for question in self._waiting.values():
                question.done.set()
            with trio.CancelScope(shield=True):
                await trio.aclose_forcefully(self._stream)

    def _take(self, answer: Answer) -> None:
        question = self._waiting.get(answer.header)
        if question is None:
            self.late += 1
            return
        question.answer = answer
        question.done.set()

    async def ask(self, command: Command, body: bytes) -> bytes:
        """The answer's body. Raises DriverError; `TimedOut` after the limit of one answer."""
        header = self._next_header()
        question = self._waiting[header] = _Question()
        try:
            with trio.fail_after(self._answer_s):
                async with self._places:
                    await self._send(frame(header, command, body))
                    await question.done.wait()
        except trio.TooSlowError:
            raise TimedOut(f"no answer within {self._answer_s} s") from None
        finally:
            del self._waiting[header]
        if question.answer is None:
            raise LinkLost("the device closed the connection")
        return checked_body(command, question.answer)

    async def _send(self, octets: bytes) -> None:
        if self._ended:
            raise LinkLost("the device closed the connection")
        try:
            async with self._sending:
                with trio.CancelScope(shield=True) as whole:
                    whole.deadline = trio.current_time() + self._answer_s
                    await self._stream.send_all(octets)
                if whole.cancelled_caught:
                    # Half a frame may be out: nothing sensible can follow it.
                    await trio.aclose_forcefully(self._stream)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise LinkLost("the device closed the connection") from None

    def _next_header(self) -> bytes:
        self._last = (self._last + 1) % (1 << 32)
        return b"%08X" % self._last


class _Question:
    def __init__(self) -> None:
        self.done = trio.Event()
        self.answer: Answer | None = None


Connect = Callable[[], Awaitable[trio.abc.Stream]]
"""Raises Unavailable."""
