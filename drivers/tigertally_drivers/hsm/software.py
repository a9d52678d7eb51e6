"""The port without a device: keys in one sealed file, opened into memory by a PIN. For trials,
tests and small installations; everything a device promises but the hardware.

The file holds a salt and, under AES-256-GCM with a key derived from the PIN by scrypt, all keys. It
is replaced whole and never overwritten in place, mode 0600. A missing file is made with the first
key. Knows no table; computes in the caller's task, because each operation takes microseconds.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
import trio
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tigertally_drivers.errors import Rejected, Unavailable
from tigertally_drivers.gm.opening import SCALAR_ENTROPY_BYTES, open_sm2, scalar_of
from tigertally_drivers.hsm import check_values
from tigertally_drivers.hsm.pin import PinSource
from tigertally_drivers.hsm.port import (
    Abilities,
    DeviceState,
    DeviceStatus,
    DoesNotOpen,
    HsmStatus,
    KeyExists,
    KeyInfo,
    KeyKind,
    MacHash,
    NoSuchKey,
    NotAble,
    PinRefused,
)
from tigertally_drivers.keys.software import KeyStoreError, MasterKey, derive_master_key
from tigertally_drivers.ports import Entropy

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_SALT_BYTES: Final = 16
_FILE_AAD: Final = b"tigertally software hsm 1"
_SYMMETRIC: Final = frozenset({KeyKind.SEAL, KeyKind.ENCLOSE, KeyKind.HMAC_SHA256})
_HASHES: Final[dict[MacHash, hashes.HashAlgorithm]] = {
    MacHash.SHA1: hashes.SHA1(),  # noqa: S303 - HMAC, whose security doesn't rest on collisions
    MacHash.SHA256: hashes.SHA256(),
    MacHash.SHA512: hashes.SHA512(),
    MacHash.SM3: hashes.SM3(),
}


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    kind: KeyKind
    raw: bytes

    def __repr__(self) -> str:
        return f"<{self.kind}>"


_decode = msgspec.msgpack.Decoder(dict[str, _Kept]).decode


class SoftwareHsm:
    """See `port.Hsm`."""

    def __init__(self, path: Path, pin: PinSource, entropy: Entropy) -> None:
        self._path, self._pin, self._entropy = path, pin, entropy
        self._keys: dict[str, _Kept] = {}
        self._state, self._detail = DeviceState.STARTING, "not opened yet"
        self._salt = b""

    @property
    def abilities(self) -> Abilities:
        return Abilities(_kinds(), frozenset(_HASHES))

    def status(self) -> HsmStatus:
        device = DeviceStatus(str(self._path), self._state, self._detail)
        return HsmStatus("software", (device,))

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        await trio.to_thread.run_sync(self.open_file)
        task_status.started()
        await trio.sleep_forever()

    def open_file(self) -> None:
        """Opens the file; what is wrong is told by `status` and by every operation."""
        try:
            self._keys = self._read()
        except PinRefused as problem:
            self._state, self._detail = DeviceState.PIN_REFUSED, str(problem)
        except (Unavailable, Rejected) as problem:
            self._state, self._detail = DeviceState.DOWN, str(problem)
        else:
            self._state, self._detail = DeviceState.UP, f"{len(self._keys)} keys in a file"

    def _read(self) -> dict[str, _Kept]:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            self._salt = self._entropy.token_bytes(_SALT_BYTES)
            self._derived()
            return {}
        except OSError as problem:
            raise Unavailable(f"{self._path}: {problem.strerror}") from None
        self._salt, sealed = content[:_SALT_BYTES], content[_SALT_BYTES:]
        try:
            return _decode(self._derived().open(sealed, _FILE_AAD))
        except KeyStoreError:
            raise PinRefused(f"{self._path} does not open with this PIN") from None
        except msgspec.DecodeError:
            raise Unavailable(f"{self._path} is not a file of this program") from None

    def _derived(self) -> MasterKey:
        return derive_master_key(self._pin().reveal().decode("utf-8", "replace"), self._salt)

    def _write(self) -> None:
        content = self._salt + self._derived().seal(msgspec.msgpack.encode(self._keys), _FILE_AAD)
        unfinished = self._path.with_name(self._path.name + ".unfinished")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(unfinished, flags, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self._path)
        except OSError as problem:
            raise Unavailable(f"{self._path}: {problem.strerror}") from None

    async def check(self) -> None:
        await trio.lowlevel.checkpoint()
        self._need_open()

    def _need_open(self) -> None:
        if self._state is DeviceState.PIN_REFUSED:
            raise PinRefused(self._detail)
        if self._state is not DeviceState.UP:
            raise Unavailable(self._detail)

    def _key(self, label: str, *kinds: KeyKind) -> _Kept:
        self._need_open()
        kept = self._keys.get(label)
        if kept is None or kept.kind not in kinds:
            raise NoSuchKey(f"no key {label!r} for this")
        return kept

    async def random(self, count: int) -> bytes:
        await trio.lowlevel.checkpoint()
        self._need_open()
        return self._entropy.token_bytes(count)

    async def generate(self, label: str, kind: KeyKind) -> KeyInfo:
        if kind not in _kinds():
            raise NotAble(f"the software module makes no {kind} keys")
        return await self._store(label, _Kept(kind, _GENERATORS[kind](self._entropy)))

    async def import_key(self, label: str, kind: KeyKind, key: bytes) -> KeyInfo:
        if kind not in _SYMMETRIC:
            raise NotAble(f"{kind} keys are not imported")
        if len(key) != KEY_BYTES:
            raise Rejected(f"a key has {KEY_BYTES} bytes")
        return await self._store(label, _Kept(kind, key))

    async def _store(self, label: str, kept: _Kept) -> KeyInfo:
        await trio.lowlevel.checkpoint()
        self._need_open()
        if label in self._keys:
            raise KeyExists(f"there is a key {label!r}; a key is never overwritten")
        self._keys[label] = kept
        try:
            self._write()
        except Unavailable:
            del self._keys[label]
            raise
        return _info(label, kept)

    async def find(self, label: str) -> KeyInfo | None:
        await trio.lowlevel.checkpoint()
        self._need_open()
        kept = self._keys.get(label)
        return None if kept is None else _info(label, kept)

    async def destroy(self, label: str) -> None:
        await trio.lowlevel.checkpoint()
        kept = self._key(label, *KeyKind)
        del self._keys[label]
        try:
            self._write()
        except Unavailable:
            self._keys[label] = kept
            raise

    async def seal(self, label: str, plain: bytes, aad: bytes) -> bytes:
        await trio.lowlevel.checkpoint()
        return self._sealed(self._key(label, KeyKind.SEAL), plain, aad)

    async def open(self, label: str, sealed: bytes, aad: bytes) -> bytes:
        await trio.lowlevel.checkpoint()
        return _opened(self._key(label, KeyKind.SEAL), sealed, aad)

    def _sealed(self, kept: _Kept, plain: bytes, aad: bytes) -> bytes:
        nonce = self._entropy.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(kept.raw).encrypt(nonce, plain, aad)

    async def mac(self, label: str, data: bytes) -> bytes:
        await trio.lowlevel.checkpoint()
        return hmac.digest(self._key(label, KeyKind.HMAC_SHA256).raw, data, "sha256")

    async def sign(self, label: str, data: bytes) -> bytes:
        await trio.lowlevel.checkpoint()
        kept = self._key(label, *_SIGNERS)
        return _SIGNERS[kept.kind](kept.raw, data)

    async def enclose(self, label: str, hash_name: MacHash, key: bytes) -> bytes:
        await trio.lowlevel.checkpoint()
        return self._sealed(self._key(label, KeyKind.ENCLOSE), key, hash_name.encode())

    async def enclosed_macs(
        self, label: str, hash_name: MacHash, blob: bytes, messages: Sequence[bytes]
    ) -> list[bytes]:
        await trio.lowlevel.checkpoint()
        key = _opened(self._key(label, KeyKind.ENCLOSE), blob, hash_name.encode())
        keyed, macs = HMAC(key, _HASHES[hash_name]), []
        for message in messages:
            one = keyed.copy()
            one.update(message)
            macs.append(one.finalize())
        return macs


def _opened(kept: _Kept, sealed: bytes, aad: bytes) -> bytes:
    try:
        return AESGCM(kept.raw).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
    except (InvalidTag, ValueError):
        raise DoesNotOpen("sealed by another key or for another place, or altered") from None


def _info(label: str, kept: _Kept) -> KeyInfo:
    if kept.kind in _PUBLIC:
        public = _PUBLIC[kept.kind](kept.raw)
        return KeyInfo(label, kept.kind, check_values.of_public_key(public), public)
    if kept.kind is KeyKind.HMAC_SHA256:
        mac = hmac.digest(kept.raw, check_values.MAC_CHECK_LABEL, "sha256")
        return KeyInfo(label, kept.kind, check_values.of_mac(mac))
    return KeyInfo(label, kept.kind, check_values.of_aes_key(kept.raw))


def _kinds() -> frozenset[KeyKind]:
    """SM2 where the system's libcrypto has it: what is in Python verifies only."""
    return frozenset(_GENERATORS) - (set() if open_sm2().sm2.complete else {KeyKind.SM2})


