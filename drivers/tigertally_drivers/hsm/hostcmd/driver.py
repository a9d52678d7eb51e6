"""The port over host commands: several alike devices, the one with the least to do is asked, and
another where that one fails.

Fail-over is safe because no command changes anything in a device: keys are blobs that we keep, and
each device with the same master key (LMK) opens them all. An operation is tried at each device that
is up until its limit; where none is, it is refused at once. The first device that answers says
which LMK is expected, unless the configuration does.

Seeds enter the device under a transport key (ZMK) by AES key wrap with padding (RFC 5649). Without
one, nothing can be enclosed: clear keys never go over the wire.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import trio
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

from tigertally_drivers.errors import DriverError, Misbehaved, TimedOut, Unavailable
from tigertally_drivers.hsm import check_values
from tigertally_drivers.hsm.hostcmd.blobs import BlobFile, KeyBlob
from tigertally_drivers.hsm.hostcmd.device import Device
from tigertally_drivers.hsm.hostcmd.link import Connect
from tigertally_drivers.hsm.hostcmd.settings import HostCommandSettings
from tigertally_drivers.hsm.hostcmd.wire import (
    HASH_CODES,
    KIND_CODES,
    Command,
    field,
    fields,
)
from tigertally_drivers.hsm.pin import PinSource
from tigertally_drivers.hsm.port import (
    SIGNING_KINDS,
    Abilities,
    Busy,
    DoesNotOpen,
    HsmStatus,
    KeyExists,
    KeyInfo,
    KeyKind,
    MacHash,
    NoSuchKey,
    NotAble,
)
from tigertally_drivers.ports import Clock, Entropy

NONCE_BYTES: Final = 12
_TRANSPORT_BYTES: Final = 32
_ELSEWHERE: Final = (Unavailable, TimedOut, Misbehaved)
"""After these, another device may do better. `Busy` is one of them."""


class HostCommandHsm:
    """See `port.Hsm`. `connects`: a name and a way to connect for each device."""

    def __init__(
        self,
        settings: HostCommandSettings,
        connects: Sequence[tuple[str, Connect]],
        keys: Path,
        transport_key: PinSource | None,
        clock: Clock,
        entropy: Entropy,
        *,
        quiet: bool = False,
    ) -> None:
        self._settings, self._entropy = settings, entropy
        self._transport_key = transport_key
        self._blobs = BlobFile(keys)
        self._lmk = settings.lmk_check
        self._devices = [
            Device(name, connect, settings, self._is_expected, clock, entropy, quiet=quiet)
            for name, connect in connects
        ]

    def _is_expected(self, lmk: str) -> bool:
        if not self._lmk:
            self._lmk = lmk
        return lmk == self._lmk

    @property
    def abilities(self) -> Abilities:
        kinds = frozenset({*KIND_CODES, KeyKind.ENCLOSE})
        return Abilities(kinds, frozenset(HASH_CODES), imports=False)

    def status(self) -> HsmStatus:
        return HsmStatus("hostcmd", tuple(device.status() for device in self._devices))

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        async with trio.open_nursery() as nursery:
            async with trio.open_nursery() as starting:
                for device in self._devices:
                    starting.start_soon(nursery.start, device.run)
            task_status.started()

    # ------------------------------------------------------------------ asking

    async def _ask(self, command: Command, body: bytes) -> bytes:
        """At one device after another, the idlest first."""
        try:
            with trio.fail_after(self._settings.operation_s):
                return await self._ask_around(command, body)
        except trio.TooSlowError:
            limit = self._settings.operation_s
            raise TimedOut(f"no device answered within {limit} s") from None

    async def _ask_around(self, command: Command, body: bytes) -> bytes:
        tried: set[Device] = set()
        problem: DriverError = Unavailable(self._why_none())
        while True:
            fresh = [device for device in self._devices if device.up and device not in tried]
            if not fresh:
                await trio.lowlevel.checkpoint()
                raise problem
            device = min(fresh, key=lambda each: each.waiting)
            tried.add(device)
            try:
                return await device.ask(command, body)
            except _ELSEWHERE as failed:
                # Every device too busy is its own answer; trouble of another sort hides it.
                problem = problem if isinstance(failed, Busy) and len(tried) > 1 else failed

    def _why_none(self) -> str:
        reasons = [f"{each.name} {each.detail}" for each in self.status().devices]
        return "; ".join(reasons) or "no device is configured"

    async def check(self) -> None:
        await self._ask(Command.DIAGNOSTICS, b"")

    async def random(self, count: int) -> bytes:
        (octets,) = fields(await self._ask(Command.RANDOM, b"%04X" % count), 1)
        if len(octets) != count:
            raise Misbehaved("the device gives another number of octets than was asked")
        return octets

    # ------------------------------------------------------------------ labelled keys

    async def generate(self, label: str, kind: KeyKind) -> KeyInfo:
        if self._blobs.get(label) is not None:
            raise KeyExists(f"there is a key {label!r}; a key is never overwritten")
        if kind is KeyKind.ENCLOSE:
            # The LMK encloses; the label only says so.
            await self.check()
            return self._keep(label, KeyBlob(kind, self._lmk[:6].lower(), b""))
        if kind not in KIND_CODES:
            raise NotAble(f"the device has no {kind} keys")
        answer = await self._ask(Command.GENERATE, KIND_CODES[kind])
        blob, told, public = fields(answer, 3)
        check = told.decode("ascii", "replace").lower()
        if kind is KeyKind.HMAC_SHA256:
            mac = await self._hmac(MacHash.SHA256, blob, check_values.MAC_CHECK_LABEL)
            check = check_values.of_mac(mac)
        elif kind in SIGNING_KINDS:
            check = check_values.of_public_key(public)
        return self._keep(label, KeyBlob(kind, check, blob, public))

    def _keep(self, label: str, key: KeyBlob) -> KeyInfo:
        self._blobs.put(label, key)
        return key.info(label)

    async def import_key(self, label: str, kind: KeyKind, key: bytes) -> KeyInfo:  # noqa: ARG002
        await trio.lowlevel.checkpoint()
        raise NotAble("the device takes no clear keys; it makes its own")

    async def find(self, label: str) -> KeyInfo | None:
        await trio.lowlevel.checkpoint()
        kept = self._blobs.get(label)
        return None if kept is None else kept.info(label)

    async def destroy(self, label: str) -> None:
        await trio.lowlevel.checkpoint()
        if self._blobs.get(label) is None:
            raise NoSuchKey(f"no key {label!r}")
        self._blobs.put(label, None)

    def _key(self, label: str, *kinds: KeyKind) -> KeyBlob:
        kept = self._blobs.get(label)
        if kept is None or kept.kind not in kinds:
            raise NoSuchKey(f"no key {label!r} for this")
        return kept

    # ------------------------------------------------------------------ operations

    async def seal(self, label: str, plain: bytes, aad: bytes) -> bytes:
        nonce, blob = self._entropy.token_bytes(NONCE_BYTES), self._key(label, KeyKind.SEAL).blob
        body = b"".join(map(field, (blob, nonce, aad, plain)))
        (sealed,) = fields(await self._ask(Command.ENCIPHER, body), 1)
        return nonce + sealed

    async def open(self, label: str, sealed: bytes, aad: bytes) -> bytes:
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        blob = self._key(label, KeyKind.SEAL).blob
        body = b"".join(map(field, (blob, nonce, aad, rest)))
        (plain,) = fields(await self._ask(Command.DECIPHER, body), 1)
        return plain

    async def mac(self, label: str, data: bytes) -> bytes:
        return await self._hmac(MacHash.SHA256, self._key(label, KeyKind.HMAC_SHA256).blob, data)

    async def _hmac(self, hash_name: MacHash, blob: bytes, data: bytes) -> bytes:
        body = HASH_CODES[hash_name] + field(blob) + field(data)
        (mac,) = fields(await self._ask(Command.HMAC, body), 1)
        return mac

    async def sign(self, label: str, data: bytes) -> bytes:
        kept = self._key(label, *SIGNING_KINDS)
        body = KIND_CODES[kept.kind] + field(kept.blob) + field(data)
        (signature,) = fields(await self._ask(Command.SIGN, body), 1)
        return signature

    async def enclose(self, label: str, hash_name: MacHash, key: bytes) -> bytes:
        self._key(label, KeyKind.ENCLOSE)
        wrapped = aes_key_wrap_with_padding(self._transport(), key)
        body = HASH_CODES[hash_name] + field(wrapped)
        (blob,) = fields(await self._ask(Command.IMPORT, body), 1)
        return HASH_CODES[hash_name] + blob

    def _transport(self) -> bytes:
        if self._transport_key is None:
            raise NotAble("no transport key is configured: nothing can be put into the device")
        try:
            key = bytes.fromhex(self._transport_key().reveal().decode("ascii"))
        except ValueError:
            key = b""
        if len(key) != _TRANSPORT_BYTES:
            raise Unavailable("the transport key's file doesn't hold 32 bytes in hexadecimal")
        return key

    async def enclosed_macs(
        self, label: str, hash_name: MacHash, blob: bytes, messages: Sequence[bytes]
    ) -> list[bytes]:
        self._key(label, KeyKind.ENCLOSE)
        if blob[:2] != HASH_CODES[hash_name]:
            raise DoesNotOpen("the blob was made for another hash")
        return await _all([self._one(hash_name, blob[2:], message) for message in messages])

    def _one(self, hash_name: MacHash, blob: bytes, message: bytes) -> _Work:
        async def work() -> bytes:
            return await self._hmac(hash_name, blob, message)

        return work


_Work = Callable[[], Awaitable[bytes]]


async def _all(works: Sequence[_Work]) -> list[bytes]:
    """Side by side, results in order; the first failure alone is raised, and ends the others."""
    results: list[bytes] = [b""] * len(works)
    failed: list[DriverError] = []

    async def one(place: int, work: _Work, scope: trio.CancelScope) -> None:
        try:
            results[place] = await work()
        except DriverError as problem:
            failed.append(problem)
            scope.cancel()

    async with trio.open_nursery() as nursery:
        for place, work in enumerate(works):
            nursery.start_soon(one, place, work, nursery.cancel_scope)
    if failed:
        raise failed[0]
    return results
