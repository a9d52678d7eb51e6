"""Overload and hostility against a real server: figures for docs/PERFORMANCE.md.

    make bench ARGS="overload --tokens 400000 --workers 1"   60 s each: some six minutes
    make bench ARGS="overload --tokens 400000 --workers 2 --seconds 15 --only capacity,twice"
    make bench ARGS="overload --tokens 400000 --state DIR --json F --report F.html"

    capacity   as many as it can: requests in flight bounded, offered without end
    twice      2 × capacity, open schedule
    limited    10 × what a channel may (1 000/s)
    beside     a victim's 200/s: alone, and beside a channel that offers 2 × capacity
    forged     the CPU of a frame with a wrong MAC (CMAC), pipelined; 20 forgers beside a victim
    halfopen   300 connections a second that say nothing, beside a victim
    loris      500 sign-ons byte by byte, beside a victim
    idle       10 000 signed-on connections, and a victim

The generator is the C client's: a Python one would be measured instead. Latency is from the planned
send time. Needs some 31 tokens per request per second offered (a code counts once per 30 s).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import trio
from hostile import (
    BAD_FRAMES,
    forged,
    forgers,
    half_open,
    line_of,
    loris,
    on_cpu_s,
    part,
    signed_on,
)

from tigertally_load.charts import Axis, Line, Tick, chart

Figures = dict[str, Any]
C_CLIENT = Path(__file__).parents[2] / "clients/c"
VICTIM_PER_S = 200
LIMITED_PER_S = 1_000
IDLE = 10_000
SETTLED_S = 10
BOUNDED = ("--connections=4", "--in-flight=100")
CHANNELS: dict[str, tuple[str, ...]] = {
    "limited": (f"--rate={LIMITED_PER_S}",),
    "victim": (),
    "forgers": ("--suite=INTL_CMAC", "--connections=1000"),
    "idle": (f"--connections={2 * IDLE}",),
}


def least_squares(points: Sequence[tuple[float, float]]) -> float:
    """The slope."""
    if len(points) < 2:
        return 0.0
    mx = sum(x for x, _ in points) / len(points)
    my = sum(y for _, y in points) / len(points)
    spread = sum((x - mx) ** 2 for x, _ in points)
    return sum((x - mx) * (y - my) for x, y in points) / spread if spread else 0.0


class Rig:
    """One server and what is known of it."""

    def __init__(self, state: Path, server: int, port: int) -> None:
        self.state, self.server = state, server
        self.address = ("127.0.0.1", port)
        self.capacity = 0.0
        self._database = int((state / "var/postgres/data/postmaster.pid").read_text().split()[0])

    def pids(self) -> list[int]:
        """The server's processes, without its database."""
        found = [self.server]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").iterdir():
                kids = (task / "children").read_text().split()
                found += [int(kid) for kid in kids if int(kid) != self._database]
        return found

    def resident_mb(self) -> float:
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids())
        return pages * resource.getpagesize() / 1e6

    def credentials(self, channel: str) -> Path:
        if channel == "load":
            return self.state / "var/load/credentials.json"
        return self.state / f"{channel}.json"

    def generator(self, channel: str, rate: float, seconds: float, *more: str) -> Generator:
        return Generator(self, channel, rate, seconds, more)


class Generator:
    """A run of the C generator. The victim's begins in the middle of the walk over the tokens, so
    that two runs side by side don't meet.
    """

    def __init__(
        self, rig: Rig, channel: str, rate: float, seconds: float, more: Sequence[str]
    ) -> None:
        self._result = rig.state / f"result-{channel}.json"
        population = rig.state / f"{channel}.population"
        if not population.exists():
            original = rig.state / "var/load/credentials.json.population"
            population.write_bytes(original.read_bytes())
            population.chmod(0o600)
        self._process = subprocess.Popen(
            [
                str(C_CLIENT / "build/load"),
                f"--credentials={rig.credentials(channel)}",
                f"--population={population}",
                f"--server=127.0.0.1:{rig.address[1]}",
                f"--rate={rate}",
                f"--seconds={seconds}",
                f"--json={self._result}",
                "--quiet",
                *more,
            ],
            stdout=subprocess.DEVNULL,
        )

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def result(self) -> Figures:
        if self._process.wait() not in (0, 1):
            raise SystemExit("the generator failed")
        figures: Figures = json.loads(self._result.read_text())
        return figures


