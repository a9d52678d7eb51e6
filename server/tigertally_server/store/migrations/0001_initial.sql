-- The first schema: what is costly to change later. Run by the owner role; the app role never has DDL.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tigertally_app') THEN
        CREATE ROLE tigertally_app NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tigertally_auditor') THEN
        CREATE ROLE tigertally_auditor NOLOGIN;
    END IF;
END $$;

CREATE SCHEMA tigertally;
REVOKE ALL ON SCHEMA tigertally FROM PUBLIC;
GRANT USAGE ON SCHEMA tigertally TO tigertally_app, tigertally_auditor;

-- One row: what was fixed when the system was installed.
CREATE TABLE tigertally.installation (
    one                   boolean PRIMARY KEY DEFAULT true CHECK (one),
    installation_id       text     NOT NULL,
    created_at            bigint   NOT NULL,
    shards                smallint NOT NULL CHECK (shards BETWEEN 1 AND 256),
    master_check          bytea    NOT NULL,
    master_salt           bytea    NOT NULL,
    checkpoint_public_key bytea    NOT NULL
);

-- Data keys, each sealed under the master key with (id, purpose) as associated data.
CREATE TABLE tigertally.data_key (
    id         integer PRIMARY KEY,
    purpose    text    NOT NULL,
    state      text    NOT NULL CHECK (state IN ('current', 'old')),
    sealed     bytea   NOT NULL,
    check_value bytea  NOT NULL,
    created_at bigint  NOT NULL
);
CREATE UNIQUE INDEX data_key_current ON tigertally.data_key (purpose) WHERE state = 'current';

-- Configuration epoch: every process compares it in each batch, so that a change acts everywhere within a second.
CREATE TABLE tigertally.config_epoch (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch bigint  NOT NULL
);
INSERT INTO tigertally.config_epoch (epoch) VALUES (1);

CREATE FUNCTION tigertally.bump_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tigertally.config_epoch SET epoch = epoch + 1;
    RETURN NULL;
END $$;

CREATE TABLE tigertally.channel (
    id            integer  PRIMARY KEY CHECK (id > 0),
    name          text     NOT NULL UNIQUE,
    institution   text     NOT NULL,
    state         text     NOT NULL CHECK (state IN ('enabled', 'disabled')),
    suite         smallint NOT NULL,
    field_cipher  smallint NOT NULL,
    charset       text     NOT NULL CHECK (charset IN ('utf-8', 'gb18030')),
    valid_from    bigint   NOT NULL,
    valid_to      bigint   NOT NULL,
    addresses     text[]   NOT NULL,
    transactions  integer[] NOT NULL,
    tls_required  boolean  NOT NULL,
    disclose      boolean  NOT NULL,
    rate_per_s    integer  NOT NULL CHECK (rate_per_s >= 0),
    in_flight     integer  NOT NULL CHECK (in_flight > 0),
    connections   integer  NOT NULL CHECK (connections > 0),
    created_at    bigint   NOT NULL
);
CREATE TABLE tigertally.channel_key (
    channel_id  integer  NOT NULL REFERENCES tigertally.channel (id),
    version     integer  NOT NULL CHECK (version BETWEEN 1 AND 65535),
    state       text     NOT NULL CHECK (state IN ('current', 'retiring', 'retired')),
    key_id      integer  NOT NULL REFERENCES tigertally.data_key (id),
    sealed      bytea    NOT NULL,
    check_value bytea    NOT NULL,
    created_at  bigint   NOT NULL,
    PRIMARY KEY (channel_id, version)
);
CREATE TABLE tigertally.token_type (
    name       text  PRIMARY KEY,
    parameters jsonb NOT NULL
);
CREATE TRIGGER channel_epoch AFTER INSERT OR UPDATE OR DELETE ON tigertally.channel
    FOR EACH STATEMENT EXECUTE FUNCTION tigertally.bump_epoch();
CREATE TRIGGER channel_key_epoch AFTER INSERT OR UPDATE OR DELETE ON tigertally.channel_key
    FOR EACH STATEMENT EXECUTE FUNCTION tigertally.bump_epoch();
CREATE TRIGGER token_type_epoch AFTER INSERT OR UPDATE OR DELETE ON tigertally.token_type
    FOR EACH STATEMENT EXECUTE FUNCTION tigertally.bump_epoch();

-- Customers. personal = sealed under the customer's own data key, which is sealed under data_key key_id.
CREATE SEQUENCE tigertally.account_id;
CREATE TABLE tigertally.account (
    id            bigint   PRIMARY KEY,
    institution   text     NOT NULL,
    customer      text     NOT NULL,
    state         smallint NOT NULL,
    registered_at bigint   NOT NULL,
    rev           integer  NOT NULL,
    key_id        integer  NOT NULL,
    data_key      bytea    NOT NULL,
    personal      bytea    NOT NULL,
    UNIQUE (institution, customer)
);

-- Static token data; whatever changes with every verification stands in token_state.
CREATE SEQUENCE tigertally.token_id;
CREATE TABLE tigertally.token (
    id          bigint  PRIMARY KEY,
    institution text    NOT NULL,
    serial      text    NOT NULL,
    type_name   text    NOT NULL REFERENCES tigertally.token_type (name),
    overrides   text    NOT NULL,
    issuer      text    NOT NULL,
    imported_at bigint  NOT NULL,
    key_id      integer NOT NULL,
    seed        bytea   NOT NULL,
    UNIQUE (institution, serial)
);

