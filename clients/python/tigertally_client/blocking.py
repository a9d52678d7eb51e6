"""`BlockingClient`: the same client for programs without an event loop.

    with BlockingClient(credentials) as client:
        result = client.verify_otp("C0001", "123456")

One background thread runs trio and the connections; any number of threads may call. A program that
forks makes its client after the fork: threads and connections don't survive one.

Invariant: each method behaves as its namesake in `Client`, same arguments, results and exceptions.
"""

from __future__ import annotations

import contextlib
import functools
import queue
import threading
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

import trio

from tigertally_client.client import Client
from tigertally_client.credentials import ChannelCredentials
from tigertally_client.errors import ClientClosed
from tigertally_client.settings import ClientSettings
from tigertally_client.statistics import StatisticsSnapshot
from tigertally_client.ticket import Ticket

P = ParamSpec("P")
R = TypeVar("R")


def _blocking(
    method: Callable[Concatenate[Client, P], Awaitable[R]],
) -> Callable[Concatenate[BlockingClient, P], R]:
    """The blocking twin of an asynchronous method."""

    def call(self: BlockingClient, /, *args: P.args, **kwargs: P.kwargs) -> R:
        async def in_loop() -> R:
            return await method(self._client, *args, **kwargs)

        return self._run(in_loop)

    functools.update_wrapper(call, method)
    return call


