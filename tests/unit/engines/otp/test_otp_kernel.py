"""The code-making functions against published vectors and two other implementations."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess

import pyotp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tigertally_engines.otp import kernel
from tigertally_engines.otp.gm import gm_sm3, gm_sm4
from tigertally_engines.otp.kernel import hotp, hotp_codes, totp_step

SEED_20 = b"12345678901234567890"
SEED_32 = b"12345678901234567890123456789012"
SEED_64 = b"1234567890123456789012345678901234567890123456789012345678901234"

# RFC 4226 appendix D
RFC_4226 = [
    "755224", "287082", "359152", "969429", "338314",
    "254676", "287922", "162583", "399871", "520489",
]  # fmt: skip

# RFC 6238 appendix B: seconds, SHA-1, SHA-256, SHA-512
RFC_6238 = [
    (59, "94287082", "46119246", "90693936"),
    (1111111109, "07081804", "68084774", "25091201"),
    (1111111111, "14050471", "67062674", "99943326"),
    (1234567890, "89005924", "91819424", "93441116"),
    (2000000000, "69279037", "90698825", "38618901"),
    (20000000000, "65353130", "77737706", "47863826"),
]  # fmt: skip

seeds = st.binary(min_size=16, max_size=64)
factors = st.integers(0, 2**63 - 2)
digits = st.integers(6, 10)
hmac_hashes = st.sampled_from(("sha1", "sha256", "sha512"))


def test_rfc_4226_appendix_d() -> None:
    assert [hotp(SEED_20, counter, 6) for counter in range(10)] == RFC_4226
    assert hotp_codes(SEED_20, range(10), 6, "sha1") == RFC_4226


@pytest.mark.parametrize(("seconds", "sha1", "sha256", "sha512"), RFC_6238)
def test_rfc_6238_appendix_b(seconds: int, sha1: str, sha256: str, sha512: str) -> None:
    step = totp_step(seconds * 1000, 30)
    assert hotp(SEED_20, step, 8, "sha1") == sha1
    assert hotp(SEED_32, step, 8, "sha256") == sha256
    assert hotp(SEED_64, step, 8, "sha512") == sha512


@pytest.mark.parametrize(
    ("now_ms", "step_s", "step"),
    [(0, 30, 0), (29_999, 30, 0), (30_000, 30, 1), (59_999, 60, 0), (-1, 30, -1)],
)
def test_step_of_an_instant(now_ms: int, step_s: int, step: int) -> None:
    assert totp_step(now_ms, step_s) == step


@given(seed=seeds, factor=factors, digits=digits, hash_name=hmac_hashes)
def test_codes_equal_pyotp(seed: bytes, factor: int, digits: int, hash_name: str) -> None:
    theirs = pyotp.HOTP(
        base64.b32encode(seed).decode(), digits=digits, digest=getattr(hashlib, hash_name)
    )
    assert hotp(seed, factor, digits, hash_name) == theirs.at(factor)


@pytest.mark.oathtool
@pytest.mark.skipif(
    shutil.which("oathtool") is None,
    reason="oathtool is not installed: no third opinion on the codes (Debian: oathtool)",
)
@settings(max_examples=25, deadline=None)
@given(
    seed=seeds,
    step=st.integers(0, 2**36),
    step_s=st.sampled_from((1, 30, 60)),
    digits=st.integers(6, 8),
    hash_name=hmac_hashes,
)
def test_codes_equal_oathtool(
    seed: bytes, step: int, step_s: int, digits: int, hash_name: str
) -> None:
    common = ("--window=3", f"--digits={digits}", seed.hex())
    when = (f"--time-step-size={step_s}s", f"--now=@{step * step_s}")
    by_time = _oathtool(f"--totp={hash_name}", *when, *common)
    assert by_time == hotp_codes(seed, range(step, step + 4), digits, hash_name)
    by_counter = _oathtool("--hotp", f"--counter={step}", *common)
    assert by_counter == hotp_codes(seed, range(step, step + 4), digits, "sha1")


def _oathtool(*arguments: str) -> list[str]:
    done = subprocess.run(["oathtool", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.split()


@given(key=st.binary(max_size=100), data=st.binary(max_size=100))
def test_sm3_providers_agree(key: bytes, data: bytes) -> None:
    working = [each for each in kernel.SM3_PROVIDERS if kernel._is_right(each)]
    assert len({each.digest(data) for each in working}) == 1
    assert len({each.mac(key, data) for each in working}) == 1


def test_sm3_of_cryptography_is_right() -> None:
    assert kernel.choose_sm3(kernel.SM3_PROVIDERS[1:]).name == "cryptography"


def test_sm3_choice_passes_over_what_is_missing_or_wrong() -> None:
    def missing(*_: bytes) -> bytes:
        raise ValueError("unsupported hash type sm3")

    absent = kernel.Sm3Provider("absent", missing, missing)
    wrong = kernel.Sm3Provider("wrong", lambda data: data, lambda key, data: key + data)
    good = kernel.SM3_PROVIDERS[1]
    assert kernel.choose_sm3([absent, wrong, good]) is good
    with pytest.raises(RuntimeError, match="SM3"):
        kernel.choose_sm3([absent, wrong])


def test_hotp_over_sm3() -> None:
    mac = kernel.SM3_PROVIDERS[1].mac(SEED_32, (5).to_bytes(8))
    offset = mac[-1] & 15
    value = int.from_bytes(mac[offset : offset + 4]) & 0x7FFFFFFF
    assert hotp(SEED_32, 5, 8, "sm3") == f"{value % 10**8:08d}"


@given(seed=seeds, factor=factors, digits=digits)
def test_every_code_has_its_length(seed: bytes, factor: int, digits: int) -> None:
    for code in (
        hotp(seed, factor, digits),
        gm_sm3(seed, factor, None, None, digits),
        gm_sm4(seed, factor, None, None, digits),
    ):
        assert len(code) == digits
        assert code.isascii()
        assert code.isdigit()
