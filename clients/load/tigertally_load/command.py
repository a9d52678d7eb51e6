"""`tigertally load`: options, files, the progress line, and the results' way out.

`load_command` also runs on its own (`python -m tigertally_load`) on the two files that a
preparation wrote: the channel's credentials and the population. It imports the generator, and with
it trio, only when it runs, so that a host program may mount it for nothing.

Exit status: 0 clean, 1 errors among the answers or stopped early, 2 wrong use.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tigertally_load.mix import DEFAULT_MIX, KINDS, NAMED_MIXES, Kind, Mix

if TYPE_CHECKING:
    from tigertally_load.generator import Generator, Outcome
    from tigertally_load.measure import Second
    from tigertally_load.population import Population
    from tigertally_load.position import WalkPosition
    from tigertally_load.result import LoadResult


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """The options that shape the load."""

    rate: float
    seconds: float
    connections: int
    in_flight: int
    tokens: int | None
    mix: Mix
    sms_file: Path | None
    server: str | None
    seed: int
    quiet: bool


def _parsed_mix(context: click.Context, parameter: click.Parameter, value: str) -> Mix:
    try:
        return Mix.parse(value)
    except ValueError as problem:
        raise click.BadParameter(str(problem), context, parameter) from None


@click.command("load")
@click.option(
    "--rate",
    type=click.FloatRange(0.1, 1e6),
    default=1000.0,
    show_default=True,
    help="Requests per second, kept whatever the server does.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0.1, 86400),
    default=10.0,
    show_default=True,
    help="How long to send.",
)
@click.option("--connections", type=click.IntRange(1, 1000), default=4, show_default=True)
@click.option(
    "--in-flight",
    type=click.IntRange(1, 65535),
    default=256,
    show_default=True,
    help="Requests in flight per connection at most; the server's limit rules.",
)
@click.option(
    "--tokens", type=click.IntRange(1), default=None, help="Tokens to walk [default: all prepared]."
)
@click.option(
    "--mix",
    callback=_parsed_mix,
    default=DEFAULT_MIX,
    show_default=True,
    help=f"Shares of {', '.join(KINDS)}; or a named mix: {', '.join(NAMED_MIXES)}.",
)
@click.option(
    "--credentials",
    type=click.Path(path_type=Path),
    default=None,
    help="Channel credentials file.",
)
@click.option(
    "--population",
    type=click.Path(path_type=Path),
    default=None,
    help="Population file [default: the credentials' name + .population].",
)
@click.option("--server", default=None, help="HOST:PORT [default: the credentials' first].")
@click.option(
    "--json",
    "json_path",
    type=click.Path(path_type=Path),
    default=None,
    help="Write the result as JSON; - for stdout, in place of the table.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    default=None,
    help="Write a self-contained HTML report.",
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Of the order of the mix's kinds."
)
@click.option(
    "--sms-file",
    type=click.Path(path_type=Path),
    default=None,
    help="Where the server's file gateway writes short messages; for mixes with sms.",
)
@click.option("--quiet", is_flag=True, help="No progress line.")
def load_command(
    rate: float,
    seconds: float,
    connections: int,
    in_flight: int,
    tokens: int | None,
    mix: Mix,
    credentials: Path | None,
    population: Path | None,
    server: str | None,
    json_path: Path | None,
    report: Path | None,
    seed: int,
    sms_file: Path | None,
    quiet: bool,
) -> None:
    """Load a server with one-time password verifications on an open schedule.

    Requests go out at planned times whatever the server does, and latency counts from the planned
    time. An error is any answer that the mix doesn't expect. Exit status 1 when there was one.
    """
    if credentials is None:
        raise click.UsageError("give --credentials FILE, as prepared by: tigertally load")
    if mix.share(Kind.SMS) and sms_file is None:
        raise click.UsageError("a mix with sms needs --sms-file FILE")
    request = _Request(
        rate=rate,
        seconds=seconds,
        connections=connections,
        in_flight=in_flight,
        tokens=tokens,
        mix=mix,
        sms_file=sms_file,
        server=server,
        seed=seed,
        quiet=quiet,
    )
    if population is None:
        population = credentials.with_name(credentials.name + ".population")
    result = _run(request, credentials, population)
    _write(result, json_path, report)
    sys.exit(0 if result.clean else 1)


def _run(request: _Request, credentials_path: Path, population_path: Path) -> LoadResult:
    import trio

    from tigertally_client.credentials import ChannelCredentials
    from tigertally_client.errors import CredentialsError
    from tigertally_client.servers import ServerAddress
    from tigertally_load.generator import Generator, LoadError, LoadPlan
    from tigertally_load.population import Population, PopulationError
    from tigertally_load.position import WalkPosition
    from tigertally_load.result import load_result

    try:
        credentials = ChannelCredentials.load(credentials_path)
        population = _cut(Population.load(population_path), request.tokens)
        address = ServerAddress.parse(request.server or credentials.servers[0])
        position = WalkPosition(population_path, population)
        plan = LoadPlan(
            rate=request.rate,
            seconds=request.seconds,
            connections=request.connections,
            in_flight=request.in_flight,
            mix=request.mix,
            seed=request.seed,
        )
        generator = Generator(
            plan,
            credentials,
            population,
            address,
            walk_position=position.position,
            positions=position.positions,
            sms_file=request.sms_file,
            progress=(lambda _: None) if request.quiet else _progress_line,
        )
        outcome = trio.run(_when_fresh, generator, position, plan.tokens_per_step)
    except (CredentialsError, PopulationError, LoadError, ValueError) as problem:
        raise click.ClickException(str(problem)) from None
    if not request.quiet and sys.stderr.isatty():
        click.echo("", err=True)
    return load_result(outcome, tokens=population.count, server=str(address))


async def _when_fresh(generator: Generator, position: WalkPosition, needed: int) -> Outcome:
    """Run, after waiting for codes that an earlier run of the same step hasn't used."""
    import trio

    from tigertally_client.system import SystemClock
    from tigertally_load.codes import STEP_S, step_at

    clock = SystemClock()
    fresh_ms = position.fresh_at(step_at(clock.now_ms()), needed) * STEP_S * 1000
    wait_s = (fresh_ms - clock.now_ms()) / 1000
    if wait_s > 0:
        click.echo(
            f"waiting {wait_s:.0f} s: the last run has used this step's codes; more --tokens help",
            err=True,
        )
        await trio.sleep(wait_s)
    first_step = step_at(clock.now_ms())
    position.begin()
    outcome = await generator.run()
    last_step = step_at(clock.now_ms())
    position.write(outcome.walk_position, first_step, last_step, outcome.positions)
    return outcome


