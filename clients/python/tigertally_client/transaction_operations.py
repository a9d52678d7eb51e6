"""The typed methods of a client about transactions: verified over the text that the customer reads.
Common arguments as in `operations`.

    payment = TransactionFields("transfer", sum="1234.50", currency="CNY", payee="6222…",
                                payee_name="张三")
    begun = await client.begin_transaction_verification("C0001", payment, method="sms")
    show(begun.text.reveal(), begun.server_code)
    done = await client.complete_transaction_verification(
        "C0001", begun.verification, payment, method="sms", proof="314159"
    )
    if done.approved: execute(payment)
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from tigertally_client.asking import Asking
from tigertally_client.ticket import Ticket
from tigertally_client.transaction_results import (
    BegunTransaction,
    TransactionDetails,
    TransactionResult,
    begun_transaction,
    transaction_details,
    transaction_result,
)
from tigertally_protocol.messages.transaction_verification import (
    BeginTransactionRequest,
    CompleteTransactionRequest,
    ConfirmByServiceRequest,
    QueryTransactionRequest,
)
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction


@dataclass(frozen=True, slots=True)
class TransactionFields:
    """What a transaction is. Give the same ones at the beginning and at the end.

    Attributes:
        act: transfer, payment, withdrawal, new_payee, limit or other.
        sum: a decimal number as text, "1234.50"; "" where there is no amount.
        currency: three capital letters (ISO 4217).
        payee: the payee's account, whole.
        language: of the text, zh or en; "" = the channel's.
        ordered_at: milliseconds since the epoch; 0 = when it is begun.
    """

    act: str
    sum: str = ""
    currency: str = ""
    payee: str = ""
    payee_name: str = ""
    bank: str = ""
    purpose: str = ""
    language: str = ""
    ordered_at: int = 0


class TransactionOperations(Asking):
    """What can be asked about transactions."""

    async def begin_transaction_verification(
        self,
        customer: str,
        transaction: TransactionFields,
        *,
        method: str,
        token: str = "",
        app: str = "",
        lasts_s: int = 0,
        end_user_address: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> BegunTransaction:
        """Have a transaction confirmed; the server composes its text.

        Args:
            customer: the customer number.
            transaction: what it is.
            method: "sms", "ocra" (a token's answer) or "service" (customer service).
            token: for "ocra": which token; "" = the single active one.
            app: for "sms": seal the code for this app of the customer's.
            lasts_s: seconds to complete it; 0 = ten minutes.
            end_user_address: where the customer's device is.
            reference: see the module `operations`.
            operator: who entered it; may not confirm it then.
            institution: see the module `operations`.
            timeout_s: seconds for the whole call.
            ticket: see the module `operations`.
        """
        message = BeginTransactionRequest(
            institution=self._institution(institution),
            customer=customer,
            reference=reference,
            end_user_address=end_user_address,
            operator=operator,
            method=method,
            token=token,
            app=app,
            lasts_s=lasts_s,
            **asdict(transaction),
        )
        return await self._call(
            Transaction.BEGIN_TRANSACTION_VERIFICATION,
            message,
            begun_transaction,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def complete_transaction_verification(
        self,
        customer: str,
        verification: str,
        transaction: TransactionFields,
        *,
        method: str,
        proof: str = "",
        pin: str = "",
        end_user_address: str = "",
        reference: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TransactionResult:
        """Was this transaction, as it is now to be executed, confirmed?

        Args:
            customer: the customer number.
            verification: from the beginning.
            transaction: what is to be executed; one changed field is TEXT_DIFFERS.
            method: the one it was begun with.
            proof: the code by SMS, or what the token shows; "" with customer service.
            pin: for tokens that mix one in.
            end_user_address: where the customer's device is.
            reference: see the module `operations`.
            institution: see the module `operations`.
            timeout_s: seconds for the whole call.
            ticket: see the module `operations`.

        Raises:
            OutcomeUnknown: it may be approved; see `resolve`.
            NoAnswer: it is not.
        """
        message = CompleteTransactionRequest(
            institution=self._institution(institution),
            customer=customer,
            reference=reference,
            end_user_address=end_user_address,
            verification=verification,
            method=method,
            proof=SecretText(proof),
            pin=SecretText(pin),
            **asdict(transaction),
        )
        return await self._call(
            Transaction.COMPLETE_TRANSACTION_VERIFICATION,
            message,
            transaction_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def confirm_by_service(
        self,
        customer: str,
        verification: str,
        text_digest: str,
        *,
        operator: str,
        refuse: bool = False,
        reason: str = "",
        reference: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TransactionResult:
        """Customer service's word for a transaction, or against it.

        Args:
            customer: the customer number.
            verification: from the beginning, or the customer.
            text_digest: of the text that was read out, as `query_transaction_verification` told it.
            operator: who read it out.
            refuse: stop it, whatever its method.
            reason: why, or how the customer was recognised.
            reference: see the module `operations`.
            institution: see the module `operations`.
            timeout_s: seconds for the whole call.
            ticket: see the module `operations`.

        Raises:
            ValueError: `text_digest` is no digest.
        """
        message = ConfirmByServiceRequest(
            institution=self._institution(institution),
            customer=customer,
            verification=verification,
            reference=reference,
            operator=operator,
            verdict="refuse" if refuse else "confirm",
            reason=reason,
            text_digest=bytes.fromhex(text_digest),
        )
        return await self._call(
            Transaction.CONFIRM_BY_SERVICE,
            message,
            transaction_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def query_transaction_verification(
        self,
        customer: str,
        verification: str,
        *,
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> TransactionDetails:
        """How, when and over which text a transaction was verified."""
        message = QueryTransactionRequest(
            institution=self._institution(institution), customer=customer, verification=verification
        )
        return await self._call(
            Transaction.QUERY_TRANSACTION_VERIFICATION,
            message,
            transaction_details,
            timeout_s=timeout_s,
            ticket=ticket,
        )
