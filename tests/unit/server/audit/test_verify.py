"""Each way of tampering, and what the verification says of it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tigertally_server.audit import checkpoint as cp
from tigertally_server.audit import head as heads
from tigertally_server.audit import merkle
from tigertally_server.audit import verify as verify_module
from tigertally_server.audit.anchors import Trust
from tigertally_server.audit.leaf import leaf_hash
from tigertally_server.audit.note import NoteSigner
from tigertally_server.audit.report import MAX_EACH, Collector
from tigertally_server.audit.report import FindingKind as K
from tigertally_server.audit.verify import verify_log
from tigertally_server.domain.entry import StoredEntry

OTHER = NoteSigner(b"o" * 32)


def found(report):
    return [(f.kind, f.first, f.last) for f in report.findings]


def text_of(report, kind):
    return next(f.text for f in report.findings if f.kind is kind)


def test_an_untouched_log_holds(log):
    report = log.verify()
    assert report.ok
    assert report.findings == ()
    (shard,) = report.shards
    assert (shard.rows, shard.anchored, shard.checkpoints, shard.outside_notes) == (40, 37, 6, 6)
    for options in ({"outside": False}, {"opener": False}, {"key": False}):
        assert log.verify(**options).findings == ()


def test_an_empty_log_holds(new_log):
    empty = type(new_log())()
    assert empty.verify().ok
    empty.grow(0)
    assert empty.verify().ok


# ------------------------------------------------------------------------------------------ rows


@pytest.mark.parametrize("seq", [0, 4, 5, 12, 20, 36, 37, 39])
@pytest.mark.parametrize(
    "change",
    [{"result": 101}, {"outcome": b""}, {"personal": b"x"}, {"reference": ""}, {"serial": 2**63}],
)
def test_an_altered_row_is_named(log, seq, change):
    log.alter(seq, **change)
    report = log.verify(opener=False)
    assert found(report) == [(K.ALTERED_ROW, seq, seq)]
    assert report.shards[0].anchored == 37


def test_an_altered_leaf_is_told_from_an_altered_row(log):
    log.rows[7] = StoredEntry(log.rows[7].entry, bytes(32))
    log.alter(9, result=101)
    report = log.verify(opener=False)
    assert found(report) == [(K.ALTERED_LEAF, 7, 7), (K.ALTERED_ROW, 9, 9)]
    assert report.shards[0].anchored == 37


@pytest.mark.parametrize(
    ("seq", "first", "last"), [(0, 0, 4), (8, 5, 11), (12, 12, 12), (36, 32, 36), (38, 37, 39)]
)
def test_a_row_altered_with_its_leaf_is_a_range_and_with_the_sealed_outcome_an_entry(
    log, seq, first, last
):
    log.alter_with_leaf(seq, result=101)
    report = log.verify(opener=False)
    assert found(report) == [(K.ALTERED_RANGE, first, last)]
    report = log.verify()
    assert sorted(found(report)) == [(K.ALTERED_RANGE, first, last), (K.ALTERED_ROW, seq, seq)]
    assert "sealed outcome" in text_of(report, K.ALTERED_ROW)


def test_after_damage_the_tree_is_taken_up_again_at_the_heads_subtrees(log):
    # The head's 40 leaves are subtrees of 32 and 8: damage in the first hides nothing after it.
    log.alter_with_leaf(3, result=101)
    log.alter_with_leaf(34, result=101)
    report = log.verify(opener=False)
    assert found(report) == [(K.ALTERED_RANGE, 0, 4), (K.ALTERED_RANGE, 32, 36)]
    log.rows[34] = StoredEntry(log.rows[33].entry, log.rows[33].leaf)
    assert (K.MISSING, 34, 34) in found(log.verify(opener=False))


def test_with_the_outcomes_every_altered_entry_is_named_after_damage_too(log):
    for seq in (3, 7, 20, 34, 39):
        log.alter_with_leaf(seq, at_ms=0)
    named = [first for kind, first, _ in found(log.verify()) if kind is K.ALTERED_ROW]
    assert named == [3, 7, 20, 34, 39]


@pytest.mark.parametrize(("first", "stop"), [(0, 1), (3, 6), (5, 12), (11, 30), (36, 38), (0, 39)])
def test_missing_rows_are_named(log, first, stop):
    del log.rows[first:stop]
    report = log.verify()
    assert found(report) == [(K.MISSING, first, stop - 1)]


def test_two_gaps_and_an_altered_row_between(log):
    log.alter_with_leaf(10, result=101)
    log.alter(15, result=101)
    del log.rows[20:22]
    del log.rows[8:9]
    assert found(log.verify()) == [
        (K.MISSING, 8, 8), (K.ALTERED_ROW, 10, 10), (K.ALTERED_ROW, 15, 15), (K.MISSING, 20, 21),
    ]  # fmt: skip


@pytest.mark.parametrize("seq", [0, 4, 11, 12, 30, 39])
@pytest.mark.parametrize("forged_first", [False, True])
def test_a_doubled_row_is_named_and_the_genuine_one_known(log, seq, forged_first):
    row = log.rows[seq]
    forged = msgspec.structs.replace(row.entry, serial=99)
    log.rows.insert(seq if forged_first else seq + 1, StoredEntry(forged, leaf_hash(forged)))
    report = log.verify()
    assert found(report) == [(K.DUPLICATE, seq, seq)]
    text = text_of(report, K.DUPLICATE)
    if forged_first:
        assert f"serial {row.entry.serial}" in text
        assert "committed to" in text
    else:
        assert "serial 99" in text
        assert "isn't the genuine one" in text


@pytest.mark.parametrize("how", ["numbers", "contents"])
@pytest.mark.parametrize(("a", "b"), [(6, 9), (5, 6), (37, 39)])
def test_swapped_rows_are_named(log, how, a, b):
    one, two = log.rows[a], log.rows[b]
    leaves = (two.leaf, one.leaf) if how == "numbers" else (one.leaf, two.leaf)
    log.rows[a] = StoredEntry(msgspec.structs.replace(two.entry, seq=a), leaves[0])
    log.rows[b] = StoredEntry(msgspec.structs.replace(one.entry, seq=b), leaves[1])
    report = log.verify()
    assert found(report) == [(K.SWAPPED, a, b)]
    assert report.shards[0].anchored == 37


def test_rows_swapped_with_leaves_made_anew_are_named_by_their_outcomes(log):
    one, two = log.rows[6].entry, log.rows[9].entry
    for seq, entry in ((6, two), (9, one)):
        moved = msgspec.structs.replace(entry, seq=seq)
        log.rows[seq] = StoredEntry(moved, leaf_hash(moved))
    assert found(log.verify()) == [
        (K.ALTERED_RANGE, 5, 11), (K.ALTERED_ROW, 6, 6), (K.ALTERED_ROW, 9, 9),
    ]  # fmt: skip


def test_rows_beyond_the_head_are_named(log, new_log):
    more = new_log().grow(4, signed=False)
    log.rows.extend(more.rows[40:])
    assert found(log.verify()) == [(K.INSERTED, 40, 43)]
    del log.rows[40]
    assert found(log.verify()) == [(K.INSERTED, 41, 43)]


def test_more_doubts_than_are_kept_are_all_reported(log):
    for seq in range(40):
        log.alter(seq, result=101)
    assert found(log.verify(opener=False)) == [(K.ALTERED_ROW, seq, seq) for seq in range(40)]


# ------------------------------------------------------------------------------------------ head


def test_an_altered_head_is_named(log):
    for change in ({"mac": bytes(32)}, {"size": 39}, {"root": bytes(32)}, {"frontier": b"x"}):
        log.head = msgspec.structs.replace(log.history[-1], **change)
        report = log.verify()
        assert K.HEAD_ALTERED in {f.kind for f in report.findings}, change
        assert not report.ok
    log.head = None
    assert K.HEAD_MISSING in {f.kind for f in log.verify().findings}


def test_a_head_of_another_shard_is_altered(log, new_log):
    log.head = new_log(shard=1).head
    assert K.HEAD_ALTERED in {f.kind for f in log.verify().findings}


def test_a_head_set_back_is_named(log):
    log.head = log.history[2]
    assert (K.HEAD_SET_BACK, -1, -1) in found(log.verify())


def test_a_head_that_contradicts_a_checkpoint_of_its_size(log):
    log.rows = log.rows[:37]
    wrong = merkle.append(merkle.EMPTY, [bytes(32)] * 37)
    log.head = heads.make_head(b"audit key" * 4, 0, wrong)
    assert found(log.verify()) == [(K.HEAD_ALTERED, -1, -1)]


# ------------------------------------------------------------------------------------ checkpoints


def test_a_bad_signature_is_named(log):
    log.notes[2] = log.notes[2].replace("\n13\n", "\n14\n")
    kinds = [f.kind for f in log.verify(outside=False).findings]
    assert kinds == [K.CHECKPOINT_BAD]
    assert K.CHECKPOINT_MISSING in {f.kind for f in log.verify().findings}


def test_a_checkpoint_by_another_key_is_named(log):
    c = cp.parse_checkpoint(log.notes[2])
    log.notes[2] = OTHER.sign(c.origin, c.text())
    assert [f.kind for f in log.verify(outside=False).findings] == [K.CHECKPOINT_BAD]


def test_a_removed_checkpoint_breaks_the_chain(log):
    del log.notes[2]
    assert [f.kind for f in log.verify(outside=False).findings] == [K.CHECKPOINT_CHAIN]
    assert {f.kind for f in log.verify().findings} == {K.CHECKPOINT_CHAIN, K.CHECKPOINT_MISSING}


def test_checkpoints_out_of_order_are_named(log):
    log.notes[1], log.notes[2] = log.notes[2], log.notes[1]
    kinds = {f.kind for f in log.verify(outside=False).findings}
    assert {K.CHECKPOINT_CHAIN, K.CHECKPOINT_BAD} <= kinds


def test_checkpoints_of_another_shard_are_not_taken(log, new_log):
    log.notes = new_log(shard=1).notes
    assert {f.kind for f in log.verify(outside=False).findings} == {K.CHECKPOINT_BAD}


def test_removing_the_last_checkpoints_is_seen_by_the_outside_file(log):
    del log.notes[3:]
    assert log.verify(outside=False).ok
    report = log.verify()
    assert found(report) == [(K.CHECKPOINT_MISSING, -1, -1)]
    assert "24 to 37" in report.findings[0].text


# --------------------------------------------------------------------------------------- the tail


def test_a_cut_tail_is_seen_by_the_head(log):
    del log.rows[38:]
    report = log.verify()
    assert found(report) == [(K.TAIL_CUT, 38, 39)]
    assert "head row says 40" in report.findings[0].text
    assert "checkpoint" not in report.findings[0].text


def test_a_cut_tail_with_the_head_set_back_is_seen_by_the_checkpoints(log):
    del log.rows[24:]
    log.head = log.history[3]
    report = log.verify(outside=False)
    assert (K.TAIL_CUT, 24, 36) in found(report)
    assert "in the database says 37" in text_of(report, K.TAIL_CUT)


def test_a_tail_cut_with_heads_and_checkpoints_is_seen_by_the_outside_file(log):
    del log.rows[24:]
    del log.notes[4:]
    log.head = log.history[3]
    assert log.verify(outside=False).ok  # all that the database holds fits together
    report = log.verify()
    assert not report.ok
    assert (K.TAIL_CUT, 24, 36) in found(report)
    text = text_of(report, K.TAIL_CUT)
    assert "rows end after 24" in text
    assert "outside file says 37" in text
    assert "database" not in text


def test_a_log_that_was_emptied_is_seen_by_the_outside_file(log):
    log.rows, log.notes, log.head = [], [], None
    report = log.verify()
    assert (K.TAIL_CUT, 0, 36) in found(report)


def test_a_cut_tail_and_a_row_altered_with_its_leaf_before_it(log):
    log.alter_with_leaf(37, result=101)
    del log.rows[39:]
    assert found(log.verify()) == [(K.ALTERED_ROW, 37, 37), (K.TAIL_CUT, 39, 39)]


# ------------------------------------------------------------------------------- the outside file


def test_a_past_written_anew_with_all_keys_is_seen_by_the_outside_file(log, new_log):
    """Whoever has the database, the audit key and the checkpoint key still has not the file."""
    forged = type(log)()
    for size in (5, 7, 1, 11, 8, 5):
        forged.grow(size, signed=False)
        if forged.head.size == 12:
            forged.alter_with_leaf(8, result=101)
            leaves = [row.leaf for row in forged.rows]
            forged.frontier = merkle.append(merkle.EMPTY, leaves)
            forged.head = heads.make_head(b"audit key" * 4, 0, forged.frontier)
        forged.sign()
    assert forged.verify(opener=False).ok
    forged.outside = log.outside
    report = forged.verify(opener=False)
    assert {f.kind for f in report.findings} == {K.OUTSIDE_DISAGREES, K.CHECKPOINT_MISSING}
    assert "size 12" in text_of(report, K.OUTSIDE_DISAGREES)
    assert "12 to 37" in text_of(report, K.CHECKPOINT_MISSING)


def test_the_outside_file_alone_disagrees(log):
    log.alter_with_leaf(8, result=101)
    log.notes = []
    log.head = None
    report = log.verify(opener=False)
    assert K.OUTSIDE_DISAGREES in {f.kind for f in report.findings}
    assert report.shards[0].anchored == 5


def test_a_torn_note_and_a_gap_are_notices(log):
    log.outside = log.outside[:-100]
    report = log.verify()
    assert report.ok
    assert {f.kind for f in report.findings} == {K.OUTSIDE_TORN, K.OUTSIDE_BEHIND}
    log.outside = b"".join(note.encode() + b"\n" for note in (*log.notes[:2], *log.notes[3:]))
    report = log.verify()
    assert report.ok
    assert {f.kind for f in report.findings} == {K.OUTSIDE_GAP}


def test_a_note_written_twice_is_no_matter(log):
    log.outside += log.notes[-1].encode() + b"\n"
    assert log.verify().findings == ()


def test_a_forged_or_set_back_note_outside_is_named(log):
    forged = log.notes[5].replace("\n37\n", "\n99\n").encode() + b"\n"
    log.outside += forged
    assert {f.kind for f in log.verify().findings} == {K.OUTSIDE_BAD}
    log.outside = log.outside.removesuffix(forged) + log.notes[0].encode() + b"\n"
    assert K.OUTSIDE_BAD in {f.kind for f in log.verify().findings}


def test_a_shard_that_vanished_is_seen_by_the_outside_file(log, new_log):
    log.outside += new_log(shard=1).outside
    report = log.verify()
    assert {f.kind for f in report.findings} == {K.OUTSIDE_UNKNOWN}


def test_several_shards_are_reported_apart(log, new_log):
    second = new_log(shard=1)
    second.alter(4, result=101)
    outside = cp.CheckpointFile.of(second.outside + log.outside)
    trust = Trust("bank-1", NoteSigner(bytes(range(32))).public_key, b"audit key" * 4)
    calls = []
    report = verify_log(
        [log.log(), second.log()], trust, outside=outside, progress=lambda *call: calls.append(call)
    )
    assert [(f.kind, f.shard, f.first) for f in report.findings] == [(K.ALTERED_ROW, 1, 4)]
    assert report.rows == 80
    assert calls[-1] == (1, 40)
    assert "audit" not in repr(trust)


# ------------------------------------------------------------------------------------ everything


def test_the_number_of_findings_kept_is_bounded():
    collect = Collector()
    for seq in range(MAX_EACH + 5):
        collect.add(K.ALTERED_ROW, 0, "", seq)
    report = collect.report([])
    assert len(report.findings) == MAX_EACH
    assert report.counts == {K.ALTERED_ROW: MAX_EACH + 5}


@pytest.mark.parametrize("small", [1, 3, 8])
def test_small_steps_and_ranges_change_nothing(log, monkeypatch, small):
    monkeypatch.setattr(verify_module, "STEP", small)
    monkeypatch.setattr(verify_module, "MAX_RANGE", small)
    assert log.verify().findings == ()
    log.alter(9, result=101)
    log.alter_with_leaf(30, result=101)
    del log.rows[36]
    assert found(log.verify()) == [
        (K.ALTERED_ROW, 9, 9), (K.ALTERED_RANGE, 24, 31), (K.ALTERED_ROW, 30, 30),
        (K.MISSING, 36, 36),
    ]  # fmt: skip


@settings(max_examples=300)
@given(data=st.data())
def test_no_tampering_passes(data, log_factory):
    """Any row altered, doubled or removed is found, and the place that is named is right."""
    log = log_factory()
    seqs = data.draw(st.sets(st.integers(0, 39), min_size=1, max_size=6))
    expected = {}
    for seq in sorted(seqs, reverse=True):
        how = data.draw(st.sampled_from(["row", "both", "leaf", "gone", "twice"]))
        expected[seq] = how
        row = log.rows[seq]
        if how == "row":
            log.alter(seq, user_id=0)
        elif how == "both":
            log.alter_with_leaf(seq, user_id=0)
        elif how == "leaf":
            log.rows[seq] = StoredEntry(row.entry, bytes(32))
        elif how == "gone":
            del log.rows[seq]
        else:
            other = msgspec.structs.replace(row.entry, user_id=0)
            log.rows.insert(seq, StoredEntry(other, leaf_hash(other)))
    report = log.verify()
    assert not report.ok
    for seq, how in expected.items():
        near = [f for f in report.findings if f.first <= seq <= f.last]
        kinds = {f.kind for f in near if f.kind is not K.ALTERED_RANGE}
        wanted = {
            "row": {K.ALTERED_ROW}, "both": {K.ALTERED_ROW},
            "leaf": {K.ALTERED_ROW, K.ALTERED_LEAF}, "gone": {K.MISSING, K.TAIL_CUT},
            "twice": {K.DUPLICATE},
        }[how]  # fmt: skip
        assert kinds & wanted, (seq, how, near)
    for finding in report.findings:
        if finding.kind not in {K.ALTERED_RANGE, K.CHECKPOINT_BAD}:
            touched = set(range(finding.first, finding.last + 1)) & set(expected)
            assert touched, finding
