"""Every response code, once: number, class, and what a caller may conclude from it.

`recorded` codes stand in the audit log and are the answer of that serial for ever; unrecorded ones
guarantee that this try was *not executed* — except OUTCOME_UNKNOWN, which says that nobody knows.
`transient` ones may be asked again with the same serial. `hidden` ones become DENIED where a
channel's policy hides reasons. Reject codes never answer a request: they stand in header-only
reject frames.

Invariants: numbers are for ever; one row each. Knows nothing of who decides on which code.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final


class CodeClass(StrEnum):
    """What kind of an answer a code is."""

    NONE = "none"
    APPROVED = "approved"
    DENIED = "denied"
    CHANGED = "changed"
    ANSWERED = "answered"
    FORBIDDEN = "forbidden"
    MALFORMED = "malformed"
    TRY_LATER = "try_later"
    UNKNOWN = "unknown"
    INTERNAL = "internal"
    REJECT = "reject"


class ResponseCode(IntEnum):
    """Return code, bytes 32–35 of the header."""

    NONE = 0
    APPROVED = 1
    CHANGED = 2
    ANSWERED = 3
    SIGNED_ON = 4
    SIGNED_OFF = 5
    COMPUTED = 6
    DENIED = 100
    WRONG_CODE = 101
    REPLAYED_CODE = 102
    TOKEN_LOCKED = 103
    TOKEN_THROTTLED = 104
    TOKEN_DISABLED = 105
    TOKEN_EXPIRED = 106
    TOKEN_NOT_YET_VALID = 107
    TOKEN_UNKNOWN = 108
    TOKEN_NOT_BOUND = 109
    TOKEN_BOUND_ELSEWHERE = 110
    AMBIGUOUS_TOKEN = 111
    NO_TOKEN = 112
    USER_UNKNOWN = 113
    USER_CLOSED = 114
    USER_EXISTS = 115
    ILLEGAL_TRANSITION = 116
    RESYNC_FAILED = 117
    SERIAL_CANCELLED = 118
    SERIAL_ALREADY_EXECUTED = 119
    FLOW_FAILED = 122
    FLOW_ENDED = 123
    FLOW_EXPIRED = 124
    FLOW_UNKNOWN = 125
    FACTOR_NOT_WANTED = 126
    FLOW_POLICY_UNKNOWN = 127
    METHOD_NOT_OF_TOKEN = 130
    CHALLENGE_UNKNOWN = 131
    CHALLENGE_USED = 132
    CHALLENGE_EXPIRED = 133
    CHALLENGE_SPENT = 134
    QUESTION_NOT_PERMITTED = 135
    TOKEN_PIN_NOT_SET = 136
    TOKEN_PIN_TOO_WEAK = 137
    TOKEN_NOT_ACTIVATED = 140
    TOKEN_LOST = 141
    TOKEN_REPLACED = 142
    TOKEN_VOID = 143
    NOTHING_TO_WITHDRAW = 144
    NOTHING_TO_RESTORE = 145
    NOTHING_TO_ACTIVATE = 146
    ACTIVATION_ENDED = 147
    CARD_EXHAUSTED = 148
    NO_EMERGENCY_CODE = 149
    SMS_NOT_CONFIGURED = 150
    NO_PHONE = 151
    PHONE_COOLING_OFF = 152
    SMS_LOCKED = 153
    SMS_THROTTLED = 154
    SMS_TOO_SOON = 155
    SMS_LIMIT_REACHED = 156
    SMS_CODE_UNKNOWN = 157
    SMS_CODE_EXPIRED = 158
    SMS_CODE_CANCELLED = 159
    TRANSACTION_DIFFERS = 160
    PHONE_ALREADY_BOUND = 161
    APP_UNKNOWN = 162
    SMS_DESTINATION_REFUSED = 163
    NO_PHONE_CHANGE = 164
    WRONG_PASSWORD = 165
    PASSWORD_LOCKED = 166
    PASSWORD_THROTTLED = 167
    PASSWORD_DISABLED = 168
    PASSWORD_NOT_SET = 169
    PASSWORD_EXPIRED = 170
    PASSWORD_MUST_CHANGE = 171
    INITIAL_PASSWORD_EXPIRED = 172
    PASSWORD_TOO_WEAK = 173
    PASSWORD_REUSED = 174
    PASSWORD_TOO_YOUNG = 175
    PASSWORD_EXISTS = 176
    PASSWORD_NOT_DISABLED = 177
    GREETING_UNSUITABLE = 178
    VERIFICATION_UNKNOWN = 180
    VERIFICATION_ENDED = 181
    VERIFICATION_EXPIRED = 182
    TEXT_DIFFERS = 183
    NOT_CONFIRMED_YET = 184
    CONFIRMATION_REFUSED = 185
    CONFIRMATION_NOT_WANTED = 186
    SAME_OPERATOR = 187
    MAC_WRONG = 188
    NOT_DECIPHERED = 189
    PIN_BLOCK_REFUSED = 190
    PIN_WRONG = 191
    PIN_TRIES_EXCEEDED = 192
    KEY_BLOCK_REFUSED = 193
    CHECK_VALUE_DIFFERS = 194
    TRANSACTION_NOT_PERMITTED = 200
    CHANNEL_DISABLED = 201
    CHANNEL_NOT_VALID = 202
    ADDRESS_NOT_PERMITTED = 203
    INSTITUTION_NOT_PERMITTED = 204
    SEALING_REQUIRED = 205
    KEY_UNKNOWN = 206
    KEY_NOT_FOR_THIS = 207
    KEY_NOT_USABLE = 208
    ALGORITHM_NOT_PERMITTED = 209
    ALGORITHM_NOT_OF_KEY = 210
    NOT_IN_HSM = 224
    BAD_FIELD = 300
    BAD_BUSINESS_DAY = 301
    SERIAL_CONFLICT = 302
    BAD_SERIAL = 303
    BUSY = 400
    DEADLINE_EXPIRED = 401
    IN_PROGRESS = 402
    NOT_SEEN_YET = 403
    UNAVAILABLE = 404
    DRAINING = 405
    HSM_UNAVAILABLE = 420
    HSM_BUSY = 421
    HSM_TIMED_OUT = 422
    OUTCOME_UNKNOWN = 500
    INTERNAL = 600
    HSM_REFUSED = 620
    BAD_MAGIC = 900
    BAD_VERSION = 901
    BAD_HEADER = 902
    BAD_LENGTH = 903
    UNKNOWN_TRANSACTION = 904
    UNKNOWN_SCHEMA = 905
    UNKNOWN_CHANNEL = 906
    BAD_MAC = 907
    UNKNOWN_GENERATION = 908
    SUITE_MISMATCH = 909
    BAD_SEQUENCE = 910
    NOT_SIGNED_ON = 911
    BAD_SESSION = 912
    SIGN_ON_REFUSED = 913
    TOO_MANY_CONNECTIONS = 914
    SIGN_ON_TIMEOUT = 915
    IDLE = 916
    SLOW_READER = 917


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One code's properties; see the module's text."""

    number: int
    name: str
    cls: CodeClass
    transient: bool
    recorded: bool
    hidden: bool
    text: str


