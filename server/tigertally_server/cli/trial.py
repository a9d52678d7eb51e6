"""try: a guided first verification against a running server, over a real socket, with a code made
by somebody else's program.

Uses the client library like any front-end; opens no database. The demo channel and token are those
of `serve --demo`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
import trio

from tigertally_client.client import Client
from tigertally_client.credentials import ChannelCredentials
from tigertally_client.errors import ClientError
from tigertally_client.results import VerifyResult
from tigertally_client.settings import ClientSettings
from tigertally_drivers.ports import Clock
from tigertally_drivers.system.clock import SystemClock
from tigertally_load.codes import totp
from tigertally_protocol.codes import CODES, ResponseCode
from tigertally_server.cli.demo import credentials_file, token_file
from tigertally_server.cli.house import load_config
from tigertally_server.cli.output import CommandError, json_option, program, say, show_record, when
from tigertally_server.config import Config
from tigertally_server.domain.calendar import day_name

_OATHTOOL_S: Final = 10
_READY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class DemoToken:
    """The demo token's file: a TOTP token of SHA-1, as oathtool knows it."""

    institution: str
    customer: str
    serial: str
    digits: int
    step_s: int
    seed: bytes = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> DemoToken:
        """Raises CommandError."""
        try:
            members = json.loads(path.read_bytes())
            return cls(
                institution=members["institution"],
                customer=members["customer"],
                serial=members["serial"],
                digits=int(members["digits"]),
                step_s=int(members["step_s"]),
                seed=bytes.fromhex(members["seed_hex"]),
            )
        except FileNotFoundError:
            raise CommandError(
                f"no demo token at {path}; start the server with: tigertally serve --demo"
            ) from None
        except OSError as problem:
            raise CommandError(f"cannot read {path}: {problem.strerror}") from None
        except (ValueError, KeyError, TypeError):
            raise CommandError(
                f"{path} is no token file, or is damaged; `serve --demo` writes it anew"
            ) from None


@dataclass(frozen=True, slots=True)
class Code:
    """A code as a token would show it, and who computed it."""

    digits: str
    step: int
    made_by: str


def make_code(token: DemoToken, now_ms: int) -> Code:
    """By oathtool where it is installed, else by our client-side code. The seed goes by stdin, not
    by the command line.
    """
    step = now_ms // (1000 * token.step_s)
    tool = shutil.which("oathtool")
    if tool is None:
        return Code(
            totp(token.seed, step), step, "tigertally's own client code (oathtool is not installed)"
        )
    at = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    options = [
        "--totp",
        f"--digits={token.digits}",
        f"--time-step-size={token.step_s}s",
        f"--now={at}",
        "-",
    ]
    try:
        answer = subprocess.run(
            [tool, *options],
            input=token.seed.hex().encode(),
            capture_output=True,
            check=True,
            timeout=_OATHTOOL_S,
        )
    except (OSError, subprocess.SubprocessError):
        raise CommandError(f"{tool} fails; is it the one of the OATH toolkit?") from None
    return Code(answer.stdout.decode("ascii", "replace").strip(), step, tool)


@click.command("try")
@click.option(
    "--credentials",
    type=click.Path(path_type=Path),
    help="Channel credentials [default: the demo channel's].",
)
@click.option(
    "--token-file", type=click.Path(path_type=Path), help="Token file [default: the demo token's]."
)
@click.option("--server", metavar="HOST:PORT", help="Server [default: the credentials' list].")
@json_option
@click.pass_obj
def trial(
    config_path: Path | None,
    credentials: Path | None,
    token_file: Path | None,
    server: str | None,
    as_json: bool,
) -> None:
    """Verify one real one-time password against a running server, then see the same code refused.

    Start the server first, in another terminal: tigertally serve --demo
    """
    config = load_config(config_path)
    attempt = _Trial(config, credentials, token_file, server, quiet=as_json)
    try:
        answers = trio.run(attempt.run)
    except ClientError as problem:
        raise CommandError(str(problem)) from None
    if as_json:
        show_record(answers, as_json=True)
    else:
        attempt.show_next_steps(program(config_path), answers)


