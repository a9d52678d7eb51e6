"""The table of response codes: complete, unique, and equal to the golden file, for ever."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tigertally_protocol.codes import CODES, CodeClass, ResponseCode

GOLDEN = Path(__file__).parents[2] / "vectors" / "response_codes.json"
RANGES = {
    CodeClass.DENIED: range(100, 200),
    CodeClass.FORBIDDEN: range(200, 300),
    CodeClass.MALFORMED: range(300, 400),
    CodeClass.TRY_LATER: range(400, 500),
    CodeClass.UNKNOWN: range(500, 600),
    CodeClass.INTERNAL: range(600, 700),
    CodeClass.REJECT: range(900, 1000),
}


def test_every_code_has_its_row():
    assert set(CODES) == set(ResponseCode)
    assert len({row.number for row in CODES.values()}) == len(CODES)
    for code, row in CODES.items():
        assert (row.number, row.name) == (code.value, code.name)
        assert row.text


def test_nothing_that_was_given_out_changes():
    """Adding a code is a line more in the file; changing one is a mistake."""
    golden = json.loads(GOLDEN.read_text("utf-8"))
    ours = [
        [row.number, row.name, str(row.cls), row.transient, row.recorded, row.hidden]
        for row in CODES.values()
    ]
    assert ours == golden


@pytest.mark.parametrize("row", CODES.values(), ids=lambda row: row.name)
def test_columns_agree(row):
    if row.cls in RANGES:
        assert row.number in RANGES[row.cls]
    else:
        assert row.number < 100
    assert row.recorded == (row.cls in {CodeClass.APPROVED, CodeClass.DENIED, CodeClass.CHANGED}), (
        "approved, denied and changed are recorded, nothing else is"
    )
    if row.transient:
        assert row.cls in {CodeClass.TRY_LATER, CodeClass.UNKNOWN}
    if row.hidden:
        assert row.cls is CodeClass.DENIED
        assert row.number != ResponseCode.DENIED
