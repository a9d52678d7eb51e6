"""audit report: the evidence of one entry as a document for people who have nothing of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tigertally_drivers.errors import DriverError
from tigertally_drivers.postgres.settings import AUDITOR
from tigertally_drivers.printing.attachment import NotAttached, attach
from tigertally_drivers.printing.chromium import print_to_pdf
from tigertally_server.audit.checkpoint import parse_checkpoint
from tigertally_server.audit.leaf import encode_entry, leaf_hash_of
from tigertally_server.cli import audit_log
from tigertally_server.cli.approvals import permission
from tigertally_server.cli.audit_log import Place
from tigertally_server.cli.audit_proof import make_proof
from tigertally_server.cli.audit_reveal import VERB, revealed
from tigertally_server.cli.evidence_page import PROOF_NAME, Evidence, page
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import CommandError, json_option, show_record
from tigertally_server.domain.administration import UseApproval
from tigertally_server.domain.channel import HOUSE_CHANNEL
from tigertally_server.domain.entry import Entry
from tigertally_server.store import reading

_SUFFIXES = (".html", ".pdf")


@click.command("report")
@click.option("--entry", "place_text", metavar="SHARD:SEQ", help="The entry, by its place.")
@click.option("--serial", type=int, metavar="NUMBER", help="By its serial; with --channel.")
@click.option("--channel", metavar="NAME", help="With --serial: the channel, by name or number.")
@click.option("--day", metavar="DATE", help="With --serial: its business day [default: today].")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Where to write it: FILE.html or FILE.pdf.",
)
@click.option("--reveal", is_flag=True, help="With customer and answer; approved as a reveal.")
@click.option("--reason", default="", metavar="TEXT", help="Why it is revealed; recorded.")
@json_option
@click.pass_obj
def report_entry(
    config_path: Path | None,
    /,
    out: Path,
    *,
    reveal: bool,
    reason: str,
    as_json: bool,
    **selection: Any,
) -> None:
    """Write the evidence of one transaction for a court: what was asked, how it was verified, what
    was decided, and the proof of it, in one file that needs nothing else.

    The customer stays sealed unless --reveal --reason is given, which needs what `audit reveal`
    needs.
    """
    if out.suffix not in _SUFFIXES:
        raise CommandError("name a file that ends in .html or .pdf")
    if reveal and not reason.strip():
        raise CommandError("what is sealed is shown for a reason only: add --reason TEXT")
    with open_house(config_path) as house:
        place = _place(house, **selection)
        entry, live = _entry(house, place)
        opened = _reveal(house, entry, live=live, reason=reason) if reveal else None
        made = _evidence(house, entry, place, opened)
        details = {"entry": place, "proof": made.proof_sha256, "revealed": reveal}
        house.act("audit report", details)
    _write(out, made)
    record = {"entry": str(place), "report": str(out), "proof_sha256": made.proof_sha256}
    show_record(record, as_json=as_json)


def _place(
    house: House, place_text: str | None, serial: int | None, channel: str | None, day: str | None
) -> Place:
    if (place_text is None) is (serial is None):
        raise CommandError("say --entry SHARD:SEQ, or --serial NUMBER with --channel")
    if place_text is not None:
        return audit_log.parse_place(place_text)
    if channel is None:
        raise CommandError("serials are a channel's own: add --channel NAME")
    number = HOUSE_CHANNEL if channel == "house" else house.channel(channel).id
    with house.reading(AUDITOR) as conn:
        found = reading.entries_of_serial(
            conn, audit_log.parse_day(day, house), number, int(serial or 0)
        )
    if not found:
        raise CommandError(f"there is no entry of serial {serial} of {channel} on that day")
    # The last phase is what became of it.
    return Place(found[-1].entry.shard, found[-1].entry.seq)


def _entry(house: House, place: Place) -> tuple[Entry, bool]:
    """The entry, and whether it is live."""
    with house.reading(AUDITOR) as conn:
        days = reading.business_days(conn)
        live = reading.entry_at(conn, place.shard, place.seq, days)
        found = audit_log.entry_anywhere(house, conn, place) if live is None else live.entry
    return found, live is not None


def _reveal(house: House, entry: Entry, *, live: bool, reason: str) -> dict[str, Any]:
    if not live:
        raise CommandError("who was meant is revealed only while the month is in the database")
    place = f"{entry.shard}:{entry.seq}"
    allowed = permission(house, VERB, place, reason)
    used = UseApproval(allowed.number, VERB, place)
    details = {"entry": place, "approval": allowed.number, "reason": reason}
    house.act(VERB, details, [*allowed.prelude, used])
    return revealed(house, entry, allowed.number)


def _evidence(house: House, entry: Entry, place: Place, opened: dict[str, Any] | None) -> Evidence:
    proof, document = make_proof(house, place)
    environment = house.environment
    channel = environment.directory.snapshot.channels.get(entry.channel_id)
    canonical = encode_entry(entry)
    return Evidence(
        entry=entry,
        channel=audit_log.channel_name(house, entry.channel_id),
        institution="" if channel is None else channel.institution,
        zone=house.config.zone,
        installation=environment.installation.installation_id,
        proof=document,
        path=proof.path,
        note=proof.checkpoint,
        checkpoint=parse_checkpoint(proof.checkpoint),
        key=proof.public_key,
        leaf=leaf_hash_of(canonical),
        canonical=canonical,
        revealed=opened,
        made_ms=environment.clock.now_ms(),
        operator=house.operator,
    )


def _write(out: Path, made: Evidence) -> None:
    html = page(made)
    try:
        if out.suffix == ".html":
            out.write_text(html, encoding="utf-8")
            return
        out.write_bytes(attach(print_to_pdf(html), PROOF_NAME, "application/json", made.proof))
    except OSError as problem:
        raise CommandError(f"cannot write {out}: {problem.strerror}") from None
    except (DriverError, NotAttached) as problem:
        raise CommandError(f"{problem}; --out FILE.html needs neither") from None
