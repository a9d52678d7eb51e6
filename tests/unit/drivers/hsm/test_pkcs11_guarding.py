"""What somebody who has the PIN can do with the key that encloses seeds: on SoftHSM, nothing; and a
key that lets him is told apart.
"""

from __future__ import annotations

import os
from ctypes import byref, c_ulong

import pytest

from tigertally_drivers.hsm.pin import Pin
from tigertally_drivers.hsm.pkcs11 import constants as ck
from tigertally_drivers.hsm.pkcs11.constants import Attribute as Cka
from tigertally_drivers.hsm.pkcs11.constants import Mechanism
from tigertally_drivers.hsm.pkcs11.module import (
    Pkcs11Error,
    Template,
    acquire,
    mechanism,
    release,
)
from tigertally_drivers.hsm.pkcs11.session import Session
from tigertally_drivers.hsm.pkcs11.templates import secret
from tigertally_drivers.hsm.port import KeyKind, MacHash
from tigertally_testing import softhsm

pytestmark = pytest.mark.skipif(not softhsm.is_here(), reason=softhsm.MISSING)
SEED = b"12345678901234567890"
LOOSE = {
    Cka.CLASS: ck.SECRET_KEY,
    Cka.KEY_TYPE: ck.GENERIC_SECRET,
    Cka.TOKEN: False,
    Cka.PRIVATE: True,
}
GUARDS = (Cka.UNWRAP_TEMPLATE, Cka.MODIFIABLE, Cka.COPYABLE, Cka.DECRYPT)


class Thief:
    """Logged in with the PIN, with the library's own functions."""

    def __init__(self, module, session):
        self.module, self.session = module, session

    def call(self, function, *arguments):
        self.module.call(function, self.session._handle, *arguments)

    def made(self, label, attributes):
        how, handle, asked = mechanism(Mechanism.AES_KEY_GEN), c_ulong(), Template(attributes)
        self.call("GenerateKey", byref(how), asked.array, c_ulong(asked.count), byref(handle))
        return self.session.find(label)

    def key(self, label):
        return self.session._search(label, ck.SECRET_KEY, KeyKind.ENCLOSE)

    def unwrap(self, label, blob, **attributes):
        wanted = {**LOOSE, **{Cka[name.upper()]: value for name, value in attributes.items()}}
        how, handle, asked = mechanism(Mechanism.AES_KEY_WRAP_PAD), c_ulong(), Template(wanted)
        length = c_ulong(len(blob) - 1)
        self.call(
            "UnwrapKey", byref(how), self.key(label), blob[1:], length,
            asked.array, c_ulong(asked.count), byref(handle),
        )  # fmt: skip
        return self.session._attribute(handle, Cka.VALUE)

    def change(self, label, **attributes):
        asked = Template({Cka[name.upper()]: value for name, value in attributes.items()})
        self.call("SetAttributeValue", self.key(label), asked.array, c_ulong(asked.count))

    def copy(self, label, **attributes):
        asked = Template({Cka[name.upper()]: value for name, value in attributes.items()})
        self.call(
            "CopyObject", self.key(label), asked.array, c_ulong(asked.count), byref(c_ulong())
        )

    def decipher(self, label):
        aes_ecb = mechanism(Mechanism.AES_GCM)
        aes_ecb.mechanism = 0x1081
        self.call("DecryptInit", byref(aes_ecb), self.key(label))


@pytest.fixture
def thief(tmp_path, monkeypatch):
    token = softhsm.SoftHsm(tmp_path)
    token.initialise()
    monkeypatch.setenv("SOFTHSM2_CONF", str(token.configuration))
    module = acquire(softhsm.LIBRARY)
    try:
        (slot,) = (s for s in module.slots() if module.token(s).label == softhsm.TOKEN)
        session = Session(module, slot)
        session.log_in(Pin(softhsm.PIN.encode()))
        yield Thief(module, session)
        session.close()
    finally:
        release(module)


@pytest.mark.parametrize("imported", [False, True])
def test_no_seed_comes_out_with_the_pin(thief, imported):
    if imported:
        info = thief.session.import_key("seeds", KeyKind.ENCLOSE, os.urandom(32))
    else:
        info = thief.session.generate("seeds", KeyKind.ENCLOSE)
    assert info.weakness == ""
    blob = thief.session.enclose("seeds", MacHash.SHA1, SEED)
    ways = [
        lambda: thief.unwrap("seeds", blob, extractable=True, sensitive=False),
        lambda: thief.unwrap("seeds", blob, extractable=True, sensitive=True),
        lambda: thief.unwrap("seeds", blob, extractable=False, sensitive=False),
        lambda: thief.unwrap("seeds", blob),
        lambda: thief.change("seeds", decrypt=True),
        lambda: thief.change("seeds", unwrap_template=b""),
        lambda: thief.change("seeds", modifiable=True),
        lambda: thief.copy("seeds", token=False),
        lambda: thief.copy("seeds", token=False, decrypt=True),
        lambda: thief.decipher("seeds"),
    ]
    for way in ways:
        with pytest.raises(Pkcs11Error):
            way()
    assert thief.session.enclosed_macs("seeds", MacHash.SHA1, blob, [b"x"])


@pytest.mark.parametrize("missing", GUARDS)
def test_a_key_without_a_guard_is_called_weak(thief, missing):
    asked = {name: v for name, v in secret("weak", KeyKind.ENCLOSE).items() if name != missing}
    info = thief.made("weak", asked)
    assert "whoever has the PIN" in info.weakness
    if missing is Cka.UNWRAP_TEMPLATE:
        blob = thief.session.enclose("weak", MacHash.SHA1, SEED)
        assert thief.unwrap("weak", blob, extractable=True, sensitive=False).startswith(SEED)
