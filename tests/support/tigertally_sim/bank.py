"""The bank as its desks see it: wishes as messages, and asking until there is an answer.

Knows how to ask, not what for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import trio

from tigertally_protocol.codes import CODES, CodeClass, ResponseCode
from tigertally_protocol.messages.token import TokenRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_sim.auditor import Attempt, Call
from tigertally_sim.client import FrontEnd, Line, World
from tigertally_sim.devices import Customer, Device

T = Transaction
BUDGET_MS: Final = 2_500
PATIENCE_S: Final = 4.0
SETTLED: Final = frozenset(
    {CodeClass.FORBIDDEN, CodeClass.MALFORMED, CodeClass.INTERNAL, CodeClass.ANSWERED}
)
"""Unrecorded classes after which asking again is no use."""
STRANGE_ADDRESSES: Final = ("203.0.113.66", "203.0.113.67", "203.0.113.68")
NOWHERE: Final = ""
"""What a channel says of an end user's address when it says nothing."""


def homes_of(number: int) -> tuple[str, ...]:
    """A customer's two addresses."""
    return (f"198.51.100.{100 + number}", f"198.51.100.{200 + number}")


@dataclass(slots=True)
class Bank:
    """What acts work on. `owner`: whom a desk believes a token to be bound to; desks may be wrong,
    as operators are.
    """

    world: World
    fronts: list[FrontEnd]
    customers: list[Customer]
    devices: list[Device]
    owner: dict[str, str]
    by_number: dict[str, Customer] = field(default_factory=dict)
    references: int = 0

    def __post_init__(self) -> None:
        self.by_number = {customer.number: customer for customer in self.customers}

    def reference(self) -> str:
        self.references += 1
        return f"ref-{self.references:09d}"

    # Wishes.

    def wish(self, front: FrontEnd, transaction: T, message: Any, **fields: Any) -> Call:
        world = self.world
        fields.setdefault("serial", world.serial())
        fields.setdefault("day", world.today())
        return world.auditor.wish(
            channel_id=front.channel.id, transaction=transaction, message=message, **fields
        )

    def verification(
        self,
        front: FrontEnd,
        device: Device,
        code: str,
        *,
        named: bool = True,
        address: str | None = None,
        **fields: Any,
    ) -> Call:
        """`address` None: wherever the customer may be, or somebody who says he is the customer."""
        customer = self.owner[device.serial]
        message = VerifyOtpRequest(
            customer=customer,
            token=device.serial if named else "",
            reference=self.reference(),
            end_user_address=self._somewhere(customer) if address is None else address,
            otp=SecretText(code),
        )
        return self.wish(
            front,
            T.VERIFY_OTP,
            message,
            customer=customer,
            token=device.serial if named else "",
            codes=(code,),
            **fields,
        )

    def _somewhere(self, customer: str) -> str:
        choose = self.world.random.choice
        homes = self.by_number[customer].addresses
        return choose((*homes, *homes, homes[0], homes[0], choose(STRANGE_ADDRESSES), NOWHERE))

    def operation(self, front: FrontEnd, transaction: T, device: Device, customer: str) -> Call:
        message = TokenRequest(
            customer=customer,
            token=device.serial,
            reference=self.reference(),
            operator="op-7",
            reason="柜台办理",
        )
        return self.wish(front, transaction, message, customer=customer, token=device.serial)

    # Sending and waiting.

    def line(self, front: FrontEnd, call: Call) -> Line | None:
        usable = front.usable(call)
        return self.world.random.choice(usable) if usable else None

    async def ask(self, front: FrontEnd, call: Call, budget_ms: int = BUDGET_MS) -> Attempt | None:
        """One attempt, waited for with little patience; None where no line is open."""
        line = self.line(front, call)
        if line is None:
            return None
        attempt = line.ask(call, budget_ms)
        with trio.move_on_after(PATIENCE_S):
            await attempt.done.wait()
        return attempt

    async def settle(
        self, front: FrontEnd, call: Call, tries: int = 6, budget_ms: int = BUDGET_MS
    ) -> Attempt | None:
        """Asks until there is an answer that asking again can't change."""
        for _ in range(tries):
            attempt = await self.ask(front, call, budget_ms)
            if attempt is not None and is_final(attempt.code):
                return attempt
            pause = (attempt.retry_after_ms if attempt is not None else 0) / 1000
            await trio.sleep(pause + self.world.random.uniform(0.05, 0.5))
        return None

    async def together(self, waits: list[Callable[[], Awaitable[Any]]]) -> None:
        async with trio.open_nursery() as nursery:
            for wait in waits:
                nursery.start_soon(wait)


def is_final(code: ResponseCode | None) -> bool:
    """Whether asking again with the same serial can't change the answer."""
    return code is not None and (CODES[code].recorded or CODES[code].cls in SETTLED)
