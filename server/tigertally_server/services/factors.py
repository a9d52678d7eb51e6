"""The factors a flow can ask for: one row each, with the service of the transaction that verifies
it by itself.

A step of a flow is that service on that transaction's own message, which the step encloses; so a
factor's limits, locks and at-most-once rules are the same inside a flow and outside. A row adds
only what it proves, and when it is beyond hope within a deadline.

Invariant (a test holds it): every verifying transaction has a row, with its needs, its decision and
its required fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec

from tigertally_engines.otp import card
from tigertally_engines.otp.parameters import OtpParameters, VerificationMode
from tigertally_protocol import enclosure, registry
from tigertally_protocol.errors import BadField
from tigertally_protocol.messages.flow import FlowStepRequest
from tigertally_protocol.transactions import Kind, PasswordKind, Transaction
from tigertally_server.domain.account import Account
from tigertally_server.domain.credential import Credential, CredentialKind, CredentialState
from tigertally_server.domain.token import Token, TokenState
from tigertally_server.services import (
    answering,
    cards,
    emergency,
    passwords,
    prepared,
    proofs,
    subject,
    token_pins,
    verification,
)
from tigertally_server.services.context import Context
from tigertally_server.services.modes import can_be_proved
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sms import verifying as sms
from tigertally_server.services.transactions import completing
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs


class Facts(NamedTuple):
    """What stands after a refused try, before its changes are applied. Times in ms.

    Attributes:
        message: the factor's own.
    """

    account: Account
    message: Any
    work: WorkingSet
    context: Context
    decision: Decision
    now_ms: int
    deadline_ms: int


SlowPart = Callable[[Request, Context], Callable[[], Any] | None]


class Factor(NamedTuple):
    """One row.

    Attributes:
        transaction: that verifies the factor by itself.
        proves: the thing; of two factors that prove the same, a flow counts one.
        required: fields of its message that may not be blank.
        needs, decide: its service.
        lost: whether no later try within the deadline can succeed.
        slow_part: what its service computes before, if anything.
        fixed: fields of its message that the factor's name settles.
    """

    transaction: Transaction
    proves: str
    required: tuple[str, ...]
    needs: Callable[[Request, Needs], None]
    decide: Callable[[Request, WorkingSet, Context], Decision]
    lost: Callable[[Facts], bool]
    slow_part: SlowPart | None = None
    fixed: Mapping[str, Any] = MappingProxyType({})


def _no_token_left(can: Callable[[OtpParameters], bool], facts: Facts) -> bool:
    """No token of the customer's that can prove itself so does before the deadline."""
    decision = facts.decision
    tokens = {token.id: token for token in facts.work.tokens_of(facts.account)}
    tokens |= {token.id: token for token in (*decision.tokens, *decision.rebound_tokens)}
    return not any(_may_verify(token, can, facts) for token in tokens.values())


def _may_verify(token: Token, can: Callable[[OtpParameters], bool], facts: Facts) -> bool:
    begins_ms = max(facts.now_ms, token.valid_from_ms, token.otp.locked_until_ms)
    ends_ms = min(facts.deadline_ms, token.valid_to_ms)
    if token.state is not TokenState.ACTIVE or begins_ms >= ends_ms:
        return False
    return can(facts.context.snapshot.parameters(token))


def _no_password_left(kind: CredentialKind, facts: Facts) -> bool:
    return not _may_be_used(facts.work.credential(facts.account, kind, facts.message.slot), facts)


def _no_phone_left(facts: Facts) -> bool:
    return not _may_be_used(facts.work.credential(facts.account, CredentialKind.SMS), facts)


def _no_emergency_code_left(facts: Facts) -> bool:
    codes = facts.work.credentials(facts.account, CredentialKind.EMERGENCY_CODE)
    return not any(_may_be_used(code, facts) for code in codes)


def _may_be_used(before: Credential | None, facts: Facts) -> bool:
    """Whether this credential, as the try leaves it, may be right before the deadline."""
    if before is None:
        return False
    changed: Iterable[Credential] = facts.decision.credentials
    now = next((row for row in changed if row.id == before.id), before)
    begins_ms = max(facts.now_ms, now.factor.locked_until_ms, now.factor.next_try_ms)
    ends_ms = min(facts.deadline_ms, now.valid_to_ms)
    return now.state is CredentialState.ACTIVE and begins_ms < ends_ms


def _of_token(mode: VerificationMode) -> Callable[[Facts], bool]:
    return partial(_no_token_left, partial(_can_be_proved_by, mode))


def _can_be_proved_by(mode: VerificationMode, parameters: OtpParameters) -> bool:
    return can_be_proved(parameters, mode)


