"""Token files in the Portable Symmetric Key Container format (RFC 6030), plain or enciphered.

Reads a stream of bytes into tokens, one at a time: memory doesn't grow with the file. This half
turns XML into packages; what a package means is in `pskc_package.py`, how its values open in
`pskc_vault.py`. Packages that repeat the form of one before, directly behind another, are read by a
stencil of it (`pskc_stencil.py`), a quarter of the parser's cost; the parser sees white space in
their place. Knows nothing of stores or engines.

Which keys are understood, by the `Algorithm` of a `Key`:

* `urn:ietf:params:xml:ns:keyprov:pskc:hotp` (RFC 6030 section 10.1);
* `urn:ietf:params:xml:ns:keyprov:pskc:totp`, or `…:pskc#totp`, by
  draft-hoyer-keyprov-pskc-algorithm-profiles-01 section 4, which is what manufacturers deliver:
  the hash in `AlgorithmParameters/Suite`, the time step in `Data/TimeInterval`;
* `urn:ietf:params:xml:ns:keyprov:pskc#OCRA-1:…`, section 3 of that draft, the suite in the name;
* `urn:tigertally:pskc:gm-sm3` and `…:gm-sm4`, an extension of this product for the forms of
  GM/T 0021. They are written like the TOTP profile; `Suite` may be absent, and the step is at most
  60 s.

Invariants and hard lines:

* A DOCTYPE ends the reading before anything declared in it takes effect, in every encoding; so no
  entity is ever defined, expanded or fetched. Depth and the length of a value are bounded.
* What isn't understood is refused where ignoring it could change a code or widen the use of a key:
  check digits, encodings other than DECIMAL, unknown policies (RFC 6030 section 5: a policy that
  isn't understood forbids the use). Names, owners, extensions, keys that are a device's own PIN and
  the XML signature are passed over; the signature is *not* verified.
* A fault within a package costs that package and is given in its place; a fault of the file, or of
  the container's own encryption, is raised.
* Errors name line and element and never quote the file, which is full of secrets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NoReturn
from xml.parsers import expat

from tigertally_drivers.tokenfile.keys import NO_KEYS, TransportKeys
from tigertally_drivers.tokenfile.pskc_elements import (
    NAMESPACE,
    PACKAGE,
    ROOT,
    TREE,
    Node,
    Texts,
)
from tigertally_drivers.tokenfile.pskc_package import Packages
from tigertally_drivers.tokenfile.pskc_stencil import LONGEST, Stencil, cut
from tigertally_drivers.tokenfile.records import Item, TokenFileError, TokenRecord

LONGEST_TEXT: Final = 8192  # characters in one value
DEEPEST: Final = 64  # elements in one another

_NOTHING: Final[dict[str, Node]] = {}
_ASCII_BASED: Final = (None, "utf-8", "us-ascii")
_END_TAG: Final = re.compile(rb"</(?:[A-Za-z_][\w.-]*:)?KeyPackage>")
_FILLER: Final = b"\n"
MISSES: Final = 8


def read_pskc(
    pieces: Iterable[bytes], keys: TransportKeys = NO_KEYS, *, stencils: bool = True
) -> Iterator[Item]:
    """The tokens of a PSKC file, given in pieces, in the order of the file. Without `stencils`,
    all of it is parsed: the same tokens, more slowly.

    Lazy: consume all of it before you act. Raises TokenFileError where the file as a whole is at
    fault.
    """
    reader = _Reader(keys, stencils=stencils)
    for piece in pieces:
        yield from reader.feed(piece)
    yield from reader.feed(b"", last=True)


class _Reader:
    """Expat's events into packages, packages into items."""

    def __init__(self, keys: TransportKeys, *, stencils: bool) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._entity
        self._parser.XmlDeclHandler = self._declared
        self._open: list[Node] = []  # the root's node first; empty outside the root
        self._known: dict[str, Node] = _NOTHING  # children of the innermost open one
        self._passed_over = 0  # depth in what is passed over
        self._fault: TokenFileError | None = None  # of the package that is passed over
        self._text: list[str] = []
        self._text_length = 0
        self._container = Texts(1)
        self._texts = self._container  # or those of the package that is open
        self._packages = Packages(self._container, keys)
        self._ready: list[Item] = []
        self._stencils = stencils
        self._stencil: Stencil | None = None
        self._rest = b""  # not looked at yet
        self._fed = 0  # bytes that the parser has had
        self._begun_at = self._ended_at = -1  # where the last package begins; its end tag
        self._line = 0  # of that end tag
        self._values: dict[int, str] = {}  # where in it the elements with values begin
        self._last: Texts | None = None  # what it said, if it was a token
        self._misses = (
            MISSES  # packages that were no token of the stencil's form, one after another
        )

    def feed(self, piece: bytes, *, last: bool = False) -> list[Item]:
        """Read one piece; the items that it completed."""
        self._ready = []
        data, self._rest = self._rest + piece, b""
        at = 0
        while self._stencils and (found := _END_TAG.search(data, at)) is not None:
            self._parse(data[at : found.end()])
            at = self._follow(data, at, found.start(), found.end())
        if self._stencils and not last and len(data) - at <= LONGEST:
            self._rest = data[at:]
        else:
            self._parse(data[at:], last=last)
        return self._ready

    def _follow(self, data: bytes, begin: int, tag: int, end: int) -> int:
        """`data[begin:end]` was parsed: takes the packages of known form directly behind it, and
        returns where they end.
        """
        shift = self._fed - end
        if self._ended_at != tag + shift or self._last is None:
            # What looked like a package's end stands in a comment, or a fault was passed over.
            return end
        if self._misses >= MISSES and self._begun_at - shift >= begin:
            package = data[self._begun_at - shift : end]
            self._stencil, self._misses = cut(package, self._values, self._last), 0
        if self._stencil is None:
            return end
        return self._take(self._stencil, data, end)

    def _take(self, stencil: Stencil, data: bytes, end: int) -> int:
        line, at = self._line, end
        while (match := stencil.pattern.match(data, at)) is not None:
            begin = line + match[1].count(b"\n")
            item = self._packages.read(stencil.texts(match, begin))
            if isinstance(item, TokenFileError):
                # The parser knows the line.
                break
            if item is not None:
                self._ready.append(item)
            line += data.count(b"\n", at, match.end())
            at = match.end()
        self._misses = 0 if at > end else self._misses + 1
        self._parse(_FILLER * (line - self._line))
        return at

    def _parse(self, piece: bytes, *, last: bool = False) -> None:
        self._fed += len(piece)
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            reason = f"not well-formed XML ({expat.ErrorString(error.code)})"
            raise TokenFileError(error.lineno, self._where(), reason) from None
        except TokenFileError:
            raise
        except (LookupError, ValueError):  # Python's, about the encoding that the file declares
            reason = "its character encoding is not supported; use UTF-8"
            raise TokenFileError(1, ROOT, reason) from None

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _ASCII_BASED:
            self._stencils = False

    def _doctype(self, *_: object) -> None:
        self._end_all("DOCTYPE", "a document type declaration is not allowed")

    def _entity(self, *_: object) -> None:
        self._end_all("ENTITY", "an entity declaration is not allowed")

    # ---------------------------------------------------------------- elements

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        node = self._known.get(name)
        if node is None:
            self._start_unknown(name, attributes)
            return
        if node.special and not self._start_special(node):
            return
        path, lines = node.path, self._texts.lines
        if path in lines and node.treatment != "values":
            self._fail(path, "appears twice", still_open=1)
            return
        lines[path] = self._parser.CurrentLineNumber
        if attributes:
            self._texts.attributes[path] = attributes
        self._open.append(node)
        self._known = node.children
        if node.has_text:
            self._values[self._parser.CurrentByteIndex - self._begun_at] = path
            self._text, self._text_length = [], 0
            self._parser.CharacterDataHandler = self._characters

    def _start_special(self, node: Node) -> bool:
        """Whether the element is to be read."""
        if node.path == PACKAGE:
            self._texts = Texts(self._parser.CurrentLineNumber)
            self._begun_at, self._values = self._parser.CurrentByteIndex, {}
        elif node.treatment == "refused":
            self._fail(node.path, "is not supported", still_open=1)
            return False
        elif self._packages.begun:
            self._end_all(node.path, "must come before the first KeyPackage")
        return True

    def _start_unknown(self, name: str, attributes: dict[str, str]) -> None:
        if self._passed_over:
            self._pass_over(self._passed_over + 1)
        elif not self._open:
            self._start_root(name, attributes)
        else:
            parent = self._open[-1]
            if parent.treatment == "inner":
                self._pass_over(1)
            elif parent.treatment == "closed":
                reason = "holds a policy that is not understood, which forbids use"
                self._fail(parent.path, reason, still_open=1)
            else:
                self._fail(parent.path, "must hold text only", still_open=1)

    def _start_root(self, name: str, attributes: dict[str, str]) -> None:
        if name != f"{NAMESPACE} {ROOT}":
            self._end_all(ROOT, f"is not the outermost element, or not of namespace {NAMESPACE}")
        if attributes.get("Version") != "1.0":
            self._end_all(ROOT, "must have Version 1.0")
        self._open.append(TREE)
        self._known = TREE.children

    def _pass_over(self, depth: int) -> None:
        self._passed_over, self._known = depth, _NOTHING
        if depth + len(self._open) > DEEPEST:
            self._end_all(self._where(), f"holds more than {DEEPEST} elements in one another")

    def _characters(self, text: str) -> None:
        self._text_length += len(text)
        if self._text_length > LONGEST_TEXT:
            self._fail(self._where(), f"is longer than {LONGEST_TEXT} characters", still_open=0)
            return
        self._text.append(text)

    def _end(self, _name: str) -> None:
        if self._passed_over:
            self._end_passed_over()
            return
        node = self._open.pop()
        if node.has_text:
            self._parser.CharacterDataHandler = None
            text = "".join(self._text).strip()
            if node.treatment == "values":
                text = f"{self._texts.texts.get(node.path, '')} {text}"
            self._texts.texts[node.path] = text
        elif node.path == PACKAGE:
            self._finish_package()
        self._known = self._open[-1].children if self._open else _NOTHING

    def _end_passed_over(self) -> None:
        self._passed_over -= 1
        if self._passed_over:
            return
        self._known = self._open[-1].children
        if self._fault is not None:
            self._ready.append(self._fault)
            self._fault, self._texts = None, self._container

    def _finish_package(self) -> None:
        package, self._texts = self._texts, self._container
        self._ended_at, self._line = self._parser.CurrentByteIndex, self._parser.CurrentLineNumber
        item = self._packages.read(package)
        self._last = package if isinstance(item, TokenRecord) else None
        if item is not None:
            self._ready.append(item)

    # ---------------------------------------------------------------- faults

    def _where(self) -> str:
        return (self._open[-1].path if self._open else "") or ROOT

    def _fail(self, element: str, reason: str, *, still_open: int) -> None:
        """The rest of the package is passed over; outside of one, the file ends. `still_open`: 1
        where the element that has just begun isn't among the open nodes.
        """
        fault = TokenFileError(self._parser.CurrentLineNumber, element, reason)
        if self._texts is self._container:
            raise fault
        self._parser.CharacterDataHandler = None
        self._fault = fault
        depth = len(self._open) - 1 + still_open
        del self._open[1:]
        self._pass_over(depth)

    def _end_all(self, element: str, reason: str) -> NoReturn:
        raise TokenFileError(self._parser.CurrentLineNumber, element, reason)
