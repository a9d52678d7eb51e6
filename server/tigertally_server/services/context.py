"""What every decision may look at beside its rows: the configuration snapshot and the keys. No
clock: time is in the request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from tigertally_engines.crypto.policy import DEFAULT_POLICY as DEFAULT_CRYPTO
from tigertally_engines.crypto.policy import CryptoPolicy
from tigertally_engines.password.common import COMMON
from tigertally_engines.password.words import block_list
from tigertally_server.services.crypto.finding import KeyCache
from tigertally_server.services.directory import Directory, Snapshot
from tigertally_server.services.keyring import Keyring
from tigertally_server.services.sms.policy import SmsPolicy
from tigertally_server.store.port import Configuration

DEFAULT_POLICY: Final = SmsPolicy()
COMMON_PASSWORDS: Final = block_list(COMMON)


@dataclass(frozen=True, slots=True)
class Context:
    """Shared by all units of work of a process. `blocked`: passwords that nobody may have, as
    `engines.password.words.block_list` has them. `opened`: working keys in use.
    """

    keyring: Keyring
    directory: Directory
    zone: ZoneInfo
    blocked: frozenset[str] = COMMON_PASSWORDS
    sms: SmsPolicy = DEFAULT_POLICY
    crypto: CryptoPolicy = DEFAULT_CRYPTO
    opened: KeyCache = field(default_factory=KeyCache)

    def follow(self, configuration: Configuration) -> None:
        """Takes over what other processes changed. Raises ConfigurationError, and keeps what was
        in force.
        """
        self.directory.replace(configuration)
        if configuration.keys:
            self.keyring.follow(configuration.keys)

    @property
    def snapshot(self) -> Snapshot:
        return self.directory.snapshot
