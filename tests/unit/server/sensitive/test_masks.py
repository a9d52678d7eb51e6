"""Masks by kind, and what screens and logs make of records."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from tigertally_protocol.secret import SecretText
from tigertally_server import log
from tigertally_server.sensitive import masks
from tigertally_server.sensitive.kinds import KINDS, Class, Kind, masked
from tigertally_server.sensitive.showing import SENSITIVE, masked_record


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        (Kind.PHONE, "13812345678", "138****5678"),
        (Kind.PHONE, "+8613812345678", "+86138****5678"),
        (Kind.PHONE, "85512", "****"),
        (Kind.CUSTOMER, "62123456", "62****56"),
        (Kind.CUSTOMER, "C0001", "****01"),
        (Kind.CUSTOMER, "C1", "****"),
        (Kind.ACCOUNT, "6222020200012345", "622202****2345"),
        (Kind.ACCOUNT, "0200012345", "****2345"),
        (Kind.ACCOUNT, "12345", "****"),
        (Kind.NAME, "张三", "张**"),
        (Kind.NAME, "欧阳小明", "欧**"),
        (Kind.NAME, "Zaphod", "Z***"),
        (Kind.ADDRESS, "203.0.113.9", "203.0.*.*"),
        (Kind.ADDRESS, "2001:db8:1::7", "2001:db8:*"),
        (Kind.ADDRESS, "a host", "****"),
        (Kind.TEXT, "rent for June", "****"),
        (Kind.CODE, "314159", "«secret»"),
        (Kind.PIN, "", "«secret»"),
        (Kind.TOKEN, "TK-000017", "TK-000017"),
    ],
)
def test_masks(kind, text, shown):
    assert masked(kind, text) == shown


@given(
    st.sampled_from([k for k, r in KINDS.items() if r.cls is Class.PERSONAL]),
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=5, max_size=40),
)
def test_a_mask_never_tells_all(kind, text):
    shown = masked(kind, text)
    assert text not in shown
    assert sum(character != "*" for character in shown) <= len(text) - 3


def test_the_example_of_every_kind_is_masked_if_it_must_be():
    for kind, row in KINDS.items():
        hidden = row.mask(row.example) != row.example
        assert hidden == (row.cls in (Class.SECRET, Class.PERSONAL)), kind


def test_what_a_reader_said_himself_is_no_news_to_him():
    record = {
        "customer": "C000123456",
        "owner": {"mobile": "13812345678"},
        "tokens": [{"customer": "C000777777"}],
    }
    assert masked_record(record, {"C000123456"}) == {
        "customer": "C000123456",
        "owner": {"mobile": "138****5678"},
        "tokens": [{"customer": "C0****77"}],
    }


def test_a_secret_type_is_hidden_under_any_name():
    assert masked_record({"x": SecretText("s3cret"), "y": [SecretText("t")]}) == {
        "x": masks.HIDDEN,
        "y": [masks.HIDDEN],
    }


@pytest.mark.parametrize("form", ["json", "text"])
def test_the_log_masks_and_withholds_what_an_exception_says(form, monkeypatch):
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    before = structlog.get_config()
    try:
        log.set_up("debug", form)
        logger = structlog.get_logger("test")
        try:
            try:
                int("13812345678x")
            except ValueError as problem:
                raise KeyError("欧阳玛瑙") from problem
        except KeyError as problem:
            logger.error(  # noqa: TRY400
                "it failed",
                mobile="13812345678",
                otp="314159",
                customer="C000123456",
                channel=7,
                exc_info=problem,
            )
    finally:
        structlog.configure(**before)
        logging.getLogger("psycopg").setLevel(logging.NOTSET)
    said = written.getvalue()
    for secret in ("13812345678", "欧阳玛瑙", "314159", "C000123456"):
        assert secret not in said
    assert "Traceback" in said
    assert "KeyError from ValueError" in said
    if form == "json":
        event = json.loads(said)
        assert (event["mobile"], event["customer"], event["channel"]) == (
            "138****5678",
            "C0****56",
            7,
        )


def test_every_sensitive_field_has_a_mask_in_the_log():
    assert {"otp", "pin", "password", "mobile", "customer", "payee", "end_user_address"} <= set(
        SENSITIVE
    )
