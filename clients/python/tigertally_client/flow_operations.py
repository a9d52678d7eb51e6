"""The typed methods of a client about flows: several factors, one outcome. Common arguments as in
`operations`.

    begun = await client.begin_flow("C0001", "payment", reference="PAY-42")
    first = await client.flow_step("C0001", begun.flow, "password", password="…")
    last = await client.flow_step("C0001", begun.flow, "otp", otp="123456")
    if last.approved: ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tigertally_client.asking import Asking
from tigertally_client.flow_results import FlowDetails, FlowResult, flow_details, flow_result
from tigertally_client.ticket import Ticket
from tigertally_protocol import enclosure, registry
from tigertally_protocol.constants import SCHEMA_1
from tigertally_protocol.messages.flow import (
    OTHER_CHANNELS,
    BeginFlowRequest,
    BeginOwnFlowRequest,
    CancelFlowRequest,
    FlowStepRequest,
    QueryFlowRequest,
)
from tigertally_protocol.secret import SecretBytes, SecretText
from tigertally_protocol.transactions import FACTORS, Kind, Transaction


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
        /,
        customer: str,
        flow: str,
        factor: str,
        *,
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
        **fields: Any,
    ) -> FlowResult:
        """Try one factor of a flow. Only `approved` says that the whole flow is satisfied.

        Args:
            customer: the customer number.
            flow: the id that `begin_flow` gave.
            factor: one of `wanted`.
            end_user_address: where the customer's device is, for the record.
            institution: see the module's text.
            timeout_s: seconds for the whole call.
            ticket: see the module's text.
            fields: what the factor's own request has beside customer and reference: `otp="123456"`
                for VERIFY_OTP, `password="…"` for VERIFY_PASSWORD, and so on.

        Raises:
            ValueError: no such factor, or its request has no such field.
            BadField: a value doesn't fit its field.
            OutcomeUnknown: the proof may have been used up; see `resolve` and `query_flow`.
            NoAnswer: it was not.
        """
        message = FlowStepRequest(
            institution=self._institution(institution),
            customer=customer,
            flow=flow,
            factor=factor,
            end_user_address=end_user_address,
            factor_body=_factor_body(factor, fields, self.charset),
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


def _factor_body(factor: str, fields: Mapping[str, Any], charset: str) -> SecretBytes:
    """The factor's own request, enclosed. Raises ValueError, BadField."""
    transaction = FACTORS.get(factor)
    if transaction is None:
        raise ValueError(f"there is no factor {factor!r}; there are {', '.join(FACTORS)}")
    row = registry.message_type(transaction, Kind.REQUEST, SCHEMA_1)
    assert row is not None
    secret = {spec.name for spec in row.fields if spec.secret and not spec.reserved}
    if unknown := sorted(fields.keys() - set(row.cls.__struct_fields__)):
        raise ValueError(f"{transaction.name} has no field {unknown[0]!r}")
    values = {n: SecretText(v) if n in secret else v for n, v in fields.items()}
    return enclosure.enclosed(row, row.cls(**values), charset)
