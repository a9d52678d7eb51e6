"""One behaviour of three libraries: the agents of Python, C and Java (see `tests/agents`) on the
same real servers through the same faults, each on a channel of its own.

Whatever happens, each call has one answer and each code one approval; what nobody knows is said to
be unknown, and what was not executed is said to be that.
"""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
import trio

from tigertally_protocol.codes import ResponseCode as C
from tigertally_testing import agents
from tigertally_testing.agents import LANGUAGES, Missing, agent, write_credentials
from tigertally_testing.peer import inform
from tigertally_testing.processes import spawner, until
from tigertally_testing.proxy import proxy

CUSTOMERS = 3
ROUNDS = 6
# Suite, field cipher and charset of each one's channel: together they cover them all but one.
TERMS = {
    "python": {"suite": 1, "field_cipher": 2, "charset": "utf-8"},
    "c": {"suite": 4, "field_cipher": 4, "charset": "gb18030"},
    "java": {"suite": 3, "field_cipher": 3, "charset": "gb18030"},
}
DAY_MS = 86_400_000


def built():
    """The languages whose agent can be built here."""
    found = []
    for language in LANGUAGES:
        try:
            agents.command(language)
        except Missing:
            continue
        found.append(language)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_agent_can_be_built(language):
    try:
        agents.command(language)
    except Missing as problem:
        pytest.skip(f"{language} NOT TESTED: {problem}")


class Users:
    """One agent's customers, each with a token that counts, and what became of their codes."""

    def __init__(self, house, language, folder, ways):
        self.house, self.language = house, language
        self.line = house.add_channel(**TERMS[language])
        self.held = house.holders(CUSTOMERS, "hotp-6")
        self.file = write_credentials(folder, self.line, [way.address for way in ways])
        self.answers: Counter[str] = Counter()
        self.tries = 0
        self.agent: Any = None

    async def present(self, held, counter):
        """One code, which must be approved."""
        words = await self.agent.ask("verify", held.customer, held.counter_code(counter))
        self.answers[" ".join(words[:2])] += 1
        self.tries += int(words[4]) if words[0] == "answer" else 0

    async def run(self, rounds=range(ROUNDS)):
        async def customer(held):
            for counter in rounds:
                await self.present(held, counter)

        async with trio.open_nursery() as nursery:
            for held in self.held:
                nursery.start_soon(customer, held)

    def check(self, rounds=ROUNDS):
        """Every code approved once, by answers and by the log."""
        assert self.answers == {"answer APPROVED": CUSTOMERS * rounds}, self.language
        tokens = {int(item.serial[1:]) for item in self.held}
        mine = [e for e in self.house.entries(self.line) if e.token_id in tokens and e.phase == 0]
        approved = Counter(entry.result for entry in mine)
        assert approved == {C.APPROVED: CUSTOMERS * rounds}, self.language
        assert len({entry.serial for entry in mine}) == len(mine)


class Stage:
    """All agents at once, behind proxies whose addresses outlive servers."""

    def __init__(self, house, folder):
        self.house, self.folder = house, folder
        self._stack = AsyncExitStack()
        self.users: list[Users] = []

    async def __aenter__(self):
        return self

    async def __aexit__(self, *problem):
        await self._stack.aclose()

    async def way(self, server):
        return await self._stack.enter_async_context(proxy(server and server.address))

    async def cast(self, *ways, line_changes=None):
        """Every language's users, with credentials for these ways in."""
        for language in built():
            users = Users(self.house, language, self.folder, ways)
            if line_changes:
                changed = replace(users.line, **line_changes(users.line))
                users.file = write_credentials(self.folder, changed, [way.address for way in ways])
            self.users.append(users)

    async def enter(self, server, **settings):
        """Tells the server of the channels, and starts the agents."""
        await inform(server)
        for users in self.users:
            users.agent = await self._stack.enter_async_context(
                agent(users.language, users.file, **settings)
            )

    async def ready(self):
        for users in self.users:
            assert await users.agent.ask("ready", 20_000) == ["ready", "yes"], users.language

    async def all(self, act):
        """`act(users)` for all agents at once."""
        async with trio.open_nursery() as nursery:
            for users in self.users:
                nursery.start_soon(act, users)

    def answered(self):
        return sum(users.answers.total() for users in self.users)

    async def half_way(self):
        wanted = len(self.users) * CUSTOMERS * ROUNDS // 3
        await until(lambda: self.answered() >= wanted, "a third of the answers", 60)

    async def leave(self):
        """Every agent signs off and ends well."""

        async def quit_(users):
            with trio.fail_after(20):
                assert await users.agent.quit() == 0, users.language

        await self.all(quit_)


