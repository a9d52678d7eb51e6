"""What the product asks of a hardware security module, and the records that pass.

Two kinds of key. A *labelled* key lives in the device (or, for devices that store nothing, as a
blob under the device's own key beside it) and is named by its label: it seals, signs, computes
MACs, and encloses others. An *enclosed* key is one of millions, a token's seed: it is kept by the
caller as a blob that only the device opens, and is never outside the device in clear again.

Knows no token, no table and no configuration. What a device can't do it says in `abilities` and
refuses with `NotAble`; nothing is silently done in software instead.

Invariants: every operation is bounded by the driver's own time limit; may be called by many tasks
at once, while `run` runs; raises only `errors.DriverError`. *Unavailable* says that nothing was
executed. Operations on keys other than generate, import and destroy change nothing in the device,
so a driver may repeat them, at another device too, until the limit. No key, PIN or peer bytes
appear in an error, a repr or a log line.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec
import trio

from tigertally_drivers.errors import Rejected, Unavailable


class NotAble(Rejected):
    """This device has no such operation or algorithm."""


class NoSuchKey(Rejected):
    """The device answers, and holds no key of this label, or one of another kind."""


class KeyExists(Rejected):
    """The label is taken; a key is never overwritten."""


class DoesNotOpen(Rejected):
    """A sealed value or an enclosed key that this key did not make, or at another place."""


class PinRefused(Unavailable):
    """The device refused the PIN; the driver stays away until it is given another one, because
    devices count wrong PINs and lock. Nothing was executed.
    """


class Busy(Unavailable):
    """The device, or the driver's own queue for it, is full; nothing was executed."""


class KeyKind(enum.StrEnum):
    """What a labelled key is; each has exactly one use."""

    SEAL = "aes-256-seal"
    """Seals small secrets (`seal`, `open`): a master key."""
    ENCLOSE = "aes-256-enclose"
    """Encloses other keys (`enclose`, `enclosed_macs`)."""
    HMAC_SHA256 = "hmac-sha256"
    """Computes MACs (`mac`): a pepper, an audit head."""
    ED25519 = "ed25519"
    EC_P256 = "ec-p256"
    SM2 = "sm2"


SIGNING_KINDS: Final = frozenset({KeyKind.ED25519, KeyKind.EC_P256, KeyKind.SM2})
"""`sign`: Ed25519 (RFC 8032, 64 bytes), ECDSA with SHA-256 (r ‖ s, 64 bytes), SM2 with SM3 and the
identity 1234567812345678 (GB/T 32918.2; r ‖ s, 64 bytes)."""


class MacHash(enum.StrEnum):
    """Hash of an HMAC under an enclosed key."""

    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA512 = "sha512"
    SM3 = "sm3"


class Abilities(msgspec.Struct, frozen=True):
    """What a device can do: kinds of labelled key, hashes of HMACs under enclosed keys, and whether
    a labelled key may come from outside (`import_key`).
    """

    kinds: frozenset[KeyKind]
    hashes: frozenset[MacHash]
    imports: bool = True


class KeyInfo(msgspec.Struct, frozen=True):
    """A labelled key as far as anybody may know it.

    check_value  six hexadecimal digits that tell two keys of a kind apart
    public       public key: Ed25519 32 bytes, EC and SM2 04 ‖ x ‖ y; empty for others
    weakness     what the device does not see to, so that the key must not be used; empty = nothing
    """

    label: str
    kind: KeyKind
    check_value: str
    public: bytes = b""
    weakness: str = ""


class DeviceState(enum.StrEnum):
    """How one device stands, as the driver saw it last."""

    UP = "up"
    STARTING = "starting"
    DOWN = "down"
    PIN_REFUSED = "pin-refused"


class DeviceStatus(msgspec.Struct, frozen=True):
    """One device of a driver; several where it fails over.

    detail     one line for people: model and firmware, or why it is down
    waiting    operations begun and not answered
    latency_ms of the last answered health check or operation; -1 = none yet
    """

    name: str
    state: DeviceState
    detail: str = ""
    waiting: int = 0
    latency_ms: float = -1.0


class HsmStatus(msgspec.Struct, frozen=True):
    """All devices behind one port."""

    driver: str
    devices: tuple[DeviceStatus, ...]

    @property
    def usable(self) -> bool:
        """Whether at least one device is up."""
        return any(device.state is DeviceState.UP for device in self.devices)


class Hsm(Protocol):
    """One or several alike devices."""

    @property
    def abilities(self) -> Abilities:
        """As last seen: nothing until the device was there once, for drivers that must ask it."""
        ...

    def status(self) -> HsmStatus:
        """As last seen; asks nobody."""
        ...

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Owns the sessions or connections until cancelled: one task of the caller's nursery, in
        the process that uses it, started after the last fork. Started once the first attempt was
        made, whether it succeeded or not; lost devices are taken back in here.
        """
        ...

    async def check(self) -> None:
        """Asks a device now whether it works (a harmless operation). Raises as all others."""
        ...

    async def random(self, count: int) -> bytes:
        """`count` bytes of the device's own generator."""
        ...

    async def generate(self, label: str, kind: KeyKind) -> KeyInfo:
        """A new key that never leaves the device. Raises KeyExists."""
        ...

    async def import_key(self, label: str, kind: KeyKind, key: bytes) -> KeyInfo:
        """A symmetric key from outside: 32 bytes. Raises KeyExists."""
        ...

    async def find(self, label: str) -> KeyInfo | None:
        """None where there is no such key."""
        ...

    async def destroy(self, label: str) -> None:
        """For good. Raises NoSuchKey."""
        ...

    async def seal(self, label: str, plain: bytes, aad: bytes) -> bytes:
        """Enciphers and authenticates `plain` (at most 4096 bytes); `aad` names its place."""
        ...

    async def open(self, label: str, sealed: bytes, aad: bytes) -> bytes:
        """The inverse of `seal`. Raises DoesNotOpen."""
        ...

    async def mac(self, label: str, data: bytes) -> bytes:
        """HMAC-SHA-256 under a labelled key."""
        ...

    async def sign(self, label: str, data: bytes) -> bytes:
        """A signature of `data` (not of its digest) by a key of `SIGNING_KINDS`, 64 bytes."""
        ...

    async def enclose(self, label: str, hash_name: MacHash, key: bytes) -> bytes:
        """A blob that holds an HMAC key of 16 to 64 bytes for this hash, and that only the labelled
        key opens. This is the last time that the key is outside.
        """
        ...

    async def enclosed_macs(
        self, label: str, hash_name: MacHash, blob: bytes, messages: Sequence[bytes]
    ) -> list[bytes]:
        """HMACs of these messages under an enclosed key, in order. Raises DoesNotOpen."""
        ...
