"""The store's contract for methods beside tokens: credentials, challenges, messages, counters. Both
stores; see conftest.
"""

from __future__ import annotations

import threading

import msgspec
import pytest

from tigertally_engines.otp.state import OtpState
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.challenge import Challenge, ChallengeKind, ChallengeState
from tigertally_server.domain.credential import Credential, CredentialKind, CredentialState
from tigertally_server.domain.message import MessageState, OutgoingMessage
from tigertally_server.domain.send_count import CountScope, SendCount
from tigertally_server.services import table
from tigertally_server.store.method_statements import queries
from tigertally_server.store.port import Conflict, Needs, Writes, inline
from tigertally_testing.bank import INSTITUTION

PIN, SMS = CredentialKind.PIN, CredentialKind.SMS
replace = msgspec.structs.replace


class Table:
    """One customer of a bank, and single transactions of a writer to one shard."""

    def __init__(self, bank, number=1):
        self.bank = bank
        held = bank.customer_with_token(number)
        self.user = (INSTITUTION, held.customer)
        self.account = self.load(users={self.user}).accounts[0]

    def load(self, store=None, shard=0, **asked):
        transaction = inline((store or self.bank.store).begin())
        try:
            return inline(transaction.load(Needs(shard, **asked)))
        finally:
            inline(transaction.rollback())

    def save(self, store=None, shard=0, **rows):
        transaction = inline((store or self.bank.store).begin())
        try:
            head = inline(transaction.load(Needs(shard, head=True))).head
            inline(transaction.save(Writes(head_size=head.size, head=head, entries=(), **rows)))
            inline(transaction.commit())
        except BaseException:
            inline(transaction.rollback())
            raise

    def credential(self, number, kind=PIN, slot="", **changes):
        fields = {
            "id": number,
            "owner_id": self.account.id,
            "kind": kind,
            "slot": slot,
            "key_id": 7,
            "sealed": b"sealed" * number,
            "factor": OtpState(1, 2, 3, 4, 5),
            "changed_at_ms": 6,
            "valid_from_ms": 7,
            "valid_to_ms": 8,
            "last_shard": 1,
            "last_seq": 9,
        }
        return Credential(**(fields | changes))

    def challenge(self, number, kind=ChallengeKind.OCRA, **changes):
        fields = {
            "id": bytes([number]) * 16,
            "kind": kind,
            "owner_id": self.account.id,
            "channel_id": 3,
            "issued_at_ms": 4,
            "expires_at_ms": 5,
            "failures": 6,
            "key_id": 7,
            "sealed": b"question",
        }
        return Challenge(**(fields | changes))


@pytest.fixture
def rows(bank):
    return Table(bank)


def test_credentials_come_back_as_written_and_only_those_asked_for(rows):
    pin = rows.credential(1)
    phones = [rows.credential(2, SMS, "b"), rows.credential(3, SMS, "a")]
    strangers = rows.credential(4, owner_id=rows.account.id + 1)
    rows.save(new_credentials=(phones[1], strangers, pin, phones[0]))
    assert rows.load(credentials={(*rows.user, PIN)}).credentials == [pin]
    assert rows.load(credentials={(*rows.user, SMS)}).credentials == phones
    assert rows.load(credentials={(INSTITUTION, "nobody", PIN)}).credentials == []
    both = rows.load(credentials={(*rows.user, SMS), (*rows.user, PIN)}).credentials
    assert both == [pin, *phones]


def test_changed_credential_is_the_new_one_everywhere(rows):
    rows.save(new_credentials=(rows.credential(1),))
    now = rows.credential(
        1,
        state=CredentialState.DISABLED,
        key_id=8,
        sealed=b"other",
        factor=OtpState(11, 12, 13, 14, 15),
        changed_at_ms=16,
        valid_from_ms=17,
        valid_to_ms=18,
        last_shard=0,
        last_seq=19,
        rev=2,
    )
    rows.save(credentials=(now,))
    assert rows.load(credentials={(*rows.user, PIN)}).credentials == [now]


def test_stale_or_second_credential_conflicts_and_leaves_nothing(rows):
    rows.save(new_credentials=(rows.credential(1),))
    stale = rows.credential(1, sealed=b"stale", rev=1)
    with pytest.raises(Conflict):
        rows.save(credentials=(stale,), messages=(message(1),))
    with pytest.raises(Conflict):
        rows.save(new_credentials=(rows.credential(2),), messages=(message(1),))
    assert rows.load(credentials={(*rows.user, PIN)}).credentials == [rows.credential(1)]
    assert rows.load(messages={message(1).id}).messages == []


def test_ids_of_credentials_are_never_given_twice(rows):
    ids = [i for _ in range(3) for i in rows.load(credential_ids=2).credential_ids]
    assert len(set(ids)) == 6


def test_challenges_by_id_and_the_open_ones_of_a_customer(rows):
    first, second = rows.challenge(2), rows.challenge(1)
    used = rows.challenge(3, state=ChallengeState.USED)
    other_kind = rows.challenge(4, ChallengeKind.SMS_CODE)
    strangers = rows.challenge(5, owner_id=rows.account.id + 1)
    rows.save(new_challenges=(first, second, used, other_kind, strangers))
    assert rows.load(challenges={used.id, b"?" * 16}).challenges == [used]
    opened = rows.load(open_challenges={(*rows.user, ChallengeKind.OCRA)}).challenges
    assert opened == [second, first]
    also = rows.load(open_challenges={(*rows.user, ChallengeKind.OCRA)}, challenges={strangers.id})
    assert also.challenges == [second, first, strangers]


