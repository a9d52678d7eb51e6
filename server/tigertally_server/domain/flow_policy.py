"""A flow policy: what the bank asks for under a name ("payment"), in one place instead of in every
channel.

Knows no factor: that the expression can be read was checked when the policy was written, and is
checked again by who begins a flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DEADLINE_DEFAULT_S: Final = 300
DEADLINE_MAX_S: Final = 86_400
TRIES_DEFAULT: Final = 10
TRIES_MAX: Final = 1000

EVERY_INSTITUTION: Final = ""

PolicyKey = tuple[str, str]
"""(institution, name)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPolicy:
    """`deadline_s` is the longest a flow may take, and how long it takes where the channel says
    nothing; `tries` refused tries end it (0: only the factors' own limits hold). Without an
    institution it is every institution's that has none of that name itself. A policy that was
    removed keeps its row and its name.
    """

    name: str
    institution: str = EVERY_INSTITUTION
    expression: str
    deadline_s: int = DEADLINE_DEFAULT_S
    tries: int = TRIES_DEFAULT
    removed: bool = False

    @property
    def key(self) -> PolicyKey:
        return (self.institution, self.name)
