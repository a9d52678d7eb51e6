"""C's view of the registry: the generated parts of the public header, the tables of the codec, and
COBOL's copybooks.

The header is written by hand around parts marked as in `export`; `render_header` makes those anew.
Everything else is whole files. Layouts never change, so the structs don't either: a new schema is a
new struct.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from tigertally_protocol import constants
from tigertally_protocol.codes import CODES, CodeClass
from tigertally_protocol.export_tables import (
    ENUMERATIONS,
    NUMBERS,
    ZEROS,
    FrameRow,
    Record,
    RecordField,
    frames,
    records,
    words,
)
from tigertally_protocol.suites import FIELD_CIPHERS, SUITES, FieldCipherId
from tigertally_protocol.transactions import Kind, Transaction

_PART: Final = re.compile(
    r"(?P<open>/\* generated: (?P<name>[a-z]+) \*/\n).*?(?P<close>/\* end of (?P=name) \*/)",
    re.DOTALL,
)
_WORDS: Final = frozenset(
    {"class", "default", "delete", "explicit", "export", "friend", "namespace", "new", "operator",
     "private", "protected", "public", "register", "template", "this", "typename", "union", "using",
     "virtual"}
)  # fmt: skip
_MADE: Final = "/* Generated from the protocol's registry: make generate. Don't edit. */\n\n"
_PREFIXES: Final = {"SuiteId": "SUITE", "FieldCipherId": "CIPHER"}


def struct_name(record: Record) -> str:
    """`VerifyOtpRequest` as C calls it."""
    return "tt_" + "_".join(words(record.name))


def _member_name(field: RecordField) -> str:
    """The field's name, kept clear of the words of C++, since C++ programs read the header, too."""
    return f"{field.name}_" if field.name in _WORDS else field.name


def _comment(text: str) -> str:
    return text.replace("*/", "* /")


def _member(field: RecordField) -> str:
    if field.kind in NUMBERS:
        declared = f"uint{field.kind[1:]}_t {_member_name(field)}"
    elif field.kind == "octets":
        declared = f"uint8_t {_member_name(field)}[{field.width}]"
    else:
        declared = f"char {_member_name(field)}[{field.width + 1}]"
    note = _comment(field.meaning)
    if field.secret:
        note = f"SECRET: {note}"
    return f"    {declared}; /* {note} */"


def _struct(record: Record) -> str:
    lines = [f"/* {_comment(record.summary)} */", f"typedef struct {struct_name(record)} {{"]
    # ISO C has no empty structs.
    lines += [_member(field) for field in record.values] or ["    uint8_t nothing;"]
    lines.append(f"}} {struct_name(record)};")
    return "\n".join(lines)


def _enum(name: str, members: Iterable[tuple[str, int, str]]) -> str:
    rows = [
        f"    {key} = {value},{f' /* {note} */' if note else ''}" for key, value, note in members
    ]
    rows[-1] = rows[-1].replace(",", "", 1)
    return "\n".join([f"enum {name} {{", *rows, "};"])


def _numbers() -> str:
    names = ("VERSION", "HEADER_LENGTH", "MAC_LENGTH", "NONCE_LENGTH", "MAX_REJECTS", "NO_SHARD",
             "BLANK_TRIES", "NO_CELLS")  # fmt: skip
    lines = [f"#define TT_WIRE_{name} {getattr(constants, name)}" for name in names]
    largest = max(64 + row.record.body_size + 16 for row in frames())
    lines.append(f"#define TT_WIRE_MAX_FRAME {largest}")
    return "\n".join(lines)


def _transactions() -> str:
    return _enum("tt_transaction", ((f"TT_TX_{t.name}", int(t), "") for t in Transaction))


def _codes() -> str:
    classes = _enum(
        "tt_code_class", ((f"TT_CLASS_{c.name}", i, "") for i, c in enumerate(CodeClass))
    )
    rows = (
        (f"TT_CODE_{row.name}", row.number, f"{row.cls}: {_comment(row.text)}")
        for row in CODES.values()
    )
    return f"{classes}\n\n{_enum('tt_code', rows)}"


