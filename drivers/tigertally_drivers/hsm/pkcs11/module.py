"""A PKCS #11 library through ctypes: its functions, its structures, its errors.

One library is loaded and initialised once per process, whoever uses it, and finalised by the last
user. After a fork the child initialises anew (PKCS #11 usage guide): handles of the parent mean
nothing there. Knows no key, no pool and no time; each call blocks for as long as the library does
and lets go of the interpreter meanwhile.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Mapping, Sequence
from ctypes import POINTER, byref, c_ubyte, c_ulong, c_void_p
from pathlib import Path
from typing import Any, Final, NamedTuple

from tigertally_drivers.errors import Unavailable
from tigertally_drivers.hsm.pkcs11 import constants as ck
from tigertally_drivers.hsm.pkcs11.constants import Attribute, Mechanism, Rv, rv_name

_LISTED: Final = """
    Initialize Finalize GetInfo GetFunctionList GetSlotList GetSlotInfo GetTokenInfo
    GetMechanismList GetMechanismInfo InitToken InitPIN SetPIN OpenSession CloseSession
    CloseAllSessions GetSessionInfo GetOperationState SetOperationState Login Logout
    CreateObject CopyObject DestroyObject GetObjectSize GetAttributeValue SetAttributeValue
    FindObjectsInit FindObjects FindObjectsFinal EncryptInit Encrypt EncryptUpdate
    EncryptFinal DecryptInit Decrypt DecryptUpdate DecryptFinal DigestInit Digest
    DigestUpdate DigestKey DigestFinal SignInit Sign SignUpdate SignFinal SignRecoverInit
    SignRecover VerifyInit Verify VerifyUpdate VerifyFinal VerifyRecoverInit VerifyRecover
    DigestEncryptUpdate DecryptDigestUpdate SignEncryptUpdate DecryptVerifyUpdate
    GenerateKey GenerateKeyPair WrapKey UnwrapKey DeriveKey SeedRandom GenerateRandom
