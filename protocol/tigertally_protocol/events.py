"""What `next_event` gives: frozen records, one per thing that can happen on a connection.

Events of the server's side first, the client's below. No event that can be printed shows a secret.
Knows nothing of how they come about.
"""

from __future__ import annotations

from typing import Any

import msgspec

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.header import Header
from tigertally_protocol.messages.session import SignOnRequest
from tigertally_protocol.registry import MessageType

# ---------------------------------------------------------------- seen by the server


class SignOnReceived(msgspec.Struct, frozen=True, gc=False):
    """A client wants to sign on. **Its MAC is not verified yet**: find the channel master key of
    (`header.channel_id`, version `header.key_generation`), then `accept_sign_on` or `refuse`.
    """

    header: Header
    message: SignOnRequest


class RequestReceived(msgspec.Struct, frozen=True, gc=False):
    """An authentic business request.

    Attributes:
        message: of class `message_type.cls`.
        canonical: transaction, schema and deciphered fields in UTF-8, for the idempotency digest.
        size: of the frame, in bytes.
    """

    header: Header
    message: Any
    message_type: MessageType
    canonical: bytes
    size: int

    def __repr__(self) -> str:  # `canonical` holds secrets in the clear
        return f"RequestReceived({self.header!r}, {self.message!r})"


class PutOff(msgspec.Struct, frozen=True, gc=False):
    """An authentic request that the shell wanted refused before anybody looks into it: answer BUSY
    with `retry_after_ms`. It may be malformed as well; nobody knows.
    """

    header: Header
    retry_after_ms: int


class BadRequest(msgspec.Struct, frozen=True, gc=False):
    """An authentic request that can't be executed: answer `code` with `field` as detail."""

    header: Header
    field: str
    code: ResponseCode = ResponseCode.BAD_FIELD


class SignOffReceived(msgspec.Struct, frozen=True, gc=False):
    """The client leaves: answer what is open, then `sign_off_reply`, then close."""

    header: Header


class HeartbeatReceived(msgspec.Struct, frozen=True, gc=False):
    """Answer with `heartbeat_reply`."""

    header: Header


class KeyChangeReceived(msgspec.Struct, frozen=True, gc=False):
    """Draw new working keys and answer with `change_keys`."""

    header: Header


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """A frame was rejected: send `frame`; if `fatal`, close after it.

    Attributes:
        header: of the rejected frame, where it could be read.
    """

    frame: bytes
    code: ResponseCode
    fatal: bool
    header: Header | None = None


ServerEvent = (
    SignOnReceived
    | RequestReceived
    | PutOff
    | BadRequest
    | SignOffReceived
    | HeartbeatReceived
    | KeyChangeReceived
    | Rejected
)

# ---------------------------------------------------------------- seen by the client


class Greeted(msgspec.Struct, frozen=True, gc=False):
    """The server is there: send `sign_on()`. Nothing of this is proven before sign-on.

    Attributes:
        server_time: the server's clock, milliseconds since the epoch.
        node: which server this is.
    """

    session_id: int
    server_time: int
    node: str


class SignedOn(msgspec.Struct, frozen=True, gc=False):
    """Both sides have proven themselves; the server's limits, in seconds where named _s."""

    in_flight_limit: int
    heartbeat_s: int
    idle_s: int
    key_life_s: int
    generation: int


class ResponseReceived(msgspec.Struct, frozen=True, gc=False):
    """An authentic answer to the request with serial `header.serial`.

    Attributes:
        message: of the class of the transaction's response; all blank with most other codes.
        retry_after_ms: how long to wait before asking again; 0 = nothing said.
    """

    header: Header
    code: ResponseCode
    message: Any
    retry_after_ms: int


class DrainReceived(msgspec.Struct, frozen=True, gc=False):
    """Send no more requests here; open ones are answered within `grace_ms`."""

    grace_ms: int


class KeyChangeDueReceived(msgspec.Struct, frozen=True, gc=False):
    """Send `key_change()` within `grace_ms`. Not told again while one is under way."""

    grace_ms: int


class KeysChanged(msgspec.Struct, frozen=True, gc=False):
    """Working keys of this generation are in use from now on."""

    generation: int


class SignedOff(msgspec.Struct, frozen=True, gc=False):
    """The server has answered everything it will: close."""


class HeartbeatAnswered(msgspec.Struct, frozen=True, gc=False):
    """The server is alive."""

    header: Header


class RejectReceived(msgspec.Struct, frozen=True, gc=False):
    """The server rejected a frame, or closes for a reason of its own.

    Attributes:
        header: of the reject; serial and transaction are those of the frame it speaks of, or 0.
        authentic: its MAC is good. If not, anyone may have sent it: the connection is over, and it
            tells nothing about any request.
    """

    header: Header
    code: ResponseCode
    authentic: bool


class ProtocolBroken(msgspec.Struct, frozen=True, gc=False):
    """The server broke the protocol; nothing more will come. Close; open requests are unknown."""

    reason: str


ClientEvent = (
    Greeted
    | SignedOn
    | ResponseReceived
    | DrainReceived
    | KeyChangeDueReceived
    | KeysChanged
    | SignedOff
    | HeartbeatAnswered
    | RejectReceived
    | ProtocolBroken
)
