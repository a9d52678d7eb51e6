"""What can be asked and told: transaction codes, kinds of frame, and the small enumerations that
stand in bodies.

Numbers are for ever: a retired one is never given again. Knows nothing of layouts.
"""

from enum import IntEnum
from typing import Final


class Transaction(IntEnum):
    """Transaction code, bytes 8–9 of the header."""

    SIGN_ON = 0x0001
    SIGN_OFF = 0x0002
    HEARTBEAT = 0x0003
    KEY_CHANGE = 0x0004
    GREETING = 0x0010
    DRAIN = 0x0011
    KEY_CHANGE_DUE = 0x0012
    REGISTER_USER = 0x0101
    QUERY_USER = 0x0102
    CLOSE_USER = 0x0103
    BIND_TOKEN = 0x0201
    UNBIND_TOKEN = 0x0202
    ENABLE_TOKEN = 0x0203
    DISABLE_TOKEN = 0x0204
    UNLOCK_TOKEN = 0x0205
    RESYNC_TOKEN = 0x0206
    REPORT_LOSS = 0x0207
    WITHDRAW_LOSS = 0x0208
    REPLACE_TOKEN = 0x0209
    VOID_TOKEN = 0x020A
    RESTORE_TOKEN = 0x020B
    ACTIVATE_TOKEN = 0x020C
    ASSIGN_TOKEN = 0x020D
    ISSUE_EMERGENCY_CODE = 0x020E
    QUERY_TOKEN = 0x020F
    START_ACTIVATION = 0x0210
    VERIFY_EMERGENCY_CODE = 0x0211
    ISSUE_ACTIVATION_CODE = 0x0212
    VERIFY_OTP = 0x0301
    VERIFY_PIN_OTP = 0x0302
    SET_TOKEN_PIN = 0x0303
    VERIFY_MSCHAPV2 = 0x0304
    VERIFY_CHAP = 0x0305
    ISSUE_OCRA_CHALLENGE = 0x0306
    VERIFY_OCRA = 0x0307
    HOST_CODE = 0x0308
    ASK_CARD = 0x0310
    VERIFY_CARD = 0x0311
    QUERY_SERIAL = 0x0401
    QUERY_REFERENCE = 0x0402
    CANCEL_SERIAL = 0x0403
    BIND_PHONE = 0x0501
    CHANGE_PHONE = 0x0502
    CANCEL_PHONE_CHANGE = 0x0503
    UNBIND_PHONE = 0x0504
    QUERY_PHONE = 0x0505
    UNLOCK_SMS = 0x0506
    SEND_SMS_CODE = 0x0507
    VERIFY_SMS_CODE = 0x0508
    VERIFY_SMS_MSCHAP = 0x0509
    QUERY_SMS = 0x050A
    REGISTER_APP_KEY = 0x050B
    REMOVE_APP_KEY = 0x050C
    SEND_SMS_WARNING = 0x050D
    SET_PASSWORD = 0x0601
    CHANGE_PASSWORD = 0x0602
    RESET_PASSWORD = 0x0603
    VERIFY_PASSWORD = 0x0604
    QUERY_PASSWORD = 0x0605
    UNLOCK_PASSWORD = 0x0606
    DISABLE_PASSWORD = 0x0607
    ENABLE_PASSWORD = 0x0608
    BEGIN_FLOW = 0x0701
    BEGIN_OWN_FLOW = 0x0702
    FLOW_STEP = 0x0703
    QUERY_FLOW = 0x0704
    CANCEL_FLOW = 0x0705
    BEGIN_TRANSACTION_VERIFICATION = 0x0801
    CONFIRM_BY_SERVICE = 0x0802
    COMPLETE_TRANSACTION_VERIFICATION = 0x0803
    QUERY_TRANSACTION_VERIFICATION = 0x0804
    SET_GREETING = 0x0901
    GET_GREETING = 0x0902
    GENERATE_MAC = 0x0B01
    VERIFY_MAC = 0x0B02
    ENCIPHER_FIELD = 0x0B03
    DECIPHER_FIELD = 0x0B04
    TRANSLATE_PIN = 0x0B05
    VERIFY_PIN = 0x0B06
    MAKE_PIN_VALUE = 0x0B07
    DRAW_RANDOM = 0x0B08
    DIGEST = 0x0B09
    QUERY_KEY = 0x0B0A
    ISSUE_KEY = 0x0B0B
    IMPORT_KEY = 0x0B0C
    RETIRE_KEY = 0x0B0D


