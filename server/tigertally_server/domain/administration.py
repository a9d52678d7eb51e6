"""What an operator's act changes: a closed set of rows, written in the same unit of work as its
entry.
"""

from __future__ import annotations

from dataclasses import dataclass

from tigertally_server.domain.account import Account
from tigertally_server.domain.channel import Channel, ChannelKey
from tigertally_server.domain.credential import Credential
from tigertally_server.domain.flow_policy import FlowPolicy
from tigertally_server.domain.key import KeyRecord
from tigertally_server.domain.token import Token


@dataclass(frozen=True, slots=True)
class InsertChannel:
    """A new channel."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class UpdateChannel:
    """A channel with all its columns as they shall be."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class PutChannelKey:
    """Inserts the key, or changes the state of an existing version."""

    key: ChannelKey


@dataclass(frozen=True, slots=True)
class PutKey:
    """A key record as it shall be. `before`: as it was read; refused where somebody changed it
    meanwhile. None: a new one, its id drawn beforehand (`store.keys.next_ids`).
    """

    after: KeyRecord
    before: KeyRecord | None = None


@dataclass(frozen=True, slots=True)
class PutTokenType:
    """`parameters` is the JSON text of the type's OTP parameters."""

    name: str
    parameters: str


@dataclass(frozen=True, slots=True)
class PutFlowPolicy:
    """Inserts the policy, or replaces the one of that institution and name."""

    policy: FlowPolicy


@dataclass(frozen=True, slots=True)
class PutPasswordPolicy:
    """`parameters` is the JSON text of what differs from the defaults of its form."""

    name: str
    parameters: str


@dataclass(frozen=True, slots=True)
class InsertTokens:
    """New tokens into the stock; `id` of each is set beforehand from `Transaction.new_ids`."""

    tokens: tuple[Token, ...]
    issuer: str
    imported_at_ms: int


@dataclass(frozen=True, slots=True)
class ReseedToken:
    """Another seed for a token, with its `static_rev` raised by one; what else changes of it is
    written as every token's.
    """

    token: Token


@dataclass(frozen=True, slots=True)
class MoveStagedTokens:
    """A chunk of an import job out of the staging into the stock, but for the serial numbers that
    are `there` already; `tokens` is what the chunk must hold. Refused where it was moved before.
    """

    job: int
    chunk: int
    institution: str
    tokens: int
    there: tuple[str, ...]
    now_ms: int


@dataclass(frozen=True, slots=True)
class InsertAccounts:
    """New customers in bulk; `id` of each is set beforehand from the sequence."""

    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class InsertCredentials:
    """New credentials in bulk; `id` of each is set beforehand from the sequence."""

    credentials: tuple[Credential, ...]


AdminWrite = (
    InsertChannel
    | UpdateChannel
    | PutChannelKey
    | PutKey
    | PutTokenType
    | PutPasswordPolicy
    | PutFlowPolicy
    | InsertTokens
    | ReseedToken
    | InsertAccounts
    | InsertCredentials
    | MoveStagedTokens
)