def served(figures: Figures) -> float:
    return float((figures["answered"] - figures["busy"]) / figures["seconds"])


def watched(rig: Rig, generator: Generator) -> Figures:
    """The run's figures, and how the server's memory and CPU were meanwhile."""
    memory, began, cpu = [], time.monotonic(), on_cpu_s(rig.pids())
    while generator.running:
        time.sleep(0.5)
        memory.append((time.monotonic() - began, rig.resident_mb()))
    figures = generator.result()
    # The first seconds fill what is then kept.
    settled = min(SETTLED_S, figures["seconds"] / 4)
    tail = [(at, mb) for at, mb in memory if at >= settled] or memory
    return {
        "offered_per_s": round(figures["offered_per_s"]),
        "served_per_s": round(served(figures)),
        "busy": figures["busy"],
        "other_errors": {k: v for k, v in figures["errors_by_code"].items() if k != "BUSY"},
        "busy_ms": figures["busy_ms"],
        "served_ms": figures["served_ms"],
        "resident_mb_most": round(max(mb for _, mb in memory), 1),
        "resident_mb_settled": round(tail[0][1], 1),
        "resident_mb_at_end": round(tail[-1][1], 1),
        "resident_mb_per_minute": round(least_squares(tail) * 60, 2),
        "server_cpu_share": round((on_cpu_s(rig.pids()) - cpu) / figures["seconds"], 2),
        "stopped": figures["stopped"],
        "rows": figures["rows"],
    }


# ---------------------------------------------------------------- scenarios


def capacity(rig: Rig, arguments: argparse.Namespace) -> Figures:
    rate = arguments.tokens / 31
    run = rig.generator("load", rate, max(10, arguments.seconds / 3), *BOUNDED)
    figures = watched(rig, run)
    # What could not be sent in time is sent behind it, at the same pace.
    rig.capacity = figures["served_per_s"]
    return figures


def _per_s(rig: Rig, arguments: argparse.Namespace) -> float:
    """Twice the capacity, as far as the tokens go."""
    if not rig.capacity:
        capacity(rig, arguments)
    return float(min(2 * rig.capacity, arguments.tokens / 31))


def twice(rig: Rig, arguments: argparse.Namespace) -> Figures:
    rate = _per_s(rig, arguments)
    run = rig.generator("load", rate, arguments.seconds, "--connections=8", "--in-flight=1024")
    figures = watched(rig, run)
    return {"share_of_capacity": round(figures["served_per_s"] / rig.capacity, 2), **figures}


def limited(rig: Rig, arguments: argparse.Namespace) -> Figures:
    rate = min(10 * LIMITED_PER_S, arguments.tokens / 31)
    run = rig.generator("limited", rate, arguments.seconds, "--connections=8", "--in-flight=1024")
    figures = watched(rig, run)
    return {"share_of_capacity": round(figures["served_per_s"] / LIMITED_PER_S, 2), **figures}


def _victim(rig: Rig, seconds: float) -> Generator:
    return rig.generator("victim", VICTIM_PER_S, seconds, "--connections=2")


def beside(rig: Rig, arguments: argparse.Namespace) -> Figures:
    seconds = arguments.seconds / 3
    alone = watched(rig, _victim(rig, seconds))
    rate = _per_s(rig, arguments)
    more = ("--connections=8", "--in-flight=1024")
    flood = rig.generator("load", rate, 2 * seconds, *more)
    # Its sign-ons are done, its codes fresh, the queue full.
    while flood.running and on_cpu_share(rig) < 0.5:
        pass
    both = watched(rig, _victim(rig, seconds))
    told = flood.result()
    return {
        "victim_alone_ms": alone["served_ms"],
        "victim_beside_ms": both["served_ms"],
        "victim_busy": both["busy"],
        "flood_offered_per_s": round(told["offered_per_s"]),
        "flood_served_per_s": round(served(told)),
        "flood_served_ms": told["served_ms"],
        "rows": both["rows"],
    }


def on_cpu_share(rig: Rig) -> float:
    """Over half a second."""
    before = on_cpu_s(rig.pids())
    time.sleep(0.5)
    return (on_cpu_s(rig.pids()) - before) / 0.5


