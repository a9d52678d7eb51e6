"""The tables of docs/SECURITY.md: sensitive fields, columns, and which role runs which verb; made
from the tables that the program itself goes by.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tigertally_protocol.registry import MESSAGES
from tigertally_server.cli.roles import VERBS, role_name
from tigertally_server.sensitive.columns import COLUMNS
from tigertally_server.sensitive.fields import FIELDS
from tigertally_server.sensitive.kinds import KINDS, Class

PAGE = Path(__file__).resolve().parents[3] / "docs" / "SECURITY.md"
_PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def render() -> str:
    """The page with its generated parts as they should be."""
    parts = {"kinds": _kinds(), "fields": _fields(), "columns": _columns(), "verbs": _verbs()}
    return _PART.sub(lambda m: m[1] + parts[m[2]] + m[3], PAGE.read_text("utf-8"))


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _kinds() -> str:
    rows = [
        (kind.value, row.chinese, row.cls.value, f"`{row.example}` → `{row.mask(row.example)}`")
        for kind, row in KINDS.items()
    ]
    return _table(("kind", "中文", "class", "shown"), rows)


def _fields() -> str:
    sealed: dict[str, set[bool]] = defaultdict(set)
    for message in MESSAGES.values():
        for spec in message.fields:
            sealed[spec.name].add(spec.secret)
    said = {
        frozenset({True}): "sealed block",
        frozenset({False}): "authenticated, by TLS enciphered",
    }
    rows = [
        (
            f"`{name}`",
            row.kind.value,
            said.get(frozenset(sealed[name]), "as the message has it"),
            row.kept or "nowhere",
        )
        for name, row in sorted(FIELDS.items(), key=lambda item: (item[1].kind.value, item[0]))
        if KINDS[row.kind].cls in (Class.SECRET, Class.PERSONAL)
    ]
    return _table(("field", "kind", "on the wire", "where a trace of it stays"), rows)


def _columns() -> str:
    by_way: dict[str, list[str]] = defaultdict(list)
    for name, way in COLUMNS.items():
        by_way[way.value].append(f"`{name}`")
    return _table(("kept", "columns"), [(way, ", ".join(names)) for way, names in by_way.items()])


def _verbs() -> str:
    rows = [
        (f"`{verb}`", ", ".join(role_name(role) for role in roles) or "anybody: opens nothing")
        for verb, roles in sorted(VERBS.items())
    ]
    return _table(("verb", "role"), rows)
