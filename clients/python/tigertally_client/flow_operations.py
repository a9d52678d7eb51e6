"""The typed methods of a client about flows: several factors, one outcome. Common arguments as in
`operations`.

    begun = await client.begin_flow("C0001", "payment", reference="PAY-42")
    first = await client.flow_step("C0001", begun.flow, "password", "…")
    last = await client.flow_step("C0001", begun.flow, "otp", "123456")
    if last.approved: ...
"""

from __future__ import annotations

from collections.abc import Sequence

from tigertally_client.asking import Asking
from tigertally_client.flow_results import FlowDetails, FlowResult, flow_details, flow_result
from tigertally_client.ticket import Ticket
from tigertally_protocol.messages.flow import (
    OTHER_CHANNELS,
    BeginFlowRequest,
    BeginOwnFlowRequest,
    CancelFlowRequest,
    FlowStepRequest,
    QueryFlowRequest,
)
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction


class FlowOperations(Asking):
    """What can be asked about flows."""

    async def begin_flow(
        self,
        customer: str,
        policy: str,
        *,
        deadline_s: int = 0,
        channels: Sequence[int] = (),
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> FlowResult:
        """Begin a flow that one of the bank's policies describes.

        Args:
            customer: the customer number.
            policy: the policy's name.
            deadline_s: the flow lapses after so many seconds; 0 = the policy's own, which is also
                the most.
            channels: ids of at most four channels that may take steps beside this one.
            reference: stands in the entry of every step.
            operator: see the module's text.
            institution: see the module's text.
            timeout_s: seconds for the whole call.
            ticket: see the module's text.

        Raises:
            ValueError: too many channels.
        """
        message = BeginFlowRequest(
            self._institution(institution),
            customer,
            policy,
            deadline_s,
            *_others(channels),
            reference,
            operator,
        )
        return await self._call(
            Transaction.BEGIN_FLOW, message, flow_result, timeout_s=timeout_s, ticket=ticket
        )

    async def begin_own_flow(
        self,
        customer: str,
        expression: str,
        *,
        deadline_s: int = 0,
        channels: Sequence[int] = (),
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> FlowResult:
        """Begin a flow by an expression of one's own: `all(password, any(otp, sms))`.

        Other arguments as for `begin_flow`; without `deadline_s` it lasts five minutes.
        """
        message = BeginOwnFlowRequest(
            self._institution(institution),
            customer,
            expression,
            deadline_s,
            *_others(channels),
            reference,
            operator,
        )
        return await self._call(
            Transaction.BEGIN_OWN_FLOW, message, flow_result, timeout_s=timeout_s, ticket=ticket
        )

    async def flow_step(
        self,
        customer: str,
        flow: str,
        factor: str,
        proof: str,
        *,
        proof_2: str = "",
        token: str = "",
        challenge: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> FlowResult:
        """Try one factor of a flow. Only `approved` says that the whole flow is satisfied.

        Args:
            customer: the customer number.
            flow: the id that `begin_flow` gave.
            factor: one of `wanted`.
            proof: the code, password or response that the customer gave.
            proof_2: its second part, for factors that have one.
            token: serial of the token meant, for factors that use one.
            challenge: id of what is answered, for factors with a challenge.
            end_user_address: where the customer's device is, for the record.
            institution: see the module's text.
            timeout_s: seconds for the whole call.
            ticket: see the module's text.

        Raises:
            OutcomeUnknown: the proof may have been used up; see `resolve` and `query_flow`.
            NoAnswer: it was not.
        """
        message = FlowStepRequest(
            institution=self._institution(institution),
            customer=customer,
            flow=flow,
            factor=factor,
            token=token,
            challenge=challenge,
            end_user_address=end_user_address,
            proof=SecretText(proof),
            proof_2=SecretText(proof_2),
        )
        return await self._call(
            Transaction.FLOW_STEP, message, flow_result, timeout_s=timeout_s, ticket=ticket
        )

    async def query_flow(
        self,
        customer: str,
        flow: str,
        *,
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> FlowDetails:
        """How far a flow is, and its outcome; for any channel of the institution."""
        message = QueryFlowRequest(self._institution(institution), customer, flow)
        return await self._call(
            Transaction.QUERY_FLOW, message, flow_details, timeout_s=timeout_s, ticket=ticket
        )

    async def cancel_flow(
        self,
        customer: str,
        flow: str,
        *,
        reason: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> FlowResult:
        """End a flow, so that no later step counts. FLOW_ENDED when it has its outcome already."""
        message = CancelFlowRequest(
            self._institution(institution), customer, flow, operator, reason
        )
        return await self._call(
            Transaction.CANCEL_FLOW, message, flow_result, timeout_s=timeout_s, ticket=ticket
        )


def _others(channels: Sequence[int]) -> tuple[int, int, int, int]:
    if len(channels) > OTHER_CHANNELS:
        raise ValueError(f"at most {OTHER_CHANNELS} channels may join a flow")
    first, second, third, fourth = (*channels, 0, 0, 0, 0)[:OTHER_CHANNELS]
    return first, second, third, fourth
