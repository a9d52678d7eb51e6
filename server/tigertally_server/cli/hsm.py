"""hsm: status, test, keys. What the devices of [hsm] say, asked directly: no database is opened, so
it works where a server doesn't start.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from tigertally_drivers.errors import DriverError
from tigertally_drivers.hsm.port import Hsm, KeyKind, MacHash
from tigertally_drivers.system.clock import SystemClock
from tigertally_drivers.system.entropy import SystemEntropy
from tigertally_server.app.device import device_of, master_label
from tigertally_server.cli.house import load_config
from tigertally_server.cli.output import CommandError, json_option, show_record, show_table
from tigertally_server.config import Config

T = TypeVar("T")

_RFC4226_SEED: Final = b"12345678901234567890"
_TRIAL: Final = "tigertally trial"


@click.group("hsm")
def hsm() -> None:
    """The hardware security module: whether it is there, whether it works, which keys it holds."""


@hsm.command()
@json_option
@click.pass_obj
def status(config_path: Path | None, as_json: bool) -> None:
    """Show each device: its state, what it is, or why it can't be used."""

    async def ask(device: Hsm) -> list[dict[str, Any]]:
        return [
            {
                "driver": device.status().driver,
                "device": one.name,
                "state": one.state.value,
                "latency_ms": one.latency_ms,
                "detail": one.detail,
            }
            for one in device.status().devices
        ]

    rows = _with_device(load_config(config_path), ask)
    show_table(rows, as_json=as_json)
    if not any(row["state"] == "up" for row in rows):
        raise CommandError("no device is usable")


@hsm.command()
@json_option
@click.pass_obj
def test(config_path: Path | None, as_json: bool) -> None:
    """Let a device make random bytes, a key, a sealed value and the MAC of RFC 4226, and destroy
    what it made. Nothing that is there is touched.
    """
    clock = SystemClock()
    record: dict[str, Any] = {}

    async def run(device: Hsm) -> None:
        for name, step in _STEPS.items():
            began = clock.monotonic_ms()
            said = await step(device)
            record[name] = f"{said} ({clock.monotonic_ms() - began} ms)"

    _with_device(load_config(config_path), run)
    show_record(record, as_json=as_json)


@hsm.command("keys")
@json_option
@click.pass_obj
def list_keys(config_path: Path | None, as_json: bool) -> None:
    """Show the platform's keys in the HSM: label, kind, check value."""
    config = load_config(config_path)

    async def ask(device: Hsm) -> list[dict[str, Any]]:
        labels = [config.hsm.seed_label]
        if config.keys.master_hsm_label:
            number = 1
            while await device.find(master_label(config, number)) is not None:
                labels.append(master_label(config, number))
                number += 1
        found = [await device.find(label) for label in labels]
        return [
            {
                "label": info.label,
                "kind": info.kind.value,
                "check_value": info.check_value.upper(),
                "weakness": info.weakness,
            }
            for info in found
            if info is not None
        ]

    show_table(_with_device(config, ask), as_json=as_json)


async def _random(device: Hsm) -> str:
    one, other = await device.random(16), await device.random(16)
    if one == other or len(one) != 16:
        raise CommandError("the device's random bytes repeat")
    return "16 random bytes, twice, different"


async def _sealing(device: Hsm) -> str:
    await _cleared(device, KeyKind.SEAL)
    sealed = await device.seal(f"{_TRIAL} {KeyKind.SEAL}", b"a trial", b"here")
    if await device.open(f"{_TRIAL} {KeyKind.SEAL}", sealed, b"here") != b"a trial":
        raise CommandError("what the device sealed it opens as something else")
    await device.destroy(f"{_TRIAL} {KeyKind.SEAL}")
    return "a key made, a value sealed and opened, the key destroyed"


async def _seeds(device: Hsm) -> str:
    label = f"{_TRIAL} {KeyKind.ENCLOSE}"
    weakness = await _cleared(device, KeyKind.ENCLOSE)
    if weakness:
        raise CommandError(f"the device is not fit for seeds: {weakness}")
    done = []
    for hash_name in sorted(device.abilities.hashes):
        blob = await device.enclose(label, hash_name, _RFC4226_SEED)
        (mac,) = await device.enclosed_macs(label, hash_name, blob, [bytes(8)])
        # SM3 isn't in every hashlib; that the device answers is enough there.
        if hash_name is not MacHash.SM3 and mac != hmac.digest(_RFC4226_SEED, bytes(8), hash_name):
            raise CommandError(f"the device's HMAC with {hash_name} is wrong")
        done.append(hash_name.value)
    await device.destroy(label)
    return f"none comes out again; codes of an enclosed seed right for: {', '.join(done)}"


async def _cleared(device: Hsm, kind: KeyKind) -> str:
    """A trial key of this kind, whatever an interrupted trial left. Returns its weakness."""
    label = f"{_TRIAL} {kind}"
    if await device.find(label) is not None:
        await device.destroy(label)
    return (await device.generate(label, kind)).weakness


_STEPS: Final[dict[str, Callable[[Hsm], Awaitable[str]]]] = {
    "random": _random,
    "sealing": _sealing,
    "seeds": _seeds,
}


def _with_device(config: Config, work: Callable[[Hsm], Awaitable[T]]) -> T:
    """Runs the driver for as long as `work` takes. Raises CommandError."""
    try:
        device = device_of(config, SystemClock(), SystemEntropy())
        if device is None:
            raise CommandError("no HSM is configured: set hsm.driver")
        try:
            return device.run(work, device.hsm)
        finally:
            device.close()
    except DriverError as problem:
        raise CommandError(f"the HSM fails: {problem}") from None
