"""Keys: what opens, what doesn't, and that nothing shows itself."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from tigertally_drivers.errors import Rejected
from tigertally_drivers.keys.software import MasterKey
from tigertally_protocol.codes import ResponseCode
from tigertally_server.audit import head as audit_head
from tigertally_server.audit import merkle
from tigertally_server.services.installation import InstallationError, check_master_key
from tigertally_server.services.keyring import (
    KeyMissing,
    Keyring,
    Purpose,
    customer_identity,
    seed_identity,
)
from tigertally_server.services.recording import open_outcome, open_personal_part
from tigertally_server.services.unit_of_work import LogBroken
from tigertally_server.store.installation import Installation
from tigertally_testing.bank import INSTITUTION, Bank, key_rows, make_keyring, memory_installation


def test_seed_opens_in_its_own_row_only(entropy):
    keyring = make_keyring(entropy)
    key_id, sealed = keyring.seal(Purpose.SEED, b"seed", seed_identity("0001", "T1"))
    assert keyring.open(key_id, sealed, seed_identity("0001", "T1")) == b"seed"
    for identity in (seed_identity("0001", "T2"), seed_identity("0002", "T1")):
        with pytest.raises(KeyMissing):
            keyring.open(key_id, sealed, identity)


def test_customer_key_is_the_customers_own(entropy):
    keyring = make_keyring(entropy)
    key_id, sealed, own = keyring.new_customer_key("0001", "C1")
    secret = own.encrypt(bytes(12), b"x", b"")
    assert (
        keyring.customer_key(key_id, sealed, "0001", "C1").decrypt(bytes(12), secret, b"") == b"x"
    )
    with pytest.raises(KeyMissing):
        keyring.customer_key(key_id, sealed, "0001", "C2")
    assert customer_identity("a/b", "c") != customer_identity("a", "c")


def test_data_keys_open_under_their_master_key_only(entropy):
    master = MasterKey(entropy.token_bytes(32), entropy)
    rows = key_rows(master, entropy)
    Keyring(master, rows, entropy)
    with pytest.raises(Rejected):
        Keyring(MasterKey(entropy.token_bytes(32), entropy), rows, entropy)
    for changed, what in ((1, Rejected), (5, KeyMissing)):
        swapped = [*rows]
        swapped[changed] = replace(rows[changed], sealed=rows[changed + 1].sealed)
        with pytest.raises(what):
            Keyring(master, swapped, entropy)


def test_missing_purposes_are_named(entropy):
    master = MasterKey(entropy.token_bytes(32), entropy)
    rows = [row for row in key_rows(master, entropy) if row.purpose != Purpose.DIGEST]
    with pytest.raises(KeyMissing, match="digest"):
        Keyring(master, rows, entropy)


def test_nothing_shows_a_key(entropy):
    master = MasterKey(entropy.token_bytes(32), entropy)
    rows = key_rows(master, entropy)
    keyring = Keyring(master, rows, entropy)
    shown = " ".join(map(repr, (master, *rows, keyring.current(Purpose.SEED))))
    for row in rows[1:]:
        assert row.sealed.hex() not in shown
        assert repr(row.sealed) not in shown


def test_wrong_master_key_says_what_to_do(entropy):
    master = MasterKey(entropy.token_bytes(32), entropy)
    other = MasterKey(entropy.token_bytes(32), entropy)
    row = Installation("id", 0, 1, bytes.fromhex(master.check_value), b"", bytes(32))
    check_master_key(row, master, "here")
    with pytest.raises(InstallationError) as caught:
        check_master_key(row, other, "/keys/master.key")
    for part in ("/keys/master.key", master.check_value.upper(), other.check_value.upper()):
        assert part in str(caught.value)


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    return Bank(store, context, clock, entropy)


def entry_of(bank, outcome):
    return next(s.entry for s in bank.store.log(outcome.shard) if s.entry.seq == outcome.seq)


def test_sealed_parts_fit_their_own_entry_only(bank, clock):
    held = bank.customer_with_token(1)
    first = entry_of(bank, bank.verify(held, held.code(clock.now_ms())))
    second = entry_of(bank, bank.verify(held, "000000"))
    assert open_outcome(bank.context, first).body.token == held.serial
    for changed in (
        {"result": int(ResponseCode.WRONG_CODE)},
        {"at_ms": first.at_ms + 1},
        {"outcome": second.outcome},
        {"user_id": first.user_id + 1},
        {"seq": first.seq + 1},
    ):
        with pytest.raises(KeyMissing):
            open_outcome(bank.context, msgspec.structs.replace(first, **changed))


def test_personal_part_is_under_the_customers_own_key(bank, clock):
    held = bank.customer_with_token(1)
    entry = entry_of(bank, bank.verify(held, held.code(clock.now_ms())))
    assert entry.personal_key_id == 0
    account = bank.store.tables.accounts[INSTITUTION, held.customer]
    own = bank.context.keyring.customer_key(
        account.key_id, account.data_key, INSTITUTION, held.customer
    )
    personal = open_personal_part(own, entry)
    assert (personal.customer, personal.peer) == (held.customer, "127.0.0.1")
    assert held.customer.encode() not in entry.personal + entry.outcome


def test_unknown_customers_entry_is_under_the_days_key(bank):
    from tigertally_testing.bank import HeldToken

    nobody = HeldToken("NOBODY", "NONE", bytes(20))
    outcome = bank.verify(nobody, "123456")
    assert outcome.code is ResponseCode.USER_UNKNOWN
    entry = entry_of(bank, outcome)
    assert entry.personal_key_id == bank.context.keyring.current(Purpose.OUTCOME).id
    aead = bank.context.keyring.outcome_aead(entry.personal_key_id, entry.business_day)
    assert open_personal_part(aead, entry).customer == "NOBODY"


def test_altered_head_stops_everything(bank, clock):
    held = bank.customer_with_token(1)
    head = bank.store.tables.heads[1]
    forged = audit_head.make_head(b"not the key", 1, merkle.EMPTY)
    bank.store.tables.heads[1] = forged
    other = Bank(bank.store, bank.context, clock, bank.entropy, shard=1)
    with pytest.raises(LogBroken, match="audit verify"):
        other.run(bank.verification(held, held.code(clock.now_ms())))
    bank.store.tables.heads[1] = head
    assert (
        other.run(bank.verification(held, held.code(clock.now_ms())))[0].code
        is ResponseCode.APPROVED
    )
