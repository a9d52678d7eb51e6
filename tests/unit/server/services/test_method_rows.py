"""Methods' rows in a batch: a later request sees what an earlier one changed; a sealed record opens
in its own row only.
"""

from __future__ import annotations

import msgspec
import pytest

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.user import QueryUserRequest
from tigertally_protocol.transactions import Transaction
from tigertally_server.audit import head as audit_head
from tigertally_server.audit import merkle
from tigertally_server.domain.challenge import (
    ChallengeKind,
    ChallengeState,
    shown_challenge_state,
)
from tigertally_server.domain.credential import CredentialKind
from tigertally_server.domain.send_count import CountScope, SendCount
from tigertally_server.services.keyring import KeyMissing
from tigertally_server.services.request import Decision
from tigertally_server.services.sealed_records import (
    new_challenge,
    new_credential,
    new_message,
    open_record,
    resealed,
)
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Loaded, Needs, Writes, inline
from tigertally_testing.bank import Bank, memory_installation

PIN = CredentialKind.PIN
replace = msgspec.structs.replace


class Note(msgspec.Struct, frozen=True):
    text: str
    key: bytes = b""


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    bank = Bank(store, context, clock, entropy)
    bank.customer_with_token(1)
    return bank


@pytest.fixture
def request_(bank):
    return bank.request(Transaction.QUERY_USER, QueryUserRequest(customer="C000001"))


def load(bank, **asked):
    transaction = inline(bank.store.begin())
    try:
        return inline(transaction.load(Needs(0, users={("0001", "C000001")}, **asked)))
    finally:
        inline(transaction.rollback())


def work_of(bank, **asked):
    work = WorkingSet(load(bank, **asked))
    account = work.account(("0001", "C000001"))
    assert account is not None
    return work, account


def writes_of(work) -> Writes:
    head = audit_head.make_head(b"k" * 32, 0, merkle.EMPTY)
    writes = Writes(head_size=0, head=head, entries=())
    work.add_method_changes(writes)
    return writes


def test_new_then_changed_in_one_batch_is_one_new_row(bank, request_):
    work, account = work_of(bank, credential_ids=1)
    fresh = new_credential(bank.context, work, account, PIN, Note("one"), now_ms=5)
    work.apply(Decision(code=ResponseCode.CHANGED, new_credentials=(fresh,)))
    assert work.credential(account, PIN) == fresh
    other = resealed(bank.context, fresh, Note("two"))
    work.apply(Decision(code=ResponseCode.CHANGED, credentials=(other,)))
    challenge = new_challenge(
        bank.context, request_, account, ChallengeKind.OCRA, Note("q"), lasts_ms=1000
    )
    work.apply(Decision(code=ResponseCode.CHANGED, new_challenges=(challenge,)))
    assert work.open_challenges(account, ChallengeKind.OCRA) == [challenge]
    used = replace(challenge, state=ChallengeState.USED)
    work.apply(Decision(code=ResponseCode.CHANGED, challenges=(used,)))
    assert work.open_challenges(account, ChallengeKind.OCRA) == []
    assert work.challenge(challenge.id) == used
    writes = writes_of(work)
    assert (writes.new_credentials, writes.credentials) == ([other], [])
    assert (writes.new_challenges, writes.challenges) == ([used], [])


def test_rev_rises_once_however_often_a_row_changes(bank, request_):
    work, account = work_of(bank, credential_ids=1)
    fresh = new_credential(bank.context, work, account, PIN, Note("one"), now_ms=5)
    loaded = load(bank)
    loaded = Loaded(**{f: getattr(loaded, f) for f in loaded.__slots__} | {"credentials": [fresh]})
    work = WorkingSet(loaded)
    for text in "abc":
        changed = resealed(bank.context, fresh, Note(text))
        work.apply(Decision(code=ResponseCode.CHANGED, credentials=(changed,)))
    (written,) = writes_of(work).credentials
    assert written.rev == fresh.rev + 1
    assert open_record(bank.context, written, Note) == Note("c")


def test_entries_about_a_credential_are_a_chain(bank):
    work, account = work_of(bank, credential_ids=1)
    fresh = new_credential(bank.context, work, account, PIN, Note("one"), now_ms=5)
    work.apply(Decision(code=ResponseCode.CHANGED, new_credentials=(fresh,)))
    assert work.point_credential_to_entry(fresh, 0, 7) == (-1, -1)
    assert work.point_credential_to_entry(fresh, 0, 9) == (0, 7)
    (written,) = writes_of(work).new_credentials
    assert (written.last_shard, written.last_seq) == (0, 9)


def test_counters_show_what_the_batch_counted(bank):
    work, _ = work_of(bank)
    count = SendCount(CountScope.NUMBER, b"n" * 16, 60_000, 1)
    for _ in range(3):
        work.apply(Decision(code=ResponseCode.CHANGED, counts=(count,)))
    assert work.counters(CountScope.NUMBER, b"n" * 16) == [(60_000, 3)]
    assert writes_of(work).counts == [replace(count, count=3)]


def test_a_record_opens_in_its_own_row_only(bank, request_):
    work, account = work_of(bank, credential_ids=2)
    note = Note("secret", b"\0\1")
    one = new_credential(bank.context, work, account, PIN, note, now_ms=5)
    two = new_credential(bank.context, work, account, PIN, note, now_ms=5, slot="b")
    challenge = new_challenge(
        bank.context, request_, account, ChallengeKind.OCRA, note, lasts_ms=1000
    )
    message = new_message(bank.context, request_, account, "code", note, lasts_ms=1000)
    rows = (one, two, challenge, message)
    for row in rows:
        assert open_record(bank.context, row, Note) == note
        assert b"secret" not in row.sealed
        assert "secret" not in repr(row)
        for other in rows:
            if other is not row:
                with pytest.raises(KeyMissing):
                    open_record(bank.context, replace(row, sealed=other.sealed), Note)
    assert len({row.sealed for row in rows}) == 4


def test_a_challenge_lapses_by_time(bank, request_):
    _, account = work_of(bank)
    challenge = new_challenge(
        bank.context, request_, account, ChallengeKind.OCRA, Note("q"), lasts_ms=1000
    )
    end = request_.received_ms + 1000
    assert shown_challenge_state(challenge, end - 1) is ChallengeState.OPEN
    assert shown_challenge_state(challenge, end) is ChallengeState.EXPIRED
    used = replace(challenge, state=ChallengeState.USED)
    assert shown_challenge_state(used, end) is ChallengeState.USED
