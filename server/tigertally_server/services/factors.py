"""The factors a flow can ask for: one row each, with the transaction that verifies it by itself.

A step of a flow is that transaction's own service on that transaction's own message, so a factor's
limits, locks and at-most-once rules are the same inside a flow and outside. A row adds only how the
message is made of a step's fields, and when a factor is beyond hope within a deadline.

Invariant (a test holds it): every verifying transaction has a row, with its needs and its decision.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from tigertally_protocol.messages.flow import FlowStepRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.account import Account
from tigertally_server.domain.token import Token, TokenState
from tigertally_server.services import subject, verification
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs


class Facts(NamedTuple):
    """What stands after a refused try, before its changes are applied. Times in ms."""

    account: Account
    work: WorkingSet
    decision: Decision
    now_ms: int
    deadline_ms: int


class Factor(NamedTuple):
    """One row.

    Attributes:
        transaction: that verifies the factor by itself.
        message: its message, made of a step and the flow's reference.
        required: fields of the step that may not be blank.
        needs, decide: its service.
        lost: whether no later try within the deadline can succeed.
    """

    transaction: Transaction
    message: Callable[[FlowStepRequest, str], Any]
    required: tuple[str, ...]
    needs: Callable[[Request, Needs], None]
    decide: Callable[[Request, WorkingSet, Context], Decision]
    lost: Callable[[Facts], bool]


def _otp(step: FlowStepRequest, reference: str) -> VerifyOtpRequest:
    return VerifyOtpRequest(
        institution=step.institution,
        customer=step.customer,
        token=step.token,
        reference=reference,
        end_user_address=step.end_user_address,
        otp=step.proof,
    )


def _no_token_left(facts: Facts) -> bool:
    """No token of the customer's verifies before the deadline."""
    tokens = {token.id: token for token in facts.work.tokens_of(facts.account)}
    tokens |= {token.id: token for token in facts.decision.tokens}
    return not any(_may_verify_by(token, facts) for token in tokens.values())


def _may_verify_by(token: Token, facts: Facts) -> bool:
    begins_ms = max(facts.now_ms, token.valid_from_ms, token.otp.locked_until_ms)
    ends_ms = min(facts.deadline_ms, token.valid_to_ms)
    return token.state is TokenState.ACTIVE and begins_ms < ends_ms


FACTORS: Final[dict[str, Factor]] = {
    "otp": Factor(
        Transaction.VERIFY_OTP,
        _otp,
        ("proof",),
        subject.need_user_and_token,
        verification.verify_otp,
        _no_token_left,
    ),
}


def inner_request(factor: Factor, request: Request, reference: str) -> Request:
    """The step as the factor's own service sees it: same caller, same serial, its own message."""
    message = factor.message(request.message, reference)
    return msgspec.structs.replace(request, message=message, transaction=factor.transaction)
