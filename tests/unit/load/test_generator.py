"""The generator over real loopback sockets against a verifying peer in the same event loop."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
from click.testing import CliRunner

from tigertally_client.credentials import ChannelCredentials
from tigertally_client.servers import ServerAddress
from tigertally_client.testing import Limits, ScriptedServer, ScriptedSession
from tigertally_load.codes import step_at, totp
from tigertally_load.command import load_command
from tigertally_load.generator import Generator, LoadError, LoadPlan, Outcome
from tigertally_load.measure import Second
from tigertally_load.mix import Mix
from tigertally_load.population import Population
from tigertally_load.report import html_report
from tigertally_load.result import load_result, table
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.events import RequestReceived
from tigertally_protocol.keys import master_key_check_value
from tigertally_protocol.messages.verification import VerifyOtpResponse
from tigertally_protocol.suites import SUITES, SuiteId

KEY = bytes(range(32))
POPULATION = Population(5000, KEY, "BANK")
MIXED = Mix.parse("approve=80,wrong=5,replay=5,retry=5,heartbeat=5")


def members() -> dict[str, Any]:
    return {
        "format": 1,
        "channel": 7,
        "name": "load",
        "institution": "BANK",
        "suite": "INTL_HMAC",
        "field_cipher": "NONE",
        "charset": "utf-8",
        "key_version": 1,
        "master_key_hex": KEY.hex(),
        "check_value": master_key_check_value(SUITES[SuiteId.INTL_HMAC], KEY).hex(),
        "servers": ["127.0.0.1:1"],
    }


CREDENTIALS = ChannelCredentials.parse(json.dumps(members()).encode())


class Verifier:
    """The least of a server: right codes once, stored answers for known serials."""

    def __init__(self) -> None:
        self.answers: dict[int, tuple[ResponseCode, VerifyOtpResponse]] = {}
        self.used: set[tuple[str, str]] = set()
        self.server = ScriptedServer(CREDENTIALS, self.script, limits=Limits(in_flight=100))

    def script(self, session: ScriptedSession, event: RequestReceived) -> None:
        serial, message = event.header.serial, event.message
        if serial not in self.answers:
            answer = VerifyOtpResponse(entry_shard=0, entry_seq=len(self.answers))
            self.answers[serial] = self.decide(message.token, message.otp.reveal()), answer
        session.answer(event.header, *self.answers[serial])

    def decide(self, token: str, code: str) -> ResponseCode:
        seed = POPULATION.seed(int(token[2:]))
        now = step_at(self.server.clock.now_ms())
        if code not in {totp(seed, now + shift) for shift in (-1, 0, 1)}:
            return ResponseCode.WRONG_CODE
        if (token, code) in self.used:
            return ResponseCode.REPLAYED_CODE
        self.used.add((token, code))
        return ResponseCode.APPROVED

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[ServerAddress]:
        async with trio.open_nursery() as nursery:
            (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
            nursery.start_soon(trio.serve_listeners, self.server.serve, [listener])
            yield ServerAddress("127.0.0.1", listener.socket.getsockname()[1])
            nursery.cancel_scope.cancel()


def plan(**changes: Any) -> LoadPlan:
    values = {
        "rate": 500,
        "seconds": 1,
        "connections": 2,
        "in_flight": 100,
        "mix": MIXED,
        "seed": 1,
        **changes,
    }
    return LoadPlan(**values)


async def run(verifier: Verifier, load_plan: LoadPlan, **extra: Any) -> Outcome:
    async with verifier.listening() as address:
        return await Generator(load_plan, CREDENTIALS, POPULATION, address, **extra).run()


async def test_a_mixed_load_gets_every_expected_answer() -> None:
    verifier = Verifier()
    rows: list[Second] = []
    outcome = await run(verifier, plan(), progress=rows.append)
    result = load_result(outcome, tokens=POPULATION.count, server="here")
    assert (result.errors_by_code, result.stopped) == ({}, "")
    assert result.offered == result.answered == 500
    assert set(result.by_kind) == {"approve", "wrong", "replay", "retry", "heartbeat"}
    assert set(result.by_kind["replay"]) == {"REPLAYED_CODE"}
    assert result.approved == result.by_kind["approve"]["APPROVED"] + result.by_kind["retry"].get(
        "APPROVED", 0
    )
    assert result.clean
    assert sum(row.offered for row in result.rows) == 500
    assert result.generator_cpu_us_per_request > 0
    assert outcome.walk_position > 400
    assert [session.signed_off for session in verifier.server.sessions] == [True, True]
    assert rows


async def test_unexpected_answers_are_errors_by_code() -> None:
    verifier = Verifier()
    verifier.decide = lambda token, code: ResponseCode.BUSY  # type: ignore[method-assign]
    outcome = await run(verifier, plan(rate=200, mix=Mix.parse("approve=1")))
    result = load_result(outcome, tokens=POPULATION.count, server="here")
    assert result.errors_by_code == {"BUSY": 200}
    assert (result.busy, result.errors, result.approved) == (200, 200, 0)
    assert not result.clean
    assert "BUSY" in table(result)
    assert "not as expected" in html_report(result)


async def test_a_retry_that_differs_is_an_error() -> None:
    verifier = Verifier()
    honest = verifier.script
    seen: set[int] = set()

    def forgetful(session: ScriptedSession, event: RequestReceived) -> None:
        if event.header.serial in seen:
            session.answer(
                event.header, ResponseCode.APPROVED, VerifyOtpResponse(entry_seq=999_999)
            )
        else:
            seen.add(event.header.serial)
            honest(session, event)

    verifier.server.script = forgetful
    outcome = await run(verifier, plan(rate=300, mix=Mix.parse("approve=50,retry=50")))
    assert outcome.measurements.errors["RETRY_DIFFERS"] > 0


async def test_lost_connections_are_counted_and_replaced() -> None:
    verifier = Verifier()
    honest = verifier.script

    def cut_once(session: ScriptedSession, event: RequestReceived) -> None:
        if len(verifier.answers) == 50:
            verifier.answers[-1] = ResponseCode.NONE, VerifyOtpResponse()
            session.cut()
        else:
            honest(session, event)

    verifier.server.script = cut_once
    outcome = await run(verifier, plan(connections=1, mix=Mix.parse("approve=1")))
    assert outcome.measurements.errors["CONNECTION_LOST"] >= 1
    assert outcome.reconnects == 1
    answered = outcome.measurements.answered
    assert answered + outcome.measurements.errors["CONNECTION_LOST"] == 500


async def test_keys_change_under_load() -> None:
    verifier = Verifier()
    honest = verifier.script

    def with_notice(session: ScriptedSession, event: RequestReceived) -> None:
        if len(verifier.answers) == 50 and not session.key_changes:
            session.ask_for_key_change()
        honest(session, event)

    verifier.server.script = with_notice
    outcome = await run(verifier, plan(connections=1))
    assert not outcome.measurements.errors
    assert verifier.server.sessions[0].key_changes == 1


async def test_too_few_tokens_stop_with_a_clear_error() -> None:
    with pytest.raises(LoadError, match="--tokens"):
        Generator(plan(rate=6000), CREDENTIALS, POPULATION, ServerAddress("127.0.0.1", 1))


async def test_nobody_listening_is_a_clear_error() -> None:
    async with Verifier().listening() as address:
        pass
    with pytest.raises(LoadError, match="connection 1"):
        await Generator(plan(), CREDENTIALS, POPULATION, address).run()


# ---------------------------------------------------------------- the command


def write_files(folder: Path, port: int) -> Path:
    credentials = folder / "load.json"
    credentials.write_text(json.dumps({**members(), "servers": [f"127.0.0.1:{port}"]}))
    credentials.chmod(0o600)
    POPULATION.save(folder / "load.json.population")
    return credentials


async def test_the_command_writes_table_json_and_report(tmp_path: Path) -> None:
    async with Verifier().listening() as address:
        credentials = write_files(tmp_path, address.port)
        arguments = [
            "--rate", "200", "--seconds", "1", "--connections", "2", "--tokens", "4000",
            "--credentials", str(credentials),
            "--json", str(tmp_path / "r.json"), "--report", str(tmp_path / "r.html"),
        ]  # fmt: skip
        result = await trio.to_thread.run_sync(CliRunner().invoke, load_command, arguments)
    assert result.exit_code == 0, result.output
    assert "latency p50" in result.output
    figures = json.loads((tmp_path / "r.json").read_bytes())
    assert figures["approved"] > 0
    assert {
        "offered_per_s", "answered_per_s", "approved", "denied", "busy", "errors", "p50_ms",
        "p99_ms", "p999_ms", "seconds", "generator_cpu_us_per_request", "errors_by_code",
    } <= set(figures)  # fmt: skip
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 3
    assert "http" not in page
    assert (tmp_path / "load.json.population.position").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--credentials"),
        (["--mix", "nonsense"], "kinds:"),
        (["--credentials", "/nonexistent/c.json"], "no credentials"),
    ],
)
def test_wrong_use_says_what_to_do(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(load_command, arguments)
    assert result.exit_code != 0
    assert said in result.output
