"""Key derivation, wrapping, check values: against other implementations and published vectors."""

from __future__ import annotations

import hmac
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode

from tigertally_protocol.blocks import bare, two_key_3des
from tigertally_protocol.errors import BadKey
from tigertally_protocol.keys import (
    LABEL_CHECK,
    SLOTS,
    WorkingKeys,
    check_value,
    check_working_keys,
    kdf,
    kek,
    master_key_check_value,
    sign_on_keys,
    split_working_keys,
    unwrap_key,
    unwrap_working_keys,
    working_key_bytes,
    wrap_key,
    wrap_working_keys,
)
from tigertally_protocol.messages.session import KeyChangeResponse
from tigertally_protocol.suites import (
    ALLOWED_PAIRS,
    SUITES,
    BlockCipher,
    FieldCipherId,
    KdfHash,
    KeyWrap,
    MacAlgorithm,
    SuiteId,
    is_allowed,
)
from tigertally_testing.wire import ALL_SETUPS, stream

VECTORS = Path(__file__).parents[2] / "vectors"
K16, K32 = stream("k16", 16), stream("k32", 32)


@pytest.mark.parametrize(
    ("hash_", "other"), [(KdfHash.SHA256, hashes.SHA256()), (KdfHash.SM3, hashes.SM3())]
)
@pytest.mark.parametrize("length", [16, 32, 40, 64, 100])
def test_kdf_is_sp800_108_counter_mode(hash_, other, length):
    oracle = KBKDFHMAC(
        algorithm=other,
        mode=Mode.CounterMode,
        length=length,
        rlen=4,
        llen=4,
        location=CounterLocation.BeforeFixed,
        label=b"tigertally wrap",
        context=b"context",
        fixed=None,
    )
    assert kdf(hash_, K32, b"tigertally wrap", b"context", length) == oracle.derive(K32)


@pytest.mark.parametrize("plain", [K16, K32])
def test_aes_key_wrap_is_rfc_3394(plain):
    ours = wrap_key(KeyWrap.AES_KW, K32, plain)
    assert ours == keywrap.aes_key_wrap(K32, plain)
    assert unwrap_key(KeyWrap.AES_KW, K32, ours) == plain


def test_aes_key_wrap_published_sample():
    """RFC 3394 §4.6: 256 bits of key data with a 256-bit KEK."""
    key = bytes.fromhex("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F")
    plain = bytes.fromhex("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F")
    sealed = "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"
    assert wrap_key(KeyWrap.AES_KW, key, plain).hex().upper() == sealed


def test_sm4_itself():
    for case in json.loads((VECTORS / "sm3_sm4_basic.json").read_text())["sm4_ecb"]:
        if case.get("iterations", 1) == 1:
            block = bare(SM4(bytes.fromhex(case["key"]))).encryptor().update
            assert block(bytes.fromhex(case["pt"])).hex() == case["ct"]


def test_sm3_itself():
    for case in json.loads((VECTORS / "sm3_sm4_basic.json").read_text())["sm3"]:
        digest = hashes.Hash(hashes.SM3())
        digest.update(case["msg_ascii"].encode())
        assert digest.finalize().hex() == case["digest"]


@pytest.mark.parametrize("wrap", list(KeyWrap))
@pytest.mark.parametrize("plain", [K16, K32])
def test_wrapping(wrap, plain):
    key = K32 if wrap is KeyWrap.AES_KW else K16
    if wrap is KeyWrap.TDES_ECB and plain is K32:
        with pytest.raises(BadKey, match="16-byte"):
            wrap_key(wrap, key, plain)
        return
    wrapped = wrap_key(wrap, key, plain)
    assert unwrap_key(wrap, key, wrapped) == plain
    if wrap is KeyWrap.TDES_ECB:
        return  # no integrity: check values find it
    for index in range(len(wrapped)):
        bad = bytearray(wrapped)
        bad[index] ^= 1
        with pytest.raises(BadKey, match="does not open"):
            unwrap_key(wrap, key, bytes(bad))


@pytest.mark.parametrize("wrap", list(KeyWrap))
def test_wrong_lengths(wrap):
    key = K32 if wrap is KeyWrap.AES_KW else K16
    for length in (0, 8, 17, 33, 64):
        with pytest.raises(BadKey):
            wrap_key(wrap, key, bytes(length))
        with pytest.raises(BadKey):
            unwrap_key(wrap, key, bytes(length))


def test_old_front_ends_working_keys():
    """The worked example of a POS sign-on: keys under the terminal's master key, check values."""
    case = json.loads((VECTORS / "working_key_signon.json").read_text())
    tmk, pik = bytes.fromhex(case["tmk"]), bytes.fromhex(case["pik"])
    assert wrap_key(KeyWrap.TDES_ECB, tmk, pik).hex().upper() == case["pik_enc"]
    assert unwrap_key(KeyWrap.TDES_ECB, tmk, bytes.fromhex(case["pik_enc"])) == pik
    assert check_value(MacAlgorithm.X9_19, pik).hex().upper() == case["pik_kcv"][:6]
    single = bytes.fromhex(case["mak"])
    block = bare(two_key_3des(tmk)).encryptor().update
    assert block(single).hex().upper() == case["mak_enc"]