def _enumerations() -> str:
    parts = []
    for kind in ENUMERATIONS:
        own = "_".join(words(kind.__name__)).upper()
        prefix = _PREFIXES.get(kind.__name__, own)
        members = ((f"TT_{prefix}_{item.name}", item.value, "") for item in kind)
        parts.append(_enum("tt_" + prefix.lower(), members))
    return "\n\n".join(parts)


def _structs() -> str:
    return "\n\n".join(_struct(record) for record in records())


def _calls() -> str:
    """One typed function for each business request."""
    rows = {(row.number, row.kind, row.schema): row for row in frames()}
    return "\n\n".join(
        _call(row, rows[row.number, "RESPONSE", row.schema])
        for row in rows.values()
        if row.kind == "REQUEST" and row.number >= constants.FIRST_BUSINESS and row.schema == 1
    )


def _call(row: FrameRow, answer: FrameRow) -> str:
    name = f"tt_{row.transaction.lower()}"
    ask, told = struct_name(row.record), struct_name(answer.record)
    return (
        f"static inline int {name}(tt_client *client, const {ask} *request, {told} *response,\n"
        f"    int timeout_ms, tt_answer *answer)\n{{\n"
        f"    return tt_client_call(client, TT_TX_{row.transaction}, request, response,\n"
        f"        timeout_ms, NULL, answer);\n}}"
    )


PARTS: Final[dict[str, Callable[[], str]]] = {
    "numbers": _numbers,
    "transactions": _transactions,
    "codes": _codes,
    "enumerations": _enumerations,
    "structs": _structs,
    "calls": _calls,
}


def render_header(page: str) -> str:
    """`page`, the public header, with its generated parts made anew.

    Raises:
        ValueError: a part of `PARTS` is missing from it, or stands in it twice.
    """
    names = sorted(match["name"] for match in _PART.finditer(page))
    if names != sorted(PARTS):
        raise ValueError(f"generated parts are {names}, must be {sorted(PARTS)}")
    return _PART.sub(lambda m: f"{m['open']}{PARTS[m['name']]()}\n{m['close']}", page)


# ---------------------------------------------------------------- tables


def _field_row(record: Record, field: RecordField) -> str:
    kind = f"TT_KIND_{field.kind.upper()}"
    place = (
        "0" if field.kind in ZEROS else f"offsetof({struct_name(record)}, {_member_name(field)})"
    )
    return (
        f'    {{"{field.name}", {kind}, {int(field.secret)}, {field.offset}, {field.width}, '
        f"{place}, {field.initial}}},"
    )


def _fields_table(record: Record) -> str:
    if not record.fields:
        return ""
    rows = "\n".join(_field_row(record, field) for field in record.fields)
    return f"static const tt_field fields_of_{struct_name(record)[3:]}[] = {{\n{rows}\n}};\n\n"


def _record_row(record: Record) -> str:
    name = struct_name(record)
    fields = f"fields_of_{name[3:]}" if record.fields else "NULL"
    return (
        f'    {{"{name}", {fields}, {len(record.fields)}, {record.body_size}, '
        f"{record.secret_offset}, {record.secret_width}, sizeof({name})}},"
    )


def _frame_row(row: FrameRow, places: dict[str, int]) -> str:
    return (
        f'    {{"{row.transaction}", {row.number}, TT_KIND_OF_{row.kind}, {row.schema}, '
        f"{int(row.read_only)}, &tt_records[{places[row.record.name]}]}},"
    )


def _code_row(number: int, name: str, cls: CodeClass, flags: str, text: str) -> str:
    plain = text.replace("…", "to").replace("−", "-").replace('"', '\\"')
    assert plain.isascii(), name
    return f'    {{{number}, TT_CLASS_{cls.name}, {flags}, "{name}", "{plain}"}},'


