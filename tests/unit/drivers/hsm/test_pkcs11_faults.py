"""What can happen to a PKCS #11 token and its sessions, on SoftHSM and on a library that hangs."""

from __future__ import annotations

import ctypes.util
import os
import threading

import pytest
import trio

from tigertally_drivers.errors import TimedOut, Unavailable
from tigertally_drivers.hsm.pin import pin_from_environment, pin_from_file
from tigertally_drivers.hsm.pkcs11 import module as pkcs11_module
from tigertally_drivers.hsm.pkcs11.driver import Pkcs11Hsm
from tigertally_drivers.hsm.pkcs11.session import Session
from tigertally_drivers.hsm.pkcs11.settings import Pkcs11Settings
from tigertally_drivers.hsm.port import Busy, DeviceState, KeyKind, MacHash, NoSuchKey, PinRefused
from tigertally_drivers.system.clock import SystemClock
from tigertally_drivers.system.entropy import SystemEntropy
from tigertally_testing import softhsm

pytestmark = pytest.mark.skipif(not softhsm.is_here(), reason=softhsm.MISSING)
SEED = b"12345678901234567890"
LIMIT_S = 30.0


@pytest.fixture
def token(tmp_path, monkeypatch):
    token = softhsm.SoftHsm(tmp_path)
    token.initialise()
    monkeypatch.setenv("SOFTHSM2_CONF", str(token.configuration))
    return token


def hsm_of(token, pin=None, **changes):
    quick = {"check_s": 0.02, "back_off_first_s": 0.01, "back_off_most_s": 0.05, **changes}
    settings = Pkcs11Settings(token=softhsm.TOKEN, **quick)
    return Pkcs11Hsm(settings, pin or pin_from_file(token.pin_file), SystemClock(), SystemEntropy())


def with_hsm(hsm, work):
    async def main():
        with trio.fail_after(LIMIT_S):
            async with trio.open_nursery() as nursery:
                await nursery.start(hsm.run)
                await work()
                # Ended in the middle of a call, the library would keep this test's token.
                while hsm.status().devices[0].waiting:
                    await trio.lowlevel.checkpoint()
                nursery.cancel_scope.cancel()

    trio.run(main)


async def becomes(hsm, state):
    while hsm.status().devices[0].state is not state:
        await trio.sleep(0.005)


def attempts_of(monkeypatch):
    """How often a PIN was tried."""
    tried = []
    log_in = Session.log_in

    def counting(self, pin):
        tried.append(pin)
        log_in(self, pin)

    monkeypatch.setattr(Session, "log_in", counting)
    return tried


@pytest.mark.parametrize("calls", ["inline", "thread"])
def test_sessions_closed_behind_our_back_are_replaced(token, calls):
    hsm = hsm_of(token, calls=calls, check_s=60.0)

    async def work():
        await hsm.generate("seeds", KeyKind.ENCLOSE)
        blob = await hsm.enclose("seeds", MacHash.SHA1, SEED)
        first = await hsm.enclosed_macs("seeds", MacHash.SHA1, blob, [b"x"])
        for _ in range(5):
            softhsm.close_all_sessions(hsm._token.slot)
            assert await hsm.enclosed_macs("seeds", MacHash.SHA1, blob, [b"x"]) == first
        assert hsm.status().usable

    with_hsm(hsm, work)


def test_a_token_that_goes_away_comes_back_by_itself(token):
    hsm = hsm_of(token)

    async def work():
        await hsm.generate("pepper", KeyKind.HMAC_SHA256)
        before = await hsm.mac("pepper", b"x")
        token.take_away()
        await becomes(hsm, DeviceState.DOWN)
        with pytest.raises(Unavailable):
            await hsm.mac("pepper", b"x")
        token.bring_back()
        await becomes(hsm, DeviceState.UP)
        assert await hsm.mac("pepper", b"x") == before

    with_hsm(hsm, work)


def test_a_token_made_anew_is_found_without_its_keys(token):
    hsm = hsm_of(token)

    async def work():
        await hsm.generate("pepper", KeyKind.HMAC_SHA256)
        token.take_away()
        await becomes(hsm, DeviceState.DOWN)
        token.initialise()
        await becomes(hsm, DeviceState.UP)
        with pytest.raises(NoSuchKey):
            await hsm.mac("pepper", b"x")

    with_hsm(hsm, work)


def test_a_wrong_pin_is_tried_once_and_a_mended_one_heals(token, monkeypatch):
    tried = attempts_of(monkeypatch)
    token.give_pin("000000")
    hsm = hsm_of(token)

    async def work():
        assert hsm.status().devices[0].state is DeviceState.PIN_REFUSED
        for _ in range(20):
            with pytest.raises(PinRefused):
                await hsm.random(8)
            await trio.sleep(0.01)
        assert len(tried) == 1, "a device counts wrong PINs and locks"
        token.give_pin(softhsm.PIN)
        await becomes(hsm, DeviceState.UP)
        assert len(tried) == 2

    with_hsm(hsm, work)
    assert "000000" not in repr(vars(hsm))


def test_two_drivers_of_a_process_try_a_wrong_pin_once(token, monkeypatch):
    """As a server has them: its own loop's, and that of worker threads."""
    tried = attempts_of(monkeypatch)
    token.give_pin("000000")
    first, second = hsm_of(token), hsm_of(token)

    async def work():
        assert first.status().devices[0].state is DeviceState.PIN_REFUSED
        async with trio.open_nursery() as nursery:
            await nursery.start(second.run)
            with pytest.raises(PinRefused):
                await second.random(8)
            assert len(tried) == 1
            token.give_pin(softhsm.PIN)
            await becomes(first, DeviceState.UP)
            await becomes(second, DeviceState.UP)
            nursery.cancel_scope.cancel()

    with_hsm(first, work)


