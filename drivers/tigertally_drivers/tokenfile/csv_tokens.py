"""Rows of delimited text as tokens: which cell is what, how seeds open, how check values are made.

Shared by all formats made of rows (`oath_csv.py`, `vendor_csv.py`). Knows nothing of bytes and
charsets, stores or engines. A bad row is given as a fault in its place; errors name line and column
and never quote a cell. What rows say besides serial, seed and counter is checked once and
remembered by its very words.
"""

from __future__ import annotations

import hmac
import zlib
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeVar

from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SM3, Hash, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC

from tigertally_drivers.tokenfile import cells
from tigertally_drivers.tokenfile.cells import BadCell
from tigertally_drivers.tokenfile.ciphers import Blocks, CannotDecipher, unpadded
from tigertally_drivers.tokenfile.csv_rows import Row
from tigertally_drivers.tokenfile.keys import TransportKeys
from tigertally_drivers.tokenfile.records import (
    Algorithm,
    HashName,
    Item,
    TokenFileError,
    TokenRecord,
)
from tigertally_drivers.tokenfile.vendor_layout import CheckSection, Layout, SeedSection

T = TypeVar("T")

FORMS_KEPT: Final = 1000
SHORTEST_CHECK: Final = 3  # bytes
_FORM_COLUMNS: Final = (
    "algorithm",
    "hash",
    "digits",
    "step",
    "suite",
    "valid_from",
    "valid_to",
)
_HASHES: Final[Mapping[str, HashAlgorithm]] = {"sha1": SHA1(), "sha256": SHA256(), "sm3": SM3()}  # noqa: S303 - as the file has it


class _Form(NamedTuple):
    """What a row says besides serial, seed and counter."""

    algorithm: Algorithm
    hash: HashName
    digits: int
    step_s: int
    valid_from_ms: int
    valid_to_ms: int
    suite: str


class RowTokens:
    """Reads the rows of one file. `columns`: where each part is, from 0; a row may be shorter."""

    def __init__(self, columns: Mapping[str, int], layout: Layout, keys: TransportKeys) -> None:
        """Raises TokenFileError where a key is missing or of a wrong length."""
        self._columns, self._layout = columns, layout
        self._open_seed = _seed_opener(layout.seed, keys)
        self._check = _check_maker(layout.check, keys) if "check" in columns else None
        self._width = max(columns.values(), default=-1) + 1
        self._form_columns = [name for name in _FORM_COLUMNS if name in columns]
        self._form_places = [columns[name] for name in self._form_columns]
        self._forms: dict[tuple[str, ...], _Form] = {}

    def read(self, row: Row) -> Item:
        """The token of a row, or what is wrong with it."""
        if len(row.cells) < self._width:
            row = Row(row.line, row.cells + [""] * (self._width - len(row.cells)))
        try:
            return self._record(row)
        except TokenFileError as fault:
            return fault

    def _record(self, row: Row) -> TokenRecord:
        serial = self._cell(row, "serial")
        if not serial:
            raise TokenFileError(row.line, "serial", "is missing")
        form = self._form(row)
        number = self._cell(row, "counter")
        return TokenRecord(
            serial=serial,
            algorithm=form.algorithm,
            hash=form.hash,
            digits=form.digits,
            step_s=form.step_s,
            counter=_part(row, "counter", cells.counter, number)
            if number and not form.step_s
            else 0,
            seed=self._seed(row),
            valid_from_ms=form.valid_from_ms,
            valid_to_ms=form.valid_to_ms,
            issuer=self._cell(row, "issuer") or self._layout.defaults.issuer,
            line=row.line,
            suite=form.suite,
        )

    def _cell(self, row: Row, column: str) -> str:
        at = self._columns.get(column)
        return "" if at is None else row.cells[at]

    def _form(self, row: Row) -> _Form:
        said = row.cells
        words = tuple([said[at] for at in self._form_places])
        form = self._forms.get(words)
        if form is None:
            given = zip(self._form_columns, words, strict=True)
            form = self._form_of(row, {**dict.fromkeys(_FORM_COLUMNS, ""), **dict(given)})
            if len(self._forms) >= FORMS_KEPT:
                self._forms.clear()
            self._forms[words] = form
        return form

    def _form_of(self, row: Row, words: Mapping[str, str]) -> _Form:
        defaults, offset = self._layout.defaults, self._layout.file.utc_offset_minutes
        said = words["algorithm"]
        kind = _part(
            row,
            "algorithm",
            cells.algorithm,
            self._layout.algorithms.get(said, said) or defaults.algorithm,
        )
        starts = _part(row, "valid_from", _date, words["valid_from"], offset, False)
        ends = _part(row, "valid_to", _date, words["valid_to"], offset, True)
        if starts >= ends:
            raise TokenFileError(row.line, "valid_to", "is not after valid_from")
        return _Form(
            algorithm=kind,
            hash=_part(row, "hash", cells.hash_name, words["hash"] or defaults.hash, kind),
            digits=0
            if kind == "ocra"
            else _part(row, "digits", cells.digits, words["digits"] or str(defaults.digits)),
            step_s=_part(row, "step", cells.step_s, words["step"] or str(defaults.step), kind),
            valid_from_ms=starts,
            valid_to_ms=ends,
            suite=_part(row, "suite", cells.suite, words["suite"], kind),
        )

    def _seed(self, row: Row) -> bytes:
        encoding = self._layout.seed.encoding
        sealed = _part(row, "seed", cells.octets, self._cell(row, "seed"), encoding)
        vector = b""
        if self._layout.seed.iv == "column" and self._layout.seed.cipher:
            vector = _part(row, "iv", cells.octets, self._cell(row, "iv"), encoding)
        seed = _part(row, "seed", self._open_seed, sealed, vector)
        if self._check is not None:
            self._compare(row, self._check(sealed, seed))
        return _part(row, "seed", cells.checked_seed, seed)

    def _compare(self, row: Row, value: bytes) -> None:
        text = self._cell(row, "check")
        given = _part(row, "check", cells.octets, text, self._layout.check.encoding)
        if not SHORTEST_CHECK <= len(given) <= len(value):
            reason = f"must have {SHORTEST_CHECK} to {len(value)} bytes"
            raise TokenFileError(row.line, "check", reason)
        if not hmac.compare_digest(given, value[: len(given)]):
            reason = "does not agree: a wrong key, or an altered row"
            raise TokenFileError(row.line, "check", reason)


