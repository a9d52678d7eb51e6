"""Token files made of rows: OATH CSV and a manufacturer's own, good and wrong in one place."""

from __future__ import annotations

import base64
import hmac
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import padding as pads
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from tigertally_drivers.tokenfile.keys import TransportKeys
from tigertally_drivers.tokenfile.oath_csv import read_oath_csv
from tigertally_drivers.tokenfile.records import (
    NO_END_MS,
    Item,
    TokenFileError,
    TokenRecord,
    strictly,
)
from tigertally_drivers.tokenfile.vendor_csv import read_vendor_csv
from tigertally_drivers.tokenfile.vendor_layout import LayoutError, parse_layout

SEED = bytes(range(1, 21))
HEX = SEED.hex()
BASE32 = base64.b32encode(SEED).decode()
KEY = bytes(range(16))


def oath(text: str | bytes) -> list[Item]:
    return list(read_oath_csv([text.encode() if isinstance(text, str) else text]))


def vendor(text: str | bytes, layout: str, **keys: bytes) -> list[Item]:
    data = text.encode() if isinstance(text, str) else text
    return list(read_vendor_csv([data], parse_layout(layout), TransportKeys(keys=keys)))


def fault_of(found: list[Item]) -> TokenFileError:
    [item] = found
    assert isinstance(item, TokenFileError)
    return item


def good(found: list[Item]) -> TokenRecord:
    [item] = strictly(found)
    return item


# ---- OATH CSV


@pytest.mark.parametrize(
    ("row", "record"),
    [
        (f"A1,{HEX},totp,6,30", TokenRecord("A1", "totp", "sha1", 6, 30, 0, SEED, line=1)),
        (f"A1,{BASE32},TOTP,8,60", TokenRecord("A1", "totp", "sha1", 8, 60, 0, SEED, line=1)),
        (f"A1,{HEX.upper()},totp", TokenRecord("A1", "totp", "sha1", 6, 30, 0, SEED, line=1)),
        (f"A1, {HEX} , hotp , 6", TokenRecord("A1", "hotp", "sha1", 6, 0, 0, SEED, line=1)),
        (f"A1,{HEX},hotp,6,4711", TokenRecord("A1", "hotp", "sha1", 6, 0, 4711, SEED, line=1)),
        (f"A1,{HEX},gm-sm3,6,60", TokenRecord("A1", "gm-sm3", "sm3", 6, 60, 0, SEED, line=1)),
        (f"A1,{HEX},gm-sm4", TokenRecord("A1", "gm-sm4", "sm3", 6, 30, 0, SEED, line=1)),
        (
            f"A1,{HEX},ocra,OCRA-1:HOTP-SHA1-6:C-QN08,7",
            TokenRecord(
                "A1", "ocra", "sha1", 0, 0, 7, SEED, line=1, suite="OCRA-1:HOTP-SHA1-6:C-QN08"
            ),
        ),
        (f'"A,1","{HEX}",totp,6,30', TokenRecord("A,1", "totp", "sha1", 6, 30, 0, SEED, line=1)),
    ],
)
def test_oath_rows(row: str, record: TokenRecord) -> None:
    assert oath(row) == [record]
    assert oath(row + "\r\n") == [record]


def test_a_header_names_the_columns() -> None:
    text = (
        "\ufeff# from the maker\r\n\r\n"
        "Type,Serial,Secret,Hash,Digits,timestep,valid_from,valid_to\r\n"
        f"totp,A1,{HEX},SHA-256,8,60,2026-01-01,2030-12-31\r\n\r\n# end\r\n"
    )
    begin = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)
    end = int(datetime(2031, 1, 1, tzinfo=UTC).timestamp() * 1000)
    assert oath(text) == [TokenRecord("A1", "totp", "sha256", 8, 60, 0, SEED, begin, end, line=4)]


OATH_FAULTS = [
    (f"A1,{HEX}", "row", "3 to 5"),
    (f"A1,{HEX},totp,6,30,x", "row", "3 to 5"),
    (f",{HEX},totp", "serial", "missing"),
    ("A1,,totp", "seed", "16 to 128"),
    ("A1,1234,totp", "seed", "16 to 128"),
    (f"A1,{HEX}0,totp", "seed", "base32"),
    (f"A1,{HEX}!,totp", "seed", "base32"),
    (f"A1,{HEX},otp", "algorithm", "one of"),
    (f"A1,{HEX},ocra", "suite", "must be a suite"),
    (f"A1,{HEX},ocra,6", "suite", "must be a suite"),
    (f"A1,{HEX},ocra,OCRA-2:x", "suite", "must be a suite"),
    (f"A1,{HEX},totp,5", "digits", "6 to 10"),
    (f"A1,{HEX},totp,six", "digits", "6 to 10"),
    (f"A1,{HEX},totp,６", "digits", "6 to 10"),
    (f"A1,{HEX},totp,6,0", "step", "1 to 120"),
    (f"A1,{HEX},gm-sm3,6,61", "step", "1 to 60"),
    (f"A1,{HEX},hotp,6,-1", "counter", "number"),
    (f"A1,{HEX},hotp,6,9223372036854775807", "counter", "number"),
]


