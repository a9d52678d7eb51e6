"""One self-contained HTML page about one load run: figures, three charts, what was answered.

No script, no font, no image from anywhere else: the file can be mailed and opened offline for ever.
Light, printable, readable at a projector's resolution.
"""

from __future__ import annotations

import math
from html import escape
from typing import Final

from tigertally_load.charts import (
    Axis,
    Line,
    Tick,
    chart,
    legend,
    linear_axis,
    log_axis,
    time_axis,
)
from tigertally_load.measure import Second
from tigertally_load.result import LoadResult

_LEAST_MS: Final = 0.1
_SHORTEST_ROW_S: Final = 0.5
# The HDR curve's x axis: nines, evenly spaced.
_NINES: Final = ("0", "90", "99", "99.9", "99.99", "99.999")


def html_report(result: LoadResult) -> str:
    """The whole page."""
    return "".join(
        (
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Tigertally load: {result.answered_per_s:,.0f}/s</title>",
            f"<style>{_STYLE}</style></head><body><main>",
            _head(result),
            _tiles(result),
            _throughput(result),
            _latency(result),
            _curve(result),
            '<div class="pair">',
            _answers(result),
            _plan(result),
            "</div>",
            _method(),
            "</main></body></html>\n",
        )
    )


def _head(result: LoadResult) -> str:
    if result.stopped:
        verdict, style = f"stopped early: {result.stopped}", "bad"
    elif result.errors:
        verdict, style = f"{result.errors:,} answers were not as expected", "bad"
    else:
        verdict, style = "every answer was as expected", "good"
    return (
        "<header><h1>Tigertally load report</h1>"
        f"<p>{result.rate:,.0f} requests per second for {result.planned_seconds:g} s against "
        f"{escape(result.server)}, {result.tokens:,} tokens</p>"
        f'<p class="verdict {style}">{escape(verdict)}</p></header>'
    )


def _tiles(result: LoadResult) -> str:
    rows = (
        ("answered", f"{result.answered_per_s:,.0f}", "per second"),
        ("p50", _ms(result.p50_ms), "latency"),
        ("p99", _ms(result.p99_ms), "latency"),
        ("p99.9", _ms(result.p999_ms), "latency"),
        ("approved", f"{result.approved:,}", f"{result.denied:,} denied"),
        ("errors", f"{result.errors:,}", f"{result.busy:,} busy"),
    )
    cells = "".join(
        f'<div class="tile{" alarm" if name == "errors" and result.errors else ""}">'
        f"<span>{name}</span><b>{escape(figure)}</b><span>{escape(unit)}</span></div>"
        for name, figure, unit in rows
    )
    return f'<section class="tiles">{cells}</section>'


def _throughput(result: LoadResult) -> str:
    rows = _whole_rows(result)
    answered = [(_middle(row), row.answered / row.width) for row in rows]
    offered = [(_middle(row), row.offered / row.width) for row in rows]
    errors = [(_middle(row), row.errors / row.width) for row in rows]
    highest = max((value for _, value in (*answered, *offered)), default=1.0)
    lines = [
        Line(name="answered", style="c1", points=answered, filled=True),
        Line(name="offered", style="c4", points=offered),
    ]
    if result.errors:
        lines.append(Line(name="errors", style="c3", points=errors))
    picture = chart(
        "Answers per second over time",
        time_axis(_duration(result)),
        linear_axis(highest * 1.05, "per second"),
        lines,
    )
    return _figure(
        "Throughput", "requests sent and answers received in each second", lines, picture
    )


def _latency(result: LoadResult) -> str:
    rows = [row for row in _whole_rows(result) if row.answered]
    lines = [
        Line(name="max", style="c3", points=[(_middle(row), row.max_ms) for row in rows]),
        Line(name="p99", style="c2", points=[(_middle(row), row.p99_ms) for row in rows]),
        Line(name="p50", style="c1", points=[(_middle(row), row.p50_ms) for row in rows]),
    ]
    values = [max(value, _LEAST_MS) for line in lines for _, value in line.points] or [1.0, 10.0]
    picture = chart(
        "Latency percentiles over time",
        time_axis(_duration(result)),
        log_axis(min(values), max(values), "ms"),
        lines,
    )
    return _figure(
        "Latency over time", "of the answers of each second; logarithmic", lines, picture
    )


