"""The evidence of one entry as one page of HTML that needs nothing else: no script, no font, no
picture from elsewhere. Made to be printed and handed to a court; the proof itself is in it, for
machines as a file to save, for people as numbers to compare.

Knows one entry's evidence and words for it; decides nothing, reads nothing.
"""

from __future__ import annotations

import base64
import hashlib
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final
from zoneinfo import ZoneInfo

from tigertally_protocol.codes import CODES, CodeClass, ResponseCode
from tigertally_protocol.transactions import Transaction
from tigertally_server.audit.checkpoint import Checkpoint
from tigertally_server.cli.audit_log import phase_name, result_name, transaction_name
from tigertally_server.cli.evidence_words import CODES_ZH, DECISIONS, METHODS, TRANSACTIONS_ZH
from tigertally_server.cli.output import when
from tigertally_server.domain.calendar import day_name
from tigertally_server.domain.entry import Entry

PROOF_NAME: Final = "proof.json"
_SEALED: Final = "sealed; shown with --reveal, on approval 已加密，经审批后可披露"
_STYLE: Final = """
@page{size:A4;margin:16mm 17mm 18mm;@bottom-right{content:counter(page) " / " counter(pages);
font:8.5pt "DejaVu Serif",serif;color:#3d4654}}*{box-sizing:border-box}body{margin:0;color:#14181f;
background:#fff;font:10pt/1.45 "Noto Serif","DejaVu Serif",Georgia,"Noto Serif CJK SC",SimSun,
"WenQuanYi Micro Hei",serif}main{max-width:174mm;margin:6mm auto}header{border-bottom:2.5pt solid
#14181f;padding-bottom:3mm;margin-bottom:5mm}h1{font-size:19pt;line-height:1.25;margin:0;
letter-spacing:.02em}h1 span{display:block;font-size:11.5pt;font-weight:400;color:#3d4654}
.meta{display:flex;justify-content:space-between;gap:6mm;font-size:8.5pt;color:#3d4654;
margin-top:2mm}h2{font-size:12pt;margin:6mm 0 1.5mm;padding-bottom:1mm;
border-bottom:.6pt solid #9aa3b0;break-after:avoid}h2 em{font-style:normal;font-weight:400;
color:#3d4654;margin-left:2mm}.verdict{border:1.2pt solid #14181f;padding:3.5mm 5mm;margin:0 0 3mm;
break-inside:avoid}.verdict b{font-size:17pt}.verdict .en{font-size:12pt;letter-spacing:.08em;
margin-left:3mm}.verdict p{margin:1mm 0 0}.good{border-left:5pt solid #1b6e43}.bad{
border-left:5pt solid #9c3412}.plain{border-left:5pt solid #2f4c80}table{width:100%;
border-collapse:collapse}td,th{text-align:left;vertical-align:top;padding:.9mm 2mm;
border-bottom:.4pt solid #d3d8df}th{width:56mm;font-weight:400;color:#3d4654}th small{
font-size:8pt;margin-left:1.5mm}tr{break-inside:avoid}code,pre{
font:8pt/1.45 "DejaVu Sans Mono",Consolas,monospace}pre{background:#f4f5f7;
border:.4pt solid #d3d8df;padding:2mm 3mm;margin:1mm 0 2mm;white-space:pre-wrap;
overflow-wrap:anywhere;break-inside:avoid}p{margin:1.2mm 0}p.label{break-after:avoid}
ol{margin:1mm 0;padding-left:6mm}li{margin:.8mm 0}.soft{color:#3d4654;font-size:9pt}
a{color:inherit}.sign{display:grid;grid-template-columns:1fr 1fr;gap:12mm;margin-top:16mm;
break-inside:avoid}.sign div{border-top:.6pt solid #14181f;padding-top:1.5mm;font-size:9pt}
"""
_PARTS: Final = {
    "institution": "机构", "customer": "客户号", "token": "令牌", "end_user_address": "终端地址",
    "peer": "接入端", "operator": "操作员", "reason": "原因", "text": "客户所见内容",
    "token_state": "令牌状态", "user_state": "客户状态", "remaining_tries": "剩余次数",
}  # fmt: skip
"""What is sealed in an entry, in Chinese; other members keep the name of their field."""
_COLOURS: Final = {CodeClass.APPROVED: "good", CodeClass.DENIED: "bad"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that the page says. `proof`: the document that the independent verifier checks; `key`:
    the checkpoint key as published, hex. `revealed`: None where nothing was opened.
    """

    entry: Entry
    channel: str
    institution: str
    zone: ZoneInfo
    installation: str
    proof: bytes
    path: Sequence[str]
    note: str
    checkpoint: Checkpoint
    key: str
    leaf: bytes
    canonical: bytes
    revealed: Mapping[str, Any] | None
    made_ms: int
    operator: str

    @property
    def proof_sha256(self) -> str:
        """Of the proof document, hex."""
        return hashlib.sha256(self.proof).hexdigest()


def page(made: Evidence) -> str:
    """The whole document."""
    place = f"{made.entry.shard}:{made.entry.seq}"
    return "".join(
        (
            '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">',
            f"<title>Evidence of entry {place}, {escape(made.installation)}</title>",
            f"<style>{_STYLE}</style></head><body><main>",
            "<header><h1>电子认证交易存证报告",
            "<span>Evidence report of one authentication transaction</span></h1>",
            f'<div class="meta"><span>Tigertally 虎符 · installation {escape(made.installation)}',
            f"</span><span>entry {place}</span><span>{_time(made, made.made_ms)}</span></div>",
            "</header>",
            _verdict(made.entry),
            _section(1, "交易", "What was asked, by whom and when", _asked(made)),
            _section(
                2, "客户与认证方式", "Who was meant, and how it was verified", _verified(made)
            ),
            _section(3, "存证位置", "Where it is recorded", _recorded(made)),
            _proven(made),
            _checking(made),
            _document(made),
            '<div class="sign"><div>出具人 Issued by: ',
            f"{escape(made.operator)}</div><div>签章 Signature and seal</div></div>",
            "</main></body></html>\n",
        )
    )


def _verdict(entry: Entry) -> str:
    code = _code(entry.result)
    cls = CodeClass.UNKNOWN if code is None else CODES[code].cls
    zh, en, meaning = DECISIONS.get(cls, DECISIONS[CodeClass.CHANGED])
    own_zh = "" if code is None else CODES_ZH.get(code, "")
    text = "" if code is None else CODES[code].text
    return (
        f'<div class="verdict {_COLOURS.get(cls, "plain")}"><b>{zh}</b>'
        f'<span class="en">{en}</span><p>{escape(own_zh)} · {escape(result_name(entry.result))} '
        f"({entry.result}): {escape(text)}.</p>"
        f'<p class="soft">That is: {meaning}.</p></div>'
    )


def _asked(made: Evidence) -> list[tuple[str, str, str]]:
    entry = made.entry
    named = _transaction(entry.transaction)
    zh = TRANSACTIONS_ZH.get(named, "") if named is not None else ""
    name = f"{zh} {transaction_name(entry.transaction)} (0x{entry.transaction:04X})"
    return [
        ("交易", "Transaction", escape(name)),
        ("受理时间", "Received", _time(made, entry.at_ms)),
        ("营业日", "Business day", day_name(entry.business_day)),
        ("渠道", "Channel that asked", f"{escape(made.channel)} ({entry.channel_id})"),
        ("机构", "Institution of the channel", escape(made.institution or "—")),
        ("流水号", "Serial number", f"{entry.serial} · {escape(phase_name(entry.phase))}"),
        ("业务参考号", "The bank's reference", escape(_printable(entry.reference)) or "—"),
        ("请求摘要", "Digest of the request", f"<code>{entry.digest.hex() or '—'}</code>"),
    ]


def _verified(made: Evidence) -> list[tuple[str, str, str]]:
    entry = made.entry
    named = _transaction(entry.transaction)
    method = METHODS.get(named) if named is not None else None
    rows = [
        ("认证方式", "Method", escape(method or "the transaction verifies no customer")),
        ("客户内部号", "Customer, by internal number", str(entry.user_id or "—")),
        ("令牌内部号", "Token, by internal number", str(entry.token_id or "—")),
    ]
    if made.revealed is None:
        return [*rows, ("客户信息", "Customer and answer", _SEALED)]
    return [*rows, *_revealed_rows(made.revealed)]


def _revealed_rows(revealed: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    rows = []
    for part, zh in (("personal", "客户信息"), ("answer", "应答"), ("note", "内容")):
        value = revealed.get(part)
        if isinstance(value, Mapping):
            for name, each in value.items():
                shown = name.replace("_", " ")
                rows.append((_PARTS.get(name, zh), shown, escape(_printable(str(each)))))
        elif value is not None:
            rows.append((zh, part, escape(_printable(str(value)))))
    return rows


def _recorded(made: Evidence) -> list[tuple[str, str, str]]:
    entry, checkpoint = made.entry, made.checkpoint
    previous = "—" if entry.previous_seq < 0 else f"{entry.previous_shard}:{entry.previous_seq}"
    signed = f"{checkpoint.size:,} entries, {_time(made, checkpoint.at_ms)}"
    return [
        ("日志", "Log", f"<code>{escape(checkpoint.origin)}</code>"),
        ("序号", "Place", f"entry {entry.seq} of shard {entry.shard} (0 is the first)"),
        ("前一条", "Previous entry of the same token", previous),
        ("检查点", "Signed checkpoint", signed),
    ]


def _proven(made: Evidence) -> str:
    path = "\n".join(f"{n:2d}  {node}" for n, node in enumerate(made.path, start=1)) or "—"
    return (
        _heading(4, "证明数据", "The proof: nobody can have changed the entry since")
        + "<p>The log is a Merkle tree (RFC 9162). The entry's bytes give its leaf; the leaf and "
        "the path below give the root; the root was signed, with the time, by a key that the "
        "database's administrators do not have. One changed bit of the entry gives another root. "
        "条目字节得出叶哈希，叶哈希沿下列路径得出根哈希，根哈希已由数据库管理员不掌握的密钥签名；"
        "条目任一比特被改动，根哈希即不同。</p>"
        f"<p class='label'>Leaf, SHA-256(00 ‖ entry) 叶哈希:</p><pre>{made.leaf.hex()}</pre>"
        f"<p class='label'>Path, from the leaf upwards 路径:</p><pre>{path}</pre>"
        f"<p class='label'>Root, as signed 根哈希:</p><pre>{made.checkpoint.root.hex()}</pre>"
        f"<p class='label'>The signed checkpoint 已签名检查点:</p>"
        f"<pre>{escape(made.note.rstrip())}</pre>"
        f"<p class='label'>Public key that signed 验签公钥:</p><pre>{made.key}</pre>"
        f"<p class='label'>The entry's bytes 条目字节:</p>"
        f"<pre>{_wrapped(made.canonical.hex())}</pre>"
    )


def _checking(made: Evidence) -> str:
    return (
        _heading(5, "独立验证", "How anybody checks it, without the bank's systems")
        + "<ol><li>Save the proof of section 6 as <code>proof.json</code>. "
        "将第六节的证明文件另存为 proof.json。</li>"
        "<li>Take the public key from where the bank published it, not from here. "
        "公钥应取自银行公布之处。</li>"
        "<li>Run the independent verifier, one file of public source code that uses nothing of the "
        "bank's 运行独立验证程序:<pre>python -m tigertally_client.proof proof.json --key "
        f"{made.key}</pre></li>"
        "<li>It says PROVEN and shows the same fields as this report, or NOT PROVEN and why. "
        "The steps are those of RFC 9162 §2.1.3.2 and the C2SP signed-note format; any other "
        "program that follows them comes to the same verdict. "
        "输出 PROVEN 即表示条目与入账时完全一致。</li></ol>"
    )


def _document(made: Evidence) -> str:
    encoded = base64.b64encode(made.proof).decode()
    return (
        _heading(6, "机器可读副本", "Machine-readable copy")
        + f'<p><a download="{PROOF_NAME}" href="data:application/json;base64,{encoded}">'
        f"Save {PROOF_NAME}</a> (in the PDF: attached under that name), {len(made.proof):,} bytes, "
        f"SHA-256:</p><pre>{made.proof_sha256}</pre>"
        '<p class="soft">This report is a rendering of that proof. Where they differ, the proof '
        "counts. Sealed parts are proven as the ciphertext that was recorded. "
        "本报告与证明文件不一致时，以证明文件为准。</p>"
    )


def _section(number: int, zh: str, en: str, rows: Sequence[tuple[str, str, str]]) -> str:
    cells = "".join(
        f"<tr><th>{escape(row_zh)}<small>{escape(row_en)}</small></th><td>{value}</td></tr>"
        for row_zh, row_en, value in rows
    )
    return f"{_heading(number, zh, en)}<table>{cells}</table>"


def _heading(number: int, zh: str, en: str) -> str:
    return f"<h2>{number}　{escape(zh)}<em>{escape(en)}</em></h2>"


def _time(made: Evidence, at_ms: int) -> str:
    own, utc = when(at_ms, made.zone), when(at_ms, ZoneInfo("UTC"))
    return escape(f"{own.replace('T', ' ')} ({made.zone.key}; {utc[11:23]} UTC)")


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 96))


def _code(number: int) -> ResponseCode | None:
    try:
        return ResponseCode(number)
    except ValueError:
        return None


def _transaction(number: int) -> Transaction | None:
    try:
        return Transaction(number)
    except ValueError:
        return None
