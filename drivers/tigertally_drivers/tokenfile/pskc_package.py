"""What one KeyPackage of a PSKC file means: texts and attributes by path into a `TokenRecord`.

Knows nothing of XML parsing (`pskc.py`, whose docstring says which keys are understood). Each rule
names the element at fault; the line is where that element began, or its package if it is missing.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NoReturn

from tigertally_drivers.tokenfile.records import (
    NO_END_MS,
    Algorithm,
    HashName,
    TokenFileError,
    TokenRecord,
)

NAMESPACE: Final = "urn:ietf:params:xml:ns:keyprov:pskc"
GM_SM3_URI: Final = "urn:tigertally:pskc:gm-sm3"

SHORTEST_SEED: Final = 16  # bytes; RFC 6030 section 10.1
LONGEST_SEED: Final = 128
LAST_COUNTER: Final = 2**63 - 2
DEFAULT_STEP_S: Final = 30

PACKAGE: Final = "KeyPackage"
SERIAL: Final = "KeyPackage/DeviceInfo/SerialNo"
_KEY: Final = "KeyPackage/Key"
_ISSUER: Final = "KeyPackage/Key/Issuer"
_FORMAT: Final = "KeyPackage/Key/AlgorithmParameters/ResponseFormat"
_SUITE: Final = "KeyPackage/Key/AlgorithmParameters/Suite"
_SEED: Final = "KeyPackage/Key/Data/Secret/PlainValue"
_COUNTER: Final = "KeyPackage/Key/Data/Counter/PlainValue"
_INTERVAL: Final = "KeyPackage/Key/Data/TimeInterval/PlainValue"
_USAGE: Final = "KeyPackage/Key/Policy/KeyUsage"
_PIN: Final = "KeyPackage/Key/Policy/PINPolicy"
_STARTS: Final = ("KeyPackage/Key/Policy/StartDate", "KeyPackage/DeviceInfo/StartDate")
_ENDS: Final = ("KeyPackage/Key/Policy/ExpiryDate", "KeyPackage/DeviceInfo/ExpiryDate")


@dataclass(slots=True)
class Package:
    """What was read of one KeyPackage so far.

    Attributes:
        line: Where it began.
        lines: Where each element of it began, by path.
        texts: The text of each value, by path.
        attributes: The attributes of those elements that have any, by path.
    """

    line: int
    lines: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict, repr=False)
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)

    def fail(self, path: str, reason: str) -> NoReturn:
        """Raise the TokenFileError about that element."""
        raise TokenFileError(self.lines.get(path, self.line), path, reason)


@dataclass(frozen=True, slots=True)
class Profile:
    """One row per algorithm: what its keys may say.

    Attributes:
        algorithm: The form of the codes.
        suites: The hash by the normalised text of `Suite`; "" = nothing said.
        longest_step_s: Longest time step in seconds; 0 = counter-based.
    """

    algorithm: Algorithm
    suites: dict[str, HashName]
    longest_step_s: int


_HMAC_SUITES: Final[dict[str, HashName]] = {
    "": "sha1",
    "sha1": "sha1",
    "sha256": "sha256",
    "sha512": "sha512",
    "sm3": "sm3",
}
_TOTP: Final = Profile("totp", _HMAC_SUITES, 120)
PROFILES: Final = {
    f"{NAMESPACE}:hotp": Profile("hotp", _HMAC_SUITES, 0),
    f"{NAMESPACE}:totp": _TOTP,
    f"{NAMESPACE}#totp": _TOTP,
    GM_SM3_URI: Profile("gm-sm3", {"": "sm3", "sm3": "sm3"}, 60),
}

# A PIN that the device itself checks (RFC 6030 section 10.2, figure 5): nothing for a server.
_PIN_URI: Final = f"{NAMESPACE}:pin"

_DATE: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?", re.ASCII
)
_NUMBER: Final = re.compile(r"\d{1,19}", re.ASCII)


def read_package(package: Package) -> TokenRecord | None:
    """The token of a complete package, None for one that holds a device's PIN.

    Raises TokenFileError.
    """
    if _KEY not in package.lines:
        package.fail(PACKAGE, "has no Key")
    algorithm = package.attributes.get(_KEY, {}).get("Algorithm", "")
    if algorithm == _PIN_URI:
        return None
    serial = package.texts.get(SERIAL)
    if not serial:
        package.fail(SERIAL, "is missing")
    profile = PROFILES.get(algorithm)
    if profile is None:
        package.fail(_KEY, f"Algorithm must be one of {', '.join(PROFILES)}")
    _check_policy(package)
    valid_from_ms, valid_to_ms = _validity(package)
    return TokenRecord(
        serial=serial,
        algorithm=profile.algorithm,
        hash=_hash(package, profile),
        digits=_digits(package),
        step_s=_step(package, profile),
        counter=0 if profile.longest_step_s else _number(package, _COUNTER, 0, LAST_COUNTER, 0),
        seed=_seed(package),
        valid_from_ms=valid_from_ms,
        valid_to_ms=valid_to_ms,
        issuer=package.texts.get(_ISSUER, ""),
        line=package.line,
    )


def _check_policy(package: Package) -> None:
    if _USAGE in package.texts and "OTP" not in package.texts[_USAGE].split():
        package.fail(_USAGE, "does not allow one-time passwords")
    if _PIN not in package.lines:
        return
    if package.attributes.get(_PIN, {}).get("PINUsageMode") != "Local":
        package.fail(_PIN, "PINUsageMode must be Local: other modes change what is sent")


def _seed(package: Package) -> bytes:
    if _SEED not in package.lines:
        package.fail(_SEED, "is missing")
    try:
        text = "".join(package.texts[_SEED].split())
        seed = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        package.fail(_SEED, "is not base64")
    if not SHORTEST_SEED <= len(seed) <= LONGEST_SEED:
        package.fail(_SEED, f"must hold {SHORTEST_SEED} to {LONGEST_SEED} bytes")
    return seed


def _hash(package: Package, profile: Profile) -> HashName:
    # "HMAC-SHA256", "HmacSHA256", "SHA-256" and "SHA256" are all met in the field.
    suite = package.texts.get(_SUITE, "")
    suite = suite.lower().replace("-", "").replace("_", "").removeprefix("hmac")
    if suite not in profile.suites:
        package.fail(_SUITE, f"must be one of {', '.join(filter(None, profile.suites))}")
    return profile.suites[suite]


def _digits(package: Package) -> int:
    response = package.attributes.get(_FORMAT)
    if response is None:
        package.fail(_FORMAT, "is missing or empty")
    if response.get("Encoding") != "DECIMAL":
        package.fail(_FORMAT, "Encoding must be DECIMAL")
    # The schema says CheckDigit, the text of section 4.3.4 CheckDigits.
    if {response.get("CheckDigit", "false"), response.get("CheckDigits", "false")} - {"false", "0"}:
        package.fail(_FORMAT, "check digits are not supported")
    length = response.get("Length", "")
    if not _NUMBER.fullmatch(length) or not 6 <= int(length) <= 10:
        package.fail(_FORMAT, "Length must be a number from 6 to 10")
    return int(length)


def _step(package: Package, profile: Profile) -> int:
    if not profile.longest_step_s:
        return 0
    return _number(package, _INTERVAL, 1, profile.longest_step_s, DEFAULT_STEP_S)


def _number(package: Package, path: str, low: int, high: int, default: int) -> int:
    text = package.texts.get(path)
    if text is None:
        return default
    if not _NUMBER.fullmatch(text) or not low <= int(text) <= high:
        package.fail(path, f"must be a number from {low} to {high}")
    return int(text)


def _validity(package: Package) -> tuple[int, int]:
    """The span that the key's policy and the device both allow."""
    start_ms = max(_instant(package, path, 0) for path in _STARTS)
    end_ms = min(_instant(package, path, NO_END_MS) for path in _ENDS)
    if start_ms >= end_ms:
        package.fail(_KEY, "its validity ends before it begins")
    return start_ms, end_ms


def _instant(package: Package, path: str, default: int) -> int:
    text = package.texts.get(path)
    if text is None:
        return default
    try:
        return _epoch_ms(text)
    except (ValueError, OverflowError):
        package.fail(path, "is not a date like 2026-01-31T00:00:00Z")


@lru_cache(maxsize=64)  # a delivery has few different dates
def _epoch_ms(text: str) -> int:
    """A date as ms since 1970; without a zone it is UTC, which RFC 6030 demands anyway."""
    if not _DATE.fullmatch(text):
        raise ValueError("not a date and time")
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(int(moment.timestamp()) * 1000, 0), NO_END_MS)
