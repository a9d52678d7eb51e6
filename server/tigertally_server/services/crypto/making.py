"""Working keys made: which kinds there are, how strong what carries them must be, and how the next
generation takes over. For channels' requests and operators' commands alike; raises `Refused`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, NamedTuple

from tigertally_engines.crypto.ciphers import KEY_ALGORITHMS
from tigertally_engines.crypto.key_blocks import PURPOSES, TRANSPORT_ALGORITHMS
from tigertally_engines.crypto.policy import CryptoPolicy
from tigertally_protocol.codes import ResponseCode
from tigertally_server.domain.administration import PutKey
from tigertally_server.domain.key import KeyLevel, KeyRecord, KeyState
from tigertally_server.services.crypto.finding import Refused
from tigertally_server.services.key_checks import BadKeyBytes, check_value_of
from tigertally_server.services.key_making import expiry
from tigertally_server.services.keyring import Keyring

TRANSPORT: Final = "transport"
_CIPHERS: Final = frozenset(name for name, row in KEY_ALGORITHMS.items() if row.cipher)
_HASHED: Final = frozenset(name for name, row in KEY_ALGORITHMS.items() if row.hash_)
_DES: Final = frozenset({"3des-112", "3des-168"})
ALGORITHMS_OF: Final = {
    "mac": frozenset(KEY_ALGORITHMS),
    "field": _CIPHERS,
    "pin-block": _CIPHERS,
    "pin-pvv": _DES,
    "pin-offset": _DES,
    "pin-verifier": _HASHED,
    TRANSPORT: frozenset(TRANSPORT_ALGORITHMS),
}
"""What a key of a purpose can be."""
assert ALGORITHMS_OF.keys() == set(PURPOSES)
_HMAC_BYTES: Final = 32


class NewKey(NamedTuple):
    """Whose, what for, of which algorithm."""

    owner: str
    name: str
    purpose: str
    algorithm: str
    exportable: bool = False


def check_kind(policy: CryptoPolicy, purpose: str, algorithm: str) -> None:
    """Whether there is such a key, and it is strong enough."""
    if purpose not in PURPOSES:
        raise Refused(ResponseCode.BAD_FIELD, "key_purpose")
    if algorithm not in KEY_ALGORITHMS:
        raise Refused(ResponseCode.BAD_FIELD, "key_algorithm")
    if algorithm not in ALGORITHMS_OF[purpose]:
        raise Refused(ResponseCode.ALGORITHM_NOT_OF_KEY)
    if weak := policy.refused_key(algorithm):
        raise Refused(ResponseCode.ALGORITHM_NOT_PERMITTED, weak)


def check_strength(transport_algorithm: str, carried_algorithm: str) -> None:
    """No key travels under one that is weaker than itself (ISO 11568)."""
    strength = KEY_ALGORITHMS[transport_algorithm].strength
    if strength < KEY_ALGORITHMS[carried_algorithm].strength:
        raise Refused(ResponseCode.ALGORITHM_NOT_PERMITTED, "transport_key")


def new_key_bytes(algorithm: str, keyring: Keyring) -> bytes:
    """Fresh ones; keys whose parts are alike are drawn again."""
    lengths = KEY_ALGORITHMS[algorithm].lengths
    count = min(_HMAC_BYTES, lengths[-1])
    while True:
        raw = keyring.random_bytes(count)
        try:
            check_value_of(algorithm, raw)
        except BadKeyBytes:
            continue
        return raw


def new_generation(
    keyring: Keyring,
    named: Iterable[KeyRecord],
    what: NewKey,
    key_id: int,
    raw: bytes,
    now_ms: int,
) -> tuple[tuple[PutKey, ...], KeyRecord]:
    """(writes, the new record). `named`: the owner's keys of that name; the current one of that
    purpose becomes old.
    """
    same = [record for record in named if record.purpose == what.purpose]
    bare = KeyRecord(
        id=key_id,
        level=KeyLevel.WORKING,
        purpose=what.purpose,
        state=KeyState.CURRENT,
        owner=what.owner,
        name=what.name,
        algorithm=what.algorithm,
        generation=1 + max((record.generation for record in same), default=0),
        exportable=what.exportable,
        created_at_ms=now_ms,
        changed_at_ms=now_ms,
        expires_at_ms=expiry(KeyLevel.WORKING, now_ms),
    )
    record = keyring.sealed_record(bare, raw)
    before = [
        PutKey(replace(old, state=KeyState.OLD, changed_at_ms=now_ms), old)
        for old in same
        if old.state is KeyState.CURRENT
    ]
    return (*before, PutKey(record)), record
