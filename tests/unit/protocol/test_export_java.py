"""The Java client's generated files are current, and there is nothing else among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tigertally_protocol import export_java
from tigertally_protocol.codes import CODES
from tigertally_protocol.constants import FIRST_BUSINESS
from tigertally_testing.layouts import ROWS

FOLDER = Path(__file__).parents[3] / "clients" / "java" / "src" / "main" / "java"
SOURCES = export_java.sources()


def test_files_are_current():
    for path, text in SOURCES.items():
        assert (FOLDER / path).read_text("utf-8") == text, f"{path}: make generate"


def test_no_message_is_left_over():
    found = {path.name for path in (FOLDER / export_java.MESSAGES).iterdir()}
    made = {Path(path).name for path in SOURCES if path.startswith(export_java.MESSAGES)}
    assert found - made == {"package-info.java"}


def test_every_message_code_and_layout_is_there():
    layouts = SOURCES[f"{export_java.WIRE}/Layouts.java"]
    assert layouts.count("case 0x") == len(ROWS)
    codes = SOURCES[f"{export_java.MESSAGES}/ResponseCode.java"]
    for code in CODES.values():
        assert f"    {code.name}({code.number}, " in codes
    for row in ROWS:
        if row.transaction >= FIRST_BUSINESS:
            text = SOURCES[f"{export_java.MESSAGES}/{row.cls.__name__}.java"]
            for spec in row.fields:
                if not spec.reserved:
                    assert f'"{spec.name} {spec.kind} {spec.width}' in text


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("VerifyOtpRequest", "public VerifyOtpRequest otp(Secret otp)"),
        ("VerifyOtpResponse", "public Optional<Instant> lockedUntil()"),
        ("VerifyOtpResponse", "public OptionalInt remainingTries()"),
        ("VerifyOtpResponse", "public TokenState tokenState()"),
        ("QueryUserResponse", "public Secret name()"),
        ("TokenRequest", "public static TokenRequest reportLoss()"),
    ],
)
def test_accessors_have_the_types_that_a_caller_wants(message, line):
    assert line in SOURCES[f"{export_java.MESSAGES}/{message}.java"]
