"""Load that keeps the books: what was asked, what was acknowledged, what nobody knows.

Each holder of a counter-based token presents one code after another, so that every code is right
and every answer must be an approval, whatever happens to servers and databases meanwhile. A request
whose connection broke, or that got no definite answer, is asked again under the same serial.

    books = Books(line, held)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(books.press, server)
        await books.acknowledge(200)          # waits for so many more
        server.kill()
    server.start()
    await books.settle(server)                # what is unknown is asked again
    books.check(house)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import trio

from tigertally_protocol.codes import CODES, ResponseCode
from tigertally_protocol.events import ResponseReceived
from tigertally_testing.bank import HeldToken
from tigertally_testing.house import House, Line
from tigertally_testing.peer import Closed, Peer, inform, new_serial, today, verification
from tigertally_testing.processes import ServerProcess

C = ResponseCode
CONNECTIONS: Final = 3
WAIT_S: Final = 60.0
NOT_DEFINITE: Final = {code for code, row in CODES.items() if row.transient}


@dataclass
class _Asked:
    holder: HeldToken
    counter: int
    serial: int
    day: int
    tries: int = 0


class Books:
    """See the module's text. `budget_ms` goes into every request."""

    def __init__(self, line: Line, held: Sequence[HeldToken], budget_ms: int = 5_000) -> None:
        self._line, self._held, self._budget_ms = line, held, budget_ms
        self._counters = dict.fromkeys(held, 0)
        self._news = trio.Event()
        self.acknowledged: dict[int, ResponseReceived] = {}
        self.put_off: Counter[ResponseCode] = Counter()
        self.unknown: dict[int, _Asked] = {}
        self.stopping = False
        self._ended = 0

    # ------------------------------------------------------------------ pressing

    async def press(self, server: ServerProcess) -> None:
        """Until `stopping` is set or the connections break; never raises for a broken one."""
        await inform(server)
        async with trio.open_nursery() as nursery:
            for number in range(CONNECTIONS):
                part = self._held[number::CONNECTIONS]
                nursery.start_soon(self._drive, server.address, part)
        self._ended += 1
        self._tell()

    async def _drive(self, address: tuple[str, int], held: Sequence[HeldToken]) -> None:
        try:
            peer = await Peer.sign_on(address, self._line)
        except (Closed, OSError):
            return
        asked: dict[int, _Asked] = {}
        try:
            async with peer:
                for holder in held:
                    await self._ask(peer, asked, self._next(holder))
                while asked and not peer.draining:
                    await peer._until(lambda: bool(peer.answers) or peer.draining, WAIT_S)
                    for answer in self._taken(peer):
                        await self._answered(peer, asked, answer)
                await peer._until(lambda: len(peer.answers) >= len(asked), WAIT_S)
                for answer in self._taken(peer):
                    self._note(asked.pop(answer.header.serial), answer)
        except (Closed, trio.BrokenResourceError):
            for answer in self._taken(peer):
                self._note(asked.pop(answer.header.serial), answer)
            self.unknown.update(asked)

    @staticmethod
    def _taken(peer: Peer) -> list[ResponseReceived]:
        taken = list(peer.answers.values())
        peer.answers.clear()
        return taken

    def _next(self, holder: HeldToken) -> _Asked:
        """The holder's next request: an unsettled one again, else a new one."""
        for open_ in self.unknown.values():
            if open_.holder == holder:
                return self.unknown.pop(open_.serial)
        return _Asked(holder, self._counters[holder], new_serial(), today())

    async def _ask(self, peer: Peer, asked: dict[int, _Asked], one: _Asked) -> None:
        asked[one.serial] = one
        one.tries += 1
        code = one.holder.counter_code(one.counter)
        frame = peer.build(
            verification(one.holder, code, reference=f"R{one.serial}"),
            serial=one.serial,
            business_day=one.day,
            budget_ms=self._budget_ms,
            retry=one.tries > 1,
        )
        await peer.send(frame)

    async def _answered(
        self, peer: Peer, asked: dict[int, _Asked], answer: ResponseReceived
    ) -> None:
        one = asked.pop(answer.header.serial)
        self._note(one, answer)
        if not self.stopping and not peer.draining:
            await self._ask(peer, asked, self._next(one.holder))

    def _note(self, one: _Asked, answer: ResponseReceived) -> None:
        if answer.code in NOT_DEFINITE:
            self.put_off[answer.code] += 1
            self.unknown[one.serial] = one
        else:
            assert one.serial not in self.acknowledged
            self.acknowledged[one.serial] = answer
            self._counters[one.holder] += 1
        self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = trio.Event()

    # ------------------------------------------------------------------ waiting

    async def acknowledge(self, more: int) -> None:
        """Waits until so many more requests are acknowledged."""
        goal, ended = len(self.acknowledged) + more, self._ended
        with trio.fail_after(WAIT_S):
            while len(self.acknowledged) < goal:
                assert self._ended == ended, "every connection has ended"
                await self._news.wait()

    async def put_offs(self, more: int) -> None:
        """Waits until so many more requests were answered by a transient code."""
        goal, ended = self.put_off.total() + more, self._ended
        with trio.fail_after(WAIT_S):
            while self.put_off.total() < goal:
                assert self._ended == ended, "every connection has ended"
                await self._news.wait()

    async def settle(self, server: ServerProcess) -> int:
        """Asks what is unknown again until all is known; says how many there were."""
        number, self.stopping = len(self.unknown), False
        async with await Peer.sign_on(server.address, self._line) as peer:
            with trio.fail_after(WAIT_S):
                while self.unknown:
                    asked: dict[int, _Asked] = {}
                    for serial in tuple(self.unknown):
                        await self._ask(peer, asked, self.unknown.pop(serial))
                    for answer in await peer.collect(asked, WAIT_S):
                        self._note(asked.pop(answer.header.serial), answer)
        return number

    # ------------------------------------------------------------------ the reckoning

    def check(self, house: House) -> None:
        """Every answer was an approval, stands where it said, once; nothing else was recorded; the
        log holds.
        """
        assert self.unknown == {}
        assert {answer.code for answer in self.acknowledged.values()} == {C.APPROVED}
        recorded = house.entries(self._line)
        told = {
            serial: (answer.message.entry_shard, answer.message.entry_seq)
            for serial, answer in self.acknowledged.items()
        }
        assert Counter(entry.serial for entry in recorded) == Counter(list(told))
        assert {entry.serial: (entry.shard, entry.seq) for entry in recorded} == told
        assert {entry.result for entry in recorded} == {C.APPROVED}
        report = house.verify_log()
        assert report.ok, report.findings
