"""What every answer of the business layer begins with.

`detail` names the bad field when the code is BAD_FIELD; `entry_shard` and `entry_seq` say where the
answer stands in the audit log, so that a bank can ask for the proof.
"""

from __future__ import annotations

from typing import Any

import msgspec

from tigertally_protocol.constants import NO_SHARD
from tigertally_protocol.fields import U16, U64, Ident


class BusinessResponse(msgspec.Struct, frozen=True, gc=False):
    """First fields of every business response; `entry_shard` 0xFFFF: nothing was recorded."""

    detail: str = ""
    entry_shard: int = NO_SHARD
    entry_seq: int = 0


def prefix() -> tuple[Any, ...]:
    """The declaration of `BusinessResponse`'s fields."""
    return ("detail" / Ident(32), "entry_shard" / U16, "entry_seq" / U64)


def institution_and_customer() -> tuple[Any, ...]:
    """The two fields that name a user."""
    return ("institution" / Ident(12), "customer" / Ident(32))
