"""docs/LIFE_CYCLE.md and its picture, made from the tables of `domain/life_cycle.py`: they can't
say anything else than what the server does. `make generate` writes them; a test holds them current.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from math import hypot
from pathlib import Path
from typing import Final, NamedTuple

from tigertally_protocol.codes import CODES
from tigertally_server.domain.life_cycle import (
    STORED_AS,
    TRANSITIONS,
    Remembered,
    TokenOperation,
    refusal,
)
from tigertally_server.domain.token import TokenState

_DOCS: Final = Path(__file__).parents[3] / "docs"
PAGE: Final = _DOCS / "LIFE_CYCLE.md"
PICTURE: Final = _DOCS / "life_cycle.svg"

_S = TokenState
_MEANINGS: Final = {
    _S.IN_STOCK: ("库存", "nobody's; in a drawer of the bank"),
    _S.ASSIGNED: ("已分配", "a customer's, and not yet in use: its first code activates it"),
    _S.ACTIVE: ("正常", "its codes are looked at"),
    _S.LOCKED: ("锁定", "*shown:* active, and too many codes were wrong; ends by itself"),
    _S.EXPIRED: ("过期", "*shown:* active, and its validity is over"),
    _S.NOT_YET_VALID: ("未生效", "*shown:* active, and its validity has not begun"),
    _S.DISABLED: ("停用", "switched off by the bank"),
    _S.LOST: ("挂失", "its owner says so; an emergency code may stand in for it"),
    _S.REPLACED: ("已更换", "another token took its place; kept for the record"),
    _S.VOID: ("作废", "at its end, whoever had it"),
}


class _Box(NamedTuple):
    """A box of the picture: its middle, its size."""

    x: float
    y: float
    wide: float = 152
    high: float = 58


_HELD: Final = (_S.ASSIGNED, _S.ACTIVE, _S.DISABLED)
"""What a customer may have in hand: drawn as one, with the arrows that are the same for all."""
_AROUND: Final = _Box(570, 190, 560, 290)
_PLACES: Final[dict[TokenState, _Box]] = {
    _S.IN_STOCK: _Box(110, 190),
    _S.ASSIGNED: _Box(410, 105),
    _S.ACTIVE: _Box(570, 200),
    _S.DISABLED: _Box(730, 105),
    _S.LOST: _Box(730, 440),
    _S.REPLACED: _Box(430, 440),
    _S.VOID: _Box(130, 440),
    _S.LOCKED: _Box(400, 292, 150, 46),
    _S.EXPIRED: _Box(570, 292, 150, 46),
    _S.NOT_YET_VALID: _Box(740, 292, 150, 46),
}
_SHORT: Final = 140
_SIZE: Final = (880, 620)
_OPENING: Final = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE[0]} {_SIZE[1]}" '
    'font-family="Helvetica, Arial, sans-serif" font-size="12">'
)
_ARROW_TIP: Final = (
    '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
    'markerHeight="8" orient="auto"><path d="M0,0 L10,5 L0,10 z" fill="#345"/></marker></defs>'
)
_SHOWN_STYLE: Final = 'fill="#f6f6f6" stroke="#999" stroke-dasharray="4 3"'
_STORED_STYLE: Final = 'fill="#eaf2fb" stroke="#345"'
_AROUND_STYLE: Final = 'fill="#fbfdff" stroke="#789"'


def _name(state: TokenState) -> str:
    return state.name.lower().replace("_", " ")


def _edges() -> dict[tuple[_Box, _Box], list[str]]:
    """Arrows between boxes, with what leads along each."""
    edges: dict[tuple[_Box, _Box], list[str]] = {}
    for (state, operation), target in TRANSITIONS.items():
        if state in STORED_AS:
            continue
        start = _AROUND if _is_common(state, operation) else _PLACES[state]
        end = _AROUND if isinstance(target, Remembered) else _PLACES[target]
        names = edges.setdefault((start, end), [])
        if str(operation) not in names:
            names.append(str(operation))
    return edges


def _is_common(state: TokenState, operation: TokenOperation) -> bool:
    """Whether the operation leads from every state in a customer's hand to the same one."""
    targets = {TRANSITIONS.get((held, operation)) for held in _HELD}
    return state in _HELD and len(targets) == 1


