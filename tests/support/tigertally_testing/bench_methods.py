"""What `make bench ARGS="micro"` measures of each method of verification: the engine's whole
decision about a right proof, as the server asks for it, without storage, keys and wire.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from tigertally_engines.otp import card, chap, decide, emergency, pin, questions
from tigertally_engines.otp.answer import State, verify_answer
from tigertally_engines.otp.decide import OtpResult, Verdict
from tigertally_engines.otp.forms import FORMS
from tigertally_engines.otp.kernel import cell_codes
from tigertally_engines.otp.ocra import Inputs, Moment
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.state import OtpState
from tigertally_engines.password import record as passwords
from tigertally_engines.password.candidate import Candidate
from tigertally_engines.sms import codes as sms
from tigertally_engines.sms.transaction import Transaction
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
    "scratch card, cells in order": {"algorithm": "card-list"},
}
PASSWORD: Final = "correct horse battery"
SLOW: Final = "argon2id-8"
SLOW_CALLS: Final = 20
PAYMENT: Final = Transaction(
    institution="0001",
    customer="C0000001",
    channel=7,
    scene="payment",
    amount=1_234_500,
    currency="CNY",
    payee="6222020200112233445",
    payee_name="王小明",
)


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
    work += [
        ("scratch card, three cells of a matrix", _matrix()),
        ("emergency code", _emergency()),
        ("code by SMS: issue (digest, server code, code for the text)", _issue_sms()),
        ("code by SMS: verify", _verify_sms()),
        ("PIN or password, keyed", _password("keyed")),
    ]
    slow = _password(SLOW)
    for name, call in (*work, (SLOW, slow)):
        assert call() is OtpResult.APPROVED, name
    parts = [Part(name, cost_us(call, CALLS)) for name, call in work]
    return [*parts, Part(f"password, {SLOW} (in a thread of its own)", cost_us(slow, SLOW_CALLS))]


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


def _matrix() -> Callable[[], OtpResult]:
    parameters, state = _parameters({"algorithm": "card-matrix"}), OtpState()
    cells = card.draw_cells(parameters, b"", bytes(range(card.draw_length(parameters))))
    answer = "".join(cell_codes(SEED, cells, parameters.cell_digits))
    return lambda: card.verify_cells(parameters, SEED, state, cells, answer, NOW_MS).result


def _emergency() -> Callable[[], OtpResult]:
    keyed, state = partial(_keyed, SEED), OtpState()
    code = emergency.draw_code(SEED[: emergency.CODE_BYTES])
    kept = emergency.kept_code(keyed, 1, bytes(emergency.SALT_BYTES), code, 3)
    return lambda: emergency.use(keyed, kept, state, code, NOW_MS).verdict.result


def _issued() -> sms.Issued:
    return sms.Issued(bytes(sms.NONCE_BYTES), PAYMENT.digest(), 6, "sha256", PAYMENT.scene)


def _issue_sms() -> Callable[[], OtpResult]:
    """The code itself is made later, when the text is handed over."""

    def call() -> OtpResult:
        issued = _issued()
        shown, code = sms.server_code(SEED, issued.nonce), sms.code_of(SEED, issued)
        return OtpResult.APPROVED if shown and code else OtpResult.WRONG

    return call


def _verify_sms() -> Callable[[], OtpResult]:
    issued = _issued()
    code = sms.code_of(SEED, issued)

    def call() -> OtpResult:
        result, _ = sms.verify(SEED, issued, PAYMENT.digest(), sms.typed(code))
        return OtpResult.APPROVED if result is sms.SmsResult.APPROVED else OtpResult.WRONG

    return call


def _password(scheme: str) -> Callable[[], OtpResult]:
    salt, identity = bytes(16), b"0001/C0000001/password"
    right = Candidate(PASSWORD, salt)
    kept = passwords.make_verifier(right, scheme, identity, salt, 1, _keyed_by_name)

    def call() -> OtpResult:
        given = Candidate(PASSWORD, salt)
        fits = passwords.fits(kept, given, identity, _keyed_by_name)
        return OtpResult.APPROVED if fits else OtpResult.WRONG

    return call


def _keyed_by_name(_pepper: int, name: str, octets: bytes) -> bytes:
    return hmac.digest(SEED, octets, name)
