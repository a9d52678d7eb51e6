"""Dual control: what one operator asks for and another approves.

A sensitive verb asks here before it acts. Where no approval is needed, the request is approved by
the rules at once; the record stays the same. Otherwise the first call leaves a request, and the
same call again, after another operator approved it, acts: once, in time, for the same subject. The
database decides; what is checked here beforehand is checked for a better text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tigertally_server.cli.house import House, person
from tigertally_server.cli.output import CommandError, when
from tigertally_server.cli.roles import role_name
from tigertally_server.domain.administration import AdminWrite, RequestApproval
from tigertally_server.services.keyring import Purpose, approval_identity
from tigertally_server.store import operators
from tigertally_server.store.operators import Approval, Rule

WAITING_STATUS = 3
"""Exit status of a verb that waits for its approval."""


class Waiting(CommandError):
    """Nothing was done yet: another operator must approve it."""

    exit_code = WAITING_STATUS


@dataclass(frozen=True, slots=True)
class Permission:
    """`number`: of the approval. `prelude`: what must be written in the same act before it is
    used.
    """

    number: int
    prelude: tuple[AdminWrite, ...]


def permission(house: House, verb: str, subject: str, reason: str) -> Permission:
    """Leave to do this now. Raises Waiting with what is to be done first, CommandError."""
    if not reason.strip():
        raise CommandError("this is done for a reason only: add --reason TEXT")
    with house.reading() as conn:
        rule = rule_of(operators.rules(conn), verb)
        mine = operators.my_request(conn, verb, subject)
        number = operators.new_approval_id(conn) if mine is None else mine.id
    if mine is None:
        key_id, sealed = house.environment.keyring.seal(
            Purpose.CREDENTIAL, reason.encode(), approval_identity(number)
        )
        request = RequestApproval(number, verb, subject, person(), key_id, sealed)
        if not (house.acting.separated and rule.needed):
            return Permission(number, (request,))
        details = {"approval": number, "for": verb, "of": subject, "reason": reason}
        house.act("approval request", details, [request])
    elif mine.state == "approved":
        return Permission(number, ())
    hours = rule.valid_s / 3600
    raise Waiting(
        f"request {number}: `{verb}` of {subject} waits for another operator "
        f"({role_name(rule.approver)}): tigertally approval approve {number}\n"
        f"Then run this command again; a request is good for {hours:g} h."
    )


def rule_of(rules: list[Rule], verb: str) -> Rule:
    """Raises CommandError."""
    for rule in rules:
        if rule.verb == verb:
            return rule
    known = ", ".join(rule.verb for rule in rules)
    raise CommandError(f"`{verb}` is not under dual control; these can be: {known}")


def reason_of(house: House, approval: Approval) -> str:
    """The operator's words. Raises KeyMissing."""
    keyring = house.environment.keyring
    return keyring.open(approval.key_id, approval.sealed, approval_identity(approval.id)).decode()


def shown(house: House, approval: Approval, now_ms: int) -> dict[str, Any]:
    """A request for people, without its reason."""
    zone = house.config.zone
    lapsed = approval.state in ("requested", "approved") and approval.expires_at_ms <= now_ms
    return {
        "approval": approval.id,
        "verb": approval.verb,
        "subject": approval.subject,
        "state": "expired" if lapsed else approval.state,
        "requested_by": f"{approval.requested_os} ({approval.requested_by})",
        "requested_at": when(approval.requested_at_ms, zone),
        "expires_at": when(approval.expires_at_ms, zone),
        "decided_by": approval.decided_by
        and f"{approval.decided_os or '-'} ({approval.decided_by})",
        "decided_at": when(approval.decided_at_ms, zone),
        "used_at": when(approval.used_at_ms, zone),
    }