async def _with_victim(rig: Rig, seconds: float, ill: Callable[[], Awaitable[Any]]) -> Figures:
    """A victim's figures while something ill goes on."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ill)
        await trio.sleep(2)
        figures = await trio.to_thread.run_sync(watched, rig, _victim(rig, seconds))
        nursery.cancel_scope.cancel()
    return figures


def halfopen(rig: Rig, arguments: argparse.Namespace) -> Figures:
    ill = partial(half_open, rig.address, 300)
    return trio.run(_with_victim, rig, arguments.seconds / 3, ill)


def slow(rig: Rig, arguments: argparse.Namespace) -> Figures:
    ill = partial(loris, rig.address, line_of(rig.credentials("idle")), 500)
    return trio.run(_with_victim, rig, arguments.seconds / 3, ill)


def forging(rig: Rig, arguments: argparse.Namespace) -> Figures:
    line = line_of(rig.credentials("forgers"))

    async def cost() -> Figures:
        """Each connection sends as many as it may without being cut, in one piece."""
        spent, frames = 0.0, 0
        for _ in range(4):
            peers = await signed_on(rig.address, line, 400)
            bad = [forged(peer, BAD_FRAMES) for peer in peers]
            await trio.sleep(1.5)  # the sign-ons' entries are written
            before, began = on_cpu_s(rig.pids()), time.monotonic()
            await trio.sleep(1.5)
            background = (on_cpu_s(rig.pids()) - before) / (time.monotonic() - began)
            before, began = on_cpu_s(rig.pids()), time.monotonic()
            for peer, data in zip(peers, bad, strict=True):
                await peer.send(data)
            for peer in peers:
                while len(peer.rejects) < BAD_FRAMES:
                    await peer.read()
            spent += on_cpu_s(rig.pids()) - before - background * (time.monotonic() - began)
            frames += len(peers) * BAD_FRAMES
            await part(peers)
        return {"forged_frames": frames, "server_cpu_us_per_forged_frame": spent / frames * 1e6}

    figures = trio.run(cost)
    ill = partial(forgers, rig.address, line, 20)
    return {**figures, **trio.run(_with_victim, rig, arguments.seconds / 3, ill)}


def idle(rig: Rig, arguments: argparse.Namespace) -> Figures:
    line = line_of(rig.credentials("idle"))

    async def crowded() -> Figures:
        before, began = rig.resident_mb(), time.monotonic()
        peers = await signed_on(rig.address, line, IDLE)
        signing_s = time.monotonic() - began
        await trio.sleep(2)
        mb, cpu = rig.resident_mb(), on_cpu_s(rig.pids())
        await trio.sleep(5)
        cpu = (on_cpu_s(rig.pids()) - cpu) / 5
        run = partial(watched, rig, _victim(rig, arguments.seconds / 3))
        figures = await trio.to_thread.run_sync(run)
        await part(peers)
        return {
            "connections": len(peers),
            "signed_on_per_s": round(len(peers) / signing_s),
            "kb_per_connection": round((mb - before) * 1000 / len(peers), 1),
            "cpu_share_while_idle": round(cpu, 3),
            **figures,
        }

    return trio.run(crowded)


SCENARIOS: dict[str, Callable[[Rig, argparse.Namespace], Figures]] = {
    "capacity": capacity,
    "twice": twice,
    "limited": limited,
    "beside": beside,
    "forged": forging,
    "halfopen": halfopen,
    "loris": slow,
    "idle": idle,
}

# ---------------------------------------------------------------- the whole


def overload(
    arguments: argparse.Namespace,
    serving: Callable[[list[str]], Any],
    table: Callable[..., None],
    machine: str,
) -> None:
    """All that was asked for."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < IDLE + 500:
        raise SystemExit(f"{IDLE} connections need more open files than this machine's {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    subprocess.run(["make", "--silent", "-C", str(C_CLIENT), "build/load"], check=True)
    chosen = arguments.only.split(",") if arguments.only else list(SCENARIOS)
    told: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory(prefix="tigertally-bench-") as name:
        state = Path(arguments.state or name)
        tigertally = _prepared(state, arguments)
        with serving(tigertally) as server:
            rig = Rig(state, server, arguments.port)
            for scenario in chosen:
                print(f"{scenario} ...", file=sys.stderr, flush=True)
                title = f"{scenario}, workers: {arguments.workers}"
                told[title] = SCENARIOS[scenario](rig, arguments)
                tell(table, title, told[title])
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine, **told}, indent=2))
    if arguments.report:
        arguments.report.write_text(_page(machine, told), encoding="utf-8")


