"""A load of Access-Requests from one thread: many in flight, each answer checked.

Closed (`per_s` None): the next is sent when a place is free. Open: requests have planned times, and
latency counts from them, whatever the server does. A request without an answer for `PATIENCE_S` is
an error and is not sent again: on loopback nothing is lost but what the server throws away.
"""

from __future__ import annotations

import os
import selectors
import socket
import time
from typing import Final

from peers.measure import Tally
from peers.radius import ACCESS_ACCEPT, LONGEST, BadAnswer, access_request, code_of
from peers.workload import Attempt, Workload

PATIENCE_S: Final = 5.0
PER_SOCKET: Final = 128
_SWEEP_S: Final = 1.0
_GATHER_S: Final = 0.001
"""Answers are looked for so often: a wake-up for each would cost processor time that is the
server's."""
_BUFFER: Final = 1 << 20


class _Waiting:
    """A request under way."""

    __slots__ = ("attempt", "authenticator", "planned", "sent")

    def __init__(self, attempt: Attempt, authenticator: bytes, planned: float, sent: float) -> None:
        self.attempt, self.authenticator = attempt, authenticator
        self.planned, self.sent = planned, sent


class _Line:
    """One socket: the 256 identifiers of its port, and who waits under each."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self.socket.connect(address)
        self.socket.setblocking(False)
        self.waiting: dict[int, _Waiting] = {}
        self._next = 0

    def send(self, secret: bytes, attempt: Attempt, planned: float, now: float) -> None:
        while self._next in self.waiting:
            self._next = (self._next + 1) % 256
        authenticator = os.urandom(16)
        user, code = attempt.user.encode(), attempt.code.encode()
        self.waiting[self._next] = _Waiting(attempt, authenticator, planned, now)
        self.socket.send(access_request(self._next, authenticator, secret, user, code))
        self._next = (self._next + 1) % 256


class RadiusLoad:
    """See the module's text. `stop()` ends a run early, from another thread."""

    def __init__(self, address: tuple[str, int], secret: bytes, workload: Workload) -> None:
        self._address, self._secret, self._workload = address, secret, workload
        self._stopped = False

    def stop(self) -> None:
        self._stopped = True

    def run(self, seconds: float, *, in_flight: int, per_s: float | None = None) -> Tally:
        tally, began = Tally(), time.monotonic()
        lines = [_Line(self._address) for _ in range(max(1, -(-in_flight // PER_SOCKET)))]
        with selectors.DefaultSelector() as selector:
            for line in lines:
                selector.register(line.socket, selectors.EVENT_READ, line)
            try:
                self._rounds(tally, selector, lines, began, seconds, in_flight, per_s)
            finally:
                for line in lines:
                    line.socket.close()
        return tally

    def _rounds(
        self,
        tally: Tally,
        selector: selectors.BaseSelector,
        lines: list[_Line],
        began: float,
        seconds: float,
        in_flight: int,
        per_s: float | None,
    ) -> None:
        sent, swept, most = 0, began, -(-in_flight // len(lines))
        while not self._stopped:
            now = time.monotonic()
            over = now - began >= seconds
            if over and not any(line.waiting for line in lines):
                break
            due = sent + in_flight if per_s is None else int((now - began) * per_s) + 1
            for line in lines if not over else ():
                while len(line.waiting) < most and sent < due:
                    planned = now if per_s is None else began + sent / per_s
                    self._send(tally, line, planned, now)
                    sent += 1
            if per_s is None:
                time.sleep(_GATHER_S)
            for key, _ in selector.select(_GATHER_S if per_s else 0.05):
                self._receive(tally, key.data, began)
            if now - swept > _SWEEP_S:
                swept = now
                _give_up(tally, lines, now)

    def _send(self, tally: Tally, line: _Line, planned: float, now: float) -> None:
        try:
            line.send(self._secret, self._workload.take(), planned, now)
        except OSError as problem:  # the server is gone: its port answers with ICMP
            tally.errors[type(problem).__name__] += 1

    def _receive(self, tally: Tally, line: _Line, began: float) -> None:
        while True:
            try:
                answer = line.socket.recv(LONGEST)
            except BlockingIOError:
                return
            except OSError as problem:
                tally.errors[type(problem).__name__] += 1
                return
            now = time.monotonic()
            waiting = line.waiting.get(answer[1]) if len(answer) > 1 else None
            if waiting is None:
                tally.errors["stray answer"] += 1
                continue
            try:
                approved = code_of(answer, waiting.authenticator, self._secret) == ACCESS_ACCEPT
            except BadAnswer as problem:
                tally.errors[f"bad answer: {problem}"] += 1
                continue
            del line.waiting[answer[1]]
            tally.answer(
                now - began,
                now - waiting.planned,
                waiting.attempt.user,
                right=waiting.attempt.right,
                approved=approved,
            )


def _give_up(tally: Tally, lines: list[_Line], now: float) -> None:
    for line in lines:
        for identifier, waiting in list(line.waiting.items()):
            if now - waiting.sent > PATIENCE_S:
                del line.waiting[identifier]
                tally.errors["no answer"] += 1