@pytest.mark.parametrize(("row", "column", "reason"), OATH_FAULTS)
def test_an_oath_fault_costs_its_row_only(row: str, column: str, reason: str) -> None:
    first, second, third = oath(f"A0,{HEX},totp\n{row}\nA2,{HEX},totp\n")
    assert isinstance(first, TokenRecord)
    assert isinstance(third, TokenRecord)
    assert isinstance(second, TokenFileError)
    assert (second.line, second.element) == (2, column)
    assert reason in second.reason
    assert HEX[:12] not in str(second)


@pytest.mark.parametrize("header", ["serial", "serial,type", "serial,seed,seed", "serial,seed,x"])
def test_bad_headers(header: str) -> None:
    with pytest.raises(TokenFileError, match="line 1: header") as caught:
        oath(f"{header}\nA1,{HEX}\n")
    assert caught.value.element == "header"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"A1," + b"a" * 70_000, "longer than"),
        (b'A1,"abc\n', "quotation mark"),
        (b'A1,"abc"x,totp\n', "quotation mark"),
        (b"A1,\xff\xfe,totp\n", "is not utf-8"),
        (b"A1,a\rb,totp\n", "line end"),
        (b"\0" * 40, "not text"),
    ],
)
def test_not_rows_at_all(data: bytes, reason: str) -> None:
    with pytest.raises(TokenFileError, match=reason):
        oath(data)


def test_an_empty_file() -> None:
    assert oath("") == []
    assert oath("\ufeff\n\n# nothing\n") == []


def test_memory_does_not_grow_with_the_file() -> None:
    def pieces() -> Iterator[bytes]:
        for number in range(20_000):
            yield f"S{number},{HEX},totp{'':>900}\n".encode()

    tracemalloc.start()
    try:
        assert sum(1 for _ in read_oath_csv(pieces())) == 20_000
        assert tracemalloc.get_traced_memory()[1] < 2_000_000  # of 20 MB
    finally:
        tracemalloc.stop()


# ---- a manufacturer's own

CHINESE = """
[file]
charset = "gb18030"
delimiter = "\\t"
skip_lines = 2
utc_offset_minutes = 480
[columns]
serial = "令牌号"
seed = "种子密钥"
algorithm = "类型"
digits = "位数"
step = "步长"
valid_from = "启用日期"
valid_to = "失效日期"
[seed]
encoding = "base64"
[defaults]
issuer = "某厂商"
[algorithms]
"时间型" = "totp"
"事件型" = "hotp"
"国密" = "gm-sm3"
"""
CHINESE_FILE = (
    "某厂商令牌清单\r\n二〇二六年\r\n备注\t令牌号\t种子密钥\t类型\t位数\t步长\t启用日期\t失效日期\r\n"
    f"甲\tA1\t{base64.b64encode(SEED).decode()}\t国密\t6\t60\t2026/01/01\t2030/12/31\r\n"
    f"乙\tA2\t{base64.b64encode(SEED).decode()}\t事件型\t8\t\t\t\r\n"
    f"𠀀\tA3\t{base64.b64encode(SEED).decode()}\t时间型\t\t30\t\t\r\n"
)


def test_a_chinese_file() -> None:
    begin = int(datetime(2025, 12, 31, 16, tzinfo=UTC).timestamp() * 1000)
    end = int(datetime(2030, 12, 31, 16, tzinfo=UTC).timestamp() * 1000)
    data = CHINESE_FILE.encode("gb18030")
    assert vendor(data, CHINESE) == [
        TokenRecord("A1", "gm-sm3", "sm3", 6, 60, 0, SEED, begin, end, "某厂商", 4),
        TokenRecord("A2", "hotp", "sha1", 8, 0, 0, SEED, 0, NO_END_MS, "某厂商", 5),
        TokenRecord("A3", "totp", "sha1", 6, 30, 0, SEED, 0, NO_END_MS, "某厂商", 6),
    ]


