"""What the audit commands share: places in the log, the stored log as the verifier wants it, one
entry for people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.transactions import Transaction
from tigertally_server.app.archive_files import ArchiveFiles
from tigertally_server.audit.leaf import EncodingError
from tigertally_server.audit.verify import ShardLog
from tigertally_server.cli.house import House
from tigertally_server.cli.output import CommandError, when
from tigertally_server.domain.calendar import day_name, day_number
from tigertally_server.domain.channel import HOUSE_CHANNEL
from tigertally_server.domain.entry import Entry
from tigertally_server.services.keyring import KeyMissing
from tigertally_server.services.recording import open_outcome
from tigertally_server.services.request import Phase
from tigertally_server.services.table import OPERATOR_ACT, SPRAYING_NOTE, SUMMARY_NOTE
from tigertally_server.store import archives, reading
from tigertally_server.store.reading import Connection, LogReader

_PLACE: Final = re.compile(r"(\d{1,3}):(\d{1,18})")
_HOUSE_NAMES: Final = {
    OPERATOR_ACT: "OPERATOR_ACT",
    SUMMARY_NOTE: "SUMMARY",
    SPRAYING_NOTE: "SPRAYING_SUSPECTED",
}


HOUSE_NUMBERS: Final = {name: number for number, name in _HOUSE_NAMES.items()}
_MONTH: Final = re.compile(r"([1-9]\d{3})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands: shard and sequence number in it."""

    shard: int
    seq: int

    def __str__(self) -> str:
        return f"{self.shard}:{self.seq}"


def parse_place(text: str) -> Place:
    """Raises CommandError."""
    match = _PLACE.fullmatch(text)
    if match is None:
        raise CommandError(
            f"{text!r} is no entry; write SHARD:SEQ as answers and commands show it, such as 0:42"
        )
    return Place(int(match[1]), int(match[2]))


def parse_day(text: str | None, house: House) -> int:
    """An ISO date, or today in the bank's time zone. Raises CommandError."""
    if text is None:
        return house.environment.calendar.today(house.environment.clock.now_ms())
    try:
        return day_number(text)
    except ValueError:
        raise CommandError(f"{text!r} is no day; write it as 2026-12-31") from None


def parse_month(text: str) -> int:
    """202611 of 2026-11. Raises CommandError."""
    match = _MONTH.fullmatch(text)
    if match is None:
        raise CommandError(f"{text!r} is no month; write it as 2026-11")
    return int(match[1]) * 100 + int(match[2])


def transaction_name(number: int) -> str:
    """By name, those of the house included; a number that nobody knows stays one."""
    if number in _HOUSE_NAMES:
        return _HOUSE_NAMES[number]
    try:
        return Transaction(number).name
    except ValueError:
        return f"0x{number:04X}"


def result_name(number: int) -> str:
    """By name; a number that nobody knows stays one."""
    try:
        return ResponseCode(number).name
    except ValueError:
        return str(number)


def phase_name(number: int) -> str:
    """By name; a number that nobody knows stays one."""
    try:
        return Phase(number).name.lower()
    except ValueError:
        return str(number)


def channel_name(house: House, channel_id: int) -> str:
    """By name; `house` is the system itself."""
    if channel_id == HOUSE_CHANNEL:
        return "house"
    found = house.environment.directory.snapshot.channels.get(channel_id)
    return str(channel_id) if found is None else found.name


def public_line(house: House, entry: Entry) -> dict[str, Any]:
    """An entry's public columns for people; nothing sealed."""
    return {
        "entry": f"{entry.shard}:{entry.seq}",
        "at": when(entry.at_ms, house.config.zone),
        "business_day": day_name(entry.business_day),
        "channel": channel_name(house, entry.channel_id),
        "serial": entry.serial,
        "phase": phase_name(entry.phase),
        "transaction": transaction_name(entry.transaction),
        "result": result_name(entry.result),
        "reference": entry.reference,
        "user_id": entry.user_id or None,
        "token_id": entry.token_id or None,
        "previous": None
        if entry.previous_seq < 0
        else f"{entry.previous_shard}:{entry.previous_seq}",
    }


def shard_logs(
    conn: Connection, shards: int, days: Sequence[int], files: ArchiveFiles
) -> list[ShardLog]:
    """Every shard of the installation, and any other that has rows, which nobody can have committed
    to. What is archived is read from the files at hand.
    """
    reader = LogReader(conn, days, files.rows)
    heads = reading.heads(conn)
    present = {shard for day in days for shard in reading.shards_of_day(conn, day)}

    def log(shard: int) -> ShardLog:
        return ShardLog(
            shard,
            lambda start, stop: reader.entries(shard, start, stop),
            heads.get(shard),
            reading.checkpoint_notes(conn, shard),
        )

    return [log(shard) for shard in sorted({*range(shards), *present, *heads})]


def entry_anywhere(house: House, conn: Connection, place: Place) -> Entry:
    """An entry by its place: among the live ones, in a restored month, in an archive file. Raises
    CommandError.
    """
    stored = reading.entry_at(conn, place.shard, place.seq, reading.business_days(conn))
    if stored is not None:
        return stored.entry
    month = archives.month_of_place(conn, place.shard, place.seq)
    if month is None:
        raise CommandError(f"there is no entry {place} in the log")
    if archives.is_restored(conn, month):
        restored = archives.restored_entry(conn, month, place.shard, place.seq)
        if restored is not None:
            return restored.entry
    files = ArchiveFiles(conn, house.config.archive_dir)
    found = files.entry(month, place.shard, place.seq)
    if found is None:
        raise CommandError(
            f"entry {place} is archived with {archives.month_name(month)}, and its file is not in "
            f"{house.config.archive_dir}, or damaged; put it there"
        )
    return found


def opens(house: House, entry: Entry) -> bool:
    """Whether the sealed outcome is the one that was recorded with this entry."""
    try:
        open_outcome(house.environment.context, entry)
    except (KeyMissing, EncodingError):
        return False
    return True
