-- Keys as records of their own, the audit log carried to its goal, operators in three roles.

-- ---------------------------------------------------------------- keys
-- Every key a record: master (no bytes), key-encryption, data and working keys. `sealed` is under the key `parent`
-- (0: under the master key itself, as before there were key-encryption keys; the program seals those anew at its start).
ALTER TABLE tigertally.data_key RENAME TO key_record;
ALTER TABLE tigertally.key_record DROP CONSTRAINT data_key_state_check;
ALTER TABLE tigertally.key_record
    ADD CONSTRAINT key_record_state CHECK (state IN ('pre-active', 'current', 'old', 'compromised', 'destroyed',
        'destroyed-compromised')),
    ADD COLUMN level      text    NOT NULL DEFAULT 'data' CHECK (level IN ('master', 'key-encryption', 'data', 'working')),
    ADD COLUMN owner      text    NOT NULL DEFAULT '',
    ADD COLUMN name       text    NOT NULL DEFAULT '',
    ADD COLUMN algorithm  text    NOT NULL DEFAULT 'aes-256',
    ADD COLUMN generation integer NOT NULL DEFAULT 1 CHECK (generation > 0),
    ADD COLUMN parent     integer NOT NULL DEFAULT 0,
    ADD COLUMN exportable boolean NOT NULL DEFAULT false,
    ADD COLUMN changed_at bigint  NOT NULL DEFAULT 0,
    ADD COLUMN expires_at bigint  NOT NULL DEFAULT 253402300799000,
    ADD CONSTRAINT key_record_destroyed CHECK (state NOT IN ('destroyed', 'destroyed-compromised') OR sealed = '');
DROP INDEX tigertally.data_key_current;
CREATE UNIQUE INDEX key_record_current ON tigertally.key_record (level, owner, purpose, name) WHERE state = 'current';
CREATE UNIQUE INDEX key_record_generation ON tigertally.key_record (level, owner, purpose, name, generation);
CREATE SEQUENCE tigertally.key_record_id AS integer;
SELECT setval('tigertally.key_record_id', max(id) + 1, false) FROM tigertally.key_record HAVING max(id) IS NOT NULL;
GRANT USAGE ON SEQUENCE tigertally.key_record_id TO tigertally_app;
GRANT UPDATE (master_check, master_salt) ON tigertally.installation TO tigertally_app;
CREATE TRIGGER key_record_epoch AFTER INSERT OR UPDATE OR DELETE ON tigertally.key_record
    FOR EACH STATEMENT EXECUTE FUNCTION tigertally.bump_epoch();

-- Sealing rows anew under the current key: how far each table is. Kept, so that it goes on where it stopped.
CREATE TABLE tigertally.rewrap (
    part        text   PRIMARY KEY,
    target      integer NOT NULL,   -- the key under which every row shall be
    position    text   NOT NULL,    -- the last row looked at, '' = none
    seen        bigint NOT NULL,
    sealed_anew bigint NOT NULL,
    failed      bigint NOT NULL,    -- rows that don't open; left as they are
    total       bigint NOT NULL,    -- rows when it began, about
    started_at  bigint NOT NULL,
    changed_at  bigint NOT NULL,
    finished_at bigint NOT NULL     -- 0 = not yet
);
GRANT SELECT, INSERT, UPDATE ON tigertally.rewrap TO tigertally_app;
GRANT UPDATE (key_id, seed) ON tigertally.import_token TO tigertally_app;

-- ---------------------------------------------------------------- operators in three roles
-- system installs, configures and operates; security has keys, policies, customers, tokens and approvals; the auditor
-- reads the log and verifies it. Persons log in as themselves and are members of one of these.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tigertally_system') THEN
        CREATE ROLE tigertally_system NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tigertally_security') THEN
        CREATE ROLE tigertally_security NOLOGIN;
    END IF;
END $$;
GRANT USAGE ON SCHEMA tigertally TO tigertally_system, tigertally_security;

