from __future__ import annotations

import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_server.audit import checkpoint as cp
from tigertally_server.audit.note import (
    NoteError,
    NoteSigner,
    SignatureError,
    VerifierKey,
    open_note,
)
from tigertally_server.audit.outside import append_notes, open_outside

SIGNER = NoteSigner(bytes(range(32)))
ORIGIN = "tigertally/bank-1/3"


def build(size=7, at_ms=5, previous=cp.NO_PREVIOUS, signer=SIGNER, shard=3):
    return cp.build_checkpoint(
        signer, "bank-1", shard, size=size, root=b"r" * 32, at_ms=at_ms, previous=previous
    )


# The example of C2SP's signed-note document: Go's note package, example key.
PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_signed_by_another_implementation_opens():
    name, key_id, encoded = PETER_KEY.split("+", 2)
    import base64

    key = VerifierKey(name, base64.b64decode(encoded)[1:])
    assert key.key_id.hex() == key_id
    assert key.text() == PETER_KEY
    assert open_note(PETER_NOTE, key).startswith("If you think")
    with pytest.raises(SignatureError):
        open_note(PETER_NOTE.replace("answer", "Answer"), key)


def test_round_trip_and_form():
    note = build()
    lines = note.split("\n")
    assert lines[:2] == [ORIGIN, "7"]
    assert lines[3:5] == ["time 5", "previous " + "A" * 43 + "="]
    assert lines[5] == ""
    assert lines[6].startswith(f"— {ORIGIN} ")
    checkpoint = cp.verify_checkpoint(note, SIGNER.public_key, ORIGIN)
    assert checkpoint == cp.Checkpoint(ORIGIN, 7, b"r" * 32, 5, cp.NO_PREVIOUS)
    assert cp.parse_checkpoint(note) == checkpoint
    assert "secret" in repr(SIGNER)


@given(st.data())
def test_every_changed_byte_is_refused(data):
    note = build().encode()
    at = data.draw(st.integers(0, len(note) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    changed = note[:at] + bytes([note[at] ^ bit]) + note[at + 1 :]
    with pytest.raises((NoteError, UnicodeDecodeError)):
        cp.verify_checkpoint(changed.decode(), SIGNER.public_key, ORIGIN)


def test_other_key_and_other_origin_are_refused():
    other = NoteSigner(bytes(32))
    with pytest.raises(SignatureError):
        cp.verify_checkpoint(build(signer=other), SIGNER.public_key, ORIGIN)
    with pytest.raises(NoteError, match="another installation or shard"):
        cp.verify_checkpoint(build(shard=4), SIGNER.public_key, ORIGIN)


def test_signatures_of_unknown_keys_are_passed_over():
    note = build()
    text = cp.parse_checkpoint(note).text()
    witness = NoteSigner(bytes(32)).sign("witness.example", text)
    both = note + witness.rpartition("\n\n")[2]
    assert cp.verify_checkpoint(both, SIGNER.public_key, ORIGIN).size == 7


@pytest.mark.parametrize("installation", ["", "a b", "a+b", "a/b", "a\nb"])
def test_a_name_that_would_change_the_form_is_refused(installation):
    with pytest.raises(NoteError):
        cp.build_checkpoint(SIGNER, installation, 0, size=1, root=bytes(32), at_ms=0)


def test_the_smallest_covering_checkpoint():
    notes = [build(size) for size in (3, 9, 5)]
    assert cp.smallest_covering(notes, 2) == notes[0]
    assert cp.smallest_covering(notes, 3) == notes[2]
    assert cp.smallest_covering(notes, 8) == notes[1]
    assert cp.smallest_covering(notes, 9) is None


# ------------------------------------------------------------------------------ the outside file


def test_every_cut_of_the_file_names_at_most_its_last_note():
    notes = [build(1), build(2)]
    data = "".join(note + "\n" for note in notes).encode()
    edge = len(notes[0].encode()) + 1
    for n in range(len(data) + 1):
        file = cp.CheckpointFile.of(data[:n])
        whole, torn = list(file.notes()), file.torn()
        assert whole == notes[: len(whole)]
        if n in (0, edge - 1, edge, len(data) - 1, len(data)):
            assert torn == []
            assert len(whole) == (n >= edge - 1) + (n >= len(data) - 1)
        else:
            assert [t.offset for t in torn] == [0 if n < edge else edge]


@pytest.mark.parametrize("cut", [1, 30, 80, 130, 200])
def test_a_note_torn_by_a_crash_is_closed_and_the_next_stands(tmp_path, cut):
    path = tmp_path / "outside.notes"
    fd = open_outside(path)
    append_notes(fd, [build(1)])
    os.write(fd, build(2).encode()[:cut])
    os.close(fd)
    fd = open_outside(path)
    append_notes(fd, [build(3)])
    os.close(fd)
    file = cp.CheckpointFile.at(path)
    assert [cp.parse_checkpoint(note).size for note in file.notes()] == [1, 3]
    assert len(file.torn()) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_reading_stops_where_the_file_ended_when_it_was_opened(tmp_path):
    path = tmp_path / "outside.notes"
    fd = open_outside(path)
    append_notes(fd, [build(1)])
    file = cp.CheckpointFile.at(path)
    append_notes(fd, [build(2)])
    os.close(fd)
    assert len(list(file.notes())) == 1
    assert file.torn() == []
    assert len(list(cp.CheckpointFile.at(path).notes())) == 2


def test_a_whole_file_is_not_touched_by_opening(tmp_path):
    path = tmp_path / "outside.notes"
    fd = open_outside(path)
    append_notes(fd, [build(1)])
    os.close(fd)
    before = path.read_bytes()
    os.close(open_outside(path))
    assert path.read_bytes() == before


def test_garbage_is_named_and_notes_by_origin():
    data = b"garbage\n\n" + build(1).encode() + b"\n" + build(2, shard=4).encode() + b"\n"
    data += "— a signature alone\n\n".encode() + b"\xff\n\n" + "— x AAAA\n\n".encode()
    file = cp.CheckpointFile.of(data + b"x" * 100_000 + b"\n\n")
    assert file.origins() == {ORIGIN, "tigertally/bank-1/4"}
    assert [cp.parse_checkpoint(n).size for n in file.notes("tigertally/bank-1/4")] == [2]
    assert [t.reason for t in file.torn()][:2] == [
        "a note without its signature",
        "a signature without its note",
    ]
