"""Texts of short messages, checked when the server starts: known placeholders only, those that a
text must have, and short enough whatever is filled in.

A template is plain text with `{name}` where a value goes; `{{` and `}}` are braces. Each value has
a width that it is cut to (`WIDTHS`), so the longest text is known beforehand.

Two placeholders never get their value here: `{code}` and `{sealed}` become one mark each, which is
replaced when the text is handed to the gateway, so that no stored text holds a code. The marks are
control characters, which no field of the wire and no template may have.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from tigertally_engines.sms.length import length_of
from tigertally_engines.sms.sealing import SEALED_LENGTH

CODE_MARK: Final = "\x01"
SEALED_MARK: Final = "\x02"
CUT: Final = ".."
LANGUAGES: Final = ("zh", "en")
TEXT_SCENE: Final = "transaction"
TEXT_PARTS: Final = 6
"""Permitted where the text of a transaction is shown: whole, whatever is in it."""

WIDTHS: Final[Mapping[str, int]] = {
    "sign": 12,
    "code": 10,
    "sealed": SEALED_LENGTH,
    "server_code": 4,
    "minutes": 2,
    "amount": 24,
    "payee_name": 12,
    "payee_tail": 4,
    "purpose": 16,
    "number_tail": 4,
    "time": 11,
    "hours": 3,
    "count": 3,
    "words": 60,
    "text": 200,
}
"""Every placeholder there is, and how many characters of its value are shown."""

_WIDEST: Final = "国"  # needs the shorter of the two alphabets


_NO_MARKS: Final = {ord(CODE_MARK): None, ord(SEALED_MARK): None}
"""A value that holds a mark, from wherever it came, can't draw the code into its place."""


class TemplateError(ValueError):
    """What is wrong with which template."""


class TemplateKind(NamedTuple):
    """What templates of one sort may and must have."""

    allowed: frozenset[str]
    required: frozenset[str]


_CODE_WORDS: Final = frozenset(
    {"sign", "server_code", "minutes", "amount", "payee_name", "payee_tail", "purpose"}
) | {"text"}
_NOTICE_WORDS: Final = frozenset({"sign", "number_tail", "time", "hours", "count", "words"})
CODE_KIND: Final = TemplateKind(_CODE_WORDS | {"code"}, frozenset({"code", "server_code"}))
SEALED_KIND: Final = TemplateKind(_CODE_WORDS | {"sealed"}, frozenset({"sealed", "server_code"}))
TEXT_KIND: Final = TemplateKind(CODE_KIND.allowed, CODE_KIND.required | {"text"})
SEALED_TEXT_KIND: Final = TemplateKind(SEALED_KIND.allowed, SEALED_KIND.required | {"text"})
NOTICE_KIND: Final = TemplateKind(_NOTICE_WORDS, frozenset())
_REFUSED: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
SEALED_SUFFIX: Final = "_sealed"
NOTICE_PREFIX: Final = "notice_"


def kind_of(name: str) -> TemplateKind:
    """A template's name says what sort it is: `notice_…`, `…_sealed`, else a code."""
    if name.startswith(NOTICE_PREFIX):
        return NOTICE_KIND
    kind = SEALED_KIND if name.endswith(SEALED_SUFFIX) else CODE_KIND
    if name.removesuffix(SEALED_SUFFIX) == TEXT_SCENE:
        return SEALED_TEXT_KIND if kind is SEALED_KIND else TEXT_KIND
    return kind


class Template(msgspec.Struct, frozen=True, gc=False):
    """A checked template: literal texts and placeholders in turn."""

    name: str
    language: str
    pieces: tuple[tuple[str, str], ...]
    """(literal, placeholder behind it or "")."""

    @property
    def placeholders(self) -> frozenset[str]:
        return frozenset(name for _, name in self.pieces if name)

    def render(self, values: Mapping[str, str]) -> str:
        """The text; raises KeyError where a value is missing."""
        return "".join(
            literal + (_shown(name, values) if name else "") for literal, name in self.pieces
        )

    def widest(self) -> str:
        """The longest text this template can become."""
        return "".join(
            literal + (_WIDEST * WIDTHS[name] if name else "") for literal, name in self.pieces
        )


def _shown(name: str, values: Mapping[str, str]) -> str:
    if name == "code":
        return CODE_MARK
    if name == "sealed":
        return SEALED_MARK
    value, width = values[name].translate(_NO_MARKS), WIDTHS[name]
    return value if len(value) <= width else value[: width - len(CUT)] + CUT


def parse(name: str, language: str, text: str, parts_max: int) -> Template:
    """A checked template. Raises TemplateError naming the template and what is wrong."""
    try:
        raw = list(string.Formatter().parse(text))
    except ValueError as problem:
        raise TemplateError(f"template {name!r}: {problem}") from None
    for _, field, spec, conversion in raw:
        if field is not None and (spec or conversion or not field.isidentifier()):
            raise TemplateError(f"template {name!r}: write placeholders as {{name}} only")
    template = Template(
        name, language, tuple((literal, field or "") for literal, field, _, _ in raw)
    )
    _check_placeholders(template)
    if any(unicodedata.category(character) in _REFUSED for character in text):
        raise TemplateError(f"template {name!r}: has a control character or line break")
    if "text" in template.placeholders:
        parts_max = max(parts_max, TEXT_PARTS)  # it is never cut short
    parts = length_of(template.widest()).parts
    if parts > parts_max:
        raise TemplateError(
            f"template {name!r}: may need {parts} parts, {parts_max} are permitted (sms.parts_max)"
        )
    return template


def _check_placeholders(template: Template) -> None:
    kind, used = kind_of(template.name), template.placeholders
    if unknown := used - kind.allowed:
        raise TemplateError(f"template {template.name!r}: {_listed(unknown)} is not known here")
    if missing := kind.required - used:
        raise TemplateError(f"template {template.name!r}: {_listed(missing)} is missing")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


def fill_marks(text: str, *, code: str = "", sealed: str = "") -> str:
    """The text as the customer gets it; the one moment at which it holds the code."""
    return text.replace(CODE_MARK, code).replace(SEALED_MARK, sealed)
