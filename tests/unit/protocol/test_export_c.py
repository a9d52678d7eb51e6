"""The C client's generated files are current."""

from __future__ import annotations

from pathlib import Path

import pytest

from tigertally_protocol import export_c
from tigertally_protocol.export_tables import frames, records
from tigertally_testing.layouts import ROWS

FOLDER = Path(__file__).parents[3] / "clients" / "c"
HEADER = FOLDER / "include" / "tigertally.h"


def test_current():
    header = HEADER.read_text("utf-8")
    assert export_c.render_header(header) == header, "make generate"
    assert export_c.render_tables() == (FOLDER / "src" / "tables.c").read_text("utf-8")
    copybook = (FOLDER / "cobol" / "tigertally.cpy").read_text("utf-8")
    assert export_c.render_copybook() == copybook


def test_everything_is_there():
    header = HEADER.read_text("utf-8")
    assert {row.transaction.name for row in ROWS} == {row.transaction for row in frames()}
    assert {row.cls.__name__ for row in ROWS} == {record.name for record in records()}
    for record in records():
        assert f"}} {export_c.struct_name(record)};" in header


def test_copybook_lines_fit_a_card():
    for line in export_c.render_copybook().splitlines():
        assert len(line) <= 72, line
        assert all(len(word.rstrip(".")) <= 30 for word in line[7:].split() if "TT-" in word), line


def test_a_missing_part_is_an_error():
    with pytest.raises(ValueError, match="codes"):
        export_c.render_header(HEADER.read_text("utf-8").replace("/* generated: codes */", ""))