-- Each operator's process seals the entry of its own act, so it opens the keys; what they seal is granted to few.
GRANT SELECT ON tigertally.key_record, tigertally.installation, tigertally.config_epoch, tigertally.channel,
    tigertally.token_type, tigertally.password_policy, tigertally.flow_policy, tigertally.shard_head
    TO tigertally_system, tigertally_security, tigertally_auditor;
GRANT SELECT (channel_id, version, state, key_id, check_value, created_at) ON tigertally.channel_key
    TO tigertally_system, tigertally_auditor;
GRANT UPDATE ON tigertally.config_epoch TO tigertally_system, tigertally_security;

GRANT INSERT, UPDATE ON tigertally.channel TO tigertally_system;
GRANT SELECT (id, account_id, created_at, expires_at, next_attempt, channel_id, attempts, rev, state, purpose, gateway,
    gateway_id, reason) ON tigertally.message TO tigertally_system;
GRANT EXECUTE ON FUNCTION tigertally.ensure_partitions(integer, integer) TO tigertally_system, tigertally_security;

GRANT INSERT, UPDATE ON tigertally.channel, tigertally.token_type, tigertally.password_policy, tigertally.flow_policy,
    tigertally.key_record TO tigertally_security;
GRANT SELECT, INSERT, UPDATE ON tigertally.channel_key, tigertally.account, tigertally.token, tigertally.token_state,
    tigertally.credential, tigertally.challenge, tigertally.message, tigertally.send_count, tigertally.import_job,
    tigertally.import_chunk, tigertally.rewrap TO tigertally_security;
GRANT SELECT, INSERT, DELETE ON tigertally.import_token TO tigertally_security;
GRANT UPDATE (master_check, master_salt) ON tigertally.installation TO tigertally_security;
GRANT USAGE ON SEQUENCE tigertally.account_id, tigertally.token_id, tigertally.credential_id, tigertally.import_job_id,
    tigertally.key_record_id TO tigertally_security;

-- By number, to find a customer's entries; nothing sealed of a customer.
GRANT SELECT (id, institution, customer) ON tigertally.account TO tigertally_auditor;
GRANT SELECT (id, owner_id, last_shard, last_seq) ON tigertally.token_state TO tigertally_auditor;

-- ---------------------------------------------------------------- the operators' way into the log
-- An operator may append entries of the house and nothing else; PostgreSQL itself notes who was logged in.
CREATE TABLE tigertally.entry_operator (
    shard    smallint NOT NULL,
    seq      bigint   NOT NULL,
    operator text     NOT NULL,  -- the session's login
    at_ms    bigint   NOT NULL,  -- by the database's clock
    PRIMARY KEY (shard, seq)
);
GRANT SELECT ON tigertally.entry_operator TO tigertally_auditor;

CREATE FUNCTION tigertally.now_ms() RETURNS bigint LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS
    'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

CREATE FUNCTION tigertally.append_entries(
    shards smallint[], seqs bigint[], days integer[], channels integer[], serials bigint[], phases smallint[],
    transactions integer[], results integer[], ats bigint[], refs text[], users bigint[], tokens bigint[],
    previous_shards smallint[], previous_seqs bigint[], digests bytea[], outcome_keys integer[], outcomes bytea[],
    personal_keys integer[], personals bytea[], versions smallint[], leaves bytea[]) RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- 6: the phase of operators' acts.
    IF channels <> array_fill(0, ARRAY[cardinality(seqs)]) OR phases <> array_fill(6::smallint, ARRAY[cardinality(seqs)]) THEN
        RAISE insufficient_privilege USING MESSAGE = 'operators append entries of the house only';
    END IF;
    INSERT INTO tigertally.entry_operator SELECT s, q, session_user, tigertally.now_ms() FROM unnest(shards, seqs) AS v (s, q);
    RETURN QUERY INSERT INTO tigertally.entry (shard, seq, business_day, channel_id, serial, phase, transaction, result, at_ms,
            reference, user_id, token_id, previous_shard, previous_seq, digest, outcome_key_id, outcome, personal_key_id,
            personal, version, leaf)
        SELECT * FROM unnest(shards, seqs, days, channels, serials, phases, transactions, results, ats, refs, users, tokens,
            previous_shards, previous_seqs, digests, outcome_keys, outcomes, personal_keys, personals, versions, leaves)
        RETURNING entry.seq;
