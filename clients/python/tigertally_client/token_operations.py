"""The typed methods of a client about a token's life. Common arguments as in `operations`."""

from __future__ import annotations

from tigertally_client import results
from tigertally_client.asking import Asking
from tigertally_client.results import ReplaceResult, TokenDetails, TokenResult
from tigertally_client.ticket import Ticket
from tigertally_protocol.messages.token import (
    ActivateTokenRequest,
    BindTokenRequest,
    QueryTokenRequest,
    ReplaceTokenRequest,
    ResyncTokenRequest,
    TokenRequest,
)
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction


class TokenOperations(Asking):
    """What can be asked about one token."""

    async def bind_token(
        self,
        customer: str,
        token: str,
        *,
        otp: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TokenResult:
        """Bind a token in stock to a customer; `otp` proves possession where policy asks for it."""
        return await self._call(
            Transaction.BIND_TOKEN,
            BindTokenRequest(
                institution=self._institution(institution),
                customer=customer,
                token=token,
                reference=reference,
                operator=operator,
                otp=SecretText(otp),
            ),
            results.token_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def unbind_token(
        self,
        customer: str,
        token: str,
        *,
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TokenResult:
        """Take a token from its customer."""
        message = self._token_request(customer, token, reason, reference, operator, institution)
        return await self._token_call(Transaction.UNBIND_TOKEN, message, timeout_s, ticket)

    async def enable_token(
        self,
        customer: str,
        token: str,
        *,
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TokenResult:
        """Let a disabled token be used again."""
        message = self._token_request(customer, token, reason, reference, operator, institution)
        return await self._token_call(Transaction.ENABLE_TOKEN, message, timeout_s, ticket)

    async def disable_token(
        self,
        customer: str,
        token: str,
        *,
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TokenResult:
        """Stop a token from being used, until `enable_token`."""
        message = self._token_request(customer, token, reason, reference, operator, institution)
        return await self._token_call(Transaction.DISABLE_TOKEN, message, timeout_s, ticket)

    async def unlock_token(
        self,
        customer: str,
        token: str,
        *,
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TokenResult:
        """End a lock that wrong codes brought about."""
        message = self._token_request(customer, token, reason, reference, operator, institution)
        return await self._token_call(Transaction.UNLOCK_TOKEN, message, timeout_s, ticket)

    async def assign_token(
        self,
        customer: str,
        token: str,
        *,
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TokenResult:
        """Give a token in stock to a customer, who begins to use it by `activate_token`."""
        message = self._token_request(customer, token, reason, reference, operator, institution)
        return await self._token_call(Transaction.ASSIGN_TOKEN, message, timeout_s, ticket)

    async def activate_token(
        self,
        customer: str,
        token: str,
        otp: str,
        *,
        activation_code: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TokenResult:
        """Begin to use an assigned token: `otp` is its first code; `activation_code` goes with it
        where the token lives on a mobile phone.
        """
        return await self._call(
            Transaction.ACTIVATE_TOKEN,
            ActivateTokenRequest(
                institution=self._institution(institution),
                customer=customer,
                token=token,
                reference=reference,
                operator=operator,
                otp=SecretText(otp),
                activation_code=SecretText(activation_code),
            ),
            results.token_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def report_loss(
        self,
        customer: str,
        token: str,
        *,
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TokenResult:
        """A customer's token is lost: from then on it approves nothing."""
        message = self._token_request(customer, token, reason, reference, operator, institution)
        return await self._token_call(Transaction.REPORT_LOSS, message, timeout_s, ticket)

    async def withdraw_loss(
        self,
        customer: str,
        token: str,
        *,
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TokenResult:
        """A lost token was found: it is again what it was before the report."""
        message = self._token_request(customer, token, reason, reference, operator, institution)
        return await self._token_call(Transaction.WITHDRAW_LOSS, message, timeout_s, ticket)

    async def void_token(
        self,
        customer: str,
        token: str,
        *,
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TokenResult:
        """A token is at its end. `customer` "" = a token that nobody holds."""
        message = self._token_request(customer, token, reason, reference, operator, institution)
        return await self._token_call(Transaction.VOID_TOKEN, message, timeout_s, ticket)

    async def restore_token(
        self,
        customer: str,
        token: str,
        *,
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TokenResult:
        """Take back `void_token`: the token is in the stock again. `customer` as there."""
        message = self._token_request(customer, token, reason, reference, operator, institution)
        return await self._token_call(Transaction.RESTORE_TOKEN, message, timeout_s, ticket)

    async def replace_token(
        self,
        customer: str,
        token: str,
        new_token: str,
        *,
        otp: str = "",
        assign: bool = False,
        carry_pin: bool = False,
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> ReplaceResult:
        """Put a token of the stock in the place of one of the customer's.

        Args:
            customer: the customer number.
            token: the old one; from then on it approves nothing.
            new_token: the one in its place.
            otp: a code of the new one, where policy asks for proof of possession.
            assign: the new one waits for `activate_token`.
            carry_pin: the old one's PIN becomes the new one's.
            reason: why.
            reference: see the module's text, as the rest.
            operator: who asked.
            institution: see there.
            timeout_s: see there.
            ticket: see there.
        """
        return await self._call(
            Transaction.REPLACE_TOKEN,
            ReplaceTokenRequest(
                institution=self._institution(institution),
                customer=customer,
                token=token,
                reference=reference,
                operator=operator,
                new_token=new_token,
                reason=reason,
                assign=int(assign),
                carry_pin=int(carry_pin),
                otp=SecretText(otp),
            ),
            results.replace_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def query_token(
        self,
        customer: str,
        token: str,
        *,
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TokenDetails:
        """How a token stands. `customer` "" = a token that nobody holds."""
        return await self._call(
            Transaction.QUERY_TOKEN,
            QueryTokenRequest(
                institution=self._institution(institution), customer=customer, token=token
            ),
            results.token_details,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def resync_token(
        self,
        customer: str,
        token: str,
        otp_1: str,
        otp_2: str,
        *,
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TokenResult:
        """Bring a token's clock or counter back in step by two codes that follow one another."""
        return await self._call(
            Transaction.RESYNC_TOKEN,
            ResyncTokenRequest(
                institution=self._institution(institution),
                customer=customer,
                token=token,
                reference=reference,
                operator=operator,
                otp_1=SecretText(otp_1),
                otp_2=SecretText(otp_2),
            ),
            results.token_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    def _token_request(
        self,
        customer: str,
        token: str,
        reason: str,
        reference: str,
        operator: str,
        institution: str | None,
    ) -> TokenRequest:
        return TokenRequest(
            institution=self._institution(institution),
            customer=customer,
            token=token,
            reference=reference,
            operator=operator,
            reason=reason,
        )

    async def _token_call(
        self,
        transaction: Transaction,
        message: TokenRequest,
        timeout_s: float | None,
        ticket: Ticket | None,
    ) -> TokenResult:
        return await self._call(
            transaction, message, results.token_result, timeout_s=timeout_s, ticket=ticket
        )
