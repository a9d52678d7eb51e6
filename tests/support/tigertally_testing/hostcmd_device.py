"""A device that speaks host commands over TCP, as far as our driver uses them, and misbehaves as
real ones do: slow, silent, busy, cut off, restarted with another master key.

Independent of the driver's code: layouts are written down here a second time. Keys leave it under
its LMK only; what it is asked with a blob of another LMK is answered with error 10.

    python -m tigertally_testing.hostcmd_device PORT LMK_HEX ZMK_HEX
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
import sys
from collections.abc import Callable, Iterator
from typing import Final

import trio
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap_with_padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LMK: Final = bytes(range(32))
ZMK: Final = bytes(range(32, 64))
HASHES: Final = {b"01": "sha1", b"06": "sha256", b"08": "sha512", b"20": "sm3"}


class Refused(Exception):
    """Answered with this error code."""


def check_value(key: bytes) -> str:
    """Six digits."""
    encryptor = Cipher(AES(key), ECB()).encryptor()
    return encryptor.update(bytes(16))[:3].hex().upper()


def field(octets: bytes) -> bytes:
    return b"%04X" % len(octets) + octets


def split(body: bytes) -> Iterator[bytes]:
    while body:
        length = int(body[:4], 16)
        yield body[4 : 4 + length]
        body = body[4 + length :]


class HostCommandDevice:
    """One device. `delay_s` before each answer; `silent`: nothing is answered; `busy`: error B1;
    `asked`: how many commands came.
    """

    def __init__(self, lmk: bytes = LMK, zmk: bytes = ZMK) -> None:
        self._lmk, self._zmk = AESGCM(lmk), zmk
        self.lmk_check = check_value(lmk)
        self.delay_s, self.silent, self.busy, self.mangle = 0.0, False, False, False
        self.asked = 0
        self._listeners: list[trio.SocketListener] = []
        self._streams: set[trio.SocketStream] = set()
        self._commands: dict[bytes, Callable[[bytes], bytes]] = {
            b"NC": self._diagnostics,
            b"N0": self._random,
            b"A0": self._generate,
            b"A6": self._import,
            b"M0": self._encipher,
            b"M2": self._decipher,
            b"LQ": self._hmac,
            b"EW": self._sign,
        }

    # ------------------------------------------------------------------ the wire

    async def serve(
        self, port: int = 0, *, task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Started with the port."""
        self._listeners = await trio.open_tcp_listeners(port, host="127.0.0.1")
        bound = self._listeners[0].socket.getsockname()[1]
        async with trio.open_nursery() as nursery:
            self._scope = nursery.cancel_scope
            nursery.start_soon(trio.serve_listeners, self._talk, self._listeners)
            task_status.started(bound)

    def stop(self) -> None:
        """Everything is cut off and the port is closed."""
        self._scope.cancel()

    async def cut_connections(self) -> None:
        """Whoever is connected is not any more; the port stays open."""
        for stream in list(self._streams):
            await trio.aclose_forcefully(stream)

    async def _talk(self, stream: trio.SocketStream) -> None:
        self._streams.add(stream)
        sending = trio.Lock()
        held = b""
        try:
            async with trio.open_nursery() as nursery:
                while octets := await stream.receive_some(65_536):
                    held += octets
                    while len(held) >= 2 and len(held) >= 2 + int.from_bytes(held[:2]):
                        whole = 2 + int.from_bytes(held[:2])
                        question, held = held[2:whole], held[whole:]
                        nursery.start_soon(self._reply, stream, sending, question)
                nursery.cancel_scope.cancel()
        except* (trio.BrokenResourceError, trio.ClosedResourceError):
            pass  # whoever it was has gone
        finally:
            self._streams.discard(stream)
            with trio.CancelScope(shield=True):
                await trio.aclose_forcefully(stream)

    async def _reply(self, stream: trio.SocketStream, sending: trio.Lock, question: bytes) -> None:
        self.asked += 1
        answer = self.answer(question)
        if self.delay_s:
            await trio.sleep(self.delay_s)
        if self.silent:
            return
        if self.mangle:
            answer = answer[:8] + b"ZZ" + answer[10:]
        async with sending:
            await stream.send_all(struct.pack(">H", len(answer)) + answer)

    def answer(self, question: bytes) -> bytes:
        """To one frame without its length."""
        header, command, body = question[:8], question[8:10], question[10:]
        name = bytes((command[0], command[1] + 1))
        if self.busy and command != b"NC":
            return header + name + b"B1"
        if command not in self._commands:
            return header + name + b"68"
        try:
            return header + name + b"00" + self._commands[command](body)
        except Refused as problem:
            return header + name + str(problem).encode()
        except (ValueError, KeyError):
            return header + name + b"15"

    # ------------------------------------------------------------------ keys

    def _blob(self, kind: bytes, key: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._lmk.encrypt(nonce, key, kind)

    def _open(self, kind: bytes, blob: bytes) -> bytes:
        try:
            return self._lmk.decrypt(blob[:12], blob[12:], kind)
        except (InvalidTag, ValueError):
            raise Refused("10") from None

    def _diagnostics(self, _: bytes) -> bytes:
        return field(self.lmk_check.encode()) + field(b"0007-SIM1")

    def _random(self, body: bytes) -> bytes:
        return field(os.urandom(int(body, 16)))

    def _generate(self, kind: bytes) -> bytes:
        key, check, public = os.urandom(32), b"", b""
        if kind == b"E5":
            public = Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()
        elif kind == b"EC":
            point = _p256(key).public_key()
            public = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        elif kind == b"S1":
            check = check_value(key).encode()
        elif kind != b"H6":
            raise Refused("26")
        stored = b"H" if kind == b"H6" else kind
        return field(self._blob(stored, key)) + field(check) + field(public)

    def _import(self, body: bytes) -> bytes:
        (wrapped,) = split(body[2:])
        if body[:2] not in HASHES:
            raise Refused("26")
        try:
            return field(self._blob(b"H", aes_key_unwrap_with_padding(self._zmk, wrapped)))
        except InvalidUnwrap:
            raise Refused("10") from None

    # ------------------------------------------------------------------ work

    def _encipher(self, body: bytes) -> bytes:
        blob, nonce, aad, plain = split(body)
        return field(AESGCM(self._open(b"S1", blob)).encrypt(nonce, plain, aad))

    def _decipher(self, body: bytes) -> bytes:
        blob, nonce, aad, sealed = split(body)
        try:
            return field(AESGCM(self._open(b"S1", blob)).decrypt(nonce, sealed, aad))
        except (InvalidTag, ValueError):
            raise Refused("01") from None

    def _hmac(self, body: bytes) -> bytes:
        blob, message = split(body[2:])
        name = HASHES[body[:2]]
        return field(hmac.digest(self._open(b"H", blob), message, name))

    def _sign(self, body: bytes) -> bytes:
        blob, data = split(body[2:])
        key = self._open(body[:2], blob)
        if body[:2] == b"E5":
            return field(Ed25519PrivateKey.from_private_bytes(key).sign(data))
        r, s = decode_dss_signature(_p256(key).sign(data, ec.ECDSA(hashes.SHA256())))
        return field(r.to_bytes(32) + s.to_bytes(32))


def _p256(key: bytes) -> ec.EllipticCurvePrivateKey:
    value = int.from_bytes(hashlib.sha256(key).digest()[:31])
    return ec.derive_private_key(value, ec.SECP256R1())


async def _main(port: int, lmk: bytes, zmk: bytes) -> None:
    device = HostCommandDevice(lmk, zmk)
    async with trio.open_nursery() as nursery:
        bound = await nursery.start(device.serve, port)
        print(bound, flush=True)  # noqa: T201 - whoever started the process reads it


if __name__ == "__main__":
    trio.run(_main, int(sys.argv[1]), bytes.fromhex(sys.argv[2]), bytes.fromhex(sys.argv[3]))
