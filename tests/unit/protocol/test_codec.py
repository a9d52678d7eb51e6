"""The derived codec does exactly what the construct declarations do, for every message type."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from construct import ConstructError
from hypothesis import given, settings
from hypothesis import strategies as st

from tigertally_protocol.codec import walk
from tigertally_protocol.errors import BadField
from tigertally_protocol.header import HEADER, decode_header, encode_header
from tigertally_protocol.registry import canonical_form, decode_body, encode_body
from tigertally_protocol.secret import SecretBytes, SecretText
from tigertally_testing.layouts import ROWS, messages, row_id, sample

CHARSETS = ("utf-8", "gb18030")
# Bytes that meet the converters' edges more often than random ones do.
AWKWARD = st.sampled_from(b"\x00\x01 \x5c09AZz~\x7f\x80\x81\x84\xa0\xc3\xd6\xe4\xff")


# Several transactions share a layout; each layout is tried once.
LAYOUTS = list({id(row.layout): row for row in ROWS}.values())
each_layout = pytest.mark.parametrize("row", LAYOUTS, ids=row_id)
some = settings(max_examples=max(1, settings().max_examples // 4))


def plain(message):
    """Field values by name; for construct, and comparable where secrets print alike."""
    return msgspec.structs.asdict(message)


def by_construct(row, body, charset):
    """What the declaration makes of a body: field values, or None if it refuses."""
    try:
        found = row.layout.parse(body, charset=charset)
    except (ConstructError, ValueError):
        return None
    return {spec.name: found[spec.name] for spec in row.fields if not spec.reserved}


@each_layout
@pytest.mark.parametrize("charset", CHARSETS)
@some
@given(data=st.data())
def test_builds_what_construct_builds(row, charset, data):
    message = data.draw(messages(row, charset))
    body = encode_body(row, message, charset)
    assert len(body) == row.body_size
    assert body == row.layout.build(plain(message), charset=charset)
    assert decode_body(row, body, charset) == message
    assert by_construct(row, body, charset) == plain(message)


@each_layout
@pytest.mark.parametrize("charset", CHARSETS)
@some
@given(data=st.data())
def test_reads_and_refuses_what_construct_does(row, charset, data):
    body = bytearray(encode_body(row, sample(row), charset))
    if body:
        for _ in range(data.draw(st.integers(1, 4))):
            body[data.draw(st.integers(0, len(body) - 1))] = data.draw(AWKWARD)
    expected = by_construct(row, bytes(body), charset)
    if expected is not None:
        assert plain(decode_body(row, bytes(body), charset)) == expected
        return
    with pytest.raises(BadField) as caught:
        decode_body(row, bytes(body), charset)
    assert caught.value.field in {spec.name for spec in row.fields}
    assert caught.value.__context__ is None, "the peer's bytes hang on the error"


@each_layout
@some
@given(data=st.data())
def test_garbage_is_read_or_refused(row, data):
    body = data.draw(st.binary(min_size=row.body_size, max_size=row.body_size))
    for charset in CHARSETS:
        try:
            got = plain(decode_body(row, body, charset))
        except BadField:
            got = None
        assert got == by_construct(row, body, charset)


@each_layout
def test_every_single_bad_field_is_named(row):
    """One wrong byte at each field's start is reported under that field's name."""
    good = encode_body(row, sample(row), "utf-8")
    for spec in row.fields:
        if spec.kind.startswith("u") or spec.kind == "octets":
            continue
        bad = bytearray(good)
        bad[spec.offset] = 1
        with pytest.raises(BadField) as caught:
            decode_body(row, bytes(bad), "utf-8")
        assert caught.value.field == spec.name


@each_layout
def test_no_value_is_cut_or_padded_by_the_encoder(row):
    message = sample(row)
    for spec in row.fields:
        if spec.reserved:
            continue
        wrong: list[Any]
        if spec.kind == "octets":
            wrong = [bytes(spec.width + 1), bytes(spec.width - 1), "text", None]
        elif spec.kind.startswith("u"):
            wrong = [256**spec.width, -1, "1", None]
        else:
            wrong = ["1" * (spec.width + 1), "1\x00", "\n", "1\x7f", 5, None, b"1"]
            wrong += [] if spec.kind == "text" else ["1 2", " 1", "1 ", "１", "é"]
            wrong += ["12a"] if spec.kind == "digits" else []
        for value in wrong:
            bad = msgspec.structs.replace(message, **{spec.name: value})
            with pytest.raises(BadField) as caught:
                encode_body(row, bad, "utf-8")
            assert caught.value.field == spec.name
            assert caught.value.__context__ is None


@each_layout
def test_a_body_of_another_length_is_refused(row):
    body = encode_body(row, sample(row), "utf-8")
    for wrong in (body + b"\0", body[:-1]):
        if len(wrong) != len(body):
            with pytest.raises(BadField, match="length"):
                decode_body(row, wrong, "utf-8")


@each_layout
@some
@given(data=st.data())
def test_canonical_form_tells_messages_apart_and_charsets_not(row, data):
    seen = {}
    for _ in range(2):
        message = data.draw(messages(row, "gb18030"))
        forms = set()
        for charset in CHARSETS:
            try:
                forms.add(canonical_form(row, message, encode_body(row, message, charset)))
            except BadField:  # what fits in GB18030 may be too long in UTF-8
                assert charset == "utf-8"
        assert len(forms) == 1
        seen[forms.pop()] = message
    assert len(seen) == len({repr(sorted(plain_shown(m).items())) for m in seen.values()})


def plain_shown(message):
    return {
        name: value.reveal() if isinstance(value, SecretText | SecretBytes) else value
        for name, value in plain(message).items()
    }


def test_header_is_what_construct_says():
    spans = [(spec.name, spec.offset, spec.width) for spec in walk(HEADER)]
    assert spans[-1] == ("business_day", 62, 2)
    for index, (name, offset, width) in enumerate(spans[3:]):
        values = {n: 0 for n, _, _ in spans} | {"magic": 0x5454, "version": 1, "header_length": 64}
        values |= {name: (index + 1) % 2 if name == "flags" else 256 ** (width - 1) + index}
        raw = HEADER.build(values)
        header = decode_header(b"x" + raw, 1)
        assert getattr(header, name) == values[name]
        assert int.from_bytes(raw[offset : offset + width], "big") == values[name]
        assert encode_header(header) == raw