def render_tables() -> str:
    """`src/tables.c`."""
    found = records()
    places = {record.name: place for place, record in enumerate(found)}
    rows = frames()
    parts = [
        _MADE,
        '#include "internal.h"\n\n#include <stddef.h>\n\n',
        *(_fields_table(record) for record in found),
        "const tt_record tt_records[] = {\n",
        "\n".join(_record_row(record) for record in found),
        "\n};\n\nconst tt_frame_row tt_frame_rows[] = {\n",
        "\n".join(_frame_row(row, places) for row in rows),
        f"\n}};\n\nconst size_t tt_frame_row_count = {len(rows)};\n\n",
        "const tt_code_row tt_code_rows[] = {\n",
        "\n".join(
            _code_row(
                row.number,
                row.name,
                row.cls,
                f"{int(row.transient)}, {int(row.recorded)}",
                row.text,
            )
            for row in sorted(CODES.values(), key=lambda row: row.number)
        ),
        f"\n}};\n\nconst size_t tt_code_row_count = {len(CODES)};\n\n",
        _suites_table(),
    ]
    return "".join(parts)


def _suites_table() -> str:
    suites = "\n".join(
        f'    {{"{s.id.name}", {int(s.id)}, TT_HASH_{s.kdf.name}, TT_MAC_{s.mac.name}, '
        f"{s.mac_key_bytes}, TT_WRAP_{s.wrap.name}, {s.kek_bytes}, {s.master_key_bytes}, "
        f"{_bits(s.field_ciphers)}, UINT64_C({s.frames_per_key})}},"
        for s in SUITES.values()
    )
    ciphers = "\n".join(
        f'    {{"{c.id.name}", {int(c.id)}, TT_BLOCK_{c.cipher.name if c.cipher else "NONE"}, '
        f"{int(c.mode == 'gcm')}, {c.key_bytes}}},"
        for c in FIELD_CIPHERS.values()
    )
    return (
        f"const tt_suite_row tt_suite_rows[] = {{\n{suites}\n}};\n\n"
        f"const size_t tt_suite_row_count = {len(SUITES)};\n\n"
        f"const tt_cipher_row tt_cipher_rows[] = {{\n{ciphers}\n}};\n\n"
        f"const size_t tt_cipher_row_count = {len(FIELD_CIPHERS)};\n"
    )


def _bits(ciphers: frozenset[FieldCipherId]) -> str:
    return hex(sum(1 << int(cipher) for cipher in ciphers))


# ---------------------------------------------------------------- COBOL

_PICTURES: Final = {"u8": "X(1)", "u16": "9(4) COMP", "u32": "9(9) COMP", "u64": "9(18) COMP"}


_SHORT: Final = {"TRANSACTION": "TRX", "VERIFICATION": "VERIF", "AUTHENTICATOR": "AUTH"}


def _cobol_name(text: str) -> str:
    """At most 30 characters with prefix and suffix, as COBOL 85 has it."""
    return "-".join(_SHORT.get(word, word) for word in text.upper().split("_"))


def _copybook(row: FrameRow) -> str:
    title = f"{row.transaction} {row.kind}: {row.record.body_size} bytes"
    lines = [f"      * {title}"]
    name = f"TT-{_cobol_name(row.transaction)}-{'REQ' if row.kind == 'REQUEST' else 'RESP'}"
    lines.append(f"       01  {name}.")
    for field in row.record.fields:
        zeros = field.kind in ZEROS
        called = "FILLER" if zeros else f"TT-{_cobol_name(field.name)}"
        picture = _PICTURES.get(field.kind, f"X({field.width})")
        value = " VALUE LOW-VALUES" if zeros or field.kind == "octets" else ""
        lines.append(f"           05  {called:<26} PIC {picture}{value}.")
    return "\n".join(lines)


def render_copybook() -> str:
    """`cobol/tigertally.cpy`: every business request and response as a flat record."""
    kinds = {Kind.REQUEST.name, Kind.RESPONSE.name}
    rows = [
        row
        for row in frames()
        if row.kind in kinds and row.number >= constants.FIRST_BUSINESS and row.record.fields
    ]
    head = (
        "      * Generated from the protocol's registry: make generate.\n"
        "      * PIC X blank-padded, numbers big-endian, fillers LOW-VALUES.\n"
    )
    return head + "\n\n".join(_copybook(row) for row in rows) + "\n"
