r"""The description of a manufacturer's delimited file, as a TOML file of the bank's own.

    [file]                      # all keys have these defaults
    charset = "utf-8"           # utf-8, gb18030, gbk, big5, ascii, latin-1, utf-16
    delimiter = ","             # one character; "\\t" for tabs
    quote = '"'                 # "" where nothing is quoted
    comment = "#"               # lines that begin with it are passed over; "" for none
    skip_lines = 0              # lines in front of everything else
    header = true               # the first row names the columns
    utc_offset_minutes = 0      # of the dates; China: 480

    [columns]                   # where each part is: a name of the header, or a number from 1
    serial = "令牌号"            # required, as is seed
    seed = "种子"
    # algorithm, hash, digits, step, counter, suite, valid_from, valid_to, issuer, iv, check

    [seed]
    encoding = "hex"            # auto, hex, base32, base64, dec; of the columns seed and iv
    cipher = ""                 # "", aes-cbc, aes-ecb, 3des-cbc, 3des-ecb, sm4-cbc, sm4-ecb
    iv = "prefix"               # of cbc: prefix (in front of the value), zero, column
    padding = "none"            # none, pkcs7, zero (with length)
    length = 0                  # bytes of a seed, where padding leaves it open; 0: as it comes
    key = "seed"                # name of the transport key in the key file

    [check]                     # only with a column "check"
    kind = "sha256"             # crc32, sha1, sha256, sm3 of the seed; hmac-sha1, hmac-sha256,
                                # hmac-sm3 of the value as it is enciphered
    encoding = "hex"
    key = "check"               # name of the hmac's key in the key file

    [defaults]                  # where a column is missing or a cell empty
    algorithm = "totp"
    # hash = "", digits = 6, step = 30, issuer = ""

    [algorithms]                # the file's words for hotp, totp, gm-sm3, gm-sm4, ocra
    # "时间型" = "totp"

A check value may be shorter than its kind gives: then it is compared with the beginning, of which
it must have at least three bytes. Unknown keys are refused, so that a misspelt one can't pass.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final, Literal

import msgspec

from tigertally_drivers.errors import Rejected
from tigertally_drivers.tokenfile.cells import ALGORITHMS, Encoding
from tigertally_drivers.tokenfile.csv_rows import CHARSETS, Dialect

COLUMNS: Final = (
    "serial",
    "seed",
    "algorithm",
    "hash",
    "digits",
    "step",
    "counter",
    "valid_from",
    "valid_to",
    "issuer",
    "suite",
    "iv",
    "check",
)

Cipher = Literal["", "aes-cbc", "aes-ecb", "3des-cbc", "3des-ecb", "sm4-cbc", "sm4-ecb"]
CheckKind = Literal["crc32", "sha1", "sha256", "sm3", "hmac-sha1", "hmac-sha256", "hmac-sm3"]


class LayoutError(Rejected):
    """The description of a vendor's file is missing or wrong; the text says where."""


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class FileSection(_Strict, frozen=True):
    """How the file is written."""

    charset: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    comment: str = "#"
    skip_lines: int = 0
    header: bool = True
    utc_offset_minutes: int = 0

    @property
    def dialect(self) -> Dialect:
        return Dialect(self.charset, self.delimiter, self.quote, self.comment, self.skip_lines)


class SeedSection(_Strict, frozen=True):
    """How a seed is written and enciphered."""

    encoding: Encoding = "hex"
    cipher: Cipher = ""
    iv: Literal["prefix", "zero", "column"] = "prefix"
    padding: Literal["none", "pkcs7", "zero"] = "none"
    length: int = 0
    key: str = "seed"


class CheckSection(_Strict, frozen=True):
    """How a check value is made."""

    kind: CheckKind = "sha256"
    encoding: Encoding = "hex"
    key: str = "check"


class Defaults(_Strict, frozen=True):
    """What holds where the file says nothing."""

    algorithm: str = "totp"
    hash: str = ""
    digits: int = 6
    step: int = 30
    issuer: str = ""


class Layout(_Strict, frozen=True):
    """See the module's text."""

    columns: dict[str, str | int]
    file: FileSection = FileSection()
    seed: SeedSection = SeedSection()
    check: CheckSection = CheckSection()
    defaults: Defaults = Defaults()
    algorithms: dict[str, str] = {}


def load_layout(path: Path) -> Layout:
    """Raises LayoutError."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise LayoutError(f"cannot read {path}: {problem.strerror}") from None
    except UnicodeDecodeError:
        raise LayoutError(f"{path} is not UTF-8") from None
    try:
        return parse_layout(text)
    except LayoutError as problem:
        raise LayoutError(f"{path}: {problem}") from None


def parse_layout(text: str) -> Layout:
    """Raises LayoutError."""
    try:
        layout = msgspec.convert(tomllib.loads(text), Layout)
    except (ValueError, RecursionError) as problem:
        # Also numbers of thousands of digits and brackets in brackets, which tomllib lets through.
        raise LayoutError(str(problem)) from None
    for wrong, reason in _rules(layout):
        if wrong:
            raise LayoutError(reason)
    return layout


def _rules(layout: Layout) -> list[tuple[bool, str]]:
    """What the types can't say: true where it is broken."""
    file, columns, words = layout.file, layout.columns, layout.algorithms
    numbers = [place for place in columns.values() if isinstance(place, int)]
    known = ", ".join(ALGORITHMS)
    return [
        (bool(set(columns) - set(COLUMNS)), f"columns: there are only {', '.join(COLUMNS)}"),
        (not {"serial", "seed"} <= set(columns), "columns: serial and seed must be given"),
        (any(number < 1 for number in numbers), "columns: numbers begin with 1"),
        (
            not file.header and len(numbers) < len(columns),
            "columns: without a header they are known by number only",
        ),
        (file.charset not in CHARSETS, f"file.charset must be one of {', '.join(CHARSETS)}"),
        (len(file.delimiter) != 1, "file.delimiter must be one character"),
        (len(file.quote) > 1, "file.quote must be one character or none"),
        (not 0 <= file.skip_lines <= 1000, "file.skip_lines must be from 0 to 1000"),
        (abs(file.utc_offset_minutes) > 840, "file.utc_offset_minutes must be within 14 hours"),
        (
            layout.seed.iv == "column" and "iv" not in columns,
            "columns: iv is missing, and seed.iv says that there is one",
        ),
        (layout.seed.length < 0, "seed.length must not be negative"),
        (
            layout.seed.padding == "zero" and not layout.seed.length,
            "seed.length must be given: a seed may end in zeros of its own",
        ),
        (layout.defaults.algorithm not in ALGORITHMS, f"defaults.algorithm is none of {known}"),
        (not set(words.values()) <= set(ALGORITHMS), f"algorithms: values must be of {known}"),
    ]
