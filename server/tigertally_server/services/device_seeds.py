"""Seeds that lie in the HSM: how they are kept in the column of all seeds, and how a decision asks
for what only the device can compute.

A decision runs with what is there. Where MACs are missing it raises `AskDevice`, and nothing of it
counts: whoever runs the decision has them made, with no transaction open, and decides again with
`Request.made`. Computing a MAC changes nothing anywhere, so there is nothing to claim before or to
settle afterwards, and the second decision is an ordinary one: on locked or guarded rows, recorded
in one transaction.

Kept is a record that the key of seeds seals like any seed, with the row's identity as associated
data, so that one row's can't be put into another; within it lies what the device enclosed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from tigertally_drivers.hsm.port import MacHash
from tigertally_engines.otp.seeds import Seed, SeedElsewhere, Wanted
from tigertally_server.domain.token import Token
from tigertally_server.services.context import Context
from tigertally_server.services.keyring import KeyMissing, seed_identity
from tigertally_server.services.request import Request

_MARK: Final = b"\x00tigertally seed in hsm\x01"
"""No seed begins like this: most are shorter, and chance would need 2**184 of them."""
_MARK_BYTES: Final = len(_MARK)


class EnclosedSeed(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What is kept. `label`: of the enclosing key in the device; `hash_name`: of the HMACs."""

    label: str
    hash_name: MacHash
    blob: bytes

    def __repr__(self) -> str:
        return f"<EnclosedSeed under {self.label}>"


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(EnclosedSeed).decode


class DeviceWork(msgspec.Struct, frozen=True):
    """What a decision lacks: MACs of these messages under this seed. `kept`: the record's octets,
    which name the seed in `Request.made`. `drawn`: what the decision drew beforehand.
    """

    kept: bytes
    seed: EnclosedSeed
    wanted: tuple[Wanted, ...]
    drawn: bytes = b""


class AskDevice(Exception):
    """The decision can't be made before the device has done this work."""

    def __init__(self, work: DeviceWork) -> None:
        super().__init__("an HSM must be asked first")
        self.work = work


Made = Mapping[bytes, Mapping[Wanted, bytes]]
"""MACs that the device made, by seed and by what was wanted."""


class _DeviceSeed(SeedElsewhere):
    __slots__ = ("kept",)

    def __init__(self, kept: bytes, made: Mapping[Wanted, bytes]) -> None:
        super().__init__(made)
        self.kept = kept


def stored_record(seed: EnclosedSeed) -> bytes:
    """The octets that are sealed in place of a seed's."""
    return _MARK + _encode(seed)


def is_device_record(plain: bytes) -> bool:
    """Whether these octets, opened, are no seed but one that the device holds."""
    return plain[:_MARK_BYTES] == _MARK


def enclosed_of(plain: bytes) -> EnclosedSeed:
    """Raises KeyMissing for a damaged record."""
    try:
        return _decode(plain[_MARK_BYTES:])
    except msgspec.DecodeError:
        raise KeyMissing("the record of a seed in the HSM is damaged") from None


def open_seed(context: Context, request: Request, token: Token) -> Seed:
    """The token's seed, or what stands for it with all MACs that the device made for this request.
    Raises KeyMissing.
    """
    plain = context.keyring.open(
        token.seed_key_id, token.sealed_seed, seed_identity(token.institution, token.serial)
    )
    if plain[:_MARK_BYTES] != _MARK:
        return plain
    return _DeviceSeed(plain, (request.made or {}).get(plain, {}))


def need_made(seed: Seed, drawn: bytes = b"") -> None:
    """To be called when a computation over the seed is through: raises AskDevice where MACs were
    missing, so that nothing comes of it. `drawn`: random octets in what was asked for, which the
    next decision finds in `Request.drawn`.
    """
    if isinstance(seed, _DeviceSeed) and seed.missing:
        work = DeviceWork(seed.kept, enclosed_of(seed.kept), tuple(seed.missing), drawn)
        raise AskDevice(work)


def with_made(request: Request, work: DeviceWork, macs: list[bytes]) -> Request:
    """The request with what the device has made for it."""
    before = request.made or {}
    new = dict(zip(work.wanted, macs, strict=True))
    made = {**before, work.kept: {**before.get(work.kept, {}), **new}}
    rounds = request.rounds + 1
    return msgspec.structs.replace(request, made=made, rounds=rounds, drawn=work.drawn)
