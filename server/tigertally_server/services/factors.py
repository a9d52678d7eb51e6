"""The factors a flow can ask for: one row each, with the service of the transaction that verifies
it by itself.

A step of a flow is that service on that transaction's own message, which the step encloses; so a
factor's limits, locks and at-most-once rules are the same inside a flow and outside. A row adds
only what it proves, and when it is beyond hope within a deadline.

Invariant (a test holds it): every verifying transaction has a row, with its needs, its decision and
its required fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec

from tigertally_protocol import enclosure, registry
from tigertally_protocol.errors import BadField
from tigertally_protocol.messages.flow import FlowStepRequest
from tigertally_protocol.transactions import Kind, Transaction
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
        proves: the thing; of two factors that prove the same, a flow counts one.
        required: fields of its message that may not be blank.
        needs, decide: its service.
        lost: whether no later try within the deadline can succeed.
        fixed: fields of its message that the factor's name settles.
    """

    transaction: Transaction
    proves: str
    required: tuple[str, ...]
    needs: Callable[[Request, Needs], None]
    decide: Callable[[Request, WorkingSet, Context], Decision]
    lost: Callable[[Facts], bool]
    fixed: Mapping[str, Any] = MappingProxyType({})


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
        "otp",
        ("otp",),
        subject.need_user_and_token,
        verification.verify_otp,
        _no_token_left,
    ),
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
    settled = {
        "institution": step.institution,
        "customer": step.customer,
        "reference": reference or "",
        **factor.fixed,
    }
    message = msgspec.structs.replace(message, **settled)
    for name in factor.required:
        if not getattr(message, name):
            raise BadField(name)
    return msgspec.structs.replace(request, message=message, transaction=factor.transaction)
