"""`frame decode` reads what stands in the open, masks what is secret, and names faults."""

from __future__ import annotations

import json

from click.testing import CliRunner

from tigertally_protocol import registry
from tigertally_protocol.header import Header, encode_header
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_server.cli.main import cli

_LAYOUT = registry.MESSAGES[0x0301, 1, 1]
_CODE = "739158"


def _frame(*, flags: int = 0, charset: str = "utf-8", total: int | None = None) -> bytes:
    message = VerifyOtpRequest("0001", "C1", "T1", "REF-1", "10.0.0.1", SecretText(_CODE))
    header = Header(
        total_length=total or _LAYOUT.frame_size,
        transaction=0x0301,
        kind=1,
        flags=flags,
        channel_id=7,
        serial=99,
        sender_time=1_767_225_600_000,
        return_code=0,
        budget_ms=3000,
        key_generation=1,
        suite=1,
        field_cipher=2,
        session_id=5,
        sequence=3,
        schema=1,
        business_day=20_454,
    )
    return encode_header(header) + registry.encode_body(_LAYOUT, message, charset) + b"\xab" * 16


def _decode(text: str, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["frame", "decode", "-", *options], input=text)
    return result.exit_code, result.stdout


def test_two_frames_with_colons_and_breaks() -> None:
    text = _frame().hex(":") + "\n0x" + _frame(flags=1).hex()
    status, shown = _decode(text)
    assert status == 0
    for part in ("VERIFY_OTP", "C1", "REF-1", "«secret»", "(sealed)", "2026-01-01", "INTL_HMAC"):
        assert part in shown
    assert _CODE not in shown


def test_as_json() -> None:
    status, shown = _decode(_frame().hex(), "--json")
    assert status == 0
    (only,) = json.loads(shown)
    assert only["header"]["serial"] == 99
    assert only["body"]["customer"] == "C1"
    assert only["body"]["otp"] == "«secret»"
    assert _CODE not in shown


def test_faults_are_named() -> None:
    cases = {
        _frame()[:100].hex(): "cut: 100 of 268 bytes",
        _frame(total=300).hex(): "total length 300; this message has 268 bytes",
        "0000" + _frame()[2:].hex(): "BAD_MAGIC",
        _frame().hex() + "5454": "less than a header",
        _frame()[:64].replace(b"\x03\x01", b"\x7f\x01", 1).hex()
        + _frame()[64:].hex(): "no message",
    }
    for text, said in cases.items():
        status, shown = _decode(text)
        assert status == 1
        assert said in shown


def test_a_bad_field_is_named_without_its_bytes() -> None:
    raw = bytearray(_frame())
    raw[64:68] = b"\x00\x01\x02\x03"
    status, shown = _decode(raw.hex())
    assert status == 1
    assert "institution" in shown