def test_stale_or_second_challenge_conflicts(rows):
    fresh = rows.challenge(1)
    rows.save(new_challenges=(fresh,))
    with pytest.raises(Conflict):
        rows.save(new_challenges=(fresh,))
    used = replace(
        fresh,
        state=ChallengeState.USED,
        expires_at_ms=50,
        failures=60,
        key_id=70,
        sealed=b"answered",
        rev=2,
    )
    rows.save(challenges=(used,))
    with pytest.raises(Conflict):
        rows.save(challenges=(used,))
    assert rows.load(challenges={fresh.id}).challenges == [used]


def test_two_writers_use_a_challenge_once(rows, bank):
    fresh = rows.challenge(1)
    rows.save(new_challenges=(fresh,))
    found, gate = [], threading.Barrier(2)

    def writer(shard):
        store = bank.second_store()
        gate.wait()
        transaction = inline(store.begin())
        loaded = inline(transaction.load(Needs(shard, challenges={fresh.id}, head=True)))
        (challenge,) = loaded.challenges
        found.append(challenge.state)
        if challenge.state is ChallengeState.OPEN:
            used = replace(challenge, state=ChallengeState.USED, rev=challenge.rev + 1)
            head = loaded.head
            inline(
                transaction.save(
                    Writes(head_size=head.size, head=head, entries=(), challenges=(used,))
                )
            )
            inline(transaction.commit())
        inline(transaction.rollback())

    threads = [threading.Thread(target=writer, args=(shard,)) for shard in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [ChallengeState.OPEN, ChallengeState.USED]


def test_two_writers_make_one_credential(rows, bank):
    results, gate = [], threading.Barrier(2)

    def writer(shard):
        store = bank.second_store()
        gate.wait()
        try:
            rows.save(store, shard, new_credentials=(rows.credential(shard + 1),))
            results.append("made")
        except Conflict:
            results.append("conflict")

    threads = [threading.Thread(target=writer, args=(shard,)) for shard in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["conflict", "made"]


def message(number):
    return OutgoingMessage(
        id=bytes([number]) * 16,
        account_id=1,
        channel_id=2,
        purpose="code",
        state=MessageState.QUEUED,
        key_id=3,
        sealed=b"number and text",
        created_at_ms=4,
        expires_at_ms=5,
        attempts=6,
        next_attempt_ms=7,
        gateway="a",
        gateway_id="b",
        reason="c",
    )


def test_messages_come_back_as_written_and_never_twice(rows):
    rows.save(messages=(message(2), message(1)))
    assert rows.load(messages={message(1).id, b"?" * 16}).messages == [message(1)]
    with pytest.raises(Conflict):
        rows.save(messages=(message(1),))


def test_counters_add_up_over_batches_and_shards(rows):
    scope, digest, other = CountScope.NUMBER, b"n" * 16, b"o" * 16
    rows.save(counts=(SendCount(scope, digest, 60_000, 1), SendCount(scope, other, 0, 1)))
    rows.save(shard=1, counts=(SendCount(scope, digest, 60_000, 2),))
    rows.save(counts=(SendCount(scope, digest, 60_000, 4), SendCount(scope, digest, 0, 8)))
    found = rows.load(counters={(scope, digest)}).counts
    assert sorted(found, key=lambda c: c.window_start_ms) == [
        SendCount(scope, digest, 0, 8),
        SendCount(scope, digest, 60_000, 7),
    ]
    assert rows.load(counters={(CountScope.ACCOUNT, digest)}).counts == []


def test_a_credentials_tag_finds_the_counters_of_what_it_stands_for(rows):
    """Each part of the tag in its own scope, none twice, though asked for both ways."""
    number, country, other = b"n" * 16, b"c" * 16, b"o" * 16
    tag = number + country + other
    rows.save(new_credentials=(rows.credential(1, kind=SMS, tag=tag), rows.credential(2)))
    counts = (
        SendCount(CountScope.NUMBER, number, 0, 3),
        SendCount(CountScope.COUNTRY, country, 0, 4),
        SendCount(CountScope.COUNTRY, number, 0, 9),
        SendCount(CountScope.ACCOUNT, other, 0, 5),
    )
    rows.save(counts=counts)
    asked = {
        "counters": {(CountScope.NUMBER, number), (CountScope.ACCOUNT, other)},
        "tagged_counters": {(*rows.user, SMS), (*rows.user, PIN)},
    }
    assert set(rows.load(**asked).counts) == {counts[0], counts[1], counts[3]}
    assert rows.load(tagged_counters={(*rows.user, PIN)}).counts == []
    assert rows.load(credentials={(*rows.user, SMS)}).credentials[0].tag == tag


def test_what_an_engine_keeps_of_a_token_is_written_with_its_state(rows):
    (token,) = rows.load(users={rows.user}).tokens
    assert token.extra == b""
    marked = replace(token, extra=b"\x01\x02", rev=token.rev + 1)
    rows.save(rebound_tokens=(marked,))
    assert rows.load(users={rows.user}).tokens == [marked]
    verified = replace(marked, otp=OtpState(99), rev=marked.rev + 1)
    rows.save(tokens=(verified,))
    assert rows.load(users={rows.user}).tokens == [verified]


def test_a_batch_of_codes_asks_nothing_of_these_tables(bank, clock):
    held = bank.customer_with_token(1)
    needs = Needs(0)
    request = bank.verification(held, held.code(clock.now_ms()))
    table.SERVICES[Transaction.VERIFY_OTP].needs(request, needs)
    assert list(queries(needs)) == []
