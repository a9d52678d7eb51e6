"""From the channel master key to working keys: derivation, wrapping, check values.

Derivation is NIST SP 800-108 in counter mode over HMAC with the suite's hash: everything derived is
bound to the channel, the nonces and the session, so no key of one connection is worth anything on
another. Working keys themselves are random (the shell draws them) and travel wrapped: AES-KW (RFC
3394), the same construction over SM4, or two-key 3DES-ECB for old front-ends.

Knows no frames, draws nothing. Key bytes never stand in a repr or an error.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.hmac import HMAC

from tigertally_protocol.blocks import bare, two_key_3des
from tigertally_protocol.errors import BadKey
from tigertally_protocol.mac import MacKey
from tigertally_protocol.suites import (
    FIELD_CIPHERS,
    BlockCipher,
    FieldCipher,
    KdfHash,
    KeyWrap,
    MacAlgorithm,
    Suite,
)

LABEL_REQUEST: Final = b"tigertally sign-on request"
LABEL_RESPONSE: Final = b"tigertally sign-on response"
LABEL_WRAP: Final = b"tigertally wrap"
LABEL_CHECK: Final = b"tigertally check value"
CHECK_BYTES: Final = 3

_HASHES: Final[dict[KdfHash, Callable[[], hashes.HashAlgorithm]]] = {
    KdfHash.SHA256: hashes.SHA256,
    KdfHash.SM3: hashes.SM3,
}
_KW_IV: Final = 0xA6A6A6A6A6A6A6A6  # RFC 3394 §2.2.3.1
_KW_ROUNDS: Final = 6


def _hmac(hash_: KdfHash, key: bytes, data: bytes) -> bytes:
    context = HMAC(key, _HASHES[hash_]())
    context.update(data)
    return context.finalize()


def kdf(hash_: KdfHash, key: bytes, label: bytes, context: bytes, length: int) -> bytes:
    """`length` bytes by SP 800-108r1 §4.1: blocks HMAC(key, i ‖ label ‖ 0 ‖ context ‖ bits)."""
    fixed = label + b"\0" + context + struct.pack(">I", 8 * length)
    out, counter = b"", 0
    while len(out) < length:
        counter += 1
        out += _hmac(hash_, key, struct.pack(">I", counter) + fixed)
    return out[:length]


def check_master_key(suite: Suite, master_key: bytes) -> None:
    """Raises `BadKey` if `master_key` is no channel master key for `suite`."""
    if len(master_key) != suite.master_key_bytes:
        raise BadKey(f"the channel master key of this suite has {suite.master_key_bytes} bytes")
    if suite.wrap is KeyWrap.TDES_ECB:
        two_key_3des(master_key)


def sign_on_keys(
    suite: Suite, master_key: bytes, channel_id: int, server_nonce: bytes, session_id: int
) -> tuple[MacKey, MacKey]:
    """The MAC keys of the sign-on request and of its response."""
    check_master_key(suite, master_key)
    context = struct.pack(">I", channel_id) + server_nonce + struct.pack(">Q", session_id)
    request, response = (
        MacKey(suite.mac, kdf(suite.kdf, master_key, label, context, suite.mac_key_bytes))
        for label in (LABEL_REQUEST, LABEL_RESPONSE)
    )
    return request, response


def kek(
    suite: Suite,
    master_key: bytes,
    channel_id: int,
    client_nonce: bytes,
    server_nonce: bytes,
    session_id: int,
    generation: int,
) -> bytes:
    """The key that wraps the working keys of one generation of one session."""
    context = (
        struct.pack(">I", channel_id)
        + client_nonce
        + server_nonce
        + struct.pack(">QH", session_id, generation)
    )
    return kdf(suite.kdf, master_key, LABEL_WRAP, context, suite.kek_bytes)


# ---------------------------------------------------------------- wrapping


def _kw_cipher(wrap: KeyWrap, key: bytes) -> Cipher[modes.ECB]:
    return bare(AES(key) if wrap is KeyWrap.AES_KW else SM4(key))


def _kw_wrap(wrap: KeyWrap, key: bytes, plain: bytes) -> bytes:
    """RFC 3394 §2.2.1, over any 128-bit block cipher."""
    encrypt = _kw_cipher(wrap, key).encryptor().update
    a, blocks = _KW_IV, [plain[i : i + 8] for i in range(0, len(plain), 8)]
    for step in range(_KW_ROUNDS * len(blocks)):
        index = step % len(blocks)
        sealed = encrypt(a.to_bytes(8, "big") + blocks[index])
        a = int.from_bytes(sealed[:8], "big") ^ (step + 1)
        blocks[index] = sealed[8:]
    return a.to_bytes(8, "big") + b"".join(blocks)


def _kw_unwrap(wrap: KeyWrap, key: bytes, wrapped: bytes) -> bytes:
    """RFC 3394 §2.2.2; raises `BadKey` if the integrity check fails."""
    decrypt = _kw_cipher(wrap, key).decryptor().update
    a = int.from_bytes(wrapped[:8], "big")
    blocks = [wrapped[i : i + 8] for i in range(8, len(wrapped), 8)]
    for step in reversed(range(_KW_ROUNDS * len(blocks))):
        index = step % len(blocks)
        opened = decrypt((a ^ (step + 1)).to_bytes(8, "big") + blocks[index])
        a = int.from_bytes(opened[:8], "big")
        blocks[index] = opened[8:]
    if not compare_digest(a.to_bytes(8, "big"), _KW_IV.to_bytes(8, "big")):
        raise BadKey("a wrapped key does not open")
    return b"".join(blocks)


def wrap_key(wrap: KeyWrap, key: bytes, plain: bytes) -> bytes:
    """`plain` wrapped under `key`: 8 bytes longer, or as long for 3DES.

    Raises:
        BadKey: `plain` has a length that this wrap does not carry.
    """
    if wrap is KeyWrap.TDES_ECB:
        if len(plain) != 16:
            raise BadKey("the 3DES wrap carries 16-byte keys only")
        return bare(two_key_3des(key)).encryptor().update(plain)
    if len(plain) not in {16, 32}:
        raise BadKey("a working key has 16 or 32 bytes")
    return _kw_wrap(wrap, key, plain)


def wrapped_length(wrap: KeyWrap, length: int) -> int:
    """How long a key of `length` bytes is when wrapped."""
    return length if wrap is KeyWrap.TDES_ECB else length + 8


def unwrap_key(wrap: KeyWrap, key: bytes, wrapped: bytes) -> bytes:
    """The inverse of `wrap_key`; 3DES has no integrity of its own, so check values must follow.

    Raises:
        BadKey: wrong length or, except for 3DES, not wrapped under `key`.
    """
    if wrap is KeyWrap.TDES_ECB:
        if len(wrapped) != 16:
            raise BadKey("the 3DES wrap carries 16-byte keys only")
        return bare(two_key_3des(key)).decryptor().update(wrapped)
    if len(wrapped) not in {24, 40}:
        raise BadKey("a working key has 16 or 32 bytes")
    return _kw_unwrap(wrap, key, wrapped)


# ---------------------------------------------------------------- check values


def check_value(algorithm: MacAlgorithm | BlockCipher, key: bytes) -> bytes:
    """Three bytes by which two parties see that they hold the same key.

    3DES: E_k(0). AES and SM4: CMAC over 16 zero bytes. HMAC keys: HMAC over a label.
    """
    match algorithm:
        case MacAlgorithm.X9_19:
            whole = bare(two_key_3des(key)).encryptor().update(bytes(8))
        case MacAlgorithm.HMAC_SHA256:
            whole = _hmac(KdfHash.SHA256, key, LABEL_CHECK)
        case MacAlgorithm.HMAC_SM3:
            whole = _hmac(KdfHash.SM3, key, LABEL_CHECK)
        case MacAlgorithm.AES_CMAC | BlockCipher.AES:
            whole = _cmac_zeros(AES(key))
        case MacAlgorithm.SM4_CMAC | BlockCipher.SM4:
            whole = _cmac_zeros(SM4(key))
    return whole[:CHECK_BYTES]


def _cmac_zeros(cipher: AES | SM4) -> bytes:
    context = CMAC(cipher)
    context.update(bytes(16))
    return context.finalize()


def master_key_check_value(suite: Suite, master_key: bytes) -> bytes:
    """Three bytes for people who carry a channel master key: as for HMAC keys, or 3DES in suite 5.

    Raises:
        BadKey: not a master key for this suite.
    """
    check_master_key(suite, master_key)
    if suite.wrap is KeyWrap.TDES_ECB:
        return check_value(MacAlgorithm.X9_19, master_key)
    return _hmac(suite.kdf, master_key, LABEL_CHECK)[:CHECK_BYTES]


# ---------------------------------------------------------------- working keys


@dataclass(frozen=True, slots=True)
class WorkingKeys:
    """One generation of a session's keys; field keys empty when the channel seals nothing."""

    mac_request: bytes = field(repr=False)
    mac_response: bytes = field(repr=False)
    field_request: bytes = field(default=b"", repr=False)
    field_response: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class KeySlot:
    """One working key as it travels: wrapped and zero-padded to 40 bytes, length, check value."""

    wrapped: bytes
    length: int
    check: bytes