END $$;
-- The head grows by what was appended in this way, and by no more.
CREATE FUNCTION tigertally.advance_head(
    new_size bigint, new_frontier bytea, new_root bytea, new_mac bytea, of_shard smallint, old_size bigint)
    RETURNS SETOF bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF new_size <= old_size OR new_size - old_size <>
        (SELECT count(*) FROM tigertally.entry_operator o WHERE o.shard = of_shard AND o.seq >= old_size) THEN
        RAISE insufficient_privilege USING MESSAGE = 'the head grows by entries that were appended';
    END IF;
    RETURN QUERY UPDATE tigertally.shard_head h SET size = new_size, frontier = new_frontier, root = new_root, mac = new_mac
        WHERE h.shard = of_shard AND h.size = old_size RETURNING (SELECT epoch FROM tigertally.config_epoch);
END $$;

-- ---------------------------------------------------------------- dual control
-- Whoever holds one role only is a separate operator. Where there is none, one person holds everything, and nobody
-- could approve: dual control is in force from the first separate operator on.
CREATE FUNCTION tigertally.roles_of(login name) RETURNS text[] LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS
    $$ SELECT array_agg(r ORDER BY r) FROM unnest(ARRAY['tigertally_auditor', 'tigertally_security', 'tigertally_system']) AS v (r)
       WHERE pg_has_role(login, r, 'MEMBER') $$;
CREATE FUNCTION tigertally.operators() RETURNS TABLE (login text, roles text[]) LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp AS
    $$ SELECT rolname::text, tigertally.roles_of(rolname) FROM pg_roles
       WHERE rolcanlogin AND NOT rolsuper
         AND rolname NOT IN ('tigertally_auditor', 'tigertally_security', 'tigertally_system')
         AND tigertally.roles_of(rolname) IS NOT NULL ORDER BY 1 $$;
CREATE FUNCTION tigertally.separated() RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS
    $$ SELECT EXISTS (SELECT FROM tigertally.operators() WHERE cardinality(roles) < 3) $$;

CREATE TABLE tigertally.dual_control (
    verb      text    PRIMARY KEY,
    requester text    NOT NULL,
    approver  text    NOT NULL,
    needed    boolean NOT NULL DEFAULT true,
    valid_s   integer NOT NULL DEFAULT 86400 CHECK (valid_s BETWEEN 60 AND 604800)
);
INSERT INTO tigertally.dual_control (verb, requester, approver) VALUES
    ('audit reveal', 'tigertally_auditor', 'tigertally_security'),
    ('user reveal', 'tigertally_security', 'tigertally_security'),
    ('user erase', 'tigertally_security', 'tigertally_security'),
    ('key destroy', 'tigertally_security', 'tigertally_security'),
    ('operator add', 'tigertally_security', 'tigertally_security'),
    ('operator remove', 'tigertally_security', 'tigertally_security'),
    ('approval policy', 'tigertally_security', 'tigertally_security');

CREATE SEQUENCE tigertally.approval_id;
CREATE TABLE tigertally.approval (
    id           bigint   PRIMARY KEY,
    verb         text     NOT NULL REFERENCES tigertally.dual_control (verb),
    subject      text     NOT NULL,  -- an entry's place, a customer's or a key's id: what it is bound to
    state        text     NOT NULL CHECK (state IN ('requested', 'approved', 'refused', 'used')),
    requested_by text     NOT NULL,  -- the session's login
    requested_os text     NOT NULL,
    requested_at bigint   NOT NULL,  -- by the database's clock, as all times here
    expires_at   bigint   NOT NULL,
    decided_by   text     NOT NULL DEFAULT '',
    decided_os   text     NOT NULL DEFAULT '',
    decided_at   bigint   NOT NULL DEFAULT 0,
    used_at      bigint   NOT NULL DEFAULT 0,
    key_id       integer  NOT NULL,
    sealed       bytea    NOT NULL   -- the reason
);
CREATE INDEX approval_open ON tigertally.approval (verb, subject) WHERE state IN ('requested', 'approved');
GRANT SELECT ON tigertally.approval, tigertally.dual_control TO tigertally_system, tigertally_security, tigertally_auditor;
GRANT SELECT, UPDATE (key_id, sealed) ON tigertally.approval TO tigertally_app;
GRANT UPDATE (key_id, sealed) ON tigertally.approval TO tigertally_security;  -- sealing anew
GRANT USAGE ON SEQUENCE tigertally.approval_id TO tigertally_system, tigertally_security, tigertally_auditor;

