"""`tigertally load`: options, files, the progress line, and the results' way out.

`load_command` is what the server's CLI mounts (lazily: this module imports the generator, and with
it trio, only when it runs). A host that can prepare a channel and tokens gives `load_command_with`
its preparing function; then `--credentials` may be left out. On its own (`python -m
tigertally_load`) the command needs the two files that such a preparation wrote.

Exit status: 0 clean, 1 errors among the answers or stopped early, 2 wrong use.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tigertally_load.mix import DEFAULT_MIX, Mix

if TYPE_CHECKING:
    from tigertally_load.measure import Second
    from tigertally_load.population import Population
    from tigertally_load.result import LoadResult


@dataclass(frozen=True, slots=True)
class Prepared:
    """Where the preparing step left its two files."""

    credentials: Path
    population: Path


# Makes a channel and so many tokens, or finds what an earlier call made.
Prepare = Callable[[int], Prepared]


def _parsed_mix(context: click.Context, parameter: click.Parameter, value: str) -> Mix:
    try:
        return Mix.parse(value)
    except ValueError as problem:
        raise click.BadParameter(str(problem), context, parameter) from None


def load_command_with(prepare: Prepare | None) -> click.Command:
    """The command, with or without a way to prepare channel and tokens by itself."""

    @click.command("load", help=_HELP)
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
    @click.option("--connections", type=click.IntRange(1, 1000), default=8, show_default=True)
    @click.option(
        "--in-flight",
        type=click.IntRange(1, 65535),
        default=256,
        show_default=True,
        help="Requests in flight per connection at most; the server's limit rules.",
    )
    @click.option(
        "--tokens",
        type=click.IntRange(1),
        default=None,
        help="Tokens to prepare and walk [default: what was prepared, or 100000].",
    )
    @click.option(
        "--mix",
        callback=_parsed_mix,
        default=DEFAULT_MIX,
        show_default=True,
        help="Shares of approve, wrong, replay, retry, heartbeat.",
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
    @click.option("--seed", type=int, default=1, show_default=True, help="Of the order of the mix.")
    @click.option("--quiet", is_flag=True, help="No progress line.")
    def load(
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
        quiet: bool,
    ) -> None:
        files = _files(prepare, credentials, population, tokens)
        request = _Request(
            rate=rate,
            seconds=seconds,
            connections=connections,
            in_flight=in_flight,
            tokens=tokens,
            mix=mix,
            server=server,
            seed=seed,
            quiet=quiet,
        )
        result = _run(request, files)
        _write(result, json_path, report)
        sys.exit(0 if result.clean else 1)

    return load


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    rate: float
    seconds: float
    connections: int
    in_flight: int
    tokens: int | None
    mix: Mix
    server: str | None
    seed: int
    quiet: bool


_HELP = """Load a server with one-time password verifications on an open schedule.

Requests go out at planned times whatever the server does, and latency counts from the planned time.
An error is any answer that the mix doesn't expect. Exit status 1 when there was one.
"""


def _files(
    prepare: Prepare | None, credentials: Path | None, population: Path | None, tokens: int | None
) -> Prepared:
    if credentials is not None:
        return Prepared(
            credentials, population or credentials.with_name(credentials.name + ".population")
        )
    if prepare is None:
        raise click.UsageError(
            "give --credentials FILE (and --population FILE), as prepared by: tigertally load"
        )
    return prepare(tokens or 100_000)


def _run(request: _Request, files: Prepared) -> LoadResult:
    import trio

    from tigertally_client.credentials import ChannelCredentials
    from tigertally_client.errors import CredentialsError
    from tigertally_client.servers import ServerAddress
    from tigertally_load.generator import Generator, LoadError, LoadPlan
    from tigertally_load.population import Population, PopulationError
    from tigertally_load.position import WalkPosition
    from tigertally_load.result import load_result

    try:
        credentials = ChannelCredentials.load(files.credentials)
        population = _cut(Population.load(files.population), request.tokens)
        address = ServerAddress.parse(request.server or credentials.servers[0])
        position = WalkPosition(files.population, population)
        generator = Generator(
            LoadPlan(
                rate=request.rate,
                seconds=request.seconds,
                connections=request.connections,
                in_flight=request.in_flight,
                mix=request.mix,
                seed=request.seed,
            ),
            credentials,
            population,
            address,
            walk_position=position.read(),
            progress=(lambda _: None) if request.quiet else _progress_line,
        )
        outcome = trio.run(generator.run)
    except (CredentialsError, PopulationError, LoadError, ValueError) as problem:
        raise click.ClickException(str(problem)) from None
    position.write(outcome.walk_position)
    if not request.quiet:
        click.echo("", err=True)
    return load_result(outcome, tokens=population.count, server=str(address))


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
    text = (
        f"{row.at:>5} s  offered {row.offered:>6}/s  answered {row.answered:>6}/s  "
        f"p50 {row.p50_ms:>7.1f}  p99 {row.p99_ms:>7.1f} ms  in flight {row.in_flight:>5}  "
        f"errors {row.errors}"
    )
    start, end = ("\r\x1b[K", "") if sys.stderr.isatty() else ("", "\n")
    click.echo(f"{start}{text}{end}", err=True, nl=False)


def _write(result: LoadResult, json_path: Path | None, report: Path | None) -> None:
    from tigertally_load.report import html_report
    from tigertally_load.result import table

    try:
        if report is not None:
            report.write_text(html_report(result), encoding="utf-8")
        if json_path is not None and str(json_path) != "-":
            json_path.write_bytes(result.to_json())
    except OSError as problem:
        raise click.ClickException(f"cannot write {problem.filename}: {problem.strerror}") from None
    if json_path is not None and str(json_path) == "-":
        click.echo(result.to_json(), nl=False)
    else:
        click.echo(table(result))


load_command = load_command_with(None)
