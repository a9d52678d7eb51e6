"""The typed methods of a client about codes by SMS. Common arguments as in `operations`.

    payment = Payment(amount=12_345, currency="CNY", payee="6222…", payee_name="王小明")
    sent = await client.send_sms_code("C0001", payment)
    page.show(sent.server_code)                     # the text says the same
    done = await client.verify_sms_code("C0001", sent.challenge, typed, payment)
    if done.approved: ...

A code is good for the transaction it was sent for: give the same `Payment` to both calls.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from tigertally_client.asking import Asking
from tigertally_client.sms_results import (
    AppResult,
    PhoneResult,
    SmsCodeSent,
    SmsDelivery,
    SmsVerifyResult,
    WarningSent,
    app_result,
    phone_result,
    sms_code_sent,
    sms_delivery,
    sms_verify_result,
    warning_sent,
)
from tigertally_client.ticket import Ticket
from tigertally_protocol.messages.sms import (
    AppRequest,
    PhoneActRequest,
    PhoneRequest,
    QuerySmsRequest,
    RegisterAppKeyRequest,
    SendSmsCodeRequest,
    SendSmsWarningRequest,
    VerifySmsCodeRequest,
    VerifySmsMschapRequest,
)
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What the customer confirms: a payment, another act (`purpose`), or, all blank, a log-in.

    Attributes:
        amount: in the currency's smallest unit.
        currency: three capital letters (ISO 4217); "" = no amount.
        payee: the payee's account.
        purpose: what it is for, as the customer reads it.
        scene: kind of act; "" = payment, confirm or login by what is given.
        free: further fields that the code is bound to; names of small letters, digits and _,
            values without semicolons.
    """

    amount: int = 0
    currency: str = ""
    payee: str = ""
    payee_name: str = ""
    purpose: str = ""
    scene: str = ""
    free: dict[str, str] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """As messages say it."""
        return {
            "scene": self.scene,
            "amount": self.amount,
            "currency": self.currency,
            "payee": self.payee,
            "payee_name": self.payee_name,
            "purpose": self.purpose,
            "free_fields": "; ".join(f"{name}={value}" for name, value in self.free.items()),
        }


LOGIN: Final = Payment()


