"""Several factors as one flow (组合认证): begin it, take its steps, ask about it, cancel it.

A step runs the factor's own service and joins both decisions: one unit of work, one entry. The
flow's row is locked like a token's, so of steps that come at once on any number of processes one
ends the flow, and it ends once: a row that isn't OPEN any more is never written again.

The return code speaks of the whole. APPROVED: every factor asked for is proven. CHANGED: this
factor is proven, the flow wants more. Otherwise the factor's own refusal, or that of the flow.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import msgspec

from tigertally_engines.flow.decide import Attempt, Step, take
from tigertally_engines.flow.expression import ExpressionError, render
from tigertally_engines.flow.progress import Standing
from tigertally_protocol.codes import CODES, CodeClass, ResponseCode
from tigertally_protocol.errors import BadField
from tigertally_protocol.messages.flow import (
    OTHER_CHANNELS,
    BeginFlowRequest,
    BeginOwnFlowRequest,
    CancelFlowRequest,
    FlowQueryResponse,
    FlowResponse,
    FlowStepRequest,
)
from tigertally_server.domain.challenge import Challenge, ChallengeKind, ChallengeState
from tigertally_server.domain.flow_policy import (
    DEADLINE_DEFAULT_S,
    DEADLINE_MAX_S,
    TRIES_DEFAULT,
    FlowPolicy,
)
from tigertally_server.domain.token import UserState
from tigertally_server.services.context import Context
from tigertally_server.services.factors import FACTORS, Factor, Facts, inner_request
from tigertally_server.services.flow_rows import (
    Flow,
    FlowRecord,
    find_flow,
    known_tree,
    need_flow,
    refusal,
    tree_of,
)
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sealed_records import new_challenge, resealed
from tigertally_server.services.subject import find_user, need_user, personal_of
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

_FAILURES_SHOWN: Final = 255
_TOLD: Final = (
    "token",
    "token_state",
    "remaining_tries",
    "locked_until",
    "authenticator_response",
    "question",
    "text_digest",
)
_STATES: Final[dict[Standing, ChallengeState]] = {
    Standing.OPEN: ChallengeState.OPEN,
    Standing.SATISFIED: ChallengeState.USED,
    Standing.FAILED: ChallengeState.FAILED,
}


# ---------------------------------------------------------------- begin


def begin_flow(request: Request, work: WorkingSet, context: Context) -> Decision:
    """A flow by the name of the bank's policy."""
    message: BeginFlowRequest = request.message
    institution = request.institution_of(message.institution)
    policy = context.snapshot.flow_policy(institution, message.policy)
    if policy is None:
        return _begun(request, work, ResponseCode.FLOW_POLICY_UNKNOWN)
    known_tree(policy.expression)
    return _begin(request, work, context, policy)


def begin_own_flow(request: Request, work: WorkingSet, context: Context) -> Decision:
    """A flow by the channel's own expression."""
    message: BeginOwnFlowRequest = request.message
    try:
        expression = render(tree_of(message.expression))
    except ExpressionError:
        return _bad_field("expression")
    own = FlowPolicy(
        name="",
        expression=expression,
        deadline_s=DEADLINE_DEFAULT_S if not message.deadline_s else DEADLINE_MAX_S,
        tries=TRIES_DEFAULT,
    )
    return _begin(request, work, context, own)


def _begin(request: Request, work: WorkingSet, context: Context, policy: FlowPolicy) -> Decision:
    message = request.message
    if message.deadline_s > policy.deadline_s:
        return _bad_field("deadline_s")
    channels = _channels(request, context)
    if isinstance(channels, str):
        return _bad_field(channels)
    found = find_user(request, work)
    if found.refusal is not None and request.channel.disclose:
        return _begun(request, work, found.refusal)
    # Where reasons are hidden, a flow begins for anybody: its steps are refused like wrong codes.
    record = FlowRecord(
        institution=request.institution_of(message.institution),
        customer=message.customer,
        expression=policy.expression,
        channels=channels,
        policy=policy.name,
        tries=policy.tries,
        telling=all(_discloses(channel_id, request, context) for channel_id in channels),
        reference=message.reference,
    )
    lasts_ms = 1000 * (message.deadline_s or policy.deadline_s)
    row = new_challenge(
        context, request, found.account, ChallengeKind.FLOW, record, lasts_ms=lasts_ms
    )
    flow = Flow(row, record, known_tree(policy.expression), found.account)
    body = flow.shown(request.received_ms)
    begun = _begun(request, work, ResponseCode.CHANGED, body)
    return msgspec.structs.replace(begun, new_challenges=(row,))


