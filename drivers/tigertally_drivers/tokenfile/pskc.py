"""Token files in the Portable Symmetric Key Container format (RFC 6030), plain keys only.

Reads a stream of bytes into `TokenRecord`s, one at a time: memory doesn't grow with the file apart
from the serials, kept to find one that comes twice. This half turns XML into packages; what a
package means is in `pskc_package.py`. Knows nothing of stores or engines.

Which keys are understood, by the `Algorithm` of a `Key`:

* `urn:ietf:params:xml:ns:keyprov:pskc:hotp` (RFC 6030 section 10.1);
* `urn:ietf:params:xml:ns:keyprov:pskc:totp`, or `…:pskc#totp`, by
  draft-hoyer-keyprov-pskc-algorithm-profiles-01 section 4, which is what manufacturers deliver:
  the hash in `AlgorithmParameters/Suite`, the time step in `Data/TimeInterval`;
* `urn:tigertally:pskc:gm-sm3`, an extension of this product for the SM3 form of GM/T 0021. It is
  written like the TOTP profile; `Suite` may be absent or SM3, and the step is at most 60 s.

Invariants and hard lines:

* A DOCTYPE ends the reading before anything declared in it takes effect, in every encoding; so no
  entity is ever defined, expanded or fetched.
* What isn't understood is refused where ignoring it could change a code or widen the use of a key:
  encrypted values, check digits, encodings other than DECIMAL, unknown policies (RFC 6030
  section 5: a policy that isn't understood forbids the use). Names, owners, extensions, keys that
  are a device's own PIN and the XML signature are passed over; the signature is *not* verified.
* A serial number names one token. RFC 6030 also knows devices with several keys in a row
  (its figure 10); such a file is refused, because a verification names the serial only.
* Errors name line and element and never quote the file, which is full of secrets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, NoReturn, get_args
from xml.parsers import expat

from tigertally_drivers.tokenfile.pskc_package import (
    GM_SM3_URI,
    NAMESPACE,
    PACKAGE,
    SERIAL,
    Package,
    read_package,
)
from tigertally_drivers.tokenfile.records import TokenFileError, TokenRecord

__all__ = ["GM_SM3_URI", "TokenFileError", "TokenRecord", "parse_pskc"]

CHUNK: Final = 1 << 16  # bytes
LONGEST_TEXT: Final = 4096  # characters in one value
_ROOT: Final = "KeyContainer"

# What happens at an element, by its path in KeyContainer:
#   inner       its known children are read, others are passed over with all that is in them
#   closed      an unknown child is an error
#   value       its text is kept; it may appear once
#   values      its text is kept; it may appear often
#   encrypted, refused  an error
_Treatment = Literal["inner", "closed", "value", "values", "encrypted", "refused"]
_TREATMENTS: Final[dict[str, _Treatment]] = {
    "KeyPackage": "inner",
    "KeyPackage/DeviceInfo": "inner",
    "KeyPackage/DeviceInfo/SerialNo": "value",
    "KeyPackage/DeviceInfo/StartDate": "value",
    "KeyPackage/DeviceInfo/ExpiryDate": "value",
    "KeyPackage/Key": "inner",
    "KeyPackage/Key/Issuer": "value",
    "KeyPackage/Key/AlgorithmParameters": "inner",
    "KeyPackage/Key/AlgorithmParameters/Suite": "value",
    "KeyPackage/Key/AlgorithmParameters/ResponseFormat": "inner",
    "KeyPackage/Key/Data": "inner",
    "KeyPackage/Key/Data/Secret": "inner",
    "KeyPackage/Key/Data/Secret/PlainValue": "value",
    "KeyPackage/Key/Data/Secret/EncryptedValue": "encrypted",
    "KeyPackage/Key/Data/Counter": "inner",
    "KeyPackage/Key/Data/Counter/PlainValue": "value",
    "KeyPackage/Key/Data/Counter/EncryptedValue": "encrypted",
    "KeyPackage/Key/Data/TimeInterval": "inner",
    "KeyPackage/Key/Data/TimeInterval/PlainValue": "value",
    "KeyPackage/Key/Data/TimeInterval/EncryptedValue": "encrypted",
    "KeyPackage/Key/Policy": "closed",
    "KeyPackage/Key/Policy/StartDate": "value",
    "KeyPackage/Key/Policy/ExpiryDate": "value",
    "KeyPackage/Key/Policy/KeyUsage": "values",
    "KeyPackage/Key/Policy/PINPolicy": "inner",
    "KeyPackage/Key/Policy/NumberOfTransactions": "refused",
}
_REFUSALS: Final = {
    "encrypted": "encrypted PSKC is not supported yet; ask for a file with plain values",
    "refused": "is not supported",
}


@dataclass(frozen=True, slots=True)
class _Node:
    """A known element: the table above as a tree, so that a start tag is one look-up."""

    path: str
    treatment: _Treatment
    children: dict[str, _Node] = field(default_factory=dict)  # by expat's "namespace name"


def _tree() -> _Node:
    assert set(_TREATMENTS.values()) <= set(get_args(_Treatment))
    nodes = {"": _Node("", "inner")}
    for path, treatment in _TREATMENTS.items():
        nodes[path] = _Node(path, treatment)
        parent, _, name = path.rpartition("/")
        nodes[parent].children[f"{NAMESPACE} {name}"] = nodes[path]
    return nodes[""]


_TREE: Final = _tree()


def parse_pskc(data: bytes | Iterable[bytes]) -> Iterator[TokenRecord]:
    """Read the tokens of a PSKC file, given whole or in pieces, in the order of the file.

    Lazy: a fault shows when its turn comes and can't take back the records before it, so consume
    all of it before you act. Raises TokenFileError at the first fault.
    """
    reader = _Reader()
    for piece in _pieces(data) if isinstance(data, bytes) else data:
        yield from reader.feed(piece)
    yield from reader.feed(b"", last=True)


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[at : at + CHUNK] for at in range(0, len(data), CHUNK))


class _Reader:
    """Expat's events into packages, packages into records."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._entity
        self._open: list[_Node] = []  # the root's node first; empty outside the root
        self._passed_over = 0  # depth in an element that is passed over
        self._text: list[str] = []
        self._text_length = 0
        self._package = Package(0)
        self._ready: list[TokenRecord] = []
        self._serials: dict[str, int] = {}

    def feed(self, piece: bytes, *, last: bool = False) -> list[TokenRecord]:
        """Read one piece; the records that it completed."""
        self._ready = []
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            reason = f"not well-formed XML ({expat.ErrorString(error.code)})"
            raise TokenFileError(error.lineno, self._where(), reason) from None
        except TokenFileError:
            raise
        except (LookupError, ValueError):  # Python's, about the encoding that the file declares
            reason = "its character encoding is not supported; use UTF-8"
            raise TokenFileError(1, _ROOT, reason) from None
        return self._ready

    def _doctype(self, *_: object) -> None:
        self._fail("DOCTYPE", "a document type declaration is not allowed")

    def _entity(self, *_: object) -> None:
        self._fail("ENTITY", "an entity declaration is not allowed")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._passed_over:
            self._passed_over += 1
            return
        if not self._open:
            self._start_root(name, attributes)
            return
        parent = self._open[-1]
        node = parent.children.get(name)
        if node is not None:
            self._start_known(node, attributes)
        elif parent.treatment == "inner":
            self._passed_over = 1
        elif parent.treatment == "closed":
            self._fail(parent.path, "holds a policy that is not understood, which forbids use")
        else:
            self._fail(parent.path, "must hold text only")

    def _start_root(self, name: str, attributes: dict[str, str]) -> None:
        if name != f"{NAMESPACE} {_ROOT}":
            self._fail(_ROOT, f"is not the outermost element, or not of namespace {NAMESPACE}")
        if attributes.get("Version") != "1.0":
            self._fail(_ROOT, "must have Version 1.0")
        self._open.append(_TREE)

    def _start_known(self, node: _Node, attributes: dict[str, str]) -> None:
        path, treatment = node.path, node.treatment
        if treatment in _REFUSALS:
            self._fail(path, _REFUSALS[treatment])
        line = self._parser.CurrentLineNumber
        if path == PACKAGE:
            self._package = Package(line)
        elif path in self._package.lines and treatment != "values":
            self._fail(path, "appears twice")
        self._package.lines[path] = line
        if attributes:
            self._package.attributes[path] = attributes
        self._open.append(node)
        if treatment in ("value", "values"):
            self._text, self._text_length = [], 0
            self._parser.CharacterDataHandler = self._characters

    def _characters(self, text: str) -> None:
        self._text_length += len(text)
        if self._text_length > LONGEST_TEXT:
            self._fail(self._where(), f"is longer than {LONGEST_TEXT} characters")
        self._text.append(text)

    def _end(self, _name: str) -> None:
        if self._passed_over:
            self._passed_over -= 1
            return
        node = self._open.pop()
        if node.treatment == "value":
            self._parser.CharacterDataHandler = None
            self._package.texts[node.path] = "".join(self._text).strip()
        elif node.treatment == "values":
            self._parser.CharacterDataHandler = None
            earlier = self._package.texts.get(node.path, "")
            self._package.texts[node.path] = f"{earlier} {''.join(self._text)}"
        elif node.path == PACKAGE:
            self._finish_package()

    def _finish_package(self) -> None:
        record = read_package(self._package)
        if record is None:
            return
        earlier = self._serials.get(record.serial)
        if earlier is not None:
            reason = f"the same serial number as in the package of line {earlier}"
            self._package.fail(SERIAL, reason)
        self._serials[record.serial] = record.line
        self._ready.append(record)

    def _where(self) -> str:
        return (self._open[-1].path if self._open else "") or _ROOT

    def _fail(self, element: str, reason: str) -> NoReturn:
        raise TokenFileError(self._parser.CurrentLineNumber, element, reason)
