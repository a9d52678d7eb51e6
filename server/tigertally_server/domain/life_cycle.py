"""The life cycle of a token (令牌生命周期) as one table: what may be done in which state, what
comes of it, and with which code everything else is refused.

States are those a person is shown. Three of them are facts of time, not stored: a token that is
stored as active is shown as locked, expired or not yet valid. Every transition is somebody's act
and stands in the log; nothing but `TRANSITIONS` says that one is legal, and nothing but `refusal`
says how the others are refused. docs/LIFE_CYCLE.md is made from these tables.

Knows neither customers nor codes of tokens: whose token it is was settled before, and whether a
code is right is the engine's to say.

Invariants: a token in stock has no owner, and one in any other state has (a void one keeps its last
owner, if it had one, until it is restored into the stock); only an active token verifies.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Final

import msgspec

from tigertally_protocol.codes import ResponseCode
from tigertally_server.domain.token import NO_OWNER, Token, TokenState, shown_state
from tigertally_server.domain.token_extra import extra_of, stored_extra


class TokenOperation(StrEnum):
    """What the life cycle judges."""

    BIND = "bind"
    ASSIGN = "assign"
    ACTIVATE = "activate"
    UNBIND = "unbind"
    ENABLE = "enable"
    DISABLE = "disable"
    UNLOCK = "unlock"
    RESYNC = "resync"
    VERIFY = "verify"
    REPORT_LOSS = "report loss"
    WITHDRAW_LOSS = "withdraw loss"
    REPLACE = "replace"
    VOID = "void"
    RESTORE = "restore"


class Remembered(Enum):
    """A target that the token itself remembers."""

    STATE_BEFORE = "the state before"


_S, _O, _C = TokenState, TokenOperation, ResponseCode
Target = TokenState | Remembered

_ACTIVE: Final[dict[TokenOperation, Target]] = {
    _O.VERIFY: _S.ACTIVE,
    _O.RESYNC: _S.ACTIVE,
    _O.UNLOCK: _S.ACTIVE,
    _O.DISABLE: _S.DISABLED,
    _O.UNBIND: _S.IN_STOCK,
    _O.REPORT_LOSS: _S.LOST,
    _O.REPLACE: _S.REPLACED,
    _O.VOID: _S.VOID,
}
# A lock and a validity that is over or to come stop the codes of an active token, nothing else.
_NO_CODES: Final[dict[TokenOperation, Target]] = {
    operation: target
    for operation, target in _ACTIVE.items()
    if operation not in (_O.VERIFY, _O.RESYNC)
}

_ROWS: Final[dict[TokenState, dict[TokenOperation, Target]]] = {
    _S.IN_STOCK: {_O.BIND: _S.ACTIVE, _O.ASSIGN: _S.ASSIGNED, _O.VOID: _S.VOID},
    _S.ASSIGNED: {
        _O.ACTIVATE: _S.ACTIVE,
        _O.UNBIND: _S.IN_STOCK,
        _O.REPORT_LOSS: _S.LOST,
        _O.REPLACE: _S.REPLACED,
        _O.VOID: _S.VOID,
    },
    _S.ACTIVE: _ACTIVE,
    _S.LOCKED: _NO_CODES,
    _S.EXPIRED: _NO_CODES,
    _S.NOT_YET_VALID: _NO_CODES,
    _S.DISABLED: {
        _O.ENABLE: _S.ACTIVE,
        _O.UNLOCK: _S.DISABLED,
        _O.UNBIND: _S.IN_STOCK,
        _O.REPORT_LOSS: _S.LOST,
        _O.REPLACE: _S.REPLACED,
        _O.VOID: _S.VOID,
    },
    _S.LOST: {
        _O.WITHDRAW_LOSS: Remembered.STATE_BEFORE,
        _O.REPLACE: _S.REPLACED,
        _O.VOID: _S.VOID,
    },
    _S.REPLACED: {_O.VOID: _S.VOID},
    _S.VOID: {_O.RESTORE: _S.IN_STOCK},
}

TRANSITIONS: Final[dict[tuple[TokenState, TokenOperation], Target]] = {
    (state, operation): target for state, row in _ROWS.items() for operation, target in row.items()
}
"""Every pair that isn't here is refused."""

