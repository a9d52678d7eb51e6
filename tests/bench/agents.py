"""What a call costs in each client library: the agents of Python, C and Java (`tests/agents`)
against the same real server.

    .venv/bin/python tests/bench/agents.py [--calls 4000] [--connections 40]

For 1, 8 and 64 questions in flight: round trips a second, the agent's CPU a call, and the server's.
The question is QUERY_USER, which costs the server little and writes nothing. Then what a further
connection costs an agent in resident memory: the difference between many connections and one.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import trio

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from tigertally_testing import agents  # noqa: E402  # after the path is set
from tigertally_testing.agents import LANGUAGES, Missing, agent, write_credentials  # noqa: E402
from tigertally_testing.house import House  # noqa: E402
from tigertally_testing.peer import inform  # noqa: E402
from tigertally_testing.processes import ServerProcess, reachable_folder, spawner  # noqa: E402

IN_FLIGHT = (1, 8, 64)
TERMS = {"suite": 1, "field_cipher": 1}
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    """User and system time of a process and its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def resident_kb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1024


async def speed(
    language: str, server: ServerProcess, file: Path, customer: str, calls: int
) -> None:
    """One line of figures for each number in flight."""
    async with agent(language, file, timeout_ms=20_000) as one:
        assert await one.ask("ready", 20_000) == ["ready", "yes"]
        for in_flight in IN_FLIGHT:
            await one.ask("load", in_flight, calls, customer)  # compilers and caches get warm
        for in_flight in IN_FLIGHT:
            before, served = cpu_s(one.process.pid), cpu_s(server.pid)
            words = await one.ask("load", in_flight, calls, customer)
            took = int(words[1]) / 1e9
            spent = cpu_s(one.process.pid) - before
            print(
                f"| {language} | {in_flight} | {calls / took:,.0f} | {spent / calls * 1e6:.0f} "
                f"| {(cpu_s(server.pid) - served) / calls * 1e6:.0f} |",
                flush=True,
            )
        assert await one.quit() == 0


async def memory(language: str, file: Path, connections: int) -> float:
    """Resident kilobytes of an agent with so many connections, heap collected as far as it is."""
    async with agent(language, file) as one:
        with trio.fail_after(60):
            while int((await one.stats())["connects"]) < connections:
                await trio.sleep(0.05)
        kilobytes = resident_kb(one.process.pid)
        assert await one.quit() == 0
        return kilobytes


async def measure(
    house: House, server: ServerProcess, folder: Path, options: argparse.Namespace
) -> None:
    (held,) = house.holders(1)
    print("| library | in flight | round trips/s | µs of its CPU a call | µs of the server's |")
    print("| --- | --- | --- | --- | --- |")
    for language in LANGUAGES:
        try:
            agents.command(language)
        except Missing as problem:
            print(f"| {language} | not measured: {problem} |")
            continue
        line = house.add_channel(**TERMS)
        await inform(server)
        file = write_credentials(folder, line, [server.address])
        await speed(language, server, file, held.customer, options.calls)
    print("\n| library | KB resident, 2 connections | a further connection, KB |")
    print("| --- | --- | --- |")
    for language in LANGUAGES:
        try:
            agents.command(language)
        except Missing:
            continue
        line = house.add_channel(**TERMS)
        await inform(server)
        few, many = [
            await memory(language, write_credentials(folder, line, [server.address] * count), count)
            for count in (2, options.connections)
        ]
        print(f"| {language} | {few:,.0f} | {(many - few) / (options.connections - 2):.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=4_000)
    parser.add_argument("--connections", type=int, default=40)
    options = parser.parse_args()
    with (
        reachable_folder() as folder,
        House(folder / "state") as house,
        spawner(house) as spawn,
    ):
        server = spawn("node-1")
        trio.run(measure, house, server, folder, options)


if __name__ == "__main__":
    main()
