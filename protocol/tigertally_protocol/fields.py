"""The kinds of field a layout is made of, each a construct declaration that can also say how it is
read fast.

Text-like fields are left-justified and padded with blanks (0x20); NUL is never padding. A converter
raises ValueError for what its kind does not allow and never cuts or repairs. Knows nothing of
messages. Every kind has the wire's exact width, so layouts have fixed offsets.

Invariant: for each kind, `reader`/`writer` and the construct adapter are the same functions; what
the property tests compare is the walk over a layout (order, offsets, widths, integers).
"""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate
from typing import Any, Final

import construct

from tigertally_protocol.constants import SEAL_TRAILER_LENGTH, UTF_8
from tigertally_protocol.secret import SecretBytes, SecretText

Reader = Callable[[bytes], Any]
Writer = Callable[[Any], bytes]

# Integers are construct's own; their widths are all there is to say about them.
U8: Final = construct.Int8ub
U16: Final = construct.Int16ub
U32: Final = construct.Int32ub
U64: Final = construct.Int64ub


_ASCII: Final = bytes(range(0x20, 0x7F))  # the visible characters and the blank


def read_digits(raw: bytes) -> str:
    """ASCII digits, blank-padded on the right; all blank is empty."""
    text = raw.decode("ascii").rstrip(" ")
    if text and not text.isdigit():
        raise ValueError("not digits")
    return text


def read_secret_digits(raw: bytes) -> SecretText:
    """As `read_digits`, hidden from printing."""
    text = raw.decode("ascii").rstrip(" ")
    if text and not text.isdigit():
        raise ValueError("not digits")
    return SecretText(text)


def write_digits(width: int, value: str) -> bytes:
    """The bytes of `value`, padded; ValueError for anything but ASCII digits that fit."""
    raw = str.encode(value, "ascii")
    if len(raw) > width or (raw and not raw.isdigit()):
        raise ValueError("not digits, or too long")
    return raw.ljust(width)


def read_ident(raw: bytes) -> str:
    """Visible ASCII (0x21–0x7E) without inner blanks, blank-padded on the right; may be empty."""
    text = raw.decode("ascii").rstrip(" ")
    if not text.isprintable() or " " in text:
        raise ValueError("not an identifier")
    return text


def write_ident(width: int, value: str) -> bytes:
    """The bytes of `value`, padded; ValueError for what `read_ident` would refuse or cut."""
    raw = str.encode(value, "ascii")
    if len(raw) > width or b" " in raw or not str.isprintable(value):
        raise ValueError("not an identifier, or too long")
    return raw.ljust(width)


def read_text(charset: str, raw: bytes) -> str:
    """Text of the channel's charset that decodes to its last byte, without control characters."""
    text = raw.decode(charset).rstrip(" ")
    if not text.isprintable():
        _refuse_controls(text)
    return text


def read_secret_ident(raw: bytes) -> SecretText:
    """As `read_ident`, hidden from printing."""
    return SecretText(read_ident(raw))


def read_secret_text(charset: str, raw: bytes) -> SecretText:
    """As `read_text`, hidden from printing."""
    return SecretText(read_text(charset, raw))


def write_text(charset: str, width: int, value: str) -> bytes:
    """The bytes of `value`, padded. Trailing blanks don't count. ValueError if it doesn't fit
    whole.
    """
    if not str.isprintable(value):
        _refuse_controls(value)
    raw = str.rstrip(value, " ").encode(charset)
    if len(raw) > width:
        raise ValueError("too long")
    return raw.ljust(width)


def _refuse_controls(text: str) -> None:
    # isprintable() also refuses harmless things, like the ideographic space of Chinese names.
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise ValueError("control character")


def write_octets(width: int, value: bytes) -> bytes:
    """`value` itself; ValueError unless it is exactly `width` long (struct would pad or cut)."""
    if len(value) != width:
        raise ValueError("wrong length")
    return value


def read_zeros(zeros: bytes, raw: bytes) -> bytes:
    """`raw`; ValueError unless it is `zeros`."""
    if raw != zeros:
        raise ValueError("not zero")
    return raw


class WireField(construct.Adapter, ABC):  # type: ignore[misc]  # construct ships no types
    """A field of `width` bytes; subclasses say how bytes become a value."""

    kind = ""
    secret = False
    reserved = False

    def __init__(self, width: int) -> None:
        super().__init__(construct.Bytes(width))
        self.width = width

    @abstractmethod
    def reader(self, charset: str) -> Reader | None:
        """Bytes to value; None where the bytes are the value."""

    @abstractmethod
    def writer(self, charset: str) -> Writer:
        """Value to exactly `width` bytes; raises ValueError."""

    def _decode(self, obj: bytes, context: Any, path: str) -> Any:  # noqa: ARG002  # construct's hook
        reader = self.reader(_charset(context))
        return obj if reader is None else reader(obj)

    def _encode(self, obj: Any, context: Any, path: str) -> bytes:  # noqa: ARG002  # construct's hook
        return self.writer(_charset(context))(obj)


