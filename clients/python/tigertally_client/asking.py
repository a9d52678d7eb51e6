"""What every typed method of a client stands on: one call, and the institution that is meant.

Knows no message and no connection; `_call` is the client's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from tigertally_client.calls import Message
from tigertally_client.results import Receipt
from tigertally_client.ticket import Ticket
from tigertally_protocol.transactions import Transaction

M = TypeVar("M")
R = TypeVar("R")


class Asking(ABC):
    """The base of the groups of typed methods."""

    @property
    @abstractmethod
    def institution(self) -> str:
        """The institution that is meant when a call names none."""

    @property
    @abstractmethod
    def charset(self) -> str:
        """The channel's charset."""

    @abstractmethod
    async def _call(
        self,
        transaction: Transaction,
        message: Message,
        build: Callable[[Receipt, M], R],
        *,
        timeout_s: float | None,
        ticket: Ticket | None,
    ) -> R: ...

    def _institution(self, institution: str | None) -> str:
        return self.institution if institution is None else institution
