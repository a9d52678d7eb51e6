"""The checkers can fail: known bugs are put into the server, and the right checker says so.

The same worlds without the bug are lawful, or a checker might only be complaining about its world.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
import structlog

from tigertally_engines.otp import decide, origins, penalty
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.mac import MacKey
from tigertally_protocol.messages.query import QueryResponse
from tigertally_server.access import session
from tigertally_server.domain import life_cycle
from tigertally_server.domain.token import TokenState
from tigertally_server.pipeline import runner
from tigertally_server.pipeline.tally import Tally
from tigertally_server.pipeline.waiting import WaitingRoom
from tigertally_server.services import (
    device_seeds,
    queries,
    subject,
    trying,
    unit_of_work,
    verification,
)
from tigertally_server.services.request import Decision, Outcome
from tigertally_server.services.table import SERVICES
from tigertally_server.store.port import Conflict, StoreUnavailable
from tigertally_sim.checkers import CHECKERS, check
from tigertally_sim.options import NetworkOptions, SimOptions, StoreOptions
from tigertally_sim.world import simulate
from tigertally_testing.memory_store import MemoryTransaction

PEACE = SimOptions(seed=7, steps=45, focus=("guessing", "cancelled"))
OPERATED = SimOptions(seed=7, steps=40, focus=("operated",))
BURSTING = SimOptions(seed=7, steps=20, focus=("burst",))
CROWDED = SimOptions(
    seed=7, steps=40, store=StoreOptions(interleave=0.9, row_locks=False, work_ms=(5, 60))
)
FAILING = SimOptions(
    seed=7,
    steps=40,
    network=NetworkOptions(cut=0.01),
    store=StoreOptions(commit=0.1, lost_commit=0.2, outage_s=(2, 5), between_outages_s=(2, 8)),
)
REFUSING = SimOptions(
    seed=7,
    steps=40,
    batch_max=64,
    focus=("burst",),
    store=StoreOptions(
        poison=0.1, begin=0.1, outage_s=(3, 6), between_outages_s=(3, 6), work_ms=(5, 80)
    ),
)
NOTED = replace(FAILING, seed=8, steps=15)
FLOODED = replace(BURSTING, batch_max=3, store=StoreOptions(work_ms=(40, 80)))
GUESSED = SimOptions(seed=7, steps=60, customers=2, focus=("guessing",))
ATTACKED = SimOptions(seed=7, steps=40, network=NetworkOptions(forge=0.2, replay_here=0.2))
WORLDS = {
    "peace": PEACE,
    "operated": OPERATED,
    "bursting": BURSTING,
    "crowded": CROWDED,
    "failing": FAILING,
    "refusing": REFUSING,
    "attacked": ATTACKED,
    "noted": NOTED,
    "guessed": GUESSED,
    "flooded": FLOODED,
}


@pytest.mark.parametrize("name", WORLDS)
def test_world_without_a_bug_is_lawful(name):
    assert check(simulate(WORLDS[name]).evidence) == []


# The bugs. Each is a function that puts one in by `monkeypatch`.


def used_code_stays_good(monkeypatch):
    """The engine's new state forgets which factor was used."""
    verify = decide.verify

    def forgetful(parameters, seed, state, code, now_ms):
        verdict = verify(parameters, seed, state, code, now_ms)
        if verdict.state is state:
            return verdict
        after = msgspec.structs.replace(verdict.state, moving=state.moving)
        return msgspec.structs.replace(verdict, state=after)

    monkeypatch.setattr(decide, "verify", forgetful)


def store_without_guards_on_tokens(monkeypatch):
    """Two writers of one token: the later one wins."""

    async def save(self, writes):
        self._store.fault("save")
        if self._store.tables.heads[writes.head.shard].size != writes.head_size:
            raise Conflict
        self._staged.append(lambda: self._apply(writes))
        return self._store.tables.epoch

    monkeypatch.setattr(MemoryTransaction, "save", save)


def serials_are_not_looked_up(monkeypatch):
    """Nor does the store mind a second entry."""
    monkeypatch.setattr(unit_of_work._Batch, "_first_answer", lambda self, request: None)

    async def save(self, writes):
        self._store.fault("save")
        if self._store.tables.heads[writes.head.shard].size != writes.head_size:
            raise Conflict
        self._staged.append(lambda: self._apply(writes))
        return self._store.tables.epoch

    monkeypatch.setattr(MemoryTransaction, "save", save)


