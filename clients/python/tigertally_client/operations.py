"""The typed methods of a client: each builds one message and names its answer's record.

Common arguments: `institution` (default: the credentials'), `timeout_s` (default: the settings'),
`ticket` (default: a fresh one; give one to repeat a request or to have noted its serial before),
`reference` (the bank's own, at most 32 ASCII characters, found again by `query_reference`) and
`operator` (who asked, at most 16).

Knows nothing of connections; `_call` is the subclass's. Calls about tokens are in
`token_operations`, about flows in `flow_operations`, about passwords in
`password_operations`, about transactions in `transaction_operations`, about cards,
mobile tokens and emergency codes in `activation_operations`, of the crypto engine in
`crypto_operations`.
"""

from __future__ import annotations

from typing import Final

from tigertally_client import results
from tigertally_client.activation_operations import ActivationOperations
from tigertally_client.crypto_operations import CryptoOperations
from tigertally_client.flow_operations import FlowOperations
from tigertally_client.password_operations import PasswordOperations
from tigertally_client.proof_operations import ProofOperations
from tigertally_client.results import (
    Execution,
    QueryResult,
    Resolution,
    UserDetails,
    UserResult,
    VerifyResult,
)
from tigertally_client.sms_operations import SmsOperations
from tigertally_client.ticket import Ticket
from tigertally_client.token_operations import TokenOperations
from tigertally_client.transaction_operations import TransactionOperations
from tigertally_protocol.codes import CODES, ResponseCode
from tigertally_protocol.messages.query import (
    CancelSerialRequest,
    QueryReferenceRequest,
    QuerySerialRequest,
)
from tigertally_protocol.messages.user import (
    CloseUserRequest,
    QueryUserRequest,
    RegisterUserRequest,
)
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import QueryState, Transaction

_SETTLES_NOTHING: Final = frozenset({None, ResponseCode.OUTCOME_UNKNOWN})


class Operations(
    TokenOperations,
    ProofOperations,
    FlowOperations,
    PasswordOperations,
    SmsOperations,
    TransactionOperations,
    ActivationOperations,
    CryptoOperations,
):
    """What a bank front-end can ask. See the module's text for the common arguments."""

    # ------------------------------------------------------------------ verification

    async def verify_otp(
        self,
        customer: str,
        otp: str,
        *,
        token: str = "",
        reference: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> VerifyResult:
        """Verify a one-time password of a customer.

        Args:
            customer: the customer number.
            otp: the digits that the customer typed.
            token: serial of the token meant; "" = the customer's single active one, else the answer
                is AMBIGUOUS_TOKEN.
            reference: the bank's own reference.
            end_user_address: where the customer's device is, for the record.
            institution: see the module's text.
            timeout_s: seconds for the whole call.
            ticket: see the module's text.

        Raises:
            OutcomeUnknown: the code may have been used up; see `resolve`.
            NoAnswer: it was not.
        """
        return await self._call(
            Transaction.VERIFY_OTP,
            VerifyOtpRequest(
                institution=self._institution(institution),
                customer=customer,
                token=token,
                reference=reference,
                end_user_address=end_user_address,
                otp=SecretText(otp),
            ),
            results.verify_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    # ------------------------------------------------------------------ users

    async def register_user(
        self,
        customer: str,
        *,
        name: str = "",
        mobile: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> UserResult:
        """Make a customer known. USER_EXISTS when it already is."""
        return await self._call(
            Transaction.REGISTER_USER,
            RegisterUserRequest(
                institution=self._institution(institution),
                customer=customer,
                reference=reference,
                operator=operator,
                name=SecretText(name),
                mobile=SecretText(mobile),
            ),
            results.user_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def query_user(
        self,
        customer: str,
        *,
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> UserDetails:
        """A customer's state and tokens."""
        return await self._call(
            Transaction.QUERY_USER,
            QueryUserRequest(institution=self._institution(institution), customer=customer),
            results.user_details,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def close_user(
        self,
        customer: str,
        *,
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> UserResult:
        """Close a customer: from then on none of its tokens approves anything."""
        return await self._call(
            Transaction.CLOSE_USER,
            CloseUserRequest(
                institution=self._institution(institution),
                customer=customer,
                reference=reference,
                operator=operator,
                reason=reason,
            ),
            results.user_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    # ------------------------------------------------------------------ what became of a request

    async def query_serial(
        self,
        serial: int,
        business_day: int,
        *,
        channel: int = 0,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> QueryResult:
        """What is recorded under a serial; `channel` 0 = this one. "Not seen" proves nothing."""
        return await self._call(
            Transaction.QUERY_SERIAL,
            QuerySerialRequest(channel=channel, business_day=business_day, serial=serial),
            results.query_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def query_reference(
        self,
        reference: str,
        business_day: int,
        *,
        channel: int = 0,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> QueryResult:
        """What is recorded under the bank's own reference."""
        return await self._call(
            Transaction.QUERY_REFERENCE,
            QueryReferenceRequest(channel=channel, business_day=business_day, reference=reference),
            results.query_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def cancel_serial(
        self,
        serial: int,
        business_day: int,
        *,
        operator: str = "",
        reason: str = "",
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> QueryResult:
        """Claim a serial so that a late arrival is refused; SERIAL_ALREADY_EXECUTED if it ran."""
        return await self._call(
            Transaction.CANCEL_SERIAL,
            CancelSerialRequest(
                business_day=business_day, serial=serial, operator=operator, reason=reason
            ),
            results.query_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def resolve(
        self,
        serial: int,
        business_day: int,
        *,
        cancel: bool = True,
        operator: str = "",
        timeout_s: float | None = None,
    ) -> Resolution:
        """End an unknown outcome: ask, and if nothing is recorded, cancel.

        Args:
            serial: as in `OutcomeUnknown`.
            business_day: as in `OutcomeUnknown`.
            cancel: False only asks; the answer is then EXECUTED or UNKNOWN, since a request that
                wasn't seen yet may still arrive.
            operator: who asked.
            timeout_s: for each of the two steps.

        Raises:
            OutcomeUnknown: the cancellation's own outcome; call `resolve` again.
        """
        asked = await self.query_serial(serial, business_day, timeout_s=timeout_s)
        found = resolution_of(asked)
        if not cancel or found.execution is not Execution.UNKNOWN:
            return found
        cancelled = await self.cancel_serial(
            serial, business_day, operator=operator, timeout_s=timeout_s
        )
        return resolution_of(cancelled)


def resolution_of(answer: QueryResult) -> Resolution:
    """What a query's or a cancellation's answer proves about the serial it speaks of."""
    execution = Execution.UNKNOWN
    if answer.state is QueryState.RECORDED and answer.of_result not in _SETTLES_NOTHING:
        execution = Execution.EXECUTED
    elif answer.state is QueryState.CANCELLED and _is_recorded(answer.code):
        execution = Execution.NOT_EXECUTED
    result = answer.of_result if execution is Execution.EXECUTED else None
    return Resolution(execution=execution, result=result, evidence=answer)


def _is_recorded(code: ResponseCode) -> bool:
    row = CODES[code]
    return row.recorded or code is ResponseCode.ANSWERED