-- Narrow and mutable. Everything that can withdraw an approval stands in this locked row.
CREATE TABLE tigertally.token_state (
    id           bigint   PRIMARY KEY,
    owner_id     bigint   NOT NULL,
    moving       bigint   NOT NULL,
    locked_until bigint   NOT NULL,
    next_try     bigint   NOT NULL,
    valid_from   bigint   NOT NULL,
    valid_to     bigint   NOT NULL,
    last_seq     bigint   NOT NULL,
    rev          integer  NOT NULL,
    static_rev   integer  NOT NULL,
    drift        integer  NOT NULL,
    failures     integer  NOT NULL,
    last_shard   smallint NOT NULL,
    owner_state  smallint NOT NULL,
    state        smallint NOT NULL
) WITH (fillfactor = 70);  -- room for HOT updates, which clean up after themselves
CREATE INDEX token_state_owner ON tigertally.token_state (owner_id) WHERE owner_id <> 0;

-- One row per transaction: idempotency record, stored outcome, verification query and audit leaf at once.
CREATE TABLE tigertally.entry (
    business_day    integer  NOT NULL,
    channel_id      integer  NOT NULL,
    serial          bigint   NOT NULL,
    seq             bigint   NOT NULL,
    at_ms           bigint   NOT NULL,
    user_id         bigint   NOT NULL,
    token_id        bigint   NOT NULL,
    previous_seq    bigint   NOT NULL,
    result          integer  NOT NULL,
    transaction     integer  NOT NULL,
    outcome_key_id  integer  NOT NULL,
    personal_key_id integer  NOT NULL,
    shard           smallint NOT NULL,
    previous_shard  smallint NOT NULL,
    phase           smallint NOT NULL,
    version         smallint NOT NULL,
    reference       text     NOT NULL,
    digest          bytea    NOT NULL,
    outcome         bytea    NOT NULL,
    personal        bytea    NOT NULL,
    leaf            bytea    NOT NULL
) PARTITION BY RANGE (business_day);
CREATE UNIQUE INDEX entry_serial ON tigertally.entry (business_day, channel_id, serial, phase);
CREATE UNIQUE INDEX entry_position ON tigertally.entry (business_day, shard, seq);
CREATE INDEX entry_reference ON tigertally.entry (business_day, channel_id, reference) WHERE reference <> '';

-- The app role may make the partitions of days to come without having DDL itself.
CREATE FUNCTION tigertally.ensure_partitions(first_day integer, last_day integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made integer := 0;
BEGIN
    IF last_day - first_day > 400 THEN
        RAISE EXCEPTION 'at most 400 days at once';
    END IF;
    FOR d IN first_day..last_day LOOP
        IF to_regclass(format('tigertally.entry_%s', d)) IS NULL THEN
            PERFORM pg_advisory_xact_lock(7117, 1);
            IF to_regclass(format('tigertally.entry_%s', d)) IS NULL THEN
                EXECUTE format('CREATE TABLE tigertally.entry_%s PARTITION OF tigertally.entry '
                               'FOR VALUES FROM (%s) TO (%s) '
                               -- Append-only and read by key: a vacuum every 20 %% of growth, while the
                               -- bank is at work, would be for nothing.
                               'WITH (autovacuum_vacuum_insert_threshold = 5000000, '
                               'autovacuum_analyze_threshold = 1000000)', d, d, d + 1);
                made := made + 1;
            END IF;
        END IF;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION tigertally.ensure_partitions(integer, integer) FROM PUBLIC;

CREATE TABLE tigertally.shard_head (
    shard    smallint PRIMARY KEY,
    size     bigint   NOT NULL,
    frontier bytea    NOT NULL,
    root     bytea    NOT NULL,
    mac      bytea    NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE tigertally.checkpoint (
    shard smallint NOT NULL,
    size  bigint   NOT NULL,
    at_ms bigint   NOT NULL,
    note  text     NOT NULL,
    PRIMARY KEY (shard, size)
);

GRANT SELECT, INSERT ON tigertally.entry, tigertally.checkpoint TO tigertally_app;
GRANT SELECT, INSERT, UPDATE ON tigertally.account, tigertally.token, tigertally.token_state,
    tigertally.channel, tigertally.channel_key, tigertally.token_type, tigertally.data_key TO tigertally_app;
GRANT SELECT, INSERT ON tigertally.installation TO tigertally_app;
GRANT SELECT, UPDATE ON tigertally.config_epoch TO tigertally_app;
GRANT SELECT, INSERT, UPDATE ON tigertally.shard_head TO tigertally_app;
GRANT USAGE ON SEQUENCE tigertally.account_id, tigertally.token_id TO tigertally_app;
GRANT EXECUTE ON FUNCTION tigertally.ensure_partitions(integer, integer) TO tigertally_app;
GRANT SELECT ON tigertally.entry, tigertally.checkpoint, tigertally.shard_head, tigertally.installation,
    tigertally.channel, tigertally.token_type TO tigertally_auditor;
