"""What every HSM driver does: software, PKCS #11 (SoftHSM, inline and in threads) and host commands
(two devices over real sockets) pass one suite.
"""

from __future__ import annotations

import hmac
import logging
from contextlib import asynccontextmanager
from typing import Literal

import pytest
import trio
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tigertally_drivers.errors import DriverError, Rejected, Unavailable
from tigertally_drivers.gm.opening import open_sm2
from tigertally_drivers.gm.verifying import PythonSm2
from tigertally_drivers.hsm.hostcmd.driver import HostCommandHsm
from tigertally_drivers.hsm.hostcmd.settings import HostCommandSettings
from tigertally_drivers.hsm.pin import pin_from_file
from tigertally_drivers.hsm.pkcs11.driver import Pkcs11Hsm
from tigertally_drivers.hsm.pkcs11.settings import Pkcs11Settings
from tigertally_drivers.hsm.port import (
    DeviceState,
    DoesNotOpen,
    KeyExists,
    KeyKind,
    MacHash,
    NoSuchKey,
    NotAble,
)
from tigertally_drivers.hsm.software import SoftwareHsm
from tigertally_drivers.sms.connecting import connect
from tigertally_drivers.system.clock import SystemClock
from tigertally_drivers.system.entropy import SystemEntropy
from tigertally_testing import hostcmd_device, softhsm

SYMMETRIC = (KeyKind.SEAL, KeyKind.ENCLOSE, KeyKind.HMAC_SHA256)
PINS = {"software": "a long enough passphrase", "pkcs11": softhsm.PIN}
LIMIT_S = 30.0


class Software:
    """A file."""

    def __init__(self, folder):
        self.folder = folder
        self.give_pin(PINS["software"])

    def give_pin(self, pin):
        (self.folder / "pin").write_text(pin)
        (self.folder / "pin").chmod(0o600)

    def make(self):
        pin = pin_from_file(self.folder / "pin")
        return SoftwareHsm(self.folder / "keys.tt", pin, SystemEntropy())

    @asynccontextmanager
    async def devices(self):
        yield


class Pkcs11(Software):
    """A token of SoftHSM."""

    calls: Literal["inline", "thread"] = "inline"

    def __init__(self, folder, monkeypatch):
        self.token = softhsm.SoftHsm(folder)
        self.token.initialise()
        self.folder = folder
        monkeypatch.setenv("SOFTHSM2_CONF", str(self.token.configuration))

    def make(self):
        settings = Pkcs11Settings(
            token=softhsm.TOKEN, calls=self.calls, check_s=0.05, back_off_first_s=0.01
        )
        pin = pin_from_file(self.token.pin_file)
        return Pkcs11Hsm(settings, pin, SystemClock(), SystemEntropy())


class Pkcs11InThreads(Pkcs11):
    """The same, its calls in threads."""

    calls = "thread"