"""
"""In the order of CK_FUNCTION_LIST."""
_FUNCTIONS: Final = tuple(_LISTED.split())

_CALL: Final = ctypes.CFUNCTYPE(c_ulong)


class Pkcs11Error(Exception):
    """A function said no; `rv` is its return value."""

    def __init__(self, function: str, rv: int) -> None:
        super().__init__(f"C_{function}: {rv_name(rv)}")
        self.rv = rv


class CAttribute(ctypes.Structure):
    """CK_ATTRIBUTE"""

    _fields_ = (("type", c_ulong), ("value", c_void_p), ("length", c_ulong))


class CMechanism(ctypes.Structure):
    """CK_MECHANISM"""

    _fields_ = (("mechanism", c_ulong), ("parameter", c_void_p), ("length", c_ulong))


class CGcm(ctypes.Structure):
    """CK_GCM_PARAMS"""

    _fields_ = (
        ("iv", c_void_p),
        ("iv_length", c_ulong),
        ("iv_bits", c_ulong),
        ("aad", c_void_p),
        ("aad_length", c_ulong),
        ("tag_bits", c_ulong),
    )


class _CVersion(ctypes.Structure):
    _fields_ = (("major", c_ubyte), ("minor", c_ubyte))


class _CInitialize(ctypes.Structure):
    _fields_ = (
        ("create", c_void_p),
        ("destroy", c_void_p),
        ("lock", c_void_p),
        ("unlock", c_void_p),
        ("flags", c_ulong),
        ("reserved", c_void_p),
    )


class _CFunctionList(ctypes.Structure):
    _fields_ = (("version", _CVersion), *((name, c_void_p) for name in _FUNCTIONS))


class _CTokenInfo(ctypes.Structure):
    _fields_ = (
        ("label", c_ubyte * 32),
        ("manufacturer", c_ubyte * 32),
        ("model", c_ubyte * 16),
        ("serial", c_ubyte * 16),
        ("flags", c_ulong),
        ("numbers", c_ulong * 10),
        ("hardware", _CVersion),
        ("firmware", _CVersion),
        ("time", c_ubyte * 16),
    )


class TokenInfo(NamedTuple):
    """A token as it describes itself. `flags`: CKF_…"""

    label: str
    model: str
    serial: str
    firmware: str
    flags: int


class Template:
    """Attributes in the form that the library takes. Keeps alive what it points to."""

    __slots__ = ("_kept", "_within", "array", "count")

    def __init__(self, attributes: Mapping[Attribute, Value]) -> None:
        self._within = tuple(attributes.values())
        octets = [(name, _octets(value)) for name, value in attributes.items()]
        self._kept = [ctypes.create_string_buffer(value, len(value)) for _, value in octets]
        self.count = len(octets)
        self.array = (CAttribute * self.count)(
            *(
                CAttribute(name, ctypes.addressof(buffer), len(buffer))
                for (name, _), buffer in zip(octets, self._kept, strict=True)
            )
        )


Value = bool | int | str | bytes | Template
"""Of an attribute: a flag, a CK_ULONG, UTF-8, octets, or attributes within it."""


def _octets(value: Value) -> bytes:
    if isinstance(value, Template):
        return bytes(value.array)
    if isinstance(value, bool):
        return bytes((value,))
    if isinstance(value, int):
        return bytes(c_ulong(value))
    return value.encode() if isinstance(value, str) else value


class Module:
    """One library in this process. Thread-safe as far as the library is: it is told to lock."""

    def __init__(self, path: Path) -> None:
        """Raises Unavailable where there is no such library."""
        self.path = path
        try:
            library = ctypes.CDLL(str(path))
            get = library.C_GetFunctionList
        except (OSError, AttributeError):
            raise Unavailable(f"{path} is no PKCS #11 library that can be loaded") from None
        functions = POINTER(_CFunctionList)()
        rv = get(byref(functions))
        if rv != Rv.OK:
            raise Unavailable(f"{path}: C_GetFunctionList: {rv_name(rv)}")
        found = functions.contents
        self._functions = {name: _CALL(getattr(found, name)) for name in _FUNCTIONS}

    def call(self, function: str, *arguments: Any) -> None:
        """Raises Pkcs11Error for anything but CKR_OK."""
        rv = self._functions[function](*arguments)
        if rv != Rv.OK:
            raise Pkcs11Error(function, rv)

    def initialise(self) -> None:
        """For several threads, with the system's own locks."""
        arguments = _CInitialize(flags=ck.OS_LOCKING_OK)
        try:
            self.call("Initialize", byref(arguments))
        except Pkcs11Error as problem:
            if problem.rv != Rv.CRYPTOKI_ALREADY_INITIALIZED:
                raise

    def finalise(self) -> None:
        """All sessions of the process end."""
        try:
            self.call("Finalize", None)
        except Pkcs11Error as problem:
            if problem.rv != Rv.CRYPTOKI_NOT_INITIALIZED:
                raise

    def slots(self) -> Sequence[int]:
        """Those with a token in them."""
        count = c_ulong()
        self.call("GetSlotList", c_ubyte(1), None, byref(count))
        found = (c_ulong * count.value)()
        self.call("GetSlotList", c_ubyte(1), found, byref(count))
        return list(found)[: count.value]

    def token(self, slot: int) -> TokenInfo:
        """What the token in a slot says of itself."""
        info = _CTokenInfo()
        self.call("GetTokenInfo", c_ulong(slot), byref(info))
        firmware = f"{info.firmware.major}.{info.firmware.minor}"
        return TokenInfo(
            _text(info.label), _text(info.model), _text(info.serial), firmware, info.flags
        )

    def mechanisms(self, slot: int) -> frozenset[int]:
        """What the token can do."""
        count = c_ulong()
        self.call("GetMechanismList", c_ulong(slot), None, byref(count))
        found = (c_ulong * count.value)()
        self.call("GetMechanismList", c_ulong(slot), found, byref(count))
        return frozenset(list(found)[: count.value])


def _text(padded: Any) -> str:
    return bytes(padded).decode("utf-8", "replace").rstrip(" \0")


def mechanism(which: Mechanism, parameter: ctypes.Structure | None = None) -> CMechanism:
    """CK_MECHANISM; the caller keeps `parameter` alive."""
    if parameter is None:
        return CMechanism(which, None, 0)
    return CMechanism(which, ctypes.addressof(parameter), ctypes.sizeof(parameter))


class _Use:
    """A library that is initialised, in which process, and by how many."""

    def __init__(self, module: Module) -> None:
        self.module, self.process, self.users = module, os.getpid(), 1


_lock: Final = threading.Lock()
_uses: Final[dict[Path, _Use]] = {}


def acquire(path: Path) -> Module:
    """The library, initialised in this process. Raises Unavailable, Pkcs11Error."""
    with _lock:
        use = _uses.get(path)
        if use is not None and use.process == os.getpid():
            use.users += 1
            return use.module
        module = Module(path) if use is None else use.module
        module.initialise()
        _uses[path] = _Use(module)
        return module


def release(module: Module, *, finalise: bool = True) -> None:
    """One user less; the last one finalises, unless a call of his still hangs in the library."""
    with _lock:
        use = _uses.get(module.path)
        if use is None or use.process != os.getpid():
            return
        use.users -= 1
        if use.users == 0:
            del _uses[module.path]
            if finalise:
                try:
                    module.finalise()
                except Pkcs11Error:
                    # Nothing of ours is left in it, and the process may be ending.
                    return
