"""audit find: entries by what they have in common, page by page.

Public columns only; what is sealed (who was meant, what was answered) is for `audit reveal`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from tigertally_drivers.postgres.settings import AUDITOR
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.transactions import Transaction
from tigertally_server.cli import audit_log
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import (
    CommandError,
    json_option,
    parse_when,
    say,
    show_record,
    show_table,
)
from tigertally_server.domain.channel import HOUSE_CHANNEL
from tigertally_server.domain.entry import Entry
from tigertally_server.store import archives, finding, reading
from tigertally_server.store.finding import Connection, Cursor, Wanted

SEALED: Final = "customer and answer"
_CURSOR: Final = re.compile(r"(\d{1,18}):(\d{1,5}):(\d{1,18})")
_LIST: Final = ("entry", "at", "channel", "serial", "transaction", "result", "user_id", "token_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """As typed."""

    customer: str | None
    institution: str | None
    token: str | None
    channel: str | None
    serial: int | None
    transaction: str | None
    result: str | None
    day: str | None
    since: str | None
    until: str | None
    restored: str | None


@click.command("find")
@click.option("--customer", metavar="NUMBER", help="Of a customer; with --institution.")
@click.option("--token", metavar="SERIAL", help="Of a token; with --institution.")
@click.option("--institution", metavar="CODE", help="The customer's or token's legal entity.")
@click.option("--channel", metavar="NAME", help="By name or number; 'house' for the system's own.")
@click.option("--serial", type=int, metavar="NUMBER", help="Of this serial number.")
@click.option("--transaction", metavar="NAME", help="Of this transaction, by name or number.")
@click.option("--result", metavar="NAME", help="With this response code, by name or number.")
@click.option("--day", metavar="DATE", help="With --serial: its business day [default: all].")
@click.option("--from", "since", metavar="TIME", help="Not before this time.")
@click.option("--to", "until", metavar="TIME", help="Before this time; a date counts wholly.")
@click.option("--restored", metavar="YYYY-MM", help="In a month restored from the archive.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--after", metavar="CURSOR", help="The page after the one that ended so.")
@json_option
@click.pass_obj
def find_entries(
    config_path: Path | None, /, limit: int, after: str | None, as_json: bool, **selection: Any
) -> None:
    """Find entries by what they have in common, the latest first.

    What was answered and who was meant stay sealed. Each search is recorded.
    """
    asked = Asked(**selection)
    cursor = None if after is None else _parse_cursor(after)
    with open_house(config_path) as house:
        with house.reading(AUDITOR) as conn:
            reading.snapshot(conn)
            wanted = _wanted(house, conn, asked)
            entries = _find(house, conn, asked, wanted, cursor, limit)
        _record(house, asked, wanted, len(entries))
        lines = [_line(house, entry) for entry in entries]
    last = entries[-1] if len(entries) == limit else None
    following = None if last is None else f"{last.at_ms}:{last.shard}:{last.seq}"
    if as_json:
        show_record({"entries": lines, "after": following}, as_json=True)
        return
    shown = [{name: line[name] for name in _LIST} for line in lines]
    show_table(shown, as_json=False, none="no entries")
    if following:
        say(f"\nmore: --after {following}")


def _line(house: House, entry: Entry) -> dict[str, Any]:
    line = audit_log.public_line(house, entry)
    return {**line, "sealed": SEALED}


def _parse_cursor(text: str) -> Cursor:
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise CommandError(f"{text!r} is not where a page ended; copy it as the last page said it")
    return Cursor(*map(int, match.groups()))


def _find(
    house: House,
    conn: Connection,
    asked: Asked,
    wanted: Wanted,
    after: Cursor | None,
    limit: int,
) -> list[Entry]:
    table = finding.LIVE
    if asked.restored is not None:
        month = audit_log.parse_month(asked.restored)
        table = archives.restored_table(month)
        if not archives.is_restored(conn, month):
            raise CommandError(
                f"{asked.restored} is not restored; see `tigertally audit restore --help`"
            )
    found = finding.find(
        conn,
        table,
        wanted,
        after,
        limit,
        now_ms=house.environment.clock.now_ms(),
        first_ms=house.environment.installation.created_at_ms,
    )
    return [stored.entry for stored in found]


def _wanted(house: House, conn: Connection, asked: Asked) -> Wanted:
    zone = house.config.zone
    days: tuple[int, ...] = ()
    if asked.serial is not None:
        days = _days(house, conn, asked)
    return Wanted(
        user_id=_id(conn, asked, asked.customer, "customer"),
        token_id=_id(conn, asked, asked.token, "token"),
        channel_id=_channel(house, asked.channel),
        transaction=_number(asked.transaction, Transaction, audit_log.HOUSE_NUMBERS, "transaction"),
        result=_number(asked.result, ResponseCode, {}, "response code"),
        serial=asked.serial,
        days=days,
        channels=(HOUSE_CHANNEL, *house.environment.directory.snapshot.channels),
        from_ms=0 if asked.since is None else parse_when(asked.since, zone),
        to_ms=finding.END_MS if asked.until is None else parse_when(asked.until, zone, end=True),
    )


def _days(house: House, conn: Connection, asked: Asked) -> tuple[int, ...]:
    if asked.day is not None:
        return (audit_log.parse_day(asked.day, house),)
    if asked.restored is not None:
        return archives.days_of(audit_log.parse_month(asked.restored))
    return tuple(reading.business_days(conn))


def _id(conn: Connection, asked: Asked, named: str | None, kind: str) -> int | None:
    if named is None:
        return None
    if asked.institution is None:
        raise CommandError(f"{kind}s are an institution's own: add --institution CODE")
    look = finding.user_id if kind == "customer" else finding.token_id
    found = look(conn, asked.institution, named)
    if found is None:
        raise CommandError(f"there is no {kind} {named} of {asked.institution}")
    return found


def _channel(house: House, name: str | None) -> int | None:
    if name is None:
        return None
    return HOUSE_CHANNEL if name == "house" else house.channel(name).id


def _number(text: str | None, names: Any, more: dict[str, int], what: str) -> int | None:
    if text is None:
        return None
    name = text.upper().replace("-", "_")
    if name in more:
        return more[name]
    if name in names.__members__:
        return int(names[name])
    try:
        return int(text, 0)
    except ValueError:
        raise CommandError(f"there is no {what} {text!r}") from None


def _record(house: House, asked: Asked, wanted: Wanted, found: int) -> None:
    """Before anything is shown. Whom it is about stands there by id, which stays when the customer
    is erased.
    """
    names = ("channel", "serial", "transaction", "result", "day", "since", "until", "restored")
    details = {name: value for name in names if (value := getattr(asked, name)) is not None}
    for name in ("user_id", "token_id"):
        if getattr(wanted, name) is not None:
            details[name] = getattr(wanted, name)
    house.act("audit find", {**details, "entries": found})