def _cut(population: Population, tokens: int | None) -> Population:
    from tigertally_load.population import PopulationError

    if tokens is None or tokens == population.count:
        return population
    if tokens > population.count:
        raise PopulationError(
            f"{population.count} tokens are prepared, --tokens asks for {tokens}; prepare more"
        )
    return population.first(tokens)


def _progress_line(row: Second) -> None:
    if row.width < 0.5:
        return  # what is left of the last second
    text = (
        f"{row.at:>5.0f} s  offered {row.offered:>6}  answered {row.answered:>6}  "
        f"p50 {row.p50_ms:>7.1f}  p99 {row.p99_ms:>7.1f} ms  in flight {row.in_flight:>5}  "
        f"errors {row.errors}"
    )
    start, end = ("\r\x1b[K", "") if sys.stderr.isatty() else ("", "\n")
    click.echo(f"{start}{text}{end}", err=True, nl=False)


def _write(result: LoadResult, json_path: Path | None, report: Path | None) -> None:
    from tigertally_load.report import html_report
    from tigertally_load.result import table

    to_stdout = json_path is not None and str(json_path) == "-"
    try:
        if report is not None:
            report.write_text(html_report(result), encoding="utf-8")
        if json_path is not None and not to_stdout:
            json_path.write_bytes(result.to_json())
    except OSError as problem:
        raise click.ClickException(f"cannot write {problem.filename}: {problem.strerror}") from None
    if to_stdout:
        click.echo(result.to_json(), nl=False)
    else:
        click.echo(table(result))
