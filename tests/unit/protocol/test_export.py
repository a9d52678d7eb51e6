"""PROTOCOL.md's generated parts are current, and its tables complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from tigertally_protocol import example, export
from tigertally_protocol.codec import walk
from tigertally_protocol.codes import CODES
from tigertally_protocol.header import HEADER, decode_header
from tigertally_protocol.meanings import FIELDS, HEADER_FIELDS, field_meaning
from tigertally_protocol.suites import ALLOWED_PAIRS
from tigertally_protocol.transactions import Transaction
from tigertally_testing.layouts import ROWS

PAGE = Path(__file__).parents[3] / "docs" / "PROTOCOL.md"


def test_page_is_current():
    page = PAGE.read_text("utf-8")
    assert export.render(page) == page, "make generate"


def test_everything_is_said():
    assert set(HEADER_FIELDS) == {spec.name for spec in walk(HEADER)}
    names = {spec.name for row in ROWS for spec in row.fields}
    assert all(field_meaning(name) for name in names)
    assert set(FIELDS) <= names, "a meaning for a field that is gone"
    with pytest.raises(KeyError):
        field_meaning("no_such")
    page = PAGE.read_text("utf-8")
    for word in [*(t.name for t in Transaction), *(f"`{row.name}`" for row in CODES.values())]:
        assert word in page
    for row in ROWS:
        assert f"frame {row.frame_size}." in page


def test_a_missing_or_unknown_part_is_an_error():
    page = PAGE.read_text("utf-8")
    with pytest.raises(ValueError, match="codes"):
        export.render(page.replace("<!-- generated: codes -->", ""))
    with pytest.raises(ValueError, match="poems"):
        export.render(page + "<!-- generated: poems -->\n<!-- end of poems -->")


def test_command_line(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text(PAGE.read_text("utf-8").replace("| 101 |", "| 1010 |"), "utf-8")
    assert export.main(["--check", str(page)]) == 1
    assert "out of date" in capsys.readouterr().err
    assert export.main([str(page)]) == 0
    assert export.main(["--check", str(page)]) == 0
    assert page.read_text("utf-8") == PAGE.read_text("utf-8")


@pytest.mark.parametrize("pair", sorted(ALLOWED_PAIRS))
def test_the_example_works_for_every_channel(pair):
    said = example.conversation(*pair)
    assert [title.split()[0] for title, _ in said] == [
        "Greeting", "Sign-on", "Sign-on", "VERIFY_OTP", "VERIFY_OTP", "KEY_CHANGE", "KEY_CHANGE",
        "HEARTBEAT", "Reject",
    ]  # fmt: skip
    for _, frame in said:
        assert decode_header(frame).total_length == len(frame)
        assert example.annotated(frame).count("\n") > 19
