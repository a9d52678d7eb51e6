"""The statements of a batch: array statements over all its rows, each prepared once per connection.

Constants only, composed of constants: nothing of a request is ever part of one.
"""

from __future__ import annotations

from typing import LiteralString

from tigertally_server.store import keys, rows

# Every statement here finds a few hundred rows by key, whatever the size of the table. A plan that was
# made while the tables were small, and is kept, must not become a scan of ten million rows. Planning
# again for each batch's arrays finds the same, and costs as much as twenty rows.
PLANS: LiteralString = (
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; "
    "SET plan_cache_mode = force_generic_plan"
)

EPOCH: LiteralString = "SELECT epoch FROM tigertally.config_epoch"
ENTRIES_BY_SERIAL = (
    f"SELECT {rows.ENTRY_COLUMNS} FROM tigertally.entry e JOIN unnest(%b, %b, %b) AS k (d, c, s) "
    "ON e.business_day = k.d AND e.channel_id = k.c AND e.serial = k.s ORDER BY phase"
)
QUERIED = (
    f"SELECT {', '.join('e.' + name for name in rows.ENTRY_COLUMNS.split(', '))}, coalesce(a.institution, ''), "
    "coalesce(a.customer, '') FROM tigertally.entry e "
)
QUERIED_BY_SERIAL = (
    f"{QUERIED} JOIN unnest(%b, %b, %b) AS k (d, c, s) ON e.business_day = k.d AND e.channel_id = k.c AND e.serial = k.s "
    "LEFT JOIN tigertally.account a ON a.id = e.user_id ORDER BY e.phase"
)
QUERIED_BY_REFERENCE = (
    f"{QUERIED} JOIN unnest(%b, %b, %b) AS k (d, c, r) ON e.business_day = k.d AND e.channel_id = k.c "
    "AND e.reference = k.r AND e.reference <> '' LEFT JOIN tigertally.account a ON a.id = e.user_id ORDER BY e.at_ms"
)
ACCOUNTS = (
    f"SELECT {rows.ACCOUNT_COLUMNS} FROM tigertally.account a "
    "JOIN unnest(%b, %b) AS k (i, c) ON a.institution = k.i AND a.customer = k.c"
)
ACCOUNTS_LOCKED = ACCOUNTS + " ORDER BY a.id FOR NO KEY UPDATE OF a"
TOKENS_OF_USERS = (
    "SELECT id FROM tigertally.token_state WHERE owner_id <> 0 AND owner_id IN (SELECT a.id FROM tigertally.account a "
    "JOIN unnest(%b, %b) AS k (i, c) ON a.institution = k.i AND a.customer = k.c)"
)
TOKENS = (
    f"SELECT {rows.TOKEN_COLUMNS} FROM tigertally.token_state s JOIN tigertally.token t ON t.id = s.id "
    f"WHERE s.id = ANY (ARRAY({TOKENS_OF_USERS})) ORDER BY s.id FOR NO KEY UPDATE OF s"
)
TOKENS_ALSO_BY_SERIAL = (
    f"SELECT {rows.TOKEN_COLUMNS} FROM tigertally.token_state s JOIN tigertally.token t ON t.id = s.id "
    f"WHERE s.id = ANY (ARRAY({TOKENS_OF_USERS} UNION SELECT n.id FROM tigertally.token n "
    "JOIN unnest(%b, %b) AS m (i, s) ON n.institution = m.i AND n.serial = m.s)) ORDER BY s.id FOR NO KEY UPDATE OF s"
)
GLANCE = (
    f"SELECT {', '.join('a.' + name for name in rows.ACCOUNT_COLUMNS.split(', '))}, {rows.TOKEN_COLUMNS} "
    "FROM unnest(%b, %b) AS k (i, c) JOIN tigertally.account a ON a.institution = k.i AND a.customer = k.c "
    "LEFT JOIN tigertally.token_state s ON s.owner_id = a.id AND s.owner_id <> 0 "
    "LEFT JOIN tigertally.token t ON t.id = s.id"
)
HEAD = "SELECT shard, size, frontier, root, mac FROM tigertally.shard_head WHERE shard = %b"
ACCOUNT_IDS = "SELECT nextval('tigertally.account_id') FROM generate_series(1, %b)"
NEXT_TOKEN_IDS = "SELECT nextval('tigertally.token_id') FROM generate_series(1, %b)"

