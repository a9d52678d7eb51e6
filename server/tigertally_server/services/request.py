"""A request on its way through the services, and what comes of it. Typed records; no bytes of the
wire, no session.

Every access ends here: the socket, and later HTTP, SOAP and RADIUS, differ only in how they
authenticated the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

import msgspec

from tigertally_protocol.codes import ResponseCode
from tigertally_server.domain.account import Account
from tigertally_server.domain.administration import AdminWrite
from tigertally_server.domain.challenge import Challenge
from tigertally_server.domain.channel import Channel
from tigertally_server.domain.credential import Credential
from tigertally_server.domain.message import OutgoingMessage
from tigertally_server.domain.send_count import SendCount
from tigertally_server.domain.token import Token
from tigertally_server.store.port import SerialKey


class Phase(IntEnum):
    """Part of an entry's unique key: what this entry is within its serial. Numbers are for ever."""

    FINAL = 0
    CLAIMED = 1
    SETTLED = 2
    SIGN_ON = 3
    SIGN_OFF = 4
    SUMMARY = 5
    OPERATOR = 6


class Request(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """`received_ms`: wall clock at the last byte; it is the time of every decision. `deadline_ms`:
    monotonic. `prepared`: what a slow function made of the message beforehand. `made`: MACs that
    the HSM made for it (`device_seeds.Made`), `rounds`: how often it was asked, `drawn`: what was
    drawn at the first decision, and must be the same at the next: the MACs depend on it.
    """

    channel: Channel
    message: Any
    transaction: int
    serial: int
    business_day: int
    received_ms: int
    deadline_ms: int
    digest: bytes = b""
    other_digests: tuple[bytes, ...] = ()
    """While the key of the digest is being replaced: under its other generations."""
    peer: str = ""
    phase: Phase = Phase.FINAL
    operator: str = ""
    retry: bool = False
    prepared: Any = None
    made: Mapping[bytes, Mapping[Any, bytes]] | None = None
    rounds: int = 0
    drawn: bytes = b""

    @property
    def key(self) -> SerialKey:
        return (self.business_day, self.channel.id, self.serial)

    def institution_of(self, named: str) -> str:
        return named or self.channel.institution


class Personal(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The personal part of an entry: sealed under the customer's own key, erased with it.
    `text`: what the customer was shown of a transaction.
    """

    institution: str = ""
    customer: str = ""
    token: str = ""
    end_user_address: str = ""
    peer: str = ""
    operator: str = ""
    reason: str = ""
    text: str = ""


class Claim(msgspec.Struct, frozen=True, gc=False):
    """A second entry of a decision: a serial taken so that a late arrival is refused."""

    key: SerialKey
    result: ResponseCode


class Decision(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a service decided: the answer, and the closed set of rows that change with it.

    The entry is about `account` and `token`, or `credential` where no token is in it: it becomes
    that row's last entry. `decoys`: rows of tokens to be updated in nobody's name, so that a try at
    a token that isn't there runs the statements of one that is; `decoy_credentials` likewise.
    """

    code: ResponseCode
    body: Any = None
    note: bytes = b""
    reference: str = ""
    account: Account | None = None
    token: Token | None = None
    credential: Credential | None = None
    personal: Personal | None = None
    tokens: tuple[Token, ...] = ()
    rebound_tokens: tuple[Token, ...] = ()
    accounts: tuple[Account, ...] = ()
    new_accounts: tuple[Account, ...] = ()
    admin: tuple[AdminWrite, ...] = ()
    claims: tuple[Claim, ...] = ()
    credentials: tuple[Credential, ...] = ()
    new_credentials: tuple[Credential, ...] = ()
    challenges: tuple[Challenge, ...] = ()
    new_challenges: tuple[Challenge, ...] = ()
    messages: tuple[OutgoingMessage, ...] = ()
    counts: tuple[SendCount, ...] = ()
    decoys: int = 0
    decoy_credentials: int = 0


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """The answer to a request. `shard`/`seq` are where its entry stands, -1 where none
    was written. `asked`: the `DeviceWork` without which there is no decision; the code is what
    stands if nobody does it.
    """

    code: ResponseCode
    body: Any = None
    shard: int = -1
    seq: int = -1
    detail: str = ""
    retry_after_ms: int = 0
    asked: Any = None