SLOTS: Final = ("mac_request", "mac_response", "field_request", "field_response")
SLOT_BYTES: Final = 40
_EMPTY_SLOT: Final = KeySlot(bytes(SLOT_BYTES), 0, bytes(CHECK_BYTES))


def _uses(
    suite: Suite, cipher: FieldCipher
) -> tuple[tuple[MacAlgorithm | BlockCipher | None, int], ...]:
    """Algorithm and key length of each slot, in order."""
    mac = (suite.mac, suite.mac_key_bytes)
    sealing = (cipher.cipher, cipher.key_bytes)
    return (mac, mac, sealing, sealing)


def working_key_bytes(suite: Suite, field_cipher: int) -> int:
    """How many random bytes `split_working_keys` needs."""
    return sum(length for _, length in _uses(suite, FIELD_CIPHERS[field_cipher]))


def split_working_keys(suite: Suite, field_cipher: int, material: bytes) -> WorkingKeys:
    """Working keys out of `working_key_bytes()` random bytes.

    Raises:
        BadKey: wrong amount, or (once in 2^55) equal halves of a 3DES key: draw again.
    """
    if len(material) != working_key_bytes(suite, field_cipher):
        raise BadKey("wrong amount of key material")
    keys, start = [], 0
    for _, length in _uses(suite, FIELD_CIPHERS[field_cipher]):
        keys.append(material[start : start + length])
        start += length
    working = WorkingKeys(*keys)
    check_working_keys(suite, field_cipher, working)
    return working


