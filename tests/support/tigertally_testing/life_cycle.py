"""The life cycle of a token, written out by hand: what each operation does in each shown state. The
tests hold the product's table and its services against it.
"""

from __future__ import annotations

from typing import Final

from tigertally_protocol.codes import ResponseCode as C
from tigertally_server.domain.life_cycle import Remembered, TokenOperation
from tigertally_server.domain.token import TokenState

_S = TokenState
_BACK = Remembered.STATE_BEFORE
Cell = TokenState | Remembered | C
# The operations in the order of the columns below.
_COLUMNS: Final = (
    TokenOperation.BIND,
    TokenOperation.ASSIGN,
    TokenOperation.ACTIVATE,
    TokenOperation.VERIFY,
    TokenOperation.RESYNC,
    TokenOperation.UNLOCK,
    TokenOperation.ENABLE,
    TokenOperation.DISABLE,
    TokenOperation.UNBIND,
    TokenOperation.REPORT_LOSS,
    TokenOperation.WITHDRAW_LOSS,
    TokenOperation.REPLACE,
    TokenOperation.VOID,
    TokenOperation.RESTORE,
)
_OTHER, _NO_BIND, _NO_ACT = C.ILLEGAL_TRANSITION, C.TOKEN_NOT_BOUND, C.TOKEN_NOT_ACTIVATED
_DONE, _NO_LOSS, _NO_VOID = C.NOTHING_TO_ACTIVATE, C.NOTHING_TO_WITHDRAW, C.NOTHING_TO_RESTORE


def _active(verify: Cell, resync: Cell, disabled: Cell = _S.DISABLED) -> tuple[Cell, ...]:
    """A row of what is stored as active; they differ in what becomes of codes."""
    return (
        *(_OTHER, _OTHER, _DONE, verify, resync, _S.ACTIVE, _OTHER, disabled),
        *(_S.IN_STOCK, _S.LOST, _NO_LOSS, _S.REPLACED, _S.VOID, _NO_VOID),
    )


_ROWS: Final[dict[TokenState, tuple[Cell, ...]]] = {
    _S.IN_STOCK: (
        *(_S.ACTIVE, _S.ASSIGNED, _NO_BIND, _NO_BIND, _NO_BIND, _NO_BIND, _NO_BIND, _NO_BIND),
        *(_NO_BIND, _NO_BIND, _NO_BIND, _NO_BIND, _S.VOID, _NO_VOID),
    ),
    _S.ASSIGNED: (
        *(_OTHER, _OTHER, _S.ACTIVE, _NO_ACT, _NO_ACT, _NO_ACT, _NO_ACT, _NO_ACT),
        *(_S.IN_STOCK, _S.LOST, _NO_LOSS, _S.REPLACED, _S.VOID, _NO_VOID),
    ),
    _S.ACTIVE: _active(_S.ACTIVE, _S.ACTIVE),
    _S.LOCKED: _active(C.TOKEN_LOCKED, C.TOKEN_LOCKED),
    _S.EXPIRED: _active(C.TOKEN_EXPIRED, C.TOKEN_EXPIRED),
    _S.NOT_YET_VALID: _active(C.TOKEN_NOT_YET_VALID, C.TOKEN_NOT_YET_VALID),
    _S.DISABLED: (
        *(_OTHER, _OTHER, _DONE, C.TOKEN_DISABLED, C.TOKEN_DISABLED, _S.DISABLED, _S.ACTIVE),
        *(C.TOKEN_DISABLED, _S.IN_STOCK, _S.LOST, _NO_LOSS, _S.REPLACED, _S.VOID, _NO_VOID),
    ),
    _S.LOST: (*(C.TOKEN_LOST,) * 10, _BACK, _S.REPLACED, _S.VOID, C.TOKEN_LOST),
    _S.REPLACED: (*(C.TOKEN_REPLACED,) * 12, _S.VOID, C.TOKEN_REPLACED),
    _S.VOID: (*(C.TOKEN_VOID,) * 13, _S.IN_STOCK),
}

MATRIX: Final[dict[TokenState, dict[TokenOperation, Cell]]] = {
    state: dict(zip(_COLUMNS, row, strict=True)) for state, row in _ROWS.items()
}
