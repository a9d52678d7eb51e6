"""Messages for any layout: a sample with every field filled, and hypothesis strategies.

Both come from the registry's fields, so a new message type needs nothing here.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tigertally_protocol.codec import FieldSpec
from tigertally_protocol.registry import MESSAGES, MessageType
from tigertally_protocol.secret import SecretBytes, SecretText
from tigertally_testing.wire import stream

ROWS = tuple(MESSAGES.values())
_VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
_DIGIT = st.characters(min_codepoint=0x30, max_codepoint=0x39)
# What a bank's texts are made of, the awkward parts included: blanks inside, U+3000, characters
# whose GB18030 form ends in 0x5C, four-byte ones.
_TEXT = st.one_of(
    st.characters(min_codepoint=0x20, max_codepoint=0x7E),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5),
    st.sampled_from("　乗誠·王é€𠀀😀"),
)


def row_id(row: MessageType) -> str:
    return row.name.replace(" ", "-")


def sample_value(spec: FieldSpec) -> Any:
    """A value that fills `spec` as far as possible, the same every time."""
    match spec.kind:
        case "digits":
            text = "1234567890"[: spec.width]
            return SecretText(text) if spec.secret else text
        case "ident":
            text = f"{spec.name}-{spec.offset}"[: spec.width]
            return SecretText(text) if spec.secret else text
        case "text":
            text = "王小明 Wang"[: spec.width]
            return SecretText(text) if spec.secret else text
        case "octets":
            octets = stream(spec.name, spec.width)
            return SecretBytes(octets) if spec.secret else octets
        case _:
            return (spec.offset * 7 + 1) % 256 ** min(spec.width, 2)


def sample(row: MessageType) -> Any:
    """A message of `row` with every field filled."""
    return row.cls(**{s.name: sample_value(s) for s in row.fields if not s.reserved})


def values(spec: FieldSpec, charset: str) -> st.SearchStrategy[Any]:
    """Every value that `spec` can hold."""
    texts: st.SearchStrategy[Any]
    match spec.kind:
        case "digits":
            texts = st.text(_DIGIT, max_size=spec.width)
        case "ident":
            texts = st.text(_VISIBLE, max_size=spec.width)
        case "text":
            texts = (
                st.text(_TEXT, max_size=spec.width)
                .map(lambda text: text.rstrip(" "))
                .filter(lambda text: len(text.encode(charset)) <= spec.width)
            )
        case "octets":
            octets = st.binary(min_size=spec.width, max_size=spec.width)
            return octets.map(SecretBytes) if spec.secret else octets
        case _:
            return st.integers(0, 256**spec.width - 1)
    return texts.map(SecretText) if spec.secret else texts


def messages(row: MessageType, charset: str) -> st.SearchStrategy[Any]:
    """Every message of `row`."""
    fields = {s.name: values(s, charset) for s in row.fields if not s.reserved}
    return st.builds(row.cls, **fields)
