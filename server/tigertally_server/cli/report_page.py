"""The day's report as one page of HTML that needs nothing else: no script, no font, no picture from
elsewhere. Prints well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from tigertally_protocol.codes import CODES, CodeClass, ResponseCode
from tigertally_server.cli.audit_log import result_name, transaction_name
from tigertally_server.cli.house import House
from tigertally_server.cli.output import parse_when, when
from tigertally_server.cli.report import HOUR_MS, DayReport
from tigertally_server.domain.calendar import day_name

_CARDS: Final = (
    (CodeClass.APPROVED, "approved", "good"),
    (CodeClass.CHANGED, "changed", "plain"),
    (CodeClass.DENIED, "denied", "bad"),
)
_STYLE: Final = """
:root{--ink:#1c2430;--soft:#667085;--line:#e4e7ec;--good:#1a7f4e;--bad:#b54708;--plain:#344e86;
--paper:#fff;--ground:#f4f5f7}@media(prefers-color-scheme:dark){:root{--ink:#e8eaee;
--soft:#98a2b3;--line:#343b46;--good:#57c78d;--bad:#f3a35c;--plain:#8fb0f5;--paper:#1b2027;
--ground:#12161b}}*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);
font:15px/1.5 system-ui,"Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif}main{
max-width:60rem;margin:2rem auto;padding:2.5rem;background:var(--paper);
border:1px solid var(--line);border-radius:12px}header{display:flex;justify-content:space-between;
align-items:baseline;gap:1rem;border-bottom:2px solid var(--ink);padding-bottom:.8rem}h1{
font-size:1.45rem;margin:0}h2{font-size:1.02rem;margin:2.2rem 0 .6rem}.soft{color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:1rem;
margin:1.5rem 0 0}.card{border:1px solid var(--line);border-radius:10px;padding:.9rem 1.1rem}
.card b{display:block;font-size:1.6rem;line-height:1.25;font-variant-numeric:tabular-nums}.good{
color:var(--good)}.bad{color:var(--bad)}.plain{color:var(--plain)}table{width:100%;
border-collapse:collapse;font-variant-numeric:tabular-nums}th{text-align:left;font-weight:600;
color:var(--soft);font-size:.85rem}th,td{padding:.42rem .6rem;border-bottom:1px solid var(--line)}
td.n,th.n{text-align:right}dl{display:grid;grid-template-columns:max-content 1fr;
gap:.25rem 1.5rem;margin:0}dt{color:var(--soft)}dd{margin:0;font-variant-numeric:tabular-nums;
overflow-wrap:anywhere}svg{width:100%;height:auto;display:block}svg text{fill:var(--soft);
font-size:11px}footer{margin-top:2.5rem;color:var(--soft);font-size:.85rem}@media print{body{
background:none}main{border:0;margin:0;padding:0;max-width:none}}@media(max-width:40rem){main{
margin:0;border-radius:0;padding:1.2rem}}
"""


def page(house: House, made: DayReport) -> str:
    """The whole document."""
    zone = house.config.zone
    title = f"{made.channel}, {day_name(made.day)}"
    now = when(house.environment.clock.now_ms(), zone)
    installation = house.environment.installation.installation_id
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>",
            f"<header><h1>Channel {escape(made.channel)}</h1>",
            f'<span class="soft">business day {day_name(made.day)}</span></header>',
            _cards(made),
            "<h2>By hour</h2>",
            _chart(house, made),
            "<h2>By transaction and code</h2>",
            _count_table(made),
            _small_table("Answered without an entry, not executed", made.unrecorded.items()),
            _small_table("Sessions", made.sessions.items()),
            "<h2>For reconciliation</h2>",
            _facts(house, made),
            f"<footer>Tigertally, installation {escape(installation)}; ",
            f"made {escape(now)} by {escape(house.operator)}. Counts are of entries in the log; ",
            "verify it with <code>tigertally audit verify</code>.</footer></main></body></html>\n",
        )
    )


def _cards(made: DayReport) -> str:
    classes = made.by_class()
    cards = [f'<div class="card"><b>{made.total:,}</b><span class="soft">entries</span></div>']
    cards += [_card(classes.get(cls, 0), name, color) for cls, name, color in _CARDS]
    without = sum(made.unrecorded.values())
    cards.append(_card(without, "answers without an entry"))
    return f'<div class="cards">{"".join(cards)}</div>'


def _card(number: int, name: str, color: str = "") -> str:
    figure = f'<b class="{color}">{number:,}</b>'
    return f'<div class="card">{figure}<span class="soft">{escape(name)}</span></div>'


def _count_table(made: DayReport) -> str:
    rows = []
    for (transaction, result), entries in made.counts.items():
        row = CODES.get(ResponseCode(result)) if result in ResponseCode._value2member_map_ else None
        text = "" if row is None else row.text
        color = {CodeClass.APPROVED: "good", CodeClass.DENIED: "bad"}.get(
            row.cls if row else CodeClass.NONE, ""
        )
        share = 100 * entries / made.total
        rows.append(
            f"<tr><td>{escape(transaction_name(transaction))}</td>"
            f'<td class="{color}">{result} {escape(result_name(result))}</td>'
            f'<td class="soft">{escape(text)}</td>'
            f'<td class="n">{entries:,}</td><td class="n soft">{share:.2f} %</td></tr>'
        )
    if not rows:
        return '<p class="soft">No business entries on this day.</p>'
    return (
        "<table><thead><tr><th>transaction</th><th>code</th><th>meaning</th>"
        '<th class="n">entries</th><th class="n">share</th>'
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _small_table(title: str, counts: Iterable[tuple[str, int]]) -> str:
    rows = "".join(
        f'<tr><td>{escape(name)}</td><td class="n">{count:,}</td></tr>' for name, count in counts
    )
    return f"<h2>{escape(title)}</h2><table><tbody>{rows}</tbody></table>" if rows else ""


def _facts(house: House, made: DayReport) -> str:
    zone, span = house.config.zone, made.span
    facts: Sequence[tuple[str, str]] = (
        ("institution", made.institution or "-"),
        ("entries", f"{made.total:,}"),
        ("first serial", str(span.first_serial or "-")),
        ("last serial", str(span.last_serial or "-")),
        ("first at", when(span.first_at_ms, zone) or "-"),
        ("last at", when(span.last_at_ms, zone) or "-"),
        ("time zone", house.config.bank.time_zone),
    )
    items = (f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return f"<dl>{''.join(items)}</dl>"


def _chart(house: House, made: DayReport) -> str:
    """Twenty-four bars and more: retries may come a day early or late, so the hours are those that
    there are.
    """
    if not made.hours:
        return '<p class="soft">Nothing to show.</p>'
    hours = sorted({hour for hour, _ in made.hours})
    midnight = parse_when(day_name(made.day), house.config.zone) // HOUR_MS
    first, last = min(hours[0], midnight), max(hours[-1], midnight + 23)
    count, width, height, base = last - first + 1, 800, 190, 160
    top = max(made.hours.get((h, True), 0) + made.hours.get((h, False), 0) for h in hours)
    slot = width / count
    parts = []
    for index, hour in enumerate(range(first, last + 1)):
        good, bad = made.hours.get((hour, True), 0), made.hours.get((hour, False), 0)
        x, bar = index * slot + slot * 0.12, slot * 0.76
        low, high = 140 * good / top, 140 * bad / top
        label = when(hour * HOUR_MS, house.config.zone)[11:13]
        parts.append(f"<g><title>{label}:00  {good:,} approved or changed, {bad:,} others</title>")
        parts.append(_bar(x, base - low, bar, low, "good"))
        parts.append(_bar(x, base - low - high, bar, high, "bad") + "</g>")
        if index % max(1, count // 24) == 0:
            parts.append(
                f'<text x="{x + bar / 2:.1f}" y="{base + 16}" text-anchor="middle">{label}</text>'
            )
    parts.append(f'<line x1="0" y1="{base}" x2="{width}" y2="{base}" style="stroke:var(--line)"/>')
    parts.append(f'<text x="0" y="12">{top:,} an hour at most</text>')
    opening = f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="entries by hour">'
    return f"{opening}{''.join(parts)}</svg>"


def _bar(x: float, y: float, width: float, height: float, color: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {place} style="fill:var(--{color})"/>'