def _random_key(entropy: Entropy) -> bytes:
    return entropy.token_bytes(KEY_BYTES)


def _p256(raw: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(raw), ec.SECP256R1())


def _new_p256(_: Entropy) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_numbers().private_value.to_bytes(KEY_BYTES)


def _new_sm2(entropy: Entropy) -> bytes:
    return scalar_of(entropy.token_bytes(SCALAR_ENTROPY_BYTES))


def _sign_sm2(raw: bytes, data: bytes) -> bytes:
    return open_sm2().sm2.private_key(raw).sign(data)


def _public_sm2(raw: bytes) -> bytes:
    return open_sm2().sm2.private_key(raw).public.point


def _sign_ed25519(raw: bytes, data: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(raw).sign(data)


def _sign_p256(raw: bytes, data: bytes) -> bytes:
    r, s = decode_dss_signature(_p256(raw).sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(KEY_BYTES) + s.to_bytes(KEY_BYTES)


def _public_ed25519(raw: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()


def _public_p256(raw: bytes) -> bytes:
    return _p256(raw).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


_GENERATORS: Final[dict[KeyKind, Callable[[Entropy], bytes]]] = {
    KeyKind.SEAL: _random_key,
    KeyKind.ENCLOSE: _random_key,
    KeyKind.HMAC_SHA256: _random_key,
    KeyKind.ED25519: _random_key,
    KeyKind.EC_P256: _new_p256,
    KeyKind.SM2: _new_sm2,
}
_SIGNERS: Final[dict[KeyKind, Callable[[bytes, bytes], bytes]]] = {
    KeyKind.ED25519: _sign_ed25519,
    KeyKind.EC_P256: _sign_p256,
    KeyKind.SM2: _sign_sm2,
}
_PUBLIC: Final[dict[KeyKind, Callable[[bytes], bytes]]] = {
    KeyKind.ED25519: _public_ed25519,
    KeyKind.EC_P256: _public_p256,
    KeyKind.SM2: _public_sm2,
}
