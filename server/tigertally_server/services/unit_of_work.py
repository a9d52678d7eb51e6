"""One batch of transactions as one unit of work: load and lock, decide one after another, write,
commit.

What is asked thousands of times a second is first decided on a glance (`table.Service.glance`):
nothing locked, the serial not looked for. Guards find at the end whatever that overlooked, and then
the batch is decided again with everything loaded.

Laws: nothing is answered before its entry is committed; every request of a batch is decided on rows
that are locked, guarded or were decided earlier in the batch; after a conflict everything is
decided again on what is there then; a value the database refuses costs only its own request. Waits
for the store, and between slices of a long batch lets others have a turn; a configuration that
changes meanwhile is a conflict.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Final

import structlog

from tigertally_protocol.codes import CODES, ResponseCode
from tigertally_server.audit import head as audit_head
from tigertally_server.domain.entry import NO_SEQ, NO_SHARD, ShardHead, StoredEntry
from tigertally_server.services.context import Context
from tigertally_server.services.device_seeds import AskDevice
from tigertally_server.services.directory import ConfigurationError
from tigertally_server.services.keyring import KeyMissing, Keyring
from tigertally_server.services.recording import claim_entry, entry_of, stored_answer
from tigertally_server.services.request import Decision, Outcome, Phase, Request
from tigertally_server.services.table import SERVICES, Service
from tigertally_server.services.working_set import LookCloser, WorkingSet
from tigertally_server.store.port import (
    BadData,
    Conflict,
    Loaded,
    Needs,
    Store,
    StoreUnavailable,
    Transaction,
    Writes,
    inline,
)

CONFLICTS_MAX = 20
"""Each conflict means that another writer got through, so many in a row is a fault, not contention.
"""

SLICE: Final = 32
"""Decided in one go, some 3 ms; then others of the thread have a turn, who refuse what comes in."""

_FINAL = (Phase.FINAL, Phase.SETTLED)


class LogBroken(StoreUnavailable):
    """The head of our shard is not as this system wrote it: nothing more may be recorded, so
    nothing is approved.
    """


async def _at_once() -> None:
    """For whoever has a thread of his own."""


ALONE: Final = nullcontext()


class UnitOfWork:
    """Runs batches against one store, writing to one shard. One at a time: one runner owns it."""

    def __init__(
        self,
        store: Store,
        context: Context,
        shard: int,
        breathe: Callable[[], Awaitable[object]] = _at_once,
        turn: AbstractAsyncContextManager[object] = ALONE,
    ) -> None:
        """`breathe` lets others have a turn of the thread between slices; who else decides a long
        batch meanwhile waits for `turn`: one after another, all are done sooner than side by side.
        """
        self._store, self._context, self._shard = store, context, shard
        self._breathe, self._turn = breathe, turn
        self._head: ShardHead | None = None
        self.conflicts = 0
        self._log = structlog.get_logger("unit of work")

    def run(self, requests: Sequence[Request]) -> list[Outcome]:
        """`execute` over a store that never suspends."""
        return inline(self.execute(requests))

    async def execute(self, requests: Sequence[Request]) -> list[Outcome]:
        """One outcome per request, in order. Raises StoreUnavailable, after which nothing is known
        to be committed unless it says so.
        """
        try:
            return await self._run_until_settled(requests)
        except StoreUnavailable:
            raise
        except Exception as problem:  # noqa: BLE001 - the edge of a request
            # The edge of a request: a value that the database refuses, or a fault of ours, must
            # cost only its own request.
            if len(requests) < 2:
                return [self._incident(request, problem) for request in requests]
        half = len(requests) // 2
        first = await self.execute(requests[:half])
        try:
            return first + await self.execute(requests[half:])
        except StoreUnavailable as problem:
            # The first half is committed, and the caller can't tell which half a request was in.
            problem.maybe_committed = True
            raise

    def _incident(self, request: Request, problem: Exception) -> Outcome:
        """What the operator looks for when a channel reports INTERNAL. Errors of ours name places,
        never contents.
        """
        expected = isinstance(problem, BadData)
        self._log.error(
            "request not executed",
            channel=request.channel.id,
            serial=request.serial,
            transaction=request.transaction,
            why=str(problem) if expected else type(problem).__name__,
            exc_info=None if expected else problem,
        )
        return Outcome(ResponseCode.INTERNAL)

    async def _run_until_settled(self, requests: Sequence[Request]) -> list[Outcome]:
        glance = True
        for _ in range(CONFLICTS_MAX):
            transaction = await self._store.begin()
            try:
                return await self._run_once(transaction, requests, glance=glance)
            except LookCloser:
                await transaction.rollback()
            except Conflict:
                self.conflicts += 1
                self._head = None
                await transaction.rollback()
            except BaseException:
                self._head = None
                await transaction.rollback()
                raise
            glance = False
        raise StoreUnavailable("the same rows conflicted too often")

    async def _run_once(
        self, transaction: Transaction, requests: Sequence[Request], *, glance: bool
    ) -> list[Outcome]:
        directory = self._context.directory
        loaded = await transaction.load(self._needs(requests, glance=glance))
        if loaded.epoch is not None and loaded.epoch != directory.epoch:
            self._context.follow(await transaction.configuration())
        epoch = directory.epoch
        told_by_save = loaded.epoch is None
        head = self._trusted_head(loaded)
        work = WorkingSet(loaded, glance=glance)
        batch = _Batch(self._context, work, head, len(requests), glance=glance)
        outcomes = await self._decided(batch, requests)
        if directory.epoch != epoch:
            # Another configuration came into force in the middle.
            raise Conflict
        if not batch.entries:
            await transaction.rollback()
            return outcomes
        advanced = audit_head.advance(
            self._context.keyring.head_mac_key(), head, [stored.leaf for stored in batch.entries]
        )
        if await transaction.save(batch.writes(advanced)) != epoch and told_by_save:
            # Decided under a configuration that is no longer in force.
            raise Conflict
        await transaction.commit()
        self._head = advanced
        return outcomes

    async def _decided(self, batch: _Batch, requests: Sequence[Request]) -> list[Outcome]:
        if len(requests) <= SLICE:
            return [batch.answer(request) for request in requests]
        outcomes: list[Outcome] = []
        async with self._turn:
            for begin in range(0, len(requests), SLICE):
                if begin:
                    await self._breathe()
                outcomes += [batch.answer(request) for request in requests[begin : begin + SLICE]]
        return outcomes

    def _needs(self, requests: Sequence[Request], *, glance: bool) -> Needs:
        needs = Needs(
            self._shard,
            head=self._head is None,
            digest_of=self._context.keyring.counter_digest,
            epoch=False,
        )
        for request in requests:
            service = SERVICES[request.transaction]
            if glance and service.glance is not None and not request.retry:
                service.glance(request, needs)
                continue
            needs.epoch = True
            # An operator's serial is drawn at random, and most operators may not read the log.
            if request.phase is not Phase.OPERATOR:
                needs.serials.add(request.key)
            service.needs(request, needs)
        needs.glanced -= needs.users | needs.locked_users
        return needs

    def _trusted_head(self, loaded: Loaded) -> ShardHead:
        """The head in memory where we wrote the last batch (the store compares its size), else the
        one loaded, if genuine.
        """
        if self._head is not None:
            return self._head
        head = loaded.head
        if head is None:
            raise LogBroken(f"shard {self._shard} has no head row: run `tigertally audit verify`")
        genuine = any(
            audit_head.verify_head_mac(
                key, head.shard, head.size, head.root, head.frontier, head.mac
            )
            for key in self._context.keyring.head_mac_keys()
        )
        if not genuine:
            raise LogBroken(
                f"the head of shard {self._shard} was altered: run `tigertally audit verify`"
            )
        return head


def _nonce_supply(keyring: Keyring, expected: int) -> Iterator[bytes]:
    # Not a method: a generator that knows its batch would make a cycle of it, and the collector,
    # not the end of the batch, would free everything that was loaded for it.
    while True:
        yield from keyring.nonces(2 * expected)


class _Batch:
    """The decisions of one attempt, and the entries they become."""

    def __init__(
        self,
        context: Context,
        work: WorkingSet,
        head: ShardHead,
        expected: int,
        *,
        glance: bool,
    ) -> None:
        self._context, self._work, self._head, self._glance = context, work, head, glance
        self._nonces = _nonce_supply(context.keyring, expected)
        self._admin: list[Any] = []
        self.entries: list[StoredEntry] = []

    def answer(self, request: Request) -> Outcome:
        first = (
            self._first_answer(request)
            if request.phase is Phase.FINAL
            else self._first_note(request)
        )
        if first is not None:
            return first
        service, message = SERVICES[request.transaction], request.message
        for name in service.required:
            if not getattr(message, name):
                return self._unrecorded(service, Outcome(ResponseCode.BAD_FIELD, detail=name))
        try:
            decision = service.decide(request, self._work, self._context)
        except AskDevice as asked:
            # Not an answer, so nothing that an earlier entry could contradict.
            return Outcome(ResponseCode.HSM_UNAVAILABLE, asked=asked.work)
        except (KeyMissing, ConfigurationError) as problem:
            detail = type(problem).__name__
            return self._unrecorded(service, Outcome(ResponseCode.INTERNAL, detail=detail))
        if not CODES[decision.code].recorded:
            return self._unrecorded(service, Outcome(decision.code, decision.body))
        return self._record(request, decision)

    def _unrecorded(self, service: Service, outcome: Outcome) -> Outcome:
        """Nothing will be written that could collide with an earlier entry of this serial, so it
        must have been looked for.
        """
        if self._glance and service.glance is not None:
            raise LookCloser
        return outcome

    def _first_answer(self, request: Request) -> Outcome | None:
        """What this serial was answered before: in this batch, or in any before it."""
        if (decided := self._work.decided.get(request.key)) is not None:
            digest, outcome = decided
            return outcome if _is_of(digest, request) else Outcome(ResponseCode.SERIAL_CONFLICT)
        stored = self._work.stored(request.key)
        if not stored:
            return None
        for item in stored:
            entry = item.entry
            if not _is_of(entry.digest, request):
                return Outcome(ResponseCode.SERIAL_CONFLICT)
            if entry.phase in _FINAL:
                again = SERVICES[request.transaction].again
                if again is not None:
                    return again(request, entry, self._context)
                return stored_answer(self._context, entry)
        if all(item.entry.phase != Phase.CLAIMED for item in stored):
            return None
        return Outcome(ResponseCode.IN_PROGRESS)

    def _first_note(self, request: Request) -> Outcome | None:
        """Where one of the house's own notes stands already: its batch was committed, and run again
        because the answer to the commit was lost.
        """
        for item in self._work.stored(request.key):
            entry = item.entry
            if entry.phase == request.phase:
                return Outcome(ResponseCode(entry.result), None, entry.shard, entry.seq)
        return None

    def _record(self, request: Request, decision: Decision) -> Outcome:
        work = self._work
        work.apply(decision)
        place = self._next_place()
        previous = (NO_SHARD, NO_SEQ)
        if decision.token is not None:
            previous = work.point_to_entry(decision.token.id, *place)
        elif decision.credential is not None:
            previous = work.point_credential_to_entry(decision.credential, *place)
        self.entries.append(
            entry_of(request, decision, place, previous, self._context, self._nonces)
        )
        for claim in decision.claims:
            claimed = self._next_place()
            self.entries.append(
                claim_entry(request, claim.key, claim.result, claimed, self._context, self._nonces)
            )
            work.decided[claim.key] = (b"", Outcome(claim.result, None, *claimed))
        self._admin.extend(decision.admin)
        outcome = Outcome(decision.code, decision.body, *place)
        if request.phase is Phase.FINAL:
            work.decided[request.key] = (request.digest, outcome)
        return outcome

    def _next_place(self) -> tuple[int, int]:
        return self._head.shard, self._head.size + len(self.entries)

    def writes(self, head: ShardHead) -> Writes:
        tokens, rebound = self._work.token_changes()
        new_accounts, accounts = self._work.account_changes()
        writes = Writes(
            head_size=self._head.size,
            head=head,
            entries=self.entries,
            new_accounts=new_accounts,
            accounts=accounts,
            tokens=tokens,
            rebound_tokens=rebound,
            admin=self._admin,
            decoy_tokens=self._work.decoys,
        )
        self._work.add_method_changes(writes)
        return writes


def _is_of(digest: bytes, request: Request) -> bool:
    """Whether what is recorded is this very request's; claims are everybody's."""
    return digest in (b"", request.digest) or digest in request.other_digests
