"""load: prepares a channel and tokens of its own where they are missing, then becomes the load
generator.

The run itself is another program (`python -m tigertally_load`) in this process's place: it knows
nothing of the server, and what the preparation needed of memory doesn't count.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from tigertally_drivers.postgres.settings import OWNER
from tigertally_load.command import load_command
from tigertally_load.mix import Kind
from tigertally_protocol.suites import FieldCipherId, SuiteId
from tigertally_server.cli.demo import prepare_channel
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import CommandError, Progress, say
from tigertally_server.cli.population import grow, open_population
from tigertally_server.domain.channel import Channel
from tigertally_server.store.maintenance import settle_bulk

CHANNEL: Final = "load"
DEFAULT_TOKENS: Final = 100_000
SETTLE_MIN: Final = 10_000
"""Fewer new rows than this are left to autovacuum."""

_PREPARE_ONLY: Final = "--prepare-only"
_ARGUMENTS: Final = "tigertally.load.arguments"
_PREPARING: Final = (
    "Without --credentials it prepares, in the database of this configuration, a channel of its "
    "own and the tokens that are missing; the files are kept under `database.state_dir`."
)


def prepare(
    house: House, tokens: int | None, *, methods: bool = False, quiet: bool = False
) -> tuple[Path, Path]:
    """Channel, customers, tokens and their files, as far as they are missing. Returns both files.
    A mix with several methods has customers of its own. Raises CommandError.
    """
    credentials = house.config.state_dir / "load" / "credentials.json"
    suffix = ".methods.population" if methods else ".population"
    file = credentials.with_name(credentials.name + suffix)
    credentials.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    population = open_population(house, file, tokens or DEFAULT_TOKENS, methods=methods)
    wanted = tokens or (population.count if file.exists() else DEFAULT_TOKENS)
    _prepare_channel(house, credentials, population.institution)
    clock = house.environment.clock
    begun = clock.monotonic_ms()
    progress = Progress("preparing customers and tokens", wanted, quiet=quiet)
    before = population.count if file.exists() else 0
    made = grow(house, file, population, wanted, progress.at)
    progress.end()
    if made.count - before >= SETTLE_MIN:
        _settle(house)
    spent = clock.monotonic_ms() - begun
    if not quiet and spent > 1_000:
        kind = "of several methods" if methods else "with a token each"
        say(f"{made.count:,} customers {kind} are prepared ({spent / 1000:.1f} s)")
    return credentials, file


def _settle(house: House) -> None:
    conn = house.environment.databases.connect(OWNER, patient=True)
    try:
        settle_bulk(conn)
    finally:
        conn.close()


def _prepare_channel(house: House, credentials: Path, institution: str) -> None:
    """The channel `load`, without limits that would be measured instead of the server."""
    wanted = Channel(
        id=0,
        name=CHANNEL,
        institution=institution,
        suite=SuiteId.INTL_HMAC,
        field_cipher=FieldCipherId.AES_128_GCM,
        in_flight=1_000_000,
        connections=10_000,
    )
    prepare_channel(house, credentials, wanted)


def _sms_file(house: House, options: Mapping[str, Any]) -> Path | None:
    """Where the generator finds codes by SMS. Raises CommandError where it would find none."""
    if options["sms_file"] is not None or not options["mix"].share(Kind.SMS):
        return None
    sms = house.config.sms
    if sms.gateway != "file":
        raise CommandError('this mix needs short messages in a file: [sms] gateway = "file"')
    return house.config.state_dir / sms.file.path


class _Load(click.Command):
    """The generator's own options, and one of ours; what was typed is handed on as it is."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_ARGUMENTS] = [argument for argument in args if argument != _PREPARE_ONLY]
        return super().parse_args(ctx, args)


@click.pass_context
def _run(ctx: click.Context, /, **options: Any) -> None:
    arguments: list[str] = ctx.meta[_ARGUMENTS]
    if options["credentials"] is None:
        with open_house(ctx.obj) as house:
            credentials, population = prepare(
                house,
                options["tokens"],
                methods=options["mix"].has_methods,
                quiet=options["quiet"],
            )
            sms_file = _sms_file(house, options)
        arguments = [*arguments, f"--credentials={credentials}"]
        if sms_file is not None:
            arguments.append(f"--sms-file={sms_file}")
        if options["population"] is None:
            arguments.append(f"--population={population}")
    if options["prepare_only"]:
        return
    sys.stdout.flush()
    sys.stderr.flush()
    # The paths are ours and the interpreter is this one; nothing goes through a shell.
    os.execv(sys.executable, [sys.executable, "-m", "tigertally_load", *arguments])  # noqa: S606


load = _Load(
    "load",
    params=[
        *(param for param in load_command.params if param.name != "tokens"),
        click.Option(
            ["--tokens"],
            type=click.IntRange(1),
            help="Customers with a token each to prepare and to walk "
            f"[default: those prepared, or {DEFAULT_TOKENS}].",
        ),
        click.Option(
            [_PREPARE_ONLY], is_flag=True, help="Make channel and tokens, and stop there."
        ),
    ],
    callback=_run,
    help=f"{inspect.cleandoc(load_command.help or '')}\n\n{_PREPARING}",
)
