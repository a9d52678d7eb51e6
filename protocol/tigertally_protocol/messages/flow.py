"""A flow: several factors of one customer, tried in several requests and perhaps over several
channels, with one outcome.

A step encloses the body of whatever transaction verifies that factor by itself
(`transactions.FACTORS`), so that no factor needs a layout of its own here. The outcome is APPROVED
only when the whole flow is satisfied; a proven factor that leaves it open is CHANGED.
"""

from __future__ import annotations

from typing import Final

import construct
import msgspec

from tigertally_protocol.constants import BLANK_TRIES, SCHEMA_1
from tigertally_protocol.fields import (
    U8,
    U16,
    U32,
    U64,
    Ident,
    Octets,
    Reserved,
    SealTrailer,
    SecretOctets,
    SecretPad,
    Text,
)
from tigertally_protocol.messages.business import (
    BusinessResponse,
    institution_and_customer,
    prefix,
)
from tigertally_protocol.secret import SecretBytes

OTHER_CHANNELS: Final = 4
"""How many channels may join beside the one that begins."""
FACTOR_BODY: Final = 1008
"""Bytes for the enclosed body; the largest verifying transaction's fits."""
NO_DIGEST: Final = bytes(32)


class BeginFlowRequest(msgspec.Struct, frozen=True, gc=False):
    """Begin a flow that a policy of the bank describes.

    Attributes:
        institution, customer: name the user who shall prove the factors.
        policy: name of the policy.
        deadline_s: the flow lapses after so many seconds; 0: the policy's own.
        channel_1 … channel_4: channels that may take steps beside this one; 0: none.
        reference: the bank's own name for what is being verified; stands in each step's entry.
    """

    institution: str = ""
    customer: str = ""
    policy: str = ""
    deadline_s: int = 0
    channel_1: int = 0
    channel_2: int = 0
    channel_3: int = 0
    channel_4: int = 0
    reference: str = ""
    operator: str = ""


BEGIN_FLOW_REQUEST: Final = construct.Struct(
    *institution_and_customer(),
    "policy" / Ident(32),
    "deadline_s" / U32,
    "channel_1" / U32,
    "channel_2" / U32,
    "channel_3" / U32,
    "channel_4" / U32,
    "reference" / Ident(32),
    "operator" / Ident(16),
)


class BeginOwnFlowRequest(msgspec.Struct, frozen=True, gc=False):
    """As `BeginFlowRequest`, with the caller's own expression instead of a policy's."""

    institution: str = ""
    customer: str = ""
    expression: str = ""
    deadline_s: int = 0
    channel_1: int = 0
    channel_2: int = 0
    channel_3: int = 0
    channel_4: int = 0
    reference: str = ""
    operator: str = ""


BEGIN_OWN_FLOW_REQUEST: Final = construct.Struct(
    *institution_and_customer(),
    "expression" / Text(192),
    "deadline_s" / U32,
    "channel_1" / U32,
    "channel_2" / U32,
    "channel_3" / U32,
    "channel_4" / U32,
    "reference" / Ident(32),
    "operator" / Ident(16),
)


class FlowStepRequest(msgspec.Struct, frozen=True, gc=False):
    """Try one factor of a flow.

    Attributes:
        institution, customer: the flow's own; named again, so that a step can't hit another's flow.
        flow: id of the flow.
        factor: which factor is tried.
        end_user_address: from where the customer came; may be empty.
        factor_schema: layout version of `factor_body`.
        factor_body: the body of the transaction that verifies the factor by itself, unsealed, with
            zeros after it; made and read by `enclosure`.
    """

    institution: str = ""
    customer: str = ""
    flow: str = ""
    factor: str = ""
    end_user_address: str = ""
    factor_schema: int = SCHEMA_1
    factor_body: SecretBytes = SecretBytes(bytes(FACTOR_BODY))


