"""Requests of the methods beside TOTP, and what their answers lead to.

| kind     | request                                       | the one answer expected |
|----------|-----------------------------------------------|-------------------------|
| hotp     | the next code of a fresh HOTP token           | APPROVED                |
| ocra     | a question for a fresh token                  | CHANGED                 |
|          | or, once a question came, its answer          | APPROVED                |
| sms      | a code for a fresh customer                   | CHANGED                 |
|          | or, once a code came by message, that code    | APPROVED                |
| pin-otp  | PIN and right code of a fresh token           | APPROVED                |
| mschapv2 | a fresh token's right code, in a peer's proof | APPROVED                |

The codes by SMS come as they come to customers: through outbox, dispatcher and gateway.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from tigertally_client.system import Entropy
from tigertally_load.codes import totp
from tigertally_load.customers import Customers
from tigertally_load.inbox import Inbox
from tigertally_load.methods import OCRA_SUITE, Method
from tigertally_load.mix import Kind
from tigertally_load.population import Population
from tigertally_load.proofs import hotp, nt_response, ocra
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.ocra import IssueOcraChallengeRequest, VerifyOcraRequest
from tigertally_protocol.messages.proof import VerifyMschapv2Request, VerifyPinOtpRequest
from tigertally_protocol.messages.sms import SendSmsCodeRequest, VerifySmsCodeRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText

_SCENE: Final = "login"
_CHALLENGE_BYTES: Final = 16


class Planned(NamedTuple):
    """A request without its serial: kind, message, the code that must come back, whose it is."""

    kind: Kind
    message: Any
    code: ResponseCode
    customer: int


class MethodWorkload:
    """See the module's text. `customers`: by method."""

    def __init__(
        self,
        population: Population,
        customers: dict[Method, Customers],
        institution: str,
        entropy: Entropy,
        inbox: Inbox | None,
    ) -> None:
        self._population, self._customers = population, customers
        self._institution, self._entropy, self._inbox = institution, entropy, inbox
        self._questions: deque[tuple[int, str, str]] = deque()
        self._codes: deque[tuple[int, str, str]] = deque()
        self._sent: dict[str, tuple[int, str]] = {}
        self._came: dict[str, str] = {}
        self.makers: dict[Kind, Callable[[int], Planned]] = {
            Kind.HOTP: self._hotp,
            Kind.OCRA: self._ocra,
            Kind.SMS: self._sms,
            Kind.PIN_OTP: self._pin_otp,
            Kind.MSCHAPV2: self._mschapv2,
        }

    def look(self) -> None:
        """Read the messages that came."""
        if self._inbox is None:
            return
        for message_id, code in self._inbox.look():
            # The text may be there before the answer that names it.
            if (sent := self._sent.pop(message_id, None)) is not None:
                self._codes.append((*sent, code))
            else:
                self._came[message_id] = code

    def answered(self, kind: Kind, customer: int, answer: Any) -> None:
        """The expected answer came."""
        if kind is Kind.OCRA_ISSUE:
            self._questions.append((customer, answer.challenge, answer.question))
        elif kind is Kind.SMS_ISSUE:
            code = self._came.pop(answer.message_id, None)
            if code is None:
                self._sent[answer.message_id] = customer, answer.challenge
            else:
                self._codes.append((customer, answer.challenge, code))

    def _named(self, i: int) -> dict[str, Any]:
        return {
            "institution": self._institution,
            "customer": self._population.customer(i),
            "token": self._population.serial(i),
        }

    def _hotp(self, step: int) -> Planned:
        customers = self._customers[Method.HOTP]
        counter = customers.round
        i = customers.take(step)
        code = hotp(self._population.seed(i), counter)
        message = VerifyOtpRequest(**self._named(i), otp=SecretText(code))
        return Planned(Kind.HOTP, message, ResponseCode.APPROVED, i)

    def _ocra(self, step: int) -> Planned:
        if not self._questions:
            i = self._customers[Method.OCRA].take(step)
            asking = IssueOcraChallengeRequest(**self._named(i))
            return Planned(Kind.OCRA_ISSUE, asking, ResponseCode.CHANGED, i)
        i, challenge, question = self._questions.popleft()
        answer = ocra(self._population.seed(i), OCRA_SUITE, question)
        message = VerifyOcraRequest(
            **self._named(i), challenge=challenge, answer=SecretText(answer)
        )
        return Planned(Kind.OCRA_VERIFY, message, ResponseCode.APPROVED, i)

    def _sms(self, step: int) -> Planned:
        if not self._codes:
            i = self._customers[Method.SMS].take(step)
            sending = SendSmsCodeRequest(
                institution=self._institution,
                customer=self._population.customer(i),
                scene=_SCENE,
            )
            return Planned(Kind.SMS_ISSUE, sending, ResponseCode.CHANGED, i)
        i, challenge, code = self._codes.popleft()
        message = VerifySmsCodeRequest(
            institution=self._institution,
            customer=self._population.customer(i),
            challenge=challenge,
            scene=_SCENE,
            otp=SecretText(code),
        )
        return Planned(Kind.SMS_VERIFY, message, ResponseCode.APPROVED, i)

    def _pin_otp(self, step: int) -> Planned:
        i = self._customers[Method.PIN_OTP].take(step)
        message = VerifyPinOtpRequest(
            **self._named(i),
            otp=SecretText(totp(self._population.seed(i), step)),
            pin=SecretText(self._population.pin(i)),
        )
        return Planned(Kind.PIN_OTP, message, ResponseCode.APPROVED, i)

    def _mschapv2(self, step: int) -> Planned:
        i = self._customers[Method.MSCHAPV2].take(step)
        drawn = self._entropy.token_bytes(2 * _CHALLENGE_BYTES)
        authenticator, peer = drawn[:_CHALLENGE_BYTES], drawn[_CHALLENGE_BYTES:]
        code = totp(self._population.seed(i), step)
        user = self._population.customer(i)
        message = VerifyMschapv2Request(
            **self._named(i),
            authenticator_challenge=authenticator,
            peer_challenge=peer,
            nt_response=nt_response(user, authenticator, peer, code),
        )
        return Planned(Kind.MSCHAPV2, message, ResponseCode.APPROVED, i)
