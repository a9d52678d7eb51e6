"""The port over a PKCS #11 token: a bounded pool of sessions that heals itself.

Sessions stay open and logged in; an operation takes one, alone. A session that the token has
forgotten (closed behind our back, a token that was made anew) is replaced and the operation done
again within its limit, since operations change nothing. A token that is gone is called *down*:
operations are refused at once, and the task of `run` tries to get it back, the library initialised
anew.

Calls run in threads or inline, as configured. A call that hangs is left behind after the limit; it
keeps its place in the pool until it returns, so a dead network HSM can't fill the process with
threads.

A refused PIN is never tried twice in a process, however many drivers it has for the token: they
stay away until their source gives another one, and before a token's last try in any case. Started
after the last fork.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import trio

from tigertally_drivers.errors import DriverError, Misbehaved, Rejected, TimedOut, Unavailable
from tigertally_drivers.hsm.pin import Pin, PinSource
from tigertally_drivers.hsm.pkcs11 import constants as ck
from tigertally_drivers.hsm.pkcs11.constants import Rv, rv_name
from tigertally_drivers.hsm.pkcs11.module import (
    Module,
    Pkcs11Error,
    TokenInfo,
    acquire,
    release,
)
from tigertally_drivers.hsm.pkcs11.session import HMACS, NONCE_BYTES, Session
from tigertally_drivers.hsm.pkcs11.settings import Pkcs11Settings
from tigertally_drivers.hsm.pkcs11.templates import KINDS
from tigertally_drivers.hsm.port import (
    Abilities,
    Busy,
    DeviceState,
    DeviceStatus,
    HsmStatus,
    KeyInfo,
    KeyKind,
    MacHash,
    NotAble,
    PinRefused,
)
from tigertally_drivers.hsm.telling import device_log
from tigertally_drivers.ports import Clock, Entropy
from tigertally_drivers.sms.backoff import Backoff

T = TypeVar("T")

ATTEMPTS: Final = 3
_SILENT: Final = "does not answer"
_SESSION_LOST: Final = frozenset(
    {
        Rv.SESSION_CLOSED,
        Rv.SESSION_HANDLE_INVALID,
        Rv.USER_NOT_LOGGED_IN,
        Rv.KEY_HANDLE_INVALID,
        Rv.OBJECT_HANDLE_INVALID,
        Rv.WRAPPING_KEY_HANDLE_INVALID,
        Rv.UNWRAPPING_KEY_HANDLE_INVALID,
        Rv.OPERATION_ACTIVE,
        Rv.OPERATION_NOT_INITIALIZED,
    }
)
_TOKEN_LOST: Final = frozenset(
    {
        Rv.GENERAL_ERROR,
        Rv.FUNCTION_FAILED,
        Rv.DEVICE_ERROR,
        Rv.DEVICE_REMOVED,
        Rv.TOKEN_NOT_PRESENT,
        Rv.TOKEN_NOT_RECOGNIZED,
        Rv.SLOT_ID_INVALID,
        Rv.CRYPTOKI_NOT_INITIALIZED,
        Rv.HOST_MEMORY,
    }
)
_BUSY: Final = frozenset({Rv.SESSION_COUNT, Rv.DEVICE_MEMORY})
_NOT_ABLE: Final = frozenset({Rv.FUNCTION_NOT_SUPPORTED, Rv.MECHANISM_INVALID})
_PIN: Final = frozenset({Rv.PIN_INCORRECT, Rv.PIN_INVALID, Rv.PIN_LEN_RANGE, Rv.PIN_LOCKED})


class Pkcs11Hsm:
    """See `port.Hsm`."""

    def __init__(
        self,
        settings: Pkcs11Settings,
        pin: PinSource,
        clock: Clock,
        entropy: Entropy,
        *,
        quiet: bool = False,
    ) -> None:
        self._settings, self._pin_source = settings, pin
        self._clock, self._entropy = clock, entropy
        self._places = trio.CapacityLimiter(settings.sessions if settings.calls == "thread" else 1)
        self._idle: list[Session] = []
        self._token: _Token | None = None
        self._refused: Pin | None = None
        self._state, self._detail = DeviceState.STARTING, "not asked yet"
        self._abilities = Abilities(frozenset(), frozenset())
        self._latency_ms = -1.0
        self._doubt = trio.Event()
        self._connecting = trio.CapacityLimiter(1)
        self._backoff = Backoff(settings.back_off_first_s, settings.back_off_most_s, entropy)
        self._log = device_log(quiet=quiet)

    @property
    def abilities(self) -> Abilities:
        return self._abilities

    def status(self) -> HsmStatus:
        places = self._places.statistics()
        device = DeviceStatus(
            self._settings.token,
            self._state,
            self._detail,
            places.borrowed_tokens + places.tasks_waiting,
            self._latency_ms,
        )
        return HsmStatus("pkcs11", (device,))

    # ------------------------------------------------------------------ the token

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        try:
            await self._connect()
            task_status.started()
            while True:
                await self._look_after()
        finally:
            self._let_go("stopped")

    async def _look_after(self) -> None:
        if self._token is None:
            await trio.sleep(self._backoff.delay_s())
            await self._connect()
            return
        with trio.move_on_after(self._settings.check_s):
            await self._doubt.wait()
        self._doubt = trio.Event()
        try:
            await self.check()
        except TimedOut:
            self._let_go(_SILENT)
        except DriverError as problem:
            self._log.warning("hsm check failed", reason=str(problem))

    async def _connect(self) -> None:
        try:
            pin = self._pin_source()
            if pin != self._refused:
                await self._connect_with(pin)
        except Unavailable as problem:
            self._became(DeviceState.DOWN, str(problem))

    async def _connect_with(self, pin: Pin) -> None:
        attempt = _Attempt(self._settings, pin)
        try:
            with trio.fail_after(4 * self._settings.operation_s):
                token = await trio.to_thread.run_sync(
                    attempt, abandon_on_cancel=True, limiter=self._connecting
                )
        except PinRefused as problem:
            self._pin_was_refused(pin, problem)
        except (DriverError, Pkcs11Error) as problem:
            self._became(DeviceState.DOWN, str(problem))
        except trio.TooSlowError:
            attempt.abandoned = True
            self._became(DeviceState.DOWN, _SILENT)
        except trio.Cancelled:
            attempt.abandoned = True
            raise
        else:
            self._taken(token)

    def _pin_was_refused(self, pin: Pin, problem: PinRefused) -> None:
        self._refused = pin
        self._became(DeviceState.PIN_REFUSED, str(problem))

    def _taken(self, token: _Token) -> None:
        self._token, self._doubt, self._refused = token, trio.Event(), None
        self._idle = [token.first]
        self._abilities = _abilities(token.mechanisms)
        self._backoff.succeeded()
        info = token.info
        self._became(DeviceState.UP, f"{info.model} {info.firmware}, serial number {info.serial}")

    def _became(self, state: DeviceState, detail: str) -> None:
        if (state, detail) != (self._state, self._detail):
            self._state, self._detail = state, detail
            level = self._log.info if state is DeviceState.UP else self._log.error
            level("hsm", device=self._settings.token, state=state.value, detail=detail)

    def _let_go(self, why: str) -> None:
        """All sessions end, and with the library's last user the library."""
        token, self._token = self._token, None
        if token is None:
            return
        hanging = self._places.borrowed_tokens > 0
        if not hanging:
            for session in self._idle:
                session.close()
        self._idle = []
        release(token.module, finalise=not hanging)
        self._became(DeviceState.DOWN, why)
        self._doubt.set()

    # ------------------------------------------------------------------ operations

    async def _perform(self, work: Callable[[Session], T]) -> T:
        if self._token is None:
            await trio.lowlevel.checkpoint()
            self._refuse()
        if self._places.statistics().tasks_waiting >= self._settings.waiting_max:
            await trio.lowlevel.checkpoint()
            raise Busy("too many operations wait for a session")
        began = self._clock.monotonic_ms()
        try:
            with trio.fail_after(self._settings.operation_s):
                result = await self._with_attempts(work)
        except trio.TooSlowError:
            self._doubt.set()
            raise TimedOut(
                f"the token did not answer within {self._settings.operation_s} s"
            ) from None
        self._latency_ms = float(self._clock.monotonic_ms() - began)
        return result

    def _refuse(self) -> None:
        if self._state is DeviceState.PIN_REFUSED:
            raise PinRefused(self._detail)
        raise Unavailable(self._detail)

    async def _with_attempts(self, work: Callable[[Session], T]) -> T:
        for _ in range(ATTEMPTS):
            token = self._token
            try:
                return await self._in_turn(work)
            except PinRefused as problem:
                if token is not None and token is self._token:
                    self._let_go(str(problem))
                    self._pin_was_refused(token.pin, problem)
                raise
            except Pkcs11Error as problem:
                if problem.rv in _SESSION_LOST:
                    self._forget_idle()
                    continue
                if problem.rv in _TOKEN_LOST:
                    self._let_go(str(problem))
                raise _told(problem) from None
        self._let_go("its sessions don't last")
        raise Unavailable("the token's sessions don't last")

    def _forget_idle(self) -> None:
        """Where one session is lost, the others most likely are, too."""
        idle, self._idle = self._idle, []
        for session in idle:
            session.close()

    async def _in_turn(self, work: Callable[[Session], T]) -> T:
        if self._settings.calls == "thread":
            return await trio.to_thread.run_sync(
                self._once, work, abandon_on_cancel=True, limiter=self._places
            )
        async with self._places:
            return self._once(work)

    def _once(self, work: Callable[[Session], T]) -> T:
        """One operation on a session that nobody else has. May run in a thread."""
        token = self._token
        if token is None:
            raise Unavailable(self._detail)
        try:
            session = self._idle.pop()
        except IndexError:
            session = token.another()
        try:
            result = work(session)
        except Pkcs11Error:
            session.close()
            raise
        except Rejected:
            self._give_back(token, session)
            raise
        self._give_back(token, session)
        return result

    def _give_back(self, token: _Token, session: Session) -> None:
        """A call that took so long that the token was given up meanwhile has nothing to give."""
        if self._token is token:
            self._idle.append(session)

    async def check(self) -> None:
        await self._perform(Session.check)

    async def random(self, count: int) -> bytes:
        return await self._perform(lambda session: session.random(count))

    async def generate(self, label: str, kind: KeyKind) -> KeyInfo:
        self._need(kind)
        return await self._perform(lambda session: session.generate(label, kind))

    async def import_key(self, label: str, kind: KeyKind, key: bytes) -> KeyInfo:
        self._need(kind)
        return await self._perform(lambda session: session.import_key(label, kind, key))

    def _need(self, kind: KeyKind) -> None:
        if self._token is not None and kind not in self._abilities.kinds:
            raise NotAble(f"this token has no {kind} keys")

    async def find(self, label: str) -> KeyInfo | None:
        return await self._perform(lambda session: session.find(label))

    async def destroy(self, label: str) -> None:
        await self._perform(lambda session: session.destroy(label))

    async def seal(self, label: str, plain: bytes, aad: bytes) -> bytes:
        nonce = self._entropy.token_bytes(NONCE_BYTES)
        return await self._perform(lambda session: session.seal(label, nonce, plain, aad))

    async def open(self, label: str, sealed: bytes, aad: bytes) -> bytes:
        return await self._perform(lambda session: session.open(label, sealed, aad))

    async def mac(self, label: str, data: bytes) -> bytes:
        return await self._perform(lambda session: session.mac(label, data))

    async def sign(self, label: str, data: bytes) -> bytes:
        return await self._perform(lambda session: session.sign(label, data))

    async def enclose(self, label: str, hash_name: MacHash, key: bytes) -> bytes:
        return await self._perform(lambda session: session.enclose(label, hash_name, key))

    async def enclosed_macs(
        self, label: str, hash_name: MacHash, blob: bytes, messages: Sequence[bytes]
    ) -> list[bytes]:
        return await self._perform(
            lambda session: session.enclosed_macs(label, hash_name, blob, messages)
        )


