"""Settings of the PKCS #11 driver, as the configuration's section [hsm.pkcs11] has them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Seconds = Annotated[float, msgspec.Meta(gt=0)]


class Pkcs11Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """library       path of the vendor's library
    token            label of the token
    sessions         most sessions, and so operations, at one time
    calls            "thread": calls may wait for a network; "inline": they take microseconds, and a
                     thread would cost more than it saves
    waiting_max      operations that may wait for a session; one more is refused as busy
    operation_s      limit of one operation, waiting included
    check_s          how often an idle token is asked whether it is there
    back_off_*_s     pauses after a lost token: doubling, half of it random
    """

    library: str = "/usr/lib/softhsm/libsofthsm2.so"
    token: str = ""
    sessions: Annotated[int, msgspec.Meta(ge=1, le=256)] = 8
    calls: Literal["thread", "inline"] = "thread"
    waiting_max: Annotated[int, msgspec.Meta(ge=1)] = 1_000
    operation_s: Seconds = 2.0
    check_s: Seconds = 5.0
    back_off_first_s: Seconds = 0.25
    back_off_most_s: Seconds = 10.0