class SmsOperations(Asking):
    """What can be asked about codes by SMS."""

    # ------------------------------------------------------------------ the phone

    async def bind_phone(
        self,
        customer: str,
        mobile: str,
        *,
        language: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> PhoneResult:
        """Bind the customer's first number. PHONE_ALREADY_BOUND when there is one.

        Args:
            customer: the customer number.
            mobile: with + and country, or as dialled at home.
            language: of the texts, "zh" or "en"; "" = the channel's.
            reference: the bank's own reference.
            operator: who asked.
            institution: see the module's text.
            timeout_s: seconds for the whole call.
            ticket: see the module's text.
        """
        message = PhoneRequest(
            self._institution(institution),
            customer,
            reference,
            operator,
            language,
            SecretText(mobile),
        )
        return await self._phone(Transaction.BIND_PHONE, message, timeout_s, ticket)

    async def change_phone(
        self,
        customer: str,
        mobile: str,
        *,
        language: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> PhoneResult:
        """Name another number: the old one is told at once, the new one waits for its
        cooling-off (`usable_from_ms`).
        """
        message = PhoneRequest(
            self._institution(institution),
            customer,
            reference,
            operator,
            language,
            SecretText(mobile),
        )
        return await self._phone(Transaction.CHANGE_PHONE, message, timeout_s, ticket)

    async def cancel_phone_change(
        self,
        customer: str,
        *,
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> PhoneResult:
        """Forget the number that waits. NO_PHONE_CHANGE when none does."""
        message = PhoneActRequest(
            self._institution(institution), customer, reference, operator, reason
        )
        return await self._phone(Transaction.CANCEL_PHONE_CHANGE, message, timeout_s, ticket)

    async def unbind_phone(
        self,
        customer: str,
        *,
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> PhoneResult:
        """No codes by SMS any more, until a number is bound again."""
        message = PhoneActRequest(
            self._institution(institution), customer, reference, operator, reason
        )
        return await self._phone(Transaction.UNBIND_PHONE, message, timeout_s, ticket)

    async def unlock_sms(
        self,
        customer: str,
        *,
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> PhoneResult:
        """End a lock that wrong codes brought about."""
        message = PhoneActRequest(
            self._institution(institution), customer, reference, operator, reason
        )
        return await self._phone(Transaction.UNLOCK_SMS, message, timeout_s, ticket)

    async def query_phone(
        self,
        customer: str,
        *,
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> PhoneResult:
        """Whether there is a phone, and how it stands."""
        message = PhoneActRequest(self._institution(institution), customer)
        return await self._phone(Transaction.QUERY_PHONE, message, timeout_s, ticket)

    # ------------------------------------------------------------------ codes

    async def send_sms_code(
        self,
        customer: str,
        payment: Payment = LOGIN,
        *,
        app: str = "",
        language: str = "",
        reference: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> SmsCodeSent:
        """Send the customer a code for this transaction.

        Args:
            customer: the customer number.
            payment: what the code is for; say the same when it is verified.
            app: seal the code for this app of the customer's; "" = the code stands in the text.
            language: of the text; "" = the customer's.
            reference: the bank's own reference.
            end_user_address: where the customer's device is; sends are limited by it, too.
            institution: see the module's text.
            timeout_s: seconds for the whole call.
            ticket: see the module's text.

        Raises:
            OutcomeUnknown: a text may be on its way; see `resolve`.
        """
        message = SendSmsCodeRequest(
            institution=self._institution(institution),
            customer=customer,
            reference=reference,
            end_user_address=end_user_address,
            language=language,
            app=app,
            **payment.fields(),
        )
        return await self._call(
            Transaction.SEND_SMS_CODE, message, sms_code_sent, timeout_s=timeout_s, ticket=ticket
        )

    async def verify_sms_code(
        self,
        customer: str,
        challenge: str,
        otp: str,
        payment: Payment = LOGIN,
        *,
        reference: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> SmsVerifyResult:
        """Verify the code that the customer typed, for the transaction it was sent for.

        Raises:
            OutcomeUnknown: the code may have been used up; see `resolve`.
        """
        message = VerifySmsCodeRequest(
            institution=self._institution(institution),
            customer=customer,
            reference=reference,
            end_user_address=end_user_address,
            challenge=challenge,
            otp=SecretText(otp),
            **payment.fields(),
        )
        return await self._call(
            Transaction.VERIFY_SMS_CODE,
            message,
            sms_verify_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def verify_sms_mschap(
        self,
        customer: str,
        challenge: str,
        payment: Payment = LOGIN,
        *,
        user_name: str,
        authenticator_challenge: bytes,
        peer_challenge: bytes,
        nt_response: bytes,
        reference: str = "",
        end_user_address: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> SmsVerifyResult:
        """As `verify_sms_code`, by MS-CHAPv2 (RFC 2759) in place of the code itself.

        Args:
            customer: the customer number.
            challenge: the SMS code's.
            payment: what the code is for.
            user_name: as the peer computed with it.
            authenticator_challenge: 16 bytes.
            peer_challenge: 16 bytes.
            nt_response: the peer's 24 bytes.
            reference: the bank's own reference.
            end_user_address: where the customer's device is.
            institution: see the module's text.
            timeout_s: seconds for the whole call.
            ticket: see the module's text.
        """
        message = VerifySmsMschapRequest(
            institution=self._institution(institution),
            customer=customer,
            reference=reference,
            end_user_address=end_user_address,
            challenge=challenge,
            user_name=user_name,
            authenticator_challenge=authenticator_challenge,
            peer_challenge=peer_challenge,
            nt_response=nt_response,
            **payment.fields(),
        )
        return await self._call(
            Transaction.VERIFY_SMS_MSCHAP,
            message,
            sms_verify_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    # ------------------------------------------------------------------ apps, warnings, delivery

    async def register_app_key(
        self,
        customer: str,
        app: str,
        algorithm: str,
        key: bytes,
        *,
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> AppResult:
        """Give an app's key, under which codes are sealed for it: "sm4-gcm" (16 bytes) or
        "aes-gcm" (16 or 32).
        """
        message = RegisterAppKeyRequest(
            self._institution(institution),
            customer,
            reference,
            operator,
            app,
            algorithm,
            SecretText(key.hex()),
        )
        return await self._call(
            Transaction.REGISTER_APP_KEY, message, app_result, timeout_s=timeout_s, ticket=ticket
        )

    async def remove_app_key(
        self,
        customer: str,
        app: str,
        *,
        reason: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> AppResult:
        """Forget an app's key."""
        message = AppRequest(
            self._institution(institution), customer, reference, operator, app, reason
        )
        return await self._call(
            Transaction.REMOVE_APP_KEY, message, app_result, timeout_s=timeout_s, ticket=ticket
        )

    async def send_sms_warning(
        self,
        customer: str,
        words: str,
        *,
        language: str = "",
        reference: str = "",
        operator: str = "",
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> WarningSent:
        """Warn the customer in the bank's own words, at most 60 characters."""
        message = SendSmsWarningRequest(
            self._institution(institution), customer, reference, operator, language, words
        )
        return await self._call(
            Transaction.SEND_SMS_WARNING, message, warning_sent, timeout_s=timeout_s, ticket=ticket
        )

    async def query_sms(
        self,
        customer: str,
        message_id: str,
        *,
        institution: str | None = None,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> SmsDelivery:
        """What became of a message."""
        message = QuerySmsRequest(self._institution(institution), customer, message_id)
        return await self._call(
            Transaction.QUERY_SMS, message, sms_delivery, timeout_s=timeout_s, ticket=ticket
        )

    # ------------------------------------------------------------------ inside

    async def _phone(
        self,
        transaction: Transaction,
        message: PhoneRequest | PhoneActRequest,
        timeout_s: float | None,
        ticket: Ticket | None,
    ) -> PhoneResult:
        return await self._call(
            transaction, message, phone_result, timeout_s=timeout_s, ticket=ticket
        )
