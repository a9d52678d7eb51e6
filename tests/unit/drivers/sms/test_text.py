"""Alphabets, cutting, times and receipts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_drivers.errors import Rejected
from tigertally_drivers.sms.port import DeliveryState, SmsMessage
from tigertally_drivers.sms.smpp.alphabet import PART, SINGLE, cut, decode_text, encode_text
from tigertally_drivers.sms.smpp.compose import compose, relative_time
from tigertally_drivers.sms.smpp.pdu import DeliverSm, Pdu, Tag
from tigertally_drivers.sms.smpp.receipt import Receipt, read_receipt
from tigertally_drivers.sms.smpp.settings import SmppSettings

CUTS = json.loads(
    (Path(__file__).parents[3] / "vectors" / "smpp.json").read_text(encoding="utf-8")
)["cuts"]
HEADER = 6


@pytest.mark.parametrize("row", CUTS, ids=lambda r: r["text"][:12])
def test_cuts_as_an_independent_implementation_does(row):
    encoded = encode_text(row["text"])
    assert encoded.coding == row["coding"]
    theirs = [bytes.fromhex(part)[HEADER if row["udhi"] else 0 :] for part in row["parts"]]
    assert list(cut(encoded)) == theirs


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_parts_fit_and_say_the_text(text):
    encoded = encode_text(text)
    parts = cut(encoded)
    most = SINGLE if len(parts) == 1 else PART
    assert all(len(part) <= most[encoded.coding] for part in parts)
    # each part alone is whole characters
    assert "".join(decode_text(encoded.coding, part) for part in parts) == text


@given(st.text(st.sampled_from("a€😀"), min_size=60, max_size=200))
def test_no_pair_is_cut(text):
    encoded = encode_text(text)
    for part in cut(encoded):
        assert "�" not in decode_text(encoded.coding, part)


@given(st.binary(max_size=200), st.sampled_from([0, 3, 8]))
def test_any_octets_decode_to_something(octets, coding):
    decode_text(coding, octets)


def message(text="code 314159", number="+8613800138000", valid_for_s=300):
    return SmsMessage(bytes(16), number, text, valid_for_s)


def test_a_short_message_is_one_part_with_a_receipt():
    (part,) = compose(message(), SmppSettings(source="10690"), 7)
    assert part.body.destination_addr == "8613800138000"
    assert (part.body.dest_addr_ton, part.body.dest_addr_npi) == (1, 1)
    assert (part.body.source_addr, part.body.registered_delivery) == ("10690", 1)
    assert part.body.validity_period == "000000000500000R"
    assert part.body.esm_class == 0


def test_a_national_number_says_so():
    (part,) = compose(message(number="13800138000"), SmppSettings(), 7)
    assert (part.body.dest_addr_ton, part.body.destination_addr) == (0, "13800138000")


def test_long_messages_are_numbered_parts_and_only_the_last_reports_success():
    parts = compose(message("付" * 150), SmppSettings(), 0x1234)
    assert [p.body.short_message[:HEADER] for p in parts] == [
        bytes((5, 0, 3, 0x34, 3, number)) for number in (1, 2, 3)
    ]
    assert [p.body.registered_delivery for p in parts] == [2, 2, 1]
    assert {p.body.esm_class for p in parts} == {0x40}


def test_long_messages_whole_in_the_payload():
    (part,) = compose(message("付" * 150), SmppSettings(long_messages="payload"), 1)
    assert part.body.short_message == b""
    assert part.options[Tag.MESSAGE_PAYLOAD].decode("utf-16-be") == "付" * 150


@pytest.mark.parametrize(
    "bad",
    [
        message(number=""),
        message(number="+"),
        message(number="12"),
        message(number="+86138\n00138000"),
        message(number="+1" * 3),
        message(number="１３８００１３８０００"),
        message(number="1" * 21),
        message(text="half \ud83d"),
        message(text="x" * 1531),
    ],
)
def test_what_cannot_be_sent_is_refused_without_being_shown(bad):
    with pytest.raises(Rejected) as caught:
        compose(bad, SmppSettings(), 1)
    assert bad.number not in str(caught.value) or not bad.number.strip("+")


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, ""),
        (-5, ""),
        (1, "000000000001000R"),
        (3_661, "000000010101000R"),
        (86_400, "000001000000000R"),
        (10**9, "000027000000000R"),
    ],
)
def test_validity_is_a_relative_time(seconds, written):
    assert relative_time(seconds) == written
    assert len(written) in {0, 16}


def delivery(text=b"", esm_class=4, coding=0, options=None):
    body = DeliverSm(esm_class=esm_class, data_coding=coding, short_message=text)
    return Pdu(1, body, options=options or {})


S = DeliveryState


@pytest.mark.parametrize(
    ("pdu", "read"),
    [
        (delivery(b"id:17 stat:DELIVRD err:000 text:hi"), Receipt("17", S.DELIVERED, "000")),
        (delivery(b"ID:ab-1 STAT:undeliv ERR:12"), Receipt("ab-1", S.FAILED, "12")),
        (delivery(b"id:17 stat:EXPIRED"), Receipt("17", S.EXPIRED)),
        (delivery(b"id:17 stat:NEVERSEEN"), Receipt("17", S.UNKNOWN)),
        (delivery(b"id:17 stat:ENROUTE", esm_class=0x20), Receipt("17", S.ACCEPTED)),
        (delivery("id:17 stat:REJECTD".encode("utf-16-be"), coding=8), Receipt("17", S.FAILED)),
        (
            delivery(options={Tag.MESSAGE_PAYLOAD: b"id:17 stat:DELIVRD"}),
            Receipt("17", S.DELIVERED),
        ),
        (
            delivery(
                b"id:17 stat:DELIVRD",
                options={Tag.RECEIPTED_MESSAGE_ID: b"18\0", Tag.MESSAGE_STATE: b"\x05"},
            ),
            Receipt("18", S.FAILED),
        ),
        (
            delivery(b"id:17 stat:UNDELIV", options={Tag.NETWORK_ERROR_CODE: b"\x03\x00\x45"}),
            Receipt("17", S.FAILED, "network 3 error 69"),
        ),
        # a customer's words are no receipt, whatever they say
        (delivery(b"id:17 stat:DELIVRD", esm_class=0), None),
        (delivery(b"text:id:17 stat:DELIVRD"), None),
        (delivery(b"stat:DELIVRD"), None),
        (delivery(options={Tag.RECEIPTED_MESSAGE_ID: b"\x00\x01"}), None),
        (delivery(options={Tag.RECEIPTED_MESSAGE_ID: b"a\nb\0"}), None),
        (delivery(options={Tag.RECEIPTED_MESSAGE_ID: b"a" * 65}), None),
    ],
)
def test_receipts(pdu, read):
    assert read_receipt(pdu) == read


@given(
    st.binary(max_size=254),
    st.dictionaries(st.sampled_from(sorted(Tag)), st.binary(max_size=70)),
    st.sampled_from([0, 8]),
)
def test_any_delivery_is_read_or_not(text, options, coding):
    read = read_receipt(delivery(text, coding=coding, options=options))
    if read is not None:
        assert read.message_id
        assert read.message_id.isprintable()
        assert len(read.message_id) <= 64
        assert len(read.reason) <= 32
