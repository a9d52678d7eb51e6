"""The typed methods of a client about scratch cards, mobile tokens and emergency codes. Common
arguments as in `operations`.

    asked = await client.ask_card("C0001")
    ...                                   # the customer types what stands in asked.cells
    result = await client.verify_card("C0001", asked.challenge, "204917")
"""

from __future__ import annotations

from tigertally_client import activation_results as results
from tigertally_client.activation_results import (
    ActivationCode,
    ActivationStarted,
    CardQuestion,
    CardResult,
    EmergencyCodeIssued,
    EmergencyResult,
)
from tigertally_client.asking import Asking
from tigertally_client.ticket import Ticket
from tigertally_protocol.messages.activation import (
    IssueActivationCodeRequest,
    IssueEmergencyCodeRequest,
    StartActivationRequest,
    VerifyEmergencyCodeRequest,
)
from tigertally_protocol.messages.card import AskCardRequest, VerifyCardRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction


class ActivationOperations(Asking):
    """Cards to be asked, telephones to be activated, codes for who lost a token."""

    async def ask_card(
        self,
        customer: str,
        *,
        token: str = "",
        reference: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> CardQuestion:
        """Which cells shall the customer type in; the same ones until they were typed rightly."""
        return await self._call(
            Transaction.ASK_CARD,
            AskCardRequest(
                institution=self._institution(institution),
                customer=customer,
                token=token,
                reference=reference,
                end_user_address=end_user_address,
            ),
            results.card_question,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def verify_card(
        self,
        customer: str,
        challenge: str,
        answer: str,
        *,
        token: str = "",
        reference: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> CardResult:
        """Does `answer` stand in the cells of `challenge`, one after another without blanks."""
        return await self._call(
            Transaction.VERIFY_CARD,
            VerifyCardRequest(
                institution=self._institution(institution),
                customer=customer,
                token=token,
                reference=reference,
                end_user_address=end_user_address,
                challenge=challenge,
                answer=SecretText(answer),
            ),
            results.card_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def start_activation(
        self,
        customer: str,
        token: str,
        *,
        valid_s: int = 0,
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> ActivationStarted:
        """Make the server's half of an assigned mobile token's seed.

        Args:
            customer: the customer number.
            token: its serial.
            valid_s: seconds in which it must be activated; 0 = a day.
            reference: see `operations`, as the rest.
            operator: who asked.
            institution: see there.
            timeout_s: see there.
            ticket: see there.
        """
        return await self._call(
            Transaction.START_ACTIVATION,
            StartActivationRequest(
                institution=self._institution(institution),
                customer=customer,
                token=token,
                reference=reference,
                operator=operator,
                valid_s=valid_s,
            ),
            results.activation_started,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def issue_activation_code(
        self,
        customer: str,
        token: str,
        *,
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> ActivationCode:
        """Make the customer's half; once for each `start_activation`. Then `activate_token`."""
        return await self._call(
            Transaction.ISSUE_ACTIVATION_CODE,
            IssueActivationCodeRequest(
                institution=self._institution(institution),
                customer=customer,
                token=token,
                reference=reference,
                operator=operator,
            ),
            results.activation_code,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def issue_emergency_code(
        self,
        customer: str,
        token: str,
        *,
        uses: int = 0,
        valid_s: int = 0,
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> EmergencyCodeIssued:
        """Give the customer a code that stands in for a lost token.

        Args:
            customer: the customer number.
            token: the lost one.
            uses: how often it may be used; 0 = three times, at most ten.
            valid_s: for how many seconds; 0 = a day, at most three.
            reason: why.
            reference: see `operations`, as the rest.
            operator: who asked.
            institution: see there.
            timeout_s: see there.
            ticket: see there.
        """
        return await self._call(
            Transaction.ISSUE_EMERGENCY_CODE,
            IssueEmergencyCodeRequest(
                institution=self._institution(institution),
                customer=customer,
                token=token,
                reference=reference,
                operator=operator,
                reason=reason,
                uses=uses,
                valid_s=valid_s,
            ),
            results.emergency_code_issued,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def verify_emergency_code(
        self,
        customer: str,
        code: str,
        *,
        token: str = "",
        reference: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> EmergencyResult:
        """Verify an emergency code; `token`: the lost one, "" = the customer's only one."""
        return await self._call(
            Transaction.VERIFY_EMERGENCY_CODE,
            VerifyEmergencyCodeRequest(
                institution=self._institution(institution),
                customer=customer,
                token=token,
                reference=reference,
                end_user_address=end_user_address,
                otp=SecretText(code),
            ),
            results.emergency_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )
