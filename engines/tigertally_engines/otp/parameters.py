"""How one kind of one-time-password token behaves: a record, its checks, its per-token overrides.

Knows nothing of tokens, users or storage. A record that went through `validated()` (or `merge()`)
keeps every bound of `BOUNDS` and the relations between fields, so that the decision code needs no
checks of its own. Bounds follow RFC 4226 section 7, RFC 6238 section 5, GM/T 0021 (time step at
most 60 s) and NIST SP 800-63B-4 section 3.2.2 (at most 100 failures in a row).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple, Self

import msgspec

from tigertally_engines.otp.gm import LONGEST_QUESTION, SHORTEST_QUESTION, Edition
from tigertally_engines.otp.ocra_suite import FULL_LENGTH, OcraSuite, SuiteError, parse_suite

HASHES: Final = ("sha1", "sha256", "sha512", "sm3")
DEFAULT_HASH: Final = "sha1"
GM_HASH: Final = "sm3"
GM_LONGEST_STEP_S: Final = 60
SHORTEST_SEED: Final = 16  # bytes; RFC 4226 R6 and GM/T 0021 both demand 128 bits
LONGEST_SEED: Final = 128
LONGEST_CARD_ANSWER: Final = 16  # digits


class OtpAlgorithm(StrEnum):
    """The forms of one-time password that the engine computes."""

    HOTP = "hotp"
    TOTP = "totp"
    GM_SM3 = "gm-sm3"
    GM_SM4 = "gm-sm4"
    OCRA = "ocra"
    CARD_LIST = "card-list"
    CARD_MATRIX = "card-matrix"


class VerificationMode(StrEnum):
    """By what proof a token's codes may be verified."""

    PLAIN = "plain"
    PIN_OTP = "pin-otp"
    MSCHAPV2 = "mschapv2"
    CHAP = "chap"
    QUESTION = "question"


class Protection(StrEnum):
    """Where seeds are. It acts when a seed is stored: a token keeps what it was stored with."""

    MEMORY = "memory"
    """Sealed at rest, opened in the server's memory for each decision."""
    DEVICE = "device"
    """Enclosed by a key of the HSM; it alone opens it, and makes the MACs."""


ALL_MODES: Final = ",".join(VerificationMode)
GM_ALGORITHMS: Final = frozenset({OtpAlgorithm.GM_SM3, OtpAlgorithm.GM_SM4})


class ParameterError(ValueError):
    """A parameter is unknown, of the wrong type or out of bounds; `name` says which."""

    def __init__(self, name: str, reason: str = "is not valid") -> None:
        super().__init__(f"OTP parameter {name!r} {reason}")
        self.name = name
        self.reason = reason


class Bound(NamedTuple):
    """Smallest and largest value of an integer parameter, both allowed."""

    low: int
    high: int


YEAR_S: Final = 366 * 86_400

BOUNDS: Final[Mapping[str, Bound]] = {
    "digits": Bound(6, 10),
    "step_s": Bound(1, 120),
    "window": Bound(0, 20),
    "look_ahead": Bound(0, 100),
    "look_behind": Bound(0, 100),
    "resync_window": Bound(1, 1000),
    "drift_max": Bound(0, 1000),
    "max_failures": Bound(1, 100),
    "lock_s": Bound(1, YEAR_S),
    "lock_cap_s": Bound(1, YEAR_S),
    "failure_ceiling": Bound(1, 100),
    "throttle_after": Bound(1, 100),
    "throttle_base_ms": Bound(0, 3_600_000),
    "throttle_cap_ms": Bound(0, 86_400_000),
    "familiar_origins": Bound(0, 8),
    "gm_edition": Bound(min(Edition), max(Edition)),
    "question_length": Bound(SHORTEST_QUESTION, LONGEST_QUESTION),
    "challenge_s": Bound(10, 300),
    "challenge_tries": Bound(1, 10),
    "card_rows": Bound(1, 26),
    "card_columns": Bound(1, 40),
    "cell_digits": Bound(1, 8),
    "cells_asked": Bound(1, 8),
    "card_warning": Bound(0, 1000),
}


