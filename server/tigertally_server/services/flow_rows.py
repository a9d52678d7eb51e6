"""A flow as a row: what is sealed in its challenge, who may see it, and how it is shown.

Invariant: the record never says more than its marks do; state, failures and deadline stand in the
challenge's own columns, where the guard of the row protects them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import msgspec

from tigertally_engines.flow.decide import standing
from tigertally_engines.flow.expression import ExpressionError, Node, parse
from tigertally_engines.flow.progress import Mark, Progress
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.flow import FlowResponse
from tigertally_server.domain.account import Account
from tigertally_server.domain.challenge import (
    CHALLENGE_ID_BYTES,
    Challenge,
    ChallengeKind,
    ChallengeState,
    shown_challenge_state,
)
from tigertally_server.services.context import Context
from tigertally_server.services.directory import ConfigurationError
from tigertally_server.services.factors import FACTORS
from tigertally_server.services.request import Request
from tigertally_server.services.sealed_records import open_record
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

_HEX: Final = frozenset("0123456789abcdef")


class FlowRecord(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """`channels` may take steps; the first one began it. `tries` as in FlowPolicy. `telling`: it
    ends early where it can't be completed any more; not so where a channel may not know that a
    factor is locked, or its customer unknown.
    """

    institution: str
    customer: str
    expression: str
    channels: tuple[int, ...]
    policy: str = ""
    tries: int = 0
    telling: bool = True
    reference: str = ""
    marks: tuple[Mark, ...] = ()
    ended_at_ms: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """An opened flow with its customer (None: nobody is known by that number)."""

    row: Challenge
    record: FlowRecord
    root: Node
    account: Account | None

    @property
    def wire_id(self) -> str:
        return self.row.id.hex()

    def state(self, now_ms: int) -> ChallengeState:
        return shown_challenge_state(self.row, now_ms)

    def progress(self, now_ms: int) -> Progress:
        """Nothing is wanted of a flow that has ended, however it did."""
        found = standing(self.root, self.record.marks, self.row.failures, self.record.tries)
        if self.state(now_ms) is not ChallengeState.OPEN:
            return found._replace(wanted=())
        return found

    def shown(self, now_ms: int, **fields: object) -> FlowResponse:
        """As answers show it; `fields` are further ones of the answer."""
        progress = self.progress(now_ms)
        bare = FlowResponse(
            flow=self.wire_id,
            flow_state=self.state(now_ms),
            expires_at=self.row.expires_at_ms,
            proven=",".join(progress.proven),
            wanted=",".join(progress.wanted),
        )
        return msgspec.structs.replace(bare, **fields)


@lru_cache(maxsize=512)
def tree_of(expression: str) -> Node:
    """The tree over the factors there are. Raises ExpressionError."""
    return parse(expression, {name: factor.proves for name, factor in FACTORS.items()})


def known_tree(expression: str) -> Node:
    """As `tree_of`, of what was stored. Raises ConfigurationError."""
    try:
        return tree_of(expression)
    except ExpressionError as problem:
        raise ConfigurationError(f"a stored flow can't be read: {problem}") from None


def id_of(text: str) -> bytes | None:
    """The id in its wire form; None where it is none."""
    if len(text) != 2 * CHALLENGE_ID_BYTES or not _HEX.issuperset(text):
        return None
    return bytes.fromhex(text)


def need_flow(request: Request, needs: Needs) -> None:
    """The flow named, locked; its customer is named beside it."""
    if (flow_id := id_of(request.message.flow)) is not None:
        needs.challenges.add(flow_id)


def find_flow(
    request: Request, work: WorkingSet, context: Context, *, taking_part: bool = True
) -> Flow | None:
    """The customer's flow, if the channel takes part in it (else: belongs to its institution).

    Raises KeyMissing, ConfigurationError.
    """
    message = request.message
    flow_id = id_of(message.flow)
    row = None if flow_id is None else work.challenge(flow_id)
    if row is None or row.kind is not ChallengeKind.FLOW:
        return None
    record = open_record(context, row, FlowRecord)
    user = (request.institution_of(message.institution), message.customer)
    if (record.institution, record.customer) != user:
        return None
    if taking_part and request.channel.id not in record.channels:
        return None
    return Flow(row, record, known_tree(record.expression), work.account(user))


_BY_STATE: Final[dict[ChallengeState, ResponseCode]] = {
    ChallengeState.USED: ResponseCode.FLOW_ENDED,
    ChallengeState.CANCELLED: ResponseCode.FLOW_ENDED,
    ChallengeState.FAILED: ResponseCode.FLOW_ENDED,
    ChallengeState.EXPIRED: ResponseCode.FLOW_EXPIRED,
}


def refusal(state: ChallengeState) -> ResponseCode | None:
    """Why a flow in this state takes no step; None where it does."""
    return _BY_STATE.get(state)
