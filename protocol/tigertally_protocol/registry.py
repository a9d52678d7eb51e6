"""Every message type, one row each: (transaction, kind, schema) → class, layout, sizes.

A new message is a class with its layout under `messages/` and a row here; a new layout of an old
message is a row with the next schema, and the old row stays for ever. Codecs are derived when the
module is imported, so a declaration that has no fixed layout fails at once.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import construct

from tigertally_protocol.codec import Codec, FieldSpec, canonical_codec, secret_block, walk
from tigertally_protocol.constants import CHARSETS, HEADER_LENGTH, MAC_LENGTH, SCHEMA_1, UTF_8
from tigertally_protocol.errors import BadField
from tigertally_protocol.messages import (
    activation,
    card,
    crypto,
    flow,
    greeting,
    ocra,
    password,
    proof,
    query,
    session,
    sms,
    token,
    transaction_verification,
    user,
    verification,
)
from tigertally_protocol.transactions import Kind, Transaction


@dataclass(frozen=True, slots=True, eq=False)
class MessageType:
    """One row.

    Attributes:
        layout: the construct declaration of the body.
        body_size: in bytes; the frame has header and MAC around it.
        secret_offset: of the secret block in the body, -1 without one.
        secret_width: of the secret block; its 32-byte seal trailer follows it and ends the body.
        frame_size: header, body and MAC, in bytes.
        canonical: codec of the canonical form, None where that is the unsealed body itself.
    """

    transaction: Transaction
    kind: Kind
    schema: int
    name: str
    cls: type[Any]
    layout: construct.Struct = field(repr=False)
    fields: tuple[FieldSpec, ...] = field(repr=False)
    body_size: int
    secret_offset: int
    secret_width: int
    codecs: dict[str, Codec] = field(repr=False)
    canonical: Codec | None = field(repr=False)
    canonical_prefix: bytes = field(repr=False)
    blank: Any = field(repr=False)
    frame_size: int

    @property
    def has_secrets(self) -> bool:
        return self.secret_offset >= 0


def _row(
    transaction: Transaction,
    kind: Kind,
    cls: type[Any],
    layout: construct.Struct,
    schema: int = SCHEMA_1,
) -> MessageType:
    specs = walk(layout)
    names = tuple(spec.name for spec in specs if not spec.reserved)
    assert names == cls.__struct_fields__, cls.__name__
    block = secret_block(specs)
    body_size = sum(spec.width for spec in specs)
    return MessageType(
        transaction=transaction,
        kind=kind,
        schema=schema,
        name=f"{transaction.name} {kind.name.lower()} {schema}",
        cls=cls,
        layout=layout,
        fields=specs,
        body_size=body_size,
        secret_offset=block.offset if block else -1,
        secret_width=block.width if block else 0,
        codecs={charset: Codec(specs, cls, charset) for charset in CHARSETS},
        canonical=canonical_codec(specs, cls),
        canonical_prefix=struct.pack(">HH", transaction, schema),
        blank=cls(),
        frame_size=HEADER_LENGTH + body_size + MAC_LENGTH,
    )


_T: Final = Transaction
_REQUEST: Final = Kind.REQUEST
_RESPONSE: Final = Kind.RESPONSE
_NOTIFY: Final = Kind.NOTIFY

_ROWS: Final = (
    _row(_T.GREETING, _NOTIFY, session.Greeting, session.GREETING),
    _row(_T.SIGN_ON, _REQUEST, session.SignOnRequest, session.SIGN_ON_REQUEST),
    _row(_T.SIGN_ON, _RESPONSE, session.SignOnResponse, session.SIGN_ON_RESPONSE),
    _row(_T.SIGN_OFF, _REQUEST, session.SignOffRequest, session.EMPTY),
    _row(_T.SIGN_OFF, _RESPONSE, session.SignOffResponse, session.EMPTY),
    _row(_T.HEARTBEAT, _REQUEST, session.HeartbeatRequest, session.EMPTY),
    _row(_T.HEARTBEAT, _RESPONSE, session.HeartbeatResponse, session.EMPTY),
    _row(_T.KEY_CHANGE, _REQUEST, session.KeyChangeRequest, session.EMPTY),
    _row(_T.KEY_CHANGE, _RESPONSE, session.KeyChangeResponse, session.KEY_CHANGE_RESPONSE),
    _row(_T.DRAIN, _NOTIFY, session.Drain, session.DRAIN),
    _row(_T.KEY_CHANGE_DUE, _NOTIFY, session.KeyChangeDue, session.KEY_CHANGE_DUE),
    _row(_T.REGISTER_USER, _REQUEST, user.RegisterUserRequest, user.REGISTER_USER_REQUEST),
    _row(_T.REGISTER_USER, _RESPONSE, user.UserResponse, user.USER_RESPONSE),
    _row(_T.QUERY_USER, _REQUEST, user.QueryUserRequest, user.QUERY_USER_REQUEST),
    _row(_T.QUERY_USER, _RESPONSE, user.QueryUserResponse, user.QUERY_USER_RESPONSE),
    _row(_T.CLOSE_USER, _REQUEST, user.CloseUserRequest, user.CLOSE_USER_REQUEST),
    _row(_T.CLOSE_USER, _RESPONSE, user.UserResponse, user.USER_RESPONSE),
    _row(_T.BIND_TOKEN, _REQUEST, token.BindTokenRequest, token.BIND_TOKEN_REQUEST),
    _row(_T.BIND_TOKEN, _RESPONSE, token.TokenResponse, token.TOKEN_RESPONSE),
    _row(_T.UNBIND_TOKEN, _REQUEST, token.TokenRequest, token.TOKEN_REQUEST),
    _row(_T.UNBIND_TOKEN, _RESPONSE, token.TokenResponse, token.TOKEN_RESPONSE),
    _row(_T.ENABLE_TOKEN, _REQUEST, token.TokenRequest, token.TOKEN_REQUEST),
    _row(_T.ENABLE_TOKEN, _RESPONSE, token.TokenResponse, token.TOKEN_RESPONSE),
    _row(_T.DISABLE_TOKEN, _REQUEST, token.TokenRequest, token.TOKEN_REQUEST),
    _row(_T.DISABLE_TOKEN, _RESPONSE, token.TokenResponse, token.TOKEN_RESPONSE),
    _row(_T.UNLOCK_TOKEN, _REQUEST, token.TokenRequest, token.TOKEN_REQUEST),
    _row(_T.UNLOCK_TOKEN, _RESPONSE, token.TokenResponse, token.TOKEN_RESPONSE),
    _row(_T.RESYNC_TOKEN, _REQUEST, token.ResyncTokenRequest, token.RESYNC_TOKEN_REQUEST),
    _row(_T.RESYNC_TOKEN, _RESPONSE, token.TokenResponse, token.TOKEN_RESPONSE),
    _row(_T.REPORT_LOSS, _REQUEST, token.TokenRequest, token.TOKEN_REQUEST),
    _row(_T.REPORT_LOSS, _RESPONSE, token.TokenResponse, token.TOKEN_RESPONSE),
    _row(_T.WITHDRAW_LOSS, _REQUEST, token.TokenRequest, token.TOKEN_REQUEST),
    _row(_T.WITHDRAW_LOSS, _RESPONSE, token.TokenResponse, token.TOKEN_RESPONSE),
    _row(_T.VOID_TOKEN, _REQUEST, token.TokenRequest, token.TOKEN_REQUEST),
    _row(_T.VOID_TOKEN, _RESPONSE, token.TokenResponse, token.TOKEN_RESPONSE),
    _row(_T.RESTORE_TOKEN, _REQUEST, token.TokenRequest, token.TOKEN_REQUEST),
    _row(_T.RESTORE_TOKEN, _RESPONSE, token.TokenResponse, token.TOKEN_RESPONSE),
    _row(_T.ASSIGN_TOKEN, _REQUEST, token.TokenRequest, token.TOKEN_REQUEST),
    _row(_T.ASSIGN_TOKEN, _RESPONSE, token.TokenResponse, token.TOKEN_RESPONSE),
    _row(_T.REPLACE_TOKEN, _REQUEST, token.ReplaceTokenRequest, token.REPLACE_TOKEN_REQUEST),
    _row(_T.REPLACE_TOKEN, _RESPONSE, token.ReplaceTokenResponse, token.REPLACE_TOKEN_RESPONSE),
    _row(_T.ACTIVATE_TOKEN, _REQUEST, token.ActivateTokenRequest, token.ACTIVATE_TOKEN_REQUEST),
    _row(_T.ACTIVATE_TOKEN, _RESPONSE, token.TokenResponse, token.TOKEN_RESPONSE),
    _row(_T.QUERY_TOKEN, _REQUEST, token.QueryTokenRequest, token.QUERY_TOKEN_REQUEST),
    _row(_T.QUERY_TOKEN, _RESPONSE, token.QueryTokenResponse, token.QUERY_TOKEN_RESPONSE),
    _row(
        _T.START_ACTIVATION,
        _REQUEST,
        activation.StartActivationRequest,
        activation.START_ACTIVATION_REQUEST,
    ),
    _row(
        _T.START_ACTIVATION,
        _RESPONSE,
        activation.StartActivationResponse,
        activation.START_ACTIVATION_RESPONSE,
    ),
    _row(
        _T.ISSUE_ACTIVATION_CODE,
        _REQUEST,
        activation.IssueActivationCodeRequest,
        activation.ISSUE_ACTIVATION_CODE_REQUEST,
    ),
    _row(
        _T.ISSUE_ACTIVATION_CODE,
        _RESPONSE,
        activation.IssueActivationCodeResponse,
        activation.ISSUE_ACTIVATION_CODE_RESPONSE,
    ),
    _row(
        _T.ISSUE_EMERGENCY_CODE,
        _REQUEST,
        activation.IssueEmergencyCodeRequest,
        activation.ISSUE_EMERGENCY_CODE_REQUEST,
    ),
    _row(
        _T.ISSUE_EMERGENCY_CODE,
        _RESPONSE,
        activation.IssueEmergencyCodeResponse,
        activation.ISSUE_EMERGENCY_CODE_RESPONSE,
    ),
    _row(
        _T.VERIFY_EMERGENCY_CODE,
        _REQUEST,
        activation.VerifyEmergencyCodeRequest,
        activation.VERIFY_EMERGENCY_CODE_REQUEST,
    ),
    _row(
        _T.VERIFY_EMERGENCY_CODE,
        _RESPONSE,
        activation.VerifyEmergencyCodeResponse,
        activation.VERIFY_EMERGENCY_CODE_RESPONSE,
    ),
    _row(_T.ASK_CARD, _REQUEST, card.AskCardRequest, card.ASK_CARD_REQUEST),
    _row(_T.ASK_CARD, _RESPONSE, card.AskCardResponse, card.ASK_CARD_RESPONSE),
    _row(_T.VERIFY_CARD, _REQUEST, card.VerifyCardRequest, card.VERIFY_CARD_REQUEST),
    _row(_T.VERIFY_CARD, _RESPONSE, card.VerifyCardResponse, card.VERIFY_CARD_RESPONSE),
    _row(_T.VERIFY_OTP, _REQUEST, verification.VerifyOtpRequest, verification.VERIFY_OTP_REQUEST),
    _row(
        _T.VERIFY_OTP, _RESPONSE, verification.VerifyOtpResponse, verification.VERIFY_OTP_RESPONSE
    ),
    _row(_T.VERIFY_PIN_OTP, _REQUEST, proof.VerifyPinOtpRequest, proof.VERIFY_PIN_OTP_REQUEST),
    _row(
        _T.VERIFY_PIN_OTP,
        _RESPONSE,
        verification.VerifyOtpResponse,
        verification.VERIFY_OTP_RESPONSE,
    ),
    _row(_T.SET_TOKEN_PIN, _REQUEST, proof.SetTokenPinRequest, proof.SET_TOKEN_PIN_REQUEST),
    _row(_T.SET_TOKEN_PIN, _RESPONSE, token.TokenResponse, token.TOKEN_RESPONSE),
    _row(_T.VERIFY_MSCHAPV2, _REQUEST, proof.VerifyMschapv2Request, proof.VERIFY_MSCHAPV2_REQUEST),
    _row(
        _T.VERIFY_MSCHAPV2, _RESPONSE, proof.VerifyMschapv2Response, proof.VERIFY_MSCHAPV2_RESPONSE
    ),
    _row(_T.VERIFY_CHAP, _REQUEST, proof.VerifyChapRequest, proof.VERIFY_CHAP_REQUEST),
    _row(
        _T.VERIFY_CHAP, _RESPONSE, verification.VerifyOtpResponse, verification.VERIFY_OTP_RESPONSE
    ),
    _row(
        _T.ISSUE_OCRA_CHALLENGE,
        _REQUEST,
        ocra.IssueOcraChallengeRequest,
        ocra.ISSUE_OCRA_CHALLENGE_REQUEST,
    ),
    _row(
        _T.ISSUE_OCRA_CHALLENGE,
        _RESPONSE,
        ocra.IssueOcraChallengeResponse,
        ocra.ISSUE_OCRA_CHALLENGE_RESPONSE,
    ),
    _row(_T.VERIFY_OCRA, _REQUEST, ocra.VerifyOcraRequest, ocra.VERIFY_OCRA_REQUEST),
    _row(_T.VERIFY_OCRA, _RESPONSE, ocra.VerifyOcraResponse, ocra.VERIFY_OCRA_RESPONSE),
    _row(_T.HOST_CODE, _REQUEST, ocra.HostCodeRequest, ocra.HOST_CODE_REQUEST),
    _row(_T.HOST_CODE, _RESPONSE, ocra.HostCodeResponse, ocra.HOST_CODE_RESPONSE),
    _row(_T.QUERY_SERIAL, _REQUEST, query.QuerySerialRequest, query.QUERY_SERIAL_REQUEST),
    _row(_T.QUERY_SERIAL, _RESPONSE, query.QueryResponse, query.QUERY_RESPONSE),
    _row(_T.QUERY_REFERENCE, _REQUEST, query.QueryReferenceRequest, query.QUERY_REFERENCE_REQUEST),
    _row(_T.QUERY_REFERENCE, _RESPONSE, query.QueryResponse, query.QUERY_RESPONSE),
    _row(_T.CANCEL_SERIAL, _REQUEST, query.CancelSerialRequest, query.CANCEL_SERIAL_REQUEST),
    _row(_T.CANCEL_SERIAL, _RESPONSE, query.QueryResponse, query.QUERY_RESPONSE),
    _row(_T.BEGIN_FLOW, _REQUEST, flow.BeginFlowRequest, flow.BEGIN_FLOW_REQUEST),
    _row(_T.BEGIN_FLOW, _RESPONSE, flow.FlowResponse, flow.FLOW_RESPONSE),
    _row(_T.BEGIN_OWN_FLOW, _REQUEST, flow.BeginOwnFlowRequest, flow.BEGIN_OWN_FLOW_REQUEST),
    _row(_T.BEGIN_OWN_FLOW, _RESPONSE, flow.FlowResponse, flow.FLOW_RESPONSE),
    _row(_T.FLOW_STEP, _REQUEST, flow.FlowStepRequest, flow.FLOW_STEP_REQUEST),
    _row(_T.FLOW_STEP, _RESPONSE, flow.FlowResponse, flow.FLOW_RESPONSE),
    _row(_T.QUERY_FLOW, _REQUEST, flow.QueryFlowRequest, flow.QUERY_FLOW_REQUEST),
    _row(_T.QUERY_FLOW, _RESPONSE, flow.FlowQueryResponse, flow.FLOW_QUERY_RESPONSE),
    _row(_T.CANCEL_FLOW, _REQUEST, flow.CancelFlowRequest, flow.CANCEL_FLOW_REQUEST),
    _row(_T.CANCEL_FLOW, _RESPONSE, flow.FlowResponse, flow.FLOW_RESPONSE),
    _row(_T.BIND_PHONE, _REQUEST, sms.PhoneRequest, sms.PHONE_REQUEST),
    _row(_T.BIND_PHONE, _RESPONSE, sms.PhoneResponse, sms.PHONE_RESPONSE),
    _row(_T.CHANGE_PHONE, _REQUEST, sms.PhoneRequest, sms.PHONE_REQUEST),
    _row(_T.CHANGE_PHONE, _RESPONSE, sms.PhoneResponse, sms.PHONE_RESPONSE),
    _row(_T.CANCEL_PHONE_CHANGE, _REQUEST, sms.PhoneActRequest, sms.PHONE_ACT_REQUEST),
    _row(_T.CANCEL_PHONE_CHANGE, _RESPONSE, sms.PhoneResponse, sms.PHONE_RESPONSE),
    _row(_T.UNBIND_PHONE, _REQUEST, sms.PhoneActRequest, sms.PHONE_ACT_REQUEST),
    _row(_T.UNBIND_PHONE, _RESPONSE, sms.PhoneResponse, sms.PHONE_RESPONSE),
    _row(_T.QUERY_PHONE, _REQUEST, sms.PhoneActRequest, sms.PHONE_ACT_REQUEST),
    _row(_T.QUERY_PHONE, _RESPONSE, sms.PhoneResponse, sms.PHONE_RESPONSE),
    _row(_T.UNLOCK_SMS, _REQUEST, sms.PhoneActRequest, sms.PHONE_ACT_REQUEST),
    _row(_T.UNLOCK_SMS, _RESPONSE, sms.PhoneResponse, sms.PHONE_RESPONSE),
    _row(_T.SEND_SMS_CODE, _REQUEST, sms.SendSmsCodeRequest, sms.SEND_SMS_CODE_REQUEST),
    _row(_T.SEND_SMS_CODE, _RESPONSE, sms.SendSmsCodeResponse, sms.SEND_SMS_CODE_RESPONSE),
    _row(_T.VERIFY_SMS_CODE, _REQUEST, sms.VerifySmsCodeRequest, sms.VERIFY_SMS_CODE_REQUEST),
    _row(_T.VERIFY_SMS_CODE, _RESPONSE, sms.VerifySmsResponse, sms.VERIFY_SMS_RESPONSE),
    _row(_T.VERIFY_SMS_MSCHAP, _REQUEST, sms.VerifySmsMschapRequest, sms.VERIFY_SMS_MSCHAP_REQUEST),
    _row(
        _T.VERIFY_SMS_MSCHAP, _RESPONSE, sms.VerifySmsMschapResponse, sms.VERIFY_SMS_MSCHAP_RESPONSE
    ),
    _row(_T.QUERY_SMS, _REQUEST, sms.QuerySmsRequest, sms.QUERY_SMS_REQUEST),
    _row(_T.QUERY_SMS, _RESPONSE, sms.QuerySmsResponse, sms.QUERY_SMS_RESPONSE),
    _row(_T.REGISTER_APP_KEY, _REQUEST, sms.RegisterAppKeyRequest, sms.REGISTER_APP_KEY_REQUEST),
    _row(_T.REGISTER_APP_KEY, _RESPONSE, sms.AppResponse, sms.APP_RESPONSE),
    _row(_T.REMOVE_APP_KEY, _REQUEST, sms.AppRequest, sms.APP_REQUEST),
    _row(_T.REMOVE_APP_KEY, _RESPONSE, sms.AppResponse, sms.APP_RESPONSE),
    _row(_T.SEND_SMS_WARNING, _REQUEST, sms.SendSmsWarningRequest, sms.SEND_SMS_WARNING_REQUEST),
    _row(_T.SEND_SMS_WARNING, _RESPONSE, sms.SendSmsWarningResponse, sms.SEND_SMS_WARNING_RESPONSE),
    _row(_T.SET_PASSWORD, _REQUEST, password.SetPasswordRequest, password.SET_PASSWORD_REQUEST),
    _row(_T.SET_PASSWORD, _RESPONSE, password.PasswordResponse, password.PASSWORD_RESPONSE),
    _row(
        _T.CHANGE_PASSWORD,
        _REQUEST,
        password.ChangePasswordRequest,
        password.CHANGE_PASSWORD_REQUEST,
    ),
    _row(_T.CHANGE_PASSWORD, _RESPONSE, password.PasswordResponse, password.PASSWORD_RESPONSE),
    _row(
        _T.RESET_PASSWORD, _REQUEST, password.ResetPasswordRequest, password.RESET_PASSWORD_REQUEST
    ),
    _row(
        _T.RESET_PASSWORD,
        _RESPONSE,
        password.ResetPasswordResponse,
        password.RESET_PASSWORD_RESPONSE,
    ),
    _row(
        _T.VERIFY_PASSWORD,
        _REQUEST,
        password.VerifyPasswordRequest,
        password.VERIFY_PASSWORD_REQUEST,
    ),
    _row(_T.VERIFY_PASSWORD, _RESPONSE, password.PasswordResponse, password.PASSWORD_RESPONSE),
    _row(_T.QUERY_PASSWORD, _REQUEST, password.PasswordRequest, password.PASSWORD_REQUEST),
    _row(_T.QUERY_PASSWORD, _RESPONSE, password.PasswordResponse, password.PASSWORD_RESPONSE),
    _row(_T.UNLOCK_PASSWORD, _REQUEST, password.PasswordRequest, password.PASSWORD_REQUEST),
    _row(_T.UNLOCK_PASSWORD, _RESPONSE, password.PasswordResponse, password.PASSWORD_RESPONSE),
    _row(_T.DISABLE_PASSWORD, _REQUEST, password.PasswordRequest, password.PASSWORD_REQUEST),
    _row(_T.DISABLE_PASSWORD, _RESPONSE, password.PasswordResponse, password.PASSWORD_RESPONSE),
    _row(_T.ENABLE_PASSWORD, _REQUEST, password.PasswordRequest, password.PASSWORD_REQUEST),
    _row(_T.ENABLE_PASSWORD, _RESPONSE, password.PasswordResponse, password.PASSWORD_RESPONSE),
    _row(
        _T.BEGIN_TRANSACTION_VERIFICATION,
        _REQUEST,
        transaction_verification.BeginTransactionRequest,
        transaction_verification.BEGIN_TRANSACTION_REQUEST,
    ),
    _row(
        _T.BEGIN_TRANSACTION_VERIFICATION,
        _RESPONSE,
        transaction_verification.BeginTransactionResponse,
        transaction_verification.BEGIN_TRANSACTION_RESPONSE,
    ),
    _row(
        _T.CONFIRM_BY_SERVICE,
        _REQUEST,
        transaction_verification.ConfirmByServiceRequest,
        transaction_verification.CONFIRM_BY_SERVICE_REQUEST,
    ),
    _row(
        _T.CONFIRM_BY_SERVICE,
        _RESPONSE,
        transaction_verification.TransactionResponse,
        transaction_verification.TRANSACTION_RESPONSE,
    ),
    _row(
        _T.COMPLETE_TRANSACTION_VERIFICATION,
        _REQUEST,
        transaction_verification.CompleteTransactionRequest,
        transaction_verification.COMPLETE_TRANSACTION_REQUEST,
    ),
    _row(
        _T.COMPLETE_TRANSACTION_VERIFICATION,
        _RESPONSE,
        transaction_verification.TransactionResponse,
        transaction_verification.TRANSACTION_RESPONSE,
    ),
    _row(
        _T.QUERY_TRANSACTION_VERIFICATION,
        _REQUEST,
        transaction_verification.QueryTransactionRequest,
        transaction_verification.QUERY_TRANSACTION_REQUEST,
    ),
    _row(
        _T.QUERY_TRANSACTION_VERIFICATION,
        _RESPONSE,
        transaction_verification.QueryTransactionResponse,
        transaction_verification.QUERY_TRANSACTION_RESPONSE,
    ),
    _row(_T.SET_GREETING, _REQUEST, greeting.SetGreetingRequest, greeting.SET_GREETING_REQUEST),
    _row(_T.SET_GREETING, _RESPONSE, greeting.SetGreetingResponse, greeting.SET_GREETING_RESPONSE),
    _row(_T.GET_GREETING, _REQUEST, greeting.GetGreetingRequest, greeting.GET_GREETING_REQUEST),
    _row(_T.GET_GREETING, _RESPONSE, greeting.GetGreetingResponse, greeting.GET_GREETING_RESPONSE),
    _row(_T.GENERATE_MAC, _REQUEST, crypto.GenerateMacRequest, crypto.GENERATE_MAC_REQUEST),
    _row(_T.GENERATE_MAC, _RESPONSE, crypto.GenerateMacResponse, crypto.GENERATE_MAC_RESPONSE),
    _row(_T.VERIFY_MAC, _REQUEST, crypto.VerifyMacRequest, crypto.VERIFY_MAC_REQUEST),
    _row(_T.VERIFY_MAC, _RESPONSE, crypto.VerifyMacResponse, crypto.VERIFY_MAC_RESPONSE),
    _row(_T.ENCIPHER_FIELD, _REQUEST, crypto.EncipherFieldRequest, crypto.ENCIPHER_FIELD_REQUEST),
    _row(
        _T.ENCIPHER_FIELD, _RESPONSE, crypto.EncipherFieldResponse, crypto.ENCIPHER_FIELD_RESPONSE
    ),
    _row(_T.DECIPHER_FIELD, _REQUEST, crypto.DecipherFieldRequest, crypto.DECIPHER_FIELD_REQUEST),
    _row(
        _T.DECIPHER_FIELD, _RESPONSE, crypto.DecipherFieldResponse, crypto.DECIPHER_FIELD_RESPONSE
    ),
    _row(_T.TRANSLATE_PIN, _REQUEST, crypto.TranslatePinRequest, crypto.TRANSLATE_PIN_REQUEST),
    _row(_T.TRANSLATE_PIN, _RESPONSE, crypto.TranslatePinResponse, crypto.TRANSLATE_PIN_RESPONSE),
    _row(_T.VERIFY_PIN, _REQUEST, crypto.VerifyPinRequest, crypto.VERIFY_PIN_REQUEST),
    _row(_T.VERIFY_PIN, _RESPONSE, crypto.VerifyPinResponse, crypto.VERIFY_PIN_RESPONSE),
    _row(_T.MAKE_PIN_VALUE, _REQUEST, crypto.MakePinValueRequest, crypto.MAKE_PIN_VALUE_REQUEST),
    _row(_T.MAKE_PIN_VALUE, _RESPONSE, crypto.MakePinValueResponse, crypto.MAKE_PIN_VALUE_RESPONSE),
    _row(_T.DRAW_RANDOM, _REQUEST, crypto.DrawRandomRequest, crypto.DRAW_RANDOM_REQUEST),
    _row(_T.DRAW_RANDOM, _RESPONSE, crypto.DrawRandomResponse, crypto.DRAW_RANDOM_RESPONSE),
    _row(_T.DIGEST, _REQUEST, crypto.DigestRequest, crypto.DIGEST_REQUEST),
    _row(_T.DIGEST, _RESPONSE, crypto.DigestResponse, crypto.DIGEST_RESPONSE),
    _row(_T.QUERY_KEY, _REQUEST, crypto.QueryKeyRequest, crypto.QUERY_KEY_REQUEST),
    _row(_T.QUERY_KEY, _RESPONSE, crypto.KeyResponse, crypto.KEY_RESPONSE),
    _row(_T.ISSUE_KEY, _REQUEST, crypto.IssueKeyRequest, crypto.ISSUE_KEY_REQUEST),
    _row(_T.ISSUE_KEY, _RESPONSE, crypto.KeyResponse, crypto.KEY_RESPONSE),
    _row(_T.IMPORT_KEY, _REQUEST, crypto.ImportKeyRequest, crypto.IMPORT_KEY_REQUEST),
    _row(_T.IMPORT_KEY, _RESPONSE, crypto.KeyResponse, crypto.KEY_RESPONSE),
    _row(_T.RETIRE_KEY, _REQUEST, crypto.RetireKeyRequest, crypto.RETIRE_KEY_REQUEST),
    _row(_T.RETIRE_KEY, _RESPONSE, crypto.KeyResponse, crypto.KEY_RESPONSE),
)

MESSAGES: Final[dict[tuple[int, int, int], MessageType]] = {
    (int(row.transaction), int(row.kind), row.schema): row for row in _ROWS
}
assert len(MESSAGES) == len(_ROWS)

# The (transaction, kind) pairs that have any layout: tells an unknown schema from an unknown code.
KNOWN: Final = frozenset((row.transaction, row.kind) for row in _ROWS)


def message_type(transaction: int, kind: int, schema: int) -> MessageType | None:
    """The row of a frame, None if there is none."""
    return MESSAGES.get((transaction, kind, schema))


def of_class(cls: type[Any]) -> tuple[MessageType, ...]:
    """The rows whose messages are of `cls`: several for classes that serve several transactions."""
    return tuple(row for row in _ROWS if row.cls is cls)


def encode_body(mt: MessageType, message: Any, charset: str) -> bytes:
    """The unsealed body of `message`.

    Raises:
        BadField: a value does not fit its field whole.
    """
    return mt.codecs[charset].encode(message)


def decode_body(mt: MessageType, data: bytes, charset: str) -> Any:
    """The message in an unsealed body of exactly `mt.body_size` bytes.

    Raises:
        BadField: a field holds what its kind does not allow; a wrong size counts as field "length".
    """
    if len(data) != mt.body_size:
        raise BadField("length")
    return mt.codecs[charset].decode(data)


@cache
def blank_body(transaction: int, kind: int, schema: int) -> bytes:
    """An all-blank body, encoded; blanks are the same in every charset."""
    row = MESSAGES[transaction, kind, schema]
    return row.codecs[UTF_8].encode(row.blank)


def canonical_form(mt: MessageType, message: Any, body: bytes) -> bytes:
    """What a request's digest is made over: the same for the same typed fields, whatever the
    charset, the seal and the frame.

    `body` is the unsealed body as received, `message` its contents. Layout: transaction u16, schema
    u16, then the body with zero seal trailer, text fields in UTF-8 and twice as wide.
    """
    return mt.canonical_prefix + (body if mt.canonical is None else mt.canonical.encode(message))
