"""What one KeyPackage of a PSKC file means: texts and attributes by path into a `TokenRecord`.

Knows nothing of XML parsing (`pskc.py`, whose docstring says which keys are understood). Each rule
names the element at fault; the line is where that element began, or its package if it is missing.

A delivery says the same of all its tokens but serial, seed and counter. What it says is checked
once and remembered by its very words.
"""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from tigertally_drivers.tokenfile.keys import TransportKeys
from tigertally_drivers.tokenfile.pskc_elements import NAMESPACE, PACKAGE, Texts
from tigertally_drivers.tokenfile.pskc_vault import Vault
from tigertally_drivers.tokenfile.records import (
    DEFAULT_STEP_S,
    FEWEST_DIGITS,
    HASHES,
    LAST_COUNTER,
    LONGEST_SEED,
    LONGEST_STEP_S,
    MOST_DIGITS,
    NO_END_MS,
    SHORTEST_SEED,
    Algorithm,
    HashName,
    TokenFileError,
    TokenRecord,
    plain_hash_name,
)

GM_SM3_URI: Final = "urn:tigertally:pskc:gm-sm3"
GM_SM4_URI: Final = "urn:tigertally:pskc:gm-sm4"
ALGORITHMS: Final[dict[str, Algorithm]] = {
    f"{NAMESPACE}:hotp": "hotp",
    f"{NAMESPACE}:totp": "totp",
    f"{NAMESPACE}#totp": "totp",
    GM_SM3_URI: "gm-sm3",
    GM_SM4_URI: "gm-sm4",
}
_OCRA: Final = re.compile(f"{re.escape(NAMESPACE)}[#:](OCRA-1:[!-~]{{1,80}})")

SERIAL: Final = "KeyPackage/DeviceInfo/SerialNo"
_KEY: Final = "KeyPackage/Key"
_ISSUER: Final = "KeyPackage/Key/Issuer"
_FORMAT: Final = "KeyPackage/Key/AlgorithmParameters/ResponseFormat"
_SUITE: Final = "KeyPackage/Key/AlgorithmParameters/Suite"
_SECRET: Final = "KeyPackage/Key/Data/Secret"  # noqa: S105 - a path
_COUNTER: Final = "KeyPackage/Key/Data/Counter"
_INTERVAL: Final = "KeyPackage/Key/Data/TimeInterval"
_USAGE: Final = "KeyPackage/Key/Policy/KeyUsage"
_PIN: Final = "KeyPackage/Key/Policy/PINPolicy"
_STARTS: Final = ("KeyPackage/Key/Policy/StartDate", "KeyPackage/DeviceInfo/StartDate")
_ENDS: Final = ("KeyPackage/Key/Policy/ExpiryDate", "KeyPackage/DeviceInfo/ExpiryDate")
_PLAIN_SECRET: Final = f"{_SECRET}/PlainValue"
_SEALED_SECRET: Final = f"{_SECRET}/EncryptedValue"
_PLAIN_COUNTER: Final = f"{_COUNTER}/PlainValue"
_PLAIN_INTERVAL: Final = f"{_INTERVAL}/PlainValue"
_SEALED_INTERVAL: Final = f"{_INTERVAL}/EncryptedValue"
_FORM_TEXTS: Final = (_SUITE, _PLAIN_INTERVAL, _USAGE, *_STARTS, *_ENDS)
FORMS_KEPT: Final = 1000

# A PIN that the device itself checks (RFC 6030 section 10.2, figure 5): nothing for a server.
_PIN_URI: Final = f"{NAMESPACE}:pin"

_DATE: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?", re.ASCII
)
_NUMBER: Final = re.compile(r"\d{1,19}", re.ASCII)


class _Form(NamedTuple):
    """What a package says besides serial, seed and counter."""

    algorithm: Algorithm
    hash: HashName
    digits: int
    step_s: int
    valid_from_ms: int
    valid_to_ms: int
    suite: str