def render_picture() -> str:
    """The picture as SVG."""
    edges = _edges()
    parts = [
        _OPENING,
        "<title>The life cycle of a token</title>",
        _ARROW_TIP,
        f'<rect width="{_SIZE[0]}" height="{_SIZE[1]}" fill="#fff"/>',
        _rectangle(_AROUND, _AROUND_STYLE),
        _text(_AROUND.x, 64, "in a customer's hands 客户持有", "#678"),
    ]
    parts += [_state(state, edges.get((_PLACES[state],) * 2, [])) for state in TokenState]
    parts += [_arrow(a, b, ", ".join(names)) for (a, b), names in edges.items() if a != b]
    parts += [_text(440, 530 + 20 * number, line, "#345") for number, line in enumerate(_LEGEND)]
    return "\n".join([*parts, "</svg>"]) + "\n"


_LEGEND: Final = (
    "Dashed: active, but a lock or the validity stops its codes; time leads there and back.",
    "withdraw loss leads to the state from which the loss was reported.",
    "Everything that has no arrow is refused, by a code of its own, and recorded.",
)


def _rectangle(box: _Box, style: str) -> str:
    corner = f'x="{box.x - box.wide / 2:.0f}" y="{box.y - box.high / 2:.0f}"'
    return f'<rect {corner} width="{box.wide}" height="{box.high}" rx="9" {style}/>'


def _text(x: float, y: float, text: str, colour: str, more: str = "") -> str:
    place = f'x="{x:.0f}" y="{y:.0f}" text-anchor="middle" fill="{colour}"'
    return f"<text {place}{more}>{escape(text)}</text>"


def _state(state: TokenState, staying: Iterable[str]) -> str:
    box, shown = _PLACES[state], state in STORED_AS
    below = "codes are refused" if shown else ", ".join(staying)
    title = f"{_name(state)} {_MEANINGS[state][0]}"
    title_y = box.y - 3 if below else box.y + 4
    lines = [
        _rectangle(box, _SHOWN_STYLE if shown else _STORED_STYLE),
        _text(box.x, title_y, title, "#123", ' font-weight="bold"'),
    ]
    if below:
        lines.append(_text(box.x, box.y + 15, below, "#567", ' font-size="10"'))
    return "\n".join(lines)


def _arrow(start: _Box, end: _Box, label: str) -> str:
    """A bent arrow; its way back bends to the other side."""
    a, b = _facing(start, end)
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = hypot(dx, dy)
    bend = max(40.0, 0.14 * length)
    cx, cy = (a[0] + b[0]) / 2 + bend * dy / length, (a[1] + b[1]) / 2 - bend * dx / length
    ax, ay = a if start is _AROUND else _border(start, a, (cx, cy))
    bx, by = b if end is _AROUND else _border(end, b, (cx, cy))
    mx, my = ax / 4 + cx / 2 + bx / 4, ay / 4 + cy / 2 + by / 4
    if length < _SHORT:  # or it lies upon the label of the way back
        mx, my = mx + dy / length * _SHORT / 4, my - dx / length * _SHORT / 4
    halo = ' stroke="#fff" stroke-width="4" paint-order="stroke"'
    return (
        f'<path d="M{ax:.0f},{ay:.0f} Q{cx:.0f},{cy:.0f} {bx:.0f},{by:.0f}" fill="none" '
        'stroke="#345" stroke-width="1.3" marker-end="url(#tip)"/>\n'
        + _text(mx, my + 4, label, "#a33", halo)
    )


