"""Line charts as SVG text: enough for a load report, without any library or external resource.

A chart is data in, one `<svg>` out. Colours and fonts are CSS classes of the page around it, so
that the page alone decides on looks. All text is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 880
HEIGHT: Final = 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 68, 22, 14, 38
_PLOT_W: Final = WIDTH - _LEFT - _RIGHT
_PLOT_H: Final = HEIGHT - _TOP - _BOTTOM


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: `points` are (x, y); `style` is the CSS class; `filled` shades what is below."""

    name: str
    style: str
    points: Sequence[tuple[float, float]]
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis, in data units."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """An axis from `low` to `high`; `logarithmic` ones must have low > 0."""

    low: float
    high: float
    ticks: Sequence[Tick]
    title: str
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Where `value` lies, 0 to 1; clamped to the axis."""
        value = min(max(value, self.low), self.high)
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def chart(label: str, x: Axis, y: Axis, lines: Sequence[Line], mark: Sequence[Tick] = ()) -> str:
    """An SVG chart; `mark` are vertical hairlines with labels. `label` is for screen readers."""
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">',
        *_grid(x, y),
        *(_mark(x, tick) for tick in mark),
    ]
    for line in lines:
        places = [(_x(x, px), _y(y, py)) for px, py in line.points]
        if not places:
            continue
        if line.filled:
            parts.append(_area(line.style, places))
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
        parts.append(f'<polyline class="line {line.style}" points="{path}"/>')
        if len(places) == 1:
            parts.append(
                f'<circle class="dot {line.style}" cx="{places[0][0]:.1f}" '
                f'cy="{places[0][1]:.1f}" r="3"/>'
            )
    parts.append("</svg>")
    return "".join(parts)


def legend(lines: Sequence[Line]) -> str:
    """The lines' names with their colours, as HTML."""
    keys = "".join(
        f'<span class="key"><i class="swatch {line.style}"></i>{escape(line.name)}</span>'
        for line in lines
    )
    return f'<div class="legend">{keys}</div>'


def linear_axis(high: float, title: str, *, wanted: int = 5, low: float = 0.0) -> Axis:
    """An axis from `low` that covers `high` and ends on a round number."""
    step = _round_step((high - low) / wanted if high > low else 1.0)
    count = max(1, math.ceil((high - low) / step - 1e-9))
    ticks = [Tick(low + i * step, _number(low + i * step)) for i in range(count + 1)]
    return Axis(low=low, high=low + count * step, ticks=ticks, title=title)


def time_axis(seconds: float) -> Axis:
    """Seconds from 0, ending where the data end."""
    seconds = max(seconds, 1.0)
    step = _round_step(seconds / 10) if seconds > 10 else 1.0
    ticks = [Tick(i * step, _number(i * step)) for i in range(int(seconds / step + 1e-9) + 1)]
    return Axis(low=0.0, high=seconds, ticks=ticks, title="seconds since the start")


def log_axis(low: float, high: float, title: str) -> Axis:
    """A logarithmic axis over decades that cover `low` to `high`, both greater than 0."""
    bottom, top = _round_step(low, up=False), _round_step(high)
    top = max(top, bottom * 10)
    decades = math.log10(top / bottom)
    steps = (1, 2, 5) if decades <= 3.5 else (1,)
    first = 10.0 ** math.floor(math.log10(bottom) + 1e-9)
    ticks = [
        Tick(value, _number(value))
        for decade in range(math.ceil(decades) + 2)
        for step in steps
        if bottom * 0.999 <= (value := first * 10.0**decade * step) <= top * 1.001
    ]
    return Axis(low=bottom, high=top, ticks=ticks, title=title, logarithmic=True)


def _grid(x: Axis, y: Axis) -> list[str]:
    base, middle = HEIGHT - _BOTTOM, _TOP + _PLOT_H / 2
    parts = []
    for tick in y.ticks:
        py = _y(y, tick.at)
        parts.append(_rule("grid", _LEFT, py, WIDTH - _RIGHT, py))
        parts.append(_text("tick end", _LEFT - 8, py + 4, tick.label))
    for tick in x.ticks:
        px = _x(x, tick.at)
        parts.append(_rule("notch", px, base, px, base + 4))
        if px > WIDTH - _RIGHT - 8 and len(tick.label) > 4:  # a long last label must not be cut
            parts.append(_text("tick end", WIDTH - 2, base + 17, tick.label))
        else:
            parts.append(_text("tick mid", px, base + 17, tick.label))
    parts.append(_rule("base", _LEFT, base, WIDTH - _RIGHT, base))
    parts.append(_text("title mid", _LEFT + _PLOT_W / 2, HEIGHT - 4, x.title))
    turned = f"translate(13 {middle:.1f}) rotate(-90)"
    parts.append(f'<text class="title mid" transform="{turned}">{escape(y.title)}</text>')
    return parts


def _rule(style: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(style: str, x: float, y: float, text: str) -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _mark(x: Axis, tick: Tick) -> str:
    px = _x(x, tick.at)
    hairline = _rule("mark", px, _TOP, px, HEIGHT - _BOTTOM)
    return hairline + _text("marked", px + 4, _TOP + 10, tick.label)


def _area(style: str, places: Sequence[tuple[float, float]]) -> str:
    base = HEIGHT - _BOTTOM
    path = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
    return (
        f'<polygon class="area {style}" points="{places[0][0]:.1f},{base} {path} '
        f'{places[-1][0]:.1f},{base}"/>'
    )


def _x(axis: Axis, value: float) -> float:
    return _LEFT + axis.place(value) * _PLOT_W


def _y(axis: Axis, value: float) -> float:
    return _TOP + (1 - axis.place(value)) * _PLOT_H


def _round_step(rough: float, *, up: bool = True) -> float:
    """The nearest of 1, 2, 5 × 10ⁿ that is at least (`up`) or at most `rough`."""
    power = 10.0 ** math.floor(math.log10(max(rough, 1e-9)) + 1e-9)
    fits = [factor * power for factor in (1, 2, 5, 10)]
    if up:
        return min(value for value in fits if value >= rough * (1 - 1e-9))
    return max(value for value in fits if value <= rough * (1 + 1e-9))


def _number(value: float) -> str:
    """Short: 3000 as 3,000, 0.5 as 0.5."""
    return f"{value:,.0f}" if value >= 1 and abs(value - round(value)) < 1e-9 else f"{value:g}"
