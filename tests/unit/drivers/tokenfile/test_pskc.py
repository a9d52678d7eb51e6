"""PSKC files: samples of RFC 6030, one written by hand, and many that are wrong in one place."""

from __future__ import annotations

import base64
import tracemalloc
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_drivers.tokenfile.pskc import read_pskc
from tigertally_drivers.tokenfile.records import (
    NO_END_MS,
    Item,
    TokenFileError,
    TokenRecord,
    strictly,
)

VECTORS = Path(__file__).parents[3] / "vectors" / "pskc"
SEED_20 = b"12345678901234567890"
HANDMADE = (VECTORS / "handmade.xml").read_bytes()
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">
"""
TAIL = "</KeyContainer>\n"
TOKEN = """<KeyPackage>
<DeviceInfo><SerialNo>S1</SerialNo></DeviceInfo>
<Key Id="1" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:totp">
<AlgorithmParameters>
<ResponseFormat Length="6" Encoding="DECIMAL"/>
</AlgorithmParameters>
<Data>
<Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>
<TimeInterval><PlainValue>30</PlainValue></TimeInterval>
</Data>
<Policy></Policy>
</Key>
</KeyPackage>
"""
HOTP_TOKEN = TOKEN.replace(":totp", ":hotp").replace("TimeInterval", "Counter")


def parse_pskc(data: bytes | Iterable[bytes]) -> Iterator[TokenRecord]:
    return strictly(read_pskc([data] if isinstance(data, bytes) else data))


def items(text: str) -> list[Item]:
    return list(read_pskc([text.encode()]))


def read(name: str) -> list[TokenRecord]:
    return list(parse_pskc((VECTORS / name).read_bytes()))


def ms(*date: int) -> int:
    return int(datetime(*date, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc,arg-type]


def fault(text: str | bytes) -> TokenFileError:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(TokenFileError) as caught:
        list(parse_pskc(data))
    return caught.value


# ---- good files


def test_figure_3() -> None:
    record = TokenRecord("987654321", "hotp", "sha1", 8, 0, 0, SEED_20, issuer="Issuer", line=5)
    assert read("rfc6030-figure3.xml") == [record]


def test_figure_5_a_pin_of_the_device_is_no_token() -> None:
    record = TokenRecord("987654321", "hotp", "sha1", 8, 0, 0, SEED_20, issuer="Issuer", line=5)
    assert read("rfc6030-figure5.xml") == [record]


def test_figure_10_several_devices() -> None:
    """And a serial that comes twice, which is for the importer to notice."""
    records = read("rfc6030-figure10.xml")
    assert [record.serial for record in records] == ["654321", "123456", "9999999", "9999999"]
    assert {record.seed for record in records} == {SEED_20}
    assert [record.line for record in records] == [4, 31, 58, 85]
    assert records[0].valid_from_ms == ms(2006, 5, 1)
    assert records[3].valid_to_ms == ms(2006, 4, 30)


def test_figure_4_names_a_key_that_it_does_not_hold() -> None:
    error = fault((VECTORS / "rfc6030-figure4.xml").read_bytes())
    assert error.element == "KeyPackage/Key/Data/Secret/PlainValue"


def test_figure_9_a_signature_is_passed_over() -> None:
    record = TokenRecord(
        "0755225266", "hotp", "sha1", 6, 0, 0, SEED_20, issuer="Example-Issuer", line=7
    )
    assert read("rfc6030-figure9.xml") == [record]


def test_handmade() -> None:
    assert list(parse_pskc(HANDMADE)) == [
        TokenRecord(
            "TT-0001", "totp", "sha256", 8, 60, 0, SEED_20 + b"123456789012",
            ms(2026, 2, 1), ms(2030, 1, 1), "示例银行", 4,
        ),
        TokenRecord("TT-0002", "hotp", "sha1", 6, 0, 4711, SEED_20, line=34),
        TokenRecord(
            "TT-0003", "gm-sm3", "sm3", 6, 60, 0,
            bytes.fromhex("1234567890abcdef1234567890abcdef"), line=44,
        ),
        TokenRecord("TT-0004", "totp", "sha512", 10, 30, 0, SEED_20, line=54),
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    text = HANDMADE.decode().replace(' encoding="UTF-8"', "")
    assert list(parse_pskc(text.encode(encoding))) == list(parse_pskc(HANDMADE))


@given(st.lists(st.integers(0, len(HANDMADE)), max_size=20))
def test_any_cut_into_pieces_gives_the_same(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(HANDMADE)]
    pieces = [HANDMADE[a:b] for a, b in pairwise(edges)]
    assert list(parse_pskc(pieces)) == list(parse_pskc(HANDMADE))


def test_an_empty_container() -> None:
    assert list(parse_pskc((HEAD + TAIL).encode())) == []


def test_the_seed_is_not_in_the_repr() -> None:
    record = read("rfc6030-figure3.xml")[0]
    assert "1234567890" not in repr(record)
    assert record.valid_to_ms == NO_END_MS


@pytest.mark.parametrize(
    ("suite", "hash_name"),
    [
        ("HMAC-SHA1", "sha1"), ("HMAC-SHA256", "sha256"), ("HMAC-SHA512", "sha512"),
        ("SHA256", "sha256"), ("SHA-512", "sha512"), ("HmacSHA1", "sha1"), ("sm3", "sm3"),
        ("HMAC-SM3", "sm3"), ("", "sha1"),
    ],
)  # fmt: skip
def test_suites(suite: str, hash_name: str) -> None:
    text = TOKEN.replace("<ResponseFormat", f"<Suite>{suite}</Suite><ResponseFormat")
    [record] = parse_pskc((HEAD + text + TAIL).encode())
    assert record.hash == hash_name


def test_memory_does_not_grow_with_the_file() -> None:
    def pieces() -> Iterator[bytes]:
        yield HEAD.encode()
        for number in range(2000):
            yield (TOKEN.replace("S1", f"S{number}") + " " * 10_000).encode()
        yield TAIL.encode()

    tracemalloc.start()
    try:
        assert sum(1 for _ in parse_pskc(pieces())) == 2000
        assert tracemalloc.get_traced_memory()[1] < 2_000_000  # of 20 MB
    finally:
        tracemalloc.stop()


def test_ocra_says_its_suite_in_its_name() -> None:
    text = HOTP_TOKEN.replace(":hotp", "#OCRA-1:HOTP-SHA512-8:C-QN08").replace(">30<", ">7<")
    [record] = parse_pskc((HEAD + text + TAIL).encode())
    assert (record.algorithm, record.suite, record.counter) == (
        "ocra", "OCRA-1:HOTP-SHA512-8:C-QN08", 7,
    )  # fmt: skip
    assert fault(HEAD + text.replace("OCRA-1", "OCRA-2") + TAIL).element == "KeyPackage/Key"


def test_the_sm4_form() -> None:
    text = TOKEN.replace("urn:ietf:params:xml:ns:keyprov:pskc:totp", "urn:tigertally:pskc:gm-sm4")
    [record] = parse_pskc((HEAD + text + TAIL).encode())
    assert (record.algorithm, record.hash, record.step_s) == ("gm-sm4", "sm3", 30)


# ---- faults, one place at a time

POLICY = "<Policy></Policy>"
NO_TIME = "<StartDate>2026-01-02T00:00:00Z</StartDate><ExpiryDate>2026-01-02T00:00:00Z</ExpiryDate>"
LONG_SEED = base64.b64encode(bytes(129)).decode()
SEED = "KeyPackage/Key/Data/Secret/PlainValue"
FORMAT = "KeyPackage/Key/AlgorithmParameters/ResponseFormat"
STEP = "KeyPackage/Key/Data/TimeInterval/PlainValue"
FROM = "KeyPackage/Key/Policy/StartDate"

FAULTS = [
    # old, new, line, element, in the reason
    ("<SerialNo>S1</SerialNo>", "", 3, "KeyPackage/DeviceInfo/SerialNo", "missing"),
    ("<SerialNo>S1", "<SerialNo> ", 4, "KeyPackage/DeviceInfo/SerialNo", "missing"),
    ("</SerialNo>", "</SerialNo><SerialNo>2</SerialNo>", 4, "KeyPackage/DeviceInfo/SerialNo",
     "twice"),
    (":totp", ":ocra", 5, "KeyPackage/Key", "Algorithm"),
    (" Algorithm=", " Algorithmus=", 5, "KeyPackage/Key", "Algorithm"),
    ('<ResponseFormat Length="6" Encoding="DECIMAL"/>', "", 3, FORMAT, "missing"),
    ('Length="6"', 'Length="5"', 7, FORMAT, "6 to 10"),
    ('Length="6"', 'Length="11"', 7, FORMAT, "6 to 10"),
    ('Length="6"', 'Length="six"', 7, FORMAT, "6 to 10"),
    ('Length="6"', 'Length="６"', 7, FORMAT, "6 to 10"),
    ('Length="6"', "", 7, FORMAT, "6 to 10"),
    ("DECIMAL", "HEXADECIMAL", 7, FORMAT, "DECIMAL"),
    ('Length="6"', 'Length="6" CheckDigits="true"', 7, FORMAT, "check digits"),
    ('Length="6"', 'Length="6" CheckDigit="1"', 7, FORMAT, "check digits"),
    ("<ResponseFormat", "<Suite>HMAC-MD5</Suite><ResponseFormat", 7,
     "KeyPackage/Key/AlgorithmParameters/Suite", "sha256"),
    ("<Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>", "", 3, SEED,
     "missing"),
    ("OTA=<", "OTA<", 10, SEED, "base64"),
    ("OTA=<", "OT*=<", 10, SEED, "base64"),
    ("OTA=<", "OTé=<", 10, SEED, "base64"),
    ("OTA=<", "OTA==<", 10, SEED, "base64"),
    ("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "MTIzNA==", 10, SEED, "16 to 128"),
    ("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "", 10, SEED, "16 to 128"),
    ("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", LONG_SEED, 10, SEED, "16 to 128"),
    ("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "A" * 9000, 10, SEED, "longer"),
    ("MTIzNDU2", "MTIz<b/>NDU2", 10, SEED, "text only"),
    (">30<", ">0<", 11, STEP, "1 to 120"),
    (">30<", ">121<", 11, STEP, "1 to 120"),
    (">30<", ">-30<", 11, STEP, "1 to 120"),
    (">30<", ">3e1<", 11, STEP, "1 to 120"),
    (">30<", "><", 11, STEP, "1 to 120"),
    (":ietf:params:xml:ns:keyprov:pskc:totp", ":tigertally:pskc:gm-sm2", 5, "KeyPackage/Key", "gm"),
    (POLICY, "<Policy><StartDate>soon</StartDate></Policy>", 13, FROM, "date"),
    (POLICY, "<Policy><StartDate>2026-02-30T00:00:00Z</StartDate></Policy>", 13, FROM, "date"),
    (POLICY, "<Policy><StartDate>2026-W05</StartDate></Policy>", 13, FROM, "date"),
    (POLICY, "<Policy><StartDate>2026-01-02</StartDate></Policy>", 13, FROM, "date"),
    (POLICY, f"<Policy>{NO_TIME}</Policy>", 5, "KeyPackage/Key", "validity"),
    (POLICY, "<Policy><ExpiryDate>1969-01-02T00:00:00Z</ExpiryDate></Policy>", 5,
     "KeyPackage/Key", "validity"),
    (POLICY, "<Policy><NumberOfTransactions>9</NumberOfTransactions></Policy>", 13,
     "KeyPackage/Key/Policy/NumberOfTransactions", "not supported"),
    (POLICY, "<Policy><Weekdays/></Policy>", 13, "KeyPackage/Key/Policy", "not understood"),
    (POLICY, "<Policy><x:KeyUsage xmlns:x='urn:x'>OTP</x:KeyUsage></Policy>", 13,
     "KeyPackage/Key/Policy", "not understood"),
    (POLICY, "<Policy><KeyUsage>Encrypt</KeyUsage></Policy>", 13,
     "KeyPackage/Key/Policy/KeyUsage", "one-time"),
    (POLICY, "<Policy><PINPolicy PINUsageMode='Append'/></Policy>", 13,
     "KeyPackage/Key/Policy/PINPolicy", "Local"),
    (POLICY, POLICY + POLICY, 13, "KeyPackage/Key/Policy", "twice"),
    ("</Key>", "</Key><Key/>", 14, "KeyPackage/Key", "twice"),
    ("</Data>", "</Date>", 12, "KeyPackage/Key/Data", "well-formed"),
    ("</KeyPackage>", "", 16, "KeyPackage", "well-formed"),
    ("S1", "S&eacute;1", 4, "KeyPackage/DeviceInfo/SerialNo", "well-formed"),
    ("S1", "S\x01", 4, "KeyPackage/DeviceInfo/SerialNo", "well-formed"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "element", "reason"), FAULTS)
def test_one_fault(old: str, new: str, line: int, element: str, reason: str) -> None:
    assert old in TOKEN
    error = fault(HEAD + TOKEN.replace(old, new, 1) + TAIL)
    assert (error.line, error.element) == (line, element)
    assert reason in error.reason
    assert str(error) == f"line {line}: {element}: {error.reason}"


def test_the_token_of_the_faults_is_good() -> None:
    [record] = parse_pskc((HEAD + TOKEN + TAIL).encode())
    assert record == TokenRecord("S1", "totp", "sha1", 6, 30, 0, SEED_20, line=3)


@pytest.mark.parametrize("counter", ["-1", "1.0", "9223372036854775807", "1" * 30, "", "AAYxSg=="])
def test_bad_counters(counter: str) -> None:
    error = fault(HEAD + HOTP_TOKEN.replace(">30<", f">{counter}<") + TAIL)
    assert (error.line, error.element) == (11, "KeyPackage/Key/Data/Counter/PlainValue")


def test_the_gm_step_is_at_most_a_minute() -> None:
    gm = TOKEN.replace("urn:ietf:params:xml:ns:keyprov:pskc:totp", "urn:tigertally:pskc:gm-sm3")
    assert fault(HEAD + gm.replace(">30<", ">61<") + TAIL).element == STEP
    sha1 = gm.replace("<ResponseFormat", "<Suite>HMAC-SHA1</Suite><ResponseFormat")
    assert "sm3" in fault(HEAD + sha1 + TAIL).reason


def test_a_fault_costs_its_own_package_only() -> None:
    """Wherever in the package it is, and what comes after it is read as ever."""
    for old, new, line, element, _reason in FAULTS:
        if "well-formed" in _reason:
            continue
        broken = TOKEN.replace(old, new, 1)
        first, second, third = items(HEAD + TOKEN + broken + TOKEN.replace("S1", "S3") + TAIL)
        assert isinstance(first, TokenRecord)
        assert isinstance(second, TokenFileError), (old, new)
        assert (second.line - TOKEN.count("\n"), second.element) == (line, element)
        assert isinstance(third, TokenRecord)
        assert third.serial == "S3"


def test_a_package_without_a_key() -> None:
    package = "<KeyPackage><DeviceInfo><SerialNo>1</SerialNo></DeviceInfo></KeyPackage>"
    assert fault(HEAD + package + TAIL).reason == "has no Key"


def test_figure_2_has_no_serial() -> None:
    error = fault((VECTORS / "rfc6030-figure2.xml").read_bytes())
    assert error.element == "KeyPackage/DeviceInfo/SerialNo"


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("", "KeyContainer"),
        ("not xml at all", "KeyContainer"),
        ("<KeyContainer Version='1.0'/>", "KeyContainer"),
        ("<KeyContainer Version='1.0' xmlns='urn:ietf:params:xml:ns:keyprov:pskc:1.0'/>",
         "KeyContainer"),
        ("<KeyContainer xmlns='urn:ietf:params:xml:ns:keyprov:pskc'/>", "KeyContainer"),
        ("<KeyContainer Version='2.0' xmlns='urn:ietf:params:xml:ns:keyprov:pskc'/>",
         "KeyContainer"),
        ("<KeyPackage xmlns='urn:ietf:params:xml:ns:keyprov:pskc'/>", "KeyContainer"),
        (HEAD, "KeyContainer"),
        (HEAD + TAIL + "<more/>", "KeyContainer"),
    ],
)  # fmt: skip
def test_not_a_container(text: str, element: str) -> None:
    assert fault(text).element == element


@pytest.mark.parametrize("name", ["gb18030", "nonsense", "rot13", "zlib", "utf-7", "idna"])
def test_other_encodings_are_refused(name: str) -> None:
    error = fault(HEAD.replace("UTF-8", name) + TOKEN + TAIL)
    assert error.element == "KeyContainer"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
DOCTYPES = [
    "<!DOCTYPE KeyContainer>",
    "<!DOCTYPE KeyContainer SYSTEM 'file:///etc/passwd'>",
    "<!DOCTYPE KeyContainer [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
    "<!DOCTYPE KeyContainer [<!ENTITY % x SYSTEM 'http://127.0.0.1/'> %x;]>",
    f"<!DOCTYPE KeyContainer [<!ENTITY l0 'ha'>{LAUGHS}]>",
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("doctype", DOCTYPES)
def test_document_types_and_entities_are_refused(doctype: str, encoding: str) -> None:
    text = HEAD.replace("\n", "\n" + doctype, 1).replace(' encoding="UTF-8"', "")
    error = fault((text + TOKEN.replace("S1", "&x;&l11;") + TAIL).encode(encoding))
    assert (error.line, error.element) == (2, "DOCTYPE")


def test_nesting_is_passed_over_up_to_a_depth() -> None:
    def deep(depth: int) -> str:
        return TOKEN.replace("<Data>", "<a>" * depth + "</a>" * depth + "<Data>")

    [record] = parse_pskc((HEAD + deep(50) + TAIL).encode())
    assert record.serial == "S1"
    for depth in (70, 50_000):
        error = fault(HEAD + deep(depth) + TAIL)
        assert (error.line, error.element) == (9, "KeyPackage/Key")
        assert "in one another" in error.reason


def test_errors_quote_nothing() -> None:
    canary = "c4naryc4naryc4nary"
    for old in ("S1", ":totp", '"6"', "DECIMAL", "MTIzNDU2", ">30<", "Policy"):
        error = fault(HEAD + TOKEN.replace(old, canary) + "<" + TAIL)
        assert canary not in str(error)
        assert "c4nary" not in repr(error.__dict__)


@given(st.integers(0, len(HANDMADE) - 1), st.binary(max_size=4), st.integers(0, 40))
def test_damage_ends_in_the_one_error(at: int, put: bytes, cut: int) -> None:
    records: list[TokenRecord] = []
    with suppress(TokenFileError):
        records.extend(parse_pskc(HANDMADE[:at] + put + HANDMADE[at + cut :]))
    assert all(record.serial and len(record.seed) >= 16 for record in records)


@given(st.binary(max_size=200))
def test_noise_ends_in_the_one_error(noise: bytes) -> None:
    fault(noise)