class BlockingClient:
    """A thread-safe client that blocks. See the module's text.

    Args:
        credentials: the channel, its master key, its servers.
        settings: see `ClientSettings`.
        client: a prepared `Client`, in place of the two above; it belongs to this object then.
    """

    def __init__(
        self,
        credentials: ChannelCredentials | None = None,
        *,
        settings: ClientSettings | None = None,
        client: Client | None = None,
    ) -> None:
        if client is None:
            if credentials is None:
                raise ValueError("give credentials or a client")
            client = Client(credentials, settings=settings)
        self._client = client
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._token: trio.lowlevel.TrioToken | None = None
        self._stop: trio.Event | None = None

    # ------------------------------------------------------------------ life

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def open(self) -> Self:
        """Start the background thread; connections come up by themselves."""
        with self._lock:
            if self._thread is not None:
                raise ClientClosed("a client is opened once")
            started: queue.SimpleQueue[trio.lowlevel.TrioToken | BaseException] = (
                queue.SimpleQueue()
            )
            self._thread = threading.Thread(
                target=self._serve, args=(started,), name="tigertally-client", daemon=True
            )
            self._thread.start()
            answer = started.get()
            if isinstance(answer, BaseException):
                raise answer
            self._token = answer
        return self

    def close(self) -> None:
        """Sign off, end the thread; calls of other threads end with what is known of them."""
        with self._lock:
            token, self._token = self._token, None
            if token is None or self._stop is None or self._thread is None:
                return
            with contextlib.suppress(trio.RunFinishedError):
                trio.from_thread.run_sync(self._stop.set, trio_token=token)
            self._thread.join()

    def _serve(self, started: queue.SimpleQueue[trio.lowlevel.TrioToken | BaseException]) -> None:
        async def main() -> None:
            self._stop = trio.Event()
            async with self._client:
                started.put(trio.lowlevel.current_trio_token())
                await self._stop.wait()

        try:
            trio.run(main)
        except BaseException as problem:  # noqa: BLE001 - the thread's edge: the opener raises it
            started.put(problem)

    def _run(self, call: Callable[[], Awaitable[R]]) -> R:
        token = self._token
        if token is None:
            raise ClientClosed("the client is not open; the request was not executed")
        try:
            return trio.from_thread.run(call, trio_token=token)
        except trio.RunFinishedError:
            raise ClientClosed("the client was closed; the request was not executed") from None

    # ------------------------------------------------------------------ the methods of Client

    def statistics(self) -> StatisticsSnapshot:
        """The client's numbers at this moment."""

        async def in_loop() -> StatisticsSnapshot:
            return self._client.statistics()

        return self._run(in_loop)

    def new_ticket(self) -> Ticket:
        """A fresh serial and today's business day."""

        async def in_loop() -> Ticket:
            return self._client.new_ticket()

        return self._run(in_loop)

    wait_ready = _blocking(Client.wait_ready)
    verify_otp = _blocking(Client.verify_otp)
    resync_token = _blocking(Client.resync_token)
    register_user = _blocking(Client.register_user)
    query_user = _blocking(Client.query_user)
    close_user = _blocking(Client.close_user)
    bind_token = _blocking(Client.bind_token)
    unbind_token = _blocking(Client.unbind_token)
    enable_token = _blocking(Client.enable_token)
    disable_token = _blocking(Client.disable_token)
    unlock_token = _blocking(Client.unlock_token)
    assign_token = _blocking(Client.assign_token)
    activate_token = _blocking(Client.activate_token)
    report_loss = _blocking(Client.report_loss)
    withdraw_loss = _blocking(Client.withdraw_loss)
    replace_token = _blocking(Client.replace_token)
    void_token = _blocking(Client.void_token)
    restore_token = _blocking(Client.restore_token)
    query_token = _blocking(Client.query_token)
    ask_card = _blocking(Client.ask_card)
    verify_card = _blocking(Client.verify_card)
    start_activation = _blocking(Client.start_activation)
    issue_activation_code = _blocking(Client.issue_activation_code)
    issue_emergency_code = _blocking(Client.issue_emergency_code)
    verify_emergency_code = _blocking(Client.verify_emergency_code)
    begin_flow = _blocking(Client.begin_flow)
    begin_own_flow = _blocking(Client.begin_own_flow)
    flow_step = _blocking(Client.flow_step)
    query_flow = _blocking(Client.query_flow)
    cancel_flow = _blocking(Client.cancel_flow)
    set_password = _blocking(Client.set_password)
    verify_password = _blocking(Client.verify_password)
    change_password = _blocking(Client.change_password)
    reset_password = _blocking(Client.reset_password)
    query_password = _blocking(Client.query_password)
    unlock_password = _blocking(Client.unlock_password)
    disable_password = _blocking(Client.disable_password)
    enable_password = _blocking(Client.enable_password)
    set_greeting = _blocking(Client.set_greeting)
    get_greeting = _blocking(Client.get_greeting)
    issue_ocra_challenge = _blocking(Client.issue_ocra_challenge)
    host_code = _blocking(Client.host_code)
    verify_ocra = _blocking(Client.verify_ocra)
    verify_pin_otp = _blocking(Client.verify_pin_otp)
    set_token_pin = _blocking(Client.set_token_pin)
    verify_mschapv2 = _blocking(Client.verify_mschapv2)
    verify_chap = _blocking(Client.verify_chap)
    bind_phone = _blocking(Client.bind_phone)
    change_phone = _blocking(Client.change_phone)
    cancel_phone_change = _blocking(Client.cancel_phone_change)
    unbind_phone = _blocking(Client.unbind_phone)
    unlock_sms = _blocking(Client.unlock_sms)
    query_phone = _blocking(Client.query_phone)
    send_sms_code = _blocking(Client.send_sms_code)
    verify_sms_code = _blocking(Client.verify_sms_code)
    verify_sms_mschap = _blocking(Client.verify_sms_mschap)
    register_app_key = _blocking(Client.register_app_key)
    remove_app_key = _blocking(Client.remove_app_key)
    send_sms_warning = _blocking(Client.send_sms_warning)
    query_sms = _blocking(Client.query_sms)
    begin_transaction_verification = _blocking(Client.begin_transaction_verification)
    complete_transaction_verification = _blocking(Client.complete_transaction_verification)
    confirm_by_service = _blocking(Client.confirm_by_service)
    query_transaction_verification = _blocking(Client.query_transaction_verification)
    generate_mac = _blocking(Client.generate_mac)
    verify_mac = _blocking(Client.verify_mac)
    encipher_field = _blocking(Client.encipher_field)
    decipher_field = _blocking(Client.decipher_field)
    translate_pin = _blocking(Client.translate_pin)
    verify_pin = _blocking(Client.verify_pin)
    make_pin_value = _blocking(Client.make_pin_value)
    draw_random = _blocking(Client.draw_random)
    digest = _blocking(Client.digest)
    query_key = _blocking(Client.query_key)
    issue_key = _blocking(Client.issue_key)
    import_key = _blocking(Client.import_key)
    retire_key = _blocking(Client.retire_key)
    query_serial = _blocking(Client.query_serial)
    query_reference = _blocking(Client.query_reference)
    cancel_serial = _blocking(Client.cancel_serial)
    resolve = _blocking(Client.resolve)
