"""Renders the registry as Java sources for `clients/java`: one class per message, the enumerations,
and the table from which the reader takes a frame's layout.

Each class carries its layout as short text lines, which the library reads once when the class is
loaded; accessors have the types that a caller wants (states as enumerations, times as `Instant`,
"nothing to tell" as empty). Knows no transport; see `export_tables` for what is rendered.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Final

from tigertally_protocol.codes import CODES
from tigertally_protocol.constants import FIRST_BUSINESS
from tigertally_protocol.export_tables import (
    ENUMERATIONS,
    NUMBERS,
    TEXTS,
    ZEROS,
    FrameRow,
    Record,
    RecordField,
    frames,
)
from tigertally_protocol.suites import FieldCipherId, SuiteId
from tigertally_protocol.transactions import READ_ONLY, PasswordKind, Transaction

MESSAGES: Final = "com/tigertally/client/messages"
WIRE: Final = "com/tigertally/client/wire"
_NOTICE: Final = "// Made from the protocol's registry by `make generate`; not to be edited.\n"
_EPOCH: Final = "ms since the epoch"
_WIDE: Final = frozenset({"u32", "u64"})
# Written by hand beside their algorithms.
_OWN: Final = (SuiteId, FieldCipherId)
_ENUM_OF: Final = {
    "of_state": "QueryState",
    "of_result": "ResponseCode",
    "factor_result": "ResponseCode",
    "of_transaction": "Transaction",
    "factor_transaction": "Transaction",
    "new_token_state": "TokenState",
}


def sources() -> Mapping[str, str]:
    """Paths below the source folder, and what stands in each file."""
    rows = frames()
    business = [row for row in rows if row.number >= FIRST_BUSINESS]
    made = {f"{MESSAGES}/ResponseCode.java": _codes(), f"{MESSAGES}/Transaction.java": _names()}
    for kind in ENUMERATIONS:
        if kind not in _OWN:
            made[f"{MESSAGES}/{kind.__name__}.java"] = _enumeration(kind)
    requests = _by_record(business, "REQUEST")
    answers = {row.transaction: row.record.name for row in business if row.kind == "RESPONSE"}
    for asked in requests.values():
        made[f"{MESSAGES}/{asked[0].record.name}.java"] = _request(asked, answers)
    for told in _by_record(business, "RESPONSE").values():
        made[f"{MESSAGES}/{told[0].record.name}.java"] = _response(told)
    made[f"{WIRE}/Layouts.java"] = _layouts(rows)
    return made


def _by_record(rows: list[FrameRow], kind: str) -> Mapping[str, list[FrameRow]]:
    found: dict[str, list[FrameRow]] = defaultdict(list)
    for row in rows:
        if row.kind == kind:
            found[row.record.name].append(row)
    return found


# -------------------------------------------------------------------- words


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.lower().split("_"))


def _camel(name: str) -> str:
    pascal = _pascal(name)
    return pascal[:1].lower() + pascal[1:]


def _doc(text: str) -> str:
    """Our Markdown as Javadoc."""
    plain = html.escape(text, quote=False).replace("*", "")
    return re.sub(r"`([^`]*)`", r"{@code \1}", plain)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


# -------------------------------------------------------------------- enumerations


def _enum_text(package: str, doc: str, name: str, rows: list[str], members: str) -> str:
    body = ",\n".join(rows)
    head = f"{_NOTICE}package {package};\n\n/** {doc} */\n"
    return f"{head}public enum {name} {{\n{body};\n\n{members}}}\n"


def _lookup(name: str) -> str:
    return f"""    private final int number;

    /** The number on the wire. */
    public int number() {{
        return number;
    }}

    /** The one with this number; null when this version of the library knows none. */
    public static {name} of(int number) {{
        for ({name} value : values()) {{
            if (value.number == number) {{
                return value;
            }}
        }}
        return null;
    }}
"""


def _enumeration(kind: type[IntEnum]) -> str:
    name = kind.__name__
    rows = [f"    /** {item.value}. */\n    {item.name}({item.value})" for item in kind]
    make = f"\n    {name}(int number) {{\n        this.number = number;\n    }}\n"
    doc = _doc(_sentence(" ".join((kind.__doc__ or name).split())))
    package = "com.tigertally.client.messages"
    return _enum_text(package, doc, name, rows, _lookup(name) + make)


def _codes() -> str:
    rows = [
        f"    /** {_doc(_sentence(row.text))} */\n"
        f"    {row.name}({row.number}, Kind.{row.cls.name}, {_bool(row.transient)},"
        f" {_bool(row.recorded)}, {_text(row.text)})"
        for row in CODES.values()
    ]
    kinds = ", ".join(dict.fromkeys(row.cls.name for row in CODES.values()))
    members = f"""{_lookup("ResponseCode")}
    /** What kind of an answer a code is. */
    public enum Kind {{ {kinds} }}

    private final Kind kind;
    private final boolean passing;
    private final boolean recorded;
    private final String text;

    ResponseCode(int number, Kind kind, boolean passing, boolean recorded, String text) {{
        this.number = number;
        this.kind = kind;
        this.passing = passing;
        this.recorded = recorded;
        this.text = text;
    }}

    /** What kind of an answer this is. */
    public Kind kind() {{
        return kind;
    }}

    /** Whether the same request, with the same serial, may be answered otherwise later. */
    public boolean isTransient() {{
        return passing;
    }}

    /** Whether this stands in the server's log and is the answer of its serial for ever. */
    public boolean isRecorded() {{
        return recorded;
    }}

    /** What it means, in English. */
    public String text() {{
        return text;
    }}
