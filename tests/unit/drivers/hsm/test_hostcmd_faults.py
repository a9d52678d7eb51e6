"""What devices with host commands do wrong, one of two or both, and what the driver makes of it."""

from __future__ import annotations

import hmac

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from tigertally_drivers.errors import DriverError, Misbehaved, Rejected, TimedOut, Unavailable
from tigertally_drivers.hsm.hostcmd import wire
from tigertally_drivers.hsm.hostcmd.driver import HostCommandHsm
from tigertally_drivers.hsm.hostcmd.settings import HostCommandSettings
from tigertally_drivers.hsm.pin import pin_from_environment
from tigertally_drivers.hsm.port import Busy, DeviceState, DoesNotOpen, KeyKind, MacHash, NotAble
from tigertally_drivers.sms.connecting import connect
from tigertally_drivers.system.clock import SystemClock
from tigertally_drivers.system.entropy import SystemEntropy
from tigertally_testing.hostcmd_device import ZMK, HostCommandDevice

SEED = b"12345678901234567890"
MESSAGES = [bytes(8), b"\1" * 8]
RIGHT = [hmac.digest(SEED, message, "sha1") for message in MESSAGES]
LIMIT_S = 30.0


class Bench:
    """Two devices, and a driver with a seed in them."""

    def __init__(self, folder, **changes):
        quick = {"check_s": 0.02, "back_off_first_s": 0.01, "back_off_most_s": 0.05}
        self.settings = HostCommandSettings(**{**quick, **changes})
        self.folder = folder
        self.devices = [HostCommandDevice(), HostCommandDevice()]

    def run(self, work):
        async def main():
            with trio.fail_after(LIMIT_S):
                async with trio.open_nursery() as nursery:
                    ports = [await nursery.start(device.serve) for device in self.devices]
                    self.hsm = hsm = self.make(ports)
                    await nursery.start(hsm.run)
                    await hsm.generate("seeds", KeyKind.ENCLOSE)
                    self.blob = await hsm.enclose("seeds", MacHash.SHA1, SEED)
                    await work()
                    nursery.cancel_scope.cancel()

        trio.run(main)

    def make(self, ports):
        def to(port):
            return lambda: connect("127.0.0.1", port, None, 1.0)

        zmk = pin_from_environment("ZMK", {"ZMK": ZMK.hex()})
        return HostCommandHsm(
            self.settings,
            [(str(port), to(port)) for port in ports],
            self.folder / "keys.json",
            zmk,
            SystemClock(),
            SystemEntropy(),
        )

    async def macs(self):
        return await self.hsm.enclosed_macs("seeds", MacHash.SHA1, self.blob, MESSAGES)

    async def become(self, *states):
        while [device.state for device in self.hsm.status().devices] != list(states):
            await trio.sleep(0.005)


UP, DOWN = DeviceState.UP, DeviceState.DOWN


def test_one_device_is_enough_and_the_other_comes_back(tmp_path):
    bench = Bench(tmp_path)

    async def work():
        for device in bench.devices:
            for _ in range(5):
                await device.cut_connections()
                assert await bench.macs() == RIGHT, "asked again at the other device"
            await bench.become(UP, UP)

    bench.run(work)


def test_a_silent_device_is_left_within_the_limit_of_one_answer(tmp_path):
    bench = Bench(tmp_path, answer_s=0.1)

    async def work():
        bench.devices[0].silent = True
        for _ in range(5):
            assert await bench.macs() == RIGHT
        await bench.become(DOWN, UP)
        bench.devices[0].silent = False
        await bench.become(UP, UP)
        bench.devices[0].silent = bench.devices[1].silent = True
        with pytest.raises((TimedOut, Unavailable)):
            await bench.macs()
        await bench.become(DOWN, DOWN)
        with pytest.raises(Unavailable):
            await bench.macs()
        bench.devices[0].silent = bench.devices[1].silent = False
        await bench.become(UP, UP)
        assert await bench.macs() == RIGHT

    bench.run(work)


def test_slow_answers_are_joined_to_their_questions(tmp_path):
    bench = Bench(tmp_path, answer_s=2.0, in_flight=4)

    async def work():
        bench.devices[0].delay_s, bench.devices[1].delay_s = 0.02, 0.001
        results = []

        async def one():
            results.append(await bench.macs())

        async with trio.open_nursery() as nursery:
            for _ in range(30):
                nursery.start_soon(one)
        assert results == [RIGHT] * 30
        assert all(device.asked > 5 for device in bench.devices), "both had their share"

    bench.run(work)