UPDATE_TOKENS = (
    "UPDATE tigertally.token_state s SET owner_id = v.owner, owner_state = v.ostate, state = v.state, moving = v.moving, "
    "drift = v.drift, failures = v.failures, locked_until = v.locked, next_try = v.next_try, last_shard = v.shard, "
    "last_seq = v.seq, rev = v.rev, extra = v.extra FROM unnest(%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b) AS "
    "v (id, owner, ostate, state, extra, moving, drift, failures, locked, next_try, shard, seq, rev) "
    "WHERE s.id = v.id AND s.rev = v.rev - 1"
)
# The index on owner_id must not be touched by a verification, or no update is HOT: owner_id is set
# only where it changes.
UPDATE_TOKENS_HOT = (
    "UPDATE tigertally.token_state s SET moving = v.moving, drift = v.drift, failures = v.failures, "
    "locked_until = v.locked, next_try = v.next_try, last_shard = v.shard, last_seq = v.seq, rev = v.rev "
    "FROM unnest(%b, %b, %b, %b, %b, %b, %b, %b, %b) AS "
    "v (id, moving, drift, failures, locked, next_try, shard, seq, rev) WHERE s.id = v.id AND s.rev = v.rev - 1"
)
INSERT_ACCOUNTS = f"INSERT INTO tigertally.account ({rows.ACCOUNT_COLUMNS}) SELECT * FROM unnest(%b, %b, %b, %b, %b, %b, %b, %b, %b)"
UPDATE_ACCOUNTS = (
    "UPDATE tigertally.account a SET state = v.state, personal = v.personal, rev = v.rev "
    "FROM unnest(%b, %b, %b, %b) AS v (id, state, personal, rev) WHERE a.id = v.id AND a.rev = v.rev - 1"
)
INSERT_ENTRIES = (
    f"INSERT INTO tigertally.entry ({rows.ENTRY_COLUMNS}) "
    "SELECT * FROM unnest(%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b)"
)
UPDATE_HEAD = (
    "UPDATE tigertally.shard_head SET size = %b, frontier = %b, root = %b, mac = %b WHERE shard = %b AND size = %b "
    "RETURNING (SELECT epoch FROM tigertally.config_epoch)"
)


# Epoch first: a change between the statements is then seen as a later epoch and loaded again.
CONFIGURATION: tuple[LiteralString, ...] = (
    EPOCH,
    f"SELECT {rows.CHANNEL_COLUMNS} FROM tigertally.channel ORDER BY id",
    f"SELECT {rows.CHANNEL_KEY_COLUMNS} FROM tigertally.channel_key WHERE state <> 'retired' ORDER BY channel_id, version",
    "SELECT name, parameters::text FROM tigertally.token_type",
    "SELECT name, parameters::text FROM tigertally.password_policy",
    f"SELECT {rows.FLOW_POLICY_COLUMNS} FROM tigertally.flow_policy WHERE NOT removed",
    keys.READ,
)

# ---------------------------------------------------------------- operators

# For operators who don't have the channels' keys.
CONFIGURATION_WITHOUT_KEYS: tuple[LiteralString, ...] = (
    *CONFIGURATION[:2],
    "SELECT channel_id, version, state, key_id, ''::bytea, check_value, created_at FROM tigertally.channel_key WHERE state <> 'retired' ORDER BY channel_id, version",
    *CONFIGURATION[3:-1],
)
# The log takes nothing but operators' acts from them, and notes their login beside each.
APPEND_ENTRIES: LiteralString = "SELECT tigertally.append_entries(%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b)"
ADVANCE_HEAD: LiteralString = "SELECT tigertally.advance_head(%b, %b, %b, %b, %b::smallint, %b)"
