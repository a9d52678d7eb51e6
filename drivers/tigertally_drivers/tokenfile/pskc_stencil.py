"""The form that the packages of one delivery share, cut out of the first: later ones are compared
with it instead of being parsed.

A manufacturer's file repeats one package a million times with another serial and another seed. A
stencil is the bytes of a package that was parsed, with holes where its values and identifiers
stood. What fits it has the same elements in the same places, so it means the same but for what is
in the holes. Holes admit printable ASCII without markup only; everything else is left to the
parser, as is a package of any other form. Knows no element's meaning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tigertally_drivers.tokenfile.pskc_elements import Texts

LONGEST: Final = 65_536
"""Bytes of a package that is worth a stencil, and that is waited for."""
_HOLE: Final = rb"[ !\"#$%'()*+,\-./0-9:;=?@A-Z\[\\\]^_`a-z{|}~]{0,8192}"
_TOKENS: Final = re.compile(rb"<[^<>]*>|[^<>]+")
_IDENTIFIER: Final = re.compile(rb"""(?<=\s)([Ii]d\s*=\s*)("[^"<&]*"|'[^'<&]*')""")
_QUOTED: Final = {b'"': rb'"[!#$%\'()*+,\-./0-9:;=?@A-Z\[\\\]^_`a-z{|}~ ]{0,256}"'}
_SPACE: Final = rb"[ \t\n]*"


@dataclass(frozen=True, slots=True)
class Stencil:
    """`pattern` matches white space and a package after it; its groups, but the first, are the
    texts at `paths`. `first`: the package it was cut from; `lists`: paths that may appear often,
    whose texts begin with a blank.
    """

    pattern: re.Pattern[bytes]
    paths: tuple[str, ...]
    first: Texts
    lists: frozenset[str]

    def texts(self, match: re.Match[bytes], line: int) -> Texts:
        """What a parser would have found in the package that matched, which begins in `line`; the
        lines of its elements are the first one's.
        """
        texts: dict[str, str] = {}
        for path, value in zip(self.paths, match.groups()[1:], strict=True):
            text = value.decode("ascii").strip()
            texts[path] = f"{texts.get(path, '')} {text}" if path in self.lists else text
        return Texts(line, self.first.lines, texts, self.first.attributes)


def cut(package: bytes, values: Mapping[int, str], parsed: Texts) -> Stencil | None:
    """A stencil of a package, from its first `<` to its last `>`; None where it has something that
    a stencil can't hold. `values`: paths of the elements that have a value, by where their start
    tags stand.
    """
    if len(package) > LONGEST or b"<!" in package or b"<?" in package:
        return None
    parts, paths, at, path = [], [], 0, ""
    for token in _TOKENS.findall(package):
        if token.startswith(b"<"):
            if path:
                # An element without text.
                parts.append(b"(" + _HOLE + b")")
                paths.append(path)
            path = values.get(at, "")
            parts.append(_tag(token))
        elif path:
            parts.append(b"(" + _HOLE + b")")
            paths.append(path)
            path = ""
        else:
            parts.append(_HOLE if token.strip() else re.escape(token))
        at += len(token)
    pattern = re.compile(b"(" + _SPACE + b")" + b"".join(parts))
    lists = frozenset(path for path, text in parsed.texts.items() if text.startswith(" "))
    stencil = Stencil(pattern, tuple(paths), parsed, lists)
    return stencil if at == len(package) and _fits(stencil, package) else None


def _tag(token: bytes) -> bytes:
    parts, at = [], 0
    for found in _IDENTIFIER.finditer(token):
        quoted = _QUOTED.get(found[2][:1])
        if quoted is None:
            continue
        parts += [re.escape(token[at : found.start(2)]), quoted]
        at = found.end(2)
    return b"".join([*parts, re.escape(token[at:])])


def _fits(stencil: Stencil, package: bytes) -> bool:
    """It reads its own package as the parser did."""
    match = stencil.pattern.fullmatch(package)
    first = stencil.first
    return match is not None and stencil.texts(match, first.line).texts == first.texts