FACTORS: Final[dict[str, Transaction]] = {
    "otp": Transaction.VERIFY_OTP,
    "pin-otp": Transaction.VERIFY_PIN_OTP,
    "mschapv2": Transaction.VERIFY_MSCHAPV2,
    "chap": Transaction.VERIFY_CHAP,
    "ocra": Transaction.VERIFY_OCRA,
    "card": Transaction.VERIFY_CARD,
    "emergency": Transaction.VERIFY_EMERGENCY_CODE,
    "sms": Transaction.VERIFY_SMS_CODE,
    "sms-mschapv2": Transaction.VERIFY_SMS_MSCHAP,
    "password": Transaction.VERIFY_PASSWORD,
    "pin": Transaction.VERIFY_PASSWORD,
    "confirm-sms": Transaction.COMPLETE_TRANSACTION_VERIFICATION,
    "confirm-ocra": Transaction.COMPLETE_TRANSACTION_VERIFICATION,
    "service": Transaction.COMPLETE_TRANSACTION_VERIFICATION,
}
"""The factors of flows by the names they have on the wire, and what verifies each by itself."""


READ_ONLY: Final = frozenset(
    {
        Transaction.QUERY_USER,
        Transaction.QUERY_TOKEN,
        Transaction.QUERY_PASSWORD,
        Transaction.GET_GREETING,
        Transaction.QUERY_SERIAL,
        Transaction.QUERY_REFERENCE,
        Transaction.QUERY_FLOW,
        Transaction.QUERY_TRANSACTION_VERIFICATION,
        Transaction.DRAW_RANDOM,
        Transaction.DIGEST,
        Transaction.QUERY_KEY,
    }
)
"""These change nothing: repeating them is harmless, and their outcome is never in doubt."""


class Kind(IntEnum):
    """Kind of frame, byte 10 of the header."""

    REQUEST = 1
    RESPONSE = 2
    NOTIFY = 3
    REJECT = 4


class Direction(IntEnum):
    """Which way a frame travels; part of every seal's nonce. Notifies and rejects go with
    responses.
    """

    REQUEST = 1
    RESPONSE = 2


class TokenState(IntEnum):
    """`token_state` on the wire; BLANK where there is none to tell or policy hides it."""

    BLANK = 0
    IN_STOCK = 1
    ACTIVE = 2
    LOCKED = 3
    DISABLED = 4
    EXPIRED = 5
    NOT_YET_VALID = 6
    VOID = 7
    LOST = 9
    REPLACED = 10
    ASSIGNED = 11


class UserState(IntEnum):
    """`user_state` on the wire."""

    BLANK = 0
    ACTIVE = 1
    CLOSED = 2


class PasswordKind(IntEnum):
    """`kind` in the transactions of passwords."""

    PASSWORD = 1
    PIN = 2


class PasswordState(IntEnum):
    """`password_state` on the wire; BLANK where there is none to tell or policy hides it."""

    BLANK = 0
    ACTIVE = 1
    NOT_SET = 2
    LOCKED = 3
    DISABLED = 4
    EXPIRED = 5
    MUST_CHANGE = 6


class FlowState(IntEnum):
    """`flow_state` on the wire; BLANK where there is no flow to tell about."""

    BLANK = 0
    OPEN = 1
    SATISFIED = 2
    CANCELLED = 3
    EXPIRED = 4
    FAILED = 5


class VerificationState(IntEnum):
    """`verification_state` on the wire: of a transaction's verification; BLANK where there is none
    to tell about.
    """

    BLANK = 0
    WAITING = 1
    CONFIRMED = 2
    """By customer service; it can be completed now."""
    APPROVED = 3
    REFUSED = 4
    """By customer service."""
    EXPIRED = 5
    FAILED = 6
    """Tried too often."""


class PhoneState(IntEnum):
    """`phone_state` on the wire: whether the customer has a phone for codes by SMS."""

    BLANK = 0
    BOUND = 1
    COOLING_OFF = 2
    """A number was named lately; until `usable_from` only scenes that permit it use it."""
    UNBOUND = 3


class MessageState(IntEnum):
    """`message_state` on the wire: what became of a message."""

    BLANK = 0
    QUEUED = 1
    SENDING = 2
    SENT = 3
    DELIVERED = 4
    FAILED = 5
    UNKNOWN = 6
    """Handed over, and the gateway's answer was lost."""
    EXPIRED = 7


class QueryState(IntEnum):
    """`of_state` on the wire: what is known of the serial or reference asked about."""

    NONE = 0
    IN_PROGRESS = 1
    RECORDED = 2
    NOT_SEEN = 3
    CANCELLED = 4
