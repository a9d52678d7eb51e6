"""What `make bench ARGS="crypto"` measures: the crypto engine's operations by themselves, SM2, and
whole requests through decision and entry in memory, without database and wire.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from tigertally_drivers.gm.opening import open_sm2
from tigertally_drivers.gm.verifying import PythonSm2
from tigertally_drivers.system.clock import SystemClock
from tigertally_drivers.system.entropy import SystemEntropy
from tigertally_engines.crypto import pins
from tigertally_engines.crypto.ciphers import block_cipher
from tigertally_engines.crypto.fields import Mode, decipher, encipher
from tigertally_engines.crypto.key_blocks import CarriedKey, disclose, enclose
from tigertally_engines.crypto.mac import MacAlgorithm, MacKey
from tigertally_engines.crypto.pin_blocks import ClearPin, PinFormat, make_block, open_block
from tigertally_protocol.transactions import Transaction
from tigertally_server.services.table import SERVICES
from tigertally_testing.bank import memory_installation
from tigertally_testing.bench_units import Part, cost_us
from tigertally_testing.crypto_bank import CryptoBank, encipher_request, mac_request

DATA: Final = bytes(200)
FIELD: Final = bytes(64)
ACCOUNT: Final = "6222021234567890123"
FRESH: Final = bytes(range(16))
CALLS: Final = 2_000
FEW: Final = 200
BATCH: Final = 64


def measure_crypto() -> list[Part]:
    """Engine, then SM2, then whole requests; µs of CPU a call."""
    parts = [Part(name, cost_us(call, CALLS)) for name, call in [*_macs(), *_fields(), *_pins()]]
    parts += [Part(name, cost_us(call, FEW)) for name, call in _sm2()]
    return [*parts, *_requests()]


def _key(size: int, start: int = 0) -> bytes:
    return hashlib.sha512(bytes((start,))).digest()[:size]


def _macs() -> list[tuple[str, Callable[[], object]]]:
    rows = [
        ("CMAC, AES-128", MacAlgorithm.CMAC, "aes-128", 16, 0, 16),
        ("CMAC, SM4", MacAlgorithm.CMAC, "sm4", 16, 0, 16),
        ("HMAC-SHA-256", MacAlgorithm.HMAC, "hmac-sha256", 32, 0, 32),
        ("HMAC-SM3", MacAlgorithm.HMAC, "hmac-sm3", 32, 0, 32),
        ("retail MAC, DES (X9.19)", MacAlgorithm.RETAIL, "3des-112", 16, 1, 8),
        ("retail MAC, SM4", MacAlgorithm.RETAIL, "sm4-pair", 32, 2, 16),
        ("CBC-MAC, AES-128, padding 3", MacAlgorithm.CBC_MAC, "aes-128", 16, 3, 16),
    ]
    return [
        (
            f"MAC of 200 bytes: {name}",
            partial(MacKey(algorithm, kind, _key(size)).mac, DATA, padding, length),
        )
        for name, algorithm, kind, size, padding, length in rows
    ]


def _fields() -> list[tuple[str, Callable[[], object]]]:
    found: list[tuple[str, Callable[[], object]]] = []
    for kind, size in (("aes-256", 32), ("sm4", 16)):
        cipher = block_cipher(kind, _key(size))
        for mode in (Mode.GCM, Mode.CBC):
            made = encipher(cipher, mode, FIELD, b"", FRESH)
            name = f"field of 64 bytes, {kind} {mode.name}"
            found += [
                (f"{name}: encipher", partial(encipher, cipher, mode, FIELD, b"", FRESH)),
                (f"{name}: decipher", partial(decipher, cipher, mode, made, b"")),
            ]
    return found


def _pins() -> list[tuple[str, Callable[[], object]]]:
    des, aes = block_cipher("3des-168", _key(24)), block_cipher("aes-128", _key(16))
    pin = ClearPin("123456")
    block = make_block(des, PinFormat.ISO_0, pin, ACCOUNT, FRESH[:8])

    def translated() -> bytes:
        opened = open_block(des, PinFormat.ISO_0, block, ACCOUNT)
        return make_block(aes, PinFormat.ISO_4, opened, ACCOUNT, FRESH[:8])

    verifier = pins.Verifier("hmac-sha256", _key(32))
    carried = CarriedKey("mac", "aes-128", _key(16), exportable=False)
    carry = partial(enclose, "aes-256", _key(32, 1), carried, FRESH)
    return [
        ("PIN block, format 0 3DES to 4 AES", translated),
        ("PVV", partial(pins.pvv, des, pin, ACCOUNT, 1)),
        ("IBM 3624 offset", partial(pins.offset, des, pin, ACCOUNT, "0123456789012345")),
        ("keyed PIN verifier", partial(verifier.of, pin, ACCOUNT)),
        ("key block, enclose", carry),
        ("key block, disclose", partial(disclose, "aes-256", _key(32, 1), carry())),
    ]


def _sm2() -> list[tuple[str, Callable[[], object]]]:
    sm2 = open_sm2().sm2
    private = sm2.private_key(bytes(31) + b"\x07")
    signature = private.sign(DATA)
    in_python = PythonSm2().public_key(private.public.point)
    secret = private.public.encrypt(bytes(32))
    return [
        (f"SM2 sign, {sm2.name}", partial(private.sign, DATA)),
        (f"SM2 verify, {sm2.name}", partial(private.public.verify, DATA, signature)),
        ("SM2 verify, Python", partial(in_python.verify, DATA, signature)),
        ("SM2 encrypt 32 bytes", partial(private.public.encrypt, bytes(32))),
        ("SM2 decrypt 32 bytes", partial(private.decrypt, secret)),
    ]


def _requests() -> list[Part]:
    store, context = memory_installation(SystemEntropy())
    bank = CryptoBank(store, context, SystemClock(), SystemEntropy())
    bank.add_channel(1)
    bank.put_key("mak", "mac", "sm4", _key(16))
    bank.put_key("fek", "field", "aes-256", _key(32))
    asked: list[tuple[str, int, Any]] = [
        ("GENERATE_MAC, SM4-CMAC", Transaction.GENERATE_MAC, mac_request("mak", DATA, 5, 0, 16)),
        (
            "ENCIPHER_FIELD, AES-256-GCM",
            Transaction.ENCIPHER_FIELD,
            encipher_request("fek", FIELD, 1),
        ),
    ]
    parts = []
    for name, transaction, message in asked:
        service = SERVICES[transaction]
        request = bank.request(transaction, message)
        decide = partial(service.decide, request, None, context)  # type: ignore[arg-type]
        parts.append(Part(f"{name}: the decision", cost_us(decide, CALLS)))

        def batch(transaction: int = transaction, message: Any = message) -> None:
            bank.run(*(bank.request(transaction, message) for _ in range(BATCH)))

        per_batch = cost_us(batch, 20)
        parts.append(Part(f"{name}: request, decision and entry", per_batch / BATCH))
    return parts