def test_busy_devices_are_told_from_dead_ones(tmp_path):
    bench = Bench(tmp_path)

    async def work():
        bench.devices[0].busy = True
        assert await bench.macs() == RIGHT
        bench.devices[1].busy = True
        with pytest.raises(Busy):
            await bench.macs()
        assert bench.hsm.status().usable

    bench.run(work)


def test_garbage_is_no_answer(tmp_path):
    bench = Bench(tmp_path)

    async def work():
        bench.devices[0].mangle = True
        assert await bench.macs() == RIGHT
        bench.devices[1].mangle = True
        with pytest.raises((Misbehaved, Unavailable)):
            await bench.macs()

    bench.run(work)


def test_a_device_with_another_master_key_is_not_used(tmp_path):
    bench = Bench(tmp_path, lmk_check=HostCommandDevice().lmk_check)
    bench.devices[1] = HostCommandDevice(lmk=bytes(32))

    async def work():
        await bench.become(UP, DOWN)
        assert "another LMK" in bench.hsm.status().devices[1].detail
        for _ in range(5):
            assert await bench.macs() == RIGHT
        assert bench.devices[1].asked < 100

    bench.run(work)


def test_a_wrong_transport_key_encloses_nothing(tmp_path):
    bench = Bench(tmp_path)

    async def work():
        hsm = bench.hsm
        hsm._transport_key = pin_from_environment("Z", {"Z": bytes(32).hex()})
        with pytest.raises(DoesNotOpen):
            await hsm.enclose("seeds", MacHash.SHA1, SEED)
        hsm._transport_key = pin_from_environment("Z", {"Z": "rubbish"})
        with pytest.raises(Unavailable):
            await hsm.enclose("seeds", MacHash.SHA1, SEED)
        hsm._transport_key = None
        with pytest.raises(NotAble):
            await hsm.enclose("seeds", MacHash.SHA1, SEED)

    bench.run(work)


def test_a_damaged_file_of_blobs_is_said(tmp_path):
    bench = Bench(tmp_path)

    async def work():
        (tmp_path / "keys.json").write_text('{"seeds": {"kind": "none"}}')
        with pytest.raises(Misbehaved, match="damaged"):
            await bench.macs()

    bench.run(work)


def test_the_file_of_blobs_holds_no_key(tmp_path):
    bench = Bench(tmp_path)

    async def work():
        assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0

    bench.run(work)
    assert SEED not in (tmp_path / "keys.json").read_bytes()


@given(st.binary(max_size=200), st.integers(1, 7))
def test_octets_in_any_pieces_never_make_more_than_was_sent(octets, size):
    answers = wire.Answers()
    try:
        pieces = [octets[at : at + size] for at in range(0, len(octets), size)]
        found = [one for piece in pieces for one in answers.feed(piece)]
    except Misbehaved:
        return
    assert sum(14 - 2 + len(one.body) + 2 for one in found) <= len(octets)


@given(st.lists(st.binary(max_size=40), max_size=4), st.integers(0, 5))
def test_fields_are_read_as_they_were_written_or_not_at_all(values, count):
    body = b"".join(map(wire.field, values))
    if len(values) == count:
        assert wire.fields(body, count) == values
    else:
        with pytest.raises(Misbehaved):
            wire.fields(body, count)


@pytest.mark.parametrize("error", [b"01", b"10", b"13", b"15", b"41", b"67", b"80", b"B1", b"99"])
def test_error_codes_are_told_by_audience(error):
    answer = wire.Answer(b"00000001", b"LR", error, b"")
    with pytest.raises(DriverError) as caught:
        wire.checked_body(wire.Command.HMAC, answer)
    assert isinstance(caught.value, Rejected | Unavailable | Misbehaved)


def test_the_framing_is_that_of_the_family():
    """NC → ND, the header given back; length counts what follows it."""
    assert wire.frame(b"0000000A", wire.Command.DIAGNOSTICS, b"") == b"\0\x0a0000000ANC"
    assert wire.answer_name(wire.Command.DIAGNOSTICS) == b"ND"
    assert wire.answer_name(wire.Command.GENERATE) == b"A1"
    (answer,) = wire.Answers().feed(b"\0\x0e0000000AND00xy")
    assert answer == (b"0000000A", b"ND", b"00", b"xy")
