"""The auditor: knows what was sent and what was answered, and nothing of how the server works.

Calls are what a bank wants once; attempts are the frames by which it says so; answers belong to
attempts. Witnesses at the server's edges (the runner's door, the session's answers) only report
which attempt came in when, and how many were inside.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import trio

from tigertally_protocol.codes import CODES, ResponseCode
from tigertally_protocol.transactions import Transaction
from tigertally_server.pipeline.runner import Pending
from tigertally_server.services.request import Phase

Key = tuple[int, int, int]
"""(business day, channel id, serial)."""


@dataclass(eq=False, slots=True)
class Call:
    """One wish. Two calls may share a key: a client that uses a serial twice."""

    number: int
    day: int
    channel_id: int
    serial: int
    transaction: Transaction
    message: Any
    customer: str = ""
    token: str = ""
    codes: tuple[str, ...] = ()
    attempts: list[Attempt] = field(default_factory=list)
    retired: bool = False

    @property
    def key(self) -> Key:
        return (self.day, self.channel_id, self.serial)

    def recorded(self) -> list[Attempt]:
        """The attempts that were answered by what must stand in the log."""
        return [a for a in self.attempts if a.code is not None and CODES[a.code].recorded]

    @property
    def first_sent(self) -> float:
        return min((a.sent for a in self.attempts), default=float("inf"))

    @property
    def heard(self) -> float:
        """When its recorded answer first arrived."""
        return min((a.answered for a in self.recorded()), default=float("inf"))

    def __repr__(self) -> str:
        return f"call {self.number} {self.transaction.name} {self.key} token={self.token}"


@dataclass(eq=False, slots=True)
class Attempt:
    """One frame. `order`s count all sendings and answers, so that equal instants have an order."""

    call: Call
    session: int
    sequence: int
    wire: str
    sent: float
    sent_order: int
    answered: float = float("inf")
    answer_order: int = 1 << 60
    code: ResponseCode | None = None
    message: Any = None
    retry_after_ms: int = 0
    lost: bool = False
    arrived: bool = False
    done: trio.Event = field(default_factory=trio.Event)

    @property
    def open(self) -> bool:
        return self.code is None and not self.lost


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request at the runner's door."""

    node: str
    attempt: Attempt | None
    key: Key
    received_ms: int


@dataclass(slots=True)
class Limits:
    """What a node may hold, and the most it held."""

    in_flight: dict[int, int]
    connections: dict[int, int]
    session: int
    queue: int


class Auditor:
    """`problems` are what a witness saw at once; the checkers add theirs at the end."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.by_key: dict[Key, list[Call]] = defaultdict(list)
        self.by_frame: dict[tuple[int, int], Attempt] = {}
        self.arrivals: list[Arrival] = []
        self.problems: list[tuple[str, str]] = []
        self.reprs: list[str] = []
        self.secrets: dict[str, str] = {}
        self.personal: dict[str, str] = {}
        self.orders = itertools.count()
        self.ended_waiting = 0

    # What clients report.

    def wish(self, **fields: Any) -> Call:
        call = Call(len(self.calls), **fields)
        self.calls.append(call)
        self.by_key[call.key].append(call)
        for code in call.codes:
            if len(code) >= 6:
                self.secrets[code] = "code"
        return call

    def sent(self, call: Call, session: int, sequence: int, wire: str) -> Attempt:
        now = trio.current_time()
        attempt = Attempt(call, session, sequence, wire, now, next(self.orders))
        call.attempts.append(attempt)
        self.by_frame[session, sequence] = attempt
        return attempt

    def answered(
        self, attempt: Attempt, code: ResponseCode, message: Any, retry_after_ms: int
    ) -> None:
        attempt.code, attempt.message, attempt.retry_after_ms = code, message, retry_after_ms
        attempt.answered, attempt.answer_order = trio.current_time(), next(self.orders)
        attempt.done.set()

    def lost(self, attempt: Attempt) -> None:
        attempt.lost = True
        attempt.done.set()

    def problem(self, checker: str, text: str) -> None:
        self.problems.append((checker, text))

    # What witnesses at the server report.

    def arrived(self, node: str, pending: Pending) -> None:
        """A request is about to reach a service: it must be one that a client sent, and new."""
        request = pending.request
        if request.phase is not Phase.FINAL:
            return
        self.reprs.append(f"{request!r} {pending.header!r}")
        header = pending.header
        attempt = self.by_frame.get((header.session_id, header.sequence))
        if attempt is None:
            self.problem("4 authentic", f"{node}: a request that nobody sent: {request.key}")
        elif attempt.call.key != request.key or attempt.call.message != request.message:
            self.problem("4 authentic", f"{node}: not what was sent as {attempt.call}")
        elif attempt.arrived:
            self.problem("4 authentic", f"{node}: one frame taken twice: {attempt.call}")
        else:
            attempt.arrived = True
        self.arrivals.append(Arrival(node, attempt, request.key, request.received_ms))
