"""What `make bench ARGS="micro"` measures of each method of verification: the engine's whole
decision about a right proof, as the server asks for it, without storage, keys and wire.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from tigertally_engines.otp import chap, decide, pin, questions
from tigertally_engines.otp.answer import State, verify_answer
from tigertally_engines.otp.decide import OtpResult, Verdict
from tigertally_engines.otp.forms import FORMS
from tigertally_engines.otp.ocra import Inputs, Moment
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.state import OtpState
from tigertally_testing.bench_units import Part, cost_us

SEED: Final = bytes(range(32))
NOW_MS: Final = 1_767_225_600_000
CALLS: Final = 1_000
QUESTION: Final = "12345678"
SUITES: Final = (
    "OCRA-1:HOTP-SHA1-6:QN08",
    "OCRA-1:HOTP-SHA256-8:QN08-T1M",
    "OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1",
    "OCRA-1:HOTP-SHA512-8:QA10-T1M",
)
PLAIN: Final[dict[str, dict[str, Any]]] = {
    "HOTP, look-ahead 10": {"algorithm": "hotp"},
    "TOTP SHA-1, window ±1": {"algorithm": "totp"},
    "TOTP SHA-256, window ±1": {"algorithm": "totp", "hash": "sha256"},
    "GM/T 0021 SM3, window ±1": {"algorithm": "gm-sm3", "step_s": 60},
    "GM/T 0021 SM4, window ±1": {"algorithm": "gm-sm4", "step_s": 60},
}


def measure_methods() -> list[Part]:
    """One line a method, in the order of the parts above, then those on top of a code."""
    work: list[tuple[str, Callable[[], OtpResult]]] = [
        (name, _plain(_parameters(values))) for name, values in PLAIN.items()
    ]
    work += [(suite, _answer(suite)) for suite in SUITES]
    totp = _parameters(PLAIN["TOTP SHA-1, window ±1"])
    work += [
        ("PIN + TOTP, window ±1", _pin_and_code(totp)),
        ("CHAP over TOTP, window ±1", _chap(totp)),
        ("MS-CHAPv2 over TOTP, window ±1", _mschapv2(totp)),
    ]
    for name, call in work:
        assert call() is OtpResult.APPROVED, name
    return [Part(name, cost_us(call, CALLS)) for name, call in work]


def _parameters(values: dict[str, Any]) -> OtpParameters:
    return OtpParameters().merge(values)


def _code(parameters: OtpParameters) -> str:
    form = FORMS[parameters.algorithm]
    middle = form.movement.window(parameters, OtpState(), NOW_MS)
    factor = middle[len(middle) // 2]
    return form.codes(parameters, SEED, [factor])[0]


def _plain(parameters: OtpParameters) -> Callable[[], OtpResult]:
    code, state = _code(parameters), OtpState()
    return lambda: decide.verify(parameters, SEED, state, code, NOW_MS).result


def _answer(suite: str) -> Callable[[], OtpResult]:
    parameters = _parameters({"algorithm": "ocra", "ocra_suite": suite})
    inputs = Inputs(QUESTION, bytes(20) if questions.needs_pin(parameters) else b"")
    step_s = questions.step_s(parameters)
    moment = Moment(5, NOW_MS // (step_s * 1000) if step_s else None)
    given = questions.codes(parameters, SEED, inputs, [moment])[0]
    state = State(OtpState())

    def call() -> OtpResult:
        return verify_answer(parameters, SEED, state, inputs, given, NOW_MS).verdict.result

    return call


def _verdict(parameters: OtpParameters, check: decide.Check) -> Verdict:
    return decide.verify_by(parameters, SEED, OtpState(), check, NOW_MS)


def _pin_and_code(parameters: OtpParameters) -> Callable[[], OtpResult]:
    code = _code(parameters)
    mac = partial(_keyed, SEED)
    kept = pin.kept_pin(mac, 1, b"1", bytes(16), "258036")

    def call() -> OtpResult:
        right = pin.is_right(mac, kept, b"1", "258036")
        return _verdict(parameters, lambda codes: [c == code and right for c in codes]).result

    return call


def _keyed(key: bytes, _pepper: int, octets: bytes) -> bytes:
    return hmac.digest(key, octets, "sha256")


def _chap(parameters: OtpParameters) -> Callable[[], OtpResult]:
    challenge = bytes(16)
    given = chap.chap_response(1, _code(parameters), challenge)

    def check(codes: Sequence[str]) -> list[bool]:
        return [chap.chap_response(1, code, challenge) == given for code in codes]

    return lambda: _verdict(parameters, check).result


def _mschapv2(parameters: OtpParameters) -> Callable[[], OtpResult]:
    exchange, code = chap.Exchange("C0000001", bytes(16), bytes(range(16))), _code(parameters)
    given = chap.nt_response(chap.challenge_hash(exchange), code)

    def call() -> OtpResult:
        check = partial(chap.recognised, chap.challenge_hash(exchange), response=given)
        result = _verdict(parameters, check).result
        chap.authenticator_response(exchange, code, given)
        return result

    return call
