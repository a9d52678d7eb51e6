"""Any service, with a notice to the customer when it changed something: a wrapper for rows of the
table, so that no service needs to know of phones.

The notice stands in the same decision, so it is written with the change or not at all. A refusal
tells nobody, and a request that names no customer has nobody to tell.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from tigertally_engines.sms.wording import tail
from tigertally_protocol.codes import ResponseCode
from tigertally_server.services.context import Context
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.sms.notices import need_notice, notice
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

NeedsOf = Callable[[Request, Needs], None]
Decide = Callable[[Request, WorkingSet, Context], Decision]


def also_needing_a_phone(needs_of: NeedsOf) -> NeedsOf:
    """The rows of a service, and those of a notice."""

    def both(request: Request, needs: Needs) -> None:
        needs_of(request, needs)
        if request.message.customer:
            need_notice(request, needs)

    return both


def also_telling(decide: Decide, name: str) -> Decide:
    """The decision of a service, with the notice `name` where it is CHANGED."""

    def both(request: Request, work: WorkingSet, context: Context) -> Decision:
        decision = decide(request, work, context)
        if decision.code is not ResponseCode.CHANGED or decision.account is None:
            return decision
        token = getattr(request.message, "token", "")
        values = {"number_tail": tail(token)} if token else None
        told = notice(request, work, context, decision.account, name, values)
        return msgspec.structs.replace(
            decision,
            messages=decision.messages + told.messages,
            counts=decision.counts + told.counts,
        )

    return both
