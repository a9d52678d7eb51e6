"""The comparison as one self-contained page of HTML, and a photograph of it.

No script, no font, no image from anywhere else. Bars lie; where they would be a thousand times
longer than one another the axis is logarithmic and says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from peers.compare import AT_ONCE, Figures

from tigertally_drivers.printing.chromium import BROWSERS
from tigertally_load.charts import Axis, linear_axis, log_axis

WIDTH: Final = 880
_LEFT, _RIGHT, _TOP = 150, 96, 8
_PLOT: Final = WIDTH - _LEFT - _RIGHT
_BAR, _GAP, _AXIS = 20, 12, 36
_TIMEOUT_S: Final = 120
_WINDOW: Final = "1000,1440"


class NoBrowser(Exception):
    """No photograph; the text says why."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a group: what it says at its end, and its CSS class."""

    value: float
    label: str
    style: str


def page(products: Sequence[Figures], caption: str) -> str:
    """The whole page."""
    speed = [(p.name, [Bar(p.capacity.per_s, f"{p.capacity.per_s:,.0f}", "c1")]) for p in products]
    most = max(p.capacity.per_s for p in products)
    cost = [
        (
            p.name,
            [
                Bar(p.cost.server_us, f"{p.cost.server_us:,.0f}", "c1"),
                Bar(p.cost.database_us, f"{p.cost.database_us:,.0f}", "c2"),
                Bar(p.cost.generator_us, f"{p.cost.generator_us:,.0f}", "c4"),
            ],
        )
        for p in products
    ]
    late = [
        (
            p.name,
            [
                Bar(p.steady.p50_ms, f"{p.steady.p50_ms:,.1f}", "c1"),
                Bar(p.steady.p99_ms, f"{p.steady.p99_ms:,.1f}", "c3"),
            ],
        )
        for p in products
    ]
    return "".join(
        (
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
            f"<title>Beside other products</title><style>{_STYLE}</style></head><body><main>",
            "<h1>Verifications of one-time passwords: beside other products</h1>",
            f"<p>{escape(caption)}</p>",
            _section(
                "Answers per second",
                "closed load, 97 % right codes, every answer checked, every decision committed",
                (),
                _bars(speed, linear_axis(most * 1.02, "per second")),
            ),
            _section(
                "Latency at half of each one's own capacity",
                "ms from the planned send time; logarithmic",
                (("median", "c1"), ("99 %", "c3")),
                _bars(late, _logarithmic(late, "ms")),
            ),
            _section(
                "CPU of one answer",
                "µs; logarithmic",
                (("server", "c1"), ("PostgreSQL", "c2"), ("generator", "c4")),
                _bars(cost, _logarithmic(cost, "µs")),
            ),
            _promises(products),
            "</main></body></html>\n",
        )
    )


def _logarithmic(groups: Sequence[tuple[str, Sequence[Bar]]], title: str) -> Axis:
    values = [max(bar.value, 0.01) for _, bars in groups for bar in bars]
    return log_axis(min(values) / 2, max(values), title)


def _section(title: str, sub: str, keys: Sequence[tuple[str, str]], picture: str) -> str:
    legend = "".join(
        f'<span class="key"><i class="{style}"></i>{escape(name)}</span>' for name, style in keys
    )
    return (
        f"<section><h2>{escape(title)}</h2><p class='sub'>{escape(sub)} {legend}</p>"
        f"{picture}</section>"
    )


