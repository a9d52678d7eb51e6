"""OTP/s in both protection modes on SoftHSM, and what each step costs. Prints figures; asserts
nothing.

    .venv/bin/python tests/bench/hsm.py [SECONDS]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import trio

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tigertally_drivers.hsm.pin import pin_from_file
from tigertally_drivers.hsm.pkcs11.driver import Pkcs11Hsm
from tigertally_drivers.hsm.pkcs11.settings import Pkcs11Settings
from tigertally_drivers.hsm.port import KeyKind, MacHash
from tigertally_drivers.system.clock import SystemClock
from tigertally_drivers.system.entropy import SystemEntropy
from tigertally_engines.otp import decide
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.seeds import SeedElsewhere
from tigertally_engines.otp.state import OtpState
from tigertally_testing import softhsm

SEED = b"12345678901234567890"
TOTP = OtpParameters()
NOW_MS = 1_790_000_000_000
STATE = OtpState(moving=NOW_MS // 30_000 - 3)


def say(name: str, each_s: float) -> None:
    print(f"{name:58} {each_s * 1e6:9.1f} µs {1 / each_s:10.0f} /s")


def timed(name: str, work: Callable[[], object], seconds: float) -> None:
    count, began = 0, time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds:
        for _ in range(50):
            work()
        count += 50
    say(name, passed / count)


async def timed_tasks(
    name: str, work: Callable[[], Awaitable[object]], seconds: float, tasks: int
) -> None:
    count, began = 0, time.perf_counter()

    async def one() -> None:
        nonlocal count
        while time.perf_counter() - began < seconds:
            await work()
            count += 1

    async with trio.open_nursery() as nursery:
        for _ in range(tasks):
            nursery.start_soon(one)
    say(name, (time.perf_counter() - began) / count)


def in_memory(sealed: bytes, key: AESGCM) -> object:
    seed = key.decrypt(sealed[:12], sealed[12:], b"token/0001/T1")
    return decide.verify(TOTP, seed, STATE, "000000", NOW_MS)


async def in_device(hsm: Pkcs11Hsm, blob: bytes) -> object:
    first = SeedElsewhere({})
    decide.verify(TOTP, first, STATE, "000000", NOW_MS)
    wanted = tuple(first.missing)
    macs = await hsm.enclosed_macs("s", MacHash.SHA1, blob, [one.message for one in wanted])
    made = SeedElsewhere(dict(zip(wanted, macs, strict=True)))
    return decide.verify(TOTP, made, STATE, "000000", NOW_MS)


async def device_figures(token: softhsm.SoftHsm, calls: str, tasks: int, seconds: float) -> None:
    settings = Pkcs11Settings(token=softhsm.TOKEN, calls=calls, sessions=8, check_s=600.0)  # type: ignore[arg-type]
    pin = pin_from_file(token.pin_file)
    hsm = Pkcs11Hsm(settings, pin, SystemClock(), SystemEntropy(), quiet=True)
    async with trio.open_nursery() as nursery:
        await nursery.start(hsm.run)
        if await hsm.find("s") is None:
            await hsm.generate("s", KeyKind.ENCLOSE)
            await hsm.generate("p", KeyKind.HMAC_SHA256)
        blob = await hsm.enclose("s", MacHash.SHA1, SEED)
        how = f"{calls}, {tasks} at once"

        async def verification() -> object:
            return await in_device(hsm, blob)

        async def one_mac() -> object:
            return await hsm.enclosed_macs("s", MacHash.SHA1, blob, [bytes(8)])

        async def labelled() -> object:
            return await hsm.mac("p", bytes(8))

        await timed_tasks(f"labelled HMAC ({how})", labelled, seconds, tasks)
        await timed_tasks(f"seed unwrapped, one HMAC ({how})", one_mac, seconds, tasks)
        await timed_tasks(f"TOTP decision in the HSM ({how})", verification, seconds, tasks)
        nursery.cancel_scope.cancel()


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    key = AESGCM(bytes(32))
    sealed = bytes(12) + key.encrypt(bytes(12), SEED, b"token/0001/T1")
    timed("TOTP decision, seed opened in memory", lambda: in_memory(sealed, key), seconds)
    with tempfile.TemporaryDirectory() as folder:
        token = softhsm.SoftHsm(Path(folder))
        token.initialise()
        os.environ["SOFTHSM2_CONF"] = str(token.configuration)
        for calls, tasks in (("inline", 1), ("thread", 1), ("thread", 8)):
            trio.run(device_figures, token, calls, tasks, seconds)


if __name__ == "__main__":
    main()