def check_working_keys(suite: Suite, field_cipher: int, working: WorkingKeys) -> None:
    """Raises `BadKey` unless each key has its length and none serves both directions."""
    for name, (_, length) in zip(SLOTS, _uses(suite, FIELD_CIPHERS[field_cipher]), strict=True):
        if len(getattr(working, name)) != length:
            raise BadKey(f"{name} has the wrong length")
    if suite.mac is MacAlgorithm.X9_19:
        two_key_3des(working.mac_request)
        two_key_3des(working.mac_response)
    if compare_digest(working.mac_request, working.mac_response) or (
        working.field_request and compare_digest(working.field_request, working.field_response)
    ):
        raise BadKey("a working key would serve both directions")


def wrap_working_keys(
    suite: Suite, field_cipher: int, working: WorkingKeys, kek_: bytes
) -> dict[str, bytes | int]:
    """The twelve slot fields of a sign-on or key-change response, by name."""
    slots: dict[str, bytes | int] = {}
    for name, (algorithm, _) in zip(SLOTS, _uses(suite, FIELD_CIPHERS[field_cipher]), strict=True):
        slot = _EMPTY_SLOT
        if algorithm is not None:
            key: bytes = getattr(working, name)
            wrapped = wrap_key(suite.wrap, kek_, key).ljust(SLOT_BYTES, b"\0")
            slot = KeySlot(wrapped, len(key), check_value(algorithm, key))
        slots |= {
            f"{name}_wrapped": slot.wrapped,
            f"{name}_length": slot.length,
            f"{name}_check": slot.check,
        }
    return slots


def unwrap_working_keys(
    suite: Suite, field_cipher: int, message: object, kek_: bytes
) -> WorkingKeys:
    """The working keys in a `SignOnResponse` or `KeyChangeResponse`.

    Raises:
        BadKey: a slot has another length than the suite's, does not open, or its check value is
        wrong.
    """
    keys = []
    for name, (algorithm, length) in zip(
        SLOTS, _uses(suite, FIELD_CIPHERS[field_cipher]), strict=True
    ):
        slot = KeySlot(
            getattr(message, f"{name}_wrapped"),
            getattr(message, f"{name}_length"),
            getattr(message, f"{name}_check"),
        )
        keys.append(_unwrap_slot(suite, name, algorithm, length, slot, kek_))
    working = WorkingKeys(*keys)
    check_working_keys(suite, field_cipher, working)
    return working


def _unwrap_slot(
    suite: Suite,
    name: str,
    algorithm: MacAlgorithm | BlockCipher | None,
    length: int,
    slot: KeySlot,
    kek_: bytes,
) -> bytes:
    if algorithm is None:
        if slot != _EMPTY_SLOT:
            raise BadKey(f"{name} must be empty")
        return b""
    used = wrapped_length(suite.wrap, length)
    if slot.length != length or any(slot.wrapped[used:]):
        raise BadKey(f"{name} has the wrong length")
    key = unwrap_key(suite.wrap, kek_, slot.wrapped[:used])
    if not compare_digest(check_value(algorithm, key), slot.check):
        raise BadKey(f"{name} has the wrong check value")
    return key
