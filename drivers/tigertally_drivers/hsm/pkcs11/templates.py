"""What a token is told of keys. One kind, one use: a key that encloses doesn't decipher, and what
it opens can only make MACs, so nobody, the PIN in hand, can have a seed given out. Tokens allow
what isn't forbidden, and let flags be changed and altered copies be made: both are forbidden, too.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tigertally_drivers.hsm.pkcs11 import constants as ck
from tigertally_drivers.hsm.pkcs11.constants import Attribute as Cka
from tigertally_drivers.hsm.pkcs11.constants import Mechanism
from tigertally_drivers.hsm.pkcs11.module import Template, Value
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
_USES: Final[dict[int, tuple[Cka, ...]]] = {
    ck.SECRET_KEY: (Cka.ENCRYPT, Cka.DECRYPT, Cka.WRAP, Cka.UNWRAP, Cka.SIGN, Cka.DERIVE),
    ck.PRIVATE_KEY: (Cka.DECRYPT, Cka.UNWRAP, Cka.SIGN, Cka.DERIVE),
}
"""All uses that keys of a class have a flag for."""

SYMMETRIC: Final = frozenset({KeyKind.SEAL, KeyKind.ENCLOSE, KeyKind.HMAC_SHA256})


_MUST_BE: Final[dict[Cka, Value]] = {
    Cka.CLASS: ck.SECRET_KEY,
    Cka.KEY_TYPE: ck.GENERIC_SECRET,
    Cka.SENSITIVE: True,
    Cka.EXTRACTABLE: False,
    Cka.DERIVE: False,
}
_OPENED: Final = Template(_MUST_BE)
"""Of everything that a key of kind ENCLOSE ever opens: the token itself sees to it."""

OPENED_SEED: Final = Template(
    {
        **_MUST_BE,
        Cka.TOKEN: False,
        Cka.PRIVATE: True,
        Cka.SIGN: True,
    }
)
"""A seed while it is used: gone with the session at the latest."""

STOLEN_SEED: Final = Template(
    {
        **_MUST_BE,
        Cka.TOKEN: False,
        Cka.PRIVATE: True,
        Cka.SENSITIVE: False,
        Cka.EXTRACTABLE: True,
    }
)
"""What a thief with the PIN would ask for; tried on a key that was made for it."""


def loose(octets: bytes) -> dict[Cka, Value]:
    """Of a seed that comes from outside to be enclosed, and goes at once."""
    return {
        Cka.CLASS: ck.SECRET_KEY,
        Cka.KEY_TYPE: ck.GENERIC_SECRET,
        Cka.TOKEN: False,
        Cka.PRIVATE: True,
        Cka.SENSITIVE: True,
        Cka.EXTRACTABLE: True,
        Cka.VALUE: octets,
    }


def _common(label: str, kind: KeyKind) -> dict[Cka, Value]:
    return {Cka.LABEL: label, Cka.ID: KINDS[kind].id, Cka.TOKEN: True}


def _guarded(label: str, kind: KeyKind) -> dict[Cka, Value]:
    traits = KINDS[kind]
    opened: dict[Cka, Value] = {Cka.UNWRAP_TEMPLATE: _OPENED} if Cka.UNWRAP in traits.uses else {}
    return {
        **_common(label, kind),
        Cka.PRIVATE: True,
        Cka.SENSITIVE: True,
        Cka.EXTRACTABLE: False,
        Cka.MODIFIABLE: False,
        Cka.COPYABLE: False,
        **{use: use in traits.uses for use in _USES[traits.object_class]},
        **opened,
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
