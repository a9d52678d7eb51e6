"""The statements about methods beside tokens (credentials, challenges, messages, counters), asked
only where a batch needs them: a batch of plain OTP runs none.

Same laws as `store.postgres`, which runs them: array statements, keys sorted, locks in id order
after accounts and tokens (credentials, then challenges), updates guarded by `rev`. Each row's
order of columns stands here once, for reading and for writing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from tigertally_engines.otp.state import OtpState
from tigertally_server.domain.challenge import Challenge, ChallengeKind, ChallengeState
from tigertally_server.domain.credential import Credential, CredentialKind, CredentialState
from tigertally_server.domain.message import MessageState, OutgoingMessage
from tigertally_server.domain.send_count import COUNT_DIGEST_BYTES, TAG_SCOPES, SendCount
from tigertally_server.store.arrays import ByteaArray, Int2Array, Int4Array, Int8Array, TextArray
from tigertally_server.store.port import Needs, Writes
from tigertally_server.store.rows import Row

Query = tuple[str, str, Sequence[Any], Callable[[Row], Any]]
"""(field of Loaded, statement, parameters, what a row becomes)."""

Change = tuple[str, Sequence[Any], int]
"""(statement, parameters, rows it must have touched)."""

CREDENTIAL_COLUMNS: Final = (
    "id, owner_id, kind, slot, state, key_id, sealed, moving, drift, failures, locked_until, next_try, changed_at, "
    "valid_from, valid_to, last_shard, last_seq, rev, tag"
)
CHALLENGE_COLUMNS: Final = (
    "id, kind, owner_id, channel_id, state, issued_at, expires_at, failures, key_id, sealed, rev"
)
MESSAGE_COLUMNS: Final = (
    "id, account_id, channel_id, purpose, state, key_id, sealed, created_at, expires_at, attempts, next_attempt, gateway, "
    "gateway_id, reason, rev"
)


def _marks(count: int) -> str:
    return ", ".join(["%b"] * count)


_OWNERS = "FROM tigertally.account a JOIN unnest(%b, %b, %b) AS k (i, c, kind) ON a.institution = k.i AND a.customer = k.c"
# What belongs to those owners. OFFSET 0 keeps it a look-up for each: tables that were empty when the plan was made
# seem cheaper to go through from end to end, with a look for the account of every row.
_CREDENTIALS_OF_OWNERS = (
    f"{_OWNERS} CROSS JOIN LATERAL (SELECT id, tag FROM tigertally.credential "
    "WHERE owner_id = a.id AND kind = k.kind OFFSET 0) AS o"
)
_OPEN_CHALLENGES_OF_OWNERS = (
    f"{_OWNERS} CROSS JOIN LATERAL (SELECT id FROM tigertally.challenge "
    "WHERE owner_id = a.id AND kind = k.kind AND state = 1 OFFSET 0) AS o"
)
_CREDENTIAL_IDS = "SELECT nextval('tigertally.credential_id') FROM generate_series(1, %b)"
_KEY_IDS = "SELECT nextval('tigertally.key_record_id') FROM generate_series(1, %b)"
_CREDENTIALS = (
    f"SELECT {CREDENTIAL_COLUMNS} FROM tigertally.credential WHERE id = ANY (ARRAY(SELECT o.id {_CREDENTIALS_OF_OWNERS})) "
    "ORDER BY id FOR NO KEY UPDATE"
)
_CHALLENGES_BY_ID = f"SELECT {CHALLENGE_COLUMNS} FROM tigertally.challenge WHERE id = ANY (%b) ORDER BY id FOR NO KEY UPDATE"
# One statement for both ways of finding them, or two batches could lock the same rows in two orders.
_CHALLENGES_ALSO_OPEN = (
    f"SELECT {CHALLENGE_COLUMNS} FROM tigertally.challenge WHERE id = ANY (%b || ARRAY(SELECT o.id "
    f"{_OPEN_CHALLENGES_OF_OWNERS})) ORDER BY id FOR NO KEY UPDATE"
)
_MESSAGES = f"SELECT {MESSAGE_COLUMNS} FROM tigertally.message WHERE id = ANY (%b)"
_COUNTED = (
    "SELECT t.s, t.d, c.window_start, sum(c.count) FROM {keys} AS t (s, d) CROSS JOIN LATERAL "
    "(SELECT window_start, count FROM tigertally.send_count WHERE scope = t.s AND digest = t.d OFFSET 0) AS c "
    "GROUP BY t.s, t.d, c.window_start"
)
_COUNTS = _COUNTED.format(keys="unnest(%b, %b)")

_TAG_PARTS = ", ".join(
    f"({int(scope)}::smallint, {1 + number * COUNT_DIGEST_BYTES})"
    for number, scope in enumerate(TAG_SCOPES)
)
# In one statement, or a counter found both ways would be added up twice.
_COUNTS_ALSO_TAGGED = _COUNTED.format(
    keys="(SELECT s, d FROM unnest(%b, %b) AS m (s, d) "
    f"UNION SELECT p.s, substr(o.tag, p.start, {COUNT_DIGEST_BYTES}) {_CREDENTIALS_OF_OWNERS} "
    f"CROSS JOIN (VALUES {_TAG_PARTS}) AS p (s, start) WHERE o.tag <> '')"
)

_INSERT_CREDENTIALS = (
    f"INSERT INTO tigertally.credential ({CREDENTIAL_COLUMNS}) SELECT * FROM unnest({_marks(19)})"
)
_UPDATE_CREDENTIALS = (
    "UPDATE tigertally.credential c SET state = v.state, key_id = v.key_id, sealed = v.sealed, moving = v.moving, "
    "drift = v.drift, failures = v.failures, locked_until = v.locked, next_try = v.next_try, changed_at = v.changed, "
    "valid_from = v.vfrom, valid_to = v.vto, last_shard = v.shard, last_seq = v.seq, rev = v.rev, tag = v.tag "
    f"FROM unnest({_marks(16)}) AS v (id, state, key_id, sealed, moving, drift, failures, locked, next_try, changed, "
    "vfrom, vto, shard, seq, rev, tag) WHERE c.id = v.id AND c.rev = v.rev - 1"
)
_INSERT_CHALLENGES = (
    f"INSERT INTO tigertally.challenge ({CHALLENGE_COLUMNS}) SELECT * FROM unnest({_marks(11)})"
)
_UPDATE_CHALLENGES = (
    "UPDATE tigertally.challenge c SET state = v.state, expires_at = v.expires, failures = v.failures, key_id = v.key_id, "
    f"sealed = v.sealed, rev = v.rev FROM unnest({_marks(7)}) AS v (id, state, expires, failures, key_id, sealed, rev) "
    "WHERE c.id = v.id AND c.rev = v.rev - 1"
)
_INSERT_MESSAGES = (
    f"INSERT INTO tigertally.message ({MESSAGE_COLUMNS}) SELECT * FROM unnest({_marks(15)})"
)
_ADD_COUNTS = (
    "INSERT INTO tigertally.send_count AS c (scope, digest, window_start, shard, count) "
    f"SELECT s, d, w, %b, n FROM unnest({_marks(4)}) AS v (s, d, w, n) "
    "ON CONFLICT (scope, digest, window_start, shard) DO UPDATE SET count = c.count + excluded.count"
)


_NOBODYS: Final = Credential(
    id=0, owner_id=0, kind=CredentialKind.PASSWORD, key_id=0, sealed=bytes(64), changed_at_ms=0
)
"""What `Writes.decoy_credentials` counts: an id that no row has."""


def queries(needs: Needs) -> Iterator[Query]:
    """What a load asks beside accounts and tokens, in the order of the locks."""
    if needs.credential_ids:
        yield "credential_ids", _CREDENTIAL_IDS, (needs.credential_ids,), _first
    if needs.key_ids:
        yield "key_ids", _KEY_IDS, (needs.key_ids,), _first
    if needs.credentials:
        yield "credentials", _CREDENTIALS, _owners(needs.credentials), credential_of
    ids = ByteaArray(sorted(needs.challenges))
    if needs.open_challenges:
        params = (ids, *_owners(needs.open_challenges))
        yield "challenges", _CHALLENGES_ALSO_OPEN, params, challenge_of
    elif needs.challenges:
        yield "challenges", _CHALLENGES_BY_ID, (ids,), challenge_of
    if needs.messages:
        yield "messages", _MESSAGES, (ByteaArray(sorted(needs.messages)),), message_of
    ordered = sorted(needs.counters)
    keys = (Int2Array([s for s, _ in ordered]), ByteaArray([d for _, d in ordered]))
    if needs.tagged_counters:
        tagged = (*keys, *_owners(needs.tagged_counters))
        yield "counts", _COUNTS_ALSO_TAGGED, tagged, _count_of
    elif ordered:
        yield "counts", _COUNTS, keys, _count_of


def changes(writes: Writes) -> Iterator[Change]:
    """What a save writes beside accounts, tokens and entries, in the order of the locks."""
    if writes.new_credentials:
        yield insert_credentials(writes.new_credentials)
    if writes.credentials or writes.decoy_credentials:
        yield _update_credentials(writes.credentials, writes.decoy_credentials)
    if writes.new_challenges:
        yield _insert(_INSERT_CHALLENGES, writes.new_challenges, _challenge_columns)
    if writes.challenges:
        yield _update_challenges(sorted(writes.challenges, key=lambda row: row.id))
    if writes.messages:
        yield _insert(_INSERT_MESSAGES, writes.messages, _message_columns)
    if writes.counts:
        counts = sorted(writes.counts, key=lambda c: (c.scope, c.digest, c.window_start_ms))
        params = (
            writes.head.shard,
            Int2Array([c.scope for c in counts]),
            ByteaArray([c.digest for c in counts]),
            Int8Array([c.window_start_ms for c in counts]),
            Int4Array([c.count for c in counts]),
        )
        yield _ADD_COUNTS, params, len(counts)


def insert_credentials(rows: Sequence[Credential]) -> Change:
    """New credentials."""
    return _insert(_INSERT_CREDENTIALS, rows, _credential_columns)


def _first(row: Row) -> Any:
    return row[0]


def _owners(keys: set[tuple[str, str, int]]) -> Sequence[Any]:
    ordered = sorted(keys)
    return (
        TextArray([institution for institution, _, _ in ordered]),
        TextArray([customer for _, customer, _ in ordered]),
        Int2Array([kind for _, _, kind in ordered]),
    )


def _insert(
    statement: str, rows: Sequence[Any], columns: Callable[[Sequence[Any]], Sequence[Any]]
) -> Change:
    return statement, columns(sorted(rows, key=lambda row: row.id)), len(rows)


def credential_of(row: Row) -> Credential:
    """From CREDENTIAL_COLUMNS."""
    return Credential(
        id=row[0],
        owner_id=row[1],
        kind=CredentialKind(row[2]),
        slot=row[3],
        state=CredentialState(row[4]),
        key_id=row[5],
        sealed=row[6],
        factor=OtpState(*row[7:12]),
        changed_at_ms=row[12],
        valid_from_ms=row[13],
        valid_to_ms=row[14],
        last_shard=row[15],
        last_seq=row[16],
        rev=row[17],
        tag=row[18],
    )


def challenge_of(row: Row) -> Challenge:
    """From CHALLENGE_COLUMNS."""
    return Challenge(
        id=row[0],
        kind=ChallengeKind(row[1]),
        owner_id=row[2],
        channel_id=row[3],
        state=ChallengeState(row[4]),
        issued_at_ms=row[5],
        expires_at_ms=row[6],
        failures=row[7],
        key_id=row[8],
        sealed=row[9],
        rev=row[10],
    )


def message_of(row: Row) -> OutgoingMessage:
    """From MESSAGE_COLUMNS."""
    return OutgoingMessage(
        id=row[0],
        account_id=row[1],
        channel_id=row[2],
        purpose=row[3],
        state=MessageState(row[4]),
        key_id=row[5],
        sealed=row[6],
        created_at_ms=row[7],
        expires_at_ms=row[8],
        attempts=row[9],
        next_attempt_ms=row[10],
        gateway=row[11],
        gateway_id=row[12],
        reason=row[13],
        rev=row[14],
    )


def _count_of(row: Row) -> SendCount:
    return SendCount(*row)


def _credential_columns(rows: Sequence[Credential]) -> Sequence[Any]:
    ids, state, *rest = _changeable_credential_columns(rows)
    owner, kind, slot = (
        Int8Array([c.owner_id for c in rows]),
        Int2Array([c.kind for c in rows]),
        TextArray([c.slot for c in rows]),
    )
    return (ids, owner, kind, slot, state, *rest)


def _update_credentials(rows: Sequence[Credential], decoys: int) -> Change:
    ordered = [*[_NOBODYS] * decoys, *sorted(rows, key=lambda row: row.id)]
    return _UPDATE_CREDENTIALS, _changeable_credential_columns(ordered), len(rows)


def _changeable_credential_columns(rows: Sequence[Credential]) -> Sequence[Any]:
    factors = [c.factor for c in rows]
    return (
        Int8Array([c.id for c in rows]),
        Int2Array([c.state for c in rows]),
        Int4Array([c.key_id for c in rows]),
        ByteaArray([c.sealed for c in rows]),
        Int8Array([f.moving for f in factors]),
        Int4Array([f.drift for f in factors]),
        Int4Array([f.failures for f in factors]),
        Int8Array([f.locked_until_ms for f in factors]),
        Int8Array([f.next_try_ms for f in factors]),
        Int8Array([c.changed_at_ms for c in rows]),
        Int8Array([c.valid_from_ms for c in rows]),
        Int8Array([c.valid_to_ms for c in rows]),
        Int2Array([c.last_shard for c in rows]),
        Int8Array([c.last_seq for c in rows]),
        Int4Array([c.rev for c in rows]),
        ByteaArray([c.tag for c in rows]),
    )


def _challenge_columns(rows: Sequence[Challenge]) -> Sequence[Any]:
    return (
        ByteaArray([c.id for c in rows]),
        Int2Array([c.kind for c in rows]),
        Int8Array([c.owner_id for c in rows]),
        Int4Array([c.channel_id for c in rows]),
        Int2Array([c.state for c in rows]),
        Int8Array([c.issued_at_ms for c in rows]),
        Int8Array([c.expires_at_ms for c in rows]),
        Int4Array([c.failures for c in rows]),
        Int4Array([c.key_id for c in rows]),
        ByteaArray([c.sealed for c in rows]),
        Int4Array([c.rev for c in rows]),
    )


def _update_challenges(rows: Sequence[Challenge]) -> Change:
    params = (
        ByteaArray([c.id for c in rows]),
        Int2Array([c.state for c in rows]),
        Int8Array([c.expires_at_ms for c in rows]),
        Int4Array([c.failures for c in rows]),
        Int4Array([c.key_id for c in rows]),
        ByteaArray([c.sealed for c in rows]),
        Int4Array([c.rev for c in rows]),
    )
    return _UPDATE_CHALLENGES, params, len(rows)


def _message_columns(rows: Sequence[OutgoingMessage]) -> Sequence[Any]:
    return (
        ByteaArray([m.id for m in rows]),
        Int8Array([m.account_id for m in rows]),
        Int4Array([m.channel_id for m in rows]),
        TextArray([m.purpose for m in rows]),
        Int2Array([m.state for m in rows]),
        Int4Array([m.key_id for m in rows]),
        ByteaArray([m.sealed for m in rows]),
        Int8Array([m.created_at_ms for m in rows]),
        Int8Array([m.expires_at_ms for m in rows]),
        Int4Array([m.attempts for m in rows]),
        Int8Array([m.next_attempt_ms for m in rows]),
        TextArray([m.gateway for m in rows]),
        TextArray([m.gateway_id for m in rows]),
        TextArray([m.reason for m in rows]),
        Int4Array([m.rev for m in rows]),
    )