def _row(
    code: ResponseCode,
    cls: CodeClass,
    text: str,
    *,
    recorded: bool = False,
    transient: bool = False,
    hidden: bool = False,
) -> CodeRow:
    return CodeRow(int(code), code.name, cls, transient, recorded, hidden, text)


def _denied(code: ResponseCode, text: str, *, hidden: bool = True) -> CodeRow:
    return _row(code, CodeClass.DENIED, text, recorded=True, hidden=hidden)


def _forbidden(code: ResponseCode, text: str) -> CodeRow:
    return _row(code, CodeClass.FORBIDDEN, text)


def _malformed(code: ResponseCode, text: str) -> CodeRow:
    return _row(code, CodeClass.MALFORMED, text)


def _later(code: ResponseCode, text: str) -> CodeRow:
    return _row(code, CodeClass.TRY_LATER, text, transient=True)


def _reject(code: ResponseCode, text: str) -> CodeRow:
    return _row(code, CodeClass.REJECT, text)


_C: Final = ResponseCode

_ROWS: Final = (
    _row(_C.NONE, CodeClass.NONE, "no answer yet: requests and notifies carry it"),
    _row(_C.APPROVED, CodeClass.APPROVED, "verified", recorded=True),
    _row(_C.CHANGED, CodeClass.CHANGED, "the change was made", recorded=True),
    _row(_C.ANSWERED, CodeClass.ANSWERED, "a question was answered; nothing changed"),
    _row(_C.SIGNED_ON, CodeClass.CHANGED, "signed on", recorded=True),
    _row(_C.SIGNED_OFF, CodeClass.CHANGED, "signed off", recorded=True),
    _row(_C.COMPUTED, CodeClass.CHANGED, "done under a key", recorded=True),
    _denied(_C.DENIED, "denied; the channel's policy hides why", hidden=False),
    _denied(_C.WRONG_CODE, "the one-time code is wrong; a try is used up"),
    _denied(_C.REPLAYED_CODE, "the one-time code was used before; no try is used up"),
    _denied(_C.TOKEN_LOCKED, "the token is locked; the code was not looked at"),
    _denied(_C.TOKEN_THROTTLED, "too soon after a failure; the code was not looked at"),
    _denied(_C.TOKEN_DISABLED, "the token is disabled"),
    _denied(_C.TOKEN_EXPIRED, "the token's validity has ended"),
    _denied(_C.TOKEN_NOT_YET_VALID, "the token's validity has not begun"),
    _denied(_C.TOKEN_UNKNOWN, "no such token"),
    _denied(_C.TOKEN_NOT_BOUND, "the token is not bound to this user"),
    _denied(_C.TOKEN_BOUND_ELSEWHERE, "the token is bound to another user"),
    _denied(_C.AMBIGUOUS_TOKEN, "several active tokens: name one", hidden=False),
    _denied(_C.NO_TOKEN, "the user has no active token"),
    _denied(_C.USER_UNKNOWN, "no such user"),
    _denied(_C.USER_CLOSED, "the user is closed"),
    _denied(_C.USER_EXISTS, "the user is registered already", hidden=False),
    _denied(_C.ILLEGAL_TRANSITION, "the token's state does not allow it", hidden=False),
    _denied(_C.RESYNC_FAILED, "the two codes do not follow one another within the window"),
    _denied(_C.SERIAL_CANCELLED, "this serial was cancelled before it arrived", hidden=False),
    _denied(_C.SERIAL_ALREADY_EXECUTED, "too late to cancel: it was executed", hidden=False),
    _denied(_C.FLOW_FAILED, "refused, and the flow can't be completed any more"),
    _denied(_C.FLOW_ENDED, "the flow has its outcome already; the factor was not looked at"),
    _denied(_C.FLOW_EXPIRED, "the flow's deadline has passed; the factor was not looked at"),
    _denied(_C.FLOW_UNKNOWN, "no such flow of this user that this channel takes part in"),
    _denied(_C.FACTOR_NOT_WANTED, "the flow does not want this factor now; it was not looked at"),
    _denied(_C.FLOW_POLICY_UNKNOWN, "no such flow policy", hidden=False),
    _denied(_C.METHOD_NOT_OF_TOKEN, "this kind of token can't be verified in this way"),
    _denied(_C.CHALLENGE_UNKNOWN, "no such challenge of this user's token"),
    _denied(_C.CHALLENGE_USED, "the challenge was answered before; the answer was not looked at"),
    _denied(_C.CHALLENGE_EXPIRED, "the challenge has lapsed; the answer was not looked at"),
    _denied(_C.CHALLENGE_SPENT, "tried too often, or another took its place; ask a new one"),
    _denied(_C.QUESTION_NOT_PERMITTED, "this token takes the server's own questions only"),
    _denied(_C.TOKEN_PIN_NOT_SET, "the token has no PIN, or not in the form that is needed"),
    _denied(_C.TOKEN_PIN_TOO_WEAK, "too easily guessed, or of the wrong length", hidden=False),
    _denied(_C.TOKEN_NOT_ACTIVATED, "the token is assigned and waits for its activation"),
    _denied(_C.TOKEN_LOST, "the token is reported lost"),
    _denied(_C.TOKEN_REPLACED, "another token took this one's place"),
    _denied(_C.TOKEN_VOID, "the token is void"),
    _denied(_C.NOTHING_TO_WITHDRAW, "the token is not reported lost", hidden=False),
    _denied(_C.NOTHING_TO_RESTORE, "the token is not void", hidden=False),
    _denied(_C.NOTHING_TO_ACTIVATE, "the token waits for no activation", hidden=False),
    _denied(_C.ACTIVATION_ENDED, "no activation code waits: too late, too many tries, or none"),
    _denied(_C.CARD_EXHAUSTED, "too few cells of the card are left"),
    _denied(_C.NO_EMERGENCY_CODE, "no emergency code stands in for the token (any more)"),
    _denied(_C.SMS_NOT_CONFIGURED, "this system has no SMS gateway", hidden=False),
    _denied(_C.NO_PHONE, "the user has no phone for codes by SMS"),
    _denied(_C.PHONE_COOLING_OFF, "the phone number was changed too lately for this"),
    _denied(_C.SMS_LOCKED, "codes by SMS are locked; the code was not looked at"),
    _denied(_C.SMS_THROTTLED, "too soon after a failure; the code was not looked at"),
    _denied(_C.SMS_TOO_SOON, "a code was sent just now; see `resend_at`"),
    _denied(_C.SMS_LIMIT_REACHED, "too many messages were sent; none was"),
    _denied(_C.SMS_CODE_UNKNOWN, "no such code of this user and channel"),
    _denied(_C.SMS_CODE_EXPIRED, "the code's validity has ended"),
    _denied(_C.SMS_CODE_CANCELLED, "another code took this one's place, or it was tried too often"),
    _denied(_C.TRANSACTION_DIFFERS, "not the transaction that the code was sent for"),
    _denied(_C.PHONE_ALREADY_BOUND, "the user has a phone: change it", hidden=False),
    _denied(_C.APP_UNKNOWN, "no such app of this user"),
    _denied(_C.SMS_DESTINATION_REFUSED, "nothing is sent to numbers of this country", hidden=False),
    _denied(_C.NO_PHONE_CHANGE, "no change of number is waiting", hidden=False),
    _denied(_C.WRONG_PASSWORD, "the password or PIN is wrong; a try is used up"),
    _denied(_C.PASSWORD_LOCKED, "the password is locked; what was given was not looked at"),
    _denied(_C.PASSWORD_THROTTLED, "too soon after a failure; what was given was not looked at"),
    _denied(_C.PASSWORD_DISABLED, "the password is disabled"),
    _denied(_C.PASSWORD_NOT_SET, "the user has no password of this kind"),
    _denied(_C.PASSWORD_EXPIRED, "right, but too old: it must be changed first", hidden=False),
    _denied(
        _C.PASSWORD_MUST_CHANGE,
        "right, but given by an operator: it must be changed first",
        hidden=False,
    ),
    _denied(
        _C.INITIAL_PASSWORD_EXPIRED,
        "right, but given too long ago: an operator must reset it again",
        hidden=False,
    ),
    _denied(_C.PASSWORD_TOO_WEAK, "the new one breaks a rule; `detail` names it", hidden=False),
    _denied(_C.PASSWORD_REUSED, "the new one was used before", hidden=False),
    _denied(_C.PASSWORD_TOO_YOUNG, "changed too lately to be changed again", hidden=False),
    _denied(_C.PASSWORD_EXISTS, "there is one already: change or reset it", hidden=False),
    _denied(_C.PASSWORD_NOT_DISABLED, "the password is not disabled", hidden=False),
    _denied(_C.GREETING_UNSUITABLE, "the text breaks a rule; `detail` names it", hidden=False),
    _denied(_C.VERIFICATION_UNKNOWN, "no such verification of this user and channel"),
    _denied(_C.VERIFICATION_ENDED, "the verification has its outcome; the proof was not looked at"),
    _denied(_C.VERIFICATION_EXPIRED, "the verification has lapsed; the proof was not looked at"),
    _denied(_C.TEXT_DIFFERS, "not the transaction whose text is confirmed", hidden=False),
    _denied(_C.NOT_CONFIRMED_YET, "customer service has not confirmed it", hidden=False),
    _denied(_C.CONFIRMATION_REFUSED, "customer service refused it", hidden=False),
    _denied(_C.CONFIRMATION_NOT_WANTED, "it is confirmed already, or otherwise", hidden=False),
    _denied(_C.SAME_OPERATOR, "who entered it may not confirm it", hidden=False),
    _denied(_C.MAC_WRONG, "the MAC is not that of the data under this key", hidden=False),
    _denied(_C.NOT_DECIPHERED, "not enciphered so, or changed since; not said which", hidden=False),
    _denied(_C.PIN_BLOCK_REFUSED, "no PIN in it for this key and account number", hidden=False),
    _denied(_C.PIN_WRONG, "not the customer's PIN; a try is used up", hidden=False),
    _denied(_C.PIN_TRIES_EXCEEDED, "too many wrong PINs; it was not looked at", hidden=False),
    _denied(_C.KEY_BLOCK_REFUSED, "no key in it under this transport key", hidden=False),
    _denied(_C.CHECK_VALUE_DIFFERS, "the key has another check value; not taken", hidden=False),
    _forbidden(_C.TRANSACTION_NOT_PERMITTED, "the channel may not ask this"),
    _forbidden(_C.CHANNEL_DISABLED, "the channel is disabled"),
    _forbidden(_C.CHANNEL_NOT_VALID, "outside the channel's validity dates"),
    _forbidden(_C.ADDRESS_NOT_PERMITTED, "the channel may not call from this address"),
    _forbidden(_C.INSTITUTION_NOT_PERMITTED, "the channel may not act for this institution"),
    _forbidden(_C.SEALING_REQUIRED, "the channel seals its secret fields; this frame did not"),
    _forbidden(_C.KEY_UNKNOWN, "neither the channel nor its institution has such a key"),
    _forbidden(_C.KEY_NOT_FOR_THIS, "the key is for another use"),
    _forbidden(_C.KEY_NOT_USABLE, "the key's state or generation excludes it"),
    _forbidden(_C.ALGORITHM_NOT_PERMITTED, "too weak, and not allowed here; see `detail`"),
    _forbidden(_C.ALGORITHM_NOT_OF_KEY, "the key's algorithm can't do this"),
    _forbidden(_C.NOT_IN_HSM, "the token's seed lies in the HSM, which can't do this"),
    _malformed(_C.BAD_FIELD, "a field is bad; `detail` names it"),
    _malformed(_C.BAD_BUSINESS_DAY, "not the server's business day, the day before or after"),
    _malformed(_C.SERIAL_CONFLICT, "the same serial came before with other contents"),
    _malformed(_C.BAD_SERIAL, "a serial is 1 … 2^63−1"),
    _later(_C.BUSY, "too much at once; ask again after the time in `budget_ms`"),
    _later(_C.DEADLINE_EXPIRED, "the time budget ran out before execution"),
    _later(_C.IN_PROGRESS, "the same serial is being executed"),
    _later(_C.NOT_SEEN_YET, "the serial asked about has not arrived; it still may"),
    _later(_C.UNAVAILABLE, "something the server needs is out of reach"),
    _later(_C.DRAINING, "the server is closing; ask another connection"),
    _later(_C.HSM_UNAVAILABLE, "no HSM can be reached; nothing was decided"),
    _later(_C.HSM_BUSY, "too much waits for the HSM; nothing was decided"),
    _later(_C.HSM_TIMED_OUT, "the HSM did not answer in time; nothing was decided"),
    _row(_C.OUTCOME_UNKNOWN, CodeClass.UNKNOWN, "nobody knows: ask again", transient=True),
    _row(_C.INTERNAL, CodeClass.INTERNAL, "a fault of the server; not executed"),
    _row(_C.HSM_REFUSED, CodeClass.INTERNAL, "the HSM lacks the key or the ability; not executed"),
    _reject(_C.BAD_MAGIC, "the first two bytes are not TT"),
    _reject(_C.BAD_VERSION, "this protocol version is not spoken here"),
    _reject(_C.BAD_HEADER, "header length, kind, flags or a field that must be zero"),
    _reject(_C.BAD_LENGTH, "total length is not the one of this message type"),
    _reject(_C.UNKNOWN_TRANSACTION, "no such transaction code for this kind"),
    _reject(_C.UNKNOWN_SCHEMA, "the transaction has no body of this schema"),
    _reject(_C.UNKNOWN_CHANNEL, "not the channel that signed on, or none of that number"),
    _reject(_C.BAD_MAC, "the MAC is wrong"),
    _reject(_C.UNKNOWN_GENERATION, "no working keys of this generation"),
    _reject(_C.SUITE_MISMATCH, "suite or field cipher is not the channel's"),
    _reject(_C.BAD_SEQUENCE, "sequence numbers must rise"),
    _reject(_C.NOT_SIGNED_ON, "sign on first"),
    _reject(_C.BAD_SESSION, "the session id is not this connection's"),
    _reject(_C.SIGN_ON_REFUSED, "sign-on was refused"),
    _reject(_C.TOO_MANY_CONNECTIONS, "the channel or the server has too many connections"),
    _reject(_C.SIGN_ON_TIMEOUT, "no sign-on in time"),
    _reject(_C.IDLE, "nothing was heard for too long"),
    _reject(_C.SLOW_READER, "answers were not read in time"),
)

CODES: Final[dict[ResponseCode, CodeRow]] = {ResponseCode(row.number): row for row in _ROWS}
