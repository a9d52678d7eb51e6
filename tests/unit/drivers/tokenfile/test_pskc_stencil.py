"""A stencil must never read what the parser would not: same tokens, same faults, same lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_drivers.tokenfile import pskc
from tigertally_drivers.tokenfile.keys import NO_KEYS, TransportKeys
from tigertally_drivers.tokenfile.pskc import read_pskc
from tigertally_drivers.tokenfile.records import TokenFileError, TokenRecord
from tigertally_testing.token_files import Sealing, pskc_pieces

COUNT = 40
KEY = bytes(range(32))
PLAIN = b"".join(pskc_pieces(range(COUNT)))
SEALED = b"".join(pskc_pieces(range(COUNT), Sealing("aes256-cbc", KEY, mac="sha256"), "SE"))
HEAD, *PACKAGES = PLAIN.split(b"<KeyPackage>")
PACKAGES = [b"<KeyPackage>" + package for package in PACKAGES]
PACKAGES[-1], TAIL = PACKAGES[-1].split(b"</KeyContainer>")
TAIL = b"</KeyContainer>" + TAIL


def outcome(data, sizes=(1 << 16,), keys=NO_KEYS, *, stencils):
    """Items, or how the reading ended where the file is at fault: nothing of it counts then."""
    pieces, at = [], 0
    for number in range(len(data)):
        size = sizes[number % len(sizes)]
        pieces.append(data[at : at + size])
        at += size
        if at >= len(data):
            break
    items: list[object] = []
    try:
        items.extend(
            str(item) if isinstance(item, TokenFileError) else item
            for item in read_pskc(pieces, keys, stencils=stencils)
        )
    except TokenFileError as fault:
        return ["the file", str(fault)]
    return items


def assert_same(data, sizes=(1 << 16,), keys=NO_KEYS):
    read = outcome(data, sizes, keys, stencils=True)
    assert read == outcome(data, sizes, keys, stencils=False)
    return read


@pytest.fixture
def parsed(monkeypatch):
    """How many packages the parser has read."""
    seen: list[int] = []
    finish = pskc._Reader._finish_package

    def finished(reader):
        seen.append(1)
        finish(reader)

    monkeypatch.setattr(pskc._Reader, "_finish_package", finished)
    return seen


@pytest.mark.parametrize("data", [PLAIN, SEALED])
def test_a_delivery_is_read_by_one_parsed_package(parsed, data):
    keys = TransportKeys(keys={"": KEY}) if data is SEALED else NO_KEYS
    read = outcome(data, keys=keys, stencils=True)
    assert len(parsed) == 1
    assert [type(item) for item in read] == [TokenRecord] * COUNT
    assert_same(data, keys=keys)


@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=8))
def test_pieces_of_any_size(sizes):
    assert len(assert_same(PLAIN, sizes)) == COUNT


@given(
    st.lists(
        st.tuples(st.integers(0, len(PLAIN)), st.integers(0, 12), st.binary(max_size=6)),
        max_size=3,
    ),
    st.integers(100, 40_000),
)
def test_altered_anywhere(changes, size):
    data = PLAIN
    for at, length, other in changes:
        data = data[:at] + other + data[at + length :]
    assert_same(data, (size,))


MARKUP = (
    b"<!-- -->", b"<!--</KeyPackage>-->", b"<!-- <KeyPackage> -->", b"<![CDATA[</KeyPackage>]]>",
    b"</KeyPackage >", b"<?pi </KeyPackage>?>", b"&amp;", b"&#49;", b"\n", b" ", b"]]>",
    b"\xc3\xa4", b"\xff", b"\x00", b"<KeyPackage/>", b"<a/>", b"<!DOCTYPE a>", b"</KeyContainer>",
    b"\r\n", b"<SerialNo>1</SerialNo>", b"<PlainValue>", b'<KeyPackage Id=">">',
)  # fmt: skip


@given(
    st.lists(
        st.tuples(st.integers(0, COUNT - 1), st.floats(0, 1), st.sampled_from(MARKUP)),
        min_size=1,
        max_size=4,
    )
)
def test_markup_put_between_and_inside(changes):
    packages = list(PACKAGES)
    for number, where, what in changes:
        package = packages[number]
        edges = [at for at in range(len(package) + 1) if package[at : at + 1] in {b"<", b""}]
        edges += [at + 1 for at in range(len(package)) if package[at : at + 1] == b">"]
        at = sorted(edges)[int(where * (len(edges) - 1))]
        packages[number] = package[:at] + what + package[at:]
    assert_same(HEAD + b"".join(packages) + TAIL)


@pytest.mark.parametrize("what", MARKUP)
@pytest.mark.parametrize("place", ["before", "after"])
def test_each_markup_beside_each_package(what, place):
    for number in (0, 1, 20, COUNT - 1):
        packages = list(PACKAGES)
        one = packages[number]
        packages[number] = what + one if place == "before" else one + what
        assert_same(HEAD + b"".join(packages) + TAIL)


def test_a_package_in_a_comment_is_no_token():
    packages = [*PACKAGES[:20], b"<!--" + PACKAGES[20] + b"-->", *PACKAGES[21:]]
    assert len(assert_same(HEAD + b"".join(packages) + TAIL)) == COUNT - 1


def test_forms_that_take_turns(parsed):
    other = [package.replace(b'Length="6"', b'Length="8"') for package in PACKAGES]
    half = COUNT // 2
    mixed = [package for pair in zip(PACKAGES, other, strict=True) for package in pair]
    assert len(assert_same(HEAD + b"".join(mixed) + TAIL)) == 2 * COUNT
    parsed.clear()
    outcome(HEAD + b"".join(PACKAGES[:half] + other[half:]) + TAIL, stencils=True)
    assert len(parsed) <= pskc.MISSES + 2


def test_faults_in_a_known_form_are_given_with_their_line():
    packages = list(PACKAGES)
    packages[7] = packages[7].replace(b"<PlainValue>", b"<PlainValue>!", 1)
    read = assert_same(HEAD + b"\n".join(packages) + TAIL)
    assert sum(isinstance(item, str) for item in read) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_other_encodings(encoding):
    text = PLAIN.decode().split("?>", 1)[1]
    data = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
    assert len(assert_same(data)) == COUNT
