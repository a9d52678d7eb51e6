"""Devices for servers under test: a SoftHSM token, two host command devices in processes of their
own. Each can go away and come back; `section` is what a server's configuration says.

    with SoftHsmEnd(folder) as end:
        seeds = end.keep(MacHash.SHA1)        # for `house.holders(keep=…)`
        server = spawn("node", hsm=end.section)
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from tigertally_drivers.hsm.blocking import BlockingHsm
from tigertally_drivers.hsm.choosing import Around, HsmSettings, make_hsm
from tigertally_drivers.hsm.port import KeyKind, MacHash
from tigertally_drivers.system.clock import SystemClock
from tigertally_drivers.system.entropy import SystemEntropy
from tigertally_server.services.device_seeds import EnclosedSeed, stored_record
from tigertally_testing import hostcmd_device, softhsm
from tigertally_testing.processes import free_port

LABEL: Final = "tigertally seeds 1"


class End:
    """See the module's text. `environment` is what a server's process needs."""

    section: dict[str, Any]
    environment: Mapping[str, str] = {}

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._device: BlockingHsm | None = None

    def __enter__(self) -> Self:
        self.bring_back()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._device is not None:
            self._device.close()
        self.take_away()

    def keep(self, hash_name: MacHash) -> Callable[[bytes], bytes]:
        """Encloses seeds as `token add` does."""
        device = self._device = self._device or self._opened()

        def kept(seed: bytes) -> bytes:
            blob = device.run(device.hsm.enclose, LABEL, hash_name, seed)
            return stored_record(EnclosedSeed(LABEL, hash_name, blob))

        return kept

    def _opened(self) -> BlockingHsm:
        settings = msgspec.convert(self.section, HsmSettings)
        around = Around(SystemClock(), SystemEntropy(), self.folder)
        device = BlockingHsm(make_hsm(settings, around))
        if device.run(device.hsm.find, LABEL) is None:
            device.run(device.hsm.generate, LABEL, KeyKind.ENCLOSE)
        return device

    def close_device(self) -> None:
        """This process leaves the device; only the server stays with it."""
        if self._device is not None:
            self._device.close()
            self._device = None

    def take_away(self) -> None:
        raise AssertionError

    def bring_back(self) -> None:
        raise AssertionError


class SoftHsmEnd(End):
    """One token. It is away while its folder is."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.token = softhsm.SoftHsm(folder / "softhsm")
        self.token.initialise()
        self.environment = {"SOFTHSM2_CONF": str(self.token.configuration)}
        os.environ.update(self.environment)
        self._away = False
        self.section = {
            "driver": "pkcs11",
            "pin_file": str(self.token.pin_file),
            "pkcs11": {
                "token": softhsm.TOKEN,
                "check_s": 0.1,
                "operation_s": 2.0,
                "back_off_first_s": 0.05,
                "back_off_most_s": 0.2,
            },
        }

    def take_away(self) -> None:
        if not self._away:
            self.token.take_away()
        self._away = True

    def bring_back(self) -> None:
        if self._away:
            self.token.bring_back()
        self._away = False


class HostCommandEnd(End):
    """Two devices with one LMK, each a process on its own port."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.ports = [free_port(), free_port()]
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        zmk = folder / "zmk"
        zmk.write_text(hostcmd_device.ZMK.hex())
        zmk.chmod(0o600)
        self.section = {
            "driver": "hostcmd",
            "hostcmd": {
                "addresses": [f"127.0.0.1:{port}" for port in self.ports],
                "keys_file": str(folder / "hsm-keys.json"),
                "transport_key_file": str(zmk),
                "check_s": 0.1,
                "back_off_first_s": 0.05,
                "back_off_most_s": 0.2,
            },
        }

    def take_away(self) -> None:
        for port in self.ports:
            self.stop(port)

    def bring_back(self) -> None:
        for port in self.ports:
            if port not in self._processes:
                self.start(port)

    def start(self, port: int) -> None:
        """One of them."""
        path = os.pathsep.join(part for part in sys.path if part)
        process = self._processes[port] = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tigertally_testing.hostcmd_device",
                str(port),
                hostcmd_device.LMK.hex(),
                hostcmd_device.ZMK.hex(),
            ],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        assert process.stdout is not None
        assert process.stdout.readline(), "the device did not start"

    def stop(self, port: int) -> None:
        """kill -9 of one of them."""
        process = self._processes.pop(port, None)
        if process is not None:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


ENDS: Final[dict[str, type[End]]] = {"softhsm": SoftHsmEnd, "hostcmd": HostCommandEnd}