CREATE FUNCTION tigertally.approval_needed(of_verb text) RETURNS boolean LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp AS
    $$ SELECT tigertally.separated() AND (SELECT needed FROM tigertally.dual_control WHERE verb = of_verb) $$;

CREATE FUNCTION tigertally.request_approval(
    new_id bigint, of_verb text, of_subject text, os_user text, reason_key integer, reason bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rule tigertally.dual_control;
BEGIN
    SELECT * INTO STRICT rule FROM tigertally.dual_control WHERE verb = of_verb;
    IF NOT pg_has_role(session_user, rule.requester, 'MEMBER') THEN
        RAISE insufficient_privilege USING MESSAGE = format('%s is for %s', of_verb, rule.requester);
    END IF;
    INSERT INTO tigertally.approval (id, verb, subject, state, requested_by, requested_os, requested_at, expires_at,
            decided_by, decided_at, key_id, sealed)
        SELECT new_id, of_verb, of_subject, CASE WHEN needed THEN 'requested' ELSE 'approved' END, session_user, os_user, now,
            now + rule.valid_s * 1000::bigint, CASE WHEN needed THEN '' ELSE 'nobody: not needed' END,
            CASE WHEN needed THEN 0 ELSE now END, reason_key, reason
        FROM (SELECT tigertally.approval_needed(of_verb) AS needed, tigertally.now_ms() AS now) AS v;
END $$;

CREATE FUNCTION tigertally.decide_approval(of_id bigint, approve boolean, os_user text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    asked tigertally.approval;
    rule tigertally.dual_control;
BEGIN
    SELECT * INTO asked FROM tigertally.approval WHERE id = of_id FOR UPDATE;
    IF NOT FOUND OR asked.state <> 'requested' OR asked.expires_at <= tigertally.now_ms() THEN
        RAISE insufficient_privilege USING MESSAGE = 'there is no open request of that number';
    END IF;
    SELECT * INTO STRICT rule FROM tigertally.dual_control WHERE verb = asked.verb;
    IF NOT pg_has_role(session_user, rule.approver, 'MEMBER') THEN
        RAISE insufficient_privilege USING MESSAGE = format('%s is approved by %s', asked.verb, rule.approver);
    END IF;
    -- Two logins of one person are one person, as far as the operating system knows.
    IF asked.requested_by = session_user OR asked.requested_os = os_user THEN
        RAISE insufficient_privilege USING MESSAGE = 'nobody decides on a request of his own';
    END IF;
    UPDATE tigertally.approval SET state = CASE WHEN approve THEN 'approved' ELSE 'refused' END, decided_by = session_user,
        decided_os = os_user, decided_at = tigertally.now_ms() WHERE id = of_id;
END $$;

-- Once, by who asked, for what was asked, in time.
CREATE FUNCTION tigertally.use_approval(of_id bigint, of_verb text, of_subject text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE tigertally.approval SET state = 'used', used_at = tigertally.now_ms()
        WHERE id = of_id AND verb = of_verb AND subject = of_subject AND state = 'approved'
          AND requested_by = session_user AND expires_at > tigertally.now_ms();
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'not approved, not for this, not by you, used before or too late';
    END IF;
END $$;

CREATE FUNCTION tigertally.set_dual_control(approval bigint, of_verb text, need boolean, seconds integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM tigertally.use_approval(approval, 'approval policy', format('%s=%s/%s', of_verb, need::integer, seconds));
    UPDATE tigertally.dual_control SET needed = need, valid_s = seconds WHERE verb = of_verb;
    IF NOT FOUND THEN
        RAISE no_data_found;
    END IF;
END $$;

-- The customer's wrapped key, without which the personal part of an entry is nothing but ciphertext: only behind a used
-- approval for that very entry, for ten minutes. No row: the entry concerns no customer.
CREATE FUNCTION tigertally.key_for_reveal(approval bigint, of_shard smallint, of_seq bigint, of_day integer)
    RETURNS TABLE (institution text, customer text, key_id integer, data_key bytea)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM tigertally.approval a WHERE a.id = approval AND a.verb = 'audit reveal' AND a.state = 'used'
        AND a.subject = format('%s:%s', of_shard, of_seq) AND a.requested_by = session_user
        AND a.used_at > tigertally.now_ms() - 600000;
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'there is no approval for this entry';
    END IF;
    RETURN QUERY SELECT a.institution, a.customer, a.key_id, a.data_key FROM tigertally.account a
        WHERE a.id = (SELECT e.user_id FROM tigertally.entry e WHERE e.business_day = of_day AND e.shard = of_shard
            AND e.seq = of_seq AND e.user_id <> 0);
END $$;

-- An operator's destruction of a key is the use of an approval for that key, in the same act.
CREATE FUNCTION tigertally.destruction_is_approved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF tigertally.approval_needed('key destroy') AND NOT EXISTS (
        SELECT FROM tigertally.approval a WHERE a.verb = 'key destroy' AND a.subject = NEW.id::text AND a.state = 'used'
            AND a.requested_by = session_user AND a.used_at > tigertally.now_ms() - 60000) THEN
        RAISE insufficient_privilege USING MESSAGE = 'the destruction of this key is not approved';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER key_record_destroyed BEFORE UPDATE ON tigertally.key_record
    FOR EACH ROW WHEN (OLD.sealed <> '' AND NEW.sealed = '') EXECUTE FUNCTION tigertally.destruction_is_approved();

-- ---------------------------------------------------------------- erasing a customer
-- The key goes, and with it everything that was sealed under it, here and in the log; what stood beside it goes, too.
-- The number makes room (with a blank, as no request can name it): the bank may register the same person as another.
ALTER TABLE tigertally.account ADD COLUMN erased_at bigint NOT NULL DEFAULT 0;
CREATE FUNCTION tigertally.erase_customer(approval bigint, of_account bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM tigertally.use_approval(approval, 'user erase', of_account::text);
    UPDATE tigertally.account SET customer = format('erased %s', id), data_key = '', personal = '', rev = rev + 1,
        erased_at = tigertally.now_ms() WHERE id = of_account AND state = 2 AND erased_at = 0;
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'only a closed customer is erased, and only once';
    END IF;
    DELETE FROM tigertally.credential WHERE owner_id = of_account;
    DELETE FROM tigertally.challenge WHERE owner_id = of_account;
    DELETE FROM tigertally.message WHERE account_id = of_account;
    -- 7: void. The tokens keep their owner's id, under which nobody is known any more.
    UPDATE tigertally.token_state SET state = 7, extra = '', rev = rev + 1 WHERE owner_id = of_account;
END $$;

REVOKE ALL ON FUNCTION
    tigertally.append_entries(smallint[], bigint[], integer[], integer[], bigint[], smallint[], integer[], integer[],
        bigint[], text[], bigint[], bigint[], smallint[], bigint[], bytea[], integer[], bytea[], integer[], bytea[],
        smallint[], bytea[]),
    tigertally.advance_head(bigint, bytea, bytea, bytea, smallint, bigint),
    tigertally.request_approval(bigint, text, text, text, integer, bytea),
    tigertally.decide_approval(bigint, boolean, text),
    tigertally.use_approval(bigint, text, text),
    tigertally.set_dual_control(bigint, text, boolean, integer),
    tigertally.key_for_reveal(bigint, smallint, bigint, integer),
    tigertally.erase_customer(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    tigertally.append_entries(smallint[], bigint[], integer[], integer[], bigint[], smallint[], integer[], integer[],
        bigint[], text[], bigint[], bigint[], smallint[], bigint[], bytea[], integer[], bytea[], integer[], bytea[],
        smallint[], bytea[]),
    tigertally.advance_head(bigint, bytea, bytea, bytea, smallint, bigint),
    tigertally.request_approval(bigint, text, text, text, integer, bytea),
    tigertally.use_approval(bigint, text, text)
    TO tigertally_system, tigertally_security, tigertally_auditor;
GRANT EXECUTE ON FUNCTION tigertally.decide_approval(bigint, boolean, text) TO tigertally_security;
GRANT EXECUTE ON FUNCTION tigertally.set_dual_control(bigint, text, boolean, integer),
    tigertally.erase_customer(bigint, bigint) TO tigertally_security;
GRANT EXECUTE ON FUNCTION tigertally.key_for_reveal(bigint, smallint, bigint, integer) TO tigertally_auditor;

-- ---------------------------------------------------------------- the audit log's outside witnesses
-- The public key that signs checkpoints, by generation; `note`: the change that the old and the new key both signed,
-- empty for the first. `place`: where the private key lies ("file", "hsm:LABEL"). What is here is evidence, not trust:
-- whoever verifies begins with the first public key, which he has from elsewhere.
CREATE TABLE tigertally.checkpoint_key (
    generation integer PRIMARY KEY CHECK (generation > 0),
    public_key bytea   NOT NULL,
    place      text    NOT NULL,
    at_ms      bigint  NOT NULL,
    note       text    NOT NULL
);
INSERT INTO tigertally.checkpoint_key
    SELECT 1, checkpoint_public_key, 'file', created_at, '' FROM tigertally.installation;

-- Rounds: the state of every shard as one leaf of a log of its own, with that log's signed checkpoint.
CREATE TABLE tigertally.audit_round (
    number bigint PRIMARY KEY CHECK (number >= 0),
    at_ms  bigint NOT NULL,
    record text   NOT NULL,
    note   text   NOT NULL
);

-- How many entries of all shards are signed and on disk outside: every process compares it with the heads.
CREATE TABLE tigertally.audit_published (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    entries bigint  NOT NULL,
    at_ms   bigint  NOT NULL
);
INSERT INTO tigertally.audit_published (entries, at_ms) VALUES (0, 0);

GRANT SELECT, INSERT ON tigertally.checkpoint_key, tigertally.audit_round TO tigertally_app;
GRANT SELECT, UPDATE ON tigertally.audit_published TO tigertally_app;
GRANT SELECT ON tigertally.checkpoint_key, tigertally.audit_round, tigertally.audit_published
    TO tigertally_system, tigertally_security, tigertally_auditor;
GRANT INSERT ON tigertally.checkpoint_key TO tigertally_security;

-- ---------------------------------------------------------------- the log: months, append-only, archive
-- Partitions by month. Each look-up opens every partition, so a year of days cost twenty times what a month of them does.
DO $$
DECLARE
    epoch CONSTANT date := '1970-01-01';
    of_month record;
    part regclass;
BEGIN
    FOR of_month IN
        SELECT date_trunc('month', epoch + substring(c.relname FROM 7)::integer)::date AS first, array_agg(c.oid::regclass) AS days
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'tigertally.entry'::regclass AND c.relname ~ '^entry_\d+$' GROUP BY 1
    LOOP
        FOREACH part IN ARRAY of_month.days LOOP
            EXECUTE format('ALTER TABLE tigertally.entry DETACH PARTITION %s', part);
        END LOOP;
        EXECUTE format('CREATE TABLE tigertally.%I PARTITION OF tigertally.entry FOR VALUES FROM (%s) TO (%s) WITH '
                       '(autovacuum_vacuum_insert_threshold = 5000000, autovacuum_analyze_threshold = 1000000)',
                       to_char(of_month.first, '"entry_"YYYY"_"MM'), of_month.first - epoch,
                       (of_month.first + interval '1 month')::date - epoch);
        FOREACH part IN ARRAY of_month.days LOOP
            EXECUTE format('INSERT INTO tigertally.entry SELECT * FROM %s ORDER BY shard, seq', part);
            EXECUTE format('DROP TABLE %s', part);
        END LOOP;
    END LOOP;
END $$;

-- Refused to everybody, the owner included: nothing in this system ever changes or deletes what stands in the log.
CREATE FUNCTION tigertally.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE insufficient_privilege USING MESSAGE = format('%s is append-only: %s is refused to everybody', TG_TABLE_NAME, TG_OP);
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tigertally.entry
    FOR EACH ROW EXECUTE FUNCTION tigertally.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON tigertally.entry
    FOR EACH STATEMENT EXECUTE FUNCTION tigertally.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tigertally.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION tigertally.refuse_change();
DO $$
DECLARE
    part regclass;
BEGIN
    FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'tigertally.entry'::regclass LOOP
        EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %s FOR EACH STATEMENT '
                       'EXECUTE FUNCTION tigertally.refuse_change()', part);
    END LOOP;
END $$;

-- Months that were written into a file outside. From 'kept' on the file is verified and on disk, and the leaves stand
-- here; once 'released', the month's partition is gone.
CREATE TABLE tigertally.archive (
    month       integer PRIMARY KEY,  -- 202611
    state       text    NOT NULL CHECK (state IN ('kept', 'released')),
    file        text    NOT NULL,     -- its name; where it lies is the configuration's business
    size        bigint  NOT NULL,
    sha256      bytea   NOT NULL,     -- of the file
    entries     bigint  NOT NULL,
    manifest    text    NOT NULL,     -- signed
    archived_at bigint  NOT NULL,
    released_at bigint  NOT NULL
);
CREATE TABLE tigertally.archive_shard (
    month     integer  NOT NULL REFERENCES tigertally.archive (month),
    shard     smallint NOT NULL,
    first_seq bigint   NOT NULL,
    stop_seq  bigint   NOT NULL,
    entries   bigint   NOT NULL,
    place     bigint   NOT NULL,      -- where in the file the shard begins
    frontier  bytea    NOT NULL,      -- of the tree before first_seq
    PRIMARY KEY (month, shard)
);
-- The leaf hashes of archived entries, in runs: with them the whole log is verified and any proof is made, without a file.
CREATE TABLE tigertally.archive_leaves (
    shard  smallint NOT NULL,
    first  bigint   NOT NULL,
    month  integer  NOT NULL REFERENCES tigertally.archive (month) DEFERRABLE INITIALLY DEFERRED,
    leaves bytea    NOT NULL,
    PRIMARY KEY (shard, first)
);
ALTER TABLE tigertally.archive_leaves ALTER COLUMN leaves SET STORAGE EXTERNAL;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tigertally.archive_leaves
    FOR EACH STATEMENT EXECUTE FUNCTION tigertally.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tigertally.archive_shard
    FOR EACH STATEMENT EXECUTE FUNCTION tigertally.refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON tigertally.archive
    FOR EACH STATEMENT EXECUTE FUNCTION tigertally.refuse_change();
GRANT SELECT ON tigertally.archive, tigertally.archive_shard, tigertally.archive_leaves
    TO tigertally_app, tigertally_system, tigertally_security, tigertally_auditor;

-- What was restored from a file for a look, never beside what is live.
CREATE SCHEMA tigertally_restored;
REVOKE ALL ON SCHEMA tigertally_restored FROM PUBLIC;
GRANT USAGE ON SCHEMA tigertally_restored TO tigertally_auditor;

-- A month's partition is attached, not made in place: the log's writers don't wait for it.
CREATE OR REPLACE FUNCTION tigertally.ensure_partitions(first_day integer, last_day integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    epoch CONSTANT date := '1970-01-01';
    begins date := date_trunc('month', epoch + first_day)::date;
    part text;
    made integer := 0;
BEGIN
    IF last_day - first_day > 400 THEN
        RAISE EXCEPTION 'at most 400 days at once';
    END IF;
    WHILE begins <= epoch + last_day LOOP
        part := to_char(begins, '"entry_"YYYY"_"MM');
        IF to_regclass(format('tigertally.%I', part)) IS NULL THEN
            PERFORM pg_advisory_xact_lock(7117, 1);
            IF EXISTS (SELECT FROM tigertally.archive a WHERE a.month = to_char(begins, 'YYYYMM')::integer) THEN
                RAISE EXCEPTION 'the month % is archived: no entry can be added to it', to_char(begins, 'YYYY-MM');
            END IF;
            IF to_regclass(format('tigertally.%I', part)) IS NULL THEN
                -- Append-only and read by key: a vacuum every 20 % of growth, while the bank is at work, would be for nothing.
                EXECUTE format('CREATE TABLE tigertally.%I (LIKE tigertally.entry INCLUDING DEFAULTS INCLUDING CONSTRAINTS) '
                               'WITH (autovacuum_vacuum_insert_threshold = 5000000, autovacuum_analyze_threshold = 1000000)', part);
                EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON tigertally.%I FOR EACH STATEMENT '
                               'EXECUTE FUNCTION tigertally.refuse_change()', part);
                EXECUTE format('ALTER TABLE tigertally.entry ATTACH PARTITION tigertally.%I FOR VALUES FROM (%s) TO (%s)',
                               part, begins - epoch, (begins + interval '1 month')::date - epoch);
                made := made + 1;
            END IF;
        END IF;
        begins := (begins + interval '1 month')::date;
    END LOOP;
    RETURN made;
END $$;

-- Looking for entries by customer, token, time and kind. Block ranges, summed up behind the writers: a tree over random
-- keys would quadruple what an entry costs in the write-ahead log.
CREATE INDEX entry_user ON tigertally.entry USING brin
    (user_id int8_bloom_ops (n_distinct_per_range = 1536, false_positive_rate = 0.001)) WITH (pages_per_range = 64);
CREATE INDEX entry_token ON tigertally.entry USING brin
    (token_id int8_bloom_ops (n_distinct_per_range = 1536, false_positive_rate = 0.001)) WITH (pages_per_range = 64);
CREATE INDEX entry_kind ON tigertally.entry USING brin
    (at_ms int8_minmax_ops, result int4_bloom_ops (n_distinct_per_range = 32),
     channel_id int4_bloom_ops (n_distinct_per_range = 32), transaction int4_bloom_ops (n_distinct_per_range = 32))
    WITH (pages_per_range = 32);
CREATE FUNCTION tigertally.summarise_log() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part regclass;
    summed integer := 0;
BEGIN
    FOR part IN
        SELECT i.indexrelid FROM pg_inherits h JOIN pg_index i ON i.indrelid = h.inhrelid
            JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
        WHERE h.inhparent = 'tigertally.entry'::regclass AND a.amname = 'brin'
    LOOP
        summed := summed + brin_summarize_new_values(part);
    END LOOP;
    RETURN summed;
END $$;
REVOKE ALL ON FUNCTION tigertally.summarise_log() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tigertally.summarise_log() TO tigertally_app;
GRANT SELECT (id, institution, serial) ON tigertally.token TO tigertally_auditor;

-- ---------------------------------------------------------------- keys, continued
-- Sealing anew and counting, by the security operator as by the server. He need not read the log to learn that it still
-- needs a key.
GRANT UPDATE (key_id, seed) ON tigertally.import_token TO tigertally_security;
GRANT UPDATE (mac) ON tigertally.shard_head TO tigertally_security;
CREATE FUNCTION tigertally.entries_under(key integer) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(*) FROM tigertally.entry WHERE outcome_key_id = key OR personal_key_id = key
$$;
REVOKE ALL ON FUNCTION tigertally.entries_under(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tigertally.entries_under(integer) TO tigertally_app, tigertally_security;
