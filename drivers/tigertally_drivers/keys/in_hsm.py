"""A master key that lies in an HSM: `ports.SealingKey` over a key of kind `SEAL`.

Its bytes are never here; each use asks the device, bounded by the driver's limit. It is asked at
the start and when a key-encryption key is made or met for the first time, never per request.
"""

from __future__ import annotations

from tigertally_drivers.errors import Rejected
from tigertally_drivers.hsm.blocking import BlockingHsm
from tigertally_drivers.hsm.port import KeyKind


class HsmMasterKey:
    """See `ports.SealingKey`."""

    def __init__(self, device: BlockingHsm, label: str) -> None:
        """Raises DriverError where the device can't be asked or holds no such key."""
        self._device, self._label = device, label
        info = device.run(device.hsm.find, label)
        if info is None or info.kind is not KeyKind.SEAL:
            raise Rejected(f"the HSM holds no sealing key {label!r}")
        self._check_value = info.check_value

    def __repr__(self) -> str:
        return f"<HsmMasterKey {self._label!r} {self._check_value}>"

    @property
    def check_value(self) -> str:
        return self._check_value

    def seal(self, plain: bytes, aad: bytes) -> bytes:
        return self._device.run(self._device.hsm.seal, self._label, plain, aad)

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        return self._device.run(self._device.hsm.open, self._label, sealed, aad)
