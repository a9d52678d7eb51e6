"""What the bank does all day, and what it shouldn't: right codes, wrong ones, used ones, one code
from everywhere at once, retries, cancellations, questions, operators, bursts.

Each act is one row in `ACTS`. Desks (tasks) draw acts by weight until the steps are used up. Acts
only send and wait; whether the answers were right is for the checkers.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import trio

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.query import (
    CancelSerialRequest,
    QueryReferenceRequest,
    QuerySerialRequest,
)
from tigertally_protocol.messages.token import BindTokenRequest, ResyncTokenRequest
from tigertally_protocol.messages.user import (
    CloseUserRequest,
    QueryUserRequest,
    RegisterUserRequest,
)
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_sim.auditor import Call
from tigertally_sim.bank import BUDGET_MS, STRANGE_ADDRESSES, Bank, is_final
from tigertally_sim.client import FrontEnd
from tigertally_sim.devices import Device

T = Transaction


@dataclass(slots=True)
class Desk:
    """One employee with a seeded mind."""

    bank: Bank
    random: random.Random

    @property
    def front(self) -> FrontEnd:
        return self.random.choice(self.bank.fronts)

    @property
    def device(self) -> Device:
        return self.random.choice([d for d in self.bank.devices if self.bank.owner[d.serial]])

    @property
    def tries(self) -> int:
        """Some give up early."""
        return self.random.choice((1, 2, 6))

    # Acts.

    async def right_code(self) -> None:
        front, device = self.front, self.device
        code = device.right(self.random)
        call = self.bank.verification(front, device, code, named=self.random.random() < 0.6)
        await self.bank.settle(front, call, self.tries)

    async def wrong_code(self) -> None:
        front, device = self.front, self.device
        call = self.bank.verification(front, device, device.wrong(self.random))
        await self.bank.settle(front, call, self.tries)

    async def used_code(self) -> None:
        device = self.device
        if device.used:
            front = self.front
            call = self.bank.verification(front, device, self.random.choice(device.used[-6:]))
            await self.bank.settle(front, call, self.tries)

    async def one_code_everywhere(self) -> None:
        """The same code under many serials, on all channels and both nodes at once."""
        device = self.device
        code = device.right(self.random)
        waits = []
        for _ in range(self.random.randrange(2, 7)):
            front = self.front
            call = self.bank.verification(front, device, code)
            waits.append(_later(self.bank.settle, front, call, self.tries))
        await self.bank.together(waits)

    async def one_serial_everywhere(self) -> None:
        """A client that sends one call on all of its lines at once."""
        front, device = self.front, self.device
        call = self.bank.verification(front, device, device.right(self.random))
        for line in front.usable(call):
            line.ask(call, BUDGET_MS)
        await trio.sleep(self.random.uniform(0, 1))
        await self.bank.settle(front, call)

    async def guessing(self) -> None:
        """Wrong codes as fast as they go, and a right one among them; mostly from one place."""
        device = self.device
        place = self.random.choice((None, *STRANGE_ADDRESSES[:2]))
        waits = []
        for n in range(self.random.randrange(3, 12)):
            front = self.front
            right = n == 3 and self.random.random() < 0.5
            code = device.right(self.random) if right else device.wrong(self.random)
            at = None if right else place
            call = self.bank.verification(front, device, code, address=at)
            waits.append(_later(self.bank.settle, front, call, 2))
        await self.bank.together(waits)

    async def cancelled(self) -> None:
        """A verification and its cancellation, in either order or at once."""
        bank, front, device = self.bank, self.front, self.device
        call = bank.verification(front, device, device.right(self.random))
        message = CancelSerialRequest(serial=call.serial, operator="op-7", reason="客户放弃")
        cancel = bank.wish(front, T.CANCEL_SERIAL, message, day=call.day)
        waits = [
            _later(bank.settle, front, call, self.tries),
            _later(bank.settle, front, cancel, self.tries),
        ]
        order = self.random.randrange(3)
        if order == 0:
            await bank.together(waits)
            return
        for wait in waits if order == 1 else reversed(waits):
            await wait()

    async def questions(self) -> None:
        bank, front = self.bank, self.front
        own = [c for c in bank.world.auditor.calls[-60:] if c.transaction is not T.QUERY_SERIAL]
        if not own:
            return
        about = self.random.choice(own)
        if self.random.random() < 0.6 or not getattr(about.message, "reference", ""):
            message: Any = QuerySerialRequest(
                channel=about.channel_id, business_day=about.day, serial=about.serial
            )
            call = bank.wish(front, T.QUERY_SERIAL, message)
        else:
            message = QueryReferenceRequest(
                channel=about.channel_id,
                business_day=about.day,
                reference=about.message.reference,
            )
            call = bank.wish(front, T.QUERY_REFERENCE, message)
        await bank.ask(front, call)

    async def customer_shown(self) -> None:
        front, customer = self.front, self.random.choice(self.bank.customers)
        message = QueryUserRequest(customer=customer.number)
        call = self.bank.wish(front, T.QUERY_USER, message, customer=customer.number)
        await self.bank.ask(front, call)

    async def conflict(self) -> None:
        """One serial for two different things."""
        bank, front, device = self.bank, self.front, self.device
        call = bank.verification(front, device, device.right(self.random))
        other = bank.verification(
            front, self.device, device.wrong(self.random), serial=call.serial, day=call.day
        )
        if self.random.random() < 0.5:
            await bank.settle(front, call)
            await bank.settle(front, other, 2)
            return
        first, second = self.random.sample([call, other], 2)
        for each in (first, second):
            line = bank.line(front, each)
            if line is not None:
                line.ask(each, BUDGET_MS)
        await trio.sleep(1)

    async def hurried(self) -> None:
        """Budgets in which hardly anything can be done."""
        bank, front, device = self.bank, self.front, self.device
        call = bank.verification(front, device, device.right(self.random))
        for _ in range(self.random.randrange(1, 4)):
            attempt = await bank.ask(front, call, self.random.choice((1, 5, 30, 120)))
            if attempt is not None and is_final(attempt.code):
                return
            await trio.sleep(self.random.uniform(0, 0.3))

    async def burst(self) -> None:
        """More than one line, and one channel, may have open."""
        bank, front = self.bank, self.front
        usable = front.usable()
        if not usable:
            return
        line = self.random.choice(usable)
        calls = []
        for _ in range(line.limit + self.random.randrange(1, 12)):
            device = self.device
            guess = self.random.random() < 0.2
            code = device.wrong(self.random) if guess else device.right(self.random)
            calls.append(bank.verification(front, device, code))
        for call in calls:
            line.ask(call, BUDGET_MS)
        await trio.sleep(self.random.uniform(0.2, 3))
        for call in calls:
            if self.random.random() < 0.3:
                await bank.settle(front, call, 1)

    async def operated(self) -> None:
        """Disable, enable, unlock: sometimes what makes no sense."""
        bank, front, device = self.bank, self.front, self.device
        what = self.random.choice(
            (T.DISABLE_TOKEN, T.ENABLE_TOKEN, T.ENABLE_TOKEN, T.UNLOCK_TOKEN, T.UNLOCK_TOKEN)
        )
        customer = bank.owner[device.serial]
        await bank.settle(front, bank.operation(front, what, device, customer), self.tries)
        if what is T.DISABLE_TOKEN:
            waits = []
            for _ in range(self.random.randrange(1, 3)):
                other = self.front
                call = bank.verification(other, device, device.right(self.random))
                waits.append(_later(bank.settle, other, call, 2))
            await bank.together(waits)
            await trio.sleep(self.random.uniform(0, 4))
            enable = bank.operation(front, T.ENABLE_TOKEN, device, customer)
            await bank.settle(front, enable)

    async def rebound(self) -> None:
        """Taken from one customer, tried, and given to one again."""
        bank, front, device = self.bank, self.front, self.device
        customer = bank.owner[device.serial]
        unbind = bank.operation(front, T.UNBIND_TOKEN, device, customer)
        await bank.settle(front, unbind, self.tries)
        call = bank.verification(self.front, device, device.right(self.random))
        front = self._front_of(call)
        await bank.settle(front, call, 2)
        again = self.random.choice((customer, self.random.choice(bank.customers).number))
        given = self.random.choice(("", "", device.right(self.random), device.wrong(self.random)))
        for code in (given, ""):
            message = BindTokenRequest(
                customer=again,
                token=device.serial,
                reference=bank.reference(),
                operator="op-7",
                otp=SecretText(code),
            )
            codes = (code,) if code else ()
            bind = bank.wish(
                front, T.BIND_TOKEN, message, customer=again, token=device.serial, codes=codes
            )
            answer = await bank.settle(front, bind)
            if answer is not None and answer.code is ResponseCode.CHANGED:
                bank.owner[device.serial] = again
                return

    async def closed(self) -> None:
        """A customer closed, verified against, and registered again."""
        bank, front, device = self.bank, self.front, self.device
        customer = bank.by_number[bank.owner[device.serial]]
        close = CloseUserRequest(
            customer=customer.number,
            reference=bank.reference(),
            operator="op-7",
            reason="销户",
        )
        wish = bank.wish(front, T.CLOSE_USER, close, customer=customer.number)
        await bank.settle(front, wish, self.tries)
        other = self.front
        call = bank.verification(other, device, device.right(self.random))
        await bank.settle(other, call, 2)
        message = RegisterUserRequest(
            customer=customer.number,
            reference=bank.reference(),
            operator="op-7",
            name=SecretText(customer.name),
            mobile=SecretText(customer.mobile),
        )
        register = bank.wish(front, T.REGISTER_USER, message, customer=customer.number)
        await bank.settle(front, register)

    async def resynced(self) -> None:
        """A token whose clock or counter ran away, found again by two codes."""
        bank, front, device = self.bank, self.front, self.device
        if device.by_time:
            device.drift = self.random.randrange(-6, 7)
        else:
            device.counter += self.random.randrange(0, 12)
        code_1, code_2 = device.pair(self.random)
        if self.random.random() < 0.3:
            code_2 = device.wrong(self.random)
        customer = bank.owner[device.serial]
        message = ResyncTokenRequest(
            customer=customer,
            token=device.serial,
            reference=bank.reference(),
            operator="op-7",
            otp_1=SecretText(code_1),
            otp_2=SecretText(code_2),
        )
        call = bank.wish(
            front,
            T.RESYNC_TOKEN,
            message,
            customer=customer,
            token=device.serial,
            codes=(code_1, code_2),
        )
        await bank.settle(front, call, self.tries)

    async def not_allowed(self) -> None:
        """What is refused before it is looked at."""
        bank, front, device = self.bank, self.front, self.device
        code = device.right(self.random)
        call = bank.verification(front, device, code, day=bank.world.today() + 5)
        await bank.ask(front, call)
        message = QueryUserRequest(institution="9999", customer="C000001")
        await bank.ask(front, bank.wish(front, T.QUERY_USER, message))

    async def line_trouble(self) -> None:
        """Key changes, heartbeats and sign-offs in the middle of work."""
        front = self.front
        for line in front.usable():
            what = self.random.randrange(4)
            if what == 0:
                line.change_keys()
            elif what == 1:
                line.beat()
            elif what == 2:
                line.sign_off()
            await trio.sleep(self.random.uniform(0, 0.2))

    async def stranger(self) -> None:
        """Somebody without the key, somebody who says nothing, and one connection too many."""
        world, front = self.bank.world, self.front
        node = self.random.choice(world.nodes)
        kind = self.random.randrange(3)
        if kind == 0:
            key = world.entropy.token_bytes(len(front._master_key))
            line = front.connect(node, key)
        elif kind == 1 and node.listening:
            _, client_end, server_end = world.network.connect()
            node.accept(server_end, "10.9.9.9")
            await trio.sleep(self.random.uniform(0, 6))
            await trio.aclose_forcefully(client_end)
            return
        else:
            line = front.connect(node, front._master_key)
        if line is not None:
            with trio.move_on_after(self.random.uniform(0.5, 8)):
                await line.run(lambda: None)

    def _front_of(self, call: Call) -> FrontEnd:
        return next(f for f in self.bank.fronts if f.channel.id == call.channel_id)


def _later(
    function: Callable[..., Awaitable[Any]], *arguments: Any
) -> Callable[[], Awaitable[Any]]:
    async def run() -> None:
        await function(*arguments)

    return run


ACTS: Final[tuple[tuple[int, Callable[[Desk], Awaitable[None]]], ...]] = (
    (14, Desk.right_code),
    (6, Desk.wrong_code),
    (5, Desk.used_code),
    (8, Desk.one_code_everywhere),
    (8, Desk.one_serial_everywhere),
    (7, Desk.guessing),
    (8, Desk.cancelled),
    (6, Desk.questions),
    (2, Desk.customer_shown),
    (5, Desk.conflict),
    (6, Desk.hurried),
    (3, Desk.burst),
    (7, Desk.operated),
    (4, Desk.rebound),
    (3, Desk.closed),
    (5, Desk.resynced),
    (1, Desk.not_allowed),
    (3, Desk.line_trouble),
    (2, Desk.stranger),
)
FOCUS: Final = 12


class Steps:
    """How many acts are left, and how often each is drawn."""

    def __init__(self, count: int, focus: tuple[str, ...]) -> None:
        self.left = count
        self.weights = [w * (FOCUS if act.__name__ in focus else 1) for w, act in ACTS]


async def work(desk: Desk, steps: Steps) -> None:
    """Acts until the steps are used up."""
    while steps.left > 0:
        steps.left -= 1
        _, act = desk.random.choices(ACTS, steps.weights)[0]
        desk.bank.world.trace.event("desk", "act", act.__name__)
        await act(desk)
        await trio.sleep(desk.random.uniform(0, 0.8))