class _Login:
    """What this process knows of logging in to a token: a server has two drivers for it, its loop's
    and the one for those who wait, and both read the same PIN.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.refused: Pin | None = None


_logins: Final[dict[tuple[Path, str], _Login]] = {}
"""By library and the token's serial number; a restart may try again."""


class _Token:
    """A token that was found and logged in to; `first` is its first session."""

    def __init__(self, module: Module, slot: int, info: TokenInfo, pin: Pin) -> None:
        self.module, self.slot, self.info, self.pin = module, slot, info, pin
        self.mechanisms = module.mechanisms(slot)
        self._login = _logins.setdefault((module.path, info.serial), _Login())
        self.first = self.another()

    def another(self) -> Session:
        """One more session. All of a process are logged in together, so mostly there is nothing to
        do; a PIN that the token refuses is tried once, however many threads come by, and however
        many drivers the process has for the token.
        """
        session = Session(self.module, self.slot)
        with self._login.lock:
            if self._login.refused == self.pin:
                session.close()
                raise PinRefused("the token refused the PIN; it is not tried again")
            try:
                session.log_in(self.pin)
            except Pkcs11Error as problem:
                session.close()
                if problem.rv not in _PIN:
                    raise
                self._login.refused = self.pin
                raise PinRefused(
                    f"the token refused the PIN ({rv_name(problem.rv)}); it is not tried again"
                ) from None
        return session


