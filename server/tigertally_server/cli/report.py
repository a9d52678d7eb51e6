"""report day: a channel's business day, for reconciliation with the bank's own books."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from tigertally_drivers.postgres.settings import AUDITOR
from tigertally_protocol.codes import CODES, CodeClass, ResponseCode
from tigertally_server.cli.audit_log import channel_name, parse_day, result_name, transaction_name
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import CommandError, json_option, show_record, show_table, when
from tigertally_server.domain.calendar import business_day, day_name
from tigertally_server.domain.channel import HOUSE_CHANNEL, Channel
from tigertally_server.domain.entry import Entry
from tigertally_server.services.keyring import KeyMissing
from tigertally_server.services.recording import open_outcome
from tigertally_server.services.request import Phase
from tigertally_server.store import reading
from tigertally_server.store.reading import DaySpan, Tally

BUSINESS_PHASES: Final = (Phase.FINAL, Phase.SETTLED)
HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReport:
    """A channel's day.

    Attributes:
        counts: (transaction, result) → entries, of business transactions.
        sessions: result name → entries about the channel's own sessions and summaries.
        unrecorded: code name → answers that left no entry, by the minutes' summaries.
        unopened: summaries that do not open.
        hours: (hour since the epoch, approved or changed?) → business entries.
    """

    day: int
    channel: str
    institution: str
    span: DaySpan
    counts: dict[tuple[int, int], int]
    sessions: dict[str, int]
    unrecorded: dict[str, int]
    unopened: int
    hours: dict[tuple[int, bool], int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def by_class(self) -> dict[CodeClass, int]:
        """Business entries by the class of their result."""
        classes: Counter[CodeClass] = Counter()
        for (_, result), entries in self.counts.items():
            classes[_class_of(result)] += entries
        return dict(classes)


def _class_of(result: int) -> CodeClass:
    try:
        return CODES[ResponseCode(result)].cls
    except ValueError:
        return CodeClass.UNKNOWN


@click.group()
def report() -> None:
    """Reports for reconciliation."""


@report.command("day")
@click.option(
    "--channel",
    "name",
    required=True,
    metavar="NAME",
    help="Channel by name or number; 'house' for the operators' own.",
)
@click.option("--day", metavar="DATE", help="Business day [default: today].")
@click.option(
    "--html",
    "html_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write one self-contained page.",
)
@json_option
@click.pass_obj
def day(
    config_path: Path | None, name: str, day: str | None, html_path: Path | None, as_json: bool
) -> None:
    """A channel's business day: entries by transaction and code, answers that left none, first and
    last serial.
    """
    with open_house(config_path) as house:
        channel = None if name == "house" else house.channel(name)
        number = parse_day(day, house)
        house.act("report day", {"channel": name, "day": day_name(number)})
        made = make_report(house, channel, number)
        if html_path is not None:
            from tigertally_server.cli.report_page import page

            try:
                html_path.write_text(page(house, made), encoding="utf-8")
            except OSError as problem:
                raise CommandError(f"cannot write {html_path}: {problem.strerror}") from None
        _tell(house, made, as_json=as_json)


def make_report(house: House, channel: Channel | None, number: int) -> DayReport:
    """From one snapshot. Raises CommandError."""
    channel_id = HOUSE_CHANNEL if channel is None else channel.id
    phases = (*BUSINESS_PHASES, Phase.OPERATOR) if channel is None else BUSINESS_PHASES
    with house.reading(AUDITOR) as conn:
        reading.snapshot(conn)
        tallies = reading.day_tallies(conn, number, channel_id)
        span = reading.day_span(conn, number, channel_id, phases)
        summaries = reading.entries_in_phase(conn, (number, number + 1), channel_id, Phase.SUMMARY)
    unrecorded, unopened = _unrecorded(house, summaries, number)
    business = [tally for tally in tallies if tally.phase in phases]
    return DayReport(
        day=number,
        channel=channel_name(house, channel_id),
        institution="" if channel is None else channel.institution,
        span=span,
        counts=_counts(business),
        sessions=_sessions(tallies),
        unrecorded=unrecorded,
        unopened=unopened,
        hours=_hours(business),
    )


def _counts(tallies: list[Tally]) -> dict[tuple[int, int], int]:
    counts: Counter[tuple[int, int]] = Counter()
    for tally in tallies:
        counts[tally.transaction, tally.result] += tally.entries
    return dict(sorted(counts.items()))


def _sessions(tallies: list[Tally]) -> dict[str, int]:
    names = {
        Phase.SIGN_ON: "sign-ons",
        Phase.SIGN_OFF: "sign-offs",
        Phase.CLAIMED: "claimed, not settled here",
    }
    counts: Counter[str] = Counter()
    for tally in tallies:
        try:
            name = names.get(Phase(tally.phase))
        except ValueError:
            name = None
        if name is not None:
            counts[name] += tally.entries
    return dict(counts)


def _hours(tallies: list[Tally]) -> dict[tuple[int, bool], int]:
    hours: Counter[tuple[int, bool]] = Counter()
    for tally in tallies:
        good = _class_of(tally.result) in (CodeClass.APPROVED, CodeClass.CHANGED)
        hours[tally.hour, good] += tally.entries
    return dict(hours)


def _unrecorded(house: House, summaries: list[Entry], number: int) -> tuple[dict[str, int], int]:
    """A minute is summed up after its end, so the day's last summaries stand under the next one:
    the minute counts.
    """
    counts: Counter[str] = Counter()
    unopened = 0
    for entry in summaries:
        try:
            note: dict[str, Any] = json.loads(open_outcome(house.environment.context, entry).note)
        except (KeyMissing, ValueError):
            unopened += 1
            continue
        if business_day(note["minute_ms"], house.config.zone) == number:
            counts.update(note["counts"])
    return dict(sorted(counts.items())), unopened


def as_record(house: House, made: DayReport) -> dict[str, Any]:
    """For scripts."""
    zone, span = house.config.zone, made.span
    return {
        "day": day_name(made.day),
        "channel": made.channel,
        "institution": made.institution,
        "entries": made.total,
        "first_serial": span.first_serial or None,
        "last_serial": span.last_serial or None,
        "first_at": when(span.first_at_ms, zone) or None,
        "last_at": when(span.last_at_ms, zone) or None,
        "counts": [
            {
                "transaction": transaction_name(transaction),
                "code": result,
                "result": result_name(result),
                "class": _class_of(result).value,
                "entries": entries,
            }
            for (transaction, result), entries in made.counts.items()
        ],
        "sessions": made.sessions,
        "unrecorded": made.unrecorded,
        "summaries_not_opened": made.unopened,
    }


def _tell(house: House, made: DayReport, *, as_json: bool) -> None:
    record = as_record(house, made)
    if as_json:
        show_record(record, as_json=True)
        return
    head = (
        "day",
        "channel",
        "institution",
        "entries",
        "first_serial",
        "last_serial",
        "first_at",
        "last_at",
    )
    show_record({name: record[name] for name in head}, as_json=False)
    click.echo()
    show_table(record["counts"], as_json=False, none="no business entries")
    for title, counts in (
        ("sessions", made.sessions),
        ("answered without an entry, not executed", made.unrecorded),
    ):
        if counts:
            click.echo(f"\n{title}")
            show_table(
                [{"what": name, "count": count} for name, count in counts.items()], as_json=False
            )
    if made.unopened:
        click.secho(
            f"\n{made.unopened} summaries do not open: run `tigertally audit verify`", fg="red"
        )
