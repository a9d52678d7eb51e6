"""The blocking client over a real loopback socket, from several threads; TLS by the way."""

from __future__ import annotations

import queue
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import trio
import trustme

from tigertally_client.blocking import BlockingClient
from tigertally_client.client import Client
from tigertally_client.credentials import ChannelCredentials
from tigertally_client.dial import TcpDialer
from tigertally_client.errors import ClientClosed, InvalidField, NoAnswer, OutcomeUnknown
from tigertally_client.settings import ClientSettings
from tigertally_client.testing import ScriptedServer, ScriptedSession
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.events import RequestReceived


@contextmanager
def serving(server: ScriptedServer, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """`server` on a loopback port in a thread of its own; gives its address."""
    started: queue.SimpleQueue[Any] = queue.SimpleQueue()

    async def main() -> None:
        async with trio.open_nursery() as nursery:

            async def handler(stream: trio.abc.Stream) -> None:
                secured = (
                    stream
                    if context is None
                    else trio.SSLStream(
                        stream,
                        context,
                        server_side=True,
                    )
                )
                await server.serve(secured)

            (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
            nursery.start_soon(trio.serve_listeners, handler, [listener])
            port = listener.socket.getsockname()[1]
            started.put(
                (f"localhost:{port}", trio.lowlevel.current_trio_token(), nursery.cancel_scope)
            )
            await trio.sleep_forever()

    thread = threading.Thread(target=trio.run, args=(main,))
    thread.start()
    address, token, scope = started.get()
    try:
        yield address
    finally:
        trio.from_thread.run_sync(scope.cancel, trio_token=token)
        thread.join()


def blocking(credentials: ChannelCredentials, address: str, **settings: Any) -> BlockingClient:
    client = Client(credentials, settings=ClientSettings(**settings), servers=[address])
    return BlockingClient(client=client)


def test_many_threads_share_one_blocking_client(credentials: ChannelCredentials) -> None:
    server = ScriptedServer(credentials)
    with (
        serving(server) as address,
        blocking(credentials, address) as client,
        ThreadPoolExecutor(8) as threads,
    ):
        results = list(
            threads.map(lambda number: client.verify_otp(f"C{number}", "123456"), range(200))
        )
        assert client.statistics().answered == 200
    assert all(result.approved for result in results)
    assert len({result.serial for result in results}) == 200


def test_exceptions_come_through(credentials: ChannelCredentials) -> None:
    server = ScriptedServer(credentials, lambda session, event: None)
    with serving(server) as address, blocking(credentials, address) as client:
        with pytest.raises(InvalidField):
            client.verify_otp("C1", "x")
        with pytest.raises(OutcomeUnknown):
            client.verify_otp("C1", "123456", timeout_s=0.05)
        ticket = client.new_ticket()
        server.script = lambda session, event: session.answer(event.header, ResponseCode.CHANGED)
        assert client.close_user("C1", ticket=ticket).serial == ticket.serial


def test_nobody_listens(credentials: ChannelCredentials) -> None:
    with serving(ScriptedServer(credentials)) as address:
        pass
    with blocking(credentials, address) as client, pytest.raises(NoAnswer, match="localhost"):
        client.verify_otp("C1", "123456", timeout_s=0.3)


def test_closing_ends_calls_of_other_threads(credentials: ChannelCredentials) -> None:
    asked = threading.Event()

    def never(session: ScriptedSession, event: RequestReceived) -> None:
        asked.set()

    server = ScriptedServer(credentials, never)
    with serving(server) as address, ThreadPoolExecutor(1) as threads:
        client = blocking(credentials, address, sign_off_timeout_s=0.05).open()
        call = threads.submit(client.verify_otp, "C1", "123456", timeout_s=60)
        assert asked.wait(10)
        client.close()
        with pytest.raises(OutcomeUnknown):
            call.result(10)
        with pytest.raises(ClientClosed):
            client.verify_otp("C1", "123456")
        client.close()


def test_opening_twice_is_refused(credentials: ChannelCredentials) -> None:
    with BlockingClient(credentials) as client, pytest.raises(ClientClosed):
        client.open()
    with pytest.raises(ValueError, match="credentials"):
        BlockingClient()


def test_over_tls_with_a_client_certificate(credentials: ChannelCredentials) -> None:
    authority = trustme.CA()
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(server_side)
    authority.configure_trust(server_side)
    server_side.verify_mode = ssl.CERT_REQUIRED
    client_side = ssl.create_default_context()
    authority.configure_trust(client_side)
    authority.issue_cert("teller").configure_cert(client_side)
    with serving(ScriptedServer(credentials), server_side) as address:
        secured = Client(credentials, servers=[address], dialer=TcpDialer(client_side))
        with BlockingClient(client=secured) as client:
            assert client.verify_otp("C1", "123456").approved
        distrustful = Client(
            credentials, servers=[address], dialer=TcpDialer(ssl.create_default_context())
        )
        with BlockingClient(client=distrustful) as client, pytest.raises(NoAnswer):
            client.verify_otp("C1", "123456", timeout_s=0.5)
