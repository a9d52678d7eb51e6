"""What `audit verify` holds the database against: keys, rounds, witnesses' notes, stamps, tiles."""

from __future__ import annotations

from pathlib import Path

from cryptography.x509 import Certificate

from tigertally_client.verification.notes import NotGenuine
from tigertally_client.verification.stamps import load_authorities
from tigertally_server.app import evidence
from tigertally_server.audit.anchors import Trust
from tigertally_server.audit.checkpoint import CheckpointFile
from tigertally_server.audit.cosignature import WitnessKey, parse_witness_key
from tigertally_server.audit.note import NoteError
from tigertally_server.audit.report import Finding
from tigertally_server.audit.rounds_check import RoundsLog
from tigertally_server.cli.house import House
from tigertally_server.cli.output import CommandError
from tigertally_server.store import audit_rounds, reading
from tigertally_server.store.reading import Connection


def trust_of(house: House, conn: Connection) -> tuple[Trust, list[Finding]]:
    """Whom to believe, beginning with the first checkpoint key; a broken chain of keys is found."""
    row = house.environment.installation
    keys = house.environment.keyring.head_mac_keys()
    notes = [key.note for key in audit_rounds.checkpoint_keys(conn) if key.generation > 1]
    changes, found = evidence.key_changes(row.installation_id, row.checkpoint_public_key, notes)
    trust = Trust(
        row.installation_id,
        row.checkpoint_public_key,
        keys[0],
        changes=changes,
        witnesses=witness_keys(house),
        older_audit_keys=keys[1:],
    )
    return trust, found


def witness_keys(house: House) -> tuple[WitnessKey, ...]:
    """Those of the configuration. Raises CommandError."""
    try:
        return tuple(parse_witness_key(each.key) for each in house.config.audit.witnesses)
    except NoteError as problem:
        raise CommandError(f"audit.witnesses: {problem}") from None


def witnessed_file(house: House, given: Path | None) -> CheckpointFile | None:
    """The co-signed notes: a witness's own (`tigertally-witness --show`), or those that it sent us.
    Raises CommandError.
    """
    path = given or house.config.log_dir / "witnessed.notes"
    if given is None and not path.exists():
        return None
    try:
        return CheckpointFile.at(path)
    except OSError as problem:
        raise CommandError(f"cannot read the co-signed notes {path}: {problem.strerror}") from None


def rounds_log(house: House, conn: Connection) -> tuple[RoundsLog, list[Finding]]:
    """The log of rounds with its stamps, and what is wrong with those."""
    good, bad = evidence.time_stamps(house.config.log_dir, _authorities(house))
    log = RoundsLog(
        audit_rounds.rounds(conn),
        lambda shard: reading.checkpoint_notes(conn, shard),
        house.environment.installation.shards,
        tuple(good),
    )
    return log, bad


def tiles(house: House, trust: Trust) -> list[Finding]:
    """What is wrong with the published tiles."""
    shards = house.environment.installation.shards
    return list(evidence.check_tiles(house.config.log_dir, trust, shards))


def _authorities(house: House) -> list[Certificate]:
    path = house.config.audit.time_stamps.ca_file
    if not path:
        return []
    try:
        return load_authorities(Path(path).read_bytes())
    except OSError as problem:
        raise CommandError(f"audit.time_stamps.ca_file: {path}: {problem.strerror}") from None
    except NotGenuine as problem:
        raise CommandError(f"audit.time_stamps.ca_file: {path}: {problem}") from None