class _Attempt:
    """One connecting, in a thread that may be left behind when it takes too long."""

    def __init__(self, settings: Pkcs11Settings, pin: Pin) -> None:
        self._settings, self._pin, self.abandoned = settings, pin, False

    def __call__(self) -> _Token:
        """Everything up to a session that is logged in. Raises DriverError, Pkcs11Error."""
        module = acquire(Path(self._settings.library))
        try:
            slot, info = _slot(module, self._settings.token)
            if info.flags & ck.USER_PIN_LOCKED:
                raise PinRefused("the token has locked the PIN: its administrator must reset it")
            if info.flags & ck.USER_PIN_FINAL_TRY:
                raise PinRefused("the token allows one more try of a PIN: that is left to people")
            token = _Token(module, slot, info, self._pin)
        except BaseException:
            release(module)
            raise
        if self.abandoned:
            release(module)
        return token


def _slot(module: Module, label: str) -> tuple[int, TokenInfo]:
    found = [(slot, module.token(slot)) for slot in module.slots()]
    fitting = [(slot, info) for slot, info in found if info.label == label]
    if len(fitting) > 1:
        raise Unavailable(f"{len(fitting)} tokens are called {label!r}")
    if not fitting:
        raise Unavailable(f"no token {label!r} is there")
    return fitting[0]


def _abilities(mechanisms: frozenset[int]) -> Abilities:
    return Abilities(
        frozenset(kind for kind, traits in KINDS.items() if mechanisms.issuperset(traits.needs)),
        frozenset(name for name, mechanism in HMACS.items() if mechanism in mechanisms),
    )


def _told(problem: Pkcs11Error) -> DriverError:
    if problem.rv in _TOKEN_LOST:
        return Unavailable(str(problem))
    if problem.rv in _BUSY:
        return Busy(str(problem))
    if problem.rv in _NOT_ABLE:
        return NotAble(str(problem))
    return Misbehaved(str(problem))