def _charset(context: Any) -> str:
    # `_params` is construct's documented name for what parse() and build() were given.
    charset: str = context._params.get("charset", UTF_8)  # noqa: SLF001
    return charset


class AsciiField(WireField):
    """A field of visible ASCII, left-justified, blank-padded; see `AsciiRun`."""

    digits = False


class Digits(AsciiField):
    """ASCII digits, left-justified, blank-padded; may be blank."""

    kind = "digits"
    digits = True

    def reader(self, charset: str) -> Reader:  # noqa: ARG002
        return read_secret_digits if self.secret else read_digits

    def writer(self, charset: str) -> Writer:  # noqa: ARG002
        return partial(write_digits, self.width)


class Ident(AsciiField):
    """Visible ASCII without blanks inside, left-justified, blank-padded; may be empty."""

    kind = "ident"

    def reader(self, charset: str) -> Reader:  # noqa: ARG002
        return read_ident

    def writer(self, charset: str) -> Writer:  # noqa: ARG002
        return partial(write_ident, self.width)


class Text(WireField):
    """Text in the channel's charset, left-justified, blank-padded; may be empty."""

    kind = "text"

    def reader(self, charset: str) -> Reader:
        return partial(read_text, charset)

    def writer(self, charset: str) -> Writer:
        return partial(write_text, charset, self.width)


class SecretDigits(Digits):
    """Digits in a secret block."""

    secret = True


class SecretIdent(Ident):
    """Ident in a secret block."""

    secret = True

    def reader(self, charset: str) -> Reader:  # noqa: ARG002
        return read_secret_ident


class SecretTextField(Text):
    """Text in a secret block."""

    secret = True

    def reader(self, charset: str) -> Reader:
        return partial(read_secret_text, charset)


class Octets(WireField):
    """Bytes as they are, exactly `width` of them."""

    kind = "octets"

    def reader(self, charset: str) -> Reader | None:  # noqa: ARG002
        return None

    def writer(self, charset: str) -> Writer:  # noqa: ARG002
        return partial(write_octets, self.width)


class SecretOctets(Octets):
    """Octets in a secret block."""

    secret = True

    def reader(self, charset: str) -> Reader:  # noqa: ARG002
        return SecretBytes


class Reserved(WireField):
    """Zero, and checked: what a later schema may use."""

    kind = "reserved"
    reserved = True

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.flagbuildnone = True  # construct: builds without a value being given
        self._zeros = bytes(width)

    def reader(self, charset: str) -> Reader:  # noqa: ARG002
        return partial(read_zeros, self._zeros)

    def writer(self, charset: str) -> Writer:  # noqa: ARG002
        return self._write

    def _write(self, _value: object) -> bytes:
        return self._zeros


class SecretPad(Reserved):
    """The zeros that fill a secret block up to a multiple of 16 bytes."""

    kind = "pad"
    secret = True


class SealTrailer(Reserved):
    """Tag or IV of the secret block, zero while the block is unsealed."""

    kind = "seal"

    def __init__(self) -> None:
        super().__init__(SEAL_TRAILER_LENGTH)


class AsciiRun:
    """ASCII fields that stand side by side, read and built together: the hot path.

    It must do exactly what the fields do one by one. Together they cost one decode, one look for
    unprintables and one for inner blanks, instead of one of each per field.
    """

    __slots__ = ("_cuts", "_digits", "_secrets", "_size", "_widths")

    def __init__(self, fields: list[AsciiField]) -> None:
        self._widths = [field.width for field in fields]
        self._size = sum(self._widths)
        ends = list(accumulate(self._widths))
        self._cuts = [
            slice(end - width, end) for end, width in zip(ends, self._widths, strict=True)
        ]
        self._digits = [index for index, field in enumerate(fields) if field.digits]
        self._secrets = [index for index, field in enumerate(fields) if field.secret]

    def read(self, raw: bytes) -> list[str]:
        """The fields' values; ValueError if any is bad."""
        if raw.translate(None, _ASCII):
            raise ValueError("not visible ASCII")
        text = raw.decode("ascii")
        values = [text[cut].rstrip() for cut in self._cuts]
        if " " in "".join(values):
            raise ValueError("a blank inside")
        for index in self._digits:
            if values[index] and not values[index].isdigit():
                raise ValueError("not digits")
        for index in self._secrets:
            values[index] = SecretText(values[index])
        return values

    def write(self, values: Sequence[str]) -> bytes:
        """The fields' bytes; ValueError, TypeError or AttributeError if any value is bad."""
        text = "".join(map(str.ljust, values, self._widths))
        # None is shorter than its width now, so all are exact if the whole is.
        if len(text) != self._size or not text.isprintable() or " " in "".join(values):
            raise ValueError("too long, or not visible ASCII")
        for index in self._digits:
            # Other scripts' digits pass here and fail below.
            if values[index] and not str.isdigit(values[index]):
                raise ValueError("not digits")
        return text.encode("ascii")