@pytest.fixture
def stage(own_house, tmp_path):
    return Stage(own_house, tmp_path)


PATIENT = {"timeout_ms": 30_000, "attempt_ms": 1_000}


async def test_the_server_is_killed_and_comes_back(stage, own):
    server = own("node-a")
    async with stage:
        way = await stage.way(server)
        await stage.cast(way)
        await stage.enter(server, **PATIENT)
        await stage.ready()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(stage.all, Users.run)
            await stage.half_way()
            server.kill()
            await trio.to_thread.run_sync(server.start)
            way.target = server.address
        for users in stage.users:
            users.check()
            stats = await users.agent.stats()
            assert stats["connections_lost"] >= 1, users.language
            assert stats["outcomes_unknown"] == 0
        await stage.leave()


async def test_the_server_drains_and_comes_back(stage, own):
    server = own("node-a")
    async with stage:
        way = await stage.way(server)
        await stage.cast(way)
        await stage.enter(server, **PATIENT)
        await stage.ready()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(stage.all, Users.run)
            await stage.half_way()
            assert await trio.to_thread.run_sync(server.stop) == 0
            await trio.to_thread.run_sync(server.start)
            way.target = server.address
        for users in stage.users:
            users.check()
            assert (await users.agent.stats())["drains"] >= 1, users.language
        await stage.leave()


async def test_of_two_servers_one_dies(stage, own):
    first, second = own("node-a"), own("node-b")
    async with stage:
        ways = [await stage.way(first), await stage.way(second)]
        await stage.cast(*ways)
        await inform(second)
        await stage.enter(first, **PATIENT)
        await stage.ready()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(stage.all, Users.run)
            await stage.half_way()
            ways[0].target = None
            first.kill()
            await ways[0].break_all()
        for users in stage.users:
            users.check()
        assert second.faults() == []
        await stage.leave()


async def test_a_slow_server_is_asked_again_elsewhere_and_its_late_answers_are_counted(stage, own):
    server = own("node-a")
    async with stage:
        slow, fast = await stage.way(server), await stage.way(server)
        await stage.cast(slow, fast)
        await stage.enter(server, timeout_ms=30_000, attempt_ms=300)
        await stage.ready()
        await stage.all(both_ways)
        slow.hold()
        await stage.all(Users.run)
        slow.release()
        for users in stage.users:
            users.check()
            assert users.tries > CUSTOMERS * ROUNDS, "nothing was asked twice"
            await late(users)
        await stage.leave()


async def test_a_lone_caller_asks_all_servers_in_turn(stage, own):
    server = own("node-a")
    async with stage:
        ways = [await stage.way(server), await stage.way(server)]
        await stage.cast(*ways)
        await stage.enter(server, **PATIENT)
        await stage.ready()
        await stage.all(both_ways)
        for users in stage.users:
            before = [way.passed for way in ways]
            for counter in range(ROUNDS):
                await users.present(users.held[0], counter)
            less, more = sorted(way.passed - was for way, was in zip(ways, before, strict=True))
            assert more < 2 * less, users.language
        await stage.leave()


async def both_ways(users):
    """Both connections stand."""
    with trio.fail_after(20):
        while (await users.agent.stats())["connects"] < 2:
            await trio.lowlevel.checkpoint()


async def late(users):
    """A late answer is counted, and harms nothing."""
    with trio.fail_after(20):
        while not (stats := await users.agent.stats())["late_answers"]:
            await trio.lowlevel.checkpoint()
    assert stats["connections_lost"] == 0, users.language


