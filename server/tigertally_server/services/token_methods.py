"""The methods that hang on a token, and what becomes of them when the token's life goes on: an
emergency code ends with the loss it stood in for, a PIN and a pending activation with the token.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tigertally_engines.otp.state import OtpState
from tigertally_server.domain.account import Account
from tigertally_server.domain.administration import ReseedToken
from tigertally_server.domain.credential import Credential, CredentialKind, CredentialState
from tigertally_server.domain.life_cycle import TokenOperation
from tigertally_server.domain.token import Token
from tigertally_server.domain.token_extra import extra_of, stored_extra
from tigertally_server.services.request import Request
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

_EMERGENCY, _ACTIVATION, _PIN = (
    CredentialKind.EMERGENCY_CODE,
    CredentialKind.ACTIVATION,
    CredentialKind.TOKEN_PIN,
)
_ENDING: Final[dict[TokenOperation, tuple[CredentialKind, ...]]] = {
    TokenOperation.WITHDRAW_LOSS: (_EMERGENCY,),
    TokenOperation.REPLACE: (_EMERGENCY, _ACTIVATION, _PIN),
    TokenOperation.VOID: (_EMERGENCY, _ACTIVATION, _PIN),
    TokenOperation.UNBIND: (_ACTIVATION, _PIN),
    TokenOperation.ACTIVATE: (_ACTIVATION,),
}


def need_methods(request: Request, needs: Needs) -> None:
    """All methods of the customer that hang on tokens, locked."""
    message = request.message
    institution = request.institution_of(message.institution)
    for kind in (_EMERGENCY, _ACTIVATION, _PIN):
        needs.credentials.add((institution, message.customer, int(kind)))


def ended_methods(
    work: WorkingSet,
    account: Account | None,
    serial: str,
    operation: TokenOperation,
    now_ms: int,
) -> tuple[Credential, ...]:
    """The methods of this token that end with the operation, as they are then."""
    if account is None:
        return ()
    found = (work.credential(account, kind, serial) for kind in _ENDING.get(operation, ()))
    return tuple(
        msgspec.structs.replace(method, state=CredentialState.VOID, changed_at_ms=now_ms)
        for method in found
        if method is not None and method.state is not CredentialState.VOID
    )


def is_mobile(token: Token) -> bool:
    """Whether the token lives on a telephone: its seed is made by each activation."""
    return not token.sealed_seed or extra_of(token.extra).seeded


def reseeded(token: Token, key_id: int, sealed: bytes) -> tuple[Token, tuple[ReseedToken, ...]]:
    """The token with a seed that was made for it (empty: without one), and the write that gives it
    to it. Its counter or time starts anew with the seed.
    """
    if not sealed and not token.sealed_seed:
        return token, ()
    extra = msgspec.structs.replace(extra_of(token.extra), seeded=bool(sealed))
    given = msgspec.structs.replace(
        token,
        seed_key_id=key_id,
        sealed_seed=sealed,
        static_rev=token.static_rev + 1,
        otp=OtpState(),
        extra=stored_extra(extra),
    )
    return given, (ReseedToken(given),)


def unseeded(token: Token) -> tuple[Token, tuple[ReseedToken, ...]]:
    """A token of the stock: a seed that was made for its last owner's telephone is gone."""
    if not extra_of(token.extra).seeded:
        return token, ()
    return reseeded(token, token.seed_key_id, b"")
