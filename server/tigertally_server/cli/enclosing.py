"""Seeds on their way into rows: sealed as they are, or, where the token's type says so, enclosed by
the HSM first.
"""

from __future__ import annotations

import hmac
from typing import Final, NamedTuple

from tigertally_drivers.errors import DriverError
from tigertally_drivers.hsm.port import MacHash
from tigertally_engines.otp.parameters import OtpParameters, Protection, device_hash
from tigertally_server.app.device import ensure_seed_key
from tigertally_server.cli.house import House
from tigertally_server.cli.output import CommandError
from tigertally_server.services.device_seeds import (
    EnclosedSeed,
    enclosed_of,
    is_device_record,
    stored_record,
)
from tigertally_server.services.installation import InstallationError

LONGEST_SEED: Final = 64
"""A longer HMAC key is hashed first (RFC 2104), which devices do or don't."""

_COMPARED: Final = b"tigertally: the same seed?"


class _Key(NamedTuple):
    label: str
    hashes: frozenset[MacHash]


class Enclosing:
    """For one command: the device is asked when the first seed needs it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._key: _Key | None = None

    def check(self, parameters: OtpParameters, seed: bytes) -> None:
        """Raises CommandError where such a seed can't be put into the HSM."""
        if parameters.protection is not Protection.DEVICE or not seed:
            return
        if len(seed) > LONGEST_SEED:
            raise CommandError(f"a seed in the HSM has at most {LONGEST_SEED} bytes")
        hash_name = device_hash(parameters)
        if hash_name not in self._opened().hashes:
            raise CommandError(
                f"the HSM has no HMAC with {hash_name}: such a token needs protection=memory"
            )

    def kept(self, parameters: OtpParameters, seed: bytes) -> bytes:
        """What is sealed into the row. Raises CommandError."""
        if parameters.protection is not Protection.DEVICE or not seed:
            return seed
        self.check(parameters, seed)
        device, key = self._house.environment.device, self._opened()
        assert device is not None
        hash_name = MacHash(device_hash(parameters))
        try:
            blob = device.run(device.hsm.enclose, key.label, hash_name, seed)
        except DriverError as problem:
            raise CommandError(f"the HSM does not take the seed: {problem}") from None
        return stored_record(EnclosedSeed(key.label, hash_name, blob))

    def _opened(self) -> _Key:
        if self._key is not None:
            return self._key
        environment = self._house.environment
        device = environment.device
        if device is None:
            raise CommandError("the token's type is of protection=device, and hsm.driver is empty")
        try:
            label, made = ensure_seed_key(environment.config, device)
        except (DriverError, InstallationError) as problem:
            raise CommandError(f"the HSM can't enclose seeds: {problem}") from None
        if made:
            self._house.act("hsm key made", {"label": label, "use": "encloses seeds"})
        self._key = _Key(label, device.hsm.abilities.hashes)
        return self._key


def same_seed(house: House, one: bytes, other: bytes) -> bool:
    """Whether two kept seeds are the same; told by a MAC of each where one lies in the HSM. Raises
    CommandError.
    """
    enclosed = [enclosed_of(kept) if is_device_record(kept) else None for kept in (one, other)]
    hashes = {kept.hash_name for kept in enclosed if kept is not None}
    if len(hashes) > 1:
        return False
    if not hashes:
        return hmac.compare_digest(one, other)
    (hash_name,) = hashes
    macs = [
        hmac.digest(kept, _COMPARED, hash_name) if there is None else _mac(house, there)
        for kept, there in zip((one, other), enclosed, strict=True)
    ]
    return hmac.compare_digest(*macs)


def _mac(house: House, seed: EnclosedSeed) -> bytes:
    device = house.environment.device
    if device is None:
        raise CommandError("there are seeds in an HSM, and hsm.driver is empty")
    try:
        return device.run(
            device.hsm.enclosed_macs, seed.label, seed.hash_name, seed.blob, [_COMPARED]
        )[0]
    except DriverError as problem:
        raise CommandError(f"the HSM does not open a seed: {problem}") from None