def retry_is_answered_otherwise(monkeypatch):
    def stored_answer(context, entry):
        return Outcome(ResponseCode(entry.result), None, entry.shard, entry.seq)

    monkeypatch.setattr(unit_of_work, "stored_answer", stored_answer)


def answered_before_the_commit(monkeypatch):
    commit = MemoryTransaction.commit

    async def careless(self):
        try:
            await commit(self)
        except StoreUnavailable:
            await self.rollback()

    monkeypatch.setattr(MemoryTransaction, "commit", careless)


def failures_never_lock(monkeypatch):
    def after_failure(parameters, state, now_ms, throttle_from):
        after = penalty.after_failure(parameters, state, now_ms, throttle_from)
        return msgspec.structs.replace(after, locked_until_ms=0)

    monkeypatch.setattr(decide, "after_failure", after_failure)


def one_failure_is_forgotten(monkeypatch):
    """The lock falls one try too late."""

    def after_failure(parameters, state, now_ms, throttle_from):
        late = msgspec.structs.replace(parameters, max_failures=parameters.max_failures + 1)
        return penalty.after_failure(late, state, now_ms, throttle_from)

    monkeypatch.setattr(decide, "after_failure", after_failure)


def strangers_lock_the_customer(monkeypatch):
    monkeypatch.setattr(origins, "is_stranger", lambda parameters, known, origin: False)


def strangers_do_not_count(monkeypatch):
    """The ceiling is for each ledger alone."""
    after_failure = origins.after_failure

    def apart(*arguments):
        state, learnt = after_failure(*arguments)
        return state, msgspec.structs.replace(learnt, in_a_row=0)

    monkeypatch.setattr(origins, "after_failure", apart)


def disabled_tokens_verify(monkeypatch):
    def refusal(state, operation):
        return None if state is TokenState.DISABLED else life_cycle.refusal(state, operation)

    monkeypatch.setattr(subject, "refusal", refusal)


def macs_are_not_compared(monkeypatch):
    monkeypatch.setattr(MacKey, "verify", lambda self, data, tag: True)


def everyone_is_let_in(monkeypatch):
    monkeypatch.setattr(session, "refuse", lambda channel, load, asked: None)


def closed_connections_still_count(monkeypatch):
    close = session.Session._close

    async def leaky(self):
        if self._load is not None:
            self._load.connections += 1
        await close(self)

    monkeypatch.setattr(session.Session, "_close", leaky)


def codes_are_logged(monkeypatch):
    verify = decide.verify

    def talkative(parameters, seed, state, code, now_ms):
        structlog.get_logger("engine").debug("judging", code=code)
        return verify(parameters, seed, state, code, now_ms)

    monkeypatch.setattr(decide, "verify", talkative)


def customers_are_logged(monkeypatch):
    verify = verification.verify_otp

    def talkative(request, work, context):
        structlog.get_logger("service").info("verifying", who=request.message)
        return verify(request, work, context)

    row = SERVICES[0x0301]._replace(decide=talkative)
    monkeypatch.setitem(SERVICES, 0x0301, row)


def entries_get_lost(monkeypatch):
    apply = MemoryTransaction._apply

    def forgetful(self, writes):
        apply(self, writes)
        for stored in writes.entries:
            entry = stored.entry
            if entry.seq % 40 == 39:
                key = (entry.business_day, entry.channel_id, entry.serial, entry.phase)
                del self._store.tables.entries[key]

    monkeypatch.setattr(MemoryTransaction, "_apply", forgetful)


def lost_commits_count_as_failures(monkeypatch):
    """UNAVAILABLE where nobody knows."""
    put_back = runner.Runner._put_back

    def too_sure(self, batch, problem):
        problem.maybe_committed = False
        put_back(self, batch, problem)

    monkeypatch.setattr(runner.Runner, "_put_back", too_sure)


def half_a_batch_counts_as_nothing(monkeypatch):
    """A batch run in halves says nothing of the first half that is committed."""

    async def execute(self, requests):
        try:
            return await self._run_until_settled(requests)
        except StoreUnavailable:
            raise
        except Exception as problem:  # noqa: BLE001 - as it was
            if len(requests) == 1:
                return [self._incident(requests[0], problem)]
        half = len(requests) // 2
        first = await self.execute(requests[:half])
        return first + await self.execute(requests[half:])

    monkeypatch.setattr(unit_of_work.UnitOfWork, "execute", execute)


