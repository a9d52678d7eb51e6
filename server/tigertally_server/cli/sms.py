"""sms: what waits to be sent, what became of it, a trial message, the texts; a customer's phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import trio

from tigertally_drivers.errors import DriverError
from tigertally_drivers.sms.port import DeliveryReport, SmsMessage
from tigertally_engines.sms.length import length_of
from tigertally_engines.sms.numbers import BadNumber, normalised
from tigertally_engines.sms.templates import LANGUAGES
from tigertally_engines.sms.wording import DEFAULT_TEMPLATES, tail
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.sms import PhoneActRequest, PhoneRequest, PhoneResponse
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import PhoneState, Transaction
from tigertally_server.app.sms import gateway_of, outbox_of
from tigertally_server.cli.house import House, demand, open_house
from tigertally_server.cli.output import (
    CommandError,
    json_option,
    say,
    show_record,
    show_table,
    when,
)
from tigertally_server.cli.user import INSTITUTION, REASON, entry_name
from tigertally_server.domain.message import MessageState, OutgoingMessage
from tigertally_server.services.request import Outcome
from tigertally_server.store.outbox import PostgresOutbox
from tigertally_server.store.port import StoreUnavailable

T = TypeVar("T")

SENT_WITHIN_S: Final = 30


@click.group()
def sms() -> None:
    """Codes and notices by SMS: the queue, a trial message, the texts, customers' phones."""