def test_check_values():
    assert check_value(BlockCipher.AES, K16) == check_value(MacAlgorithm.AES_CMAC, K16)
    assert check_value(BlockCipher.SM4, K16) == check_value(MacAlgorithm.SM4_CMAC, K16)
    # CMAC over one whole block of zeros is E(K1), K1 = 2·E(0): by hand.
    e0 = int.from_bytes(bare(SM4(K16)).encryptor().update(bytes(16)), "big")
    k1 = (e0 << 1 & (1 << 128) - 1) ^ (0x87 if e0 >> 127 else 0)
    by_hand = bare(SM4(K16)).encryptor().update(k1.to_bytes(16, "big"))[:3]
    assert check_value(MacAlgorithm.SM4_CMAC, K16) == by_hand
    ours = check_value(MacAlgorithm.HMAC_SHA256, K32)
    assert ours == hmac.digest(K32, LABEL_CHECK, "sha256")[:3]
    assert len({check_value(a, K16) for a in (BlockCipher.AES, BlockCipher.SM4)}) == 2


def test_master_key_check_values():
    for suite in SUITES.values():
        key = stream("cmk", suite.master_key_bytes)
        assert len(master_key_check_value(suite, key)) == 3
        with pytest.raises(BadKey):
            master_key_check_value(suite, key + b"x")


def test_equal_halves_are_refused_parity_aside():
    half = bytes(range(1, 9))
    flipped = bytes(byte ^ 1 for byte in half)
    for key in (half + half, half + flipped):
        with pytest.raises(BadKey, match="halves"):
            two_key_3des(key)
        with pytest.raises(BadKey, match="halves"):
            master_key_check_value(SUITES[SuiteId.LEGACY], key)


def test_everything_derived_is_bound_to_the_session():
    suite, nonce = SUITES[SuiteId.INTL_HMAC], stream("nonce", 16)
    other = stream("other nonce", 16)
    base = (K32, 7, nonce, 9)
    variants = [
        base,
        (stream("cmk2", 32), 7, nonce, 9),
        (K32, 8, nonce, 9),
        (K32, 7, other, 9),
        (K32, 7, nonce, 10),
    ]
    tags = {key.tag(b"x") for v in variants for key in sign_on_keys(suite, *v)}
    assert len(tags) == 10, "request and response keys differ too"
    sessions = [
        (K32, 7, nonce, other, 9, 1),
        (K32, 8, nonce, other, 9, 1),
        (K32, 7, other, nonce, 9, 1),
        (K32, 7, nonce, nonce, 9, 1),
        (K32, 7, nonce, other, 8, 1),
        (K32, 7, nonce, other, 9, 2),
    ]
    keks = {kek(suite, *v) for v in sessions}
    assert len(keks) == 6


@pytest.mark.parametrize("setup", ALL_SETUPS, ids=lambda s: f"{s.suite.name}-{s.field_cipher.name}")
def test_working_keys_travel(setup):
    suite, wrapping = SUITES[setup.suite], stream("kek", SUITES[setup.suite].kek_bytes)
    working = setup.working_keys(1)
    slots: dict[str, Any] = {}
    slots |= wrap_working_keys(suite, setup.field_cipher, working, wrapping)
    message = KeyChangeResponse(**slots)
    assert unwrap_working_keys(suite, setup.field_cipher, message, wrapping) == working

    for slot in SLOTS:
        length = getattr(message, f"{slot}_length")
        changes = [
            {f"{slot}_length": length ^ 1},
            {f"{slot}_check": bytes(b ^ 1 for b in getattr(message, f"{slot}_check"))},
            {f"{slot}_wrapped": bytes([1]) + getattr(message, f"{slot}_wrapped")[1:]},
            {f"{slot}_wrapped": getattr(message, f"{slot}_wrapped")[:-1] + b"\x01"},
        ]
        for change in changes:
            with pytest.raises(BadKey, match=slot + "|does not open"):
                unwrap_working_keys(
                    suite, setup.field_cipher, msgspec.structs.replace(message, **change), wrapping
                )
    wrong = stream("kek2", suite.kek_bytes)
    with pytest.raises(BadKey):
        unwrap_working_keys(suite, setup.field_cipher, message, wrong)


def test_unfit_working_keys():
    suite = SUITES[SuiteId.INTL_HMAC]
    assert working_key_bytes(suite, FieldCipherId.AES_256_GCM) == 128
    with pytest.raises(BadKey, match="amount"):
        split_working_keys(suite, FieldCipherId.NONE, bytes(63))
    with pytest.raises(BadKey, match="both directions"):
        check_working_keys(suite, FieldCipherId.NONE, WorkingKeys(K32, K32))
    with pytest.raises(BadKey, match="field_request"):
        check_working_keys(suite, FieldCipherId.AES_128_GCM, WorkingKeys(K32, bytes(32), K32, K16))
    with pytest.raises(BadKey, match="both directions"):
        check_working_keys(suite, FieldCipherId.AES_128_GCM, WorkingKeys(K32, bytes(32), K16, K16))
    with pytest.raises(BadKey, match="halves"):
        check_working_keys(SUITES[SuiteId.LEGACY], FieldCipherId.NONE, WorkingKeys(bytes(16), K16))
    assert "WorkingKeys()" in repr(WorkingKeys(K32, K16, K16, K32))


def test_suites_and_their_field_ciphers():
    expected = {1: {0, 1, 2}, 2: {0, 1, 2}, 3: {0, 3, 4}, 4: {0, 3, 4}, 5: {0, 1}}
    assert {(s, c) for s, cs in expected.items() for c in cs} == set(ALLOWED_PAIRS)
    assert not is_allowed(SuiteId.LEGACY, FieldCipherId.AES_256_GCM)
    assert not is_allowed(9, 0)
    for suite in SUITES.values():
        assert suite.mac_bytes == (8 if suite.mac is MacAlgorithm.X9_19 else 16)