def _begun(
    request: Request, work: WorkingSet, code: ResponseCode, body: FlowResponse | None = None
) -> Decision:
    return Decision(
        code=code,
        body=body,
        reference=request.message.reference,
        account=find_user(request, work).account,
        personal=personal_of(request),
    )


def _channels(request: Request, context: Context) -> tuple[int, ...] | str:
    """Who may take steps, the beginner first; or the name of the field that names no such channel
    of this institution.
    """
    channels = [request.channel.id]
    institution = request.institution_of(request.message.institution)
    for number in range(1, OTHER_CHANNELS + 1):
        name = f"channel_{number}"
        channel_id = getattr(request.message, name)
        if not channel_id:
            continue
        channel = context.snapshot.channels.get(channel_id)
        if channel is None or channel.institution != institution:
            return name
        channels.append(channel_id)
    return tuple(dict.fromkeys(channels))


def _discloses(channel_id: int, request: Request, context: Context) -> bool:
    if channel_id == request.channel.id:
        return request.channel.disclose
    return context.snapshot.channels[channel_id].disclose


def _bad_field(name: str) -> Decision:
    return Decision(code=ResponseCode.BAD_FIELD, body=FlowResponse(detail=name))


# ---------------------------------------------------------------- step


def need_step(request: Request, needs: Needs) -> None:
    """The flow, its customer, and whatever the factor's own service needs."""
    message: FlowStepRequest = request.message
    need_flow(request, needs)
    need_user(request, needs)
    if (factor := FACTORS.get(message.factor)) is not None:
        # What can't be read is refused by name when the step is decided.
        with suppress(BadField):
            factor.needs(inner_request(factor, request, None), needs)


def slow_part(request: Request, context: Context) -> Callable[[], Any] | None:
    """What the factor's own service computes before its unit of work, if anything."""
    factor = FACTORS.get(request.message.factor)
    if factor is None or factor.slow_part is None:
        return None
    try:
        return factor.slow_part(inner_request(factor, request, None), context)
    except BadField:
        return None


def flow_step(request: Request, work: WorkingSet, context: Context) -> Decision:
    """One factor of a flow."""
    message: FlowStepRequest = request.message
    now_ms = request.received_ms
    flow = find_flow(request, work, context)
    if flow is None:
        return _not_stepped(request, work, ResponseCode.FLOW_UNKNOWN)
    if (code := refusal(flow.state(now_ms))) is not None:
        return _too_late(request, work, flow, code)
    factor = FACTORS.get(message.factor)
    if factor is None or message.factor not in flow.progress(now_ms).wanted:
        return _not_stepped(request, work, ResponseCode.FACTOR_NOT_WANTED, flow)
    if not request.channel.permits(factor.transaction):
        return Decision(code=ResponseCode.TRANSACTION_NOT_PERMITTED)
    try:
        inner = inner_request(factor, request, flow.record.reference)
    except BadField as problem:
        return _bad_field(problem.field)
    decision = factor.decide(inner, work, context)
    if not CODES[decision.code].recorded:
        detail = getattr(decision.body, "detail", "")
        return Decision(code=decision.code, body=FlowResponse(detail=detail))
    return _joined(request, work, context, flow, factor, inner, decision)


def _not_stepped(
    request: Request, work: WorkingSet, code: ResponseCode, flow: Flow | None = None
) -> Decision:
    """Refused before the factor was looked at; nothing changes."""
    message = request.message
    known = flow.shown(request.received_ms, factor=message.factor) if flow else None
    return Decision(
        code=code,
        body=known,
        reference=flow.record.reference if flow else "",
        account=find_user(request, work).account,
        personal=personal_of(request),
    )


def _too_late(request: Request, work: WorkingSet, flow: Flow, code: ResponseCode) -> Decision:
    decision = _not_stepped(request, work, code, flow)
    return msgspec.structs.replace(decision, challenges=_lapsed(flow, request.received_ms))


def _lapsed(flow: Flow, now_ms: int) -> tuple[Challenge, ...]:
    """The row with its lapse written down, by the first request that notices."""
    if flow.row.state is flow.state(now_ms):
        return ()
    return (msgspec.structs.replace(flow.row, state=ChallengeState.EXPIRED),)


def _joined(
    request: Request,
    work: WorkingSet,
    context: Context,
    flow: Flow,
    factor: Factor,
    own: Request,
    decision: Decision,
) -> Decision:
    """The decision about the factor's `own` request, and the flow's, as one."""
    now_ms = request.received_ms
    attempt = _attempt(own, work, context, flow, factor, decision)
    name = request.message.factor
    before = flow.record
    step = take(flow.root, before.marks, flow.row.failures, before.tries, name, attempt)
    after = _after(context, flow, step, now_ms)
    body = after.shown(
        now_ms,
        factor=name,
        factor_transaction=int(factor.transaction),
        factor_result=int(decision.code),
        **_told_by(decision.body),
    )
    return msgspec.structs.replace(
        decision,
        code=_code(step, attempt, decision),
        body=body,
        reference=before.reference,
        challenges=decision.challenges if after is flow else (*decision.challenges, after.row),
    )


