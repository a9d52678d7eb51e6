"""SoftHSM tokens for tests: Debian's `softhsm2`, each test in a folder of its own.

The library reads `SOFTHSM2_CONF` when it is initialised, so it must be set before a driver starts;
server processes get it in their environment. PINs go by the environment of the tool's process, not
by its command line, as far as the tool allows.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

LIBRARY: Final = Path("/usr/lib/softhsm/libsofthsm2.so")
TOKEN: Final = "tigertally"
PIN: Final = "927461"
SO_PIN: Final = "55501234"
MISSING: Final = "softhsm2 is not installed: WITHOUT it no PKCS #11 driver is tested"


def is_here() -> bool:
    """Whether there is anything to test with."""
    return LIBRARY.exists() and shutil.which("softhsm2-util") is not None


class SoftHsm:
    """One token store under `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configuration = folder / "softhsm2.conf"
        self.pin_file = folder / "pin"
        self.tokens = folder / "tokens"
        self.tokens.mkdir(parents=True)
        self.configuration.write_text(
            f"directories.tokendir = {self.tokens}\nobjectstore.backend = file\n"
            "log.level = ERROR\nslots.removable = false\n"
        )
        self.give_pin(PIN)

    def give_pin(self, pin: str) -> None:
        """Writes the PIN file that drivers read."""
        self.pin_file.write_text(pin + "\n")
        self.pin_file.chmod(0o600)

    def initialise(self, token: str = TOKEN, pin: str = PIN) -> None:
        """A new, empty token."""
        subprocess.run(
            [
                "softhsm2-util",
                "--init-token",
                "--free",
                "--label",
                token,
                "--pin",
                pin,
                "--so-pin",
                SO_PIN,
            ],
            env={**os.environ, "SOFTHSM2_CONF": str(self.configuration)},
            check=True,
            capture_output=True,
        )

    def take_away(self) -> None:
        """As if the device were unplugged, for whoever looks from now on."""
        self.tokens.rename(self.folder / "away")
        self.tokens.mkdir()

    def bring_back(self) -> None:
        """The device is there again, with its keys."""
        shutil.rmtree(self.tokens)
        (self.folder / "away").rename(self.tokens)


def close_all_sessions(slot: int) -> None:
    """What another part of this process might do: every session, and the login, ends."""
    library = ctypes.CDLL(str(LIBRARY))
    assert library.C_CloseAllSessions(ctypes.c_ulong(slot)) == 0
