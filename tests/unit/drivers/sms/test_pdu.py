"""The codec against PDUs that two independent implementations made, and against any octets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_drivers.sms.smpp.fields import CString, FieldError, Octets
from tigertally_drivers.sms.smpp.framing import PDU_BYTES_MAX, FramingError, PduReader
from tigertally_drivers.sms.smpp.pdu import (
    HEADER_BYTES,
    LAYOUTS,
    BindTransceiver,
    Command,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    Malformed,
    Pdu,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Unbind,
    UnbindResp,
    Unknown,
    decode,
    encode,
)

VECTORS = json.loads(
    (Path(__file__).parents[3] / "vectors" / "smpp.json").read_text(encoding="utf-8")
)["pdus"]

EXPECTED = {
    "bind_transceiver": Pdu(
        1, BindTransceiver("SMPP3TEST", "secret08", "SUBMIT1", 0x34, addr_ton=1, addr_npi=1)
    ),
    "submit_sm": Pdu(
        5,
        SubmitSm(
            source_addr_ton=1,
            source_addr_npi=1,
            source_addr="861069900",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr="8613800138000",
            validity_period="000000000500000R",
            registered_delivery=1,
            short_message=b"code 314159",
        ),
    ),
    "enquire_link": Pdu(7, EnquireLink()),
    "enquire_link_resp": Pdu(7, EnquireLinkResp()),
    "unbind": Pdu(7, Unbind()),
    "unbind_resp": Pdu(7, UnbindResp()),
    "submit_sm_resp": Pdu(5, SubmitSmResp("5f2a91")),
    "deliver_sm_resp": Pdu(9, DeliverSmResp()),
    "deliver_sm": Pdu(
        9,
        DeliverSm(
            source_addr_ton=1,
            source_addr_npi=1,
            source_addr="8613800138000",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr="861069900",
            esm_class=4,
            short_message=(
                b"id:5f2a91 sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 "
                b"stat:DELIVRD err:000 text:code"
            ),
        ),
    ),
    "deliver_sm with options": Pdu(
        12,
        DeliverSm(source_addr="8613800138000", destination_addr="861069900", esm_class=4),
        options={Tag.MESSAGE_STATE: b"\x05", Tag.RECEIPTED_MESSAGE_ID: b"5f2a91\0"},
    ),
}


@pytest.mark.parametrize("row", VECTORS, ids=lambda r: r["name"])
def test_agrees_with_independent_implementations(row):
    raw = bytes.fromhex(row["hex"])
    if row["name"] == "submit_sm_resp refused":  # a refusal without a body
        assert decode(raw) == Pdu(5, SubmitSmResp(), 0x58)
        return
    assert decode(raw) == EXPECTED[row["name"]]
    assert encode(EXPECTED[row["name"]]) == raw


def test_every_vector_is_known_and_every_layout_has_its_command():
    assert {row["name"] for row in VECTORS} >= set(EXPECTED)
    assert set(LAYOUTS) == set(Command)


texts = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=5)
octet = st.integers(0, 255)


@st.composite
def pdus(draw):
    kind, layout = LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))]
    strategies = {CString: texts, Octets: st.binary(max_size=254)}
    values = {name: draw(strategies.get(type(field), octet)) for name, field in layout}
    options = draw(st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=20), max_size=3))
    return Pdu(draw(st.integers(0, 2**32 - 1)), kind(**values), draw(octet), options)


@given(pdus())
def test_what_is_encoded_decodes_to_itself(pdu):
    raw = encode(pdu)
    assert int.from_bytes(raw[:4], "big") == len(raw)
    assert decode(raw) == pdu


@given(st.binary(max_size=300), st.sampled_from([int(c) for c in Command]) | st.integers(0, 2**32))
def test_any_body_decodes_to_something(body, command):
    command %= 2**32
    raw = (16 + len(body)).to_bytes(4, "big") + command.to_bytes(4, "big") + bytes(8) + body
    pdu = decode(raw)
    if isinstance(pdu.body, Malformed | Unknown):
        assert pdu.body.command == command
        assert pdu.is_response == bool(command >> 31)
    else:
        assert decode(encode(pdu)) == pdu  # a refusal without a body gets an empty one
        assert pdu.options or pdu.status or encode(pdu) == raw


def take_all(chunks):
    """PDUs, and whether the end was a framing error."""
    reader, found = PduReader(), []
    try:
        for chunk in chunks:
            reader.feed(chunk)
            while (pdu := reader.next_pdu()) is not None:
                found.append(pdu)
    except FramingError:
        with pytest.raises(FramingError):
            reader.next_pdu()
        return found, True
    return found, False


@given(st.lists(pdus(), max_size=4), st.binary(max_size=40), st.data())
def test_cutting_changes_nothing(sent, tail, data):
    raw = b"".join(encode(pdu) for pdu in sent) + tail
    whole = take_all([raw])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=6)))
    pieces = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    assert take_all(pieces) == whole
    assert whole[0][: len(sent)] == sent


@pytest.mark.parametrize("length", [0, HEADER_BYTES - 1, PDU_BYTES_MAX + 1, 2**32 - 1])
def test_impossible_lengths_end_it_at_once(length):
    assert take_all([length.to_bytes(4, "big")]) == ([], True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("system_id", "a" * 16),
        ("password", "nine-char"),
        ("password", "\n"),
        ("system_id", "虎"),
        ("addr_ton", 256),
        ("addr_ton", -1),
    ],
)
def test_what_does_not_fit_is_named_and_not_shown(field, value):
    values = {"system_id": "x", "password": "y", field: value}
    with pytest.raises(FieldError) as caught:
        encode(Pdu(1, BindTransceiver(**values)))
    assert caught.value.field == field
    assert str(value) not in str(caught.value)


def test_nothing_of_a_message_is_in_a_repr():
    pdu = EXPECTED["submit_sm"]
    for shown in (repr(pdu), repr(pdu.body)):
        assert "314159" not in shown
        assert "138001" not in shown