def _curve(result: LoadResult) -> str:
    points = [
        (_nines(float(percentile)), max(value, _LEAST_MS))
        for percentile, value in result.curve.items()
    ]
    highest = max((value for _, value in points), default=1.0)
    x = Axis(
        low=0.0,
        high=float(len(_NINES) - 1),
        ticks=[Tick(float(i), f"{name} %") for i, name in enumerate(_NINES)],
        title="share of the answers that came at least so fast",
    )
    lines = [Line(name="latency", style="c2", points=points, filled=True)]
    marks = [
        Tick(1.0, f"p90 {_ms(result.p90_ms)}"),
        Tick(2.0, f"p99 {_ms(result.p99_ms)}"),
        Tick(3.0, f"p99.9 {_ms(result.p999_ms)}"),
    ]
    picture = chart("Latency by percentile", x, linear_axis(highest, "ms"), lines, marks)
    return _figure(
        "Latency by percentile", "all answers of the run; each mark is one nine more", [], picture
    )


def _answers(result: LoadResult) -> str:
    rows = "".join(
        f"<tr><td>{escape(kind)}</td><td>{_answer_name(kind, name)}</td>"
        f'<td class="number">{count:,}</td></tr>'
        for kind, answers in result.by_kind.items()
        for name, count in answers.items()
    )
    errors = "".join(
        f'<tr class="alarm"><td>error</td><td>{escape(name)}</td>'
        f'<td class="number">{count:,}</td></tr>'
        for name, count in result.errors_by_code.items()
    )
    return (
        "<section><h2>Answers</h2><table><thead><tr><th>request</th><th>answer</th>"
        f'<th class="number">count</th></tr></thead><tbody>{rows}{errors}</tbody></table></section>'
    )


def _plan(result: LoadResult) -> str:
    rows = (
        ("mix", result.mix),
        ("connections", f"{result.connections}, up to {result.in_flight} in flight each"),
        ("tokens", f"{result.tokens:,}"),
        ("offered", f"{result.offered:,} requests, {result.offered_per_s:,.1f} per second"),
        ("answered", f"{result.answered:,} in {result.seconds:.1f} s"),
        ("mean, max latency", f"{_ms(result.mean_ms)}, {_ms(result.max_ms)}"),
        ("generator CPU", f"{result.generator_cpu_us_per_request:.0f} µs per request"),
        ("reconnects, strays", f"{result.reconnects}, {result.strays}"),
        ("seed", str(result.seed)),
    )
    cells = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in rows
    )
    return f"<section><h2>Run</h2><table><tbody>{cells}</tbody></table></section>"


def _method() -> str:
    return (
        '<section class="method"><h2>How this was measured</h2><p>The schedule is open: every '
        "request has a planned time that does not depend on earlier answers, and latency counts "
        "from that time to the answer, so waiting caused by a slow server, a full connection or a "
        "late generator is all inside the figures. An error is any answer that the mix does not "
        "expect, BUSY included, and any answer that never came.</p></section>"
    )


def _figure(title: str, subtitle: str, lines: list[Line], picture: str) -> str:
    return (
        f"<section><div class='bar'><div><h2>{escape(title)}</h2>"
        f'<p class="sub">{escape(subtitle)}</p></div>{legend(lines) if lines else ""}</div>'
        f"{picture}</section>"
    )


def _whole_rows(result: LoadResult) -> list[Second]:
    """Without a last row so short that its rate would mean nothing."""
    rows = [row for row in result.rows if row.width >= _SHORTEST_ROW_S]
    return rows or [row for row in result.rows if row.width > 0]


def _middle(row: Second) -> float:
    return row.at - row.width / 2


def _duration(result: LoadResult) -> float:
    return max((row.at for row in _whole_rows(result)), default=result.seconds)


def _nines(percentile: float) -> float:
    """0 % -> 0, 90 % -> 1, 99 % -> 2 …: the number of nines."""
    return min(float(len(_NINES) - 1), -math.log10(max(1 - percentile / 100, 1e-5)))