FLOW_STEP_REQUEST: Final = construct.Struct(
    *institution_and_customer(),
    "flow" / Ident(32),
    "factor" / Ident(16),
    "end_user_address" / Ident(40),
    "factor_schema" / U16,
    Reserved(6),
    "factor_body" / SecretOctets(FACTOR_BODY),
    SecretPad(16),
    SealTrailer(),
)


class CancelFlowRequest(msgspec.Struct, frozen=True, gc=False):
    """End a flow: no later step counts."""

    institution: str = ""
    customer: str = ""
    flow: str = ""
    operator: str = ""
    reason: str = ""


CANCEL_FLOW_REQUEST: Final = construct.Struct(
    *institution_and_customer(),
    "flow" / Ident(32),
    "operator" / Ident(16),
    "reason" / Text(48),
)


class QueryFlowRequest(msgspec.Struct, frozen=True, gc=False):
    """How far a flow is, and its outcome. Any channel of the institution may ask."""

    institution: str = ""
    customer: str = ""
    flow: str = ""


QUERY_FLOW_REQUEST: Final = construct.Struct(
    *institution_and_customer(),
    "flow" / Ident(32),
)


class FlowResponse(BusinessResponse, frozen=True, gc=False):
    """Of beginning, stepping and cancelling.

    Attributes:
        flow: id of the flow.
        flow_state: a `FlowState` after this request.
        factor: the factor tried.
        factor_result: response code of the factor's own verification; 0: none, or hidden by policy.
        factor_transaction: transaction code that this verification has by itself; 0: as above.
        proven: factors proven so far, with commas between.
        wanted: factors that may be tried now, with commas between.
        expires_at: when the flow lapses, milliseconds since the epoch.
        token … text_digest: what the factor's own answer says under these names; blank for factors
            whose answer doesn't.
    """

    flow: str = ""
    flow_state: int = 0
    token_state: int = 0
    remaining_tries: int = BLANK_TRIES
    factor_transaction: int = 0
    factor_result: int = 0
    factor: str = ""
    token: str = ""
    expires_at: int = 0
    locked_until: int = 0
    proven: str = ""
    wanted: str = ""
    authenticator_response: str = ""
    question: str = ""
    text_digest: bytes = NO_DIGEST


FLOW_RESPONSE: Final = construct.Struct(
    *prefix(),
    "flow" / Ident(32),
    "flow_state" / U8,
    "token_state" / U8,
    "remaining_tries" / U8,
    Reserved(1),
    "factor_transaction" / U16,
    Reserved(2),
    "factor_result" / U32,
    "factor" / Ident(16),
    "token" / Ident(24),
    "expires_at" / U64,
    "locked_until" / U64,
    "proven" / Ident(104),
    "wanted" / Ident(104),
    "authenticator_response" / Ident(42),
    Reserved(6),
    "question" / Ident(64),
    "text_digest" / Octets(32),
)


class FlowQueryResponse(BusinessResponse, frozen=True, gc=False):
    """A flow as it stands.

    Attributes:
        began_channel: channel that began it.
        began_at, expires_at, ended_at: milliseconds since the epoch; `ended_at` 0: not ended.
        failures: refused tries so far; 255: that many or more.
        policy: name of the policy it was begun by; blank: the caller's own expression.
        expression: what it asks for.
    """

    flow: str = ""
    flow_state: int = 0
    failures: int = 0
    began_channel: int = 0
    began_at: int = 0
    expires_at: int = 0
    ended_at: int = 0
    customer: str = ""
    policy: str = ""
    reference: str = ""
    proven: str = ""
    wanted: str = ""
    expression: str = ""


FLOW_QUERY_RESPONSE: Final = construct.Struct(
    *prefix(),
    "flow" / Ident(32),
    "flow_state" / U8,
    "failures" / U8,
    Reserved(2),
    "began_channel" / U32,
    "began_at" / U64,
    "expires_at" / U64,
    "ended_at" / U64,
    "customer" / Ident(32),
    "policy" / Ident(32),
    "reference" / Ident(32),
    "proven" / Ident(104),
    "wanted" / Ident(104),
    "expression" / Text(192),
)