def _part(row: Row, column: str, parse: Callable[..., T], *arguments: object) -> T:
    """Raises TokenFileError naming the column."""
    try:
        return parse(*arguments)
    except (BadCell, CannotDecipher) as bad:
        raise TokenFileError(row.line, column, str(bad)) from None


def _date(text: str, offset: int, end: bool) -> int:
    return cells.instant_ms(text, offset, end=end)


def _key(keys: TransportKeys, name: str, column: str) -> bytes:
    key = keys.key(name)
    if key is None:
        raise TokenFileError(1, column, f"needs the transport key {name!r}, and none is given")
    return key


def _seed_opener(section: SeedSection, keys: TransportKeys) -> Callable[[bytes, bytes], bytes]:
    """(value, vector) -> seed. Raises TokenFileError."""
    if not section.cipher:
        return lambda value, _vector: _cut(value, section.length)
    cipher, mode = section.cipher.split("-")
    try:
        blocks = Blocks(cipher, _key(keys, section.key, "seed"))
    except CannotDecipher as problem:
        raise TokenFileError(1, "seed", str(problem)) from None
    size = blocks.size

    def opened(value: bytes, vector: bytes) -> bytes:
        if mode == "ecb":
            plain = blocks.ecb(value)
        elif section.iv == "prefix":
            plain = blocks.cbc(value[:size], value[size:])
        else:
            plain = blocks.cbc(vector or bytes(size), value)
        if section.padding == "pkcs7":
            plain = _pkcs7(plain, size)
        elif section.padding == "zero" and any(plain[section.length :]):
            raise CannotDecipher("it does not end in zeros: a wrong key?")
        return _cut(plain, section.length)

    return opened


def _pkcs7(plain: bytes, size: int) -> bytes:
    """Stricter than XML's: here the padding is what notices a wrong key."""
    bare = unpadded(plain, size)
    count = len(plain) - len(bare)
    if plain[-count:] != bytes([count]) * count:
        raise CannotDecipher("it does not end as a deciphered value does: a wrong key?")
    return bare


def _cut(seed: bytes, length: int) -> bytes:
    if length and len(seed) < length:
        raise BadCell(f"must hold {length} bytes")
    return seed[:length] if length else seed


def _checksum(_sealed: bytes, seed: bytes) -> bytes:
    return zlib.crc32(seed).to_bytes(4, "big")


def _check_maker(section: CheckSection, keys: TransportKeys) -> Callable[[bytes, bytes], bytes]:
    """(enciphered, plain) -> the whole check value. Raises TokenFileError."""
    if section.kind == "crc32":
        return _checksum
    kind = _HASHES[section.kind.removeprefix("hmac-")]
    if not section.kind.startswith("hmac-"):

        def digest(_sealed: bytes, seed: bytes) -> bytes:
            made = Hash(kind)
            made.update(seed)
            return made.finalize()

        return digest
    keyed = HMAC(_key(keys, section.key, "check"), kind)

    def code(sealed: bytes, _seed: bytes) -> bytes:
        made = keyed.copy()
        made.update(sealed)
        return made.finalize()

    return code
