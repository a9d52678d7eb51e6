from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_server.audit.leaf import (
    EncodingError,
    decode_entry,
    encode_entry,
    identity,
    leaf_hash,
    leaf_hash_of,
)
from tigertally_server.domain.entry import Entry

I64 = st.integers(-(2**63), 2**63 - 1)
U32 = st.integers(0, 2**32 - 1)
U16 = st.integers(0, 2**16 - 1)
BYTES = st.binary(max_size=80) | st.sampled_from([b"x" * 1023, b"x" * 1024, b"x" * 65535])
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)

ENTRIES = st.builds(
    Entry, U16, I64, U16, U32, I64, st.integers(0, 255), U16, U32, I64, TEXT, I64, I64,
    st.integers(-(2**15), 2**15 - 1), I64, BYTES, U32, BYTES, U32, BYTES,
)  # fmt: skip

EXAMPLE = Entry(1, 2, 3, 4, 5, 6, 7, 8, 9, "r虎", 10, 11, -1, -1, b"d" * 32, 12, b"out", 13, b"per")
EXAMPLE_HEX = (
    "545445" "01" "0001" "0000000000000002" "0003" "00000004" "0000000000000005" "06" "0007"
    "00000008" "0000000000000009" "000000000000000a" "000000000000000b" "ffff" "ffffffffffffffff"
    "0000000c" "0000000d" "0004" "72e8998e" "0020" + "64" * 32 + "0003" "6f7574" "0003" "706572"
)  # fmt: skip


def test_encoding_is_the_documented_one():
    assert encode_entry(EXAMPLE).hex() == EXAMPLE_HEX
    assert leaf_hash(EXAMPLE) == hashlib.sha256(b"\x00" + bytes.fromhex(EXAMPLE_HEX)).digest()


@given(ENTRIES)
def test_decode_inverts_encode(entry):
    data = encode_entry(entry)
    assert decode_entry(data) == entry
    assert leaf_hash(entry) == leaf_hash_of(data) == hashlib.sha256(b"\x00" + data).digest()


@given(ENTRIES, ENTRIES)
def test_different_entries_have_different_bytes(one, other):
    assert (encode_entry(one) == encode_entry(other)) == (one == other)


def test_every_cut_and_every_added_byte_is_refused():
    data = encode_entry(EXAMPLE)
    for n in range(len(data)):
        with pytest.raises(EncodingError):
            decode_entry(data[:n])
    with pytest.raises(EncodingError, match="after the end"):
        decode_entry(data + b"\0")


@pytest.mark.parametrize(
    ("at", "value", "says"),
    [(0, b"X", "magic"), (3, b"\x02", "version 2"), (79, b"\xff", "UTF-8")],
)
def test_damage_is_named(at, value, says):
    data = bytearray(encode_entry(EXAMPLE))
    data[at : at + 1] = value
    with pytest.raises(EncodingError, match=says):
        decode_entry(bytes(data))


@pytest.mark.parametrize(
    "change",
    [{"shard": -1}, {"serial": 2**63}, {"phase": 256}, {"version": 2}, {"result": -1},
     {"personal": bytes(65536)}, {"reference": "\ud800"}, {"seq": "1"}],
)  # fmt: skip
def test_what_cannot_be_an_entry_is_refused(change):
    fields = {name: getattr(EXAMPLE, name) for name in EXAMPLE.__struct_fields__}
    with pytest.raises(EncodingError):
        encode_entry(Entry(**(fields | change)))


def test_identity_is_everything_but_the_ciphertexts():
    fields = {name: getattr(EXAMPLE, name) for name in EXAMPLE.__struct_fields__}
    same = Entry(**(fields | {"outcome": b"other", "personal": b""}))
    assert identity(same) == identity(EXAMPLE)
    for name in set(fields) - {"outcome", "personal", "version"}:
        value = fields[name]
        other = value + 1 if isinstance(value, int) else value + value[:1]
        assert identity(Entry(**(fields | {name: other}))) != identity(EXAMPLE), name
