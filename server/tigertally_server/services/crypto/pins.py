"""PINs of cards for channels: a block translated to another key and format, a PIN verified by what
the bank keeps in place of it, and that value made.

The clear PIN exists between two lines of this module as a `ClearPin`, and nowhere else: not in an
answer, an entry, an error or a log. Wrong PINs are counted per account number within a day, also
over channels of the institution and whatever value is offered, because whoever varies the offset
searches the PIN as well. The count is read without a lock: of requests in different batches at the
same moment, each sees those before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tigertally_engines.crypto import pins
from tigertally_engines.crypto.pin_blocks import (
    BlockRefused,
    ClearPin,
    PinFormat,
    block_bytes,
    is_account,
    make_block,
    open_block,
)
from tigertally_engines.crypto.pins import PinMethod
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import BLANK_TRIES
from tigertally_protocol.messages.crypto import (
    PIN_BLOCK_BYTES,
    MakePinValueRequest,
    MakePinValueResponse,
    TranslatePinRequest,
    TranslatePinResponse,
    VerifyPinRequest,
    VerifyPinResponse,
)
from tigertally_protocol.secret import SecretBytes, SecretText
from tigertally_server.domain.send_count import CountScope, SendCount
from tigertally_server.services.context import Context
from tigertally_server.services.crypto.answers import (
    finder_of,
    octets,
    one_of,
    personal,
    refusal,
)
from tigertally_server.services.crypto.finding import Finder, OpenedKey, Refused, Use, of_key
from tigertally_server.services.request import Decision, Request
from tigertally_server.services.working_set import WorkingSet
from tigertally_server.store.port import Needs

PURPOSE: Final = "pin-block"
_VALUE_PURPOSES: Final = {
    PinMethod.PVV: "pin-pvv",
    PinMethod.OFFSET: "pin-offset",
    PinMethod.VERIFIER: "pin-verifier",
}
_DAY_MS: Final = 86_400_000
_BUCKET_MS: Final = 600_000
_LAST_INDEX: Final = 9

PinRequest = TranslatePinRequest | VerifyPinRequest | MakePinValueRequest


def need_tries(request: Request, needs: Needs) -> None:
    """How often the account number's PIN was wrong."""
    needs.counters.add((CountScope.PIN, needs.digest_of(_counted(request))))


def translate_pin(
    request: Request, finder: Finder, context: Context, fresh: bytes
) -> TranslatePinResponse:
    """Under another key, in another format, for the same account number."""
    message: TranslatePinRequest = request.message
    key = finder.key(message.key, PURPOSE, Use.CHECK, message.key_generation)
    new_key = finder.key(message.new_key, PURPOSE, Use.MAKE)
    new_format: PinFormat = one_of(PinFormat, message.new_format, "new_format")
    pin = _opened(message, key)
    account = message.account.reveal()
    made = of_key(lambda: make_block(new_key.cipher, new_format, pin, account, fresh[:8]))
    return TranslatePinResponse(
        key_generation=new_key.record.generation,
        pin_block=SecretBytes(made.ljust(PIN_BLOCK_BYTES, b"\0")),
    )


def make_pin_value(
    request: Request, finder: Finder, context: Context, fresh: bytes
) -> MakePinValueResponse:
    """What the bank keeps in place of the PIN."""
    message: MakePinValueRequest = request.message
    key = finder.key(message.key, PURPOSE, Use.CHECK, message.key_generation)
    method = _method(message)
    pin_key = finder.key(message.pin_key, _VALUE_PURPOSES[method], Use.MAKE)
    value = of_key(_value_of(method, message, pin_key, _opened(message, key), context))
    return MakePinValueResponse(
        pin_key_generation=pin_key.record.generation, pin_value=SecretText(value)
    )


def verify_pin(request: Request, work: WorkingSet, context: Context) -> Decision:
    """Whether the PIN in the block is the one that the value was made of."""
    message: VerifyPinRequest = request.message
    limit, wrong = context.crypto.pin_tries, _wrong_before(request, work, context)
    if limit and wrong >= limit:
        return _told(request, ResponseCode.PIN_TRIES_EXCEEDED, 0)
    try:
        right = _is_right(message, finder_of(request, context), context)
    except Refused as refused:
        return refusal(request, refused)
    wrong += not right
    left = max(0, limit - wrong) if limit else BLANK_TRIES
    if right:
        return _told(request, ResponseCode.APPROVED, left)
    count = SendCount(
        CountScope.PIN,
        context.keyring.counter_digest(_counted(request)),
        request.received_ms - request.received_ms % _BUCKET_MS,
        1,
    )
    return _told(request, ResponseCode.PIN_WRONG, left, (count,))


def _is_right(message: VerifyPinRequest, finder: Finder, context: Context) -> bool:
    key = finder.key(message.key, PURPOSE, Use.CHECK, message.key_generation)
    method = _method(message)
    pin_key = finder.key(
        message.pin_key, _VALUE_PURPOSES[method], Use.CHECK, message.pin_key_generation
    )
    value = of_key(_value_of(method, message, pin_key, _opened(message, key), context))
    return pins.same(value, message.pin_value.reveal().lower())


def _value_of(
    method: PinMethod,
    message: VerifyPinRequest | MakePinValueRequest,
    key: OpenedKey,
    pin: ClearPin,
    context: Context,
) -> Callable[[], str]:
    account = message.account.reveal()
    values: dict[PinMethod, Callable[[], str]] = {
        PinMethod.PVV: lambda: pins.pvv(key.cipher, pin, account, message.pin_index),
        PinMethod.OFFSET: lambda: pins.offset(
            key.cipher, pin, account, context.crypto.decimalisation
        ),
        PinMethod.VERIFIER: lambda: key.made(pins.Verifier, pins.Verifier).of(pin, account),
    }
    return values[method]


def _method(message: VerifyPinRequest | MakePinValueRequest) -> PinMethod:
    method: PinMethod = one_of(PinMethod, message.pin_method, "pin_method")
    if message.pin_index > (_LAST_INDEX if method is PinMethod.PVV else 0):
        raise Refused(ResponseCode.BAD_FIELD, "pin_index")
    return method


def _opened(message: PinRequest, key: OpenedKey) -> ClearPin:
    """The PIN of the block. Raises Refused."""
    pin_format: PinFormat = one_of(PinFormat, message.pin_format, "pin_format")
    account = message.account.reveal()
    if not is_account(account):
        raise Refused(ResponseCode.BAD_FIELD, "account")
    block = octets(message.pin_block, block_bytes(pin_format), "pin_block")
    try:
        return of_key(lambda: open_block(key.cipher, pin_format, block, account))
    except BlockRefused:
        raise Refused(ResponseCode.PIN_BLOCK_REFUSED) from None


def _counted(request: Request) -> str:
    message: VerifyPinRequest = request.message
    return f"pin/{request.channel.institution}/{message.account.reveal()}"


def _wrong_before(request: Request, work: WorkingSet, context: Context) -> int:
    counts = work.counters(CountScope.PIN, context.keyring.counter_digest(_counted(request)))
    since = request.received_ms - _DAY_MS
    return sum(number for start, number in counts if start > since)


def _told(
    request: Request, code: ResponseCode, left: int, counts: tuple[SendCount, ...] = ()
) -> Decision:
    message: VerifyPinRequest = request.message
    return Decision(
        code=code,
        body=VerifyPinResponse(remaining_tries=min(left, BLANK_TRIES)),
        reference=message.reference,
        personal=personal(request),
        counts=counts,
    )