class Packages:
    """Reads the packages of one container."""

    def __init__(self, container: Texts, keys: TransportKeys) -> None:
        self._container, self._keys = container, keys
        self._vault: Vault | None = None
        self._forms: dict[object, _Form] = {}
        self.begun = False

    def read(self, package: Texts) -> TokenRecord | TokenFileError | None:
        """The token of a complete package, or what is wrong with it; None for one that holds a
        device's PIN.

        Raises TokenFileError where the container's encryption is at fault.
        """
        self.begun = True
        if self._vault is None and _SEALED_SECRET in package.lines:
            self._vault = Vault(self._container, self._keys)
        try:
            return self._record(package)
        except TokenFileError as fault:
            return fault

    def _record(self, package: Texts) -> TokenRecord | None:
        if _KEY not in package.lines:
            package.fail(PACKAGE, "has no Key")
        if package.attribute(_KEY, "Algorithm") == _PIN_URI:
            return None
        texts = package.texts
        serial = texts.get(SERIAL)
        if not serial:
            package.fail(SERIAL, "is missing")
        form = self._form(package)
        counter = 0 if form.step_s else self._number(package, _COUNTER, 0, LAST_COUNTER, 0)
        return TokenRecord(
            serial=serial,
            algorithm=form.algorithm,
            hash=form.hash,
            digits=form.digits,
            step_s=form.step_s,
            counter=counter,
            seed=self._seed(package),
            valid_from_ms=form.valid_from_ms,
            valid_to_ms=form.valid_to_ms,
            issuer=texts.get(_ISSUER, ""),
            line=package.line,
            suite=form.suite,
        )

    def _form(self, package: Texts) -> _Form:
        if _SEALED_INTERVAL in package.lines:
            interval = str(self._number(package, _INTERVAL, 1, max(LONGEST_STEP_S.values()), 0))
            package.texts[_PLAIN_INTERVAL] = interval
        words = (
            package.attribute(_KEY, "Algorithm"),
            *map(package.texts.get, _FORM_TEXTS),
            *package.attributes.get(_FORMAT, {}).items(),
            _PIN in package.lines and package.attribute(_PIN, "PINUsageMode"),
        )
        form = self._forms.get(words)
        if form is None:
            form = _form_of(package)
            if len(self._forms) >= FORMS_KEPT:
                self._forms.clear()
            self._forms[words] = form
        return form

    def _seed(self, package: Texts) -> bytes:
        if _SEALED_SECRET in package.lines:
            seed, place = self._opened(package, _SECRET), _SEALED_SECRET
        else:
            seed, place = _plain_seed(package), _PLAIN_SECRET
        if not SHORTEST_SEED <= len(seed) <= LONGEST_SEED:
            package.fail(place, f"must hold {SHORTEST_SEED} to {LONGEST_SEED} bytes")
        return seed

    def _number(self, package: Texts, path: str, low: int, high: int, default: int) -> int:
        """Plain in decimal digits, or enciphered as 4 or 8 bytes (RFC 6030 section 4.2)."""
        if f"{path}/EncryptedValue" not in package.lines:
            return _plain_number(package, f"{path}/PlainValue", low, high, default)
        value = self._opened(package, path)
        number = int.from_bytes(value, "big")
        if len(value) not in (4, 8) or not low <= number <= high:
            package.fail(f"{path}/EncryptedValue", f"must be a number from {low} to {high}")
        return number

    def _opened(self, package: Texts, path: str) -> bytes:
        if f"{path}/PlainValue" in package.lines:
            package.fail(path, "is given twice, plain and enciphered")
        if self._vault is None:
            self._vault = Vault(self._container, self._keys)
        return self._vault.open(package, path)


def _plain_seed(package: Texts) -> bytes:
    if _PLAIN_SECRET not in package.lines:
        package.fail(_PLAIN_SECRET, "is missing")
    try:
        text = "".join(package.texts[_PLAIN_SECRET].split())
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        package.fail(_PLAIN_SECRET, "is not base64")


def _form_of(package: Texts) -> _Form:
    uri = package.attribute(_KEY, "Algorithm")
    ocra = _OCRA.fullmatch(uri)
    algorithm = "ocra" if ocra else ALGORITHMS.get(uri)
    if algorithm is None:
        package.fail(_KEY, f"Algorithm must be one of {', '.join(ALGORITHMS)}, or an OCRA suite's")
    _check_policy(package)
    valid_from_ms, valid_to_ms = _validity(package)
    longest = LONGEST_STEP_S[algorithm]
    return _Form(
        algorithm=algorithm,
        hash=_hash(package, algorithm),
        digits=0 if ocra else _digits(package),
        step_s=_plain_number(package, _PLAIN_INTERVAL, 1, longest, DEFAULT_STEP_S)
        if longest
        else 0,
        valid_from_ms=valid_from_ms,
        valid_to_ms=valid_to_ms,
        suite=ocra[1] if ocra else "",
    )


def _check_policy(package: Texts) -> None:
    if _USAGE in package.texts and "OTP" not in package.texts[_USAGE].split():
        package.fail(_USAGE, "does not allow one-time passwords")
    if _PIN not in package.lines:
        return
    if package.attribute(_PIN, "PINUsageMode") != "Local":
        package.fail(_PIN, "PINUsageMode must be Local: other modes change what is sent")


def _hash(package: Texts, algorithm: Algorithm) -> HashName:
    names = HASHES[algorithm]
    found = names.get(plain_hash_name(package.texts.get(_SUITE, "")))
    if found is None:
        package.fail(_SUITE, f"must be one of {', '.join(filter(None, names))}")
    return found


def _digits(package: Texts) -> int:
    response = package.attributes.get(_FORMAT)
    if response is None:
        package.fail(_FORMAT, "is missing or empty")
    if response.get("Encoding") != "DECIMAL":
        package.fail(_FORMAT, "Encoding must be DECIMAL")
    # The schema says CheckDigit, the text of section 4.3.4 CheckDigits.
    if {response.get("CheckDigit", "false"), response.get("CheckDigits", "false")} - {"false", "0"}:
        package.fail(_FORMAT, "check digits are not supported")
    length = response.get("Length", "")
    if not _NUMBER.fullmatch(length) or not FEWEST_DIGITS <= int(length) <= MOST_DIGITS:
        package.fail(_FORMAT, f"Length must be a number from {FEWEST_DIGITS} to {MOST_DIGITS}")
    return int(length)


def _plain_number(package: Texts, path: str, low: int, high: int, default: int) -> int:
    text = package.texts.get(path)
    if text is None:
        return default
    if not _NUMBER.fullmatch(text) or not low <= int(text) <= high:
        package.fail(path, f"must be a number from {low} to {high}")
    return int(text)


def _validity(package: Texts) -> tuple[int, int]:
    """The span that the key's policy and the device both allow."""
    start_ms = max(_instant(package, path, 0) for path in _STARTS)
    end_ms = min(_instant(package, path, NO_END_MS) for path in _ENDS)
    if start_ms >= end_ms:
        package.fail(_KEY, "its validity ends before it begins")
    return start_ms, end_ms


def _instant(package: Texts, path: str, default: int) -> int:
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
