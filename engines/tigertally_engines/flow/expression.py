"""What a flow asks for, as a text and as a tree: `all(password, any(otp, sms))`.

    node     = factor | word "(" members ")"
    word     = "all" | "any" | "order" | number "of"
    members  = node { "," node }
    factor   = a name that the caller knows: a-z, then a-z, 0-9 and "-", at most 12 characters;
               two names may be two ways to prove one thing

`all` wants every member, `any` one, `2 of` two, `order` every member, each begun only when the one
before it is proven. Blanks, tabs and line ends don't matter between words.

One inner node serves all four: so many members are `needed`, and it is `ordered` or not. Knows no
factor by itself, neither what proves one nor what a proof costs.

Invariants of a parsed tree: a thing is proven in at most one member of any node that needs more
than one of them, so that one proof never counts twice (in the alternatives of an `any` it may stand
repeatedly); depth, leaves and length are bounded; leaves are numbered from 0 in reading order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

DEPTH_MAX: Final = 4
"""Groups within groups."""
LEAVES_MAX: Final = 16
FACTORS_MAX: Final = 8
"""Different factors of one expression; their names fit the wire's field together."""
NAME_MAX: Final = 12
TEXT_MAX: Final = 192
"""Characters of the canonical text; what is parsed may be twice as long with its blanks."""

_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_TOKEN: Final = re.compile(r"\s*([a-z][a-z0-9-]*|[0-9]+|[(),])")
_WORDS: Final = frozenset({"all", "any", "order", "of"})


class ExpressionError(ValueError):
    """The text is no expression; says what is wrong at which character, and quotes at most one
    word that was checked for its alphabet.
    """


@dataclass(frozen=True, slots=True)
class Node:
    """A factor (`name` set, no members) or a group.

    Attributes:
        name: of the factor; "" in a group.
        leaf: number of the factor in reading order; -1 in a group.
        needed: how many members a group wants.
        ordered: whether a member is begun only after those before it.
    """

    name: str = ""
    leaf: int = -1
    needed: int = 0
    ordered: bool = False
    members: tuple[Node, ...] = ()


def parse(text: str, known: Mapping[str, str]) -> Node:
    """The tree of an expression over `known` factors: name → what it proves. Raises
    ExpressionError.
    """
    if len(text) > 2 * TEXT_MAX:
        raise ExpressionError(f"longer than {2 * TEXT_MAX} characters")
    reader = _Reader(text, known)
    root = reader.node(0)
    reader.end()
    if len(set(names_of(root))) > FACTORS_MAX:
        raise ExpressionError(f"more than {FACTORS_MAX} different factors")
    if len(render(root)) > TEXT_MAX:
        raise ExpressionError(f"longer than {TEXT_MAX} characters")
    return root


def leaves_of(node: Node) -> Iterator[Node]:
    """The factors, in reading order."""
    if node.name:
        yield node
    for member in node.members:
        yield from leaves_of(member)


def names_of(node: Node) -> tuple[str, ...]:
    """The different factors' names, in reading order."""
    return tuple(dict.fromkeys(leaf.name for leaf in leaves_of(node)))


def render(node: Node) -> str:
    """The canonical text: the shortest words, one blank after a comma."""
    if node.name:
        return node.name
    members = ", ".join(map(render, node.members))
    if node.ordered:
        return f"order({members})"
    if node.needed == len(node.members):
        return f"all({members})"
    return f"any({members})" if node.needed == 1 else f"{node.needed} of ({members})"


class _Reader:
    """Recursive descent over the words of one text."""

    def __init__(self, text: str, known: Mapping[str, str]) -> None:
        self._text, self._known = text, known
        self._at, self._word = 0, ""
        self._leaves = 0
        self._step()

    def _step(self) -> str:
        """Takes the current word; the next one becomes current ("" at the end)."""
        taken = self._word
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            if self._text[self._at :].strip():
                raise ExpressionError(f"unexpected character after character {self._at}")
            self._word, self._at = "", len(self._text)
        else:
            self._word, self._at = found[1], found.end()
        return taken

    def _expect(self, word: str) -> None:
        if self._word != word:
            raise ExpressionError(f"{word!r} expected before character {self._at}")
        self._step()

    def end(self) -> None:
        if self._word:
            raise ExpressionError(f"nothing more expected before character {self._at}")

    def node(self, depth: int) -> Node:
        word = self._step()
        if word.isdecimal():
            self._expect("of")
            return self._group(int(word[:4]), depth, ordered=False)
        if word in ("all", "order"):
            return self._group(None, depth, ordered=word == "order")
        if word == "any":
            return self._group(1, depth, ordered=False)
        return self._factor(word)

    def _factor(self, name: str) -> Node:
        if not _NAME.fullmatch(name) or name in _WORDS or len(name) > NAME_MAX:
            raise ExpressionError(f"a factor expected before character {self._at}")
        if name not in self._known:
            raise ExpressionError(f"there is no factor {name!r}")
        if self._leaves == LEAVES_MAX:
            raise ExpressionError(f"more than {LEAVES_MAX} factors")
        self._leaves += 1
        return Node(name=name, leaf=self._leaves - 1)

    def _group(self, needed: int | None, depth: int, *, ordered: bool) -> Node:
        if depth == DEPTH_MAX:
            raise ExpressionError(f"deeper than {DEPTH_MAX} groups")
        self._expect("(")
        members = [self.node(depth + 1)]
        while self._word == ",":
            self._step()
            members.append(self.node(depth + 1))
        self._expect(")")
        wanted = len(members) if needed is None else needed
        if not 1 <= wanted <= len(members):
            raise ExpressionError(f"{wanted} of {len(members)} can't be had")
        if wanted > 1:
            self._refuse_double_counts(members)
        if len(members) == 1:
            return members[0]
        return Node(needed=wanted, ordered=ordered, members=tuple(members))

    def _refuse_double_counts(self, members: list[Node]) -> None:
        seen: dict[str, str] = {}
        for member in members:
            proven = {self._known[name]: name for name in names_of(member)}
            for thing in sorted(proven.keys() & seen.keys()):
                names = " and ".join(dict.fromkeys((repr(seen[thing]), repr(proven[thing]))))
                raise ExpressionError(f"one proof of {names} would count twice")
            seen |= proven
