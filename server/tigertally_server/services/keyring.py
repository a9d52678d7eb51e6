"""The keys in use: what is sealed under which, and their derived forms.

Hierarchy: master key → key-encryption keys → data keys (one current per purpose) → seeds, channel
master keys, customers' own keys, outcomes; and → working keys, each its owner's. Every sealed
column stands beside the id of its key, so that older generations stay readable. Knows no table and
no clock. Bytes of data keys never leave but as AEAD or HMAC objects.

How other parts use it:

    key_id, sealed = keyring.seal(Purpose.SEED, plain, identity)      # the platform's own columns
    plain = keyring.open(key_id, sealed, identity)                    # any generation
    record = keyring.working("channel/7", "pin-block")                # the current one of an owner
    raw = keyring.reveal(keyring.record(key_id))                      # a working key's bytes, for
                                                                      # who builds a cipher of them
    record = keyring.sealed_record(bare, raw)                         # a new key, to be written by
                                                                      # `administration.PutKey`

`follow` takes over what other processes changed (rotation, destruction): called with every new
epoch of the configuration. `revision` rises whenever it changed something, for caches.

Outcomes are sealed under a key derived per business day, credentials, challenges and messages under
one derived per row, so that random 96-bit nonces stay far below 2**32 uses of one key
(NIST SP 800-38D §8.3) at any rate this server reaches.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from tigertally_drivers.ports import Entropy, SealingKey
from tigertally_server.domain.key import NO_PARENT, KeyLevel, KeyRecord, KeyState
from tigertally_server.services.key_checks import check_value_of
from tigertally_server.services.key_hierarchy import NONCE_BYTES as NONCE_BYTES  # noqa: PLC0414 - part of this module's face
from tigertally_server.services.key_hierarchy import Hierarchy, Wrapping, key_check_value
from tigertally_server.services.key_hierarchy import KeyMissing as KeyMissing  # noqa: PLC0414
from tigertally_server.services.key_hierarchy import open_sealed as open_sealed  # noqa: PLC0414

DATA_KEY_BYTES = 32
_OUTCOME_LABEL = b"tigertally outcome key"
_HEAD_LABEL = b"tigertally audit head"
_NOBODYS = b"nobody's"
_FILE_MAGIC = b"tigertally-sealed-v1 "
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


class Keyring:
    """All readable keys of one installation, opened once and kept up to date by `follow`."""

    def __init__(self, master: SealingKey, rows: Iterable[KeyRecord], entropy: Entropy) -> None:
        """Raises drivers' Rejected where a row doesn't open under this master key, KeyMissing where
        a purpose has no current key.
        """
        self._keys: dict[int, DataKey] = {}
        self._current: dict[Purpose, DataKey] = {}
        self._records: dict[int, KeyRecord] = {}
        self._working: dict[tuple[str, str, str], KeyRecord] = {}
        self._entropy = entropy
        self._outcome: dict[tuple[int, int], AESGCM] = {}
        self.hierarchy = Hierarchy(master)
        self.revision = 0
        self.behind = False
        """Whether a key-encryption key waits for the master key: see `follow`."""
        self.follow(rows, ask_master=True)
        self._decoys = {
            purpose: self.seal(purpose, entropy.token_bytes(DATA_KEY_BYTES), _NOBODYS)
            for purpose in (Purpose.SEED, Purpose.CUSTOMER, Purpose.CREDENTIAL)
        }

    def follow(self, rows: Iterable[KeyRecord], *, ask_master: bool = False) -> None:
        """Takes over what these rows, all that there are, say: new keys are opened, new current
        ones sealed under from now on, destroyed ones forgotten. Without `ask_master` it does no
        more than microseconds of work, and what only the master key opens waits (`behind`).
        """
        records = {row.id: row for row in rows}
        if records == self._records and not self.behind:
            return
        self.behind = self.hierarchy.learn(records.values(), ask_master=ask_master)
        keys = self._data_keys(records)
        self._keys = keys | self._keys  # both until everything else is changed over
        self._current |= {
            keys[row.id].purpose: keys[row.id]
            for row in records.values()
            if row.state is KeyState.CURRENT and row.id in keys
        }
        if missing := [purpose.value for purpose in Purpose if purpose not in self._current]:
            raise KeyMissing(f"no current data key for: {', '.join(missing)}")
        digests = sorted(
            (key for key in keys.values() if key.purpose is Purpose.DIGEST), key=lambda key: key.id
        )
        self._digest = self._current[Purpose.DIGEST].keyed()
        self._lasting_digest = digests[0].keyed()
        self._other_digests = [k for k in digests if k is not self._current[Purpose.DIGEST]]
        self.digest_was_rotated = bool(self._other_digests)
        heads = [key for key in keys.values() if key.purpose is Purpose.HEAD]
        heads.sort(key=lambda key: key is not self._current.get(Purpose.HEAD))
        self._head_keys = tuple(key.mac(_HEAD_LABEL) for key in heads)
        peppers = [key for key in keys.values() if key.purpose is Purpose.PEPPER]
        self._first_pepper = min(peppers, key=lambda key: key.id)
        self._working = {
            (row.owner, row.purpose, row.name): row
            for row in records.values()
            if row.level is KeyLevel.WORKING and row.state is KeyState.CURRENT
        }
        self._records, self._keys = records, keys
        self._outcome = {place: aead for place, aead in self._outcome.items() if place[0] in keys}
        self.revision += 1

    def _data_keys(self, records: dict[int, KeyRecord]) -> dict[int, DataKey]:
        """Those that can be opened now; what is open already is not opened again."""
        known = {purpose.value for purpose in Purpose}
        found = {}
        for row in records.values():
            if row.level is not KeyLevel.DATA or not row.readable or row.purpose not in known:
                continue
            key = self._keys.get(row.id)
            if key is None and self.hierarchy.can_open(row):
                key = DataKey(row.id, Purpose(row.purpose), self.hierarchy.open(row))
            if key is not None:
                found[row.id] = key
        return found

    def records(self) -> list[KeyRecord]:
        """All that this keyring knows of, by id, destroyed ones too."""
        return [self._records[key_id] for key_id in sorted(self._records)]

    def record(self, key_id: int) -> KeyRecord:
        """Raises KeyMissing."""
        try:
            return self._records[key_id]
        except KeyError:
            raise KeyMissing(f"key {key_id} is not in the keyring") from None

    def working(self, owner: str, purpose: str, name: str = "") -> KeyRecord:
        """The current working key of an owner. Raises KeyMissing."""
        try:
            return self._working[owner, purpose, name]
        except KeyError:
            whose = f"{owner} has no current key for {purpose}"
            raise KeyMissing(f"{whose}{name and f' named {name}'}") from None

    def reveal(self, record: KeyRecord) -> bytes:
        """The bytes of a working key, of any readable generation. Raises KeyMissing."""
        if record.level is not KeyLevel.WORKING or not record.readable:
            raise KeyMissing(f"key {record.id} is {record.state}, {record.level}: not to be used")
        return self.hierarchy.open(record)

    def sealed_record(self, bare: KeyRecord, raw: bytes) -> KeyRecord:
        """`bare` with its bytes sealed under the current key-encryption key of its level and its
        check value. Raises KeyMissing.
        """
        working = bare.level is KeyLevel.WORKING
        check = check_value_of(bare.algorithm, raw) if working else key_check_value(raw)
        told = replace(bare, check_value=check)
        return self.hierarchy.seal(told, raw, self._entropy.token_bytes(NONCE_BYTES))

    def under_todays_parent(self, record: KeyRecord) -> KeyRecord:
        """The same key, sealed under the current key-encryption key of its level, and opened again
        to be sure. Raises KeyMissing.
        """
        raw = self.hierarchy.open(record)
        fresh = self.hierarchy.seal(record, raw, self._entropy.token_bytes(NONCE_BYTES))
        if self.hierarchy.open(fresh) != raw:
            raise KeyMissing(f"key {record.id} does not open again as it was sealed")
        return fresh

    def seal_file(self, plain: bytes, identity: bytes) -> bytes:
        """What a secret of the platform's own looks like in a file outside the database: sealed
        under the key-encryption key for files, whose id stands in front.
        """
        nonce = self._entropy.token_bytes(NONCE_BYTES)
        key_id, sealed = self.hierarchy.seal_outside(plain, identity, nonce)
        return _FILE_MAGIC + f"{key_id}\n".encode() + sealed

    def open_file(self, data: bytes, identity: bytes) -> bytes:
        """The inverse; also of files from before there were key-encryption keys, under the master
        key itself. Raises KeyMissing, drivers' Rejected.
        """
        key_id, sealed = _file_parts(data)
        if key_id == NO_PARENT:
            return self.hierarchy.master.open(sealed, identity)
        return self.hierarchy.open_outside(key_id, sealed, identity)

    def file_is_current(self, data: bytes) -> bool:
        """Whether the file is sealed under the key that files are sealed under today."""
        return _file_parts(data)[0] == self.hierarchy.current(Wrapping.FILES)

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

    def other_digests(self, data: bytes) -> tuple[bytes, ...]:
        """Of the same request under the other generations, for the days in which there are some:
        its first answer may be recorded under any of them.
        """
        return tuple(key.mac(data) for key in self._other_digests)

    def counter_digest(self, counted: str) -> bytes:
        """What stands for a phone number, an address … in a counter's key: under the first
        generation, whatever replaced it, so that no rotation sets a limit back.
        """
        return self.lasting_digest(b"counter/" + counted.encode())[:ROW_ID_BYTES]

    def lasting_digest(self, data: bytes) -> bytes:
        """As `digest`, the same for good."""
        keyed = self._lasting_digest.copy()
        keyed.update(data)
        return keyed.finalize()

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
        """The audit key under which every shard head is sealed from now on."""
        return self._head_keys[0]

    def head_mac_keys(self) -> tuple[bytes, ...]:
        """Those under which a head may stand sealed: the current one first, older ones behind."""
        return self._head_keys

    def new_customer_key(self, institution: str, customer: str) -> tuple[int, bytes, AESGCM]:
        """A fresh key of a customer's own: (wrapping key id, sealed, usable)."""
        raw = self._entropy.token_bytes(DATA_KEY_BYTES)
        key_id, sealed = self.seal(Purpose.CUSTOMER, raw, customer_identity(institution, customer))
        return key_id, sealed, AESGCM(raw)

    def customer_key(self, key_id: int, sealed: bytes, institution: str, customer: str) -> AESGCM:
        return AESGCM(self.open(key_id, sealed, customer_identity(institution, customer)))


def _file_parts(data: bytes) -> tuple[int, bytes]:
    """(key id or NO_PARENT, sealed)."""
    if not data.startswith(_FILE_MAGIC):
        return NO_PARENT, data
    number, _, sealed = data.removeprefix(_FILE_MAGIC).partition(b"\n")
    if not number.isdigit():
        raise KeyMissing("the sealed file is damaged")
    return int(number), sealed


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


def approval_identity(approval_id: int) -> bytes:
    """Associated data of the reason of an operator's request."""
    return f"approval/{approval_id}".encode()


def message_identity(message_id: bytes) -> bytes:
    """Associated data of an outgoing message's number and text."""
    return b"message/" + message_id
