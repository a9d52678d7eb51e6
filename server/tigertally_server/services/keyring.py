"""The data keys in use: what is sealed under which, and their derived forms.

Hierarchy: master key → data keys (one row each, by purpose) → seeds, channel master keys,
customers' own keys, outcomes. Every sealed column stands beside the id of its key. Knows no table
and no clock. Key bytes never leave but as AEAD or HMAC objects.

Outcomes are sealed under a key derived per business day, credentials, challenges and messages under
one derived per row, so that random 96-bit nonces stay far below 2**32 uses of one key
(NIST SP 800-38D §8.3) at any rate this server reaches.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from tigertally_drivers.ports import Entropy, SealingKey

NONCE_BYTES = 12
DATA_KEY_BYTES = 32
_CHECK_LABEL = b"tigertally data key check value"
_OUTCOME_LABEL = b"tigertally outcome key"
_NOBODYS = b"nobody's"
_SALT_LABEL = b"tigertally salt\x00"
_INVENTED_LABEL = b"tigertally invented\x00"
SALT_BYTES = 16


class Purpose(StrEnum):
    """What a data key is for; one current key each."""

    SEED = "seed"
    CHANNEL = "channel"
    CUSTOMER = "customer"
    OUTCOME = "outcome"
    DIGEST = "digest"
    HEAD = "head"
    CREDENTIAL = "credential"
    PEPPER = "pepper"


_DERIVED_PER_ROW = frozenset({Purpose.CREDENTIAL})
ROW_ID_BYTES = 16


class KeyMissing(Exception):
    """A sealed value names a key that this keyring doesn't have, or doesn't open under it."""


@dataclass(frozen=True, slots=True)
class SealedDataKey:
    """A row of `data_key`: sealed under the master key with `identity` as associated data."""

    id: int
    purpose: Purpose
    state: str
    sealed: bytes = field(repr=False)
    check_value: bytes

    @property
    def identity(self) -> bytes:
        return data_key_identity(self.id, self.purpose)


def data_key_identity(key_id: int, purpose: Purpose) -> bytes:
    """Associated data of a data key's row."""
    return f"data_key/{key_id}/{purpose.value}".encode()


def data_key_check_value(key: bytes) -> bytes:
    """Three bytes that tell two data keys apart and tell nothing about either."""
    return hmac.digest(key, _CHECK_LABEL, "sha256")[:3]


class DataKey:
    """One opened data key."""

    __slots__ = ("_aead", "_keyed", "_per_row", "_raw", "id", "purpose")

    def __init__(self, key_id: int, purpose: Purpose, raw: bytes) -> None:
        self.id, self.purpose = key_id, purpose
        self._per_row = purpose in _DERIVED_PER_ROW
        self._raw, self._aead, self._keyed = raw, AESGCM(raw), HMAC(raw, SHA256())

    def __repr__(self) -> str:
        return f"<DataKey {self.id} {self.purpose.value}>"

    def seal(self, plain: bytes, identity: bytes, nonce: bytes) -> bytes:
        return nonce + self._aead_of(identity).encrypt(nonce, plain, identity)

    def open(self, sealed: bytes, identity: bytes) -> bytes:
        return open_sealed(self._aead_of(identity), sealed, identity)

    def _aead_of(self, identity: bytes) -> AESGCM:
        return self.derived(identity) if self._per_row else self._aead

    def mac(self, data: bytes, hash_name: str = "sha256") -> bytes:
        return hmac.digest(self._raw, data, hash_name)

    def keyed(self) -> HMAC:
        """HMAC-SHA-256 under this key, begun; a copied object keeps hold of the interpreter, where
        `hmac.digest` would let go of it each time.
        """
        return self._keyed.copy()

    def derived(self, label: bytes) -> AESGCM:
        keyed = self._keyed.copy()
        keyed.update(label)
        return AESGCM(keyed.finalize())


def open_sealed(aead: AESGCM, sealed: bytes, identity: bytes) -> bytes:
    """Raises KeyMissing where key, place or bytes differ."""
    try:
        return aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], identity)
    except (InvalidTag, ValueError):
        raise KeyMissing(
            "a sealed value does not open: wrong key, wrong place or altered bytes"
        ) from None


