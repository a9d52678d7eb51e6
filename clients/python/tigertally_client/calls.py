"""One call from its first try to its end, as data: what was asked, what has been heard.

A call may stand open on several connections at once: after silence on one it goes out again, same
serial and business day, on another. The first final answer from any of them ends it.

Invariant: `maybe_executed` is set as soon as a try was sent and its connection died or stayed
silent, and is never cleared: from then on only a recorded answer tells what happened, because an
unrecorded one (BUSY, INTERNAL…) vouches for its own try alone.

Knows nothing of sockets or time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import trio

from tigertally_client.ticket import Ticket
from tigertally_protocol.codes import CODES, CodeClass, ResponseCode
from tigertally_protocol.transactions import READ_ONLY, Transaction

# The message classes have no common base; each has its row in the protocol's registry.
Message = object


class Reaction(Enum):
    """What an answer means to the call."""

    DELIVER = auto()  # it is the result
    REPEAT = auto()  # not executed: again after a pause
    ELSEWHERE = auto()  # not executed: again at once, on another connection
    SETTLE = auto()  # may be executing: again after a pause, and the outcome counts as unknown


_REACTIONS: Final = {
    ResponseCode.BUSY: Reaction.REPEAT,
    ResponseCode.UNAVAILABLE: Reaction.REPEAT,
    ResponseCode.DEADLINE_EXPIRED: Reaction.REPEAT,
    ResponseCode.HSM_UNAVAILABLE: Reaction.REPEAT,
    ResponseCode.HSM_BUSY: Reaction.REPEAT,
    ResponseCode.HSM_TIMED_OUT: Reaction.REPEAT,
    ResponseCode.DRAINING: Reaction.ELSEWHERE,
    ResponseCode.IN_PROGRESS: Reaction.SETTLE,
    ResponseCode.OUTCOME_UNKNOWN: Reaction.SETTLE,
}

# To these, IN_PROGRESS is the answer: it speaks of the serial they ask about.
_QUERIES_OF_SERIALS: Final = frozenset({Transaction.QUERY_SERIAL, Transaction.QUERY_REFERENCE})


@dataclass(frozen=True, slots=True)
class Answer:
    """An authentic answer as it came off the wire."""

    code: ResponseCode
    message: Message
    retry_after_ms: int


class Call:
    """A call under way. `wake` is set whenever there is something new to look at."""

    __slots__ = (
        "answer",
        "business_day",
        "closed",
        "deadline",
        "final",
        "last_code",
        "maybe_executed",
        "message",
        "rejected",
        "serial",
        "transaction",
        "tries",
        "waiting_on",
        "wake",
    )

    def __init__(
        self,
        message: Message,
        transaction: Transaction,
        *,
        ticket: Ticket,
        deadline: float,
    ) -> None:
        self.message = message
        self.transaction = transaction
        self.serial = ticket.serial
        self.business_day = ticket.business_day
        self.deadline = deadline
        self.tries = 0
        self.maybe_executed = ticket.repeated
        self.waiting_on: object = None
        self.answer: Answer | None = None
        self.final: Answer | None = None
        self.rejected: ResponseCode | None = None
        self.last_code: ResponseCode | None = None
        self.closed = False
        self.wake = trio.Event()

    @property
    def read_only(self) -> bool:
        return self.transaction in READ_ONLY

    def is_settled(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.final is not None or self.rejected is not None

    def begin_try(self, link: object) -> None:
        """The request goes out on `link`; answers of earlier tries are still welcome if final."""
        self.tries += 1
        self.waiting_on = link
        self.answer = None
        self.wake = trio.Event()

    def deliver(self, link: object, answer: Answer) -> None:
        """`link` brought an answer to this call."""
        reaction = self.reaction_to(answer)
        self.last_code = answer.code
        if reaction is Reaction.DELIVER:
            self.final = answer
        elif link is not self.waiting_on:
            return  # a put-off of an earlier try; the newer try decides
        self.answer = answer
        self.wake.set()

    def lose(self, link: object) -> None:
        """`link` died with this call open on it."""
        self.maybe_executed = True
        if link is self.waiting_on:
            self.waiting_on = None
            self.wake.set()

    def reject(self, code: ResponseCode) -> None:
        """The server proved that it can't read the request."""
        self.rejected = code
        self.wake.set()

    def reaction_to(self, answer: Answer) -> Reaction:
        code = answer.code
        if code is ResponseCode.IN_PROGRESS and self.transaction in _QUERIES_OF_SERIALS:
            return Reaction.DELIVER
        reaction = _REACTIONS.get(code, Reaction.DELIVER)
        if reaction is Reaction.DELIVER and self.maybe_executed and not self._settles(code):
            return Reaction.SETTLE
        return reaction

    def _settles(self, code: ResponseCode) -> bool:
        """Whether `code` tells what became of an earlier try, too.

        A recorded answer is the serial's one answer. SERIAL_CONFLICT says that another request
        holds the serial, so ours can't have been executed.
        """
        row = CODES[code]
        return (
            self.read_only
            or row.recorded
            or row.cls is CodeClass.ANSWERED
            or code is ResponseCode.SERIAL_CONFLICT
        )