def _attempt(
    own: Request,
    work: WorkingSet,
    context: Context,
    flow: Flow,
    factor: Factor,
    decision: Decision,
) -> Attempt:
    row = CODES[decision.code]
    if row.cls is CodeClass.APPROVED:
        return Attempt.PROVEN
    # What no policy hides speaks of the request (not confirmed yet, several tokens, must be
    # changed), not of a proof that was wrong.
    refused = Attempt.REFUSED if row.hidden else Attempt.UNDECIDED
    if flow.account is None or not flow.record.telling:
        return refused
    if flow.account.state != UserState.ACTIVE:
        return Attempt.LOST
    facts = Facts(
        flow.account,
        own.message,
        work,
        context,
        decision,
        own.received_ms,
        flow.row.expires_at_ms,
    )
    return Attempt.LOST if factor.lost(facts) else refused


def _after(context: Context, flow: Flow, step: Step, now_ms: int) -> Flow:
    state = _STATES[step.progress.standing]
    if (step.marks, step.failures) == (flow.record.marks, flow.row.failures):
        return flow
    row = msgspec.structs.replace(flow.row, state=state, failures=step.failures)
    if step.marks == flow.record.marks and state is ChallengeState.OPEN:
        return Flow(row, flow.record, flow.root, flow.account)
    ended_at_ms = 0 if state is ChallengeState.OPEN else now_ms
    record = msgspec.structs.replace(flow.record, marks=step.marks, ended_at_ms=ended_at_ms)
    return Flow(resealed(context, row, record), record, flow.root, flow.account)


def _code(step: Step, attempt: Attempt, inner: Decision) -> ResponseCode:
    if step.progress.standing is Standing.SATISFIED:
        return ResponseCode.APPROVED
    if step.progress.standing is Standing.FAILED:
        return ResponseCode.FLOW_FAILED
    return ResponseCode.CHANGED if attempt is Attempt.PROVEN else inner.code


def _told_by(body: Any) -> dict[str, Any]:
    """What the factor's own answer says under names that a flow's answer has, too."""
    return {name: getattr(body, name) for name in _TOLD if hasattr(body, name)}


# ---------------------------------------------------------------- query, cancel


def need_named_flow(request: Request, needs: Needs) -> None:
    """The flow and its customer."""
    need_flow(request, needs)
    need_user(request, needs)


def query_flow(request: Request, work: WorkingSet, context: Context) -> Decision:
    """How far a flow is. Any channel of the institution may ask: who pays out isn't who asked."""
    now_ms = request.received_ms
    flow = find_flow(request, work, context, taking_part=False)
    if flow is None:
        return Decision(
            code=ResponseCode.FLOW_UNKNOWN,
            account=find_user(request, work).account,
            personal=personal_of(request),
        )
    row, record, progress = flow.row, flow.record, flow.progress(now_ms)
    body = FlowQueryResponse(
        flow=flow.wire_id,
        flow_state=flow.state(now_ms),
        failures=min(row.failures, _FAILURES_SHOWN),
        began_channel=row.channel_id,
        began_at=row.issued_at_ms,
        expires_at=row.expires_at_ms,
        ended_at=record.ended_at_ms,
        customer=record.customer,
        policy=record.policy,
        reference=record.reference,
        proven=",".join(progress.proven),
        wanted=",".join(progress.wanted),
        expression=record.expression,
    )
    return Decision(code=ResponseCode.ANSWERED, body=body)


def cancel_flow(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Ends an open flow; one that has ended stays as it did."""
    message: CancelFlowRequest = request.message
    now_ms = request.received_ms
    personal = personal_of(request, reason=message.reason)
    flow = find_flow(request, work, context)
    if flow is None:
        account = find_user(request, work).account
        return Decision(code=ResponseCode.FLOW_UNKNOWN, account=account, personal=personal)
    code = refusal(flow.state(now_ms))
    changes = _lapsed(flow, now_ms)
    if code is None:
        record = msgspec.structs.replace(flow.record, ended_at_ms=now_ms)
        row = msgspec.structs.replace(flow.row, state=ChallengeState.CANCELLED)
        flow = Flow(resealed(context, row, record), record, flow.root, flow.account)
        code, changes = ResponseCode.CHANGED, (flow.row,)
    return Decision(
        code=code,
        body=flow.shown(now_ms),
        reference=flow.record.reference,
        account=flow.account,
        personal=personal,
        challenges=changes,
    )
