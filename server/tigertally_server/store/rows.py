"""Rows to records and back: one place that knows the order of columns."""

from __future__ import annotations

from typing import Any, Final

from tigertally_engines.otp.state import OtpState
from tigertally_server.domain.account import Account
from tigertally_server.domain.channel import Channel, ChannelKey, ChannelKeyState, ChannelState
from tigertally_server.domain.entry import Entry, ShardHead, StoredEntry
from tigertally_server.domain.flow_policy import FlowPolicy
from tigertally_server.domain.token import Token, TokenState
from tigertally_server.store.port import Conflict, QueriedEntry

Row = tuple[Any, ...]

# Calling an enumeration costs more than a row's other twenty columns together.
_TOKEN_STATES: Final = {state.value: state for state in TokenState}

ENTRY_COLUMNS: Final = (
    "shard, seq, business_day, channel_id, serial, phase, transaction, result, at_ms, reference, user_id, token_id, "
    "previous_shard, previous_seq, digest, outcome_key_id, outcome, personal_key_id, personal, version, leaf"
)
ACCOUNT_COLUMNS: Final = (
    "id, institution, customer, state, registered_at, rev, key_id, data_key, personal"
)
TOKEN_COLUMNS: Final = (
    "t.id, t.institution, t.serial, t.type_name, t.overrides, t.key_id, t.seed, s.static_rev, s.owner_id, s.owner_state, "
    "s.state, s.moving, s.drift, s.failures, s.locked_until, s.next_try, s.valid_from, s.valid_to, s.last_shard, s.last_seq, "
    "s.rev, s.extra, t.static_rev"
)
CHANNEL_COLUMNS: Final = (
    "id, name, institution, state, suite, field_cipher, charset, valid_from, valid_to, addresses, transactions, tls_required, "
    "disclose, rate_per_s, in_flight, connections, created_at"
)
FLOW_POLICY_COLUMNS: Final = "institution, name, expression, deadline_s, tries, removed"
CHANNEL_KEY_COLUMNS: Final = "channel_id, version, state, key_id, sealed, check_value, created_at"


def entry_of(row: Row) -> StoredEntry:
    """From ENTRY_COLUMNS."""
    return StoredEntry(Entry(*row[:20]), row[20])


def queried_of(row: Row) -> QueriedEntry:
    """From ENTRY_COLUMNS, institution, customer."""
    return QueriedEntry(Entry(*row[:20]), row[21], row[22])


def account_of(row: Row) -> Account:
    """From ACCOUNT_COLUMNS."""
    return Account(
        id=row[0],
        institution=row[1],
        customer=row[2],
        state=row[3],
        registered_at_ms=row[4],
        rev=row[5],
        key_id=row[6],
        data_key=row[7],
        personal=row[8],
    )


def token_of(row: Row) -> Token:
    """From TOKEN_COLUMNS. Raises Conflict where the token was given another seed meanwhile."""
    if row[7] != row[22]:
        raise Conflict
    return Token(
        id=row[0],
        institution=row[1],
        serial=row[2],
        type_name=row[3],
        overrides=row[4],
        seed_key_id=row[5],
        sealed_seed=row[6],
        static_rev=row[7],
        owner_id=row[8],
        owner_state=row[9],
        state=_TOKEN_STATES[row[10]],
        otp=OtpState(row[11], row[12], row[13], row[14], row[15]),
        valid_from_ms=row[16],
        valid_to_ms=row[17],
        last_shard=row[18],
        last_seq=row[19],
        rev=row[20],
        extra=row[21],
    )


_ACCOUNT_WIDTH: Final = len(ACCOUNT_COLUMNS.split(", "))


def glanced_of(row: Row) -> tuple[Account, Token | None]:
    """From ACCOUNT_COLUMNS, TOKEN_COLUMNS (null where the customer has no token)."""
    token = row[_ACCOUNT_WIDTH:]
    return account_of(row[:_ACCOUNT_WIDTH]), None if token[0] is None else token_of(token)


def channel_of(row: Row) -> Channel:
    """From CHANNEL_COLUMNS."""
    return Channel(
        id=row[0],
        name=row[1],
        institution=row[2],
        state=ChannelState(row[3]),
        suite=row[4],
        field_cipher=row[5],
        charset=row[6],
        valid_from_ms=row[7],
        valid_to_ms=row[8],
        addresses=tuple(row[9]),
        transactions=tuple(row[10]),
        tls_required=row[11],
        disclose=row[12],
        rate_per_s=row[13],
        in_flight=row[14],
        connections=row[15],
        created_at_ms=row[16],
    )


def channel_row(channel: Channel) -> Row:
    """For CHANNEL_COLUMNS."""
    return (
        channel.id,
        channel.name,
        channel.institution,
        channel.state.value,
        channel.suite,
        channel.field_cipher,
        channel.charset,
        channel.valid_from_ms,
        channel.valid_to_ms,
        list(channel.addresses),
        list(channel.transactions),
        channel.tls_required,
        channel.disclose,
        channel.rate_per_s,
        channel.in_flight,
        channel.connections,
        channel.created_at_ms,
    )


def channel_key_of(row: Row) -> ChannelKey:
    """From CHANNEL_KEY_COLUMNS."""
    return ChannelKey(
        channel_id=row[0],
        version=row[1],
        state=ChannelKeyState(row[2]),
        key_id=row[3],
        sealed=row[4],
        check_value=row[5],
        created_at_ms=row[6],
    )


def flow_policy_of(row: Row) -> FlowPolicy:
    """From FLOW_POLICY_COLUMNS."""
    return FlowPolicy(
        institution=row[0],
        name=row[1],
        expression=row[2],
        deadline_s=row[3],
        tries=row[4],
        removed=row[5],
    )


def flow_policy_row(policy: FlowPolicy) -> Row:
    """For FLOW_POLICY_COLUMNS."""
    return (
        policy.institution,
        policy.name,
        policy.expression,
        policy.deadline_s,
        policy.tries,
        policy.removed,
    )


def head_of(row: Row) -> ShardHead:
    """From shard, size, frontier, root, mac."""
    return ShardHead(*row)
