"""The typed methods of a client about passwords, PINs and greetings. Common arguments as in
`operations`; `kind` says whether a password or a PIN is meant, `slot` which of several ("" = the
ordinary one).
"""

from __future__ import annotations

from tigertally_client import password_results as results
from tigertally_client.asking import Asking
from tigertally_client.password_results import GreetingResult, PasswordResult, ResetResult
from tigertally_client.results import Result
from tigertally_client.ticket import Ticket
from tigertally_protocol.messages.greeting import GetGreetingRequest, SetGreetingRequest
from tigertally_protocol.messages.password import (
    ChangePasswordRequest,
    PasswordRequest,
    ResetPasswordRequest,
    SetPasswordRequest,
    VerifyPasswordRequest,
)
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import PasswordKind, Transaction


class PasswordOperations(Asking):
    """What can be asked about a customer's passwords, PINs and greeting."""

    async def set_password(
        self,
        customer: str,
        password: str,
        *,
        kind: PasswordKind = PasswordKind.PASSWORD,
        slot: str = "",
        operator: str = "",
        otp: str = "",
        token: str = "",
        known: str = "",
        reference: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> PasswordResult:
        """Set a customer's first password: an `operator` answers for it, or `otp` (of `token`, "" =
        the single active one) proves it. `known`: words and numbers that the bank knows of the
        customer and that no password may be made of, with blanks between.
        """
        return await self._call(
            Transaction.SET_PASSWORD,
            SetPasswordRequest(
                institution=self._institution(institution),
                customer=customer,
                password=SecretText(password),
                kind=kind,
                slot=slot,
                operator=operator,
                otp=SecretText(otp),
                token=token,
                known=SecretText(known),
                reference=reference,
            ),
            results.password_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def verify_password(
        self,
        customer: str,
        password: str,
        *,
        kind: PasswordKind = PasswordKind.PASSWORD,
        slot: str = "",
        reference: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> PasswordResult:
        """Verify a password or PIN.

        Raises:
            OutcomeUnknown: a try may have been used up; see `resolve`.
            NoAnswer: it was not.
        """
        return await self._call(
            Transaction.VERIFY_PASSWORD,
            VerifyPasswordRequest(
                institution=self._institution(institution),
                customer=customer,
                password=SecretText(password),
                kind=kind,
                slot=slot,
                reference=reference,
                end_user_address=end_user_address,
            ),
            results.password_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def change_password(
        self,
        customer: str,
        password: str,
        new_password: str,
        *,
        kind: PasswordKind = PasswordKind.PASSWORD,
        slot: str = "",
        known: str = "",
        reference: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> PasswordResult:
        """The customer's own change from `password`, the one in force; `known` as in
        `set_password`.
        """
        return await self._call(
            Transaction.CHANGE_PASSWORD,
            ChangePasswordRequest(
                institution=self._institution(institution),
                customer=customer,
                password=SecretText(password),
                new_password=SecretText(new_password),
                kind=kind,
                slot=slot,
                known=SecretText(known),
                reference=reference,
                end_user_address=end_user_address,
            ),
            results.password_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def reset_password(
        self,
        customer: str,
        *,
        operator: str,
        password: str = "",
        kind: PasswordKind = PasswordKind.PASSWORD,
        slot: str = "",
        reason: str = "",
        known: str = "",
        reference: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> ResetResult:
        """An operator gives another password; without `password` the server makes one and answers
        it. It must be changed before it approves, where the policy says so.
        """
        return await self._call(
            Transaction.RESET_PASSWORD,
            ResetPasswordRequest(
                institution=self._institution(institution),
                customer=customer,
                operator=operator,
                password=SecretText(password),
                kind=kind,
                slot=slot,
                reason=reason,
                known=SecretText(known),
                reference=reference,
            ),
            results.reset_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def query_password(
        self,
        customer: str,
        *,
        kind: PasswordKind = PasswordKind.PASSWORD,
        slot: str = "",
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> PasswordResult:
        """How a password stands."""
        return await self._call(
            Transaction.QUERY_PASSWORD,
            PasswordRequest(
                institution=self._institution(institution),
                customer=customer,
                kind=kind,
                slot=slot,
                reason=reason,
                reference=reference,
                operator=operator,
            ),
            results.password_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def unlock_password(
        self,
        customer: str,
        *,
        kind: PasswordKind = PasswordKind.PASSWORD,
        slot: str = "",
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> PasswordResult:
        """End a lock that wrong tries brought about."""
        return await self._call(
            Transaction.UNLOCK_PASSWORD,
            PasswordRequest(
                institution=self._institution(institution),
                customer=customer,
                kind=kind,
                slot=slot,
                reason=reason,
                reference=reference,
                operator=operator,
            ),
            results.password_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def disable_password(
        self,
        customer: str,
        *,
        kind: PasswordKind = PasswordKind.PASSWORD,
        slot: str = "",
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> PasswordResult:
        """Stop a password from being used, until `enable_password`."""
        return await self._call(
            Transaction.DISABLE_PASSWORD,
            PasswordRequest(
                institution=self._institution(institution),
                customer=customer,
                kind=kind,
                slot=slot,
                reason=reason,
                reference=reference,
                operator=operator,
            ),
            results.password_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def enable_password(
        self,
        customer: str,
        *,
        kind: PasswordKind = PasswordKind.PASSWORD,
        slot: str = "",
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> PasswordResult:
        """Let a disabled password be used again."""
        return await self._call(
            Transaction.ENABLE_PASSWORD,
            PasswordRequest(
                institution=self._institution(institution),
                customer=customer,
                kind=kind,
                slot=slot,
                reason=reason,
                reference=reference,
                operator=operator,
            ),
            results.password_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def set_greeting(
        self,
        customer: str,
        greeting: str,
        *,
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> Result:
        """Keep the text by which the customer knows the bank; "" takes it back."""
        return await self._call(
            Transaction.SET_GREETING,
            SetGreetingRequest(
                institution=self._institution(institution),
                customer=customer,
                greeting=SecretText(greeting),
                reference=reference,
                operator=operator,
            ),
            results.kept_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def get_greeting(
        self,
        customer: str,
        *,
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> GreetingResult:
        """The text to show to whoever says to be this customer; an invented one where there is
        none, or no such customer.
        """
        return await self._call(
            Transaction.GET_GREETING,
            GetGreetingRequest(
                institution=self._institution(institution),
                customer=customer,
            ),
            results.greeting_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )
