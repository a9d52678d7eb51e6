"""MACs and seals, against published vectors and straight implementations."""

from __future__ import annotations

import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from tigertally_protocol.errors import BadKey, SealError
from tigertally_protocol.mac import MacKey, RetailMac
from tigertally_protocol.seal import FieldKey
from tigertally_protocol.suites import FIELD_CIPHERS, FieldCipherId, MacAlgorithm
from tigertally_protocol.transactions import Direction
from tigertally_testing.wire import stream

VECTORS = Path(__file__).parents[2] / "vectors"
KEY_BYTES = {MacAlgorithm.HMAC_SHA256: 32, MacAlgorithm.HMAC_SM3: 32}
SEALING = [cipher for cipher in FieldCipherId if cipher is not FieldCipherId.NONE]


def mac_key(algorithm: MacAlgorithm) -> MacKey:
    return MacKey(algorithm, stream(f"mac {algorithm}", KEY_BYTES.get(algorithm, 16)))


def test_retail_mac_vectors():
    """One object for all messages: nothing of one message may reach the next."""
    case = json.loads((VECTORS / "x919_retail_mac.json").read_text())
    key = RetailMac(bytes.fromhex(case["k1"] + case["k2"]))
    tests = [t for t in case["tests"] if t["pad"] == 1]
    assert len(tests) > 3
    for _ in range(2):
        for test in [*tests, *reversed(tests)]:
            assert key.compute(bytes.fromhex(test["msg"])).hex() == test["mac"]


def test_retail_mac_in_a_frame():
    case = json.loads((VECTORS / "x919_retail_mac.json").read_text())
    key = MacKey(MacAlgorithm.X9_19, bytes.fromhex(case["k1"] + case["k2"]))
    test = next(t for t in case["tests"] if t["pad"] == 1)
    message, mac = bytes.fromhex(test["msg"]), bytes.fromhex(test["mac"])
    assert key.tag(message) == mac + bytes(8)
    assert key.verify(message, mac + bytes(8))
    assert not key.verify(message, mac + bytes(7) + b"\1"), "the zeros count"


def test_sm4_cmac_vectors():
    case = json.loads((VECTORS / "sm4_cmac.json").read_text())
    key = MacKey(MacAlgorithm.SM4_CMAC, bytes.fromhex(case["key"]))
    for test in case["tests"]:
        assert key.tag(bytes.fromhex(test["msg"])).hex() == test["tag"]


def test_hmacs_are_cut_to_their_left_half():
    secret = stream("mac hmac-sha256", 32)
    ours = MacKey(MacAlgorithm.HMAC_SHA256, secret).tag(b"message")
    assert ours == hmac.digest(secret, b"message", "sha256")[:16]
    sm3 = MacKey(MacAlgorithm.HMAC_SM3, secret).tag(b"message")
    assert sm3 == hmac.new(secret, b"message", "sm3").digest()[:16]


def test_aes_cmac():
    secret = stream("x", 16)
    oracle = CMAC(AES(secret))
    oracle.update(b"message")
    assert MacKey(MacAlgorithm.AES_CMAC, secret).tag(b"message") == oracle.finalize()


@pytest.mark.parametrize("algorithm", list(MacAlgorithm))
def test_macs(algorithm):
    key = mac_key(algorithm)
    for length in (1, 7, 8, 9, 16, 80, 333):
        data = stream("data", length)
        tag = key.tag(data)
        assert len(tag) == 16
        assert key.tag(data) == tag
        assert key.verify(data, tag)
        for index in range(16):
            bad = bytearray(tag)
            bad[index] ^= 0x80
            assert not key.verify(data, bytes(bad))
        assert not key.verify(data + b"x", tag)
        assert not key.verify(data, tag[:-1])
        assert not key.verify(data, b"")
    with pytest.raises(BadKey):
        MacKey(algorithm, bytes(15))
    assert "0x" in repr(key), "the plain object repr, nothing of the key"


@pytest.mark.parametrize("cipher", SEALING)
@pytest.mark.parametrize("width", [16, 32, 96])
def test_seals(cipher, width):
    secret = stream("seal", FIELD_CIPHERS[cipher].key_bytes)
    ours, theirs = FieldKey(cipher, secret), FieldKey(cipher, secret)
    block, header = stream("block", width), stream("header", 64)
    sealed, trailer = ours.seal(block, header, Direction.REQUEST, 5)
    assert (len(sealed), len(trailer)) == (width, 32)
    assert sealed != block
    assert theirs.open(sealed, trailer, header, Direction.REQUEST, 5) == block
    again, _ = ours.seal(block, header, Direction.REQUEST, 6)
    back, _ = ours.seal(block, header, Direction.RESPONSE, 5)
    assert len({sealed, again, back}) == 3

    other = FieldKey(cipher, stream("other", FIELD_CIPHERS[cipher].key_bytes))
    wrong: list[tuple[Any, ...]] = [
        (theirs, sealed, trailer, header, Direction.RESPONSE, 5),
        (theirs, sealed, trailer, header, Direction.REQUEST, 6),
        (theirs, sealed, trailer[:-1] + b"\1", header, Direction.REQUEST, 5),
        (theirs, sealed, bytes([trailer[0] ^ 1]) + trailer[1:], header, Direction.REQUEST, 5),
        (other, sealed, trailer, header, Direction.REQUEST, 5),
    ]
    if FIELD_CIPHERS[cipher].mode == "gcm":  # with CBC the frame's MAC does this
        wrong += [
            (theirs, bytes([sealed[0] ^ 1]) + sealed[1:], trailer, header, Direction.REQUEST, 5),
            (theirs, sealed, trailer, header[:-1] + b"\0", Direction.REQUEST, 5),
        ]
    for key, *arguments in wrong:
        with pytest.raises(SealError):
            key.open(*arguments)


def test_gcm_by_the_book():
    secret, header = stream("seal", 16), stream("header", 64)
    sealed, trailer = FieldKey(1, secret).seal(bytes(16), header, Direction.RESPONSE, 0x0102)
    nonce = bytes.fromhex("02 000000 0000000000000102")
    assert AESGCM(secret).encrypt(nonce, bytes(16), header) == sealed + trailer[:16]


def test_field_keys_refused():
    with pytest.raises(BadKey):
        FieldKey(FieldCipherId.NONE, b"")
    with pytest.raises(BadKey):
        FieldKey(FieldCipherId.AES_128_GCM, bytes(32))
