"""What is kept of one password or PIN, and the comparisons with it. Pure: the keyed function, salts
and time are arguments.

A record names its scheme and its pepper, so that both can change: the next right password is stored
anew under those of the day. The whole record lies sealed; nothing in it gives the text back.

Invariants: comparisons are made in constant time and all of them, whether or not one fits; a former
password is kept under the scheme and the pepper it had.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from enum import StrEnum
from typing import Final

import msgspec

from tigertally_engines.password.candidate import Candidate
from tigertally_engines.password.policy import PasswordPolicy
from tigertally_engines.password.schemes import SCHEMES

Keyed = Callable[[int, str, bytes], bytes]
"""(pepper id, hash name, data) → HMAC under that pepper. Raises what its keeper raises."""

_LABEL: Final = b"tigertally password verifier\x00"


class Verifier(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The stored form of one secret. `salt`: at least 8 random bytes."""

    scheme: str
    pepper_id: int
    salt: bytes
    value: bytes

    def __repr__(self) -> str:
        return f"Verifier({self.scheme!r}, pepper {self.pepper_id})"


class PasswordRecord(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One password or PIN.

    verifier   of the one in force
    set_at_ms  when it was set (UTC)
    initial    an operator gave it: it must be changed where the policy says so
    history    former ones, the latest first
    """

    verifier: Verifier
    set_at_ms: int
    initial: bool = False
    history: tuple[Verifier, ...] = ()


class Standing(StrEnum):
    """What a right password is worth now."""

    USABLE = "usable"
    MUST_CHANGE = "must_change"
    EXPIRED = "expired"
    INITIAL_EXPIRED = "initial_expired"


def make_verifier(
    candidate: Candidate, scheme: str, identity: bytes, salt: bytes, pepper_id: int, keyed: Keyed
) -> Verifier:
    """The stored form of a new secret. `identity` names whose it is and what for."""
    return Verifier(
        scheme, pepper_id, salt, _value(candidate, scheme, identity, salt, pepper_id, keyed)
    )


def _value(
    candidate: Candidate, scheme: str, identity: bytes, salt: bytes, pepper_id: int, keyed: Keyed
) -> bytes:
    parts = (scheme.encode(), identity, salt)
    framed = b"".join(len(part).to_bytes(2, "big") + part for part in parts)
    data = _LABEL + framed + candidate.stretched(scheme)
    return keyed(pepper_id, SCHEMES[scheme].hash, data)


def fits(verifier: Verifier, candidate: Candidate, identity: bytes, keyed: Keyed) -> bool:
    """Whether this is the secret that was stored."""
    value = _value(candidate, verifier.scheme, identity, verifier.salt, verifier.pepper_id, keyed)
    return hmac.compare_digest(value, verifier.value)


def was_used(
    record: PasswordRecord,
    candidate: Candidate,
    policy: PasswordPolicy,
    identity: bytes,
    keyed: Keyed,
) -> bool:
    """Whether the candidate is the one in force, or one of the last `history` ones."""
    known = (record.verifier, *record.history[: policy.history])
    found = [fits(verifier, candidate, identity, keyed) for verifier in known]
    return True in found


def replaced(
    record: PasswordRecord | None,
    verifier: Verifier,
    policy: PasswordPolicy,
    now_ms: int,
    *,
    initial: bool,
) -> PasswordRecord:
    """The record with a new secret in force and the former one in its history."""
    former = () if record is None else (record.verifier, *record.history)
    return PasswordRecord(verifier, now_ms, initial, former[: policy.history])


def is_outdated(record: PasswordRecord, policy: PasswordPolicy, pepper_id: int) -> bool:
    """Whether the secret should be stored anew, now that its text is at hand."""
    return (record.verifier.scheme, record.verifier.pepper_id) != (policy.scheme, pepper_id)


def standing(record: PasswordRecord, policy: PasswordPolicy, now_ms: int) -> Standing:
    """What the right password is worth at `now_ms`."""
    age_ms = now_ms - record.set_at_ms
    if record.initial and policy.initial_s and age_ms >= policy.initial_s * 1000:
        return Standing.INITIAL_EXPIRED
    if record.initial and policy.change_after_reset:
        return Standing.MUST_CHANGE
    if policy.max_age_s and age_ms >= policy.max_age_s * 1000:
        return Standing.EXPIRED
    return Standing.USABLE


def expires_at_ms(record: PasswordRecord, policy: PasswordPolicy) -> int:
    """When the secret in force will have to be changed; 0 = never."""
    life_s = policy.max_age_s
    if record.initial and policy.initial_s:
        life_s = policy.initial_s
    return record.set_at_ms + life_s * 1000 if life_s else 0


def is_too_young(record: PasswordRecord, policy: PasswordPolicy, now_ms: int) -> bool:
    """Whether its owner may not change it yet; one that an operator gave may always be changed."""
    return not record.initial and now_ms - record.set_at_ms < policy.min_age_s * 1000
