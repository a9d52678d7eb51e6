"""Which service answers which message: one row each. A new transaction is a new row here and one in
the protocol's registry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from tigertally_protocol.messages import query, token, user, verification
from tigertally_protocol.transactions import Transaction
from tigertally_server.services import queries, sessions, subject, tokens, users
from tigertally_server.services import verification as verifying
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs


class Service(NamedTuple):
    """`needs` says which rows to load before, `decide` is pure; fields that are `required` and
    blank are refused by name. `glance` is for what is asked thousands of times a second: the first
    attempt locks nothing and doesn't look for the serial, because what is there already, or changes
    meanwhile, is found when it is written; then everything is done again with `needs`.
    """

    message: type
    needs: Callable[[Request, Needs], None]
    decide: Callable[[Request, WorkingSet, Context], Decision]
    required: tuple[str, ...] = ()
    glance: Callable[[Request, Needs], None] | None = None


SUMMARY_NOTE: Final = 0x7002
OPERATOR_ACT: Final = 0x7101
"""Transaction codes of entries that no message of the wire has."""

_CUSTOMER: Final = ("customer",)
_TOKEN: Final = ("customer", "token")

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
    Transaction.UNBIND_TOKEN: Service(
        token.TokenRequest, subject.need_user_and_token, tokens.unbind_token, _TOKEN
    ),
    Transaction.ENABLE_TOKEN: Service(
        token.TokenRequest, subject.need_user_and_token, tokens.enable_token, _TOKEN
    ),
    Transaction.DISABLE_TOKEN: Service(
        token.TokenRequest, subject.need_user_and_token, tokens.disable_token, _TOKEN
    ),
    Transaction.UNLOCK_TOKEN: Service(
        token.TokenRequest, subject.need_user_and_token, tokens.unlock_token, _TOKEN
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
        subject.glance_user,
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
    Transaction.SIGN_ON: Service(sessions.SignedOn, sessions.need_nothing, sessions.note_signed_on),
    Transaction.SIGN_OFF: Service(
        sessions.SignedOff, sessions.need_nothing, sessions.note_signed_off
    ),
    SUMMARY_NOTE: Service(sessions.UnrecordedSummary, sessions.need_nothing, sessions.note_summary),
    OPERATOR_ACT: Service(sessions.OperatorAct, sessions.need_nothing, sessions.operate),
}
