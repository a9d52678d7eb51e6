"""The HSM of the configuration: for commands and worker threads, and a second way for the server's
own loop. Both keep their own sessions; none connects before it is used.
"""

from __future__ import annotations

from typing import Final

from tigertally_drivers.hsm.blocking import BlockingHsm
from tigertally_drivers.hsm.choosing import Around, make_hsm
from tigertally_drivers.hsm.port import Hsm, KeyKind
from tigertally_drivers.keys.in_hsm import HsmMasterKey
from tigertally_drivers.ports import Clock, Entropy
from tigertally_server.config import Config
from tigertally_server.services.installation import InstallationError

_MOST_GENERATIONS: Final = 1_000


def hsm_of(config: Config, clock: Clock, entropy: Entropy, *, quiet: bool = False) -> Hsm | None:
    """None where none is configured. Raises Rejected, naming the key, for a wrong setting."""
    if not config.hsm.driver:
        return None
    return make_hsm(config.hsm, Around(clock, entropy, config.state_dir, quiet))


def device_of(config: Config, clock: Clock, entropy: Entropy) -> BlockingHsm | None:
    """The same for those who can wait."""
    hsm = hsm_of(config, clock, entropy, quiet=True)
    return None if hsm is None else BlockingHsm(hsm)


def master_label(config: Config, generation: int) -> str:
    """Each replaced master key stays in the device under its own label."""
    return f"{config.keys.master_hsm_label} {generation}"


def hsm_master_key(
    config: Config, device: BlockingHsm | None, check_value: bytes | None
) -> HsmMasterKey:
    """The generation with this check value; for None the last one, made where there is none.
    Raises DriverError, InstallationError.
    """
    device = _needed(device)
    found = _generations(config, device)
    if check_value is None:
        return found[-1] if found else _made(config, device, 1)
    for key in reversed(found):
        if bytes.fromhex(key.check_value) == check_value:
            return key
    raise InstallationError(
        f"the HSM holds no master key {config.keys.master_hsm_label!r} of check value "
        f"{check_value.hex().upper()}, under which this database was sealed: is it the right "
        "device, and was the key carried over to it?"
    )


def next_hsm_master_key(
    config: Config, device: BlockingHsm | None, in_force: bytes
) -> HsmMasterKey:
    """The successor of the one in force: one that a broken off change has left, else a new one.
    Raises DriverError, InstallationError.
    """
    device = _needed(device)
    found = _generations(config, device)
    if found and bytes.fromhex(found[-1].check_value) != in_force:
        return found[-1]
    return _made(config, device, len(found) + 1)


def _needed(device: BlockingHsm | None) -> BlockingHsm:
    if device is None:
        raise InstallationError("keys.master_hsm_label needs hsm.driver")
    return device


def _generations(config: Config, device: BlockingHsm) -> list[HsmMasterKey]:
    found = []
    for generation in range(1, _MOST_GENERATIONS):
        label = master_label(config, generation)
        if device.run(device.hsm.find, label) is None:
            break
        found.append(HsmMasterKey(device, label))
    return found


def _made(config: Config, device: BlockingHsm, generation: int) -> HsmMasterKey:
    label = master_label(config, generation)
    device.run(device.hsm.generate, label, KeyKind.SEAL)
    return HsmMasterKey(device, label)


def ensure_seed_key(config: Config, device: BlockingHsm) -> tuple[str, bool]:
    """(label, whether it was made now) of the key that encloses seeds. Raises DriverError."""
    label = config.hsm.seed_label
    info = device.run(device.hsm.find, label)
    made = info is None
    if info is None:
        info = device.run(device.hsm.generate, label, KeyKind.ENCLOSE)
    if info.kind is not KeyKind.ENCLOSE:
        raise InstallationError(f"the HSM's key {label!r} is {info.kind}: it can't enclose seeds")
    if info.weakness:
        raise InstallationError(f"the HSM's key {label!r} is not fit for seeds: {info.weakness}")
    return label, made