"""
    doc = "What the server says to a request; 900 and up: rejects."
    return _enum_text("com.tigertally.client.messages", doc, "ResponseCode", rows, members)


def _names() -> str:
    rows = [
        f"    /** {{@code 0x{item.value:04X}}}. */\n"
        f"    {item.name}(0x{item.value:04x}, {_bool(item in READ_ONLY)})"
        for item in Transaction
    ]
    members = f"""{_lookup("Transaction")}
    private final boolean readOnly;

    Transaction(int number, boolean readOnly) {{
        this.number = number;
        this.readOnly = readOnly;
    }}

    /** Whether it changes nothing, so that its outcome is never in doubt. */
    public boolean isReadOnly() {{
        return readOnly;
    }}
"""
    doc = "What can be asked and told."
    return _enum_text("com.tigertally.client.messages", doc, "Transaction", rows, members)


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# -------------------------------------------------------------------- messages


def _layout_lines(record: Record) -> str:
    lines = []
    for field in record.fields:
        words = [field.name if field.kind not in ZEROS else "-", field.kind, str(field.width)]
        if field.secret and field.kind not in ZEROS:
            words.append("secret")
        if field.initial:
            words.append(f"={int(field.initial)}")
        lines.append(f'            "{" ".join(words)}"')
    joined = ",\n".join([f'            "{record.name}"', *lines])
    return (
        "    /** The body on the wire. */\n"
        f"    public static final Layout LAYOUT = Layout.of(\n{joined});\n"
    )


def _values(record: Record) -> Iterator[tuple[int, RecordField]]:
    return ((at, field) for at, field in enumerate(record.fields) if field.kind not in ZEROS)


def _enum_of(field: RecordField) -> str:
    """The enumeration whose number stands in a field, "" for none."""
    if field.kind not in NUMBERS:
        return ""
    if field.name in _ENUM_OF:
        return _ENUM_OF[field.name]
    if field.name == "kind":
        return PasswordKind.__name__
    if re.fullmatch(r"token_\d_state", field.name):
        return "TokenState"
    return _pascal(field.name) if field.name.endswith("_state") else ""


def _is_time(field: RecordField) -> bool:
    return field.kind == "u64" and _EPOCH in field.meaning


def _request(rows: list[FrameRow], answers: Mapping[str, str]) -> str:
    record = rows[0].record
    answer = {answers[row.transaction] for row in rows}
    if len(answer) != 1:
        raise ValueError(f"{record.name} has answers of several classes")
    response = answer.pop()
    parts = [
        _head(record, f"Request<{response}>", "com.tigertally.client.Request", requests=True),
        _layout_lines(record),
        *_makers(record, rows),
        *(_setters(record, at, field) for at, field in _values(record)),
        f"""    @Override
    protected {response} response(Object[] values, Receipt receipt) {{
        return new {response}(values, receipt);
    }}
}}
""",
    ]
    return "\n".join(parts)


def _head(record: Record, parent: str, parent_path: str, *, requests: bool) -> str:
    kinds = [field for field in record.fields if field.kind not in ZEROS]
    names = {parent_path, "com.tigertally.client.Receipt", "com.tigertally.client.wire.Layout"}
    if any(field.secret for field in kinds):
        names.add("com.tigertally.client.Secret")
    if any(map(_is_time, kinds)):
        names.add("java.time.Instant")
        if not requests:
            names.add("java.util.Optional")
    if not requests and any(_optional(field) for field in kinds):
        names.add("java.util.OptionalInt")
    imports = "\n".join(f"import {name};" for name in sorted(names))
    doc = _doc(_sentence(record.summary))
    return (
        f"{_NOTICE}package com.tigertally.client.messages;\n\n{imports}\n\n"
        f"/** {doc} */\npublic final class {record.name} extends {parent} {{"
    )


def _makers(record: Record, rows: list[FrameRow]) -> list[str]:
    if len(rows) == 1:
        return [
            f"""    /** {rows[0].transaction}. */
    public {record.name}() {{
        super(Transaction.{rows[0].transaction}, LAYOUT);
    }}
"""
        ]
    private = f"""    private {record.name}(Transaction transaction) {{
        super(transaction, LAYOUT);
    }}
"""
    return [private] + [
        f"""    /** {row.transaction}. */
    public static {record.name} {_camel(row.transaction)}() {{
        return new {record.name}(Transaction.{row.transaction});
    }}
