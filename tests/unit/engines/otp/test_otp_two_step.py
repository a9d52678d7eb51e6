"""Seeds in two halves: the derivation, the code as it is typed, the URI."""

from __future__ import annotations

import hmac

import pyotp
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from tigertally_client.mobile import NotTwoStep, _hkdf, seed_of
from tigertally_engines.otp import two_step
from tigertally_engines.otp.parameters import OtpParameters

TOTP = OtpParameters().validated()
HALF = bytes(range(32))
CODES = st.binary(min_size=10, max_size=10).map(two_step.draw_code)


def test_the_derivation_is_that_of_rfc_5869():
    """Its appendix A.1, by both implementations."""
    key, salt = bytes([0x0B] * 22), bytes(range(13))
    info = bytes(range(0xF0, 0xFA))
    expected = bytes.fromhex(
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )
    assert _hkdf(salt, key, info, 42) == expected
    assert HKDF(hashes.SHA256(), 42, salt=salt, info=info).derive(key) == expected


@pytest.mark.parametrize(
    ("changes", "length"),
    [({}, 20), ({"hash": "sha256"}, 32), ({"hash": "sha512"}, 64), ({"algorithm": "hotp"}, 20)],
)
def test_server_and_app_make_the_same_seed(changes, length):
    parameters = TOTP.merge(changes)
    code = two_step.draw_code(bytes(10))
    seed = two_step.combined_seed(parameters, HALF, code, "S/1:2 %")
    uri = two_step.uri(parameters, HALF, "S/1:2 %", "bank")
    assert len(seed) == length
    assert seed_of(uri, code) == seed
    assert uri.startswith(f"otpauth://{'hotp' if 'algorithm' in changes else 'totp'}/bank:S%2F1")


def test_each_half_and_the_serial_matter():
    code = two_step.draw_code(bytes(range(10)))
    other = two_step.draw_code(bytes(range(1, 11)))
    seeds = {
        two_step.combined_seed(TOTP, HALF, code, "S1"),
        two_step.combined_seed(TOTP, HALF[::-1], code, "S1"),
        two_step.combined_seed(TOTP, HALF, other, "S1"),
        two_step.combined_seed(TOTP, HALF, code, "S2"),
        HALF[:20],
        hmac.digest(HALF, code.encode(), "sha1"),
    }
    assert len(seeds) == 6


def test_ordinary_programs_can_read_the_uri():
    parsed = pyotp.parse_uri(two_step.uri(TOTP.merge({"digits": 8}), HALF, "S1", "0001"))
    assert isinstance(parsed, pyotp.TOTP)
    assert (parsed.digits, parsed.interval, parsed.issuer) == (8, 30, "0001")
    assert parsed.byte_secret() == HALF


@given(CODES)
def test_a_code_is_read_as_it_is_typed(code):
    assert len(code) == 16
    dashed = "-".join(code[i : i + 4] for i in range(0, 16, 4))
    for typed in (code, code.lower(), dashed, f" {dashed} ", code.replace("O", "0")):
        assert two_step.typed_code(typed) == code


@given(CODES, st.integers(0, 15), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_one_wrong_character_is_found(code, place, letter):
    wrong = code[:place] + letter + code[place + 1 :]
    assert (two_step.typed_code(wrong) == "") == (wrong != code)


@given(st.text(max_size=40))
def test_anything_may_be_typed(text):
    assert two_step.typed_code(text) in ("", "".join(text.split()).replace("-", "").upper()) or any(
        digit in text for digit in "018"
    )


def test_the_digest_holds_for_this_code_only():
    def peppered(key_id, octets):
        return hmac.digest(b"pepper" + bytes([key_id]), octets, "sha256")

    code = two_step.draw_code(bytes(range(10)))
    kept = two_step.with_code(peppered, 3, b"salt", HALF, code)
    assert two_step.is_right(peppered, kept, code)
    assert not two_step.is_right(peppered, kept, two_step.draw_code(bytes(10)))
    assert not two_step.is_right(peppered, kept, "")
    assert not two_step.is_right(peppered, two_step.Activation(HALF), code)
    assert not two_step.is_right(peppered, two_step.Activation(HALF), "")
    assert "secret" in repr(kept)


@pytest.mark.parametrize("algorithm", ["gm-sm3", "gm-sm4", "card-list", "card-matrix"])
def test_forms_that_no_app_knows(algorithm):
    assert not two_step.has_uri(TOTP.merge({"algorithm": algorithm}))
    assert two_step.has_uri(TOTP)


def test_another_uri_is_refused():
    with pytest.raises(NotTwoStep):
        seed_of("otpauth://totp/a:b?secret=ABCD", "X")
