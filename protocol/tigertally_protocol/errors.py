"""What can go wrong, by audience.

`LocalProtocolError` is a mistake of the program that uses this library; `RemoteProtocolError` is
the peer's. No message ever contains bytes of the peer or of a key: it names the field or the rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tigertally_protocol.codes import ResponseCode
    from tigertally_protocol.header import Header


class ProtocolError(Exception):
    """Base of everything this package raises on purpose."""


class LocalProtocolError(ProtocolError):
    """We tried to send what may not be sent now; a bug on this side."""


class RemoteProtocolError(ProtocolError):
    """The peer broke the protocol."""


class FrameError(RemoteProtocolError):
    """The stream is no longer readable as frames; the connection must end.

    Attributes:
        code: the reject code that tells the peer.
        header: the offending frame's header, when it could be read.
    """

    def __init__(self, code: ResponseCode, header: Header | None = None) -> None:
        super().__init__(f"not a frame: {code.name}")
        self.code = code
        self.header = header


class BadField(ProtocolError):
    """A field holds what its kind does not allow, in a received frame or a message to be sent.

    Attributes:
        field: the field's name in its layout; its contents are told to nobody.
    """

    def __init__(self, field: str) -> None:
        super().__init__(f"bad field: {field}")
        self.field = field


class SealError(RemoteProtocolError):
    """A sealed block does not open."""


class BadKey(ProtocolError):
    """Key material does not fit its algorithm, or a wrapped key or check value is wrong."""


class SignOnRefused(RemoteProtocolError):
    """A sign-on request is not acceptable.

    Attributes:
        code: the reject code to answer with.
    """

    def __init__(self, code: ResponseCode, reason: str) -> None:
        super().__init__(f"sign-on refused: {reason}")
        self.code = code
