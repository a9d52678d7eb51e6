"""Which key a channel means, and whether it may be used for what is asked.

A channel's own keys come before its institution's. A key is for one purpose; what a transaction
does names the purpose, so a MAC key deciphers nothing and a PIN key enciphers no field. New things
are made with the current generation; older ones verify and decipher what they made; compromised
ones only decipher, so that it can be enciphered anew.

Raises `Refused`, which becomes the answer. Key bytes stay within `OpenedKey`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from enum import Enum
from typing import Any, Final, TypeVar

from tigertally_engines.crypto.ciphers import KEY_ALGORITHMS, BlockCipher, NotOfKey, block_cipher
from tigertally_engines.crypto.policy import CryptoPolicy
from tigertally_protocol.codes import ResponseCode
from tigertally_server.domain.channel import Channel
from tigertally_server.domain.key import KeyLevel, KeyRecord, KeyState
from tigertally_server.services.keyring import Keyring

T = TypeVar("T")


class Refused(Exception):
    """What is answered in place of a result. `detail` names a field or a weakness, no value."""

    def __init__(self, code: ResponseCode, detail: str = "") -> None:
        super().__init__(code.name)
        self.code, self.detail = code, detail


class Use(Enum):
    """What a key of its purpose is used for now, and in which states it may be."""

    MAKE = frozenset({KeyState.CURRENT})
    CHECK = frozenset({KeyState.CURRENT, KeyState.OLD})
    ASK = frozenset(KeyState)
    RECOVER = frozenset({KeyState.CURRENT, KeyState.OLD, KeyState.COMPROMISED})


def owner_of_channel(channel_id: int) -> str:
    """As a key's record names it."""
    return f"channel/{channel_id}"


def owner_of_institution(institution: str) -> str:
    """As a key's record names it."""
    return f"institution/{institution}"


class OpenedKey:
    """A working key in memory, with what was made of it. Shows no byte of it."""

    __slots__ = ("_made", "_raw", "record")

    def __init__(self, record: KeyRecord, raw: bytes) -> None:
        self.record, self._raw = record, raw
        self._made: dict[Hashable, Any] = {}

    def __repr__(self) -> str:
        return f"<OpenedKey {self.record.id}>"

    @property
    def cipher(self) -> BlockCipher:
        """Raises NotOfKey."""
        return self.made("cipher", block_cipher)

    def made(self, what: Hashable, make: Callable[[str, bytes], T]) -> T:
        """What `make` gives for (algorithm, key bytes), made once."""
        found: T | None = self._made.get(what)
        if found is None:
            found = self._made[what] = make(self.record.algorithm, self._raw)
        return found

    def made_with(self, use: Callable[[str, bytes], T]) -> T:
        """What `use` gives for (algorithm, key bytes); nothing is kept."""
        return use(self.record.algorithm, self._raw)


_NOTHING: Final[Sequence[KeyRecord]] = ()


class KeyCache:
    """Working keys by owner and name, opened when they are first used; begun anew whenever the
    keyring has changed, so that a retired key is no longer used from the next epoch on.
    """

    def __init__(self) -> None:
        self._revision = -1
        self._named: dict[tuple[str, str], list[KeyRecord]] = {}
        self._opened: dict[int, OpenedKey] = {}

    def named(self, keyring: Keyring, owner: str, name: str) -> Sequence[KeyRecord]:
        """All generations and purposes, oldest first."""
        if self._revision != keyring.revision:
            self._learn(keyring)
        return self._named.get((owner, name), _NOTHING)

    def opened(self, keyring: Keyring, record: KeyRecord) -> OpenedKey:
        """Raises KeyMissing where it can't be opened any more."""
        if self._revision != keyring.revision:
            self._learn(keyring)
        found = self._opened.get(record.id)
        if found is None:
            found = self._opened[record.id] = OpenedKey(record, keyring.reveal(record))
        return found

    def _learn(self, keyring: Keyring) -> None:
        self._named, self._opened = {}, {}
        for record in keyring.records():
            if record.level is KeyLevel.WORKING:
                self._named.setdefault((record.owner, record.name), []).append(record)
        self._revision = keyring.revision


class Finder:
    """Finds the keys of one request, and notes which were used. `pinned`: ids noted when the
    request was first answered; a retry uses these again, whatever became current since.
    """

    def __init__(
        self,
        channel: Channel,
        keyring: Keyring,
        cache: KeyCache,
        policy: CryptoPolicy,
        pinned: Sequence[int] | None = None,
    ) -> None:
        self._channel, self._keyring, self._cache = channel, keyring, cache
        self._policy = policy
        self._pinned = None if pinned is None else list(pinned)
        self.used: list[int] = []

    def key(self, name: str, purpose: str, use: Use, generation: int = 0) -> OpenedKey:
        """Raises Refused; KeyMissing where its bytes are out of reach."""
        record = self.record(name, purpose, use, generation)
        if weak := self._policy.refused_key(record.algorithm):
            raise Refused(ResponseCode.ALGORITHM_NOT_PERMITTED, weak)
        self.used.append(record.id)
        return self._cache.opened(self._keyring, record)

    def record(self, name: str, purpose: str, use: Use, generation: int = 0) -> KeyRecord:
        """The key without its bytes. Raises Refused."""
        found = [record for record in self.all_of(name) if record.algorithm in KEY_ALGORITHMS]
        if not found:
            raise Refused(ResponseCode.KEY_UNKNOWN)
        fitting = [record for record in found if record.purpose == purpose]
        if not fitting:
            raise Refused(ResponseCode.KEY_NOT_FOR_THIS)
        if self._pinned is not None:
            wanted = [r for r in fitting if r.id in self._pinned and r.readable]
        elif generation:
            wanted = [r for r in fitting if r.generation == generation and r.state in use.value]
        else:
            wanted = [r for r in fitting if r.state is KeyState.CURRENT]
        if not wanted:
            raise Refused(ResponseCode.KEY_NOT_USABLE)
        return wanted[-1]

    def all_of(self, name: str) -> Sequence[KeyRecord]:
        """The channel's own of that name, or else its institution's."""
        return self._cache.named(
            self._keyring, owner_of_channel(self._channel.id), name
        ) or self._cache.named(self._keyring, owner_of_institution(self._channel.institution), name)


def of_key(make: Callable[[], T]) -> T:
    """Runs what may find that the key's algorithm doesn't fit. Raises Refused."""
    try:
        return make()
    except NotOfKey:
        raise Refused(ResponseCode.ALGORITHM_NOT_OF_KEY) from None