class OtpParameters(msgspec.Struct, frozen=True, gc=False):
    """Everything that the decision needs besides seed, state, code and time.

    algorithm         form of the code
    hash              "sha1", "sha256", "sha512" or "sm3"; the GM forms always mean "sm3", an OCRA
                      suite its own
    digits            6..10; an OCRA suite's own where it has one
    step_s            seconds per time step; OCRA suites have their own
    window            steps accepted on each side of the expected one (time-based)
    look_ahead        counters accepted beyond the expected one (HOTP; 0 = only that one)
    look_behind       how many used steps or counters are recognised as a replay
    resync_window     reach of the two-code search: steps on each side, or counters ahead
    drift_max         steps of drift that plain verification may learn
    max_failures      a lock falls at each multiple of it
    lock_s            first lock, doubling with each further one
    lock_cap_s        longest of these locks
    failure_ceiling   failures in a row after which the lock is for ever
    throttle_after    failures from which each further one delays the next try
    throttle_base_ms  first delay, doubling; 0 = no throttle
    throttle_cap_ms   longest delay
    familiar_origins  addresses at which it was verified that are remembered, and not locked by what
                      others do elsewhere (`origins.py`); 0 = no difference is made
    modes             by which proofs its codes may be verified, with commas between: "plain",
                      "pin-otp", "mschapv2", "chap", "question"
    gm_edition        edition of GM/T 0021 that the GM forms follow, 2012 or 2023
    ocra_suite        how an OCRA token computes its answers (RFC 6287 section 6)
    ocra_host_suite   how it checks the server's; "" = it doesn't
    question_length   characters of a question that the GM forms are asked
    challenge_s       how long a question waits for its answer
    challenge_tries   wrong answers after which a question is spent
    card_rows         rows of a scratch card, A … Z
    card_columns      columns of a scratch card; a list has rows × columns numbered cells
    cell_digits       digits in one cell of a matrix; the cells of a list have `digits`
    cells_asked       cells of a matrix that make one answer
    card_warning      so many cells left, or fewer, and a new card is due
    protection        where the seeds of new tokens are: "memory" or "device" (the HSM)
    """

    algorithm: OtpAlgorithm = OtpAlgorithm.TOTP
    hash: str = DEFAULT_HASH
    digits: int = 6
    step_s: int = 30
    window: int = 1
    look_ahead: int = 10
    look_behind: int = 10
    resync_window: int = 100
    drift_max: int = 10
    max_failures: int = 5
    lock_s: int = 900
    lock_cap_s: int = 86_400
    failure_ceiling: int = 100
    throttle_after: int = 3
    throttle_base_ms: int = 1000
    throttle_cap_ms: int = 60_000
    familiar_origins: int = 4
    modes: str = ALL_MODES
    gm_edition: int = int(Edition.OF_2023)
    ocra_suite: str = ""
    ocra_host_suite: str = ""
    question_length: int = 8
    challenge_s: int = 180
    challenge_tries: int = 3
    card_rows: int = 10
    card_columns: int = 10
    cell_digits: int = 3
    cells_asked: int = 2
    card_warning: int = 10
    protection: Protection = Protection.MEMORY

    def validated(self) -> Self:
        """Return the record, normalised (the GM form gets its only hash), or raise ParameterError.

        The error names the first bad parameter in the order of the fields, relations last.
        """
        normal = self._normalised()
        for name, bound in BOUNDS.items():
            _check_bound(name, getattr(normal, name), bound)
        _check_relations(normal)
        return normal

    def merge(self, overrides: Mapping[str, object]) -> Self:
        """A validated copy with a token's own values in place of its type's.

        Raises ParameterError for an unknown name, a wrong type or a bad value.
        """
        known = self.__struct_fields__
        for name in overrides:
            if name not in known:
                raise ParameterError(name, "is unknown")
        changes: dict[str, Any] = dict(overrides)
        return msgspec.structs.replace(self, **changes).validated()

    def as_dict(self) -> dict[str, object]:
        """Plain values by name, fit for JSON; `OtpParameters().merge()` of it gives the record."""
        texts = {"algorithm": str(self.algorithm), "protection": str(self.protection)}
        return {**msgspec.structs.asdict(self), **texts}

    def allows(self, mode: VerificationMode) -> bool:
        """Whether this proof is one of the token's."""
        return mode in self.modes.split(",")

    @property
    def suite(self) -> OcraSuite:
        """The suite of the token's answers. Raises SuiteError where there is none."""
        return parse_suite(self.ocra_suite)

    @property
    def host_suite(self) -> OcraSuite | None:
        """The suite of the server's answers, if the token can check them."""
        return parse_suite(self.ocra_host_suite) if self.ocra_host_suite else None

    def _normalised(self) -> Self:
        try:
            algorithm = OtpAlgorithm(self.algorithm)
        except ValueError:
            raise ParameterError("algorithm", f"is none of {_listing(OtpAlgorithm)}") from None
        if self.protection not in list(Protection):
            raise ParameterError("protection", f"is none of {_listing(Protection)}")
        if self.hash not in HASHES:
            raise ParameterError("hash", f"is none of {_listing(HASHES)}")
        if algorithm is OtpAlgorithm.OCRA:
            suite = _checked_suite("ocra_suite", self.ocra_suite)
            digits = suite.digits or self.digits
            return msgspec.structs.replace(
                self,
                algorithm=algorithm,
                hash=suite.hash,
                digits=digits,
                protection=Protection(self.protection),
            )
        chosen, protection = self.hash, Protection(self.protection)
        if algorithm in GM_ALGORITHMS:
            # The default hash of this record is that of RFC 4226; GM/T 0021 knows only its own.
            if chosen not in (DEFAULT_HASH, GM_HASH):
                raise ParameterError("hash", "must be sm3 for the GM forms")
            chosen = GM_HASH
        return msgspec.structs.replace(
            self, algorithm=algorithm, hash=chosen, protection=protection
        )


