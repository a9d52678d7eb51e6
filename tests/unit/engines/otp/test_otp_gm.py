"""Both forms of GM/T 0021 against published samples, and the SM4 form's editions against programs
that go about it byte by byte.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import ECB
from hypothesis import given
from hypothesis import strategies as st

from tigertally_engines.otp.gm import Edition, gm_sm3, gm_sm3_codes, gm_sm4, gm_sm4_codes
from tigertally_engines.otp.kernel import totp_step

VECTORS = Path(__file__).parents[3] / "vectors"
GM = json.loads((VECTORS / "gmt0021_otp.json").read_text("utf-8"))
SEED = b"12345678901234567890"


@pytest.mark.parametrize("row", GM["sm3_rows"], ids=lambda row: row["P"])
def test_samples_of_the_sm3_form(row: dict[str, Any]) -> None:
    step = totp_step(row["T0"] * 1000, row["Tc"])
    assert gm_sm3(bytes.fromhex(row["K"]), step, row["C"], row["Q"], 6) == row["P"]


@pytest.mark.parametrize("edition", Edition)
@pytest.mark.parametrize("row", GM["sm4_rows"], ids=lambda row: row["P"])
def test_samples_of_the_sm4_form(row: dict[str, Any], edition: Edition) -> None:
    step = totp_step(row["T0"] * 1000, row["Tc"])
    assert gm_sm4(bytes.fromhex(row["K"]), step, row["C"], row["Q"], 6, edition) == row["P"]


def test_identity_is_filled_not_cut() -> None:
    for form in (gm_sm3, gm_sm4):
        assert form(SEED, 1, None, None, 6) == form(SEED, 1, 0, "\0\0\0\0", 6)
        assert form(SEED, 1, 2, "0123456789", 6) != form(SEED, 1, 2, "0123", 6)


def test_runs_of_codes_are_single_codes() -> None:
    steps = (0, 7, 2**40)
    assert gm_sm3_codes(SEED, steps, 8, "1234") == [gm_sm3(SEED, s, None, "1234", 8) for s in steps]
    assert gm_sm4_codes(SEED, steps, 8) == [gm_sm4(SEED, s, None, None, 8) for s in steps]
    assert gm_sm4_codes(SEED, steps, 8, "1234", Edition.OF_2012) == [
        gm_sm4(SEED, s, None, "1234", 8, Edition.OF_2012) for s in steps
    ]


seeds = st.binary(min_size=16, max_size=64)
steps = st.integers(0, 2**63 - 1)
counters = st.none() | st.integers(0, 2**32 - 1)
questions = st.none() | st.text("0123456789ABCDEF", min_size=4, max_size=40)


@given(seed=seeds, step=steps, counter=counters, question=questions, digits=st.integers(6, 10))
def test_edition_of_2023_fills_with_zeros(
    seed: bytes, step: int, counter: int | None, question: str | None, digits: int
) -> None:
    identity = identity_of(step, counter, question)
    size = -(-max(len(seed), len(identity)) // 16) * 16
    keys, texts = seed.ljust(size, b"\0"), identity.ljust(size, b"\0")
    output = bytes(16)
    for at in range(0, size, 16):
        output = sm4(add(output, keys[at : at + 16]), add(output, texts[at : at + 16]))
    expected = truncated(output, digits)
    assert gm_sm4(seed, step, counter, question, digits, Edition.OF_2023) == expected


@given(seed=seeds, step=steps, counter=counters, question=questions, digits=st.integers(6, 10))
def test_edition_of_2012_is_its_sample_program(
    seed: bytes, step: int, counter: int | None, question: str | None, digits: int
) -> None:
    identity = identity_of(step, counter, question)
    keys = bytearray(seed + bytes(-len(seed) % 16))
    texts = bytearray(identity + bytes(-len(identity) % 16))
    k_count, i_count = len(keys) // 16, len(texts) // 16
    output = b""
    for i in range(max(k_count, i_count)):
        output = sm4(bytes(keys[:16]), bytes(texts[:16]))
        k, t = min(i + 1, k_count - 1), min(i + 1, i_count - 1)
        keys[:16] = add(output, bytes(keys[16 * k : 16 * k + 16]))
        texts[:16] = add(output, bytes(texts[16 * t : 16 * t + 16]))
    expected = truncated(output, digits)
    assert gm_sm4(seed, step, counter, question, digits, Edition.OF_2012) == expected


def test_editions_differ_where_lengths_do() -> None:
    of = [gm_sm4(SEED[:16], 1, None, "123456789", 8, edition) for edition in Edition]
    assert of[0] != of[1]


def identity_of(step: int, counter: int | None, question: str | None) -> bytes:
    identity = step.to_bytes(8)
    identity += b"" if counter is None else counter.to_bytes(4)
    return identity + (b"" if question is None else question.encode())


def add(one: bytes, other: bytes) -> bytes:
    """Two 128-bit numbers, byte by byte from the right; the last carry is lost."""
    total, carry = bytearray(16), 0
    for at in range(15, -1, -1):
        value = one[at] + other[at] + carry
        total[at], carry = value & 0xFF, value >> 8
    return bytes(total)


def sm4(key: bytes, text: bytes) -> bytes:
    return Cipher(SM4(key), ECB()).encryptor().update(text)


def truncated(output: bytes, digits: int) -> str:
    words = [int.from_bytes(output[at : at + 4]) for at in range(0, 16, 4)]
    return f"{sum(words) % 2**32 % 10**digits:0{digits}d}"
