"""The `command_status` values (SMPP 3.4 §5.1.3) that change what we do, and what each means to the
caller. All others refuse the message.
"""

from __future__ import annotations

import enum
from typing import Final


class Status(enum.IntEnum):
    """Named as in the specification, without their prefix ESME_."""

    ROK = 0x00
    RINVCMDLEN = 0x02
    RINVCMDID = 0x03
    RINVBNDSTS = 0x04
    RALYBND = 0x05
    RSYSERR = 0x08
    RINVDSTADR = 0x0B
    RBINDFAIL = 0x0D
    RINVPASWD = 0x0E
    RINVSYSID = 0x0F
    RMSGQFUL = 0x14
    RSUBMITFAIL = 0x45
    RTHROTTLED = 0x58
    RX_T_APPN = 0x64


SLOW_DOWN: Final = frozenset({Status.RTHROTTLED, Status.RMSGQFUL})
"""Not taken, but welcome later: everybody waits a little and tries again."""
NOT_NOW: Final = frozenset({Status.RSYSERR, Status.RINVBNDSTS})
"""Not taken, and for a reason that isn't the message's."""


def describe(status: int) -> str:
    """For people: name and number."""
    try:
        return f"ESME_{Status(status).name} ({status:#04x})"
    except ValueError:
        return f"command_status {status:#04x}"
