"""What each kind of field takes and refuses, by example."""

from __future__ import annotations

import pytest

from tigertally_protocol.fields import (
    Digits,
    Ident,
    Octets,
    Reserved,
    SecretDigits,
    SecretIdent,
    SecretOctets,
    SecretTextField,
    Text,
)
from tigertally_protocol.secret import SecretBytes, SecretText

READ = [
    (Digits(6), "utf-8", b"123456", "123456"),
    (Digits(6), "utf-8", b"123   ", "123"),
    (Digits(6), "utf-8", b"      ", ""),
    (Ident(6), "utf-8", b"a~!   ", "a~!"),
    (Ident(6), "utf-8", b"      ", ""),
    (Text(8), "utf-8", "王 a".encode() + b"   ", "王 a"),
    (Text(6), "gb18030", "王小明".encode("gb18030"), "王小明"),
    (Text(4), "gb18030", "乗 ".encode("gb18030") + b" ", "乗"),  # 0x81 0x5C: ends in a backslash
    (Text(4), "gb18030", "誠".encode("gb18030") + b"  ", "誠"),  # 0xD5 0x5C
    (Text(4), "gb18030", "𠀀".encode("gb18030"), "𠀀"),  # four bytes
    (Text(5), "utf-8", "　x ".encode(), "　x"),  # ideographic space stays
    (Text(4), "utf-8", b" a  ", " a"),
    (Octets(3), "utf-8", b"\x00\x01\xff", b"\x00\x01\xff"),
    (Reserved(2), "utf-8", b"\0\0", b"\0\0"),
]


@pytest.mark.parametrize(("field", "charset", "raw", "value"), READ)
def test_reads(field, charset, raw, value):
    assert len(raw) == field.width
    assert field.parse(raw, charset=charset) == value


REFUSED = [
    (Digits(4), "utf-8", b"12a4", "letter among digits"),
    (Digits(4), "utf-8", b"1 34", "blank inside"),
    (Digits(4), "utf-8", b" 123", "right-justified"),
    (Digits(4), "utf-8", b"12\0\0", "NUL padding"),
    (Digits(4), "utf-8", b"-123", "sign"),
    (Digits(4), "utf-8", "²34".encode("latin-1") + b" ", "superscript"),
    (Ident(4), "utf-8", b"a b ", "blank inside"),
    (Ident(4), "utf-8", b" ab ", "blank before"),
    (Ident(4), "utf-8", b"ab\0\0", "NUL padding"),
    (Ident(4), "utf-8", b"ab\t ", "tab"),
    (Ident(4), "utf-8", b"ab\x7f ", "DEL"),
    (Ident(4), "utf-8", b"\xc3\xa9  ", "not ASCII"),
    (Text(4), "utf-8", b"ab\0\0", "NUL padding"),
    (Text(4), "utf-8", b"a\nb ", "control character"),
    (Text(4), "utf-8", b"a\xc2\x85 ", "C1 control"),
    (Text(4), "utf-8", "王".encode()[:2] + b"  ", "cut before the padding"),
    (Text(4), "utf-8", b"  " + "王".encode()[:2], "cut at the edge"),
    (Text(3), "utf-8", b"\xed\xa0\x80", "surrogate"),
    (Text(3), "utf-8", b"\xc0\xaf ", "overlong"),
    (Text(4), "gb18030", "王".encode("gb18030")[:1] + b"   ", "cut before the padding"),
    (Text(3), "gb18030", "王小".encode("gb18030")[:3], "cut at the edge"),
    (Text(5), "gb18030", "a𠀀𠀀".encode("gb18030")[:5][:3] + b"  ", "four bytes cut at two"),
    (Text(4), "gb18030", "a𠀀".encode("gb18030")[:4], "four bytes cut at three"),
    (Text(2), "gb18030", b"\xff\xff", "no such character"),
    (Text(2), "gb18030", b"\x81\x7f", "bad second byte"),
    (Reserved(2), "utf-8", b"\0\1", "not zero"),
    (Reserved(2), "utf-8", b"  ", "blanks are not zero"),
]


@pytest.mark.parametrize(("field", "charset", "raw", "why"), REFUSED)
def test_refuses(field, charset, raw, why):
    assert len(raw) == field.width, why
    with pytest.raises(ValueError):  # noqa: PT011  # no text of the peer's in it, so none to match
        field.parse(raw, charset=charset)


WRITTEN = [
    (Digits(4), "utf-8", "12", b"12  "),
    (Ident(4), "utf-8", "", b"    "),
    (Text(4), "gb18030", "王", "王".encode("gb18030") + b"  "),
    (Text(4), "utf-8", "a  ", b"a   "),  # trailing blanks don't count
    (Octets(2), "utf-8", b"ab", b"ab"),
]


@pytest.mark.parametrize(("field", "charset", "value", "raw"), WRITTEN)
def test_builds(field, charset, value, raw):
    assert field.build(value, charset=charset) == raw


UNFIT = [
    (Digits(4), "utf-8", "12345"),
    (Digits(4), "utf-8", "१२"),
    (Ident(4), "utf-8", "王"),
    (Ident(4), "utf-8", "a b"),
    (Text(5), "utf-8", "王王"),  # six bytes: never cut to one character
    (Text(3), "gb18030", "王王"),
    (Text(4), "utf-8", "\ud800"),
    (Text(4), "gb18030", "\ud800"),
    (Text(4), "utf-8", "a\rb"),
    (Octets(2), "utf-8", b"a"),
    (Octets(2), "utf-8", b"abc"),
]


@pytest.mark.parametrize(("field", "charset", "value"), UNFIT)
def test_builds_nothing_that_does_not_fit(field, charset, value):
    with pytest.raises(ValueError):  # noqa: PT011
        field.build(value, charset=charset)


@pytest.mark.parametrize("field", [SecretDigits(6), SecretIdent(6), SecretTextField(6)])
def test_secret_fields_give_secrets(field):
    value = field.parse(b"123   ")
    assert type(value) is SecretText
    assert value.reveal() == "123"
    assert field.build(value) == b"123   "


def test_a_secret_is_seen_by_no_way_of_printing():
    secret = SecretText("314159")
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r}",
        f"{secret:>20}",
        "%s %r" % (secret, secret),  # noqa: UP031
        format(secret),
        f"{secret}",
        repr([secret]),
        repr({"otp": secret}),
    ]
    assert not any("314159" in text for text in shown)
    assert secret == "314159"
    assert hash(secret) == hash("314159")
    assert secret.reveal() == "314159"
    assert type(secret.reveal()) is str
    assert bool(SecretText("")) is False


def test_secret_octets_hide_themselves_and_give_what_they_hold():
    value = SecretOctets(4).parse(b"\x00pin", charset="utf-8")
    assert type(value) is SecretBytes
    assert value == b"\x00pin"
    assert type(value.reveal()) is bytes
    for shown in (repr(value), str(value), f"{value}", f"{value:>10}", repr({"body": value})):
        assert "pin" not in shown
        assert "secret" in shown
    with pytest.raises(ValueError, match="wrong length"):
        SecretOctets(4).writer("utf-8")(b"pin")