@given(st.lists(st.integers(0, len(CHINESE_FILE.encode("gb18030"))), max_size=9))
def test_a_charset_of_several_bytes_cut_anywhere(cuts: list[int]) -> None:
    data, layout = CHINESE_FILE.encode("gb18030"), parse_layout(CHINESE)
    edges = [0, *sorted(cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(edges)]
    assert list(read_vendor_csv(pieces, layout)) == vendor(data, CHINESE)


def test_a_charset_that_is_another() -> None:
    with pytest.raises(TokenFileError, match="line 1: file: is not utf-8"):
        vendor(CHINESE_FILE.encode("gb18030"), CHINESE.replace("gb18030", "utf-8"))
    with pytest.raises(TokenFileError, match="line 1: file: is not gb18030"):
        vendor(b"\xff\xff\xff", CHINESE)


@pytest.mark.parametrize("charset", ["utf-8", "gbk", "big5", "utf-16", "latin-1", "ascii"])
def test_charsets(charset: str) -> None:
    layout = f"[file]\ncharset = '{charset}'\n[columns]\nserial = 'no'\nseed = 'key'\n"
    assert good(vendor(f"no,key\nA1,{HEX}\n".encode(charset), layout)).seed == SEED


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("hex", HEX), ("hex", " ".join(HEX[i : i + 4] for i in range(0, 40, 4))),
        ("base32", BASE32), ("base64", base64.b64encode(SEED).decode()),
        ("dec", " ".join(map(str, SEED))), ("dec", ".".join(map(str, SEED))), ("auto", HEX),
        ("auto", BASE32.lower()),
    ],
)  # fmt: skip
def test_encodings(encoding: str, text: str) -> None:
    layout = f"[columns]\nserial = 's'\nseed = 'k'\n[seed]\nencoding = '{encoding}'\n"
    assert good(vendor(f"s,k\nA1,{text}\n", layout)).seed == SEED
    for bad in ("?", "300 1", text[:-1] + "*"):
        fault = fault_of(vendor(f"s,k\nA1,{bad}\n", layout))
        assert (fault.line, fault.element) == (2, "seed")


def test_columns_by_number_without_quotes() -> None:
    layout = (
        "[file]\nheader = false\nquote = ''\ndelimiter = ';'\ncomment = '//'\n"
        "[columns]\nserial = 3\nseed = 1\n"
    )
    assert good(vendor(f'// x\n{HEX};;"A1\n', layout)).serial == '"A1'
    assert fault_of(vendor(f"{HEX};;\n", layout)).element == "serial"
    assert fault_of(vendor(f"{HEX}\n", layout)).element == "serial"


# ---- seeds under a transport key


def two_key_3des(key: bytes) -> TripleDES:
    return TripleDES(key + key[:8])


def enciphered(name: str, seed: bytes, iv: bytes, padding: str) -> bytes:
    cipher, mode = name.split("-")
    algorithm = {
        "aes": algorithms.AES, "3des": two_key_3des, "sm4": algorithms.SM4
    }[cipher](KEY)  # fmt: skip
    size = algorithm.block_size // 8
    if padding == "pkcs7":
        padder = pads.PKCS7(algorithm.block_size).padder()
        seed = padder.update(seed) + padder.finalize()
    elif len(seed) % size:
        seed += bytes(-len(seed) % size)
    context = Cipher(algorithm, modes.CBC(iv) if mode == "cbc" else modes.ECB()).encryptor()
    return context.update(seed) + context.finalize()


@pytest.mark.parametrize("padding", ["none", "pkcs7", "zero"])
@pytest.mark.parametrize("iv", ["prefix", "zero", "column"])
@pytest.mark.parametrize(
    "name", ["aes-cbc", "aes-ecb", "3des-cbc", "3des-ecb", "sm4-cbc", "sm4-ecb"]
)
def test_enciphered_seeds(name: str, iv: str, padding: str) -> None:
    size = 8 if name.startswith("3des") else 16
    vector = bytes(size) if iv == "zero" else bytes(range(40, 40 + size))
    sealed = enciphered(name, SEED, vector, padding)
    if iv == "prefix" and name.endswith("cbc"):
        sealed = vector + sealed
    layout = (
        "[columns]\nserial = 's'\nseed = 'k'\niv = 'iv'\ncheck = 'c'\n"
        f"[seed]\ncipher = '{name}'\niv = '{iv}'\npadding = '{padding}'\nlength = 20\n"
    )
    text = f"s,k,iv,c\nA1,{sealed.hex()},{vector.hex()},{digest(hashes.SHA256(), SEED).hex()[:8]}\n"
    assert good(vendor(text, layout, seed=KEY)).seed == SEED
    # Another key shows at the padding, or else at the check value.
    fault = fault_of(vendor(text, layout, seed=bytes(16)))
    assert fault.element in ("seed", "check")
    for column, old in (("seed", sealed.hex()), ("iv", vector.hex())):
        if column == "iv" and (iv != "column" or name.endswith("ecb")):
            continue
        assert fault_of(vendor(text.replace(old, old[2:]), layout, seed=KEY)).element in (
            column, "check", "seed",
        )  # fmt: skip


