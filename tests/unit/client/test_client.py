"""The client against scripted servers over memory streams, on virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio

from tigertally_client.client import Client
from tigertally_client.credentials import ChannelCredentials
from tigertally_client.errors import (
    ClientClosed,
    InvalidField,
    NoAnswer,
    OutcomeUnknown,
    RequestRejected,
)
from tigertally_client.results import Execution
from tigertally_client.settings import ClientSettings
from tigertally_client.testing import (
    Limits,
    MemoryNetwork,
    ScriptedServer,
    ScriptedSession,
    approve,
)
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import FLAG_RETRY
from tigertally_protocol.events import RequestReceived
from tigertally_protocol.messages.query import QueryResponse
from tigertally_protocol.messages.user import QueryUserResponse
from tigertally_protocol.messages.verification import VerifyOtpResponse
from tigertally_protocol.secret import SecretText
from tigertally_protocol.suites import ALLOWED_PAIRS, FieldCipherId, SuiteId
from tigertally_protocol.transactions import QueryState, TokenState, Transaction

Code = ResponseCode
Script = Callable[[ScriptedSession, RequestReceived], None]


class Bench:
    """One or two scripted servers and the way to a client of theirs."""

    def __init__(
        self, nursery: trio.Nursery, credentials: ChannelCredentials, clock: Any, entropy: Any
    ) -> None:
        self.credentials, self.clock, self.entropy = credentials, clock, entropy
        self.one = self.server()
        self.network = MemoryNetwork(nursery, {"one:1": self.one})

    def server(self, script: Script = approve, limits: Limits | None = None) -> ScriptedServer:
        return ScriptedServer(
            self.credentials, script, limits=limits, clock=self.clock, entropy=self.entropy
        )

    def add_second(self, script: Script = approve) -> ScriptedServer:
        self.network.servers["two:2"] = self.server(script)
        return self.network.servers["two:2"]

    @asynccontextmanager
    async def client(self, **settings: Any) -> AsyncIterator[Client]:
        settings = {"connections": 1, **settings}
        client = Client(
            self.credentials,
            settings=ClientSettings(**settings),
            servers=sorted(self.network.servers),
            dialer=self.network,
            clock=self.clock,
            entropy=self.entropy,
        )
        async with client:
            yield client


@pytest.fixture
async def bench(
    nursery: trio.Nursery,
    credentials: ChannelCredentials,
    wall_clock: Any,
    seeded_entropy: Any,
) -> Bench:
    return Bench(nursery, credentials, wall_clock, seeded_entropy)


def never(session: ScriptedSession, event: RequestReceived) -> None:
    """Takes requests and answers none."""


def always(code: ResponseCode, **extra: Any) -> Script:
    return lambda session, event: session.answer(event.header, code, **extra)


# ---------------------------------------------------------------- answers


async def test_an_approved_code_with_all_its_fields(autojump_clock: Any, bench: Bench) -> None:
    message = VerifyOtpResponse(
        entry_shard=2, entry_seq=9, token="T1", token_state=2, remaining_tries=5, locked_until=0
    )
    bench.one.script = lambda session, event: session.answer(event.header, Code.APPROVED, message)
    async with bench.client() as client:
        result = await client.verify_otp("C1", "123456", token="T1", reference="PAY-1")
    assert result.approved
    assert result.succeeded
    assert (result.token, result.token_state) == ("T1", TokenState.ACTIVE)
    assert (result.remaining_tries, result.locked_until_ms) == (5, None)
    assert result.entry is not None
    assert (result.entry.shard, result.entry.seq) == (2, 9)
    (request,) = bench.one.requests
    assert request.header.serial == result.serial
    assert request.header.business_day == result.business_day
    assert not request.header.flags & FLAG_RETRY
    assert 0 < request.header.budget_ms <= 5000
    assert (request.message.institution, request.message.customer) == ("BANK", "C1")
    assert request.message.otp.reveal() == "123456"


async def test_blanks_are_none(autojump_clock: Any, bench: Bench) -> None:
    bench.one.script = always(Code.DENIED)
    async with bench.client() as client:
        result = await client.verify_otp("C1", "123456")
    assert not result.approved
    assert (result.token_state, result.remaining_tries, result.entry) == (None, None, None)


async def test_every_method_sends_its_own_transaction(autojump_clock: Any, bench: Bench) -> None:
    async with bench.client() as client:
        await client.register_user("C1", name="张三", mobile="13800000000")
        await client.query_user("C1")
        await client.close_user("C1", reason="moved")
        await client.bind_token("C1", "T1", otp="123456")
        await client.unbind_token("C1", "T1")
        await client.enable_token("C1", "T1")
        await client.disable_token("C1", "T1", reason="lost")
        await client.unlock_token("C1", "T1")
        await client.resync_token("C1", "T1", "123456", "654321")
        await client.verify_otp("C1", "123456")
        await client.query_serial(5, 20_000)
        await client.query_reference("PAY-1", 20_000)
        await client.cancel_serial(5, 20_000)
    assert [Transaction(r.header.transaction) for r in bench.one.requests] == [
        Transaction.REGISTER_USER,
        Transaction.QUERY_USER,
        Transaction.CLOSE_USER,
        Transaction.BIND_TOKEN,
        Transaction.UNBIND_TOKEN,
        Transaction.ENABLE_TOKEN,
        Transaction.DISABLE_TOKEN,
        Transaction.UNLOCK_TOKEN,
        Transaction.RESYNC_TOKEN,
        Transaction.VERIFY_OTP,
        Transaction.QUERY_SERIAL,
        Transaction.QUERY_REFERENCE,
        Transaction.CANCEL_SERIAL,
    ]


async def test_user_details_list_the_tokens_and_hide_the_person(
    autojump_clock: Any, bench: Bench
) -> None:
    message = QueryUserResponse(
        user_state=1,
        token_count=2,
        token_1="T1",
        token_1_state=2,
        token_2="T2",
        token_2_state=4,
        name=SecretText("张三"),
    )
    bench.one.script = lambda session, event: session.answer(event.header, Code.ANSWERED, message)
    async with bench.client() as client:
        details = await client.query_user("C1")
    assert [token.serial for token in details.tokens] == ["T1", "T2"]
    assert details.tokens[1].state is TokenState.DISABLED
    assert details.name.reveal() == "张三"
    assert "张三" not in repr(details)


@pytest.mark.parametrize(("suite", "cipher"), sorted(ALLOWED_PAIRS))
async def test_all_suites_and_field_ciphers(
    nursery: trio.Nursery,
    autojump_clock: Any,
    credentials_of: Any,
    wall_clock: Any,
    seeded_entropy: Any,
    suite: SuiteId,
    cipher: FieldCipherId,
) -> None:
    credentials = credentials_of(suite, FieldCipherId(cipher).name, "gb18030")
    bench = Bench(nursery, credentials, wall_clock, seeded_entropy)
    async with bench.client() as client:
        assert (await client.register_user("C1", name="张三")).succeeded
        assert (await client.verify_otp("C1", "123456")).approved
    assert bench.one.requests[0].message.name.reveal() == "张三"


async def test_a_field_that_does_not_fit_is_named_and_nothing_is_sent(
    autojump_clock: Any, bench: Bench
) -> None:
    async with bench.client() as client:
        with pytest.raises(InvalidField) as caught:
            await client.verify_otp("C1", "12345x")
        assert caught.value.field == "otp"
        assert "12345x" not in str(caught.value)
        assert (await client.verify_otp("C1", "123456")).approved
    assert len(bench.one.requests) == 1


# ---------------------------------------------------------------- pipelining


async def test_answers_out_of_order_reach_their_callers(autojump_clock: Any, bench: Bench) -> None:
    held: list[RequestReceived] = []

    def backwards(session: ScriptedSession, event: RequestReceived) -> None:
        held.append(event)
        if len(held) == 10:
            for request in reversed(held):
                token = VerifyOtpResponse(token=request.message.customer)
                session.answer(request.header, Code.APPROVED, token)

    bench.one.script = backwards
    seen: dict[str, str] = {}
    async with bench.client() as client, trio.open_nursery() as nursery:

        async def one(customer: str) -> None:
            seen[customer] = (await client.verify_otp(customer, "123456")).token

        for number in range(10):
            nursery.start_soon(one, f"C{number}")
    assert seen == {f"C{number}": f"C{number}" for number in range(10)}


async def test_the_servers_in_flight_limit_is_kept(autojump_clock: Any, bench: Bench) -> None:
    bench.one.limits = Limits(in_flight=3)
    open_now: list[RequestReceived] = []
    most = 0

    def slowly(session: ScriptedSession, event: RequestReceived) -> None:
        nonlocal most
        open_now.append(event)
        most = max(most, len(open_now))
        if len(open_now) == 3 or len(bench.one.requests) == 10:
            while open_now:
                session.answer(open_now.pop().header, Code.APPROVED)

    bench.one.script = slowly
    async with bench.client() as client:
        async with trio.open_nursery() as nursery:
            for number in range(10):
                nursery.start_soon(client.verify_otp, f"C{number}", "123456")
        assert client.statistics().waiting == 0
    assert most == 3
    assert len(bench.one.requests) == 10


# ---------------------------------------------------------------- lost connections


async def test_a_lost_answer_is_fetched_by_the_same_serial_on_a_new_connection(
    autojump_clock: Any,
    bench: Bench,
) -> None:
    def cut_first(session: ScriptedSession, event: RequestReceived) -> None:
        if len(bench.one.requests) == 1:
            session.cut()
        else:
            session.answer(event.header, Code.APPROVED)

    bench.one.script = cut_first
    async with bench.client() as client:
        result = await client.verify_otp("C1", "123456")
        assert result.approved
        assert result.receipt.tries == 2
        statistics = client.statistics()
    first, second = bench.one.requests
    assert (first.header.serial, first.header.business_day) == (
        second.header.serial,
        second.header.business_day,
    )
    assert first.canonical == second.canonical
    assert not first.header.flags & FLAG_RETRY
    assert second.header.flags & FLAG_RETRY
    assert second.header.budget_ms <= first.header.budget_ms
    assert (statistics.retries, statistics.connections_lost, statistics.connects) == (1, 1, 2)


async def test_fail_over_to_the_next_server(autojump_clock: Any, bench: Bench) -> None:
    two = bench.add_second()
    bench.one.script = lambda session, event: session.cut()
    async with bench.client() as client:
        await client.wait_ready()
        del bench.network.servers["one:1"]
        assert (await client.verify_otp("C1", "123456")).approved
        assert client.statistics().links[0].server == "two:2"
    assert two.requests[0].header.flags & FLAG_RETRY


async def test_connections_spread_over_the_list(autojump_clock: Any, bench: Bench) -> None:
    two = bench.add_second()
    async with bench.client(connections=4) as client:
        await trio.sleep(1)
        assert len(client.statistics().links) == 4
    assert (len(bench.one.sessions), len(two.sessions)) == (2, 2)


async def test_a_lone_caller_asks_all_servers_in_turn(autojump_clock: Any, bench: Bench) -> None:
    two = bench.add_second()
    async with bench.client(connections=2) as client:
        await trio.sleep(0.1)
        for _ in range(6):
            assert (await client.verify_otp("C1", "123456")).approved
    assert (len(bench.one.requests), len(two.requests)) == (3, 3)


async def test_dead_servers_are_dialled_with_growing_pauses(
    autojump_clock: Any, bench: Bench
) -> None:
    bench.network.servers.clear()
    bench.network.servers["one:1"] = bench.one
    async with bench.client() as client:
        del bench.network.servers["one:1"]
        await trio.sleep(60)
        # 0.1 s doubling up to 10 s, half of it random: between 60/10 and that twice, and the start.
        assert 10 <= len(bench.network.dials) <= 25
        assert client.statistics().last_problem == "one:1: Connection refused"
        with pytest.raises(NoAnswer, match="Connection refused"):
            await client.verify_otp("C1", "123456", timeout_s=1)
        bench.network.servers["one:1"] = bench.one
        assert (await client.verify_otp("C1", "123456", timeout_s=15)).approved
    assert not bench.one.requests[0].header.flags & FLAG_RETRY


async def test_refused_sign_on_is_a_failure_to_connect(autojump_clock: Any, bench: Bench) -> None:
    bench.one.refuse_with = Code.UNKNOWN_CHANNEL
    async with bench.client() as client:
        assert not await client.wait_ready(3)
        with pytest.raises(NoAnswer, match="UNKNOWN_CHANNEL"):
            await client.verify_otp("C1", "123456", timeout_s=1)


async def test_a_server_that_says_nothing_is_given_up(autojump_clock: Any, bench: Bench) -> None:
    bench.one.silent = True
    two = bench.add_second()
    async with bench.client() as client:
        assert (await client.verify_otp("C1", "123456", timeout_s=20)).approved
    assert two.requests


async def test_a_wrong_master_key_never_signs_on(
    autojump_clock: Any, bench: Bench, credentials_of: Any, wall_clock: Any, seeded_entropy: Any
) -> None:
    other = credentials_of(SuiteId.INTL_CMAC)
    bench.network.servers["one:1"] = ScriptedServer(other, clock=wall_clock, entropy=seeded_entropy)
    async with bench.client() as client:
        assert not await client.wait_ready(3)


# ---------------------------------------------------------------- unknown outcomes


async def test_silence_until_the_deadline_is_an_unknown_outcome(
    autojump_clock: Any, bench: Bench
) -> None:
    bench.one.script = never
    async with bench.client() as client:
        with pytest.raises(OutcomeUnknown) as caught:
            await client.verify_otp("C1", "123456")
        assert client.statistics().outcomes_unknown == 1
    (request,) = bench.one.requests
    assert caught.value.serial == request.header.serial
    assert caught.value.business_day == request.header.business_day
    assert caught.value.transaction is Transaction.VERIFY_OTP


async def test_silence_on_one_connection_is_asked_again_on_another(
    autojump_clock: Any, bench: Bench
) -> None:
    seen: list[RequestReceived] = []

    def second_only(session: ScriptedSession, event: RequestReceived) -> None:
        seen.append(event)
        if len(seen) == 2:
            session.answer(event.header, Code.APPROVED)

    two = bench.add_second(second_only)
    bench.one.script = second_only
    async with bench.client(connections=2) as client:
        await trio.sleep(0.1)
        result = await client.verify_otp("C1", "123456")
    assert result.approved
    assert result.receipt.tries == 2
    assert len(bench.one.requests) == len(two.requests) == 1
    assert seen[0].header.serial == seen[1].header.serial
    assert seen[1].header.flags & FLAG_RETRY


async def test_the_answer_of_the_earlier_try_counts_and_the_second_is_late(
    autojump_clock: Any, bench: Bench
) -> None:
    sessions: list[tuple[ScriptedSession, RequestReceived]] = []

    def hold(session: ScriptedSession, event: RequestReceived) -> None:
        sessions.append((session, event))
        if len(sessions) == 2:
            first_session, first = sessions[0]
            first_session.answer(first.header, Code.APPROVED)

    two = bench.add_second(hold)
    bench.one.script = hold
    async with bench.client(connections=2) as client:
        await trio.sleep(0.1)
        assert (await client.verify_otp("C1", "123456")).approved
        assert client.statistics().late_answers == 0
        session, event = sessions[1]
        session.answer(event.header, Code.APPROVED)
        await trio.sleep(0.1)
        assert client.statistics().late_answers == 1
    assert len(bench.one.requests) == len(two.requests) == 1


async def test_an_answer_after_the_deadline_is_counted_as_late(
    autojump_clock: Any, bench: Bench
) -> None:
    bench.one.script = never
    async with bench.client() as client:
        with pytest.raises(OutcomeUnknown):
            await client.verify_otp("C1", "123456", timeout_s=1)
        session, event = bench.one.sessions[0], bench.one.requests[0]
        session.answer(event.header, Code.APPROVED)
        await trio.sleep(0.1)
        assert client.statistics().late_answers == 1
        assert client.statistics().links[0].in_flight == 0


@pytest.mark.parametrize("code", [Code.BUSY, Code.INTERNAL, Code.TRANSACTION_NOT_PERMITTED])
async def test_an_unrecorded_answer_says_nothing_about_a_lost_try(
    autojump_clock: Any, bench: Bench, code: ResponseCode
) -> None:
    def lose_then_refuse(session: ScriptedSession, event: RequestReceived) -> None:
        if len(bench.one.requests) == 1:
            session.cut()
        else:
            session.answer(event.header, code)

    bench.one.script = lose_then_refuse
    async with bench.client() as client:
        with pytest.raises(OutcomeUnknown) as caught:
            await client.verify_otp("C1", "123456")
    assert caught.value.last_code is code


async def test_a_query_is_never_of_unknown_outcome(autojump_clock: Any, bench: Bench) -> None:
    bench.one.script = never
    async with bench.client() as client:
        with pytest.raises(NoAnswer):
            await client.query_user("C1", timeout_s=1)


async def test_repeating_by_ticket_keeps_serial_and_day(autojump_clock: Any, bench: Bench) -> None:
    bench.one.script = never
    async with bench.client() as client:
        with pytest.raises(OutcomeUnknown) as caught:
            await client.verify_otp("C1", "123456", timeout_s=1)
        bench.one.script = always(Code.APPROVED)
        result = await client.verify_otp("C1", "123456", ticket=caught.value.ticket)
    assert (result.serial, result.business_day) == (caught.value.serial, caught.value.business_day)
    assert bench.one.requests[1].header.flags & FLAG_RETRY


async def test_a_ticket_taken_beforehand_is_no_retry(autojump_clock: Any, bench: Bench) -> None:
    async with bench.client() as client:
        ticket = client.new_ticket()
        result = await client.verify_otp("C1", "123456", ticket=ticket)
    assert result.serial == ticket.serial
    assert not bench.one.requests[0].header.flags & FLAG_RETRY


def known(state: QueryState, result: ResponseCode = Code.NONE) -> QueryResponse:
    return QueryResponse(
        of_state=state, of_result=result, of_transaction=Transaction.VERIFY_OTP, of_serial=5
    )


RESOLUTIONS = [
    # what the query says, what the cancellation says, what is then certain
    (
        (Code.ANSWERED, known(QueryState.RECORDED, Code.APPROVED)),
        None,
        (Execution.EXECUTED, Code.APPROVED),
    ),
    (
        (Code.NOT_SEEN_YET, known(QueryState.NOT_SEEN)),
        (Code.CHANGED, known(QueryState.CANCELLED)),
        (Execution.NOT_EXECUTED, None),
    ),
    (
        (Code.NOT_SEEN_YET, known(QueryState.NOT_SEEN)),
        (Code.SERIAL_ALREADY_EXECUTED, known(QueryState.RECORDED, Code.WRONG_CODE)),
        (Execution.EXECUTED, Code.WRONG_CODE),
    ),
    (
        (Code.ANSWERED, known(QueryState.CANCELLED)),
        None,
        (Execution.NOT_EXECUTED, None),
    ),
    (
        (Code.IN_PROGRESS, known(QueryState.IN_PROGRESS)),
        (Code.TRANSACTION_NOT_PERMITTED, known(QueryState.NONE)),
        (Execution.UNKNOWN, None),
    ),
]


@pytest.mark.parametrize(("queried", "cancelled", "expected"), RESOLUTIONS)
async def test_resolving_an_unknown_outcome(
    autojump_clock: Any, bench: Bench, queried: Any, cancelled: Any, expected: Any
) -> None:
    def script(session: ScriptedSession, event: RequestReceived) -> None:
        is_query = event.header.transaction == Transaction.QUERY_SERIAL
        code, message = queried if is_query else cancelled
        session.answer(event.header, code, message)

    bench.one.script = script
    async with bench.client() as client:
        resolution = await client.resolve(5, 20_000)
    assert (resolution.execution, resolution.result) == expected
    assert len(bench.one.requests) == (1 if cancelled is None else 2)


async def test_asking_alone_never_proves_that_nothing_happened(
    autojump_clock: Any, bench: Bench
) -> None:
    bench.one.script = always(Code.NOT_SEEN_YET)
    async with bench.client() as client:
        resolution = await client.resolve(5, 20_000, cancel=False)
    assert resolution.execution is Execution.UNKNOWN
    assert len(bench.one.requests) == 1


# ---------------------------------------------------------------- put off


async def test_busy_waits_as_long_as_the_server_says(autojump_clock: Any, bench: Bench) -> None:
    times: list[float] = []

    def busy_twice(session: ScriptedSession, event: RequestReceived) -> None:
        times.append(trio.current_time())
        code = Code.BUSY if len(times) < 3 else Code.APPROVED
        session.answer(event.header, code, retry_after_ms=700 if code is Code.BUSY else 0)

    bench.one.script = busy_twice
    async with bench.client() as client:
        result = await client.verify_otp("C1", "123456")
        assert client.statistics().put_off == 2
    assert result.approved
    assert times[1] - times[0] >= 0.7
    assert times[2] - times[1] >= 0.7
    assert len({request.header.serial for request in bench.one.requests}) == 1


async def test_busy_holds_back_other_calls_too(autojump_clock: Any, bench: Bench) -> None:
    times: list[float] = []

    def busy_once(session: ScriptedSession, event: RequestReceived) -> None:
        times.append(trio.current_time())
        code = Code.BUSY if len(times) == 1 else Code.APPROVED
        session.answer(event.header, code, retry_after_ms=1000 if code is Code.BUSY else 0)

    bench.one.script = busy_once
    async with bench.client() as client, trio.open_nursery() as nursery:
        nursery.start_soon(client.verify_otp, "C1", "123456")
        await trio.sleep(0.2)
        for number in range(5):
            nursery.start_soon(client.verify_otp, f"D{number}", "123456")
    assert len(times) == 7
    assert all(later - times[0] >= 1.0 for later in times[1:])


async def test_busy_until_the_deadline_is_a_result_not_an_unknown(
    autojump_clock: Any, bench: Bench
) -> None:
    bench.one.script = always(Code.BUSY)
    async with bench.client() as client:
        result = await client.verify_otp("C1", "123456")
    assert result.code is Code.BUSY
    assert not result.succeeded


async def test_in_progress_is_asked_again_until_it_settles(
    autojump_clock: Any, bench: Bench
) -> None:
    def settle(session: ScriptedSession, event: RequestReceived) -> None:
        code = Code.IN_PROGRESS if len(bench.one.requests) < 4 else Code.WRONG_CODE
        session.answer(event.header, code)

    bench.one.script = settle
    async with bench.client() as client:
        result = await client.verify_otp("C1", "123456")
    assert result.code is Code.WRONG_CODE
    assert all(request.header.flags & FLAG_RETRY for request in bench.one.requests[1:])


@pytest.mark.parametrize("code", [Code.IN_PROGRESS, Code.OUTCOME_UNKNOWN])
async def test_never_settling_is_an_unknown_outcome(
    autojump_clock: Any, bench: Bench, code: ResponseCode
) -> None:
    bench.one.script = always(code)
    async with bench.client() as client:
        with pytest.raises(OutcomeUnknown):
            await client.verify_otp("C1", "123456")


async def test_draining_sends_the_call_elsewhere_at_once(autojump_clock: Any, bench: Bench) -> None:
    two = bench.add_second()
    bench.one.script = always(Code.DRAINING)
    async with bench.client(connections=2) as client:
        await trio.sleep(0.1)
        for _ in range(4):
            assert (await client.verify_otp("C1", "123456")).approved
    assert len(two.requests) == 4


# ---------------------------------------------------------------- notices


async def test_a_drain_notice_moves_new_requests_and_lets_open_ones_end(
    autojump_clock: Any, bench: Bench
) -> None:
    two = bench.add_second()
    bench.one.script = never
    async with bench.client() as client, trio.open_nursery() as nursery:
        results: list[Any] = []

        async def first() -> None:
            results.append(await client.verify_otp("C1", "123456"))

        nursery.start_soon(first)
        await trio.sleep(0.1)
        session = bench.one.sessions[0]
        session.drain(grace_ms=1500)
        await trio.sleep(0.2)
        assert (await client.verify_otp("C2", "123456")).approved
        assert len(two.requests) == 1
        early = session.signed_off
        assert not early
        session.answer(bench.one.requests[0].header, Code.APPROVED)
        await trio.sleep(0.2)
        assert session.signed_off
        assert results[0].approved
        assert client.statistics().drains == 1
        assert [link.server for link in client.statistics().links] == ["two:2"]
    assert len(bench.one.sessions) == 1


async def test_a_drained_connection_ends_at_its_grace(autojump_clock: Any, bench: Bench) -> None:
    two = bench.add_second()
    bench.one.script = never
    async with bench.client() as client, trio.open_nursery() as nursery:
        nursery.start_soon(client.verify_otp, "C1", "123456")
        await trio.sleep(0.1)
        bench.one.sessions[0].drain(grace_ms=500)
    assert two.requests[0].header.flags & FLAG_RETRY


async def test_keys_are_changed_on_notice_while_requests_flow(
    autojump_clock: Any, bench: Bench
) -> None:
    async with bench.client() as client:
        assert (await client.verify_otp("C1", "123456")).approved
        session = bench.one.sessions[0]
        session.ask_for_key_change()
        await trio.sleep(0.1)
        assert session.key_changes == 1
        assert (await client.verify_otp("C1", "123456")).approved
        assert client.statistics().key_changes == 1
    assert [request.header.key_generation for request in bench.one.requests] == [1, 2]
    assert len(bench.one.sessions) == 1


async def test_heartbeats_keep_an_idle_connection(autojump_clock: Any, bench: Bench) -> None:
    bench.one.limits = Limits(heartbeat_s=10)
    async with bench.client() as client:
        await trio.sleep(65)
        assert 5 <= bench.one.sessions[0].heartbeats <= 6
        assert client.statistics().heartbeats == bench.one.sessions[0].heartbeats
    assert len(bench.one.sessions) == 1


async def test_a_dead_connection_is_noticed_by_its_heartbeat(
    autojump_clock: Any, bench: Bench
) -> None:
    bench.one.limits = Limits(heartbeat_s=10)
    async with bench.client() as client:
        await client.wait_ready()
        bench.one.sessions[0].answer_heartbeats = False
        await trio.sleep(20)
        assert len(bench.one.sessions) == 2
        assert "heartbeat" in client.statistics().last_problem


# ---------------------------------------------------------------- rejects


async def test_a_reject_without_mac_ends_the_connection_and_no_call(
    autojump_clock: Any, bench: Bench
) -> None:
    def forge(session: ScriptedSession, event: RequestReceived) -> None:
        if len(bench.one.requests) == 1:
            frame = session.conn.refuse(event.header, Code.UNKNOWN_TRANSACTION, 0)
            session.send(frame[:-16] + bytes(16))
        else:
            session.answer(event.header, Code.APPROVED)

    bench.one.script = forge
    async with bench.client() as client:
        result = await client.verify_otp("C1", "123456")
        assert client.statistics().forged_rejects == 1
    assert result.approved
    assert bench.one.requests[1].header.flags & FLAG_RETRY
    assert len(bench.one.sessions) == 2


async def test_an_authentic_reject_of_the_kind_is_told(autojump_clock: Any, bench: Bench) -> None:
    def reject(session: ScriptedSession, event: RequestReceived) -> None:
        session.send(session.conn.refuse(event.header, Code.UNKNOWN_SCHEMA, 0))

    bench.one.script = reject
    async with bench.client() as client:
        with pytest.raises(RequestRejected) as caught:
            await client.verify_otp("C1", "123456")
    assert caught.value.code is Code.UNKNOWN_SCHEMA


async def test_garbage_from_the_server_is_a_lost_connection(
    autojump_clock: Any, bench: Bench
) -> None:
    def babble(session: ScriptedSession, event: RequestReceived) -> None:
        if len(bench.one.requests) == 1:
            session.send(b"GET / HTTP/1.1\r\n\r\n" * 10)
        else:
            session.answer(event.header, Code.APPROVED)

    bench.one.script = babble
    async with bench.client() as client:
        assert (await client.verify_otp("C1", "123456")).approved
    assert len(bench.one.sessions) == 2


# ---------------------------------------------------------------- the end


async def test_closing_signs_off(autojump_clock: Any, bench: Bench) -> None:
    async with bench.client() as client:
        await client.verify_otp("C1", "123456")
    assert bench.one.sessions[0].signed_off
    with pytest.raises(ClientClosed):
        await client.verify_otp("C1", "123456")


async def test_closing_with_calls_open_tells_them_what_is_known(
    autojump_clock: Any, bench: Bench, nursery: trio.Nursery
) -> None:
    bench.one.script = never
    ended: list[str] = []

    async def call(client: Client) -> None:
        try:
            await client.verify_otp("C1", "123456", timeout_s=60)
        except OutcomeUnknown:
            ended.append("unknown")

    async with bench.client() as client:
        nursery.start_soon(call, client)
        await trio.sleep(0.1)
    await trio.sleep(0.1)
    assert ended == ["unknown"]


async def test_the_bodys_own_exception_comes_out_as_it_is(
    autojump_clock: Any, bench: Bench
) -> None:
    client: Client | None = None
    with pytest.raises(KeyError, match="mine"):
        async with bench.client() as client:
            raise KeyError("mine")
    assert client is not None


async def test_cancelling_from_outside_ends_the_client(autojump_clock: Any, bench: Bench) -> None:
    with trio.move_on_after(1) as scope:
        async with bench.client() as client:
            await client.wait_ready()
            await trio.sleep_forever()
    assert scope.cancelled_caught


async def test_closing_wakes_a_call_that_waits_to_try_again(
    autojump_clock: Any, bench: Bench, nursery: trio.Nursery
) -> None:
    bench.one.script = always(Code.IN_PROGRESS)
    ended: list[float] = []

    async def call(client: Client) -> None:
        with pytest.raises(OutcomeUnknown):
            await client.verify_otp("C1", "123456", timeout_s=600)
        ended.append(trio.current_time())

    async with bench.client() as client:
        nursery.start_soon(call, client)
        await trio.sleep(30)
    assert len(ended) == 1


async def test_a_refused_call_waiting_at_the_end_was_not_executed(
    autojump_clock: Any, bench: Bench, nursery: trio.Nursery
) -> None:
    bench.network.servers["one:1"].silent = True
    ended: list[str] = []

    async def call(client: Client) -> None:
        with pytest.raises(ClientClosed):
            await client.verify_otp("C1", "123456", timeout_s=600)
        ended.append("closed")

    async with bench.client() as client:
        nursery.start_soon(call, client)
        await trio.sleep(1)
    await trio.sleep(0.1)
    assert ended == ["closed"]
