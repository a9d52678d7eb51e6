"""guess: how likely each method of authentication is guessed under the rules in force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tigertally_server.cli.house import open_house
from tigertally_server.cli.output import CommandError, json_option, say, show_table
from tigertally_server.services.ceilings import Ceiling, ceilings


@click.command("guess")
@click.option(
    "--above",
    type=click.FloatRange(0, 1),
    help="Exit with status 1 if any secret made by a machine is guessed within a day with more "
    "than this probability.",
)
@json_option
@click.pass_obj
def guess(config_path: Path | None, above: float | None, as_json: bool) -> None:
    """Show how likely a guesser gets through, for each token type, scene of SMS and policy.

    He tries whenever a lock or delay lets him, for a day, for a year, and until the method is
    locked for good. Secrets that people choose are counted as if they chose evenly, and marked *.
    """
    with open_house(config_path) as house:
        house.act("guess")
        rows = list(ceilings(house.environment.context))
    show_table([row._asdict() if as_json else _shown(row) for row in rows], as_json=as_json)
    if not as_json:
        say("* chosen by people, who choose unevenly: the true figure is higher")
    if above is None:
        return
    if worse := [row for row in rows if row.even and row.day > above]:
        names = ", ".join(f"{row.method} {row.name}" for row in worse)
        raise CommandError(f"guessed within a day with more than {_odds(above)}: {names}")


def _shown(row: Ceiling) -> dict[str, Any]:
    return {
        "method": row.method if row.even else f"{row.method} *",
        "name": row.name,
        "candidates": row.candidates,
        "one_try": _odds(row.once),
        "tries_a_day": row.tries_day,
        "within_a_day": _odds(row.day),
        "tries_a_year": row.tries_year,
        "within_a_year": _odds(row.year),
        "tries_in_all": row.tries_ever,
        "ever": _odds(row.ever),
    }


def _odds(probability: float) -> str:
    """As people read it: one in so many."""
    if probability <= 0:
        return "never"
    return f"1 in {1 / probability:,.0f}" if probability < 1 else "certain"
