"""A small log, and every single thing that can be done to it: each row, head, checkpoint and note
altered, removed, inserted, exchanged or cut. Always found, and at the right place. Two shards with
rounds: the same for every round. And whatever somebody invents beside that (a property).
"""

from __future__ import annotations

import copy
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tigertally_server.audit import merkle
from tigertally_server.audit.anchors import Trust
from tigertally_server.audit.note import NoteSigner
from tigertally_server.audit.report import Collector, FindingKind
from tigertally_server.audit.rounds import Round, ShardState, record_leaf, rounds_origin, sign_round
from tigertally_server.audit.rounds_check import RoundsLog, Stamped, check_rounds
from tigertally_server.domain.entry import Entry, StoredEntry

FIELDS = {
    "business_day": 1, "channel_id": 1, "serial": 1, "phase": 1, "transaction": 1, "result": 1,
    "at_ms": 1, "user_id": 1, "token_id": 1, "previous_shard": 1, "previous_seq": 1,
    "reference": "x", "digest": b"d" * 32, "outcome_key_id": 1, "outcome": b"o" * 44,
    "personal_key_id": 1, "personal": b"",
}  # fmt: skip
ROWS = 40


def named(report, seq):
    return any(f.first <= seq <= f.last for f in report.findings if f.first >= 0)


def changed(value, by):
    return value + by if isinstance(value, int) else (by if value != by else value + by)


@pytest.mark.parametrize("with_leaf", [False, True], ids=["row", "row and leaf"])
@pytest.mark.parametrize("name", FIELDS)
def test_every_field_of_every_row(log_factory, name, with_leaf):
    whole = log_factory()
    for seq in range(ROWS):
        log = copy.copy(whole)
        log.rows = list(whole.rows)
        value = changed(getattr(log.rows[seq].entry, name), FIELDS[name])
        (log.alter_with_leaf if with_leaf else log.alter)(seq, **{name: value})
        report = log.verify()
        assert not report.ok
        assert named(report, seq), (seq, report.findings)


def test_every_leaf_altered(log_factory):
    for seq in range(ROWS):
        log = log_factory()
        log.rows[seq] = StoredEntry(log.rows[seq].entry, bytes(32))
        report = log.verify()
        assert FindingKind.ALTERED_LEAF in report.counts or FindingKind.ALTERED_ROW in report.counts
        assert named(report, seq)


def test_every_row_removed_and_every_cut(log_factory):
    for seq in range(ROWS):
        log = log_factory()
        del log.rows[seq]
        assert named(log.verify(), seq)
        log = log_factory()
        del log.rows[seq:]
        report = log.verify()
        assert FindingKind.TAIL_CUT in report.counts
        assert named(report, seq)


def test_every_row_doubled_and_every_pair_exchanged(log_factory):
    for seq in range(ROWS):
        log = log_factory()
        log.rows.append(log.rows[seq])
        assert named(log.verify(), seq)
        for other in range(seq + 1, ROWS, 4):
            log = log_factory()
            mine, theirs = log.rows[seq], log.rows[other]
            log.alter_with_leaf(seq, **_contents(theirs.entry))
            log.alter_with_leaf(other, **_contents(mine.entry))
            report = log.verify()
            assert named(report, seq)
            assert named(report, other)


def _contents(entry: Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in FIELDS}


def test_every_byte_of_the_head(log_factory):
    whole = log_factory()
    for name in ("frontier", "root", "mac"):
        for at in range(len(getattr(whole.head, name))):
            log = copy.copy(whole)
            value = bytearray(getattr(whole.head, name))
            value[at] ^= 1
            log.head = msgspec.structs.replace(whole.head, **{name: bytes(value)})
            assert FindingKind.HEAD_ALTERED in log.verify().counts
    for older in whole.history[:-1]:
        log = copy.copy(whole)
        log.head = older
        assert not log.verify().ok
    whole.head = None
    assert FindingKind.HEAD_MISSING in whole.verify().counts


def test_every_checkpoint_altered_removed_doubled_or_exchanged(log_factory):
    whole = log_factory()
    for at, note in enumerate(whole.notes):
        for index in range(0, len(note), 5):
            log = copy.copy(whole)
            log.notes = list(whole.notes)
            log.notes[at] = note[:index] + chr(ord(note[index]) ^ 1) + note[index + 1 :]
            assert not log.verify().ok, (at, index)
        log = copy.copy(whole)
        log.notes = whole.notes[:at] + whole.notes[at + 1 :]
        assert not log.verify().ok
        for other in range(at):
            log.notes = list(whole.notes)
            log.notes[at], log.notes[other] = whole.notes[other], whole.notes[at]
            assert not log.verify().ok


