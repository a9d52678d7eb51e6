"""How many messages are too many, and for whom: the number, its range and country, the user, the
address, the channel, all together.

Against pumping (短信轰炸): whoever makes the bank send is stopped by the narrowest limit that his
messages have in common. Counts stand in buckets of time; a limit looks at those that began within
its span. A user's own limits hold exactly, because the phone's row is locked; others may let a
message or two more through where several processes send at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from tigertally_engines.sms.numbers import country_of, range_of
from tigertally_server.domain.credential import CredentialKind
from tigertally_server.domain.send_count import (
    TAG_SCOPES,
    CountScope,
    SendCount,
)
from tigertally_server.services.keyring import Keyring
from tigertally_server.services.request import Request
from tigertally_server.services.sms.policy import DAY_MS, HOUR_MS, SmsPolicy
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

FINE_MS: Final = 600_000
PHONE_KINDS: Final = (CredentialKind.SMS, CredentialKind.PHONE_CHANGE)


class Rule(NamedTuple):
    """At most `limit` (0: any number) within `span_ms`, counted in buckets of `bucket_ms`."""

    scope: CountScope
    digest: bytes
    bucket_ms: int
    span_ms: int
    limit: int


class Sender(NamedTuple):
    """Who makes the bank send."""

    institution: str
    customer: str
    address: str
    channel: int


def sender_of(request: Request) -> Sender:
    """Of any message that names a customer."""
    message = request.message
    institution = request.institution_of(message.institution)
    address = getattr(message, "end_user_address", "")
    return Sender(institution, message.customer, address, request.channel.id)


def need_counters(request: Request, needs: Needs) -> None:
    """The counters that a message to this customer's phone is judged by."""
    sender, now_ms = sender_of(request), request.received_ms
    for scope, name in _names(sender, now_ms):
        needs.counters.add((scope, needs.digest_of(name)))
    needs.counters.add((CountScope.ACCOUNT, needs.digest_of(_vain_name(sender))))
    for kind in PHONE_KINDS:
        needs.tagged_counters.add((sender.institution, sender.customer, kind))


def need_notice_counters(request: Request, needs: Needs) -> None:
    """Those that a notice is judged by."""
    sender = sender_of(request)
    needs.counters.add((CountScope.ACCOUNT, needs.digest_of(_notice_name(sender))))


def _names(sender: Sender, now_ms: int) -> list[tuple[CountScope, str]]:
    hour = now_ms // HOUR_MS
    names = [
        (CountScope.ACCOUNT, f"account/{sender.institution}/{sender.customer}"),
        # The hour in the name keeps what is read to one row a shard, however much is sent.
        (CountScope.CHANNEL, f"channel/{sender.channel}/{hour}"),
        (CountScope.TOTAL, f"total/{hour}"),
    ]
    if sender.address:
        names.append((CountScope.ADDRESS, f"address/{sender.address}"))
    return names


def _vain_name(sender: Sender) -> str:
    return f"in vain/{sender.institution}/{sender.customer}"


def _notice_name(sender: Sender) -> str:
    return f"notice/{sender.institution}/{sender.customer}"


def tag_of(keyring: Keyring, number: str) -> bytes:
    """What a phone's credential carries, for its counters to be found."""
    return b"".join(_tag_parts(keyring, number))


def _tag_parts(keyring: Keyring, number: str) -> list[bytes]:
    """In the order of TAG_SCOPES."""
    names = (f"number/{number}", f"country/{country_of(number)}", f"range/{range_of(number)}")
    return [keyring.counter_digest(name) for name in names]


def rules_for(
    policy: SmsPolicy, keyring: Keyring, sender: Sender, number: str, now_ms: int
) -> list[Rule]:
    """Every limit that a message to this number is under; "": to nobody's."""
    limits = policy.limits
    found = {scope: keyring.counter_digest(name) for scope, name in _names(sender, now_ms)}
    country_limit = 0
    if number:
        found |= dict(zip(TAG_SCOPES, _tag_parts(keyring, number), strict=True))
        home = country_of(number) == policy.home_country
        country_limit = limits.home_hour if home else limits.country_hour
    table = [
        (CountScope.NUMBER, FINE_MS, HOUR_MS, limits.number_hour),
        (CountScope.NUMBER, FINE_MS, DAY_MS, limits.number_day),
        (CountScope.ACCOUNT, FINE_MS, HOUR_MS, limits.user_hour),
        (CountScope.ACCOUNT, FINE_MS, DAY_MS, limits.user_day),
        (CountScope.ADDRESS, FINE_MS, HOUR_MS, limits.address_hour),
        (CountScope.ADDRESS, FINE_MS, DAY_MS, limits.address_day),
        (CountScope.RANGE, HOUR_MS, HOUR_MS, limits.range_hour),
        (CountScope.COUNTRY, HOUR_MS, HOUR_MS, country_limit),
        (CountScope.CHANNEL, HOUR_MS, HOUR_MS, limits.channel_hour),
        (CountScope.TOTAL, HOUR_MS, HOUR_MS, limits.total_hour),
    ]
    return [
        Rule(scope, found[scope], bucket, span, limit)
        for scope, bucket, span, limit in table
        if limit and scope in found
    ]


def asked_in_vain(keyring: Keyring, sender: Sender, now_ms: int) -> SendCount:
    """Notes a sending in nobody's name, so that the next one can be too soon, too."""
    return SendCount(CountScope.ACCOUNT, keyring.counter_digest(_vain_name(sender)), now_ms, 1)


def last_in_vain(work: WorkingSet, keyring: Keyring, sender: Sender) -> int:
    """When the last of these was, ms; -1: never."""
    counts = work.counters(CountScope.ACCOUNT, keyring.counter_digest(_vain_name(sender)))
    return max((start for start, _ in counts), default=-1)


def notice_rules(policy: SmsPolicy, keyring: Keyring, sender: Sender) -> list[Rule]:
    """What keeps notices from being a nuisance of their own."""
    limit = policy.limits.notices_day
    digest = keyring.counter_digest(_notice_name(sender))
    return [Rule(CountScope.ACCOUNT, digest, FINE_MS, DAY_MS, limit)] if limit else []


def exceeded(work: WorkingSet, rules: Iterable[Rule], now_ms: int) -> Rule | None:
    """The first limit that one more message would break."""
    for rule in rules:
        counts = work.counters(rule.scope, rule.digest)
        if sum(n for start, n in counts if start > now_ms - rule.span_ms) >= rule.limit:
            return rule
    return None


def counted(rules: Sequence[Rule], now_ms: int) -> tuple[SendCount, ...]:
    """One message more, once per counter."""
    places = {(rule.scope, rule.digest, now_ms - now_ms % rule.bucket_ms) for rule in rules}
    return tuple(SendCount(*place, 1) for place in sorted(places))