def check_seed(seed: bytes) -> bytes:
    """Return the seed, or raise ParameterError("seed") for one too short or too long to be one."""
    if not SHORTEST_SEED <= len(seed) <= LONGEST_SEED:
        raise ParameterError("seed", f"must have {SHORTEST_SEED} to {LONGEST_SEED} bytes")
    return seed


def _check_bound(name: str, value: object, bound: Bound) -> None:
    if type(value) is not int:  # a bool is an int to isinstance
        raise ParameterError(name, "is not an integer")
    if not bound.low <= value <= bound.high:
        raise ParameterError(name, f"must be from {bound.low} to {bound.high}")


def _check_relations(parameters: OtpParameters) -> None:
    if parameters.algorithm in GM_ALGORITHMS and parameters.step_s > GM_LONGEST_STEP_S:
        raise ParameterError("step_s", f"must not exceed {GM_LONGEST_STEP_S} for the GM forms")
    if parameters.gm_edition not in list(Edition):
        raise ParameterError("gm_edition", f"is none of {_listing(map(str, Edition))}")
    _check_modes(parameters)
    _check_suites(parameters)
    _check_protection(parameters)
    if parameters.algorithm is OtpAlgorithm.CARD_MATRIX:
        _check_matrix(parameters)
    if parameters.lock_cap_s < parameters.lock_s:
        raise ParameterError("lock_cap_s", "must not be less than lock_s")
    if parameters.failure_ceiling < parameters.max_failures:
        raise ParameterError("failure_ceiling", "must not be less than max_failures")
    if parameters.throttle_cap_ms < parameters.throttle_base_ms:
        raise ParameterError("throttle_cap_ms", "must not be less than throttle_base_ms")


def _check_matrix(parameters: OtpParameters) -> None:
    digits = parameters.cell_digits * parameters.cells_asked
    if not BOUNDS["digits"].low <= digits <= LONGEST_CARD_ANSWER:
        low = BOUNDS["digits"].low
        raise ParameterError("cells_asked", f"must make {low} to {LONGEST_CARD_ANSWER} digits")
    if parameters.card_rows * parameters.card_columns < parameters.cells_asked:
        raise ParameterError("cells_asked", "is more than the card has")


def _check_modes(parameters: OtpParameters) -> None:
    known, modes = frozenset(VerificationMode), _given(parameters.modes)
    if not isinstance(modes, str) or not known.issuperset(modes.split(",")):
        raise ParameterError("modes", f"must be of {_listing(VerificationMode)}")


def _check_suites(parameters: OtpParameters) -> None:
    answers, host = parameters.ocra_suite, parameters.ocra_host_suite
    if parameters.algorithm is not OtpAlgorithm.OCRA:
        if answers or host:
            raise ParameterError("ocra_suite" if answers else "ocra_host_suite", "is for OCRA only")
        return
    if not host:
        return
    if host == answers:
        # The suite's text is an input of both computations. Were it the same, a host code that
        # somebody asks for could be the answer to a question.
        raise ParameterError("ocra_host_suite", "must differ from ocra_suite")
    suite = _checked_suite("ocra_host_suite", host)
    if suite.pin_hash:
        raise ParameterError("ocra_host_suite", "must not contain a PIN")
    if (suite.form, suite.length) != (parameters.suite.form, parameters.suite.length):
        raise ParameterError("ocra_host_suite", "must have the questions of ocra_suite")
    if suite.session_bytes not in (0, parameters.suite.session_bytes):
        raise ParameterError("ocra_host_suite", "must have the session of ocra_suite, or none")


def _check_protection(parameters: OtpParameters) -> None:
    if parameters.protection is not Protection.DEVICE:
        return
    if parameters.algorithm in GM_ALGORITHMS:
        raise ParameterError(
            "protection", "can't be device: the GM forms hash or encipher with the seed itself"
        )
    if parameters.host_suite is not None and parameters.host_suite.hash != parameters.hash:
        raise ParameterError("ocra_host_suite", "must have the hash of ocra_suite in a device")


def device_hash(parameters: OtpParameters) -> str:
    """The hash of the HMACs that a device makes for such a token."""
    cards = (OtpAlgorithm.CARD_LIST, OtpAlgorithm.CARD_MATRIX)
    return "sha256" if parameters.algorithm in cards else parameters.hash


def _given(value: object) -> object:
    """A value as somebody gave it: whatever the field's annotation says."""
    return value


def _checked_suite(name: str, text: object) -> OcraSuite:
    if not isinstance(text, str):
        raise ParameterError(name, "is not a text")
    try:
        suite = parse_suite(text)
    except SuiteError as problem:
        raise ParameterError(name, str(problem)) from None
    if suite.digits != FULL_LENGTH and suite.digits < BOUNDS["digits"].low:
        raise ParameterError(name, f"must give at least {BOUNDS['digits'].low} digits")
    return suite


def _listing(names: Iterable[str]) -> str:
    return ", ".join(names)