# ------------------------------------------------------------------ rounds

SIGNER = NoteSigner(bytes(range(32)))
TRUST = Trust("bank-1", SIGNER.public_key, None)
ROUNDS = 6


class Stored(NamedTuple):
    number: int
    record: str
    note: str


def rounds_world(log_factory):
    """Two shards: one grows in every round, one in the first only."""
    log = log_factory()
    second = type(log)(1).grow(3)
    tree, stored = merkle.EMPTY, []
    origin = rounds_origin("bank-1")
    signed = {5, 12, 13, 24, 32, 37}
    quiet = ShardState(1, second.head.size, second.head.root)
    for number, head in enumerate(h for h in log.history if h.size in signed):
        found = Round(origin, number, 1_000 + number, (ShardState(0, head.size, head.root), quiet))
        tree = merkle.append(tree, [record_leaf(found.record())])
        note = sign_round(SIGNER, found, merkle.root(tree))
        stored.append(Stored(number, found.record(), note))
    notes = {0: log.notes, 1: second.notes}
    return stored, notes


def judge(stored, notes, shards=2, stamps=()):
    collect = Collector()
    log = RoundsLog(stored, lambda shard: notes.get(shard, []), shards, tuple(stamps))
    check_rounds(log, TRUST, collect)
    return collect.report([])


def test_rounds_hold(log_factory):
    stored, notes = rounds_world(log_factory)
    assert len(stored) == ROUNDS
    assert judge(stored, notes).findings == ()


def test_every_round_altered_removed_or_exchanged(log_factory):
    stored, notes = rounds_world(log_factory)
    for at, row in enumerate(stored):
        for name in ("record", "note"):
            text = getattr(row, name)
            for index in range(0, len(text), 7):
                other = text[:index] + chr(ord(text[index]) ^ 1) + text[index + 1 :]
                touched = [*stored[:at], row._replace(**{name: other}), *stored[at + 1 :]]
                found = judge(touched, notes).findings
                assert any(f"round {at}" in f.text for f in found), (at, name, index, found)
        assert not judge([*stored[:at], *stored[at + 1 :]], notes).ok or at == ROUNDS - 1
        for other in range(at):
            touched = list(stored)
            touched[at], touched[other] = (
                stored[other]._replace(number=at), row._replace(number=other),
            )  # fmt: skip
            assert not judge(touched, notes).ok


def test_a_shard_told_by_rounds_is_missed(log_factory):
    stored, notes = rounds_world(log_factory)
    assert FindingKind.SHARD_VANISHED in judge(stored, notes, shards=1).counts
    assert FindingKind.ROUND_DISAGREES in judge(stored, {0: notes[0]}).counts
    for at in range(len(notes[0])):
        fewer = {**notes, 0: notes[0][:at] + notes[0][at + 1 :]}
        assert FindingKind.ROUND_DISAGREES in judge(stored, fewer).counts


def test_a_stamp_is_held_against_the_rounds(log_factory):
    stored, notes = rounds_world(log_factory)
    tree = merkle.append(merkle.EMPTY, [record_leaf(row.record) for row in stored[:4]])
    good = Stamped(4, merkle.root(tree), 0, "an authority")
    assert judge(stored, notes, stamps=[good]).ok
    other = Stamped(4, bytes(32), 0, "an authority")
    assert FindingKind.STAMP_DISAGREES in judge(stored, notes, stamps=[other]).counts
    assert FindingKind.ROUND_MISSING in judge(stored[:3], notes, stamps=[good]).counts


# ------------------------------------------------------------------ whatever somebody invents


@settings(max_examples=60)
@given(data=st.data())
def test_nothing_that_is_done_to_the_rows_passes(log_factory, data):
    log = log_factory()
    before = [(row.entry, row.leaf) for row in log.rows]
    for _ in range(data.draw(st.integers(1, 4))):
        seq = data.draw(st.integers(0, len(log.rows) - 1))
        match data.draw(st.integers(0, 4)):
            case 0:
                name = data.draw(st.sampled_from(sorted(FIELDS)))
                log.alter(seq, **{name: FIELDS[name]})
            case 1:
                log.alter_with_leaf(seq, at_ms=data.draw(st.integers(0, 2**40)))
            case 2 if len(log.rows) > 1:
                del log.rows[seq]
            case 3:
                log.rows.insert(seq, log.rows[data.draw(st.integers(0, len(log.rows) - 1))])
            case _:
                del log.rows[max(1, seq) :]
    after = [(row.entry, row.leaf) for row in sorted(log.rows, key=lambda r: r.entry.seq)]
    assert log.verify().ok == (before == after)
