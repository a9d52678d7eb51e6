"""Keys as records: the life cycle, what a record's bytes are bound to, algorithms and check values,
backups, and a keyring that follows.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from tigertally_drivers.errors import Rejected
from tigertally_drivers.keys.software import MasterKey
from tigertally_server.domain.key import (
    READABLE,
    TRANSITIONS,
    IllegalKeyTransition,
    KeyLevel,
    KeyRecord,
    KeyState,
    may_become,
)
from tigertally_server.services.key_backup import (
    BadBackup,
    make_backup,
    read_backup,
    restored_records,
)
from tigertally_server.services.key_checks import ALGORITHMS, BadKeyBytes, check_value_of
from tigertally_server.services.key_rotation import (
    NotRotated,
    activation,
    current_of,
    moved,
    new_master,
    successor,
    waiting_of,
)
from tigertally_server.services.keyring import KeyMissing, Keyring, Purpose
from tigertally_testing.bank import key_rows, make_keyring

S = KeyState
VECTORS = Path(__file__).parents[3] / "vectors"
SEED = (KeyLevel.DATA, "", "seed", "")


# ---------------------------------------------------------------- life cycle


def test_every_state_has_a_row_and_nothing_comes_back():
    assert set(TRANSITIONS) == set(S)
    gone = {S.DESTROYED, S.DESTROYED_COMPROMISED}
    assert set(S) - gone == READABLE
    for state in gone:
        assert TRANSITIONS[state] <= gone
    assert not any(S.CURRENT in TRANSITIONS[state] for state in set(S) - {S.PRE_ACTIVE})
    assert not any(S.PRE_ACTIVE in then for then in TRANSITIONS.values())


@pytest.mark.parametrize("now", S)
@pytest.mark.parametrize("then", S)
def test_a_step_follows_the_table_and_destruction_takes_the_bytes(now, then):
    record = KeyRecord(id=1, level=KeyLevel.DATA, purpose="seed", state=now, sealed=b"bytes")
    if not may_become(now, then):
        with pytest.raises(IllegalKeyTransition, match="key 1"):
            moved(record, then, 5)
        return
    after = moved(record, then, 5).after
    assert (after.state, after.changed_at_ms) == (then, 5)
    assert after.sealed == (b"bytes" if after.readable else b"")


# ---------------------------------------------------------------- algorithms


def test_check_values_others_show():
    # A POS terminal's sign-on, as published: two-key 3DES.
    vector = json.loads((VECTORS / "working_key_signon.json").read_text())
    check = check_value_of("3des-112", bytes.fromhex(vector["pik"]))
    assert vector["pik_kcv"].lower().startswith(check.hex())
    # Two-key 3DES: the well-known test key; E_k(0) = 08D7B4FB629D0885.
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    assert check_value_of("3des-112", key).hex() == "08d7b4"
    # AES: CMAC by RFC 4493's own K1 of its example key, over a block of zeros.
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    k1 = bytes.fromhex("fbeed618357133667c85e08f7236a8de")
    whole = Cipher(AES(key), modes.ECB()).encryptor().update(k1)
    assert check_value_of("aes-128", key) == whole[:3]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_has_its_length(algorithm, entropy):
    lengths = ALGORITHMS[algorithm].lengths
    assert len(check_value_of(algorithm, entropy.token_bytes(max(lengths)))) == 3
    for wrong in (0, min(lengths) - 1, max(lengths) + 1):
        with pytest.raises(BadKeyBytes, match=str(wrong)):
            check_value_of(algorithm, bytes(wrong))


def test_weak_and_unknown_keys_are_refused():
    for algorithm, key in (("3des-112", b"01234567" * 2), ("3des-168", b"01234567" * 3)):
        with pytest.raises(BadKeyBytes, match="differ"):
            check_value_of(algorithm, key)
    # Bytes that differ in parity alone are the same to DES.
    with pytest.raises(BadKeyBytes, match="differ"):
        check_value_of("3des-112", bytes(8) + b"\1" * 8)
    with pytest.raises(BadKeyBytes, match="des-56"):
        check_value_of("des-56", bytes(8))


# ---------------------------------------------------------------- what bytes are bound to


@pytest.mark.parametrize(
    "changed",
    [
        {"purpose": "other"},
        {"owner": "channel/8"},
        {"name": "second"},
        {"algorithm": "aes-192"},
        {"generation": 2},
        {"exportable": True},
        {"id": 99},
        {"level": KeyLevel.DATA},
    ],
)
def test_an_edited_record_does_not_open(entropy, changed):
    keyring = make_keyring(entropy)
    bare = KeyRecord(
        id=50, level=KeyLevel.WORKING, purpose="mac", owner="channel/7", state=S.CURRENT
    )
    record = keyring.sealed_record(bare, bytes(range(32)))
    assert keyring.reveal(record) == bytes(range(32))
    with pytest.raises(KeyMissing):
        keyring.reveal(replace(record, **changed))


def test_working_keys_are_found_by_owner_and_purpose(entropy):
    keyring = make_keyring(entropy)
    bare = KeyRecord(
        id=50, level=KeyLevel.WORKING, purpose="mac", owner="channel/7", state=S.CURRENT
    )
    record = keyring.sealed_record(bare, bytes(range(32)))
    before = keyring.revision
    keyring.follow([*keyring.records(), record])
    assert keyring.working("channel/7", "mac") == record
    assert keyring.record(50) == record
    assert keyring.revision == before + 1
    keyring.follow(keyring.records())
    assert keyring.revision == before + 1
    for owner, purpose in (("channel/8", "mac"), ("channel/7", "pin")):
        with pytest.raises(KeyMissing, match="no current key"):
            keyring.working(owner, purpose)
    for state in (S.DESTROYED,):
        with pytest.raises(KeyMissing):
            keyring.reveal(replace(record, state=state))
    with pytest.raises(KeyMissing, match="not to be used"):
        keyring.reveal(current_of(keyring, SEED))


# ---------------------------------------------------------------- following


def rotated(keyring, entropy, key_id=60):
    before = current_of(keyring, SEED)
    fresh = successor(keyring, key_id, before, 1_000, entropy)
    keyring.follow([*keyring.records(), fresh])
    return before, fresh


def take_over(keyring, writes):
    records = {record.id: record for record in keyring.records()}
    records |= {write.after.id: write.after for write in writes}
    keyring.follow(records.values())


def test_a_generation_is_known_before_it_is_used(entropy):
    keyring = make_keyring(entropy)
    before, fresh = rotated(keyring, entropy)
    assert waiting_of(keyring, SEED) == fresh
    assert keyring.current(Purpose.SEED).id == before.id
    sealed = keyring.by_id(fresh.id).seal(b"early", b"place", bytes(12))
    assert keyring.open(fresh.id, sealed, b"place") == b"early"
    old_id, old = keyring.seal(Purpose.SEED, b"late", b"place")
    take_over(keyring, activation(keyring, fresh, 2_000))
    assert keyring.current(Purpose.SEED).id == fresh.id
    assert keyring.open(old_id, old, b"place") == b"late"
    take_over(keyring, [moved(keyring.record(old_id), S.DESTROYED, 3_000)])
    with pytest.raises(KeyMissing):
        keyring.open(old_id, old, b"place")
    assert keyring.record(old_id).state is S.DESTROYED


def test_what_only_the_master_key_opens_waits_for_it(entropy):
    keyring = make_keyring(entropy)
    place = (KeyLevel.ENCRYPTION, "", "data-keys", "")
    fresh = successor(keyring, 60, current_of(keyring, place), 1_000, entropy)
    keyring.follow([*keyring.records(), fresh])
    assert bool(keyring.behind)
    keyring.follow(keyring.records(), ask_master=True)
    assert not bool(keyring.behind)
    take_over(keyring, activation(keyring, fresh, 2_000))
    seed = current_of(keyring, SEED)
    again = keyring.under_todays_parent(seed)
    assert again.parent == fresh.id != seed.parent
    take_over(keyring, [])


def test_requests_are_recognised_across_a_rotation_and_counters_keep_their_names(entropy):
    keyring = make_keyring(entropy)
    digest, counter = keyring.digest(b"request"), keyring.counter_digest("13800138000")
    assert not keyring.digest_was_rotated
    place = (KeyLevel.DATA, "", "digest", "")
    fresh = successor(keyring, 60, current_of(keyring, place), 1_000, entropy)
    keyring.follow([*keyring.records(), fresh])
    # Another process may be a step ahead: what it will record is known here already.
    ahead = keyring.other_digests(b"request")
    take_over(keyring, activation(keyring, fresh, 2_000))
    assert (keyring.digest(b"request"),) == ahead
    assert digest in keyring.other_digests(b"request")
    assert keyring.counter_digest("13800138000") == counter


def test_heads_are_known_under_older_audit_keys(entropy):
    keyring = make_keyring(entropy)
    old = keyring.head_mac_key()
    place = (KeyLevel.DATA, "", "head", "")
    fresh = successor(keyring, 60, current_of(keyring, place), 1_000, entropy)
    keyring.follow([*keyring.records(), fresh])
    assert keyring.head_mac_key() == old
    take_over(keyring, activation(keyring, fresh, 2_000))
    assert keyring.head_mac_keys()[1] == old != keyring.head_mac_key()


def test_files_open_under_every_generation(entropy):
    keyring = make_keyring(entropy)
    data = keyring.seal_file(b"signing key", b"whose")
    assert keyring.open_file(data, b"whose") == b"signing key"
    assert keyring.file_is_current(data)
    legacy = keyring.hierarchy.master.seal(b"signing key", b"whose")
    assert keyring.open_file(legacy, b"whose") == b"signing key"
    assert not keyring.file_is_current(legacy)
    for damaged in (data[:-1], data[:22] + b"x" + data[23:]):
        with pytest.raises(KeyMissing):
            keyring.open_file(damaged, b"whose")


# ---------------------------------------------------------------- master key


def test_another_master_key_seals_every_encryption_key(entropy):
    keyring = make_keyring(entropy)
    fresh = MasterKey(entropy.token_bytes(32), entropy)
    with pytest.raises(NotRotated, match="already"):
        new_master(keyring, 60, keyring.hierarchy.master, b"", 1_000)
    writes: list[Any] = list(new_master(keyring, 60, fresh, b"", 1_000))
    replaced, old, made, *rest = writes
    assert (replaced.before, replaced.after) == (
        old.before.check_value,
        bytes.fromhex(fresh.check_value),
    )
    records = {record.id: record for record in keyring.records()}
    records |= {write.after.id: write.after for write in (old, made, *rest)}
    again = Keyring(fresh, records.values(), entropy)
    key_id, sealed = keyring.seal(Purpose.SEED, b"x", b"place")
    assert again.open(key_id, sealed, b"place") == b"x"
    with pytest.raises(Rejected):
        Keyring(keyring.hierarchy.master, records.values(), entropy)


# ---------------------------------------------------------------- backup


def backed_up(entropy):
    master, backup_key = (MasterKey(entropy.token_bytes(32), entropy) for _ in range(2))
    rows = key_rows(master, entropy)
    return rows, master, backup_key, make_backup(rows, master, backup_key, "id", 5)


def test_a_backup_comes_back_under_another_master_key(entropy):
    rows, master, backup_key, data = backed_up(entropy)
    fresh = MasterKey(entropy.token_bytes(32), entropy)
    saved = read_backup(data, backup_key)
    found = Keyring(fresh, restored_records(saved, backup_key, fresh, 99, 6), entropy)
    key_id, sealed = Keyring(master, rows, entropy).seal(Purpose.SEED, b"x", b"place")
    assert found.open(key_id, sealed, b"place") == b"x"
    for row in rows:
        assert row.level is KeyLevel.MASTER or found.record(row.id).check_value == row.check_value


def test_a_backup_that_was_touched_is_refused(entropy):
    *_, backup_key, data = backed_up(entropy)
    whole = json.loads(data)
    for change in (
        lambda w: w["keys"].pop(),
        lambda w: w["keys"][0].update(state="old"),
        lambda w: w["keys"][0].update(sealed=w["keys"][1]["sealed"]),
        lambda w: w.update(installation="other"),
        lambda w: w.update(proof=""),
    ):
        touched = json.loads(data)
        change(touched)
        assert touched != whole
        with pytest.raises(BadBackup):
            read_backup(json.dumps(touched).encode(), backup_key)
    with pytest.raises(BadBackup, match="check value"):
        read_backup(data, MasterKey(entropy.token_bytes(32), entropy))
    for other in (b"", b"[]", b'{"format": "x"}'):
        with pytest.raises(BadBackup, match="no key backup"):
            read_backup(other, backup_key)
