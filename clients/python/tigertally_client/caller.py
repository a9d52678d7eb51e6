"""Carries one call to its end: sends, waits, repeats under the same serial, and gives up honestly.

The rules of DESIGN for unknown outcomes live here and in `calls.Call`:

* A request whose connection died, or that stayed silent, goes out again with the *same serial and
  business day*, flagged RETRY, on another connection, until the deadline.
* A put-off (BUSY, UNAVAILABLE…) means not executed: again after a pause, the server's wish first.
* At the deadline: the last put-off is the result if every try was put off; `NoAnswer` if nothing
  was sent or nothing can have changed; else `OutcomeUnknown`. Never "denied" for want of an answer.
"""

from __future__ import annotations

import trio

from tigertally_client.calls import Answer, Call, Reaction
from tigertally_client.environment import Environment
from tigertally_client.errors import (
    ClientClosed,
    ClientError,
    InvalidField,
    NoAnswer,
    OutcomeUnknown,
    RequestRejected,
)
from tigertally_client.link import Link
from tigertally_client.pool import Pool
from tigertally_protocol.errors import BadField


async def perform(call: Call, pool: Pool, environment: Environment) -> Answer:
    """The answer to `call`.

    Raises:
        ClientError: see `errors`; each kind says what is known about execution.
    """
    environment.counters.calls += 1
    try:
        answer = await _until_settled(call, pool, environment)
    finally:
        call.closed = True
    if answer is None:
        problem = _given_up(call, pool)
        if isinstance(problem, OutcomeUnknown):
            environment.counters.outcomes_unknown += 1
        elif isinstance(problem, NoAnswer):
            environment.counters.no_answers += 1
        raise problem
    environment.counters.answered += 1
    return answer


async def _until_settled(call: Call, pool: Pool, environment: Environment) -> Answer | None:
    put_offs = 0
    while True:
        link = await pool.acquire(call.deadline)
        if call.is_settled():
            return call.final
        if link is None:
            return _last_put_off(call)
        _send(call, link, environment)
        await _listen(call, pool, environment)
        if call.is_settled():
            return call.final
        if trio.current_time() >= call.deadline or pool.closing:
            return _last_put_off(call)
        if call.answer is None:
            continue  # the connection died: at once on another
        environment.counters.put_off += 1
        put_offs += 1
        await _pause(call, put_offs, environment)


async def _listen(call: Call, pool: Pool, environment: Environment) -> None:
    """Wait for news; after each silence try once more, on a connection without this call."""
    asked: list[object] = [call.waiting_on]
    while True:
        silence = trio.current_time() + environment.settings.attempt_timeout_s
        with trio.move_on_at(min(silence, call.deadline)):
            await call.wake.wait()
            return
        call.maybe_executed = True
        now = trio.current_time()
        if now >= call.deadline:
            return
        other = pool.ready(now, besides=asked)
        if other is not None:
            asked.append(other)
            _send(call, other, environment)


async def _pause(call: Call, put_offs: int, environment: Environment) -> None:
    """Wait before the next try; a late final answer of an earlier one ends the wait."""
    answer = call.answer
    assert answer is not None
    reaction = call.reaction_to(answer)
    if reaction is Reaction.SETTLE:
        call.maybe_executed = True
    if reaction is Reaction.ELSEWHERE and put_offs == 1:
        return
    delay = environment.settings.repeat.delay_s(put_offs, environment.entropy.integer63())
    call.wake = trio.Event()
    with trio.move_on_at(
        min(call.deadline, trio.current_time() + max(delay, answer.retry_after_ms / 1000))
    ):
        await call.wake.wait()


def _send(call: Call, link: Link, environment: Environment) -> None:
    repeated = call.tries > 0
    try:
        link.send(call, trio.current_time())
    except BadField as problem:
        raise InvalidField(problem.field) from None
    environment.counters.frames_sent += 1
    link.last_turn = environment.counters.frames_sent
    environment.counters.retries += repeated


def _last_put_off(call: Call) -> Answer | None:
    """The put-off that a call may return as its result: only if none of its tries can have run."""
    return None if call.maybe_executed else call.answer


def _given_up(call: Call, pool: Pool) -> ClientError:
    if call.maybe_executed and not call.read_only:
        return OutcomeUnknown(call.serial, call.business_day, call.transaction, call.last_code)
    if call.rejected is not None:
        return RequestRejected(call.rejected)
    if pool.closing:
        return ClientClosed("the client was closed; the request was not executed")
    if call.tries:
        reason = "the server didn't answer the query"
    else:
        reason = pool.last_problem or "no connection had room"
    return NoAnswer(call.serial, call.business_day, reason)