def notes_are_written_twice(monkeypatch):
    """A note whose commit's answer was lost blocks its batch: for good, so few tries will do."""
    monkeypatch.setattr(unit_of_work, "CONFLICTS_MAX", 2)
    monkeypatch.setattr(unit_of_work._Batch, "_first_note", lambda self, request: None)


def nothing_was_ever_seen(monkeypatch):
    def answer(request, found, context):
        return Decision(code=ResponseCode.NOT_SEEN_YET, body=QueryResponse(of_state=3))

    monkeypatch.setattr(queries, "_answer", answer)


def cancellations_do_not_hold(monkeypatch):
    """The claim is not written, so a late arrival runs."""
    cancel = queries.cancel_serial

    def lax(request, work, context):
        return msgspec.structs.replace(cancel(request, work, context), claims=())

    row = SERVICES[0x0403]._replace(decide=lax)
    monkeypatch.setitem(SERVICES, 0x0403, row)


def services_raise(monkeypatch):
    parameters = device_seeds.open_seed

    def brittle(context, request, token):
        if token.id == 3:
            raise RuntimeError("a fault")
        return parameters(context, request, token)

    monkeypatch.setattr(trying, "open_seed", brittle)


def some_answers_are_not_counted(monkeypatch):
    count = Tally.count

    def lazy(self, channel_id, code, now_ms):
        if code is not ResponseCode.BUSY:
            count(self, channel_id, code, now_ms)

    monkeypatch.setattr(Tally, "count", lazy)


def who_comes_first_is_served_first(monkeypatch):
    """One line for all channels: a flood's many go before another's one."""
    arrived: dict[object, int] = {}
    admit = WaitingRoom.admit

    def noted(self, pending):
        arrived.setdefault(pending, len(arrived))
        return admit(self, pending)

    def take(self, at_most):
        line = sorted(self, key=lambda pending: arrived.get(pending, 0))[:at_most]
        return self.remove(set(line).__contains__)

    monkeypatch.setattr(WaitingRoom, "admit", noted)
    monkeypatch.setattr(WaitingRoom, "take", take)


BUGS = [
    (used_code_stays_good, PEACE, "1 one approval"),
    (store_without_guards_on_tokens, CROWDED, "10 audit"),
    (serials_are_not_looked_up, PEACE, "3 same answer"),
    (retry_is_answered_otherwise, PEACE, "3 same answer"),
    (answered_before_the_commit, FAILING, "2 entries"),
    (failures_never_lock, PEACE, "5 token history"),
    (one_failure_is_forgotten, PEACE, "5 token history"),
    (strangers_lock_the_customer, GUESSED, "5 token history"),
    (strangers_do_not_count, GUESSED, "5 token history"),
    (disabled_tokens_verify, OPERATED, "6 withdrawn"),
    (macs_are_not_compared, ATTACKED, "4 authentic"),
    (everyone_is_let_in, BURSTING, "7 limits"),
    (closed_connections_still_count, PEACE, "8 ended"),
    (codes_are_logged, PEACE, "9 secrets"),
    (customers_are_logged, PEACE, "9 secrets"),
    (entries_get_lost, PEACE, "10 audit"),
    (lost_commits_count_as_failures, FAILING, "11 unrecorded"),
    (half_a_batch_counts_as_nothing, REFUSING, "11 unrecorded"),
    (notes_are_written_twice, NOTED, "13 incidents"),
    (nothing_was_ever_seen, PEACE, "12 questions"),
    (cancellations_do_not_hold, PEACE, "12 questions"),
    (services_raise, PEACE, "13 incidents"),
    (some_answers_are_not_counted, BURSTING, "14 summaries"),
    (who_comes_first_is_served_first, FLOODED, "15 turns"),
]


@pytest.mark.parametrize(("bug", "world", "checker"), BUGS, ids=[b.__name__ for b, _, _ in BUGS])
def test_bug_is_found(monkeypatch, bug, world, checker):
    """In the world's own seed, mostly: whether a bug shows depends on what happens."""
    bug(monkeypatch)
    found = []
    for seed in range(world.seed, world.seed + 10):
        found = check(simulate(replace(world, seed=seed)).evidence)
        if checker in {name for name, _ in found}:
            return
    pytest.fail(f"not found by {checker}; the last seed showed {found[:10]}")


def test_every_checker_has_found_something():
    witnesses = {"4 authentic", "7 limits", "15 turns"}
    assert {checker for _, _, checker in BUGS} == {*CHECKERS, *witnesses}