def _bars(groups: Sequence[tuple[str, Sequence[Bar]]], axis: Axis) -> str:
    parts, y = [], float(_TOP)
    for name, bars in groups:
        middle = y + len(bars) * _BAR / 2 + 5
        parts.append(f'<text class="name" x="{_LEFT - 10}" y="{middle:.1f}">{escape(name)}</text>')
        for bar in bars:
            long = max(axis.place(max(bar.value, axis.low)) * _PLOT, 1.5)
            parts.append(
                f'<rect class="{bar.style}" x="{_LEFT}" y="{y + 1:.1f}" width="{long:.1f}" '
                f'height="{_BAR - 3}"/><text class="value" x="{_LEFT + long + 6:.1f}" '
                f'y="{y + _BAR - 6:.1f}">{escape(bar.label)}</text>'
            )
            y += _BAR
        y += _GAP
    for tick in axis.ticks:
        x = _LEFT + axis.place(tick.at) * _PLOT
        parts.insert(0, f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick" x="{x:.1f}" y="{y + 14:.1f}">{escape(tick.label)}</text>')
    parts.append(
        f'<text class="tick" x="{_LEFT + _PLOT + 60}" y="{y + 14:.1f}">{escape(axis.title)}</text>'
    )
    height = y + _AXIS - 12
    return f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img">{"".join(parts)}</svg>'


def _promises(products: Sequence[Figures]) -> str:
    head = "".join(f"<th>{escape(p.name)}</th>" for p in products)
    rows = "".join(
        f"<tr><th>{escape(title)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        for title, cells in promise_rows(products)
    )
    return (
        "<section><h2>What an answer means</h2><table><thead><tr><th></th>"
        f"{head}</tr></thead><tbody>{rows}</tbody></table></section>"
    )


def promise_rows(products: Sequence[Figures]) -> list[tuple[str, list[str]]]:
    """What is on disk after an answer, and what a second use of a code brings; tried."""
    return [
        ("transport", [p.promises.transport for p in products]),
        ("before the answer", [p.promises.before_the_answer for p in products]),
        (
            "told “right”, then kill -9: recorded",
            [f"{p.killed.recorded} of {p.killed.approved}" for p in products],
        ),
        ("one code twice: approved", [f"{p.replay.twice} of 2" for p in products]),
        (
            f"one code {AT_ONCE} times at once: approved",
            [f"{p.replay.at_once} of {AT_ONCE}" for p in products],
        ),
        ("the log can be checked", [p.promises.log_can_be_checked for p in products]),
        ("its own check after the kill", [p.killed.verified for p in products]),
    ]


def photograph(html: Path, png: Path) -> None:
    """The page as PNG, by the browser that the system has. Raises NoBrowser."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise NoBrowser("no chromium here (Debian: apt-get install chromium)")
    with tempfile.TemporaryDirectory(prefix="tigertally-picture-") as name:
        command = [browser, "--headless", "--disable-gpu", "--disable-dev-shm-usage"]
        command += ["--no-first-run", "--disable-background-networking", "--hide-scrollbars"]
        command += [f"--user-data-dir={name}/profile", "--proxy-server=127.0.0.1:9"]
        command += ["--no-sandbox"] if os.geteuid() == 0 else []
        command += [f"--window-size={_WINDOW}", f"--screenshot={png.absolute()}"]
        try:
            subprocess.run(
                [*command, html.absolute().as_uri()],
                check=True,
                capture_output=True,
                timeout=_TIMEOUT_S,
            )
        except (subprocess.SubprocessError, OSError) as problem:
            raise NoBrowser(f"{browser} took no picture: {type(problem).__name__}") from None


_STYLE: Final = """
body{margin:0;background:#fff;color:#1d2733;font:15px/1.4 system-ui,"DejaVu Sans",sans-serif}
main{max-width:920px;margin:0 auto;padding:24px 20px}
h1{font-size:24px;margin:0 0 4px}h2{font-size:17px;margin:22px 0 0}p{margin:0 0 8px;color:#4a5766}
.sub{font-size:13px}.key{margin-left:14px}.key i{display:inline-block;width:12px;height:12px;
margin-right:5px;vertical-align:-1px}
svg{width:100%;height:auto}svg line{stroke:#dfe5ec}text{font-size:13px;fill:#1d2733}
.name{text-anchor:end;font-weight:600}.tick{text-anchor:middle;fill:#66737f;font-size:12px}
rect.c1{fill:#1f6fb2}rect.c2{fill:#4aa3a2}rect.c3{fill:#d2603a}rect.c4{fill:#a9b4bf}
i.c1{background:#1f6fb2}i.c2{background:#4aa3a2}i.c3{background:#d2603a}i.c4{background:#a9b4bf}
table{border-collapse:collapse;width:100%;font-size:13px;margin-top:8px}
th,td{text-align:left;vertical-align:top;padding:5px 10px 5px 0;border-top:1px solid #dfe5ec}
"""
