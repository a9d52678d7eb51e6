"""Known answers of SM2 (GB/T 32918.5-2017, annexes A and C), asked of an implementation before it
is used: one that gets them wrong is not used at all.
"""

from __future__ import annotations

from typing import Final

from tigertally_drivers.errors import DriverError, Misbehaved
from tigertally_drivers.gm.port import Sm2

_SCALAR: Final = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
_POINT: Final = bytes.fromhex(
    "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
_MESSAGE: Final = b"message digest"
_SIGNATURE: Final = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
_PLAIN: Final = b"encryption standard"
_CIPHERTEXT: Final = bytes.fromhex(
    "0404EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73"
    "E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0"
    "59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766"
    "21886CA989CA9C7D58087307CA93092D651EFA"
)


def test_known_answers(sm2: Sm2) -> None:
    """Raises Misbehaved at the first wrong answer."""
    try:
        failed = _first_wrong(sm2)
    except DriverError as problem:
        raise Misbehaved(f"SM2 self-test of {sm2.name}: {problem}") from None
    if failed:
        raise Misbehaved(f"SM2 self-test of {sm2.name}: {failed}")


def _first_wrong(sm2: Sm2) -> str:
    public = sm2.public_key(_POINT)
    if not public.verify(_MESSAGE, _SIGNATURE):
        return "refuses the standard's signature"
    forged = _SIGNATURE[:-1] + bytes((_SIGNATURE[-1] ^ 1,))
    if (
        public.verify(_MESSAGE, forged)
        or public.verify(_MESSAGE + b".", _SIGNATURE)
        or public.verify(_MESSAGE, _SIGNATURE, b"")
    ):
        return "approves a signature that is none"
    if not sm2.complete:
        return ""
    private = sm2.private_key(_SCALAR)
    if private.public.point != _POINT:
        return "derives another public key"
    if not public.verify(_MESSAGE, private.sign(_MESSAGE)):
        return "refuses its own signature"
    if private.decrypt(_CIPHERTEXT) != _PLAIN:
        return "does not open the standard's ciphertext"
    if private.decrypt(public.encrypt(_PLAIN)) != _PLAIN:
        return "does not open its own ciphertext"
    return ""
