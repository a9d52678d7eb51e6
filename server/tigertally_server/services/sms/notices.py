"""Notices and warnings by SMS (短信提醒): what other services call from within their decisions.

    needs:      notices.need_notice(request, needs)
    decision:   told = notices.notice(request, work, context, account, "notice_token_lost", {...})
                Decision(..., messages=told.messages, counts=told.counts)

A notice is written in the same transaction as what it speaks of. No phone, no gateway, a notice
that the bank doesn't want, or too many of them today: then there is none, and nothing else changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from tigertally_engines.sms.wording import tail
from tigertally_server.domain.account import Account
from tigertally_server.domain.message import OutgoingMessage
from tigertally_server.domain.send_count import SendCount
from tigertally_server.services.context import Context
from tigertally_server.services.request import Request
from tigertally_server.services.sealed_records import new_message
from tigertally_server.services.sms.limits import (
    PHONE_KINDS,
    counted,
    exceeded,
    need_notice_counters,
    notice_rules,
    sender_of,
)
from tigertally_server.services.sms.records import MessageRecord, phone_of
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs


class Told(NamedTuple):
    """For the decision."""

    messages: tuple[OutgoingMessage, ...] = ()
    counts: tuple[SendCount, ...] = ()

    def also(self, other: Told) -> Told:
        """Both. Counters that rise twice are added up when they are applied."""
        return Told(self.messages + other.messages, self.counts + other.counts)


NOBODY = Told()


def need_phone(request: Request, needs: Needs) -> None:
    """The customer's phone, locked."""
    message = request.message
    for kind in PHONE_KINDS:
        needs.credentials.add((request.institution_of(message.institution), message.customer, kind))


def need_notice(request: Request, needs: Needs) -> None:
    """What `notice` looks at. The message must name a customer."""
    need_phone(request, needs)
    need_notice_counters(request, needs)


def notice(
    request: Request,
    work: WorkingSet,
    context: Context,
    account: Account,
    name: str,
    values: Mapping[str, str] | None = None,
) -> Told:
    """A notice to the customer's phone. `values`: those of the template beside sign, time and
    number_tail, which are filled in unless given. Raises KeyMissing.
    """
    phone = phone_of(context, work, account, request.received_ms)
    if phone is None:
        return NOBODY
    record = phone.record
    return notice_to(request, work, context, account, name, record.number, record.language, values)


def notice_to(
    request: Request,
    work: WorkingSet,
    context: Context,
    account: Account,
    name: str,
    number: str,
    language: str,
    values: Mapping[str, str] | None = None,
) -> Told:
    """As `notice`, to a number that is not the phone's (any more)."""
    policy, now_ms = context.sms, request.received_ms
    if not policy.enabled or name in policy.silent or not number:
        return NOBODY
    rules = notice_rules(policy, context.keyring, sender_of(request))
    if exceeded(work, rules, now_ms) is not None:
        return NOBODY
    shown = policy.language_of("", language, request.channel.name)
    template = policy.texts.find(request.channel.name, shown, name)
    assert template is not None, "every notice has a text in every language"
    given = {
        "sign": policy.sign,
        "time": local_time(now_ms, context),
        "number_tail": tail(number),
        "hours": "",
        "count": "",
        "words": "",
        **(values or {}),
    }
    record = MessageRecord(number, template.render(given))
    message = new_message(context, request, account, name, record, lasts_ms=policy.notice_valid_ms)
    return Told((message,), counted(rules, now_ms))


def local_time(now_ms: int, context: Context) -> str:
    """Month, day and minute in the bank's time zone."""
    moment = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(context.zone)
    return f"{moment:%m-%d %H:%M}"
