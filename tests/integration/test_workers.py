"""Several workers behind one address: connections spread, deaths, rolls, ends; what is shared."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import trio

from tigertally_client.client import Client
from tigertally_client.settings import ClientSettings
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.events import DrainReceived
from tigertally_protocol.messages.token import TokenRequest
from tigertally_protocol.messages.user import QueryUserRequest
from tigertally_protocol.transactions import Transaction
from tigertally_server.app.control import DONE, FAILED, status_of
from tigertally_server.domain.channel import ChannelState
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.credentials import credentials
from tigertally_testing.peer import Closed, Peer, Refused, inform, join, new_serial, verification
from tigertally_testing.pressure import Books
from tigertally_testing.processes import spawner, until

TWO = {"workers": 2, "drain_s": 5.0}
BRIEF = {"drain_grace_ms": 1500}
ROLL_S = 90.0
CLI = "tigertally_server.cli.main"
WITHIN_S = 1.0
SLACK_S = 2.0  # for a machine that has other things to do
TASKS = 50


@pytest.fixture(scope="module")
def shared_pair(own_house):
    with spawner(own_house) as spawn:
        yield spawn("pair", server=TWO, limits=BRIEF)


@pytest.fixture
def pair(shared_pair):
    """A server with two workers, whose processes may be killed; the next test starts it again."""
    if not shared_pair.running:
        shared_pair.start()
    yield shared_pair
    assert shared_pair.faults() == []


def status(server):
    found = status_of(server.house.config.state_dir, server.node)
    assert found is not None
    return found


def pids(server):
    """Of the workers that serve, by slot."""
    return dict(status(server).workers)


def log_of(server, event):
    return [row for row in server.events() if row["event"] == event]


def signed_on(server):
    """By worker."""
    return [
        server.metric("tigertally_connections", worker=str(slot), state="signed on")
        for slot in range(2)
    ]


def deaths_of(server):
    return server.metric("tigertally_worker_deaths_total", worker="supervisor")


async def ended(pid):
    descriptor = os.pidfd_open(pid)
    try:
        with trio.fail_after(30):
            await trio.lowlevel.wait_readable(descriptor)
    finally:
        os.close(descriptor)


def lives(pid):
    return Path(f"/proc/{pid}").exists()


def open_files_of(pid):
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def query():
    return QueryUserRequest(institution=INSTITUTION, customer="NOBODY")


async def burst(peer, number):
    serials = [new_serial() for _ in range(number)]
    await peer.send(b"".join(peer.build(query(), serial=serial) for serial in serials))
    return Counter(answer.code for answer in await peer.collect(serials))


async def roll(server, how=DONE):
    """SIGUSR2, until it has come to this end; its status."""
    wanted = status(server).rolls + 1
    server.signal(signal.SIGUSR2)
    return await rolled(server, wanted, how)


async def rolled(server, wanted, how=DONE):
    def over():
        found = status(server)
        return found if found.rolls >= wanted and found.roll == how else None

    return await until(over, f"roll {wanted} {how}", ROLL_S)


# ---------------------------------------------------------------- spread, figures, signals


async def test_connections_spread_figures_are_merged_and_signals_reach_all(own_house, pair):
    line = own_house.add_channel()
    await inform(pair)
    async with AsyncExitStack() as stack:
        for _ in range(10):
            await stack.enter_async_context(await Peer.sign_on(pair.address, line))
        await until(lambda: signed_on(pair) == [5, 5], "five on each")
        page = pair.get("/metrics")[1]
        assert page.count("# TYPE tigertally_answers_total") <= 1
        assert 'worker="0"' in page
        assert 'worker="1"' in page
        assert pair.metric("tigertally_workers", worker="supervisor", state="serving") == 2
        assert pair.ready()
    pair.reconfigure(limits={"half_open_s": 7.0})
    pair.signal(signal.SIGHUP)
    told = "configuration read again"
    await until(
        lambda: {row["worker"] for row in log_of(pair, told)} == {0, 1}, "both have read it"
    )
    # A worker of its own has nothing to roll, and does not die of being asked.
    os.kill(pids(pair)[0], signal.SIGUSR2)
    why = "only a supervisor of several workers can be rolled"
    await until(lambda: log_of(pair, why), "told so")


async def test_limits_of_a_channel_hold_over_workers(own_house, pair):
    rated = own_house.add_channel(rate_per_s=10)
    few = own_house.add_channel(connections=2)
    narrow = own_house.add_channel(in_flight=3)
    await inform(pair)

    async def press(peers, number):
        codes: Counter[C] = Counter()

        async def one(peer):
            codes.update(await burst(peer, number))

        async with trio.open_nursery() as nursery:
            for peer in peers:
                nursery.start_soon(one, peer)
        return codes

    async with (
        await Peer.sign_on(pair.address, rated) as a,
        await Peer.sign_on(pair.address, rated) as b,
    ):
        codes = await press((a, b), 60)
        # Ten at once, what the workers began within the same moment, and one for every tenth of a
        # second that the answers took.
        assert codes[C.BUSY] >= 80, codes
    async with await Peer.sign_on(pair.address, few), await Peer.sign_on(pair.address, few):
        for _ in range(2):
            with pytest.raises(Refused, match="TOO_MANY_CONNECTIONS"):
                await Peer.sign_on(pair.address, few)
    async with (
        await Peer.sign_on(pair.address, narrow) as a,
        await Peer.sign_on(pair.address, narrow) as b,
    ):
        assert (await press((a, b), 50))[C.BUSY] > 0
        assert (await press((a,), 3))[C.BUSY] == 0


# ---------------------------------------------------------------- deaths


async def test_a_killed_worker_breaks_its_own_connections_only(own_house, pair):
    line = own_house.add_channel()
    books = Books(line, own_house.holders(30, "hotp-6"))
    before, deaths = pids(pair), deaths_of(pair)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(books.press, pair)
        await books.acknowledge(100)
        os.kill(before[0], signal.SIGKILL)
        # Three connections, two workers: at least one was the other worker's, and goes on.
        await books.acknowledge(100)
        books.stopping = True
    await until(lambda: 0 in pids(pair) and pids(pair)[0] != before[0], "started anew", 60)
    assert pids(pair)[1] == before[1]
    await books.settle(pair)
    books.check(own_house)
    assert deaths_of(pair) == deaths + 1
    *_, told = log_of(pair, "worker died")
    assert (told["worker"], told["status"]) == (0, -signal.SIGKILL)
    await inform(pair)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            peer = await stack.enter_async_context(await Peer.sign_on(pair.address, line))
            assert await burst(peer, 1)


async def test_a_worker_that_hangs_gets_no_connections_and_is_replaced(own_house, own):
    line = own_house.add_channel()
    server = own(server={**TWO, "worker_silence_s": 3.0}, limits=BRIEF)
    await inform(server)
    before = pids(server)
    os.kill(before[0], signal.SIGSTOP)
    await until(lambda: log_of(server, "worker is silent and is killed"), "noticed", 30)
    async with await Peer.sign_on(server.address, line) as peer:
        assert await burst(peer, 3)
    await until(lambda: pids(server).get(0, before[0]) != before[0], "started anew", 60)
    assert pids(server)[1] == before[1]


async def test_workers_leave_when_the_supervisor_is_killed(own_house, pair):
    line = own_house.add_channel()
    books = Books(line, own_house.holders(12, "hotp-6"))
    workers = pids(pair).values()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(books.press, pair)
        await books.acknowledge(50)
        pair.kill()
        for pid in workers:
            await ended(pid)
    assert set(books.put_off) <= {C.DRAINING}
    # The lock went with the process; the database is still there for whoever comes next.
    assert status_of(own_house.config.state_dir, pair.node) is None
    assert own_house.cluster.is_alive()
    pair.start()
    await books.settle(pair)
    books.check(own_house)


async def test_sigterm_drains_all_workers(own_house, pair):
    line = own_house.add_channel()
    books = Books(line, own_house.holders(12, "hotp-6"))
    workers = pids(pair).values()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(books.press, pair)
        await books.acknowledge(50)
        pair.signal(signal.SIGTERM)
        await ended(pair.pid)
    assert pair.wait() == 0
    assert not any(lives(pid) for pid in workers)
    assert [row["unanswered"] for row in log_of(pair, "drained")[-2:]] == [0, 0]
    assert set(books.put_off) <= {C.DRAINING}
    pair.start()
    await books.settle(pair)
    books.check(own_house)


# ---------------------------------------------------------------- rolls


async def test_a_roll_under_load_is_not_noticed_by_callers_and_may_follow_another(own_house, pair):
    """The client knows one address only: no other node helps it out."""
    line = own_house.add_channel()
    held = own_house.holders(3, "hotp-6")
    await inform(pair)
    before, supervisor, rolls = pids(pair), pair.pid, status(pair).rolls
    codes: Counter[C] = Counter()
    stop = False

    async def present(client, item):
        counter = 0
        while not stop:
            result = await client.verify_otp(item.customer, item.counter_code(counter))
            codes[result.receipt.code] += 1
            counter += 1

    settings = ClientSettings(connections=4, timeout_s=20.0)
    async with Client(credentials(line, pair), settings=settings) as client:
        async with trio.open_nursery() as nursery:
            for item in held:
                nursery.start_soon(present, client, item)
            await until(lambda: codes.total() >= 100, "load", 30)
            # The second is asked for while the first is going on.
            pair.signal(signal.SIGUSR2)
            await until(lambda: status(pair).rolls == rolls + 1, "begun")
            pair.signal(signal.SIGUSR2)
            await rolled(pair, rolls + 2)
            more = codes.total()
            await until(lambda: codes.total() >= more + 100, "load after it", 30)
            stop = True
        counters = client.statistics()
    assert set(codes) == {C.APPROVED}
    assert counters.connect_failures == counters.connections_lost == 0, counters
    assert pair.pid == supervisor
    assert not set(before.values()) & set(pids(pair).values())
    assert pids(pair).keys() == {0, 1}
    assert own_house.verify_log().ok


async def test_a_version_that_does_not_start_changes_nothing(own_house, pair):
    line = own_house.add_channel()
    before = pids(pair)
    good = pair.config_file.read_text()
    async with await join(pair, line) as peer:
        # Not even its configuration is readable: it never takes over.
        pair.config_file.write_text(good + "\n[nonsense]\n")
        failed = await roll(pair, FAILED)
        assert "nonsense" in failed.why
        assert log_of(pair, "what is installed now can't take over: nothing has changed")
        # It takes over, but no worker of it starts: the old ones serve on, and the status says so.
        wrong = pair.config_file.with_name("wrong.key")
        wrong.write_bytes(bytes(32))
        wrong.chmod(0o600)
        pair.config_file.write_text(good + f'\n[keys]\nmaster_key_file = "{wrong}"\n')
        failed = await roll(pair, FAILED)
        assert "before it was ready; the old one serves on" in failed.why
        assert pids(pair) == before
        assert pair.ready()
        assert await burst(peer, 3)
        async with await Peer.sign_on(pair.address, line) as other:
            assert await burst(other, 3)
        # Mended: the next roll needn't wait for the stuck one. One worker more, in the same go.
        pair.config_file.write_text(good.replace("workers = 2", "workers = 3"))
        done = await trio.run_process(
            [sys.executable, "-m", CLI, "-c", pair.config_file, "roll", "--json"],
            capture_stdout=True,
        )
        assert json.loads(done.stdout)["replaced"] == 2
        await until(lambda: pids(pair).keys() == {0, 1, 2}, "three workers")
        assert isinstance(await peer.next_notice(), DrainReceived)
    open_files = open_files_of(pair.pid)
    pair.config_file.write_text(good)
    pair.signal(signal.SIGUSR2)
    await until(lambda: status(pair).roll == "replacing", "a roll", ROLL_S)
    # The end comes first, whatever is going on.
    assert open_files < 40
    await trio.to_thread.run_sync(pair.stop)


# ---------------------------------------------------------------- several nodes


@pytest.fixture
def nodes(own):
    return own("node-a", server=TWO), own("node-b", server=TWO)


async def test_two_nodes_of_two_workers_are_one_bank(own_house, nodes):
    line = own_house.add_channel()
    held = own_house.holders(3, "hotp-6")
    for node in nodes:
        await inform(node)
    async with AsyncExitStack() as stack:
        # Two connections to each node: one on each worker.
        peers = [
            await stack.enter_async_context(await Peer.sign_on(node.address, line))
            for node in nodes
            for _ in range(2)
        ]
        await one_code_is_approved_once(peers, held[0])
        await a_disabled_token_is_refused_everywhere(peers, held[1])
        own_house.change_channel(line.channel_id, state=ChannelState.DISABLED)
        with trio.fail_after(WITHIN_S + SLACK_S):
            for peer in peers:
                while await accepted(peer):
                    await trio.sleep(0.02)
    report = own_house.verify_log()
    assert report.ok, report.findings


async def one_code_is_approved_once(peers, item):
    answers: list[C] = []
    start = trio.Event()

    async def present(peer, number):
        serials = [new_serial() for _ in range(number)]
        frames = [
            peer.build(verification(item, item.counter_code(0)), serial=serial)
            for serial in serials
        ]
        await start.wait()
        await peer.send(b"".join(frames))
        answers.extend(answer.code for answer in await peer.collect(serials))

    async with trio.open_nursery() as nursery:
        for place, peer in enumerate(peers):
            nursery.start_soon(present, peer, TASKS // 4 + (place < TASKS % 4))
        start.set()
    assert Counter(answers) == {C.APPROVED: 1, C.REPLAYED_CODE: TASKS - 1}


async def a_disabled_token_is_refused_everywhere(peers, item):
    for counter, peer in enumerate(peers):
        assert (await peer.verify(item, item.counter_code(counter))).code is C.APPROVED
    ask = TokenRequest(institution=INSTITUTION, customer=item.customer, token=item.serial)
    changed = await peers[0].ask(ask, transaction=Transaction.DISABLE_TOKEN)
    assert changed.code is C.CHANGED
    # Not within a second: at once.
    for peer in peers:
        refused = await peer.verify(item, item.counter_code(4))
        assert refused.code is C.TOKEN_DISABLED


async def accepted(peer):
    try:
        return (await peer.ask(query())).code in (C.ANSWERED, C.USER_UNKNOWN)
    except (Closed, trio.BrokenResourceError):
        return False