class _Trial:
    def __init__(
        self,
        config: Config,
        credentials: Path | None,
        token: Path | None,
        server: str | None,
        *,
        quiet: bool,
    ) -> None:
        self._config, self._quiet = config, quiet
        self._token = DemoToken.load(token or token_file(config))
        self._clock: Clock = SystemClock()
        try:
            self._credentials = ChannelCredentials.load(credentials or credentials_file(config))
        except ClientError as problem:
            raise CommandError(
                f"{problem}\nFor the demo channel start the server with: tigertally serve --demo"
            ) from None
        self._servers = (server,) if server else self._credentials.servers

    async def run(self) -> dict[str, Any]:
        """The two verifications. Raises ClientError, CommandError."""
        offset = datetime.fromtimestamp(self._clock.now_ms() / 1000, self._config.zone).utcoffset()
        minutes = 0 if offset is None else round(offset.total_seconds() / 60)
        settings = ClientSettings(
            connections=1, utc_offset_minutes=minutes, client_name="tigertally-try"
        )
        try:
            client = Client(self._credentials, settings=settings, servers=self._servers)
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        async with client:
            if not await client.wait_ready(_READY_S):
                why = client.statistics().last_problem
                raise CommandError(
                    f"no server answers at {', '.join(self._servers)}"
                    + (f" ({why})" if why else "")
                    + "; start it in another terminal: tigertally serve --demo"
                )
            self._tell(
                f"Signed on to {', '.join(self._servers)} as channel {self._credentials.name}."
            )
            code, first = await self._first(client)
            again = await self._verify(client, code, "again")
            self._show("The same code again", again)
            self._judge(again, ResponseCode.REPLAYED_CODE)
            return {
                "code_made_by": code.made_by,
                "customer": self._token.customer,
                "token": self._token.serial,
                "first": _answer(first),
                "again": _answer(again),
            }

    async def _first(self, client: Client) -> tuple[Code, VerifyResult]:
        """The first approval; a code that an earlier try used up is waited out."""
        for _ in range(3):
            code = make_code(self._token, self._clock.now_ms())
            self._tell(f"Token {self._token.serial} shows {code.digits}, made by {code.made_by}.")
            result = await self._verify(client, code, "first")
            if result.code is not ResponseCode.REPLAYED_CODE:
                self._show(f"Customer {self._token.customer} enters it", result)
                self._judge(result, ResponseCode.APPROVED)
                return code, result
            await self._next_step(code)
        raise CommandError(
            "the codes of three time steps were all used before: does somebody else use this token?"
        )

    async def _next_step(self, code: Code) -> None:
        wait_ms = (code.step + 1) * 1000 * self._token.step_s - self._clock.now_ms()
        say(
            "That code was used already, by an earlier try; "
            f"the next one comes in {max(wait_ms, 0) // 1000 + 1} s …"
        )
        await trio.sleep(max(wait_ms, 0) / 1000 + 0.2)

    async def _verify(self, client: Client, code: Code, which: str) -> VerifyResult:
        return await client.verify_otp(
            self._token.customer,
            code.digits,
            token=self._token.serial,
            institution=self._token.institution,
            reference=f"TRY-{code.step}-{which}",
        )

    def _judge(self, result: VerifyResult, wanted: ResponseCode) -> None:
        if result.code is wanted:
            return
        hint = {
            ResponseCode.WRONG_CODE: "; do the clocks of this machine and the server agree?",
            ResponseCode.TOKEN_LOCKED: "; unlock it with: tigertally token unlock",
            ResponseCode.TOKEN_THROTTLED: "; wait a minute and try again",
        }.get(result.code, "")
        raise CommandError(
            f"the server answers {result.code.name} where {wanted.name} was due{hint}"
        )

    def _show(self, title: str, result: VerifyResult) -> None:
        row = CODES[result.code]
        place = (
            ""
            if result.entry is None
            else f", entry {result.entry.shard}:{result.entry.seq} of the log"
        )
        self._tell(f"\n{title}:")
        if not self._quiet:
            color = "green" if result.approved else "yellow"
            click.secho(f"  {row.name}", fg=color, bold=True, nl=False)
            click.echo(f" - {row.text}")
        tries = "hidden" if result.remaining_tries is None else result.remaining_tries
        self._tell(
            f"  serial {result.serial} of business day {day_name(result.business_day)}{place}\n"
            f"  token {result.token or '(hidden)'}, tries left {tries}"
        )
        if result.locked_until_ms:
            self._tell(f"  locked until {when(result.locked_until_ms, self._config.zone)}")

    def _tell(self, text: str) -> None:
        if not self._quiet:
            click.echo(text)

    def show_next_steps(self, called: str, answers: dict[str, Any]) -> None:
        """Command lines to go on with."""
        entry = answers["first"]["entry"]
        channel = self._credentials.name
        beside = Path(called.split(" ", 1)[0]).with_name("python")
        python = beside if "/" in called.split(" ", 1)[0] and beside.exists() else "python"
        click.echo("\nGo on with:")
        for line, why in (
            (
                f"{called} audit prove --entry {entry} --out proof.json",
                "a proof that the approval stands in the log",
            ),
            (
                f"{python} -m tigertally_client.proof proof.json",
                "checked without any code of the server",
            ),
            (f"{called} audit show --entry {entry}", "what the log keeps of it"),
            (f"{called} audit verify", "the whole log"),
            (f"{called} report day --channel {channel}", "today's counts"),
            (f"{called} load --rate 3000 --seconds 60", "how fast it is"),
        ):
            click.echo(f"  {line}\n      {why}")


def _answer(result: VerifyResult) -> dict[str, Any]:
    entry = result.entry
    return {
        "code": int(result.code),
        "name": result.code.name,
        "serial": result.serial,
        "business_day": day_name(result.business_day),
        "entry": None if entry is None else f"{entry.shard}:{entry.seq}",
        "remaining_tries": result.remaining_tries,
    }
