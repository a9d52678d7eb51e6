"""Which driver the configuration means, made from its settings. A new driver is a row here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from tigertally_drivers.errors import Rejected
from tigertally_drivers.hsm.hostcmd.driver import HostCommandHsm
from tigertally_drivers.hsm.hostcmd.link import Connect
from tigertally_drivers.hsm.hostcmd.settings import HostCommandSettings
from tigertally_drivers.hsm.pin import PinSource, pin_from_environment, pin_from_file
from tigertally_drivers.hsm.pkcs11.driver import Pkcs11Hsm
from tigertally_drivers.hsm.pkcs11.settings import Pkcs11Settings
from tigertally_drivers.hsm.port import Hsm
from tigertally_drivers.hsm.software import SoftwareHsm
from tigertally_drivers.ports import Clock, Entropy
from tigertally_drivers.sms.connecting import connect, verifying_context


class HsmSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """driver           "" = no HSM
    pin_file            starts at the state folder; mode 0600
    pin_environment     or the variable that holds the PIN
    seed_label          of the key that encloses the seeds of protection "device"
    required            whether a server without a usable device is not ready
    at_once             requests whose MACs are being made at one time
    waiting_max         further ones that may wait; one more is answered HSM_BUSY
    software_file       of the software driver; starts at the state folder
    """

    driver: Literal["", "software", "pkcs11", "hostcmd"] = ""
    pin_file: str = ""
    pin_environment: str = ""
    seed_label: Annotated[str, msgspec.Meta(min_length=1, max_length=32)] = "tigertally seeds 1"
    required: bool = False
    at_once: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 16
    waiting_max: Annotated[int, msgspec.Meta(ge=1)] = 1_000
    software_file: str = "keys/hsm.software"
    pkcs11: Pkcs11Settings = Pkcs11Settings()
    hostcmd: HostCommandSettings = HostCommandSettings()


class Around(msgspec.Struct, frozen=True):
    """What a driver gets beside its settings. `state_dir`: where relative paths start; `quiet`:
    devices that come and go are not logged.
    """

    clock: Clock
    entropy: Entropy
    state_dir: Path
    quiet: bool = False


def make_hsm(settings: HsmSettings, around: Around) -> Hsm:
    """A driver that asks nothing yet. Raises Rejected, naming the key, where a setting is wrong."""
    make = _DRIVERS.get(settings.driver)
    if make is None:
        raise Rejected("hsm.driver: no HSM is configured")
    return make(settings, around)


def _pin(settings: HsmSettings, around: Around) -> PinSource:
    if bool(settings.pin_file) == bool(settings.pin_environment):
        raise Rejected("hsm: give pin_file or pin_environment, one of them")
    if settings.pin_file:
        return pin_from_file(around.state_dir / settings.pin_file)
    return pin_from_environment(settings.pin_environment)


def _software(settings: HsmSettings, around: Around) -> Hsm:
    path = around.state_dir / settings.software_file
    return SoftwareHsm(path, _pin(settings, around), around.entropy)


def _pkcs11(settings: HsmSettings, around: Around) -> Hsm:
    if not settings.pkcs11.token:
        raise Rejected("hsm.pkcs11.token: name the token by its label")
    pin = _pin(settings, around)
    return Pkcs11Hsm(settings.pkcs11, pin, around.clock, around.entropy, quiet=around.quiet)


def _hostcmd(settings: HsmSettings, around: Around) -> Hsm:
    own = settings.hostcmd
    if not own.addresses:
        raise Rejected("hsm.hostcmd.addresses: name at least one device")
    transport = own.transport_key_file
    return HostCommandHsm(
        own,
        [(address, _connect(address, own, around)) for address in own.addresses],
        around.state_dir / own.keys_file,
        pin_from_file(around.state_dir / transport) if transport else None,
        around.clock,
        around.entropy,
        quiet=around.quiet,
    )


def _connect(address: str, own: HostCommandSettings, around: Around) -> Connect:
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or not 0 < int(port) <= 65_535:
        raise Rejected(f"hsm.hostcmd.addresses: {address!r} is no HOST:PORT")
    bare = host.removeprefix("[").removesuffix("]")
    tls = verifying_context(own.ca_file, around.state_dir) if own.tls else None
    return lambda: connect(bare, int(port), tls, own.connect_s)


_DRIVERS: Final[dict[str, Callable[[HsmSettings, Around], Hsm]]] = {
    "software": _software,
    "pkcs11": _pkcs11,
    "hostcmd": _hostcmd,
}
