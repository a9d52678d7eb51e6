"""The evidence of one transaction as a document: self-contained, and true to its proof."""

from __future__ import annotations

import base64
import re
import shutil
import zlib
from pathlib import Path
from typing import Any

import pytest

from tigertally_client.proof import verify
from tigertally_drivers.errors import Unavailable
from tigertally_drivers.printing import chromium
from tigertally_drivers.printing.attachment import NotAttached, attach
from tigertally_protocol.codes import CODES, CodeClass, ResponseCode
from tigertally_server.cli.evidence_words import CODES_ZH, DECISIONS, TRANSACTIONS_ZH

_ISSUED = ("--institution", "0001")


@pytest.fixture
def log(tool: Any) -> Any:
    tool("user", "register", "C0001", *_ISSUED, "--name", "张三丰", "--mobile", "13800138000")
    tool("user", "close", "C0001", *_ISSUED, "--reference", "<b>R&1</b>", "--reason", "moved away")
    tool.checkpoint()
    return tool


def _closed(tool: Any) -> str:
    found = tool.json("audit", "find", "--transaction", "close-user")["entries"]
    return str(found[0]["entry"])


def _proof_in(html: str) -> bytes:
    match = re.search(r'href="data:application/json;base64,([^"]+)"', html)
    assert match is not None
    return base64.b64decode(match[1])


def test_the_page_needs_nothing_else_and_holds_its_proof(log: Any, tmp_path: Path) -> None:
    out = tmp_path / "evidence.html"
    place = _closed(log)
    record = log.json("audit", "report", "--entry", place, "--out", str(out))
    html = out.read_text()
    assert "<script" not in html
    assert not re.search(r'(?:src|href)="(?!data:)', html)
    assert "http" not in re.sub(r"base64,[^\"]+", "", html)
    for said in ("变更已执行", "客户注销", "CLOSE_USER", "&lt;b&gt;R&amp;1&lt;/b&gt;", place):
        assert said in html, said
    assert "moved away" not in html, "the reason is sealed"
    assert "C0001" not in html
    document = _proof_in(html)
    proven = verify(document)
    assert f"{proven.fields['shard']}:{proven.fields['seq']}" == place
    assert record["proof_sha256"] in html
    assert proven.root in html


def test_revealed_it_says_who_was_meant(log: Any, tmp_path: Path) -> None:
    out = tmp_path / "evidence.html"
    report = ("audit", "report", "--entry", _closed(log), "--out", str(out), "--reveal")
    assert "for a reason only" in log.fails(*report)
    log(*report, "--reason", "court order 7")
    html = out.read_text()
    assert "C0001" in html
    assert "moved away" in html


def test_by_serial(log: Any, tmp_path: Path) -> None:
    ((serial, shard, seq),) = log.sql(
        "SELECT serial, shard, seq FROM tigertally.entry WHERE transaction = %s", 0x0103
    )
    out = tmp_path / "evidence.html"
    by_serial = ("audit", "report", "--serial", str(serial), "--out", str(out))
    assert "add --channel" in log.fails(*by_serial)
    record = log.json(*by_serial, "--channel", "house")
    assert record["entry"] == f"{shard}:{seq}"
    assert "there is no entry" in log.fails(
        *by_serial[:3], "7", *by_serial[4:], "--channel", "house"
    )
    assert "ends in" in log.fails("audit", "report", "--entry", "0:0", "--out", "evidence.doc")


@pytest.mark.skipif(
    not any(map(shutil.which, chromium.BROWSERS)) or not chromium._has_chinese_font(),
    reason="chromium or a Chinese font is missing: apt-get install chromium fonts-wqy-microhei",
)
def test_the_pdf_carries_the_proof_as_a_file(log: Any, tmp_path: Path) -> None:
    out = tmp_path / "evidence.pdf"
    log("audit", "report", "--entry", _closed(log), "--out", str(out))
    pdf = out.read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert b"/EmbeddedFiles" in pdf
    match = re.search(rb"/Type /EmbeddedFile .*?stream\n(.*?)\nendstream", pdf, re.DOTALL)
    assert match is not None
    verify(zlib.decompress(match[1]))


def test_without_a_browser_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(Unavailable, match="apt-get install chromium"):
        chromium.print_to_pdf("")
    assert chromium._has_chinese_font() is False


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.4\n", b"trailer\n<<>>\nstartxref\n0\n%%EOF\n"])
def test_only_a_browsers_pdf_is_attached_to(pdf: bytes) -> None:
    with pytest.raises(NotAttached):
        attach(pdf, "proof.json", "application/json", b"{}")


def test_every_recorded_code_and_class_has_its_chinese_words() -> None:
    recorded = {code for code, row in CODES.items() if row.recorded}
    # Nothing but the batch's other codes stands in an entry.
    assert recorded | {ResponseCode.ANSWERED} == set(CODES_ZH)
    classes = {CODES[code].cls for code in recorded} - {CodeClass.NONE}
    assert classes <= set(DECISIONS) | {CodeClass.FORBIDDEN}
    assert all(TRANSACTIONS_ZH.values())
