"""audit show: entries by place, by serial, by the bank's reference, by customer, or the latest of a
day.

Public columns for everybody who may run the command; what was answered and who was meant are
sealed, and opened only for a reason that is itself recorded first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from pathlib import Path
from typing import Any, Final

import click

from tigertally_server.cli.approvals import Permission, permission
from tigertally_server.cli.audit_log import Place, parse_day, parse_place, public_line
from tigertally_server.cli.audit_reveal import VERB, act_name, revealed
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import CommandError, json_option, say, show_record, show_table
from tigertally_server.cli.user import REASON, REVEAL, check_reveal, subject
from tigertally_server.domain.administration import AdminWrite, UseApproval
from tigertally_server.domain.channel import HOUSE_CHANNEL
from tigertally_server.domain.entry import Entry, StoredEntry
from tigertally_server.store import archives, reading
from tigertally_server.store.reading import Connection

_LIST: Final = (
    "entry",
    "at",
    "channel",
    "serial",
    "transaction",
    "result",
    "reference",
    "user_id",
    "token_id",
)
_BLOCK: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which entries; at most one of the first four."""

    entry: str | None
    serial: int | None
    reference: str | None
    customer: str | None
    institution: str | None
    channel: str | None
    day: str | None
    since: tuple[Place, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, latest first, and where the next page begins: one place per chain that goes on."""

    entries: tuple[Entry, ...]
    rest: tuple[Place, ...] = ()


@click.command("show")
@click.option("--entry", metavar="SHARD:SEQ", help="One entry by its place.")
@click.option(
    "--serial", type=int, help="By serial number; with --channel, and --day unless today."
)
@click.option(
    "--reference", help="By the bank's own reference; with --channel, and --day unless today."
)
@click.option(
    "--customer",
    metavar="NUMBER",
    help="The history of a customer's present tokens; with --institution.",
)
@click.option("--institution", metavar="CODE", help="The customer's legal entity.")
@click.option(
    "--channel",
    metavar="NAME",
    help="Channel by name or number; 'house' for the system's own entries.",
)
@click.option("--day", metavar="DATE", help="Business day [default: today].")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option(
    "--from",
    "since",
    metavar="PLACES",
    default="",
    help="Go on where the last page ended, as it said.",
)
@REVEAL
@REASON
@json_option
@click.pass_obj
def show_entries(
    config_path: Path | None,
    /,
    reveal: bool,
    reason: str,
    since: str,
    as_json: bool,
    **selection: Any,
) -> None:
    """Show entries of the log, the latest first; without a selection, the latest of the day.

    What is sealed (what was answered, who was meant) is shown with --reveal --reason TEXT only,
    which is recorded.
    """
    check_reveal(reveal, reason)
    places = tuple(parse_place(text) for text in since.split(",")) if since else ()
    asked = Asked(since=places, **selection)
    if (
        sum(
            value is not None
            for value in (asked.entry, asked.serial, asked.reference, asked.customer)
        )
        > 1
    ):
        raise CommandError("choose one of --entry, --serial, --reference, --customer")
    with open_house(config_path) as house:
        with house.reading() as conn:
            page = _select(house, conn, asked)
        allowed = _leave(house, page, reason) if reveal else []
        writes = [write for permit in allowed for write in permit.prelude]
        _record(house, asked, page, writes, reveal=reveal, reason=reason)
        rows = [public_line(house, entry) for entry in page.entries]
        if reveal:
            for row, entry, permit in zip(rows, page.entries, allowed, strict=True):
                row.update(revealed(house, entry, permit.number))
        else:
            for row, entry in zip(rows, page.entries, strict=True):
                row.update(act_name(house, entry))
    single = asked.entry is not None or reveal
    _tell(rows, page.rest, single=single, as_json=as_json, unmasked=reveal)


def _leave(house: House, page: Page, reason: str) -> list[Permission]:
    """To reveal a whole page; one operator who holds every role needs nobody's approval."""
    if house.acting.separated:
        raise CommandError(
            "operators are separated here: `tigertally audit reveal --entry SHARD:SEQ --reason "
            "TEXT` asks for the approval of each entry"
        )
    allowed = []
    for entry in page.entries:
        subject_of = f"{entry.shard}:{entry.seq}"
        permit = permission(house, VERB, subject_of, reason)
        used = UseApproval(permit.number, VERB, subject_of)
        allowed.append(Permission(permit.number, (*permit.prelude, used)))
    return allowed


def _record(
    house: House,
    asked: Asked,
    page: Page,
    writes: Sequence[AdminWrite],
    *,
    reveal: bool,
    reason: str,
) -> None:
    """Before anything is shown. Who was asked about stands there by id, see `subject`."""
    details: dict[str, Any] = {"entries": len(page.entries), "revealed": reveal, "reason": reason}
    if asked.customer is not None:
        details |= subject(house, asked.institution or "", asked.customer)
    for name in ("entry", "serial", "reference", "channel", "day"):
        value = getattr(asked, name)
        if value is not None:
            details[name] = value
    if reveal:
        details["places"] = ", ".join(f"{entry.shard}:{entry.seq}" for entry in page.entries)
    house.act("audit show", details, writes)


def _tell(
    rows: list[dict[str, Any]],
    rest: Sequence[Place],
    *,
    single: bool,
    as_json: bool,
    unmasked: bool,
) -> None:
    following = ",".join(map(str, rest))
    if as_json:
        page = {"entries": rows, "from": following or None}
        show_record(page, as_json=True, unmasked=unmasked)
    elif single:
        for number, row in enumerate(rows):
            if number:
                click.echo()
            show_record(row, as_json=False, unmasked=unmasked)
    else:
        acts = any("act" in row for row in rows)
        names = (*_LIST, "act") if acts else _LIST
        show_table(
            [{name: row.get(name) for name in names} for row in rows],
            as_json=False,
            none="no entries",
        )
    if following and not as_json:
        say(f"\nmore: --from {following}")


# ---------------------------------------------------------------- which


def _select(house: House, conn: Connection, asked: Asked) -> Page:
    if asked.entry is not None:
        place = parse_place(asked.entry)
        stored = reading.entry_at(conn, place.shard, place.seq, reading.business_days(conn))
        if stored is None:
            raise CommandError(f"there is no entry {place} in the log")
        return Page((stored.entry,))
    if asked.customer is not None:
        return _history(conn, asked)
    day = parse_day(asked.day, house)
    if asked.serial is not None:
        found = reading.entries_of_serial(conn, day, _channel_id(house, asked), asked.serial)
        return Page(tuple(item.entry for item in found))
    if asked.reference is not None:
        found = reading.entries_of_reference(
            conn, day, _channel_id(house, asked), asked.reference, asked.limit
        )
        return Page(tuple(item.entry for item in found))
    return _latest(house, conn, asked, day)


def _channel_id(house: House, asked: Asked) -> int:
    if asked.channel is None:
        raise CommandError("serials and references are a channel's own: add --channel NAME")
    return _channel_number(house, asked.channel)


def _channel_number(house: House, name: str) -> int:
    return HOUSE_CHANNEL if name == "house" else house.channel(name).id


Step = Callable[[Place], tuple[StoredEntry | None, Place | None]]
"""The entry at a place, and where its chain goes on."""


def _walk(starts: Sequence[Place], step: Step, wanted: Callable[[Entry], bool], limit: int) -> Page:
    """Several chains that each go back in time, merged: the latest entry first."""
    heap: list[tuple[int, int, Entry, Place | None]] = []

    def push(place: Place | None, chain: int) -> None:
        if place is not None:
            stored, following = step(place)
            if stored is not None:
                heappush(heap, (-stored.entry.at_ms, chain, stored.entry, following))

    for chain, start in enumerate(starts):
        push(start, chain)
    found: list[Entry] = []
    while heap and len(found) < limit:
        _, chain, entry, following = heappop(heap)
        if wanted(entry):
            found.append(entry)
        push(following, chain)
    rest = sorted(heap, key=lambda item: item[1])
    return Page(tuple(found), tuple(Place(entry.shard, entry.seq) for _, _, entry, _ in rest))


def _history(conn: Connection, asked: Asked) -> Page:
    """Each entry holds the place of its token's previous one, so no index of the log is needed."""
    if asked.institution is None:
        raise CommandError("customer numbers are an institution's own: add --institution CODE")
    owner = reading.account_id(conn, (asked.institution, asked.customer or ""))
    if owner is None:
        raise CommandError(f"there is no customer {asked.customer} of {asked.institution}")
    days = reading.business_days(conn)
    starts = asked.since or [Place(*place) for place in reading.last_places(conn, owner)]

    def step(place: Place) -> tuple[StoredEntry | None, Place | None]:
        stored = reading.entry_at(conn, place.shard, place.seq, days)
        if stored is None:
            if archives.month_of_place(conn, place.shard, place.seq) is not None:
                return None, None  # archived: the chain goes on in its file
            raise CommandError(
                f"entry {place} is missing from the log: run `tigertally audit verify`"
            )
        entry = stored.entry
        following = (
            Place(entry.previous_shard, entry.previous_seq) if entry.previous_seq >= 0 else None
        )
        return stored, following

    return _walk(starts, step, lambda entry: entry.user_id == owner, asked.limit)


def _latest(house: House, conn: Connection, asked: Asked, day: int) -> Page:
    """The shards of a day, each read backwards in blocks."""
    number = None if asked.channel is None else _channel_number(house, asked.channel)
    blocks: dict[int, list[StoredEntry]] = {}

    def step(place: Place) -> tuple[StoredEntry | None, Place | None]:
        block = blocks.get(place.shard)
        if not block:
            block = reading.entries_before(conn, day, place.shard, place.seq, _BLOCK)[::-1]
            blocks[place.shard] = block
        if not block:
            return None, None
        stored = block.pop()
        return stored, Place(place.shard, stored.entry.seq - 1)

    starts = asked.since or [Place(shard, 2**62) for shard in reading.shards_of_day(conn, day)]
    return _walk(
        starts, step, lambda entry: number is None or entry.channel_id == number, asked.limit
    )
