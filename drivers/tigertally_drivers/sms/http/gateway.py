"""Short messages over a vendor's HTTP interface: one connection, one request, one answer.

Connections are not kept: on one that the far end closes at the wrong moment nobody knows whether
the request was taken. A redirection is not followed, for it would show the message to a host nobody
named.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Final

import h11
import trio

from tigertally_drivers.errors import Misbehaved, Rejected, TimedOut, Unavailable
from tigertally_drivers.sms.connecting import Connector, connect, verifying_context
from tigertally_drivers.sms.http.dialogue import Question, Target, question, target_of, verdict
from tigertally_drivers.sms.http.settings import HttpSettings
from tigertally_drivers.sms.port import ReportSink, SmsMessage, SubmitResult, Surroundings
from tigertally_drivers.sms.settings import read_secret, read_settings

_READ_BYTES: Final = 16_384
_HEAD_MAX: Final = 16_384
_ANSWER_MAX: Final = 65_536
_TRIAL: Final = SmsMessage(bytes(16), "+10000000", "trial")


class HttpGateway:
    """As many messages at a time as `connections_max` says."""

    def __init__(
        self, settings: HttpSettings, target: Target, secret: str, connector: Connector
    ) -> None:
        self._settings, self._target, self._secret = settings, target, secret
        self._connect = connector
        self._turns = trio.Semaphore(settings.connections_max)

    async def submit(self, message: SmsMessage) -> SubmitResult:
        asked = question(message, self._settings, self._target, self._secret)
        with trio.move_on_after(self._settings.patience_s) as patience:
            await self._turns.acquire()
        if patience.cancelled_caught:
            raise Unavailable("too many messages wait for the gateway")
        try:
            stream = await self._connect()
            try:
                status, body = await self._exchange(stream, asked)
            finally:
                await trio.aclose_forcefully(stream)
        finally:
            self._turns.release()
        return verdict(status, body, self._settings)

    async def _exchange(self, stream: trio.abc.Stream, asked: Question) -> tuple[int, bytes]:
        try:
            with trio.fail_after(self._settings.answer_s):
                return await exchange(stream, asked)
        except trio.TooSlowError:
            raise TimedOut(f"no answer within {self._settings.answer_s} s") from None
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise TimedOut("the connection was lost before the answer") from None
        except h11.RemoteProtocolError:
            raise Misbehaved("the gateway answers with what is no HTTP") from None

    async def run(self, reports: ReportSink) -> None:  # noqa: ARG002 - none come this way
        await trio.sleep_forever()


async def exchange(stream: trio.abc.Stream, asked: Question) -> tuple[int, bytes]:
    """Status and body of the answer. Raises h11.RemoteProtocolError, trio's stream errors and
    `Misbehaved` when the answer is too long.
    """
    wire = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_MAX)
    octets = [wire.send(asked.request), wire.send(h11.Data(asked.body))]
    octets.append(wire.send(h11.EndOfMessage()))
    await stream.send_all(b"".join(piece for piece in octets if piece))
    status, body = 0, bytearray()
    while True:
        event = wire.next_event()
        if event is h11.NEED_DATA:
            wire.receive_data(bytes(await stream.receive_some(_READ_BYTES)))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > _ANSWER_MAX:
                raise Misbehaved("the gateway's answer does not end")
        elif isinstance(event, h11.EndOfMessage):
            return status, bytes(body)
        elif isinstance(event, h11.ConnectionClosed):
            raise trio.BrokenResourceError


def open_http_gateway(section: Mapping[str, object], surroundings: Surroundings) -> HttpGateway:
    """The entry point `http`."""
    settings = read_settings(section, HttpSettings)
    target = target_of(settings)
    if settings.success_field and not settings.success_values:
        raise Rejected("success_values: says nothing, and success_field asks for it")
    tls: ssl.SSLContext | None = None
    if target.tls:
        tls = verifying_context(settings.ca_file, surroundings.state_dir)
    secret = read_secret(settings.secret_file, surroundings.state_dir)
    question(_TRIAL, settings, target, secret)  # a bad header is found now, not by a customer
    return HttpGateway(
        settings,
        target,
        secret,
        lambda: connect(target.host, target.port, tls, settings.connect_s),
    )
