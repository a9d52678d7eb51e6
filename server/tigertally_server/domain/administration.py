"""What an operator's act changes: a closed set of rows, written in the same unit of work as its
entry.
"""

from __future__ import annotations

from dataclasses import dataclass, field

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
class ReplaceMaster:
    """What the database knows of the master key in force: its check value, and a passphrase's
    salt. Refused where it is no longer the one with check value `before`.
    """

    before: bytes
    after: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class DestroyKey:
    """As `PutKey` of a key whose bytes go; refused while a row needs them."""

    after: KeyRecord
    before: KeyRecord


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


@dataclass(frozen=True, slots=True)
class RequestApproval:
    """An operator asks for what another must approve; `sealed` is the reason. Approved at once
    where no dual control is in force. Refused to who may not ask for it.
    """

    id: int
    verb: str
    subject: str
    os_user: str
    key_id: int
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DecideApproval:
    """Refused where the request is the operator's own, is not open, or is not his to decide on."""

    id: int
    approve: bool
    os_user: str


@dataclass(frozen=True, slots=True)
class UseApproval:
    """Refused but once, to who asked, for what was asked, in time."""

    id: int
    verb: str
    subject: str


@dataclass(frozen=True, slots=True)
class SetDualControl:
    """Uses the approval of this very change."""

    approval: int
    verb: str
    needed: bool
    valid_s: int


@dataclass(frozen=True, slots=True)
class EraseCustomer:
    """Uses the approval; destroys the customer's key and what stands beside it, for good."""

    approval: int
    account_id: int


AdminWrite = (
    InsertChannel
    | UpdateChannel
    | PutChannelKey
    | PutKey
    | DestroyKey
    | ReplaceMaster
    | PutTokenType
    | PutPasswordPolicy
    | PutFlowPolicy
    | InsertTokens
    | ReseedToken
    | InsertAccounts
    | InsertCredentials
    | MoveStagedTokens
    | RequestApproval
    | DecideApproval
    | UseApproval
    | SetDualControl
    | EraseCustomer
)