@sms.command("queue")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.name.lower() for state in MessageState]),
    help="Only messages in this state; may be repeated.",
)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@json_option
@click.pass_obj
def queue(config_path: Path | None, states: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Show messages, newest first: what they are, how often tried, what became of them.

    Neither numbers nor texts are shown; they are forgotten once a message was sent.
    """
    wanted = [state for state in MessageState if not states or state.name.lower() in states]
    with open_house(config_path) as house:
        found = _with_outbox(house, lambda outbox: outbox.listed(wanted, limit))
        rows = [_message(house, message) for message in found]
    show_table(rows, as_json=as_json, none="no messages")


@sms.command("state")
@json_option
@click.pass_obj
def state(config_path: Path | None, as_json: bool) -> None:
    """Show which gateway is configured and how many messages wait."""
    with open_house(config_path) as house:
        waiting = _with_outbox(house, lambda outbox: outbox.waiting())
        record = {
            "gateway": house.config.sms.gateway,
            "queued": waiting.get(MessageState.QUEUED, 0),
            "being_sent": waiting.get(MessageState.SENDING, 0),
        }
    show_record(record, as_json=as_json)


def _with_outbox(house: House, work: Callable[[PostgresOutbox], T]) -> T:
    outbox = outbox_of(house.environment)
    try:
        return work(outbox)
    except StoreUnavailable as problem:
        raise CommandError(f"the database does not answer: {problem}") from None
    finally:
        outbox.close()


def _message(house: House, message: OutgoingMessage) -> dict[str, Any]:
    return {
        "message": message.id.hex(),
        "purpose": message.purpose,
        "state": message.state.name.lower(),
        "attempts": message.attempts,
        "queued_at": when(message.created_at_ms, house.config.zone),
        "gateway": message.gateway,
        "reason": message.reason,
    }


@sms.command("test")
@click.argument("number")
@click.option("--text", default="Tigertally 测试", show_default=True, help="What to send.")
@REASON
@json_option
@click.pass_obj
def test(config_path: Path | None, number: str, text: str, reason: str, as_json: bool) -> None:
    """Send one message through the configured gateway, past the queue, and wait for its answer."""
    with open_house(config_path) as house:
        if not house.config.sms.gateway:
            raise CommandError("no gateway is configured: set sms.gateway")
        try:
            to = normalised(number, house.config.sms.home_country)
        except BadNumber:
            raise CommandError(f"{number!r} is no telephone number") from None
        house.act("sms test", {"number_tail": tail(to), "reason": reason})
        answer = _send(house, to, text)
    show_record({**answer, "parts": length_of(text).parts}, as_json=as_json)


def _send(house: House, number: str, text: str) -> dict[str, Any]:
    message = SmsMessage(house.environment.entropy.token_bytes(16), number, text, 300)

    async def send() -> dict[str, Any]:
        gateway = gateway_of(house.environment)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(gateway.run, _ignore)
            with trio.fail_after(SENT_WITHIN_S):
                result = await gateway.submit(message)
            nursery.cancel_scope.cancel()
        return {"state": result.state.name.lower(), "gateway_id": result.gateway_id}

    try:
        return trio.run(send)
    except* DriverError as group:
        problem = group.exceptions[0]
        raise CommandError(f"{type(problem).__name__.lower()}: {problem}") from None
    except* trio.TooSlowError:
        raise CommandError(f"no answer within {SENT_WITHIN_S} s") from None


async def _ignore(report: DeliveryReport) -> None:
    say(f"report: {report.state.name.lower()} {report.reason}".rstrip())


@sms.command("texts")
@click.option("--channel", default="", help="As the customers of this channel get them.")
@json_option
@click.pass_obj
def texts(config_path: Path | None, channel: str, as_json: bool) -> None:
    """Show every text in force, with the parts it may need."""
    with open_house(config_path) as house:
        found = house.environment.context.sms.texts
    rows = []
    for language in LANGUAGES:
        for name in DEFAULT_TEMPLATES[language]:
            template = found.find(channel, language, name)
            assert template is not None
            shown = "".join(
                literal + (f"{{{field}}}" if field else "") for literal, field in template.pieces
            )
            parts = length_of(template.widest()).parts
            rows.append({"language": language, "name": name, "parts": parts, "text": shown})
    show_table(rows, as_json=as_json)


@sms.group()
def phone() -> None:
    """A customer's phone: show, bind, change, cancel a change, unbind, unlock."""


@phone.command("bind")
@click.argument("customer")
@click.argument("number")
@INSTITUTION
@click.option("--language", default="", type=click.Choice(["", *LANGUAGES]))
@json_option
@click.pass_obj
def bind(
    config_path: Path | None,
    customer: str,
    number: str,
    institution: str,
    language: str,
    as_json: bool,
) -> None:
    """Bind the first number of a customer."""
    _name_number(
        config_path, Transaction.BIND_PHONE, customer, number, institution, language, as_json
    )


@phone.command("change")
@click.argument("customer")
@click.argument("number")
@INSTITUTION
@click.option("--language", default="", type=click.Choice(["", *LANGUAGES]))
@json_option
@click.pass_obj
def change(
    config_path: Path | None,
    customer: str,
    number: str,
    institution: str,
    language: str,
    as_json: bool,
) -> None:
    """Name another number; it waits for its cooling-off, and the old one is told."""
    _name_number(
        config_path, Transaction.CHANGE_PHONE, customer, number, institution, language, as_json
    )


def _name_number(
    config_path: Path | None,
    transaction: Transaction,
    customer: str,
    number: str,
    institution: str,
    language: str,
    as_json: bool,
) -> None:
    message = PhoneRequest(
        institution=institution,
        customer=customer,
        language=language,
        mobile=SecretText(number),
    )
    with open_house(config_path) as house:
        outcome = demand(house.ask(transaction, message, institution), ResponseCode.CHANGED)
        show_record(_phone(house, customer, outcome), as_json=as_json)


def _phone_command(
    name: str, transaction: Transaction, wanted: ResponseCode, text: str
) -> click.Command:
    @phone.command(name, help=text)
    @click.argument("customer")
    @INSTITUTION
    @REASON
    @json_option
    @click.pass_obj
    def command(
        config_path: Path | None, customer: str, institution: str, reason: str, as_json: bool
    ) -> None:
        message = PhoneActRequest(institution=institution, customer=customer, reason=reason)
        with open_house(config_path) as house:
            outcome = demand(house.ask(transaction, message, institution), wanted)
            show_record(_phone(house, customer, outcome), as_json=as_json)

    return command


_phone_command(
    "show", Transaction.QUERY_PHONE, ResponseCode.ANSWERED, "Show how a customer's phone stands."
)
_phone_command(
    "cancel-change",
    Transaction.CANCEL_PHONE_CHANGE,
    ResponseCode.CHANGED,
    "Forget the number that waits; the old one stays.",
)
_phone_command(
    "unbind", Transaction.UNBIND_PHONE, ResponseCode.CHANGED, "Take the phone from a customer."
)
_phone_command(
    "unlock",
    Transaction.UNLOCK_SMS,
    ResponseCode.CHANGED,
    "End a lock that wrong codes brought about.",
)


def _phone(house: House, customer: str, outcome: Outcome) -> dict[str, Any]:
    body: PhoneResponse = outcome.body
    zone = house.config.zone
    record = {
        "customer": customer,
        "state": PhoneState(body.phone_state).name.lower(),
        "number": f"…{body.number_tail}" if body.number_tail else "",
        "usable_from": when(body.usable_from, zone),
        "remaining_tries": body.remaining_tries if body.number_tail else "",
        "locked_until": when(body.locked_until, zone),
    }
    return record if outcome.seq < 0 else {**record, "entry": entry_name(outcome)}