def _facing(start: _Box, end: _Box) -> tuple[tuple[float, float], tuple[float, float]]:
    """The points of two boxes that an arrow between them aims at: in the wide box around others,
    the one of its border that is nearest to the other end.
    """

    def aim(box: _Box, other: _Box) -> tuple[float, float]:
        if box is not _AROUND:
            return box.x, box.y
        wide, high = box.wide / 2, box.high / 2
        x = min(max(other.x, box.x - wide), box.x + wide)
        return x, min(max(other.y, box.y - high), box.y + high)

    return aim(start, end), aim(end, start)


def _border(
    box: _Box, aim: tuple[float, float], towards: tuple[float, float]
) -> tuple[float, float]:
    """Where the line from a point in a box to another one leaves the box."""
    dx, dy = towards[0] - aim[0], towards[1] - aim[1]
    ways = [1.0]
    if dx:
        edge = box.x + box.wide / 2 * (1 if dx > 0 else -1)
        ways.append((edge - aim[0]) / dx)
    if dy:
        edge = box.y + box.high / 2 * (1 if dy > 0 else -1)
        ways.append((edge - aim[1]) / dy)
    scale = min(way for way in ways if way >= 0)
    return aim[0] + dx * scale, aim[1] + dy * scale


def render_page() -> str:
    """The page as Markdown."""
    return "\n".join([*_head(), *_matrix(), *_reasons(), *_rules()]) + "\n"


def _head() -> list[str]:
    rows = [
        f"| {_name(state)} | {state.value} | {chinese} | {text} |"
        for state, (chinese, text) in _MEANINGS.items()
    ]
    return [
        "# The life cycle of a token",
        "",
        "Made from `server/tigertally_server/domain/life_cycle.py` by `make generate`; nothing",
        "else in the server says what may be done with a token.",
        "",
        "![States and operations](life_cycle.svg)",
        "",
        "| state | number | 中文 | meaning |",
        "|---|---|---|---|",
        *rows,
        "",
    ]


def _matrix() -> list[str]:
    operations = list(TokenOperation)
    lines = [
        "## Every operation in every state",
        "",
        "**Bold:** legal, and the state afterwards. Otherwise the code of the refusal. Both are",
        "entries of the audit log.",
        "",
        "| | " + " | ".join(_name(state) for state in _MEANINGS) + " |",
        "|---" * (len(_MEANINGS) + 1) + "|",
    ]
    for operation in operations:
        cells = [_cell(state, operation) for state in _MEANINGS]
        lines.append(f"| {operation} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _cell(state: TokenState, operation: TokenOperation) -> str:
    code = refusal(state, operation)
    if code is not None:
        return str(int(code))
    target = TRANSITIONS[state, operation]
    return f"**{target.value if isinstance(target, Remembered) else _name(target)}**"


def _reasons() -> list[str]:
    found = {refusal(state, operation) for state in TokenState for operation in TokenOperation}
    codes = sorted(code for code in found if code is not None)
    rows = [f"| {int(code)} | `{code.name}` | {CODES[code].text} |" for code in codes]
    return ["## Refusals", "", "| code | name | meaning |", "|---|---|---|", *rows, ""]


def _rules() -> list[str]:
    return [
        "## What goes with it",
        "",
        "* A token of the stock has no owner; one in any other state has. A void one keeps its",
        "  last owner until it is restored, which leads into the stock: to be the customer's again",
        "  it is bound again.",
        "* Counter, used cells and time step stay whatever happens, so that no old code counts",
        "  again. Failures and locks end when a token goes back to the stock, and by `unlock`.",
        "* A seed that was made for a telephone ends with the binding.",
        "* An emergency code ends with the report of loss; a PIN and a pending activation with",
        "  the token. A replacement may carry the PIN over, failures included.",
        "* What is bound, assigned or activated must not have expired (`TOKEN_EXPIRED`).",
        "* The token of a closed customer can be unbound, disabled, reported lost, made void and",
        "  restored, and nothing else (`USER_CLOSED`).",
    ]