def _answer_name(kind: str, name: str) -> str:
    return "its echo" if kind == "heartbeat" and name == "NONE" else escape(name)


def _ms(value: float) -> str:
    """Milliseconds with three significant digits."""
    if value >= 100:
        return f"{value:,.0f} ms"
    return f"{value:.1f} ms" if value >= 10 else f"{value:.2f} ms"


_STYLE: Final = """
:root{--ink:#1d2733;--soft:#5d6b7a;--faint:#e3e8ee;--paper:#fff;--ground:#f5f7f9;
--c1:#1f6f8b;--c2:#c9731a;--c3:#b3263a;--c4:#8893a0}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Arial,sans-serif}
main{max-width:960px;margin:0 auto;padding:32px 20px 48px}
h1{font-size:27px;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:17px;margin:0}
header p{margin:0;color:var(--soft)}
header .verdict{display:inline-block;margin-top:12px;padding:3px 12px;border-radius:99px;
font-weight:600;font-size:14px}
header .good{color:#17643c;background:#def3e6}
header .bad{color:#8f1d2e;background:#fbe4e7}
section{background:var(--paper);border:1px solid var(--faint);border-radius:10px;
padding:18px 20px;margin-top:16px}
.tiles{display:grid;grid-template-columns:repeat(6,1fr);padding:0;overflow:hidden}
.tile{padding:16px 18px;border-left:1px solid var(--faint)}
.tile:first-child{border-left:0}
.tile span{display:block;font-size:13px;color:var(--soft)}
.tile b{display:block;font-size:22px;line-height:1.35;font-variant-numeric:tabular-nums;
white-space:nowrap}
.tile.alarm b{color:var(--c3)}
.bar{display:flex;justify-content:space-between;align-items:flex-start;gap:16px;margin-bottom:8px}
.sub{margin:0;font-size:13px;color:var(--soft)}
.legend{display:flex;gap:16px;font-size:13px;color:var(--ink);padding-top:3px}
.swatch{display:inline-block;width:16px;height:3px;border-radius:2px;margin-right:6px;
vertical-align:middle}
.swatch.c1{background:var(--c1)}.swatch.c2{background:var(--c2)}
.swatch.c3{background:var(--c3)}.swatch.c4{background:var(--c4)}
svg{display:block;width:100%;height:auto}
svg text{font-size:12px;fill:var(--soft)}
.mid{text-anchor:middle}.end{text-anchor:end}
svg .marked{font-size:12px;font-weight:600;fill:var(--ink)}
.grid{stroke:var(--faint)}.base,.notch{stroke:#b8c2cc}
.mark{stroke:#b8c2cc;stroke-dasharray:3 4}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.line.c1{stroke:var(--c1)}.line.c2{stroke:var(--c2)}.line.c3{stroke:var(--c3)}
.line.c4{stroke:var(--c4);stroke-dasharray:5 5;stroke-width:1.5}
.dot.c1{fill:var(--c1)}.dot.c2{fill:var(--c2)}.dot.c3{fill:var(--c3)}.dot.c4{fill:var(--c4)}
.area{stroke:none}.area.c1{fill:var(--c1);opacity:.12}.area.c2{fill:var(--c2);opacity:.13}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:16px}
table{border-collapse:collapse;width:100%;margin-top:8px;font-size:14px}
th{text-align:left;font-weight:600;color:var(--soft);font-size:13px}
th,td{padding:5px 10px 5px 0;border-bottom:1px solid var(--faint);vertical-align:top}
tr:last-child td{border-bottom:0}
.number{text-align:right;padding-right:0;font-variant-numeric:tabular-nums}
tr.alarm td{color:var(--c3)}
.method p{margin:6px 0 0;color:var(--soft);font-size:14px}
@media(max-width:760px){.tiles{grid-template-columns:repeat(2,1fr)}
.pair{grid-template-columns:1fr;gap:0}
.bar{flex-direction:column;gap:4px}}
@media print{body{background:#fff}section{break-inside:avoid}}
"""