class Keyring:
    """All data keys of one installation, opened once at the start."""

    def __init__(self, master: SealingKey, rows: Iterable[SealedDataKey], entropy: Entropy) -> None:
        """Raises drivers' Rejected where a row doesn't open under this master key."""
        self._keys: dict[int, DataKey] = {}
        self._current: dict[Purpose, DataKey] = {}
        self._entropy = entropy
        self._outcome: dict[tuple[int, int], AESGCM] = {}
        for row in rows:
            key = DataKey(row.id, row.purpose, master.open(row.sealed, row.identity))
            self._keys[row.id] = key
            if row.state == "current":
                self._current[row.purpose] = key
        if missing := [purpose.value for purpose in Purpose if purpose not in self._current]:
            raise KeyMissing(f"no current data key for: {', '.join(missing)}")
        self._decoys = {
            purpose: self.seal(purpose, entropy.token_bytes(DATA_KEY_BYTES), _NOBODYS)
            for purpose in (Purpose.SEED, Purpose.CUSTOMER, Purpose.CREDENTIAL)
        }
        self._digest = self._current[Purpose.DIGEST].keyed()
        peppers = [key for key in self._keys.values() if key.purpose is Purpose.PEPPER]
        self._first_pepper = min(peppers, key=lambda key: key.id)

    def current(self, purpose: Purpose) -> DataKey:
        return self._current[purpose]

    def by_id(self, key_id: int) -> DataKey:
        """Raises KeyMissing."""
        try:
            return self._keys[key_id]
        except KeyError:
            raise KeyMissing(f"data key {key_id} is not in the keyring") from None

    def nonces(self, count: int) -> list[bytes]:
        octets = self._entropy.token_bytes(NONCE_BYTES * count)
        return [octets[i : i + NONCE_BYTES] for i in range(0, len(octets), NONCE_BYTES)]

    def seal(self, purpose: Purpose, plain: bytes, identity: bytes) -> tuple[int, bytes]:
        """(key id, sealed) under the current key of a purpose."""
        key = self._current[purpose]
        return key.id, key.seal(plain, identity, self._entropy.token_bytes(NONCE_BYTES))

    def open(self, key_id: int, sealed: bytes, identity: bytes) -> bytes:
        return self.by_id(key_id).open(sealed, identity)

    def open_decoy(self, purpose: Purpose) -> bytes:
        """A secret that is nobody's: opened where there is none to open, so that an unknown
        customer costs what a known one does.
        """
        key_id, sealed = self._decoys[purpose]
        return self.open(key_id, sealed, _NOBODYS)

    def outcome_aead(self, key_id: int, business_day: int) -> AESGCM:
        place = (key_id, business_day)
        aead = self._outcome.get(place)
        if aead is None:
            if len(self._outcome) > 400:
                self._outcome.clear()
            aead = self.by_id(key_id).derived(_OUTCOME_LABEL + struct.pack(">I", business_day))
            self._outcome[place] = aead
        return aead

    def digest(self, data: bytes) -> bytes:
        """Keyed digest of a request: a plain hash over a 6-digit code could be searched."""
        keyed = self._digest.copy()
        keyed.update(data)
        return keyed.finalize()

    def challenge_id(self) -> bytes:
        """A fresh random id of a challenge."""
        return self._entropy.token_bytes(ROW_ID_BYTES)

    def message_id(self) -> bytes:
        """A fresh random id of an outgoing message."""
        return self._entropy.token_bytes(ROW_ID_BYTES)

    def counter_digest(self, counted: str) -> bytes:
        """What stands for a phone number, an address … in a counter's key."""
        return self.digest(b"counter/" + counted.encode())[:ROW_ID_BYTES]

    def random_bytes(self, count: int) -> bytes:
        """For keys, salts and codes that a decision makes."""
        return self._entropy.token_bytes(count)

    @property
    def pepper_id(self) -> int:
        """Of the pepper for what is stored from now on."""
        return self._current[Purpose.PEPPER].id

    def peppered(self, key_id: int, hash_name: str, data: bytes) -> bytes:
        """HMAC under a pepper, an old one too. Raises KeyMissing."""
        key = self.by_id(key_id)
        if key.purpose is not Purpose.PEPPER:
            raise KeyMissing(f"data key {key_id} is no pepper")
        return key.mac(data, hash_name)

    def unique_salt(self, name: bytes) -> bytes:
        """16 bytes that belong to a name for good: from the first pepper, whatever replaced it. A
        salt must be unique, not secret, so the first one's loss costs nothing.
        """
        return self._first_pepper.mac(_SALT_LABEL + name)[:SALT_BYTES]

    def invented(self, name: bytes) -> bytes:
        """32 bytes that stand for what there isn't: the same for a name each time."""
        return self._first_pepper.mac(_INVENTED_LABEL + name)

    def head_mac_key(self) -> bytes:
        """The audit key under which every shard head is sealed."""
        return self._current[Purpose.HEAD].mac(b"tigertally audit head")

    def new_customer_key(self, institution: str, customer: str) -> tuple[int, bytes, AESGCM]:
        """A fresh key of a customer's own: (wrapping key id, sealed, usable)."""
        raw = self._entropy.token_bytes(DATA_KEY_BYTES)
        key_id, sealed = self.seal(Purpose.CUSTOMER, raw, customer_identity(institution, customer))
        return key_id, sealed, AESGCM(raw)

    def customer_key(self, key_id: int, sealed: bytes, institution: str, customer: str) -> AESGCM:
        return AESGCM(self.open(key_id, sealed, customer_identity(institution, customer)))


def customer_identity(institution: str, customer: str) -> bytes:
    """Associated data of a customer's own key."""
    return f"customer/{institution}/{customer}".encode()


def seed_identity(institution: str, serial: str) -> bytes:
    """Associated data of a token's seed."""
    return f"token/{institution}/{serial}".encode()


def channel_key_identity(channel_id: int, version: int) -> bytes:
    """Associated data of one version of a channel master key."""
    return f"channel/{channel_id}/{version}".encode()


def credential_identity(owner_id: int, kind: int, slot: str) -> bytes:
    """Associated data of a credential's record."""
    return f"credential/{owner_id}/{kind}/{slot}".encode()


def challenge_identity(challenge_id: bytes) -> bytes:
    """Associated data of a challenge's record."""
    return b"challenge/" + challenge_id


def message_identity(message_id: bytes) -> bytes:
    """Associated data of an outgoing message's number and text."""
    return b"message/" + message_id
