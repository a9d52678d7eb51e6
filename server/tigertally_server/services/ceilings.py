"""How likely a guesser gets through before he is stopped, method by method, under the configuration
in force. Figures for those who set it; nothing here decides.

The guesser is the worst one: he tries as early as each lock and delay lets him, never gives up, and
the customer never verifies meanwhile, which would only help. Secrets that people choose are counted
as if they were chosen evenly, which flatters them: `even` says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from tigertally_engines.otp import emergency, guess, two_step
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.penalty import PenaltyRules
from tigertally_engines.password.policy import PasswordForm, PasswordPolicy, form_of
from tigertally_engines.sms.parameters import SmsParameters
from tigertally_server.services.context import Context

DAY_S: Final = 86_400
YEAR_S: Final = 365 * DAY_S
TOKEN_PIN_DIGITS: Final = 6
_PRINTABLE: Final = 94
_SMS_BITS: Final = 64
_TWO_LEDGERS: Final = 2
_CHECK_BITS: Final = 5  # of an activation code's letters, the last one follows from the others


class Ceiling(NamedTuple):
    """One method under one name. Probabilities from 0 to 1.

    Attributes:
        method, name: what it is; the token type, scene or policy.
        even: whether a machine chose the secret.
        candidates: values that one try is compared with.
        once: probability that one try is approved.
        tries_day, tries_year: tries that fit, from a fresh state.
        day, year: probability within these.
        tries_ever: tries before it is locked until an operator unlocks.
        ever: probability within these.
    """

    method: str
    name: str
    even: bool
    candidates: int
    once: float
    tries_day: int
    day: float
    tries_year: int
    year: float
    tries_ever: int
    ever: float


def ceilings(context: Context) -> Iterator[Ceiling]:
    """One row for each token type, scene of SMS, password policy, and code of one kind only."""
    snapshot = context.snapshot
    for name, parameters in sorted(snapshot.token_types.items()):
        yield of_token(name, parameters)
        yield of_token_with_pin(name, parameters)
    yield of_emergency_code()
    yield of_activation_code()
    yield of_sms("(any other scene)", context.sms.parameters)
    for scene, rules in sorted(context.sms.scenes.items()):
        yield of_sms(scene, rules)
    for name, policy in sorted(snapshot.password_policies.items()):
        yield of_password(name, policy)


def of_token(name: str, parameters: OtpParameters) -> Ceiling:
    """Whoever also sits at a familiar address has a second ledger of tries (`otp.origins`), but not
    a second ceiling.
    """
    once = guess.once_probability(parameters)
    ledgers = _TWO_LEDGERS if parameters.familiar_origins else 1
    return _ceiling("token", name, once, parameters, guess.candidates(parameters), ledgers=ledgers)


def of_token_with_pin(name: str, parameters: OtpParameters) -> Ceiling:
    """Both parts are judged as one, so that a wrong PIN and a wrong code look alike."""
    once = guess.once_probability(parameters) / 10**TOKEN_PIN_DIGITS
    ledgers = _TWO_LEDGERS if parameters.familiar_origins else 1
    shown = guess.candidates(parameters)
    return _ceiling("token and PIN", name, once, parameters, shown, ledgers=ledgers, even=False)


def of_sms(scene: str, rules: SmsParameters) -> Ceiling:
    """Against codes sent anew as often as there are tries; each is dead after `code_tries`."""
    values = 1 << _SMS_BITS
    once = float(-(-values // 10**rules.digits) / values)
    return _ceiling("SMS", scene, once, rules, 1)


def of_emergency_code() -> Ceiling:
    """While a token is reported lost."""
    values = 1 << (8 * emergency.CODE_BYTES)
    once = float(-(-values // 10**emergency.DIGITS) / values)
    return _ceiling("emergency code", "(all)", once, emergency.LIMITS, 1)


def of_activation_code() -> Ceiling:
    """So many wrong ones end the activation."""
    once, tries = 2.0 ** -(8 * two_step.CODE_BYTES - _CHECK_BITS), two_step.MAX_TRIES
    all_of_them = guess.repeated(once, tries)
    return Ceiling(
        "activation code",
        "(all)",
        even=True,
        candidates=1,
        once=once,
        tries_day=tries,
        day=all_of_them,
        tries_year=tries,
        year=all_of_them,
        tries_ever=tries,
        ever=all_of_them,
    )


def of_password(name: str, policy: PasswordPolicy) -> Ceiling:
    """The shortest that the policy allows."""
    is_pin = form_of(name) is PasswordForm.PIN
    letters = 10 if is_pin else _PRINTABLE
    once = float(letters) ** -policy.min_length
    return _ceiling("PIN" if is_pin else "password", name, once, policy, 1, even=False)


def _ceiling(
    method: str,
    name: str,
    once: float,
    rules: PenaltyRules,
    candidates: int,
    *,
    ledgers: int = 1,
    even: bool = True,
) -> Ceiling:
    most = rules.failure_ceiling
    day = min(most, ledgers * guess.tries_within(rules, DAY_S))
    year = min(most, ledgers * guess.tries_within(rules, YEAR_S))
    return Ceiling(
        method,
        name,
        even,
        candidates,
        once,
        day,
        guess.repeated(once, day),
        year,
        guess.repeated(once, year),
        most,
        guess.repeated(once, most),
    )