def test_a_pin_that_was_changed_meanwhile_is_tried_once_by_many(token, monkeypatch):
    """All sessions and the login are lost while the PIN became another one."""
    hsm = hsm_of(token, calls="thread", check_s=60.0)

    async def work():
        await hsm.generate("pepper", KeyKind.HMAC_SHA256)
        tried = attempts_of(monkeypatch)
        hsm._token.pin = pin_from_environment("PIN", {"PIN": "111111"})()
        softhsm.close_all_sessions(hsm._token.slot)
        failures = []

        async def one():
            try:
                await hsm.mac("pepper", b"x")
            except Unavailable as problem:
                failures.append(problem)

        async with trio.open_nursery() as nursery:
            for _ in range(16):
                nursery.start_soon(one)
        assert len(failures) == 16
        assert [pin.reveal() for pin in tried].count(b"111111") == 1
        await becomes(hsm, DeviceState.UP)  # by the file's PIN, which is right

    with_hsm(hsm, work)


def test_before_the_last_try_the_pin_is_left_to_people(token, monkeypatch):
    real = pkcs11_module.Module.token
    final = 0x00020000

    def nearly_locked(self, slot):
        return real(self, slot)._replace(flags=real(self, slot).flags | final)

    monkeypatch.setattr(pkcs11_module.Module, "token", nearly_locked)
    tried = attempts_of(monkeypatch)
    hsm = hsm_of(token)

    async def work():
        device = hsm.status().devices[0]
        assert device.state is DeviceState.PIN_REFUSED
        assert "one more try" in device.detail

    with_hsm(hsm, work)
    assert tried == []


@pytest.mark.parametrize(
    ("pin", "said"), [(None, "No such file"), ("", "no PIN"), ("open", "chmod 600")]
)
def test_a_pin_that_cannot_be_read_is_no_try(token, monkeypatch, pin, said):
    tried = attempts_of(monkeypatch)
    if pin is None:
        token.pin_file.unlink()
    else:
        token.give_pin(pin)
        token.pin_file.chmod(0o644 if pin == "open" else 0o600)
    hsm = hsm_of(token)

    async def work():
        device = hsm.status().devices[0]
        assert device.state is DeviceState.DOWN
        assert said in device.detail

    with_hsm(hsm, work)
    assert tried == []


def test_no_library_and_no_token_are_said(token, tmp_path):
    for changes, said in (
        ({"library": str(tmp_path / "none.so")}, "no PKCS #11 library"),
        ({"library": ctypes.util.find_library("c") or "libc.so.6"}, "no PKCS #11 library"),
        ({}, "no token 'another'"),
    ):
        library = changes.get("library", str(softhsm.LIBRARY))
        settings = Pkcs11Settings(token="another", check_s=0.02, library=library)
        pin = pin_from_file(token.pin_file)
        hsm = Pkcs11Hsm(settings, pin, SystemClock(), SystemEntropy())

        async def work(hsm=hsm, said=said):
            device = hsm.status().devices[0]
            assert (device.state, said in device.detail) == (DeviceState.DOWN, True), device

        with_hsm(hsm, work)


def test_calls_that_hang_are_bounded_and_the_device_is_left(token, monkeypatch):
    """A dead network HSM: the library never comes back. No call waits longer than its limit, no
    more threads hang than there are sessions, and afterwards the device is used again.
    """
    hsm = hsm_of(token, sessions=2, operation_s=0.1, check_s=60.0)
    hanging, real, hung = threading.Event(), Session.random, []

    def hang(self, count):
        hung.append(1)
        hanging.wait(LIMIT_S)
        return real(self, count)

    async def work():
        monkeypatch.setattr(Session, "random", hang)
        outcomes = []

        async def one():
            try:
                await hsm.random(8)
            except (TimedOut, Unavailable) as problem:
                outcomes.append(type(problem))

        async with trio.open_nursery() as nursery:
            for _ in range(20):
                nursery.start_soon(one)
        assert len(outcomes) == 20
        assert len(hung) <= 2
        await becomes(hsm, DeviceState.DOWN)
        hanging.set()
        await becomes(hsm, DeviceState.UP)
        assert len(await hsm.random(8)) == 8

    with_hsm(hsm, work)


def test_what_waits_is_bounded(token, monkeypatch):
    hsm = hsm_of(token, sessions=1, waiting_max=3, check_s=60.0)
    release, real = threading.Event(), Session.random

    def slow(self, count):
        release.wait(LIMIT_S)
        return real(self, count)

    async def work():
        monkeypatch.setattr(Session, "random", slow)
        got = []

        async def one():
            try:
                got.append(len(await hsm.random(8)))
            except Busy:
                got.append(0)
                release.set()

        async with trio.open_nursery() as nursery:
            for _ in range(6):
                nursery.start_soon(one)
        assert sorted(got) == [0, 0, 8, 8, 8, 8]

    with_hsm(hsm, work)


def test_a_child_initialises_anew(token):
    """Handles of the parent mean nothing after a fork."""
    hsm = hsm_of(token)

    async def work():
        await hsm.generate("pepper", KeyKind.HMAC_SHA256)
        expected.append(await hsm.mac("pepper", b"x"))

    expected: list[bytes] = []
    with_hsm(hsm, work)
    held = pkcs11_module.acquire(softhsm.LIBRARY)
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            fresh = hsm_of(token)

            async def in_child():
                os.write(tell, await fresh.mac("pepper", b"x"))

            with_hsm(fresh, in_child)
            status = 0
        finally:
            os._exit(status)
    os.close(tell)
    with os.fdopen(told, "rb") as answer:
        assert answer.read() == expected[0]
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    pkcs11_module.release(held)
