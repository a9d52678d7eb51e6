"""Which service answers which message: one row each. A new transaction is a new row here and one in
the protocol's registry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from tigertally_protocol.messages import activation as activations
from tigertally_protocol.messages import (
    card,
    crypto,
    flow,
    greeting,
    ocra,
    password,
    proof,
    query,
    sms,
    token,
    transaction_verification,
    user,
    verification,
)
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.entry import Entry
from tigertally_server.domain.life_cycle import TokenOperation
from tigertally_server.services import (
    activation,
    answering,
    asking,
    cards,
    emergency,
    flows,
    greetings,
    password_changes,
    passwords,
    prepared,
    proofs,
    queries,
    replacement,
    sessions,
    subject,
    token_pins,
    token_query,
    tokens,
    users,
)
from tigertally_server.services import verification as verifying
from tigertally_server.services.context import Context
from tigertally_server.services.crypto import answers as computed
from tigertally_server.services.crypto import fields as crypto_fields
from tigertally_server.services.crypto import key_acts, macs, pins, plain
from tigertally_server.services.request import Decision, Outcome, Request
from tigertally_server.services.sms import apps, issuing, phones
from tigertally_server.services.sms import verifying as sms_verifying
from tigertally_server.services.sms.telling import also_needing_a_phone, also_telling
from tigertally_server.services.transactions import beginning, completing
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs


class Service(NamedTuple):
    """`needs` says which rows to load before, `decide` is pure; fields that are `required` and
    blank are refused by name. `glance` is for what is asked thousands of times a second: the first
    attempt locks nothing and doesn't look for the serial, because what is there already, or changes
    meanwhile, is found when it is written; then everything is done again with `needs`. `slow_part`
    says what must be computed before, in a thread of its own (None: nothing for this request); the
    result becomes the request's `prepared`. `again`: gives the first answer from its entry, where
    that doesn't hold it.
    """

    message: type
    needs: Callable[[Request, Needs], None]
    decide: Callable[[Request, WorkingSet, Context], Decision]
    required: tuple[str, ...] = ()
    slow_part: Callable[[Request, Context], Callable[[], Any] | None] | None = None
    glance: Callable[[Request, Needs], None] | None = None
    again: Callable[[Request, Entry, Context], Outcome] | None = None


SUMMARY_NOTE: Final = 0x7002
SPRAYING_NOTE: Final = 0x7003
OPERATOR_ACT: Final = 0x7101
"""Transaction codes of entries that no message of the wire has."""

_CUSTOMER: Final = ("customer",)
_TOKEN: Final = ("customer", "token")
_FLOW: Final = ("customer", "flow")
_PASSWORD: Final = ("customer", "password")


def _operation(operation: TokenOperation, required: tuple[str, ...]) -> Service:
    """Of the life cycle, with nothing but a token and a reason."""
    return Service(
        token.TokenRequest,
        tokens.need_token_and_methods,
        tokens.operating(operation),
        required,
    )


def _about_password(decide: Callable[[Request, WorkingSet, Context], Decision]) -> Service:
    """With nothing but a name, a kind and a reason."""
    return Service(password.PasswordRequest, passwords.need_password, decide, _CUSTOMER)


def _computation(
    message_class: type, compute: computed.Computation, required: tuple[str, ...]
) -> Service:
    """Under a working key; its result stands in no entry."""
    return Service(
        message_class,
        computed.need_nothing,
        computed.computing(compute),
        required,
        again=computed.computing_again(compute),
    )


_KEY: Final = ("key",)
_PIN: Final = ("key", "account")

SERVICES: Final[dict[int, Service]] = {
    Transaction.REGISTER_USER: Service(
        user.RegisterUserRequest, users.need_registration, users.register_user, _CUSTOMER
    ),
    Transaction.QUERY_USER: Service(
        user.QueryUserRequest, subject.need_user, users.query_user, _CUSTOMER
    ),
    Transaction.CLOSE_USER: Service(
        user.CloseUserRequest, subject.need_locked_user, users.close_user, _CUSTOMER
    ),
    Transaction.BIND_TOKEN: Service(
        token.BindTokenRequest, tokens.need_binding, tokens.bind_token, _TOKEN
    ),
    Transaction.UNBIND_TOKEN: _operation(TokenOperation.UNBIND, _TOKEN),
    Transaction.ENABLE_TOKEN: _operation(TokenOperation.ENABLE, _TOKEN),
    Transaction.DISABLE_TOKEN: _operation(TokenOperation.DISABLE, _TOKEN),
    Transaction.UNLOCK_TOKEN: _operation(TokenOperation.UNLOCK, _TOKEN),
    Transaction.REPORT_LOSS: _operation(TokenOperation.REPORT_LOSS, _TOKEN),
    Transaction.WITHDRAW_LOSS: _operation(TokenOperation.WITHDRAW_LOSS, _TOKEN),
    Transaction.VOID_TOKEN: _operation(TokenOperation.VOID, ("token",)),
    Transaction.RESTORE_TOKEN: _operation(TokenOperation.RESTORE, ("token",)),
    Transaction.ASSIGN_TOKEN: Service(
        token.TokenRequest, tokens.need_binding, tokens.assign_token, _TOKEN
    ),
    Transaction.ACTIVATE_TOKEN: Service(
        token.ActivateTokenRequest,
        tokens.need_token_and_methods,
        activation.activate_token,
        (*_TOKEN, "otp"),
    ),
    Transaction.REPLACE_TOKEN: Service(
        token.ReplaceTokenRequest,
        replacement.need_replacement,
        replacement.replace_token,
        (*_TOKEN, "new_token"),
    ),
    Transaction.QUERY_TOKEN: Service(
        token.QueryTokenRequest,
        tokens.need_token_and_methods,
        token_query.query_token,
        ("token",),
    ),
    Transaction.START_ACTIVATION: Service(
        activations.StartActivationRequest,
        activation.need_start,
        activation.start_activation,
        _TOKEN,
    ),
    Transaction.ISSUE_ACTIVATION_CODE: Service(
        activations.IssueActivationCodeRequest,
        tokens.need_token_and_methods,
        activation.issue_activation_code,
        _TOKEN,
    ),
    Transaction.ISSUE_EMERGENCY_CODE: Service(
        activations.IssueEmergencyCodeRequest,
        emergency.need_new_emergency,
        emergency.issue_emergency_code,
        _TOKEN,
    ),
    Transaction.VERIFY_EMERGENCY_CODE: Service(
        activations.VerifyEmergencyCodeRequest,
        emergency.need_emergency,
        emergency.verify_emergency_code,
        (*_CUSTOMER, "otp"),
    ),
    Transaction.ASK_CARD: Service(card.AskCardRequest, cards.need_card, cards.ask_card, _CUSTOMER),
    Transaction.VERIFY_CARD: Service(
        card.VerifyCardRequest,
        cards.need_card_answer,
        cards.verify_card,
        (*_CUSTOMER, "challenge", "answer"),
    ),
    Transaction.RESYNC_TOKEN: Service(
        token.ResyncTokenRequest,
        subject.need_user_and_token,
        verifying.resync_token,
        (*_TOKEN, "otp_1", "otp_2"),
    ),
    Transaction.VERIFY_OTP: Service(
        verification.VerifyOtpRequest,
        subject.need_user_and_token,
        verifying.verify_otp,
        (*_CUSTOMER, "otp"),
        glance=subject.glance_user,
    ),
    Transaction.VERIFY_PIN_OTP: Service(
        proof.VerifyPinOtpRequest,
        token_pins.need_pin,
        proofs.verify_pin_otp,
        (*_CUSTOMER, "otp", "pin"),
    ),
    Transaction.SET_TOKEN_PIN: Service(
        proof.SetTokenPinRequest,
        token_pins.need_new_pin,
        token_pins.set_token_pin,
        (*_TOKEN, "new_pin"),
    ),
    Transaction.VERIFY_MSCHAPV2: Service(
        proof.VerifyMschapv2Request, proofs.need_chap, proofs.verify_mschapv2, _CUSTOMER
    ),
    Transaction.VERIFY_CHAP: Service(
        proof.VerifyChapRequest, proofs.need_chap, proofs.verify_chap, _CUSTOMER
    ),
    Transaction.ISSUE_OCRA_CHALLENGE: Service(
        ocra.IssueOcraChallengeRequest, asking.need_question, asking.issue_challenge, _CUSTOMER
    ),
    Transaction.HOST_CODE: Service(
        ocra.HostCodeRequest, asking.need_question, asking.host_code, (*_CUSTOMER, "question")
    ),
    Transaction.VERIFY_OCRA: Service(
        ocra.VerifyOcraRequest,
        answering.need_answer,
        answering.verify_answer,
        (*_CUSTOMER, "answer"),
    ),
    Transaction.QUERY_SERIAL: Service(
        query.QuerySerialRequest, queries.need_queried_serial, queries.query_serial, ("serial",)
    ),
    Transaction.QUERY_REFERENCE: Service(
        query.QueryReferenceRequest, queries.need_reference, queries.query_reference, ("reference",)
    ),
    Transaction.CANCEL_SERIAL: Service(
        query.CancelSerialRequest, queries.need_cancelled_serial, queries.cancel_serial, ("serial",)
    ),
    Transaction.SET_PASSWORD: Service(
        password.SetPasswordRequest,
        password_changes.need_first_password,
        password_changes.set_password,
        _PASSWORD,
        prepared.slow_part,
    ),
    Transaction.CHANGE_PASSWORD: Service(
        password.ChangePasswordRequest,
        passwords.need_password,
        password_changes.change_password,
        (*_PASSWORD, "new_password"),
        prepared.slow_part,
    ),
    Transaction.RESET_PASSWORD: Service(
        password.ResetPasswordRequest,
        passwords.need_password,
        password_changes.reset_password,
        _CUSTOMER,
        prepared.slow_part,
    ),
    Transaction.VERIFY_PASSWORD: Service(
        password.VerifyPasswordRequest,
        passwords.need_password,
        passwords.verify_password,
        _PASSWORD,
        prepared.slow_part,
    ),
    Transaction.QUERY_PASSWORD: _about_password(passwords.query_password),
    Transaction.UNLOCK_PASSWORD: _about_password(password_changes.unlock_password),
    Transaction.DISABLE_PASSWORD: _about_password(password_changes.disable_password),
    Transaction.ENABLE_PASSWORD: _about_password(password_changes.enable_password),
    Transaction.SET_GREETING: Service(
        greeting.SetGreetingRequest,
        greetings.need_new_greeting,
        greetings.set_greeting,
        _CUSTOMER,
    ),
    Transaction.GET_GREETING: Service(
        greeting.GetGreetingRequest, greetings.need_greeting, greetings.get_greeting, _CUSTOMER
    ),
    Transaction.BEGIN_FLOW: Service(
        flow.BeginFlowRequest, subject.need_user, flows.begin_flow, (*_CUSTOMER, "policy")
    ),
    Transaction.BEGIN_OWN_FLOW: Service(
        flow.BeginOwnFlowRequest,
        subject.need_user,
        flows.begin_own_flow,
        (*_CUSTOMER, "expression"),
    ),
    Transaction.FLOW_STEP: Service(
        flow.FlowStepRequest,
        flows.need_step,
        flows.flow_step,
        (*_FLOW, "factor"),
        flows.slow_part,
    ),
    Transaction.QUERY_FLOW: Service(
        flow.QueryFlowRequest, flows.need_named_flow, flows.query_flow, _FLOW
    ),
    Transaction.CANCEL_FLOW: Service(
        flow.CancelFlowRequest, flows.need_named_flow, flows.cancel_flow, _FLOW
    ),
    Transaction.BIND_PHONE: Service(
        sms.PhoneRequest, phones.need_phone_request, phones.bind_phone, (*_CUSTOMER, "mobile")
    ),
    Transaction.CHANGE_PHONE: Service(
        sms.PhoneRequest, phones.need_phone_request, phones.change_phone, (*_CUSTOMER, "mobile")
    ),
    Transaction.CANCEL_PHONE_CHANGE: Service(
        sms.PhoneActRequest, phones.need_phone_request, phones.cancel_phone_change, _CUSTOMER
    ),
    Transaction.UNBIND_PHONE: Service(
        sms.PhoneActRequest, phones.need_phone_request, phones.unbind_phone, _CUSTOMER
    ),
    Transaction.QUERY_PHONE: Service(
        sms.PhoneActRequest, phones.need_phone_request, phones.query_phone, _CUSTOMER
    ),
    Transaction.UNLOCK_SMS: Service(
        sms.PhoneActRequest, phones.need_phone_request, phones.unlock_sms, _CUSTOMER
    ),
    Transaction.SEND_SMS_CODE: Service(
        sms.SendSmsCodeRequest, issuing.need_sending, issuing.send_code, _CUSTOMER
    ),
    Transaction.VERIFY_SMS_CODE: Service(
        sms.VerifySmsCodeRequest,
        sms_verifying.need_verifying,
        sms_verifying.verify_code,
        (*_CUSTOMER, "challenge", "otp"),
    ),
    Transaction.VERIFY_SMS_MSCHAP: Service(
        sms.VerifySmsMschapRequest,
        sms_verifying.need_verifying,
        sms_verifying.verify_mschap,
        (*_CUSTOMER, "challenge"),
    ),
    Transaction.QUERY_SMS: Service(
        sms.QuerySmsRequest, apps.need_message, apps.query_sms, (*_CUSTOMER, "message_id")
    ),
    Transaction.REGISTER_APP_KEY: Service(
        sms.RegisterAppKeyRequest,
        apps.need_apps,
        apps.register_app_key,
        (*_CUSTOMER, "app", "algorithm", "app_key"),
    ),
    Transaction.REMOVE_APP_KEY: Service(
        sms.AppRequest, apps.need_apps, apps.remove_app_key, (*_CUSTOMER, "app")
    ),
    Transaction.SEND_SMS_WARNING: Service(
        sms.SendSmsWarningRequest, apps.need_warning, apps.send_warning, (*_CUSTOMER, "words")
    ),
    Transaction.BEGIN_TRANSACTION_VERIFICATION: Service(
        transaction_verification.BeginTransactionRequest,
        beginning.need_beginning,
        beginning.begin_transaction,
        (*_CUSTOMER, "method", "act"),
    ),
    Transaction.CONFIRM_BY_SERVICE: Service(
        transaction_verification.ConfirmByServiceRequest,
        completing.need_verification,
        completing.confirm_by_service,
        (*_CUSTOMER, "verification", "operator", "verdict"),
    ),
    Transaction.COMPLETE_TRANSACTION_VERIFICATION: Service(
        transaction_verification.CompleteTransactionRequest,
        completing.need_completing,
        completing.complete_transaction,
        (*_CUSTOMER, "verification", "method", "act"),
    ),
    Transaction.QUERY_TRANSACTION_VERIFICATION: Service(
        transaction_verification.QueryTransactionRequest,
        completing.need_verification,
        completing.query_transaction,
        (*_CUSTOMER, "verification"),
    ),
    Transaction.GENERATE_MAC: _computation(crypto.GenerateMacRequest, macs.generate_mac, _KEY),
    Transaction.VERIFY_MAC: Service(
        crypto.VerifyMacRequest, computed.need_nothing, macs.verify_mac, _KEY
    ),
    Transaction.ENCIPHER_FIELD: _computation(
        crypto.EncipherFieldRequest, crypto_fields.encipher_field, _KEY
    ),
    Transaction.DECIPHER_FIELD: _computation(
        crypto.DecipherFieldRequest, crypto_fields.decipher_field, _KEY
    ),
    Transaction.TRANSLATE_PIN: _computation(
        crypto.TranslatePinRequest, pins.translate_pin, (*_PIN, "new_key")
    ),
    Transaction.VERIFY_PIN: Service(
        crypto.VerifyPinRequest, pins.need_tries, pins.verify_pin, (*_PIN, "pin_key", "pin_value")
    ),
    Transaction.MAKE_PIN_VALUE: _computation(
        crypto.MakePinValueRequest, pins.make_pin_value, (*_PIN, "pin_key")
    ),
    Transaction.DRAW_RANDOM: Service(
        crypto.DrawRandomRequest, computed.need_nothing, plain.draw_random
    ),
    Transaction.DIGEST: Service(crypto.DigestRequest, computed.need_nothing, plain.make_digest),
    Transaction.QUERY_KEY: Service(
        crypto.QueryKeyRequest, computed.need_nothing, key_acts.query_key, ("key", "key_purpose")
    ),
    Transaction.ISSUE_KEY: Service(
        crypto.IssueKeyRequest,
        key_acts.need_key_id,
        key_acts.issue_key,
        ("key", "key_purpose", "key_algorithm"),
    ),
    Transaction.IMPORT_KEY: Service(
        crypto.ImportKeyRequest,
        key_acts.need_key_id,
        key_acts.import_key,
        ("key", "transport_key", "key_block"),
    ),
    Transaction.RETIRE_KEY: Service(
        crypto.RetireKeyRequest, computed.need_nothing, key_acts.retire_key, ("key", "key_purpose")
    ),
    Transaction.SIGN_ON: Service(sessions.SignedOn, sessions.need_nothing, sessions.note_signed_on),
    Transaction.SIGN_OFF: Service(
        sessions.SignedOff, sessions.need_nothing, sessions.note_signed_off
    ),
    SUMMARY_NOTE: Service(sessions.UnrecordedSummary, sessions.need_nothing, sessions.note_summary),
    SPRAYING_NOTE: Service(
        sessions.SprayingSuspected, sessions.need_nothing, sessions.note_spraying
    ),
    OPERATOR_ACT: Service(sessions.OperatorAct, sessions.need_nothing, sessions.operate),
}

_NOTICES: Final = {
    Transaction.BIND_TOKEN: "notice_token_bound",
    Transaction.ACTIVATE_TOKEN: "notice_token_bound",
    Transaction.REPORT_LOSS: "notice_token_lost",
    Transaction.SET_PASSWORD: "notice_password_changed",
    Transaction.CHANGE_PASSWORD: "notice_password_changed",
    Transaction.RESET_PASSWORD: "notice_password_changed",
}
"""What the customer is told of by SMS, where he has a phone and the bank a gateway."""

for _transaction, _name in _NOTICES.items():
    _service = SERVICES[_transaction]
    SERVICES[_transaction] = _service._replace(
        needs=also_needing_a_phone(_service.needs),
        decide=also_telling(_service.decide, _name),
    )