STORED_AS: Final = {
    _S.LOCKED: _S.ACTIVE,
    _S.EXPIRED: _S.ACTIVE,
    _S.NOT_YET_VALID: _S.ACTIVE,
}
"""States that are shown only, and what the row holds."""

LOSABLE: Final = tuple(
    dict.fromkeys(
        STORED_AS.get(state, state)
        for (state, operation) in TRANSITIONS
        if operation is _O.REPORT_LOSS
    )
)
"""States a report of loss starts from, and its withdrawal leads back to."""

_BY_STATE: Final[dict[TokenState, ResponseCode]] = {
    _S.IN_STOCK: _C.TOKEN_NOT_BOUND,
    _S.ASSIGNED: _C.TOKEN_NOT_ACTIVATED,
    _S.ACTIVE: _C.ILLEGAL_TRANSITION,
    _S.LOCKED: _C.TOKEN_LOCKED,
    _S.EXPIRED: _C.TOKEN_EXPIRED,
    _S.NOT_YET_VALID: _C.TOKEN_NOT_YET_VALID,
    _S.DISABLED: _C.TOKEN_DISABLED,
    _S.LOST: _C.TOKEN_LOST,
    _S.REPLACED: _C.TOKEN_REPLACED,
    _S.VOID: _C.TOKEN_VOID,
}
_BY_OPERATION: Final[dict[TokenOperation, ResponseCode]] = {
    _O.BIND: _C.ILLEGAL_TRANSITION,
    _O.ASSIGN: _C.ILLEGAL_TRANSITION,
    _O.ACTIVATE: _C.NOTHING_TO_ACTIVATE,
    _O.ENABLE: _C.ILLEGAL_TRANSITION,
    _O.WITHDRAW_LOSS: _C.NOTHING_TO_WITHDRAW,
    _O.RESTORE: _C.NOTHING_TO_RESTORE,
}
# In these states the state itself is the reason, whatever was asked.
_TELLING: Final = frozenset({_S.IN_STOCK, _S.LOST, _S.REPLACED, _S.VOID})
_PAIRS: Final[dict[tuple[TokenState, TokenOperation], ResponseCode]] = {
    (_S.IN_STOCK, _O.RESTORE): _C.NOTHING_TO_RESTORE,
    (_S.ASSIGNED, _O.ENABLE): _C.TOKEN_NOT_ACTIVATED,
}


def refusal(state: TokenState, operation: TokenOperation) -> ResponseCode | None:
    """Why `operation` is refused in the shown `state`; None where it is legal."""
    pair = (state, operation)
    if pair in TRANSITIONS:
        return None
    if pair in _PAIRS:
        return _PAIRS[pair]
    if state in _TELLING or operation not in _BY_OPERATION:
        return _BY_STATE[state]
    return _BY_OPERATION[operation]


# What hands a token over or begins its use: pointless, and misleading, once its validity is over.
_BEGINNINGS: Final = frozenset({_O.BIND, _O.ASSIGN, _O.ACTIVATE})


def moved(token: Token, operation: TokenOperation, now_ms: int) -> Token | ResponseCode:
    """The token after `operation` at `now_ms`, or the code of the refusal.

    Sets the state, remembers or forgets what the state needs, and releases the owner of a token
    that goes back to the stock. Giving it an owner and clearing failures is the caller's.
    """
    code = refusal(shown_state(token, now_ms), operation)
    if code is not None:
        return code
    if operation in _BEGINNINGS and now_ms >= token.valid_to_ms:
        return ResponseCode.TOKEN_EXPIRED
    target = TRANSITIONS[shown_state(token, now_ms), operation]
    extra = extra_of(token.extra)
    after = TokenState(extra.state_before) if isinstance(target, Remembered) else target
    before = token.state if after is TokenState.LOST else 0
    if before != extra.state_before:
        extra = msgspec.structs.replace(extra, state_before=int(before))
    changed = msgspec.structs.replace(token, state=after, extra=stored_extra(extra))
    if after is TokenState.IN_STOCK:
        return msgspec.structs.replace(changed, owner_id=NO_OWNER, owner_state=0)
    return changed