def _password(kind: PasswordKind, credential: CredentialKind) -> Factor:
    return Factor(
        Transaction.VERIFY_PASSWORD,
        credential.name.lower(),
        ("customer", "password"),
        passwords.need_password,
        passwords.verify_password,
        partial(_no_password_left, credential),
        prepared.slow_part,
        MappingProxyType({"kind": kind}),
    )


def _never(_facts: Facts) -> bool:
    return False


def _confirmed(method: str, proves: str, lost: Callable[[Facts], bool]) -> Factor:
    """The customer, or customer service, confirmed the text of this very transaction."""
    return Factor(
        Transaction.COMPLETE_TRANSACTION_VERIFICATION,
        proves,
        ("customer", "verification", "method", "act"),
        completing.need_completing,
        completing.complete_transaction,
        lost,
        fixed=MappingProxyType({"method": method}),
    )


FACTORS: Final[dict[str, Factor]] = {
    "otp": Factor(
        Transaction.VERIFY_OTP,
        "token",
        ("customer", "otp"),
        subject.need_user_and_token,
        verification.verify_otp,
        _of_token(VerificationMode.PLAIN),
    ),
    "pin-otp": Factor(
        Transaction.VERIFY_PIN_OTP,
        "token",
        ("customer", "otp", "pin"),
        token_pins.need_pin,
        proofs.verify_pin_otp,
        _of_token(VerificationMode.PIN_OTP),
    ),
    "mschapv2": Factor(
        Transaction.VERIFY_MSCHAPV2,
        "token",
        ("customer",),
        proofs.need_chap,
        proofs.verify_mschapv2,
        _of_token(VerificationMode.MSCHAPV2),
    ),
    "chap": Factor(
        Transaction.VERIFY_CHAP,
        "token",
        ("customer",),
        proofs.need_chap,
        proofs.verify_chap,
        _of_token(VerificationMode.CHAP),
    ),
    "ocra": Factor(
        Transaction.VERIFY_OCRA,
        "token",
        ("customer", "answer"),
        answering.need_answer,
        answering.verify_answer,
        _of_token(VerificationMode.QUESTION),
    ),
    "card": Factor(
        Transaction.VERIFY_CARD,
        "token",
        ("customer", "challenge", "answer"),
        cards.need_card_answer,
        cards.verify_card,
        partial(_no_token_left, card.is_matrix),
    ),
    "emergency": Factor(
        Transaction.VERIFY_EMERGENCY_CODE,
        "token",
        ("customer", "otp"),
        emergency.need_emergency,
        emergency.verify_emergency_code,
        _no_emergency_code_left,
    ),
    "sms": Factor(
        Transaction.VERIFY_SMS_CODE,
        "phone",
        ("customer", "challenge", "otp"),
        sms.need_verifying,
        sms.verify_code,
        _no_phone_left,
    ),
    "sms-mschapv2": Factor(
        Transaction.VERIFY_SMS_MSCHAP,
        "phone",
        ("customer", "challenge"),
        sms.need_verifying,
        sms.verify_mschap,
        _no_phone_left,
    ),
    "confirm-sms": _confirmed("sms", "phone", _no_phone_left),
    "confirm-ocra": _confirmed("ocra", "token", _of_token(VerificationMode.QUESTION)),
    "service": _confirmed("service", "service", _never),
    "password": _password(PasswordKind.PASSWORD, CredentialKind.PASSWORD),
    "pin": _password(PasswordKind.PIN, CredentialKind.PIN),
}


def inner_request(factor: Factor, request: Request, reference: str | None) -> Request:
    """The step as the factor's own service sees it: same caller, same serial, its own message, with
    the flow's customer and reference (None: not known yet).

    Raises:
        BadField: the enclosed body can't be read, or names somebody or something else.
    """
    step: FlowStepRequest = request.message
    row = registry.message_type(factor.transaction, Kind.REQUEST, step.factor_schema)
    if row is None:
        raise BadField("factor_schema")
    message = enclosure.disclosed(row, step.factor_body, request.channel.charset)
    if request.institution_of(message.institution) != request.institution_of(step.institution):
        raise BadField("institution")
    if message.customer not in ("", step.customer):
        raise BadField("customer")
    if reference is not None and message.reference not in ("", reference):
        raise BadField("reference")
    if message.end_user_address not in ("", step.end_user_address):
        raise BadField("end_user_address")
    settled = {
        "institution": step.institution,
        "customer": step.customer,
        "end_user_address": step.end_user_address,
        "reference": reference or "",
        **factor.fixed,
    }
    message = msgspec.structs.replace(message, **settled)
    for name in factor.required:
        if not getattr(message, name):
            raise BadField(name)
    return msgspec.structs.replace(request, message=message, transaction=factor.transaction)
