"""What a call may raise instead of returning a result.

A refused code, a locked token or a busy server is a *result*, not an exception. Exceptions say how
much is known about execution, which is all that a caller has to decide on:

* `NoAnswer`, `RequestRejected`, `InvalidField`, `ClientClosed`: not executed, by proof.
* `OutcomeUnknown`: executed or not, nobody here can say; see `Client.resolve`.

No message contains a secret or bytes of the peer.
"""

from __future__ import annotations

from tigertally_client.ticket import Ticket
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.transactions import Transaction


class ClientError(Exception):
    """The root of everything that this package raises."""


class CredentialsError(ClientError):
    """The credentials file is missing, badly guarded, damaged or not for this program."""


class ClientClosed(ClientError):
    """The client was closed before the request was sent. It was not executed."""


class InvalidField(ClientError):
    """An argument doesn't fit its field on the wire. Nothing was sent.

    Attributes:
        field: name of the field in `docs/PROTOCOL.md`.
    """

    def __init__(self, field: str) -> None:
        super().__init__(f"the value given for {field} doesn't fit its field; nothing was sent")
        self.field = field


class NoAnswer(ClientError):
    """The deadline passed and the request was certainly not executed.

    Either it never left this program, or every try was refused unexecuted, or it was a query,
    which changes nothing. Asking again, under a new serial, is safe.

    Attributes:
        serial: the serial that was set aside for the request.
        business_day: days since 1970-01-01.
        reason: what stood in the way, in words.
    """

    def __init__(self, serial: int, business_day: int, reason: str) -> None:
        super().__init__(f"no answer before the deadline, not executed: {reason}")
        self.serial = serial
        self.business_day = business_day
        self.reason = reason


class RequestRejected(ClientError):
    """The server proved (by MAC) that it can't read this kind of request. It was not executed.

    Attributes:
        code: the reject's code, 900 and up.
    """

    def __init__(self, code: ResponseCode) -> None:
        super().__init__(
            f"the server rejects this request: {code.name}; is it older than this client?"
        )
        self.code = code


class OutcomeUnknown(ClientError):
    """The request was sent and no authentic answer came before the deadline.

    It may have been executed, may be in execution, or may still arrive. Keep `serial` and
    `business_day` and ask `Client.resolve` (only a cancelled serial proves non-execution), or
    repeat the very same call with `ticket`: the server then gives its one answer.

    Attributes:
        serial: the request's serial.
        business_day: the request's business day, days since 1970-01-01.
        transaction: what was asked.
        last_code: the last answer, when one came that settled nothing.
    """

    def __init__(
        self,
        serial: int,
        business_day: int,
        transaction: Transaction,
        last_code: ResponseCode | None = None,
    ) -> None:
        last = f", last answer {last_code.name}" if last_code is not None else ""
        super().__init__(
            f"outcome of {transaction.name} serial {serial}, business day {business_day}, "
            f"is unknown{last}; resolve it before asking again"
        )
        self.serial = serial
        self.business_day = business_day
        self.transaction = transaction
        self.last_code = last_code

    @property
    def ticket(self) -> Ticket:
        """For repeating the very same call: the server then gives its one answer again."""
        return Ticket(self.serial, self.business_day, repeated=True)