class HostCommands(Software):
    """Two devices with one LMK."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "zmk").write_text(hostcmd_device.ZMK.hex())
        (folder / "zmk").chmod(0o600)
        self.ports = []

    def make(self):
        settings = HostCommandSettings(check_s=0.05, back_off_first_s=0.01)
        connects = [(str(port), _connect_to(port)) for port in self.ports]
        zmk = pin_from_file(self.folder / "zmk")
        keys = self.folder / "keys.json"
        return HostCommandHsm(settings, connects, keys, zmk, SystemClock(), SystemEntropy())

    @asynccontextmanager
    async def devices(self):
        async with trio.open_nursery() as nursery:
            both = [hostcmd_device.HostCommandDevice() for _ in range(2)]
            self.ports = [await nursery.start(device.serve) for device in both]
            yield both
            nursery.cancel_scope.cancel()


def _connect_to(port):
    return lambda: connect("127.0.0.1", port, None, 2.0)


@pytest.fixture(params=["software", "pkcs11", "pkcs11-threads", "hostcmd"])
def end(request, tmp_path, monkeypatch):
    if request.param.startswith("pkcs11"):
        if not softhsm.is_here():
            pytest.skip(softhsm.MISSING)
        which = Pkcs11 if request.param == "pkcs11" else Pkcs11InThreads
        return which(tmp_path, monkeypatch)
    return {"software": Software, "hostcmd": HostCommands}[request.param](tmp_path)


def with_hsm(end, work):
    """Runs `work(hsm)` while the driver runs."""

    async def main():
        with trio.fail_after(LIMIT_S):
            async with end.devices(), trio.open_nursery() as nursery:
                hsm = end.make()
                await nursery.start(hsm.run)
                await work(hsm)
                # A driver that is ended in the middle of a call leaves the library as it is, and
                # the next test would find this one's keys.
                while any(device.waiting for device in hsm.status().devices):
                    await trio.lowlevel.checkpoint()
                nursery.cancel_scope.cancel()

    trio.run(main)


def test_a_new_one_is_up_and_says_what_it_can(end):
    async def work(hsm):
        assert hsm.status().usable, hsm.status()
        await hsm.check()
        assert {KeyKind.SEAL, KeyKind.ENCLOSE, KeyKind.ED25519} <= hsm.abilities.kinds
        assert {MacHash.SHA1, MacHash.SHA256, MacHash.SHA512} <= hsm.abilities.hashes
        first, second = await hsm.random(24), await hsm.random(24)
        assert len(first) == len(second) == 24
        assert first != second

    with_hsm(end, work)


def test_keys_are_made_found_once_and_destroyed(end):
    async def work(hsm):
        for kind in KeyKind:
            label = f"key {kind}"
            if kind not in hsm.abilities.kinds:
                with pytest.raises(NotAble):
                    await hsm.generate(label, kind)
                continue
            made = await hsm.generate(label, kind)
            assert made == await hsm.find(label)
            assert (made.label, made.kind) == (label, kind)
            assert len(bytes.fromhex(made.check_value)) == 3
            with pytest.raises(KeyExists):
                await hsm.generate(label, kind)
            await hsm.destroy(label)
            assert await hsm.find(label) is None
            with pytest.raises(NoSuchKey):
                await hsm.destroy(label)

    with_hsm(end, work)


def test_keys_outlive_the_driver(end):
    sealed = []

    async def first(hsm):
        await hsm.generate("master", KeyKind.SEAL)
        sealed.append(await hsm.seal("master", b"a secret", b"row 1"))

    async def second(hsm):
        assert await hsm.open("master", sealed[0], b"row 1") == b"a secret"

    with_hsm(end, first)
    with_hsm(end, second)


def test_imported_keys_have_the_same_check_value_everywhere(end):
    async def work(hsm):
        if not hsm.abilities.imports:
            with pytest.raises(NotAble):
                await hsm.import_key("a", KeyKind.SEAL, bytes(range(32)))
            return
        seen = {}
        for kind in SYMMETRIC:
            seen[kind] = await hsm.import_key(f"key {kind}", kind, bytes(range(32)))
        # AES-256 of FIPS 197 C.3's key over a block of zeros; HMAC of the label of check values.
        assert seen[KeyKind.SEAL].check_value == seen[KeyKind.ENCLOSE].check_value == "f29000"
        label = b"tigertally key check value"
        expected = hmac.digest(bytes(range(32)), label, "sha256")[:3].hex()
        assert seen[KeyKind.HMAC_SHA256].check_value == expected
        with pytest.raises(KeyExists):
            await hsm.import_key(f"key {KeyKind.SEAL}", KeyKind.SEAL, bytes(32))

    with_hsm(end, work)


def test_what_is_sealed_opens_at_its_place_alone(end):
    async def work(hsm):
        await hsm.generate("one", KeyKind.SEAL)
        await hsm.generate("other", KeyKind.SEAL)
        for plain in (b"", b"x", bytes(4096)):
            for aad in (b"", b"row 7"):
                sealed = await hsm.seal("one", plain, aad)
                assert await hsm.open("one", sealed, aad) == plain
                assert sealed != await hsm.seal("one", plain, aad), "a nonce is used once"
        sealed = await hsm.seal("one", b"a secret", b"row 7")
        wrong = [
            ("one", sealed, b"row 8"),
            ("one", sealed[:-1] + bytes((sealed[-1] ^ 1,)), b"row 7"),
            ("one", sealed[:-1], b"row 7"),
            ("one", b"", b"row 7"),
            ("other", sealed, b"row 7"),
        ]
        for label, octets, aad in wrong:
            with pytest.raises(DoesNotOpen):
                await hsm.open(label, octets, aad)
        assert hsm.status().usable, "a bad value is no reason to leave a device"
        for label in ("none", "enclosing"):
            with pytest.raises(NoSuchKey):
                await hsm.seal(label, b"x", b"")

    with_hsm(end, work)


@pytest.mark.parametrize("hash_name", MacHash)
def test_enclosed_seeds_make_the_macs_of_the_seeds(end, hash_name):
    seeds = [b"12345678901234567890", bytes(range(16)), bytes(range(64))]
    messages = [step.to_bytes(8) for step in range(5)] + [b"OCRA" * 60]

    async def work(hsm):
        await hsm.generate("seeds", KeyKind.ENCLOSE)
        if hash_name not in hsm.abilities.hashes:
            with pytest.raises(NotAble):
                await hsm.enclose("seeds", hash_name, seeds[0])
            return
        for seed in seeds:
            blob = await hsm.enclose("seeds", hash_name, seed)
            assert seed not in blob
            made = await hsm.enclosed_macs("seeds", hash_name, blob, messages)
            assert made == [hmac.digest(seed, message, hash_name) for message in messages]
        assert await hsm.enclosed_macs("seeds", hash_name, blob, []) == []
        altered = blob[:-1] + bytes((blob[-1] ^ 1,))
        for wrong in (altered, blob[:-8], blob[:1], b""):
            with pytest.raises(DoesNotOpen):
                await hsm.enclosed_macs("seeds", hash_name, wrong, messages[:1])
        for other in set(MacHash) - {hash_name}:
            with pytest.raises(Rejected):
                await hsm.enclosed_macs("seeds", other, blob, messages[:1])
        with pytest.raises(NoSuchKey):
            await hsm.enclosed_macs("nothing", hash_name, blob, messages[:1])
        assert hsm.status().usable

    with_hsm(end, work)


def test_signatures_verify_elsewhere(end):
    async def work(hsm):
        edwards = await hsm.generate("log", KeyKind.ED25519)
        signature = await hsm.sign("log", b"a note")
        Ed25519PublicKey.from_public_bytes(edwards.public).verify(signature, b"a note")
        curve = await hsm.generate("curve", KeyKind.EC_P256)
        signature = await hsm.sign("curve", b"a note")
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), curve.public)
        point.verify(encode_dss_signature(r, s), b"a note", ec.ECDSA(SHA256()))
        await hsm.generate("sealing", KeyKind.SEAL)
        for label in ("sealing", "none"):
            with pytest.raises(NoSuchKey):
                await hsm.sign(label, b"a note")

    with_hsm(end, work)


def test_sm2_where_the_device_can(end):
    async def work(hsm):
        able = KeyKind.SM2 in hsm.abilities.kinds
        assert able or not isinstance(hsm, SoftwareHsm) or not open_sm2().sm2.complete
        if not able:
            with pytest.raises(NotAble):
                await hsm.generate("gm", KeyKind.SM2)
            return
        made = await hsm.generate("gm", KeyKind.SM2)
        assert await hsm.find("gm") == made
        signature = await hsm.sign("gm", b"a note")
        key = PythonSm2().public_key(made.public)
        assert key.verify(b"a note", signature), "an implementation that isn't the signer's"
        assert not key.verify(b"another", signature)

    with_hsm(end, work)


def test_labelled_macs(end):
    async def work(hsm):
        await hsm.generate("pepper", KeyKind.HMAC_SHA256)
        one = await hsm.mac("pepper", b"one")
        assert len(one) == 32
        assert one == await hsm.mac("pepper", b"one")
        assert one != await hsm.mac("pepper", b"two")

    with_hsm(end, work)


def test_many_at_once_get_each_his_own(end):
    async def work(hsm):
        await hsm.generate("seeds", KeyKind.ENCLOSE)
        blobs = {n: await hsm.enclose("seeds", MacHash.SHA1, bytes([n]) * 20) for n in range(8)}
        got = {}

        async def one(number):
            message = [number.to_bytes(8)]
            got[number] = await hsm.enclosed_macs("seeds", MacHash.SHA1, blobs[number % 8], message)

        async with trio.open_nursery() as nursery:
            for number in range(200):
                nursery.start_soon(one, number)
        for number in range(200):
            seed = bytes([number % 8]) * 20
            assert got[number] == [hmac.digest(seed, number.to_bytes(8), "sha1")]

    with_hsm(end, work)


def test_nothing_is_asked_before_it_runs_and_after_it_ended(end):
    hsms = []

    async def work(hsm):
        hsms.append(hsm)

    with_hsm(end, work)

    async def later():
        for hsm in (hsms[0], end.make()):
            assert not hsm.status().usable or isinstance(hsm, SoftwareHsm)
            if not isinstance(hsm, SoftwareHsm):
                with pytest.raises(Unavailable):
                    await hsm.check()

    trio.run(later)


def test_no_secret_is_said(end, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    seed = bytes(range(100, 120))
    told = []

    async def work(hsm):
        await hsm.generate("seeds", KeyKind.ENCLOSE)
        blob = await hsm.enclose("seeds", MacHash.SHA1, seed)
        try:
            await hsm.enclosed_macs("seeds", MacHash.SHA1, blob[:-1], [b"x"])
        except DriverError as problem:
            told.append(str(problem))
        told.append(repr(hsm.status()) + repr(vars(hsm)))

    with_hsm(end, work)
    said = "".join(told) + caplog.text + "".join(capsys.readouterr())
    for secret in (*PINS.values(), hostcmd_device.ZMK.hex(), seed.hex(), repr(seed)):
        assert secret not in said


def test_a_device_that_is_down_is_called_so(tmp_path):
    """Software's own way of being down; the others' are in the drivers' tests."""
    (tmp_path / "keys.tt").write_bytes(b"rubbish" * 20)
    end = Software(tmp_path)

    async def work(hsm):
        (device,) = hsm.status().devices
        assert device.state is DeviceState.PIN_REFUSED
        with pytest.raises(Unavailable):
            await hsm.random(8)

    with_hsm(end, work)
