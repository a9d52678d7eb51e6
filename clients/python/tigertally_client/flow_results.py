"""What calls about flows return. As in `results`: blanks of the wire become None."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tigertally_client.results import EntryRef, Receipt, Result, TokenResult, token_standing
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import NO_SHARD
from tigertally_protocol.messages.flow import FlowQueryResponse, FlowResponse
from tigertally_protocol.transactions import FlowState


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowResult(TokenResult):
    """Answer to beginning, stepping and cancelling. The token's fields are the factor's, if any.

    Attributes:
        flow: id of the flow; keep it for the next step.
        flow_state: None when there is no flow to tell about.
        factor: the factor tried; "" when none was.
        factor_result: what the factor's own verification answered; None when it was not looked at,
            or policy hides it.
        proven: factors proven so far.
        wanted: factors that may be tried now.
        expires_at_ms: UTC; None when blank.
    """

    flow: str
    flow_state: FlowState | None
    factor: str
    factor_result: ResponseCode | None
    proven: tuple[str, ...]
    wanted: tuple[str, ...]
    expires_at_ms: int | None

    @property
    def approved(self) -> bool:
        """Whether the whole flow is satisfied: the only thing that lets a customer in."""
        return self.code is ResponseCode.APPROVED

    @property
    def open(self) -> bool:
        """Whether further steps may follow."""
        return self.flow_state is FlowState.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowDetails(Result):
    """Answer to `query_flow`. Times are UTC milliseconds, None when blank.

    Attributes:
        failures: refused tries so far; 255: that many or more.
        began_channel: id of the channel that began it.
        policy: "" where it was begun by the channel's own expression.
        expression: what it asks for.
    """

    flow: str
    flow_state: FlowState | None
    customer: str
    policy: str
    expression: str
    reference: str
    proven: tuple[str, ...]
    wanted: tuple[str, ...]
    failures: int
    began_channel: int
    began_at_ms: int | None
    expires_at_ms: int | None
    ended_at_ms: int | None

    @property
    def satisfied(self) -> bool:
        """Whether every factor it asks for was proven in time."""
        return self.flow_state is FlowState.SATISFIED


def flow_result(receipt: Receipt, message: FlowResponse) -> FlowResult:
    """Of beginning, stepping and cancelling."""
    return FlowResult(
        **token_standing(receipt, message),
        flow=message.flow,
        flow_state=_STATES.get(message.flow_state),
        factor=message.factor,
        factor_result=_CODES.get(message.factor_result),
        proven=_names(message.proven),
        wanted=_names(message.wanted),
        expires_at_ms=message.expires_at or None,
    )


def flow_details(receipt: Receipt, message: FlowQueryResponse) -> FlowDetails:
    """Of a query about a flow."""
    shard = message.entry_shard
    return FlowDetails(
        receipt=receipt,
        detail=message.detail,
        entry=None if shard == NO_SHARD else EntryRef(shard, message.entry_seq),
        flow=message.flow,
        flow_state=_STATES.get(message.flow_state),
        customer=message.customer,
        policy=message.policy,
        expression=message.expression,
        reference=message.reference,
        proven=_names(message.proven),
        wanted=_names(message.wanted),
        failures=message.failures,
        began_channel=message.began_channel,
        began_at_ms=message.began_at or None,
        expires_at_ms=message.expires_at or None,
        ended_at_ms=message.ended_at or None,
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


# A newer server may send numbers that this client has no name for: they read as blank.
_STATES: Final = {int(state): state for state in FlowState if state}
_CODES: Final = {int(code): code for code in ResponseCode if code}