"""
        for row in rows
    ]


def _setters(record: Record, at: int, field: RecordField) -> str:
    name, java = _camel(field.name), _set_type(field)
    value = {"Instant": f"{name}.toEpochMilli()"}.get(java, name)
    if _enum_of(field):
        value = f"{name}.number()"
    if field.kind in NUMBERS:
        value = f"Long.valueOf({value})"
    unit = "characters" if field.kind in {"digits", "ident"} else "bytes"
    size = "" if field.kind in NUMBERS else f"; at most {field.width} {unit}"
    if field.kind == "octets":
        size = f"; {field.width} bytes"
    text = f"""    /** @param {name} {_doc(field.meaning)}{size} */
    public {record.name} {name}({java} {name}) {{
        set({at}, {value});
        return this;
    }}
"""
    if java == "Secret":
        text += f"""
    /** The same from plain text; see {{@link #{name}(Secret)}}. */
    public {record.name} {name}(String {name}) {{
        return {name}(Secret.of({name}));
    }}
"""
    return text


def _set_type(field: RecordField) -> str:
    if field.kind in TEXTS:
        return "Secret" if field.secret else "String"
    if field.kind == "octets":
        return "byte[]"
    if _enum_of(field):
        return _enum_of(field)
    if _is_time(field):
        return "Instant"
    return "long" if field.kind in _WIDE else "int"


def _optional(field: RecordField) -> bool:
    """Whether a number of its own says "nothing to tell"."""
    return bool(field.initial) and field.kind in {"u8", "u16"} and not _enum_of(field)


def _response(rows: list[FrameRow]) -> str:
    record = rows[0].record
    return "\n".join(
        [
            _head(record, "Response", "com.tigertally.client.Response", requests=False),
            _layout_lines(record),
            f"""    {record.name}(Object[] values, Receipt receipt) {{
        super(LAYOUT, values, receipt);
    }}
""",
            *(_getter(at, field) for at, field in _values(record)),
            "}\n",
        ]
    ).replace("\n\n}\n", "\n}\n")


def _getter(at: int, field: RecordField) -> str:
    java, call = _get(at, field)
    return f"""    /** {_doc(_sentence(_told(field)))} */
    public {java} {_camel(field.name)}() {{
        return {call};
    }}
"""


def _told(field: RecordField) -> str:
    """The field's meaning in the accessor's terms."""
    meaning = field.meaning
    if _is_time(field):
        return meaning.replace(_EPOCH, "a time").replace("0 = ", "empty: ")
    if _optional(field):
        return meaning.replace(f"0x{field.initial:X} =", "empty:").replace(
            f"{field.initial} ", "empty "
        )
    return re.sub(r"\b0 (where|=)", r"BLANK \1", meaning) if _enum_of(field) else meaning


def _get(at: int, field: RecordField) -> tuple[str, str]:
    if field.kind in TEXTS:
        return ("Secret", f"secret({at})") if field.secret else ("String", f"text({at})")
    if field.kind == "octets":
        return "byte[]", f"octets({at})"
    if _enum_of(field):
        return _enum_of(field), f"{_enum_of(field)}.of((int) number({at}))"
    if _is_time(field):
        return "Optional<Instant>", f"time({at})"
    if _optional(field):
        return "OptionalInt", f"optional({at}, {int(field.initial)})"
    return ("long", f"number({at})") if field.kind in _WIDE else ("int", f"(int) number({at})")


# -------------------------------------------------------------------- the table


_KINDS: Final = {"REQUEST": 1, "RESPONSE": 2, "NOTIFY": 3}


def _layouts(rows: tuple[FrameRow, ...]) -> str:
    own = {row.record.name: row.record for row in rows if row.number < FIRST_BUSINESS}
    fields = "\n".join(
        _layout_lines(record)
        .replace("The body on the wire", f"Body of {name}", 1)
        .replace("LAYOUT", _constant(name), 1)
        for name, record in own.items()
    )
    cases = "\n".join(
        f"            case {_key(row):#010x}:\n                return {_where(row)};"
        for row in rows
    )
    imports = "\n".join(
        f"import com.tigertally.client.messages.{name};"
        for name in sorted({row.record.name for row in rows} - set(own))
    )
    return f"""{_NOTICE}package com.tigertally.client.wire;

{imports}

/** The layout of every body, by transaction, kind and schema; classes load when asked for. */
public final class Layouts {{
    private Layouts() {{}}

{fields}
    /** The layout of a frame's body; null when there is no such message. */
    public static Layout of(int transaction, int kind, int schema) {{
        if (kind > 15 || schema > 0xfff) {{
            return null;
        }}
        switch (transaction << 16 | kind << 12 | schema) {{
{cases}
            default:
                return null;
        }}
    }}
}}
"""


def _key(row: FrameRow) -> int:
    """What the table is looked up by."""
    return row.number << 16 | _KINDS[row.kind] << 12 | row.schema


def _constant(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()


def _where(row: FrameRow) -> str:
    name = row.record.name
    return _constant(name) if row.number < FIRST_BUSINESS else f"{name}.LAYOUT"
