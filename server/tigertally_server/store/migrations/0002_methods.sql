-- Methods of authentication beside tokens. Generic rows: what an engine remembers is a sealed record of its own,
-- so that a new method needs no table.

-- What an engine keeps of a token beside its moving factor (a card's used cells).
ALTER TABLE tigertally.token_state ADD COLUMN extra bytea NOT NULL DEFAULT '';

-- Raised with token_state.static_rev when a token gets another seed. Who waited for the state's lock has the new state
-- beside the old seed; that the two differ tells.
ALTER TABLE tigertally.token ADD COLUMN static_rev integer NOT NULL DEFAULT 1;

CREATE SEQUENCE tigertally.credential_id;
CREATE TABLE tigertally.credential (
    id           bigint   PRIMARY KEY,
    owner_id     bigint   NOT NULL,
    moving       bigint   NOT NULL,
    locked_until bigint   NOT NULL,
    next_try     bigint   NOT NULL,
    changed_at   bigint   NOT NULL,
    valid_from   bigint   NOT NULL,
    valid_to     bigint   NOT NULL,
    last_seq     bigint   NOT NULL,
    rev          integer  NOT NULL,
    key_id       integer  NOT NULL,
    drift        integer  NOT NULL,
    failures     integer  NOT NULL,
    last_shard   smallint NOT NULL,
    kind         smallint NOT NULL,
    state        smallint NOT NULL,
    slot         text     NOT NULL,
    sealed       bytea    NOT NULL
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX credential_owner ON tigertally.credential (owner_id, kind, slot);

-- A keyed digest of something in the sealed record, by which its counters are found without opening it.
ALTER TABLE tigertally.credential ADD COLUMN tag bytea NOT NULL DEFAULT '';

-- Issued, and waiting for its one answer. Rows go two days after they lapsed; the log keeps what happened.
CREATE TABLE tigertally.challenge (
    id         bytea    PRIMARY KEY CHECK (length(id) = 16),
    owner_id   bigint   NOT NULL,
    issued_at  bigint   NOT NULL,
    expires_at bigint   NOT NULL,
    channel_id integer  NOT NULL,
    failures   integer  NOT NULL,
    key_id     integer  NOT NULL,
    rev        integer  NOT NULL,
    kind       smallint NOT NULL,
    state      smallint NOT NULL,
    sealed     bytea    NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX challenge_open ON tigertally.challenge (owner_id, kind) WHERE state = 1;
CREATE INDEX challenge_expires ON tigertally.challenge (expires_at);

-- The outbox: written with the decision, sent afterwards.
CREATE TABLE tigertally.message (
    id           bytea    PRIMARY KEY CHECK (length(id) = 16),
    account_id   bigint   NOT NULL,
    created_at   bigint   NOT NULL,
    expires_at   bigint   NOT NULL,
    next_attempt bigint   NOT NULL,
    channel_id   integer  NOT NULL,
    key_id       integer  NOT NULL,
    attempts     integer  NOT NULL,
    rev          integer  NOT NULL,
    state        smallint NOT NULL,
    purpose      text     NOT NULL,
    gateway      text     NOT NULL,
    gateway_id   text     NOT NULL,
    reason       text     NOT NULL,
    sealed       bytea    NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX message_due ON tigertally.message (next_attempt) WHERE state IN (1, 2);
CREATE INDEX message_at_gateway ON tigertally.message (gateway, gateway_id) WHERE gateway_id <> '';
CREATE INDEX message_expires ON tigertally.message (expires_at);

-- How often was sent to, by or for whom (a keyed digest). One row per shard, so that writers don't wait for one another.
CREATE TABLE tigertally.send_count (
    scope        smallint NOT NULL,
    digest       bytea    NOT NULL,
    window_start bigint   NOT NULL,
    shard        smallint NOT NULL,
    count        integer  NOT NULL,
    PRIMARY KEY (scope, digest, window_start, shard)
) WITH (fillfactor = 70);
CREATE INDEX send_count_window ON tigertally.send_count (window_start);

-- The app role deletes nothing itself; this forgets only what lapsed long ago. Returns how many rows went.
CREATE FUNCTION tigertally.forget_lapsed(now_ms bigint, at_most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    two_days CONSTANT bigint := 172800000;
    gone integer := 0;
    n integer;
BEGIN
    DELETE FROM tigertally.challenge WHERE id IN (
        SELECT id FROM tigertally.challenge WHERE expires_at < now_ms - two_days
            -- Transactions that were verified (kind 5) stay queryable for a month.
            AND (kind <> 5 OR expires_at < now_ms - 15 * two_days)
        ORDER BY id LIMIT at_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS n = ROW_COUNT;
    gone := gone + n;
    -- Delivery stays queryable for a month.
    DELETE FROM tigertally.message WHERE id IN (
        SELECT id FROM tigertally.message WHERE expires_at < now_ms - 15 * two_days
        ORDER BY id LIMIT at_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS n = ROW_COUNT;
    gone := gone + n;
    DELETE FROM tigertally.send_count WHERE (scope, digest, window_start, shard) IN (
        SELECT scope, digest, window_start, shard FROM tigertally.send_count WHERE window_start < now_ms - two_days
        ORDER BY scope, digest, window_start, shard LIMIT at_most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN gone + n;
END $$;
REVOKE ALL ON FUNCTION tigertally.forget_lapsed(bigint, integer) FROM PUBLIC;

GRANT SELECT, INSERT, UPDATE ON tigertally.credential, tigertally.challenge, tigertally.message,
    tigertally.send_count TO tigertally_app;
GRANT USAGE ON SEQUENCE tigertally.credential_id TO tigertally_app;
GRANT EXECUTE ON FUNCTION tigertally.forget_lapsed(bigint, integer) TO tigertally_app;

-- Combinations of factors that the bank asks for by name. A removed one keeps its row: the app role deletes nothing.
CREATE TABLE tigertally.flow_policy (
    institution text    NOT NULL,  -- '' = every institution's
    name        text    NOT NULL,
    expression  text    NOT NULL,
    deadline_s  integer NOT NULL CHECK (deadline_s > 0),
    tries       integer NOT NULL CHECK (tries >= 0),
    removed     boolean NOT NULL,
    PRIMARY KEY (institution, name)
);
CREATE TRIGGER flow_policy_epoch AFTER INSERT OR UPDATE OR DELETE ON tigertally.flow_policy
    FOR EACH STATEMENT EXECUTE FUNCTION tigertally.bump_epoch();
GRANT SELECT, INSERT, UPDATE ON tigertally.flow_policy TO tigertally_app;
GRANT SELECT ON tigertally.flow_policy TO tigertally_auditor;

-- What passwords and PINs must be like: by "password" or "pin", or one of them with a slot behind a stroke.
CREATE TABLE tigertally.password_policy (
    name       text  PRIMARY KEY,
    parameters jsonb NOT NULL
);
CREATE TRIGGER password_policy_epoch AFTER INSERT OR UPDATE OR DELETE ON tigertally.password_policy
    FOR EACH STATEMENT EXECUTE FUNCTION tigertally.bump_epoch();
GRANT SELECT, INSERT, UPDATE ON tigertally.password_policy TO tigertally_app;
GRANT SELECT ON tigertally.password_policy TO tigertally_auditor;

-- Imports of token files. A job reads its file into import_token, seeds sealed as they will stand in the stock;
-- only when all of it is good does it move chunk by chunk into token, each chunk with its entry in the log.
CREATE SEQUENCE tigertally.import_job_id;
CREATE TABLE tigertally.import_job (
    id          bigint   PRIMARY KEY,
    institution text     NOT NULL,
    file        text     NOT NULL,
    sha256      bytea    NOT NULL,
    size        bigint   NOT NULL,
    orders      text     NOT NULL,  -- JSON: how to read the file; names of files, no secret
    operator    text     NOT NULL,
    created_at  bigint   NOT NULL,
    changed_at  bigint   NOT NULL,
    staged      bigint   NOT NULL,  -- tokens read
    chunks      integer  NOT NULL,  -- of them
    moved       integer  NOT NULL,  -- chunks in the stock
    imported    bigint   NOT NULL,  -- tokens in the stock
    there       bigint   NOT NULL,  -- tokens that were there already
    state       smallint NOT NULL,
    report      text     NOT NULL   -- JSON
);
CREATE UNIQUE INDEX import_job_unfinished ON tigertally.import_job (institution, sha256) WHERE state IN (1, 2);
CREATE TABLE tigertally.import_chunk (
    job    bigint  NOT NULL REFERENCES tigertally.import_job (id),
    chunk  integer NOT NULL,
    tokens integer NOT NULL,
    first  text    NOT NULL,
    last   text    NOT NULL,
    moved  boolean NOT NULL DEFAULT false,
    sha256 bytea   NOT NULL,
    PRIMARY KEY (job, chunk)
);
CREATE TABLE tigertally.import_token (
    job        bigint  NOT NULL,
    chunk      integer NOT NULL,
    line       bigint  NOT NULL,
    moving     bigint  NOT NULL,
    valid_from bigint  NOT NULL,
    valid_to   bigint  NOT NULL,
    key_id     integer NOT NULL,
    serial     text    NOT NULL,
    type_name  text    NOT NULL,
    overrides  text    NOT NULL,
    issuer     text    NOT NULL,
    seed       bytea   NOT NULL
);
CREATE INDEX import_token_chunk ON tigertally.import_token (job, chunk);
GRANT SELECT, INSERT, UPDATE ON tigertally.import_job, tigertally.import_chunk TO tigertally_app;
-- The one table from which the app role deletes: what stands here is on its way.
GRANT SELECT, INSERT, DELETE ON tigertally.import_token TO tigertally_app;
GRANT USAGE ON SEQUENCE tigertally.import_job_id TO tigertally_app;
GRANT SELECT ON tigertally.import_job, tigertally.import_chunk TO tigertally_auditor;
