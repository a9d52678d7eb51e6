"""The Python library's agent; see README.md."""  # a script beside the pages that tell of it

from __future__ import annotations

import sys
import time

import trio

from tigertally_client.client import Client
from tigertally_client.credentials import ChannelCredentials
from tigertally_client.errors import ClientError, CredentialsError, NoAnswer, OutcomeUnknown
from tigertally_client.results import Result
from tigertally_client.settings import ClientSettings
from tigertally_client.system import SystemClock
from tigertally_client.ticket import Ticket

NAMES = (
    "calls",
    "answered",
    "frames_sent",
    "retries",
    "put_off",
    "late_answers",
    "outcomes_unknown",
    "no_answers",
    "connects",
    "connect_failures",
    "connections_lost",
    "drains",
    "key_changes",
    "heartbeats",
    "rejects",
    "forged_rejects",
)


class SkewedClock(SystemClock):
    """The machine's clock, wrong by so many milliseconds."""

    def __init__(self, skew_ms: int) -> None:
        self._skew_ms = skew_ms

    def now_ms(self) -> int:
        return super().now_ms() + self._skew_ms


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def answered(client: Client, verb: str, words: list[str]) -> tuple[object, ...]:
    """The words of the answer."""
    result: Result
    match verb:
        case "ready":
            return ("ready", "yes" if await client.wait_ready(int(words[0]) / 1000) else "no")
        case "verify":
            result = await client.verify_otp(*words)
        case "again":
            ticket = Ticket(int(words[0]), int(words[1]), repeated=True)
            result = await client.verify_otp(*words[2:], ticket=ticket)
        case "register":
            result = await client.register_user(words[0], name=bytes.fromhex(words[1]).decode())
        case "name":
            user = result = await client.query_user(words[0])
            if user.succeeded:
                return ("name", user.name.reveal().encode().hex())
        case "resolve":
            found = await client.resolve(int(words[0]), int(words[1]))
            code = found.result.name if found.result is not None else "-"
            return ("resolved", found.execution.name, code)
        case "stats":
            snapshot = client.statistics()
            return ("stats", *(f"{name}={getattr(snapshot, name)}" for name in NAMES))
        case "load":
            return ("load", await load(client, int(words[0]), int(words[1]), words[2]))
        case _:
            raise ValueError(verb)
    return ("answer", result.code.name, result.serial, result.business_day, result.receipt.tries)


async def load(client: Client, in_flight: int, calls: int, customer: str) -> int:
    """Nanoseconds for so many round trips."""
    left = iter(range(calls))

    async def caller() -> None:
        for _ in left:
            await client.query_user(customer)

    start = time.perf_counter_ns()
    async with trio.open_nursery() as nursery:
        for _ in range(in_flight):
            nursery.start_soon(caller)
    return time.perf_counter_ns() - start


async def carry_out(client: Client, number: str, verb: str, words: list[str]) -> None:
    try:
        said = await answered(client, verb, words)
    except OutcomeUnknown as problem:
        said = ("unknown", problem.serial, problem.business_day)
    except ClientError as problem:
        reason = problem.reason if isinstance(problem, NoAnswer) else str(problem)
        said = ("not-executed", reason.replace("\n", " "))
    say(number, *said)


async def main(arguments: list[str]) -> int:
    """Exit status."""
    options = dict(text.split("=") for text in arguments[1:])
    number = {name: int(value) for name, value in options.items()}
    try:
        credentials = ChannelCredentials.load(arguments[0])
    except CredentialsError as problem:
        say("-", "credentials", problem)
        return 2
    settings = ClientSettings(
        connections=max(2, len(credentials.servers)),
        timeout_s=number.get("timeout_ms", 5000) / 1000,
        attempt_timeout_s=number.get("attempt_ms", 2000) / 1000,
        connect_timeout_s=number.get("connect_ms", 5000) / 1000,
        heartbeat_timeout_s=number.get("heartbeat_ms", 5000) / 1000,
        client_name="agent-python",
    )
    clock = SkewedClock(number.get("skew_ms", 0))
    async with (
        Client(credentials, settings=settings, clock=clock) as client,
        trio.open_nursery() as nursery,
    ):
        async for line in trio.wrap_file(sys.stdin):
            words = line.split()
            if words == ["quit"]:
                break
            nursery.start_soon(carry_out, client, words[0], words[1], words[2:])
    return 0


if __name__ == "__main__":
    sys.exit(trio.run(main, sys.argv[1:]))
