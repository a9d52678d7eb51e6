"""Turns a planned kind into a request, and judges its answer.

| kind      | request                                          | the one answer expected           |
|-----------|--------------------------------------------------|-----------------------------------|
| approve   | a fresh token's right code                       | APPROVED                          |
| wrong     | a fresh token's wrong code                       | WRONG_CODE                        |
| replay    | a code approved in this step, under a new serial | REPLAYED_CODE                     |
| retry     | a just answered serial again, flag RETRY         | the same code and the same fields |
| heartbeat | a MACed heartbeat                                | its echo                          |

A replay or retry that finds nothing to repeat yet becomes an approve. The methods beside TOTP are
`method_workload`'s.

Knows nothing of sockets, connections or time: the step and the business day are given.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tigertally_client.serials import SerialAllocator
from tigertally_load.codes import totp, wrong_code
from tigertally_load.customers import Customers
from tigertally_load.method_workload import MethodWorkload
from tigertally_load.mix import KINDS, Kind
from tigertally_load.population import Population
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText

# Few are kept, since each is used soon: those that find no place are not worth remembering.
_REMEMBERED: Final = 16
_APPROVE, _WRONG, _REPLAY, _RETRY, _HEARTBEAT, _FIRST_METHOD = range(6)
_EXPECTED: Final = {
    Kind.APPROVE: ResponseCode.APPROVED,
    Kind.WRONG: ResponseCode.WRONG_CODE,
    Kind.REPLAY: ResponseCode.REPLAYED_CODE,
}


class Item(msgspec.Struct, frozen=True, gc=False):
    """One request as planned. `message` is None for a heartbeat.

    `code` and `answer` are what must come back; an `answer` of None is not compared.
    """

    kind: Kind
    planned_ns: int
    serial: int
    business_day: int
    step: int
    message: Any
    code: ResponseCode
    answer: object | None = None
    customer: int = -1


class Workload:
    """Makes items and judges answers. One for all connections.

    Args:
        population: the tokens.
        customers: those with TOTP, in their order.
        serials: gives fresh serials.
        institution: of the requests.
        methods: makes what isn't TOTP, if anything is.
    """

    def __init__(
        self,
        population: Population,
        customers: Customers,
        serials: SerialAllocator,
        institution: str,
        methods: MethodWorkload | None = None,
    ) -> None:
        self._population = population
        self._customers = customers
        self._methods = methods
        self._serials = serials
        self._institution = institution
        self._approved: list[Item] = []
        self._answered: list[Item] = []

    def make(self, kind_index: int, planned_ns: int, step: int, business_day: int) -> Item:
        """The next item of kind `KINDS[kind_index]`.

        Raises:
            TokensExhausted: the population is too small for the rate.
        """
        if kind_index >= _FIRST_METHOD:
            return self._method_item(KINDS[kind_index], planned_ns, step, business_day)
        if kind_index == _HEARTBEAT:
            serial = self._serials.allocate()
            return Item(
                Kind.HEARTBEAT, planned_ns, serial, business_day, step, None, ResponseCode.NONE
            )
        if kind_index == _RETRY and self._answered:
            first = self._answered.pop()
            return msgspec.structs.replace(first, kind=Kind.RETRY, planned_ns=planned_ns)
        if kind_index == _REPLAY and (used := self._approved_in(step)) is not None:
            return self._item(Kind.REPLAY, planned_ns, step, business_day, used.message)
        wrong = kind_index == _WRONG
        token = self._customers.take(step, wrong=wrong)
        seed = self._population.seed(token)
        message = VerifyOtpRequest(
            institution=self._institution,
            customer=self._population.customer(token),
            token=self._population.serial(token),
            otp=SecretText(wrong_code(seed, step) if wrong else totp(seed, step)),
        )
        kind = Kind.WRONG if wrong else Kind.APPROVE
        return self._item(kind, planned_ns, step, business_day, message)

    def judge(self, item: Item, code: ResponseCode, answer: object) -> str | None:
        """None when the answer is the expected one, else the name of the error."""
        if code is not item.code:
            return code.name
        if item.customer >= 0:
            assert self._methods is not None
            self._methods.answered(item.kind, item.customer, answer)
            return None
        if item.kind is Kind.RETRY:
            return None if answer == item.answer else "RETRY_DIFFERS"
        if len(self._answered) < _REMEMBERED and item.message is not None:
            self._answered.append(msgspec.structs.replace(item, answer=answer))
        if item.kind is Kind.APPROVE:
            self._remember_approved(item)
        return None

    def _method_item(self, kind: Kind, planned_ns: int, step: int, business_day: int) -> Item:
        assert self._methods is not None
        made = self._methods.makers[kind](step)
        return Item(
            made.kind,
            planned_ns,
            self._serials.allocate(),
            business_day,
            step,
            made.message,
            made.code,
            customer=made.customer,
        )

    def _remember_approved(self, item: Item) -> None:
        if self._approved and self._approved[0].step != item.step:
            self._approved.clear()
        if len(self._approved) < _REMEMBERED:
            self._approved.append(item)

    def _item(
        self,
        kind: Kind,
        planned_ns: int,
        step: int,
        business_day: int,
        message: Any,
    ) -> Item:
        serial = self._serials.allocate()
        return Item(kind, planned_ns, serial, business_day, step, message, _EXPECTED[kind])

    def _approved_in(self, step: int) -> Item | None:
        """An item approved in this very step; older ones are of no use any more."""
        if self._approved and self._approved[-1].step == step:
            return self._approved.pop()
        return None
