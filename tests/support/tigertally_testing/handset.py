"""A customer's phone in a bank of tests: what was sent to it, with the code in it, as the
dispatcher would hand it over; and a bank that sends.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from tigertally_protocol.messages.sms import (
    PhoneRequest,
    SendSmsCodeRequest,
    VerifySmsCodeRequest,
)
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.message import OutgoingMessage
from tigertally_server.services.request import Outcome
from tigertally_server.services.sms.delivery import Around, handed_over, record_of
from tigertally_server.services.sms.policy import SmsLimits, SmsPolicy
from tigertally_testing.bank import Bank

NUMBER = "+8613800138000"
CODE = re.compile(r"验证码(\d+)|Code (\d+)")
PAYMENT = {
    "amount": 12_345,
    "currency": "CNY",
    "payee": "6222020200012345",
    "payee_name": "王小明",
    "purpose": "房租",
    "free_fields": "invoice=17",
}
NO_LIMITS = SmsLimits(**dict.fromkeys(SmsLimits.__struct_fields__, 0))


def sending(bank: Bank, **policy: Any) -> None:
    """The bank has a gateway, with this policy."""
    values: dict[str, Any] = {"enabled": True, **policy}
    bank.context = replace(bank.context, sms=SmsPolicy(**values))
    bank.unit._context = bank.context


class Handset:
    """One customer's phone, over a bank whose store is in memory."""

    def __init__(self, bank: Bank, customer: str = "C000001", number: str = NUMBER) -> None:
        self.bank, self.customer, self.number = bank, customer, number

    # Asking.

    def bind(self, **changes: Any) -> Outcome:
        return self.name_number(Transaction.BIND_PHONE, self.number, **changes)

    def name_number(self, transaction: Transaction, number: str, **changes: Any) -> Outcome:
        message = PhoneRequest(customer=self.customer, mobile=SecretText(number), **changes)
        return self.bank.ask(transaction, message)

    def send(self, **fields: Any) -> Outcome:
        message = SendSmsCodeRequest(customer=self.customer, **fields)
        return self.bank.ask(Transaction.SEND_SMS_CODE, message)

    def verification(self, challenge: str, code: str, **fields: Any) -> VerifySmsCodeRequest:
        return VerifySmsCodeRequest(
            customer=self.customer, challenge=challenge, otp=SecretText(code), **fields
        )

    def verify(self, challenge: str, code: str, **fields: Any) -> Outcome:
        message = self.verification(challenge, code, **fields)
        return self.bank.ask(Transaction.VERIFY_SMS_CODE, message)

    # Looking.

    @property
    def messages(self) -> list[OutgoingMessage]:
        tables: Any = self.bank.store.tables  # type: ignore[attr-defined]  # the one in memory
        return list(tables.messages.values())

    def texts(self) -> list[tuple[str, str]]:
        """(number, text) of everything that would be sent now, in order."""
        handed = (self._handed(message) for message in self.messages)
        return [(item.number, item.text) for item in handed if item is not None]

    def _handed(self, message: OutgoingMessage) -> Any:
        bank = self.bank
        tables: Any = bank.store.tables  # type: ignore[attr-defined]
        record = record_of(bank.context, message)
        around = Around(
            tables.challenges.get(record.challenge),
            tuple(c for c in tables.credentials.values() if c.owner_id == message.account_id),
        )
        nonce = bank.entropy.token_bytes(12)
        return handed_over(bank.context, record, around, nonce, bank.clock.now_ms())

    def code(self) -> str:
        """The one in the last text."""
        found = CODE.search(self.texts()[-1][1])
        assert found is not None, self.texts()[-1]
        return found[1] or found[2]
