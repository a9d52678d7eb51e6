"""What a token is told of a labelled key, by kind. One kind, one use: a key that encloses doesn't
decipher, so nobody can have a seed deciphered by it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tigertally_drivers.hsm.pkcs11 import constants as ck
from tigertally_drivers.hsm.pkcs11.constants import Attribute as Cka
from tigertally_drivers.hsm.pkcs11.constants import Mechanism
from tigertally_drivers.hsm.pkcs11.module import Value
from tigertally_drivers.hsm.port import KeyKind

KEY_BYTES: Final = 32
_P256: Final = bytes.fromhex("06082a8648ce3d030107")
_ED25519: Final = bytes.fromhex("06032b6570")


class Traits(NamedTuple):
    """Of a kind of key. `needs`: mechanisms without which the token can't have it. `id`: CKA_ID,
    by which kinds of the same class are told apart.
    """

    id: bytes
    object_class: int
    key_type: int
    generate: Mechanism
    needs: tuple[Mechanism, ...]
    uses: tuple[Cka, ...]
    curve: bytes = b""


KINDS: Final[dict[KeyKind, Traits]] = {
    KeyKind.SEAL: Traits(
        b"\x01",
        ck.SECRET_KEY,
        ck.AES,
        Mechanism.AES_KEY_GEN,
        (Mechanism.AES_GCM,),
        (Cka.ENCRYPT, Cka.DECRYPT),
    ),
    KeyKind.ENCLOSE: Traits(
        b"\x02",
        ck.SECRET_KEY,
        ck.AES,
        Mechanism.AES_KEY_GEN,
        (Mechanism.AES_KEY_WRAP_PAD,),
        (Cka.WRAP, Cka.UNWRAP),
    ),
    KeyKind.HMAC_SHA256: Traits(
        b"\x03",
        ck.SECRET_KEY,
        ck.GENERIC_SECRET,
        Mechanism.GENERIC_SECRET_KEY_GEN,
        (Mechanism.SHA256_HMAC,),
        (Cka.SIGN,),
    ),
    KeyKind.ED25519: Traits(
        b"\x04",
        ck.PRIVATE_KEY,
        ck.EC_EDWARDS,
        Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
        (Mechanism.EDDSA,),
        (Cka.SIGN,),
        _ED25519,
    ),
    KeyKind.EC_P256: Traits(
        b"\x05",
        ck.PRIVATE_KEY,
        ck.EC,
        Mechanism.EC_KEY_PAIR_GEN,
        (Mechanism.ECDSA,),
        (Cka.SIGN,),
        _P256,
    ),
}
SYMMETRIC: Final = frozenset({KeyKind.SEAL, KeyKind.ENCLOSE, KeyKind.HMAC_SHA256})


def _common(label: str, kind: KeyKind) -> dict[Cka, Value]:
    return {Cka.LABEL: label, Cka.ID: KINDS[kind].id, Cka.TOKEN: True}


def _guarded(label: str, kind: KeyKind) -> dict[Cka, Value]:
    uses = dict.fromkeys(KINDS[kind].uses, True)
    return {
        **_common(label, kind),
        Cka.PRIVATE: True,
        Cka.SENSITIVE: True,
        Cka.EXTRACTABLE: False,
        **uses,
    }


def secret(label: str, kind: KeyKind) -> dict[Cka, Value]:
    """Of a symmetric key that the token makes."""
    return {**_guarded(label, kind), Cka.VALUE_LEN: KEY_BYTES}


def imported(label: str, kind: KeyKind, key: bytes) -> dict[Cka, Value]:
    """Of a symmetric key that comes from outside."""
    traits = KINDS[kind]
    own: dict[Cka, Value] = {
        Cka.CLASS: traits.object_class,
        Cka.KEY_TYPE: traits.key_type,
        Cka.VALUE: key,
    }
    return {**_guarded(label, kind), **own}


def pair_halves(label: str, kind: KeyKind) -> tuple[dict[Cka, Value], dict[Cka, Value]]:
    """Of the public and the private half of a new pair."""
    public: dict[Cka, Value] = {Cka.EC_PARAMS: KINDS[kind].curve, Cka.VERIFY: True}
    return {**_common(label, kind), **public}, _guarded(label, kind)