def digest(kind: hashes.HashAlgorithm, data: bytes) -> bytes:
    made = hashes.Hash(kind)
    made.update(data)
    return made.finalize()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("crc32", zlib.crc32(SEED).to_bytes(4, "big")),
        ("sha1", digest(hashes.SHA1(), SEED)),
        ("sha256", digest(hashes.SHA256(), SEED)),
        ("sm3", digest(hashes.SM3(), SEED)),
        ("hmac-sha1", hmac.digest(b"check key", SEED, "sha1")),
        ("hmac-sha256", hmac.digest(b"check key", SEED, "sha256")),
    ],
)
def test_check_values(kind: str, value: bytes) -> None:
    layout = f"[columns]\nserial = 's'\nseed = 'k'\ncheck = 'c'\n[check]\nkind = '{kind}'\n"
    for length in (len(value), 3):
        text = f"s,k,c\nA1,{HEX},{value[:length].hex()}\n"
        assert good(vendor(text, layout, check=b"check key")).seed == SEED
    wrong = bytes([value[0] ^ 1]) + value[1:]
    for text, reason in (
        (wrong.hex(), "does not agree"), ("", "3 to"), (value[:2].hex(), "3 to"),
        (value.hex() + "00", "3 to"), ("xyz", "is not hex"),
    ):  # fmt: skip
        fault = fault_of(vendor(f"s,k,c\nA1,{HEX},{text}\n", layout, check=b"check key"))
        assert (fault.line, fault.element) == (2, "check")
        assert reason in fault.reason


def test_keys_that_are_missing_or_of_a_wrong_length() -> None:
    layout = "[columns]\nserial = 's'\nseed = 'k'\n[seed]\ncipher = 'sm4-ecb'\n"
    with pytest.raises(TokenFileError, match="needs the transport key 'seed'"):
        vendor(f"s,k\nA1,{HEX}\n", layout)
    with pytest.raises(TokenFileError, match="must have 16 bytes"):
        vendor(f"s,k\nA1,{HEX}\n", layout, seed=bytes(24))
    # The nameless key serves for every name.
    assert fault_of(vendor(f"s,k\nA1,{HEX}\n", layout, **{"": KEY})).element == "seed"


# ---- layouts

GOOD = "[columns]\nserial = 's'\nseed = 2\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "columns"),
        ("[columns]\nserial = 's'\n", "serial and seed"),
        (GOOD + "colour = 3\n", "only serial"),
        ("[columns]\nserial = 's'\nseed = 0\n", "begin with 1"),
        (GOOD + "[file]\nheader = false\n", "by number only"),
        (GOOD + "[file]\ncharset = 'ebcdic'\n", "charset must be"),
        (GOOD + "[file]\ndelimiter = '||'\n", "delimiter"),
        (GOOD + "[file]\nquote = '||'\n", "quote"),
        (GOOD + "[file]\nskip_lines = -1\n", "skip_lines"),
        (GOOD + "[file]\nutc_offset_minutes = 4800\n", "14 hours"),
        (GOOD + "[file]\nheadr = true\n", "headr"),
        (GOOD + "[seed]\ncipher = 'rot13'\n", "rot13"),
        (GOOD + "[seed]\nencoding = 'rot13'\n", "rot13"),
        (GOOD + "[seed]\niv = 'column'\n", "iv is missing"),
        (GOOD + "[seed]\nlength = -1\n", "negative"),
        (GOOD + "[seed]\npadding = 'zero'\n", "length must be given"),
        (GOOD + "[check]\nkind = 'md5'\n", "md5"),
        (GOOD + "[defaults]\nalgorithm = 'x'\n", "none of"),
        (GOOD + "[algorithms]\n'时间' = 'x'\n", "algorithms"),
        (GOOD + "]", "line"),
    ],
)
def test_bad_layouts(text: str, reason: str) -> None:
    with pytest.raises(LayoutError, match=reason):
        parse_layout(text)


def test_a_column_that_the_file_does_not_have() -> None:
    for header in ("s,x", "k,x", "s,k,s"):
        with pytest.raises(TokenFileError, match="line 1: header: must name the column of"):
            vendor(f"{header}\n", "[columns]\nserial = 's'\nseed = 'k'\n")


@given(st.binary(max_size=300))
def test_noise_ends_in_the_one_error(noise: bytes) -> None:
    for read in (
        lambda: read_oath_csv([noise]),
        lambda: read_vendor_csv([noise], parse_layout(CHINESE)),
    ):
        with suppress(TokenFileError):
            for item in read():
                assert isinstance(item, TokenFileError) or len(item.seed) >= 16
