"""CHAP and MS-CHAPv2 against RFC 2759 section 9.2, RFC 1320 appendix A.5 and the RFCs' formulas."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_engines.otp import chap

VECTORS = Path(__file__).parents[3] / "vectors"
MS = json.loads((VECTORS / "rfc2759_mschapv2.json").read_text("utf-8"))
EXCHANGE = chap.Exchange(
    MS["user"], bytes.fromhex(MS["auth_challenge"]), bytes.fromhex(MS["peer_challenge"])
)
RESPONSE = bytes.fromhex(MS["nt_response"])


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        ("", "31d6cfe0d16ae931b73c59d7e0c089c0"),
        ("a", "bde52cb31de33e46245e05fbdbd6fb24"),
        ("abc", "a448017aaf21d8525fc10ae87aa6729d"),
        ("message digest", "d9130a8164549fe818874806e1c7014b"),
        ("abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9"),
    ],
)
def test_rfc_1320_appendix_a(message: str, digest: str) -> None:
    assert chap.md4(message.encode()).hex() == digest


def test_md4_has_one_block() -> None:
    assert len(chap.md4(bytes(55))) == 16
    with pytest.raises(ValueError, match="one block"):
        chap.md4(bytes(56))


def test_rfc_2759_section_9_2() -> None:
    assert chap.challenge_hash(EXCHANGE).hex().upper() == MS["challenge"]
    hashed = chap.md4(MS["password"].encode("utf-16-le"))
    assert hashed.hex().upper() == MS["password_hash"]
    assert chap.md4(hashed).hex().upper() == MS["password_hash_hash"]
    assert chap.nt_response(chap.challenge_hash(EXCHANGE), MS["password"]) == RESPONSE
    assert recognised("other", MS["password"], "clientpass") == [False, True, False]
    answer = chap.authenticator_response(EXCHANGE, MS["password"], RESPONSE)
    assert answer == MS["authenticator_response"]


def test_ntlm_hash_of_a_code() -> None:
    # Published widely as the NT hash of "123456".
    assert chap.md4("123456".encode("utf-16-le")).hex() == "32ed87bdb5fdc5e9cba88547376818d4"


@given(
    identifier=st.integers(0, 255),
    password=st.text("0123456789", min_size=6, max_size=10),
    challenge=st.binary(min_size=1, max_size=64),
)
def test_rfc_1994(identifier: int, password: str, challenge: bytes) -> None:
    expected = hashlib.md5(bytes([identifier]) + password.encode() + challenge).hexdigest()
    assert chap.chap_response(identifier, password, challenge).hex() == expected


@given(at=st.integers(0, 23), flip=st.integers(1, 255))
def test_every_octet_of_a_response_counts(at: int, flip: int) -> None:
    spoilt = bytearray(RESPONSE)
    spoilt[at] ^= flip
    assert recognised("other", MS["password"], response=bytes(spoilt)) == [False, False]


def test_a_response_of_nobody() -> None:
    assert recognised("clientpass", "other") == [False, False]
    assert recognised(MS["password"], response=RESPONSE[:8]) == [False]
    assert recognised() == []


def recognised(*candidates: str, response: bytes = RESPONSE) -> list[bool]:
    return chap.recognised(chap.challenge_hash(EXCHANGE), candidates, response)


@given(
    one=st.text("0123456789", min_size=6, max_size=10),
    other=st.text("0123456789", min_size=6, max_size=10),
)
def test_answers_tell_passwords_apart(one: str, other: str) -> None:
    hashed = chap.challenge_hash(EXCHANGE)
    answers = {chap.nt_response(hashed, password) for password in (one, other)}
    assert len(answers) == len({one, other})
