"""What a stranger makes of docs/PROTOCOL.md: the golden frames checked with nothing of ours.

Suite 1, from the page alone: offsets, key derivation, MACs, key wrap, check values, GCM seals.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

FILE = Path(__file__).parents[2] / "vectors" / "golden_frames.json"
TALKS = [talk for talk in json.loads(FILE.read_text("utf-8")) if talk["suite"] == 1]


def derive(key: bytes, label: bytes, context: bytes) -> bytes:
    fixed = label + b"\0" + context + struct.pack(">I", 256)
    return hmac.new(key, struct.pack(">I", 1) + fixed, hashlib.sha256).digest()


def mac_is_good(key: bytes, frame: bytes) -> bool:
    return hmac.new(key, frame[:-16], hashlib.sha256).digest()[:16] == frame[-16:]


def slots(body: bytes, start: int, kek: bytes) -> list[bytes]:
    """Four slots of 44 bytes: wrapped 40, length 1, check value 3."""
    keys = []
    for index in range(4):
        slot = body[start + 44 * index :][:44]
        length = slot[40]
        if not length:
            assert slot == bytes(44)
            keys.append(b"")
            continue
        assert slot[8 + length : 40] == bytes(32 - length)
        key = aes_key_unwrap(kek, slot[: 8 + length])
        if index < 2:
            label = b"tigertally check value"
            assert hmac.new(key, label, hashlib.sha256).digest()[:3] == slot[41:]
        keys.append(key)
    return keys


@pytest.mark.parametrize("talk", TALKS, ids=lambda t: f"cipher-{t['field_cipher']}")
def test_a_conversation(talk):
    frames = [(frame["type"], bytes.fromhex(frame["hex"])) for frame in talk["frames"]]
    for _, frame in frames:
        assert frame[:4] == b"TT\x01\x40"
        assert struct.unpack_from(">I", frame, 4)[0] == len(frame)
    greeting, sign_on, welcome = (frame for _, frame in frames[:3])
    assert greeting[-16:] == bytes(16)
    server_nonce, client_nonce, session = greeting[64:80], sign_on[64:80], greeting[44:52]
    assert sign_on[80:96] == server_nonce
    assert welcome[96:112] == client_nonce

    master, channel = bytes.fromhex(talk["master_key"]), struct.pack(">I", 7)
    context = channel + server_nonce + session
    assert mac_is_good(derive(master, b"tigertally sign-on request", context), sign_on)
    assert mac_is_good(derive(master, b"tigertally sign-on response", context), welcome)

    context = channel + client_nonce + server_nonce + session
    kek = derive(master, b"tigertally wrap", context + b"\0\1")
    keys = {1: slots(welcome[64:-16], 60, kek)}
    for (kind, frame), recorded in zip(frames[3:], talk["frames"][3:], strict=True):
        generation = struct.unpack_from(">H", frame, 40)[0]
        request, response, field_request, _ = keys[generation]
        from_client = frame[10] == 1
        assert mac_is_good(request if from_client else response, frame), kind
        if kind == "KEY_CHANGE response 1":
            kek = derive(master, b"tigertally wrap", context + b"\0\2")
            keys[2] = slots(frame[64:-16], 40, kek)
        if kind == "VERIFY_OTP request 1":
            block, trailer = frame[204:220], frame[220:252]
            if talk["field_cipher"]:
                assert frame[11] == 1
                nonce = b"\1\0\0\0" + frame[52:60]
                block = AESGCM(field_request).decrypt(nonce, block + trailer[:16], frame[:64])
                assert trailer[16:] == bytes(16)
            else:
                assert (frame[11], trailer) == (0, bytes(32))
            assert block == recorded["message"]["otp"].encode().ljust(10) + bytes(6)
    assert sorted(keys) == [1, 2]