async def test_connections_cut_in_the_middle_of_a_frame_or_spoilt(stage, own):
    server = own("node-a")
    async with stage:
        # A proxy for each, so that every agent has its share of the faults.
        ways = {language: await stage.way(server) for language in built()}
        await stage.cast(*ways.values())
        for users in stage.users:
            way = ways[users.language]
            users.file = write_credentials(stage.folder, users.line, [way.address])
        await stage.enter(server, **PATIENT)
        await stage.ready()

        async def harmed(users):
            way = ways[users.language]
            for counter in range(ROUNDS):
                held = users.held[counter % CUSTOMERS]
                (way.cut_after if counter % 2 else way.spoil_after)(37 + 17 * counter)
                await users.present(held, counter // CUSTOMERS)

        await stage.all(harmed)
        for users in stage.users:
            assert users.answers == {"answer APPROVED": ROUNDS}, users.language
            assert ways[users.language].faults >= ROUNDS // 2
            stats = await users.agent.stats()
            assert stats["connections_lost"] + stats["connect_failures"] >= ROUNDS // 2
            tokens = {int(item.serial[1:]) for item in users.held}
            mine = [
                e for e in stage.house.entries(users.line) if e.token_id in tokens and e.phase == 0
            ]
            assert Counter(entry.result for entry in mine) == {C.APPROVED: ROUNDS}
        await stage.leave()


@pytest.mark.parametrize(
    ("skew_ms", "answer"),
    [(-4 * 3_600_000, "APPROVED"), (4 * 3_600_000, "APPROVED"), (5 * DAY_MS, "BAD_BUSINESS_DAY")],
    ids=["four-hours-slow", "four-hours-fast", "five-days-fast"],
)
async def test_a_clock_that_is_wrong(stage, own_house, first_of_own, skew_ms, answer):
    server = first_of_own
    async with stage:
        await stage.cast(await stage.way(server))
        await stage.enter(server, skew_ms=skew_ms)
        await stage.ready()
        await stage.all(lambda users: users.present(users.held[0], 0))
        for users in stage.users:
            assert users.answers == {f"answer {answer}": 1}, users.language
        await stage.leave()


@pytest.fixture(scope="module")
def first_of_own(own_house):
    """A server that nobody harms."""
    with spawner(own_house) as spawn:
        yield spawn("unharmed")


async def test_a_wrong_key_is_no_denial(stage, first_of_own):
    server = first_of_own

    def wrong(line):
        return {"master_key": bytes(octet ^ 0x5A for octet in line.master_key)}

    async with stage:
        await stage.cast(await stage.way(server), line_changes=wrong)
        await stage.enter(server, timeout_ms=1_500)

        async def refused(users):
            held = users.held[0]
            words = await users.agent.ask("verify", held.customer, held.counter_code(0))
            assert words[0] == "not-executed", users.language
            stats = await users.agent.stats()
            assert stats["frames_sent"] == 0
            assert stats["connects"] == 0
            assert stats["connect_failures"] >= 1
            assert users.line.master_key.hex() not in "\n".join(users.agent.said)

        await stage.all(refused)
        await stage.leave()


async def test_an_unknown_outcome_is_said_and_resolved(stage, own):
    server = own("node-a")
    async with stage:
        way = await stage.way(server)
        await stage.cast(way)
        await stage.enter(server, timeout_ms=1_500, attempt_ms=500)
        await stage.ready()
        way.hold()
        doubtful = {}

        async def ask(users):
            held = users.held[0]
            words = await users.agent.ask("verify", held.customer, held.counter_code(0))
            assert words[0] == "unknown", users.language
            doubtful[users.language] = words[1:]

        async def resolve(users):
            held = users.held[0]
            serial, day = doubtful[users.language]
            words = await users.agent.ask("resolve", serial, day)
            assert words == ["resolved", "EXECUTED", "APPROVED"], users.language
            code = held.counter_code(0)
            words = await users.agent.ask("again", serial, day, held.customer, code)
            assert words[:2] == ["answer", "APPROVED"], "the serial's one answer"
            words = await users.agent.ask("verify", held.customer, code)
            assert words[:2] == ["answer", "REPLAYED_CODE"]

        await stage.all(ask)
        way.release()
        await stage.all(resolve)
        await stage.leave()


async def test_names_in_every_charset(stage, first_of_own):
    async with stage:
        await stage.cast(await stage.way(first_of_own))
        await stage.enter(first_of_own)
        await stage.ready()

        async def name(users):
            customer = f"N{users.line.channel_id:05d}"
            text = "欧阳震华 〇〇".encode().hex()
            words = await users.agent.ask("register", customer, text)
            assert words[:2] == ["answer", "CHANGED"], users.language
            assert await users.agent.ask("name", customer) == ["name", text]
            words = await users.agent.ask("register", customer + "x", "07")
            assert words[0] == "not-executed", "a control character"

        await stage.all(name)
        await stage.leave()
