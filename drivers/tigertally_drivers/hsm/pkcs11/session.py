"""One session with a token, logged in: the operations of the port as calls of PKCS #11.

Belongs to one thread at a time (two would see CKR_OPERATION_ACTIVE). Handles of labelled keys are
remembered for the session's life. Knows no pool and repeats nothing; raises `Pkcs11Error` as the
library says, and the port's own errors where the answer is about a key.

Seeds are enclosed by AES key wrap with
padding (RFC 5649). SoftHSM, like the standard, wants an HMAC key at least as long as its hash:
shorter seeds are filled with zeros, which gives the same HMAC (RFC 2104).
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Sequence
from ctypes import byref, c_ulong
from typing import Final

from tigertally_drivers.errors import Misbehaved
from tigertally_drivers.hsm import check_values
from tigertally_drivers.hsm.pin import Pin
from tigertally_drivers.hsm.pkcs11 import constants as ck
from tigertally_drivers.hsm.pkcs11.constants import Attribute as Cka
from tigertally_drivers.hsm.pkcs11.constants import Mechanism, Rv
from tigertally_drivers.hsm.pkcs11.module import (
    CAttribute,
    CGcm,
    Module,
    Pkcs11Error,
    Template,
    Value,
    mechanism,
)
from tigertally_drivers.hsm.pkcs11.templates import (
    KINDS,
    OPENED_SEED,
    STOLEN_SEED,
    SYMMETRIC,
    imported,
    loose,
    pair_halves,
    secret,
)
from tigertally_drivers.hsm.port import (
    DoesNotOpen,
    KeyExists,
    KeyInfo,
    KeyKind,
    MacHash,
    NoSuchKey,
    NotAble,
)

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
LONGEST_SIGNATURE: Final = 512
HMACS: Final[dict[MacHash, Mechanism]] = {
    MacHash.SHA1: Mechanism.SHA_1_HMAC,
    MacHash.SHA256: Mechanism.SHA256_HMAC,
    MacHash.SHA512: Mechanism.SHA512_HMAC,
}
_HASH_NUMBERS: Final = {MacHash.SHA1: 1, MacHash.SHA256: 2, MacHash.SHA512: 3}
_DIGEST_BYTES: Final = {MacHash.SHA1: 20, MacHash.SHA256: 32, MacHash.SHA512: 64}
_NOT_OPENED: Final = frozenset(
    {
        Rv.ENCRYPTED_DATA_INVALID,
        Rv.ENCRYPTED_DATA_LEN_RANGE,
        Rv.WRAPPED_KEY_INVALID,
        Rv.WRAPPED_KEY_LEN_RANGE,
        Rv.ARGUMENTS_BAD,
    }
)
_PERHAPS_NOT_OPENED: Final = frozenset(
    {Rv.GENERAL_ERROR, Rv.FUNCTION_FAILED, Rv.DATA_INVALID, Rv.ATTRIBUTE_VALUE_INVALID}
)
"""What some libraries say of a value that doesn't open, and of real trouble: which of the two it is
shows when the session is asked something else."""

_REFUSALS: Final = frozenset(
    {
        Rv.TEMPLATE_INCONSISTENT,
        Rv.ATTRIBUTE_VALUE_INVALID,
        Rv.ATTRIBUTE_READ_ONLY,
        Rv.ACTION_PROHIBITED,
    }
)
_ENCLOSING_FLAGS: Final = {
    Cka.DECRYPT: b"\0",
    Cka.EXTRACTABLE: b"\0",
    Cka.MODIFIABLE: b"\0",
    Cka.COPYABLE: b"\0",
}


class Session:
    """Opened and logged in."""

    def __init__(self, module: Module, slot: int) -> None:
        self._module, self._call, self._slot = module, module.call, slot
        handle = c_ulong()
        flags = c_ulong(ck.SERIAL_SESSION | ck.RW_SESSION)
        self._call("OpenSession", c_ulong(slot), flags, None, None, byref(handle))
        self._handle = handle
        self._known: dict[tuple[str, int], c_ulong] = {}

    def log_in(self, pin: Pin) -> None:
        """Once for all sessions of the process with this token."""
        octets = pin.reveal()
        try:
            self._call("Login", self._handle, c_ulong(ck.USER), octets, c_ulong(len(octets)))
        except Pkcs11Error as problem:
            if problem.rv != Rv.USER_ALREADY_LOGGED_IN:
                raise

    def close(self) -> None:
        """Whatever state it is in."""
        try:
            self._call("CloseSession", self._handle)
        except Pkcs11Error:
            # It is gone, which was wanted.
            return

    def random(self, count: int) -> bytes:
        octets = ctypes.create_string_buffer(count)
        self._call("GenerateRandom", self._handle, octets, c_ulong(count))
        return octets.raw

    def check(self) -> None:
        """Raises where the session, the token's generator or what the token stores is not there."""
        self._module.token(self._slot)
        self._search("tigertally health check", ck.SECRET_KEY, KeyKind.SEAL)
        self.random(8)

    # ------------------------------------------------------------------ labelled keys

    def find(self, label: str) -> KeyInfo | None:
        """By its label, whatever its kind."""
        for kind, traits in KINDS.items():
            handle = self._search(label, traits.object_class, kind)
            if handle is not None:
                return self._info(label, kind, handle)
        return None

    def generate(self, label: str, kind: KeyKind) -> KeyInfo:
        self._need_free(label)
        handle = c_ulong()
        traits = KINDS[kind]
        how = mechanism(traits.generate)
        if kind in SYMMETRIC:
            made = Template(secret(label, kind))
            self._call(
                "GenerateKey",
                self._handle,
                byref(how),
                made.array,
                c_ulong(made.count),
                byref(handle),
            )
            return self._info(label, kind, handle)
        public, private = map(Template, pair_halves(label, kind))
        ignored = c_ulong()
        self._call(
            "GenerateKeyPair",
            self._handle,
            byref(how),
            public.array,
            c_ulong(public.count),
            private.array,
            c_ulong(private.count),
            byref(ignored),
            byref(handle),
        )
        return self._info(label, kind, handle)

    def import_key(self, label: str, kind: KeyKind, key: bytes) -> KeyInfo:
        self._need_free(label)
        return self._info(label, kind, self._create(imported(label, kind, key)))

    def destroy(self, label: str) -> None:
        info = self.find(label)
        if info is None:
            raise NoSuchKey(f"no key {label!r}")
        classes = {KINDS[info.kind].object_class}
        if info.kind not in SYMMETRIC:
            classes.add(ck.PUBLIC_KEY)
        for object_class in classes:
            handle = self._search(label, object_class, info.kind)
            if handle is not None:
                self._call("DestroyObject", self._handle, handle)
        self._known.clear()

    def _need_free(self, label: str) -> None:
        if self.find(label) is not None:
            raise KeyExists(f"there is a key {label!r}; a key is never overwritten")

    def _create(self, attributes: dict[Cka, Value]) -> c_ulong:
        made, handle = Template(attributes), c_ulong()
        self._call("CreateObject", self._handle, made.array, c_ulong(made.count), byref(handle))
        return handle

    def _search(self, label: str, object_class: int, kind: KeyKind) -> c_ulong | None:
        wanted = Template({Cka.CLASS: object_class, Cka.LABEL: label, Cka.ID: KINDS[kind].id})
        found, count = (c_ulong * 2)(), c_ulong()
        self._call("FindObjectsInit", self._handle, wanted.array, c_ulong(wanted.count))
        try:
            self._call("FindObjects", self._handle, found, c_ulong(2), byref(count))
        finally:
            self._call("FindObjectsFinal", self._handle)
        if count.value > 1:
            raise Misbehaved(f"the token holds more than one key {label!r}")
        return c_ulong(found[0]) if count.value else None

    def _key(self, label: str, *kinds: KeyKind) -> c_ulong:
        for kind in kinds:
            handle = self._known.get((label, KINDS[kind].id[0]))
            if handle is not None:
                return handle
        for kind in kinds:
            handle = self._search(label, KINDS[kind].object_class, kind)
            if handle is not None:
                self._known[label, KINDS[kind].id[0]] = handle
                return handle
        # A token that is just being taken away finds nothing, too.
        self.check()
        raise NoSuchKey(f"the token holds no key {label!r} for this")

    def _info(self, label: str, kind: KeyKind, handle: c_ulong) -> KeyInfo:
        if kind is KeyKind.HMAC_SHA256:
            mac = self._signed(handle, Mechanism.SHA256_HMAC, check_values.MAC_CHECK_LABEL)
            return KeyInfo(label, kind, check_values.of_mac(mac))
        if kind in SYMMETRIC:
            check = self._attribute(handle, Cka.CHECK_VALUE)
            weakness = self._weakness(handle) if kind is KeyKind.ENCLOSE else ""
            return KeyInfo(label, kind, check.hex(), weakness=weakness)
        public = self._search(label, ck.PUBLIC_KEY, kind)
        if public is None:
            raise Misbehaved(f"the token lost the public half of {label!r}")
        point = _octet_string(self._attribute(public, Cka.EC_POINT))
        return KeyInfo(label, kind, check_values.of_public_key(point), point)

    def _weakness(self, outer: c_ulong) -> str:
        """What somebody with the PIN could do to the seeds that this key encloses. Not what the
        token says of the key but what it does is looked at: a random key is enclosed and asked for.
        """
        for flag, wanted in _ENCLOSING_FLAGS.items():
            if self._attribute(outer, flag) != wanted:
                return f"whoever has the PIN can take seeds out: CKA_{flag.name} of the key"
        wrapped = self._wrapped(outer, self.random(_DIGEST_BYTES[MacHash.SHA1]))
        try:
            stolen = self._unwrapped(outer, wrapped, STOLEN_SEED)
        except Pkcs11Error as problem:
            if problem.rv in _REFUSALS:
                return ""
            raise
        self._call("DestroyObject", self._handle, stolen)
        return "whoever has the PIN can take seeds out: the key unwraps them as extractable"

    def _attribute(self, handle: c_ulong, name: Cka) -> bytes:
        """Empty where the token doesn't tell."""
        octets = ctypes.create_string_buffer(256)
        asked = CAttribute(name, ctypes.addressof(octets), len(octets))
        try:
            self._call("GetAttributeValue", self._handle, handle, byref(asked), c_ulong(1))
        except Pkcs11Error as problem:
            if problem.rv != Rv.ATTRIBUTE_TYPE_INVALID:
                raise
            return b""
        if asked.length == ck.UNAVAILABLE_INFORMATION:
            return b""
        return octets.raw[: asked.length]

    # ------------------------------------------------------------------ operations

    def seal(self, label: str, nonce: bytes, plain: bytes, aad: bytes) -> bytes:
        key = self._key(label, KeyKind.SEAL)
        return nonce + self._one_part("Encrypt", key, nonce, plain, aad, TAG_BYTES)

    def open(self, label: str, sealed: bytes, aad: bytes) -> bytes:
        if len(sealed) < NONCE_BYTES + TAG_BYTES:
            raise DoesNotOpen("too short to be a sealed value")
        key = self._key(label, KeyKind.SEAL)
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._one_part("Decrypt", key, nonce, rest, aad, 0)
        except Pkcs11Error as problem:
            self._raise_if_not_opened(problem)
            raise

    def _one_part(
        self, function: str, key: c_ulong, nonce: bytes, data: bytes, aad: bytes, more: int
    ) -> bytes:
        nonce_at = ctypes.create_string_buffer(nonce, len(nonce))
        aad_at = ctypes.create_string_buffer(aad, len(aad)) if aad else None
        parameters = CGcm(
            ctypes.addressof(nonce_at),
            len(nonce),
            8 * len(nonce),
            ctypes.addressof(aad_at) if aad_at is not None else None,
            len(aad),
            8 * TAG_BYTES,
        )
        how = mechanism(Mechanism.AES_GCM, parameters)
        self._call(f"{function}Init", self._handle, byref(how), key)
        length = c_ulong(len(data) + more)
        out = ctypes.create_string_buffer(max(1, length.value))
        self._call(function, self._handle, data, c_ulong(len(data)), out, byref(length))
        return out.raw[: length.value]

    def mac(self, label: str, data: bytes) -> bytes:
        return self._signed(self._key(label, KeyKind.HMAC_SHA256), Mechanism.SHA256_HMAC, data)

    def sign(self, label: str, data: bytes) -> bytes:
        for kind in (KeyKind.ED25519, KeyKind.EC_P256):
            try:
                key = self._key(label, kind)
            except NoSuchKey:
                continue
            if kind is KeyKind.ED25519:
                return self._signed(key, Mechanism.EDDSA, data)
            return self._signed(key, Mechanism.ECDSA, hashlib.sha256(data).digest())
        raise NoSuchKey(f"the token holds no key {label!r} that signs")

    def _signed(self, key: c_ulong, which: Mechanism, data: bytes) -> bytes:
        how = mechanism(which)
        self._call("SignInit", self._handle, byref(how), key)
        out, length = ctypes.create_string_buffer(LONGEST_SIGNATURE), c_ulong(LONGEST_SIGNATURE)
        self._call("Sign", self._handle, data, c_ulong(len(data)), out, byref(length))
        return out.raw[: length.value]

    def enclose(self, label: str, hash_name: MacHash, key: bytes) -> bytes:
        number = _number(hash_name)
        outer = self._key(label, KeyKind.ENCLOSE)
        filled = key.ljust(_DIGEST_BYTES[hash_name], b"\0")
        return bytes((number,)) + self._wrapped(outer, filled)

    def _wrapped(self, outer: c_ulong, key: bytes) -> bytes:
        inner = self._create(loose(key))
        try:
            how = mechanism(Mechanism.AES_KEY_WRAP_PAD)
            length = c_ulong(len(key) + 24)
            out = ctypes.create_string_buffer(length.value)
            self._call("WrapKey", self._handle, byref(how), outer, inner, out, byref(length))
        finally:
            self._call("DestroyObject", self._handle, inner)
        return out.raw[: length.value]

    def enclosed_macs(
        self, label: str, hash_name: MacHash, blob: bytes, messages: Sequence[bytes]
    ) -> list[bytes]:
        number = _number(hash_name)
        if blob[:1] != bytes((number,)):
            raise DoesNotOpen("the blob was made for another hash")
        outer = self._key(label, KeyKind.ENCLOSE)
        inner = self._unwrapped(outer, blob[1:], OPENED_SEED)
        try:
            return [self._signed(inner, HMACS[hash_name], message) for message in messages]
        finally:
            self._call("DestroyObject", self._handle, inner)

    def _unwrapped(self, outer: c_ulong, wrapped: bytes, asked: Template) -> c_ulong:
        how, inner = mechanism(Mechanism.AES_KEY_WRAP_PAD), c_ulong()
        try:
            self._call(
                "UnwrapKey",
                self._handle,
                byref(how),
                outer,
                wrapped,
                c_ulong(len(wrapped)),
                asked.array,
                c_ulong(asked.count),
                byref(inner),
            )
        except Pkcs11Error as problem:
            self._raise_if_not_opened(problem)
            raise
        return inner

    def _raise_if_not_opened(self, problem: Pkcs11Error) -> None:
        if problem.rv in _PERHAPS_NOT_OPENED:
            self.random(1)  # raises where there is real trouble
        elif problem.rv not in _NOT_OPENED:
            return
        raise DoesNotOpen("sealed by another key or for another place, or altered")


def _number(hash_name: MacHash) -> int:
    try:
        return _HASH_NUMBERS[hash_name]
    except KeyError:
        raise NotAble(f"PKCS #11 has no HMAC with {hash_name}") from None


def _octet_string(der: bytes) -> bytes:
    """CKA_EC_POINT is a DER octet string of a point shorter than 128 bytes; some tokens give the
    point bare.
    """
    if len(der) > 2 and der[0] == 4 and der[1] == len(der) - 2:
        return der[2:]
    return der