def tell(table: Callable[..., None], title: str, figures: Figures) -> None:
    rows = [
        (name, json.dumps(value) if isinstance(value, dict) else value)
        for name, value in figures.items()
        if name != "rows" and value not in ("", {})
    ]
    table(title, rows, ("figure", "value"))
    sys.stdout.flush()


def _prepared(state: Path, arguments: argparse.Namespace) -> list[str]:
    state.mkdir(exist_ok=True)
    state.chmod(0o711)
    config = state / "overload.toml"
    config.write_text(
        f'[database]\nstate_dir = "{state / "var"}"\n[log]\nlevel = "error"\n'
        f'[server]\nlisten = ["127.0.0.1:{arguments.port}"]\noperations_listen = ""\n'
        f"workers = {arguments.workers}\nconnections_max = {2 * IDLE}\n",
        encoding="utf-8",
    )
    tigertally = [str(Path(sys.executable).with_name("tigertally")), "-c", str(config)]
    prepare = [*tigertally, "load", "--prepare-only", f"--tokens={arguments.tokens}"]
    subprocess.run(prepare, check=True)
    institution = json.loads((state / "var/load/credentials.json").read_text())["institution"]
    for name, options in CHANNELS.items():
        file = state / f"{name}.json"
        if file.exists():
            continue
        add = [*tigertally, "channel", "add", name, f"--institution={institution}"]
        settings = ("--in-flight=100000", f"--key-out={file}", *options)
        subprocess.run([*add, *settings], check=True, stdout=subprocess.DEVNULL)
    _begin_in_the_middle(state, arguments.tokens)
    return tigertally


def _begin_in_the_middle(state: Path, tokens: int) -> None:
    """The victim's walk over the tokens, so that it doesn't meet the other's."""
    population = (state / "var/load/credentials.json.population").read_bytes()
    held = json.loads(population)
    digest = hashlib.sha256(b"walk" + bytes.fromhex(held["load_key_hex"])).digest()
    (state / "victim.population").write_bytes(population)
    (state / "victim.population").chmod(0o600)
    place = {"count": held["count"], "walk_key": int.from_bytes(digest[:8], "big")}
    rest = {"position": tokens // 2, "step": 0, "used": 0, "methods": {}}
    (state / "victim.population.position").write_text(json.dumps({**place, **rest}))


def _page(machine: str, told: dict[str, Figures]) -> str:
    """Each scenario's seconds: offered, served."""
    style = (
        "body{font:14px sans-serif;max-width:60em;margin:2em auto}"
        "svg{width:100%}.offered{stroke:#999;fill:none}"
        ".served{stroke:#167;fill:none}text{font-size:12px;fill:#444}line{stroke:#ddd}"
    )
    head = f"<!doctype html><meta charset=utf-8><title>Overload</title><style>{style}</style>"
    parts = [head, f"<h1>Overload</h1><p>{escape(machine)}</p>"]
    for title, figures in told.items():
        rows = figures["rows"][:-1] or figures["rows"]
        offered = [(row["at"], row["offered"] / row["width"]) for row in rows]
        done = [(row["at"], (row["answered"] - row["errors"]) / row["width"]) for row in rows]
        top = max(y for _, y in offered + done) * 1.1 or 1
        end = max(x for x, _ in offered)
        x = Axis(low=0, high=end, ticks=[Tick(0, "0"), Tick(end, f"{end:.0f}")], title="seconds")
        heights = [Tick(top * k / 4, f"{top * k / 4:,.0f}") for k in range(5)]
        y = Axis(low=0, high=top, ticks=heights, title="per second")
        lines = [
            Line(name="offered", style="offered", points=offered),
            Line(name="served", style="served", points=done),
        ]
        parts.append(f"<h2>{escape(title)}</h2>{chart(title, x, y, lines)}")
    return "".join(parts)
